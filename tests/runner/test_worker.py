"""The runner's own process: what it answers, whom it refuses, and what is left when its connection ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import zcnb
from tests.conftest import alive, group_alive, wait_until
from tests.runner.conftest import shell
from zcnb.runner.frames import Inbox, Said, frame_of
from zcnb.runner.job import job_fields
from zcnb.runner.process import SCRIPT

ENV = os.environ | {"ZCNB_IMPORT_PATH": str(Path(zcnb.__file__).parent.parent)}
HELLO = frame_of("hello", fields={"secret": b""})
SECRET = b"0123456789abcdef0123456789abcdef"


class Peer:
    """The daemon's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._inbox, self._said = Inbox(), list[Said]()
        sock.settimeout(20)

    def say(self, *frames: bytes) -> None:
        self.sock.sendall(b"".join(frames))

    def hear(self) -> Said | None:
        """The next message; `None` at the end."""
        while not self._said:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._said += self._inbox.take(data)
        return self._said.pop(0)

    def kinds(self, count: int) -> list[tuple[str, int, int]]:
        found = [self.hear() for _ in range(count)]
        return [(said.kind, said.id, said.job) for said in found if said is not None]


def run(number: int, script: str, folder: Path | str = "/") -> bytes:
    return frame_of("run", number, 100 + number, job_fields(shell(script, cwd=str(folder))))


@contextmanager
def child(*words: str) -> Iterator[tuple[Peer, subprocess.Popen[bytes]]]:
    """A runner as the daemon starts it."""
    ours, theirs = socket.socketpair()
    argv = [sys.executable, "-I", "-S", str(SCRIPT), f"socket={theirs.fileno()}", *words]
    with ours, subprocess.Popen(argv, env=ENV, pass_fds=(theirs.fileno(),), start_new_session=True) as process:
        theirs.close()
        try:
            yield Peer(ours), process
        finally:
            process.kill()


@pytest.fixture
def ready() -> Iterator[tuple[Peer, subprocess.Popen[bytes]]]:
    """A runner that has said that it is ready."""
    with child() as (peer, process):
        peer.say(HELLO)
        said = peer.hear()
        assert said is not None
        assert (said.kind, said.fields) == ("ready", {"pid": process.pid})
        yield peer, process


def test_requests_are_served_side_by_side_and_answered_as_they_end(
    ready: tuple[Peer, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    peer, _ = ready
    peer.say(run(1, "while [ ! -e go ]; do sleep 0.01; done", tmp_path), run(2, "true"), frame_of("ping"))
    assert set(peer.kinds(2)) == {("pong", 0, 0), ("done", 2, 102)}
    (tmp_path / "go").touch()
    assert peer.kinds(1) == [("done", 1, 101)]


def test_sixty_four_at_once(ready: tuple[Peer, subprocess.Popen[bytes]]) -> None:
    peer, _ = ready
    peer.say(*(run(number, "sleep 0.2") for number in range(1, 65)))
    assert sorted(peer.kinds(64)) == [("done", number, 100 + number) for number in range(1, 65)]


def test_a_cancelled_request_is_answered_once_its_tool_is_gone(
    ready: tuple[Peer, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    peer, _ = ready
    peer.say(run(1, "sleep 976 & echo $$ >pid; wait", tmp_path))
    assert wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    peer.say(frame_of("cancel", 1), frame_of("cancel", 99))
    assert peer.kinds(1) == [("cancelled", 1, 101)]
    assert not alive(int((tmp_path / "pid").read_text()))
    peer.say(frame_of("cancel", 1), frame_of("ping"))
    assert peer.kinds(1) == [("pong", 0, 0)]


@pytest.mark.parametrize("ends", ["hang up", "garbage", "TERM"])
def test_what_it_started_ends_with_it(ready: tuple[Peer, subprocess.Popen[bytes]], tmp_path: Path, ends: str) -> None:
    """Also when the leader has left."""
    peer, process = ready
    peer.say(run(1, "sleep 975 & echo $$ >one", tmp_path), run(2, "echo $$ >two; exec sleep 974", tmp_path))
    files = [tmp_path / "one", tmp_path / "two"]
    assert wait_until(lambda: all(file.exists() and file.read_text().endswith("\n") for file in files))
    groups = [int(file.read_text()) for file in files]
    assert all(map(group_alive, groups))
    match ends:
        case "hang up":
            peer.sock.close()
        case "garbage":
            peer.say(b"GET / HTTP/1.1\r\n\r\n")
        case "TERM":
            process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not any(map(group_alive, groups))


@pytest.mark.parametrize(
    "bad",
    [frame_of("sing"), run(0, "true"), run(1, "sleep 972") * 2, b"\4\0\0\0\2\0\0\0", b"\xff" * 8],
    ids=["another kind", "no id", "an id twice", "empty", "garbage"],
)
def test_who_breaks_the_rules_is_cut_off(ready: tuple[Peer, subprocess.Popen[bytes]], bad: bytes) -> None:
    peer, process = ready
    peer.say(bad)
    while peer.hear() is not None:
        pass
    assert process.wait(10) == 0


def test_a_job_without_its_fields_fails_alone(ready: tuple[Peer, subprocess.Popen[bytes]]) -> None:
    peer, _ = ready
    peer.say(frame_of("run", 1, 7), run(2, "true"))
    assert sorted(peer.kinds(2)) == [("done", 2, 102), ("failed", 1, 7)]


def test_limits_hold_for_it_and_its_tools() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with child("nice=3", f"memory={1 << 30}") as (peer, process):
        peer.say(HELLO, run(1, "nice; ulimit -v"))
        assert peer.kinds(1) == [("ready", 0, 0)]
        done = peer.hear()
        assert done is not None
        assert done.fields["stdout"].split() == [str(own + 3), str(1 << 20)]
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == own + 3


def test_its_start_imports_little() -> None:
    """It is felt: whoever runs the first cell waits for it."""
    code = "import sys\nsys.path.insert(0, sys.argv[1])\nimport zcnb.runner.worker\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, ENV["ZCNB_IMPORT_PATH"]], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "zcnb.runner.tool" in loaded
    assert not loaded & {
        "asyncio",
        "msgpack",
        "json",
        "shutil",
        "tempfile",
        "hmac",
        "logging",
        "platformdirs",
        "blake3",
    }


# External mode


@contextmanager
def listening(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A runner as a person starts it, once it listens."""
    argv = [sys.executable, "-m", "zcnb.runner", *words]
    env = os.environ | {"PYTHONPATH": ENV["ZCNB_IMPORT_PATH"]}
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("listening at")
            yield process
        finally:
            process.terminate()
            assert process.wait(10) == 0


def test_it_serves_several_connections_each_with_its_own_tools(tmp_path: Path) -> None:
    path = tmp_path / "r.sock"
    with listening(f"listen={path}"):
        peers = []
        for number in range(2):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(str(path))
            peers.append(Peer(sock))
            peers[-1].say(HELLO, run(1, f"echo $$ >pid{number}; exec sleep 973", tmp_path))
            assert peers[-1].kinds(1) == [("ready", 0, 0)]
        files = [tmp_path / f"pid{number}" for number in range(2)]
        assert wait_until(lambda: all(file.exists() and file.read_text().endswith("\n") for file in files))
        first, second = (int(file.read_text()) for file in files)
        peers[0].sock.close()
        assert wait_until(lambda: not alive(first), 5)
        assert alive(second)
    assert wait_until(lambda: not alive(second), 5)
    peers[1].sock.close()


@pytest.mark.parametrize("words", [b"", SECRET[:-1], SECRET + b"x", b"x" * 32], ids=["none", "short", "long", "wrong"])
def test_a_wrong_secret_is_the_end(tmp_path: Path, words: bytes) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    with listening("listen=127.0.0.1:20100-20163", f"secret={secret}") as process:
        port = port_of(process)
        with socket.create_connection(("127.0.0.1", port)) as sock:
            peer = Peer(sock)
            peer.say(frame_of("hello", fields={"secret": words}), run(1, f"touch {tmp_path}/ran"))
            assert peer.hear() is None
        with socket.create_connection(("127.0.0.1", port)) as sock:
            peer = Peer(sock)
            peer.say(run(1, f"touch {tmp_path}/ran"))
            assert peer.hear() is None
        assert not (tmp_path / "ran").exists()
        with socket.create_connection(("127.0.0.1", port)) as sock:
            peer = Peer(sock)
            peer.say(frame_of("hello", fields={"secret": SECRET}), run(1, "true"))
            assert peer.kinds(2) == [("ready", 0, 0), ("done", 1, 101)]


def port_of(process: subprocess.Popen[str]) -> int:
    """Where a runner listens."""
    links = [os.readlink(link) for link in Path(f"/proc/{process.pid}/fd").iterdir() if link.is_symlink()]
    sockets = {link[8:-1] for link in links if link.startswith("socket:[")}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[9] in sockets and fields[3] == "0A":
            return int(fields[1].partition(":")[2], 16)
    raise AssertionError("it listens nowhere")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["listen=127.0.0.1:9000"], "open to every user"),
        (["listen=nowhere"], "an absolute path, host:port"),
        ([], "an absolute path, host:port"),
        (["listen=/tmp/x", "nice=much"], "nice or memory"),
        (["listen=/proc/r.sock"], "cannot listen at"),
    ],
)  # fmt: skip
def test_orders_that_make_no_sense_are_told(words: list[str], said: str) -> None:
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *words], env=ENV, capture_output=True, text=True, timeout=20
    )
    assert time.monotonic() - begin < 15
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
