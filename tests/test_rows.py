"""Clauses of `share/doc/zcnb/CONFORMANCE.md` that no other module proves, each against a real daemon.

What goes over the wire is read by a `Tap` between client and daemon. Where a daemon must misbehave, a `Rogue` listens
in its place: a real socket with a peer that answers everything but the one request.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.zcnb_kernel.conftest import Kernel, kernel_environment, new_kernel
from zcnb import __version__, errors, journal, transport
from zcnb.client import launch
from zcnb.client.control import running_status
from zcnb.client.line import DEFAULT_CLIENT_RECV_TIMEOUT, Line
from zcnb.client.session import Session
from zcnb.config import Config, load
from zcnb.errors import Timeout, TransportError
from zcnb.model.health import Progress
from zcnb.model.spec import BuildSpec
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Build,
    Compile,
    CompileEphemeral,
    Error,
    GetProgress,
    Hello,
    LinkEphemeral,
    Message,
    Ping,
    Pong,
    Welcome,
)
from zcnb.wire.versions import PROTOCOL

Make = Callable[..., BuildSpec]
MAIN = "int main() { return 0; }\n"
CALLS = (Build, Compile, CompileEphemeral, LinkEphemeral)
NOWHERE = Path("/proc/none/s.sock")
"""An endpoint at which nobody can listen."""


def messages(data: bytes) -> list[tuple[Tag, Message]]:
    """All messages of one direction of a conversation."""
    connection = Connection()
    connection.receive(data)
    found = []
    while (event := connection.next_event()) is not None:
        assert isinstance(event, Received)
        found.append((event.tag, event.message))
    return found


class Server:
    """Accepts at an endpoint, and serves each connection in a thread of its own, until it is closed."""

    def __init__(self, endpoint: Path) -> None:
        self.endpoint = endpoint
        self.connections = 0
        self._listener = transport.bind(endpoint)
        self._threads = [threading.Thread(target=self._accept)]
        self._socks: list[socket.socket] = []
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._socks.append(sock)
                self.spawn(self._served, sock)

    def spawn(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args)
        self._threads.append(thread)
        thread.start()

    def _served(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self.serve(sock)

    def serve(self, sock: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        for sock in (self._listener, *self._socks):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        self._listener.close()


class Tap(Server):
    """Passes everything on to the daemon at `target` and back, and keeps it."""

    def __init__(self, endpoint: Path, target: Path) -> None:
        self.asked: list[bytearray] = []
        self.answered: list[bytearray] = []
        self.cuts = 0
        """So many connections are closed at the moment at which a build or a call is complete."""
        self._target = target
        super().__init__(endpoint)

    def serve(self, sock: socket.socket) -> None:
        asked, answered = bytearray(), bytearray()
        self.asked.append(asked)
        self.answered.append(answered)
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(self._target))
            self.spawn(self._back, daemon, sock, answered)
            while data := sock.recv(65536):
                asked += data
                if self.cuts and any(isinstance(message, CALLS) for _, message in messages(bytes(asked))):
                    self.cuts -= 1
                    break
                daemon.sendall(data)
            daemon.shutdown(socket.SHUT_RDWR)

    def _back(self, daemon: socket.socket, sock: socket.socket, answered: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := daemon.recv(65536):
                answered += data
                sock.sendall(data)
            sock.shutdown(socket.SHUT_RDWR)

    def requests(self) -> list[tuple[Tag, Message]]:
        return [found for data in self.asked for found in messages(bytes(data))]

    def replies(self) -> list[tuple[Tag, Message]]:
        return [found for data in self.answered for found in messages(bytes(data))]


class Rogue(Server):
    """Says hello and answers pings. What it does with a build or a call is its `manner`."""

    def __init__(self, endpoint: Path, manner: str) -> None:
        self.manner = manner
        self.calls = 0
        self._ended = threading.Event()
        super().__init__(endpoint)

    def serve(self, sock: socket.socket) -> None:
        connection, received = Connection(), 0
        while data := sock.recv(4096):
            connection.receive(data)
            received += len(data)
            while (event := connection.next_event()) is not None:
                assert isinstance(event, Received)
                reply = self.reply(event.message)
                if reply is None:
                    return
                sock.sendall(connection.send(event.tag, reply))
            if self.manner == "cut" and received > 100_000:
                return

    def close(self) -> None:
        self._ended.set()
        super().close()

    def reply(self, message: Message) -> Message | None:
        if isinstance(message, Hello):
            return Welcome(__version__, os.getpid(), PROTOCOL)
        if isinstance(message, GetProgress):
            return Progress()
        if not isinstance(message, CALLS):
            return Pong(os.getpid())
        self.calls += 1
        if self.manner == "deaf":
            self._ended.wait(15)
        answers: dict[str, Message] = {"error": Error("internal", "a bug"), "unexpected": Pong(os.getpid())}
        return answers.get(self.manner)


@pytest.fixture
def tap(config: Config, session: Session) -> Iterator[Tap]:
    """Between clients of `tap.endpoint` and a running daemon, whose start report lies there as well."""
    session.ping()
    made = Tap(config.endpoint.with_name("tap.sock"), config.endpoint)
    shutil.copy(journal.report_path(config.endpoint), journal.report_path(made.endpoint))
    yield made
    made.close()


@pytest.fixture
def rogue(config: Config) -> Iterator[Callable[[str], Rogue]]:
    """`rogue(manner)` listens where the daemon would."""
    made: list[Rogue] = []

    def listen(manner: str) -> Rogue:
        made.append(Rogue(config.endpoint, manner))
        return made[-1]

    yield listen
    for server in made:
        server.close()
    config.endpoint.unlink(missing_ok=True)


def environment(config: Config, **env: str) -> dict[str, str]:
    """The environment of a command with the settings of `config`."""
    return {**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint), **env}


def zcnb(
    config: Config, cwd: Path, *words: str, stdin: bytes | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command `zcnb` in `cwd`."""
    argv = [sys.executable, "-m", "zcnb", *words]
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    return subprocess.run(
        argv, cwd=cwd, env=environment(config, **env), capture_output=True, timeout=60, check=False, **given
    )


def rows(endpoint: Path, event: str) -> list[journal.Row]:
    return [row for row in journal.read(endpoint) if row["event"] == event]


@pytest.fixture
def source(project: Path) -> Path:
    """A source in the project's folder."""
    path = project / "a.cpp"
    path.write_text(MAIN)
    return path


@pytest.fixture
def slow(project: Path) -> str:
    """A compiler that takes two seconds."""
    path = project / "slow++"
    path.write_text('#!/bin/sh\ncase "$*" in *" -c "*) sleep 2;; esac\nexec g++ "$@"\n')
    path.chmod(0o755)
    return str(path)


# T2: lanes


@pytest.mark.parametrize("lane", Lane)
def test_zcnb_wire_selects_the_lane_of_a_session(tap: Tap, config: Config, make_spec: Make, lane: Lane) -> None:
    own = load(environment(replace(config, socket=tap.endpoint), ZCNB_WIRE=lane.value), [])
    with Session(own) as session:
        assert session.build(make_spec(MAIN)).cache == "miss"
        session.status()
    assert {type(message) for _, message in tap.requests()} >= {Hello, Build}
    assert {tag.lane for tag, _ in tap.requests()} == {tag.lane for tag, _ in tap.replies()} == {lane}


@pytest.mark.parametrize("verb", ["start", "stats", "clear", "status"])
@pytest.mark.parametrize("lane", Lane)
def test_zcnb_wire_selects_the_lane_of_a_command(
    tap: Tap, config: Config, project: Path, verb: str, lane: Lane
) -> None:
    done = zcnb(replace(config, socket=tap.endpoint), project, verb, ZCNB_WIRE=lane.value)
    assert (done.returncode, done.stderr) == (0, b"")
    assert tap.requests()
    assert {tag.lane for tag, _ in tap.requests()} == {tag.lane for tag, _ in tap.replies()} == {lane}


@pytest.mark.parametrize("lane", Lane)
def test_a_wrapped_call_works_whatever_zcnb_wire_says(tap: Tap, config: Config, source: Path, lane: Lane) -> None:
    done = zcnb(replace(config, socket=tap.endpoint), source.parent, "g++", "-c", "a.cpp", ZCNB_WIRE=lane.value)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    [(asked, _)], [(answered, _)] = tap.requests(), tap.replies()
    assert (asked.lane, asked.id) == (answered.lane, answered.id)


# T4, T5: timeouts


def test_a_health_probe_has_its_own_short_budget(config: Config) -> None:
    """Whatever the connection's own timeout is; and nobody gets the long one unasked."""
    assert DEFAULT_CLIENT_RECV_TIMEOUT == 300.0
    with Session(config) as session:
        pid = session.status().pid
    assert Line(transport.pair()[0]).recv_timeout is None
    line = Line(launch.connect(config), recv_timeout=DEFAULT_CLIENT_RECV_TIMEOUT)
    assert line.recv_timeout == 300.0
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    try:
        with pytest.raises(Timeout) as caught:
            line.request(Ping(), 0.3)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert caught.value.seconds == 0.3
    assert time.monotonic() - begin < 5
    assert line.request(Ping()) == Pong(pid)  # the late answer to the first is nobody's
    line.close()


# T6: what an envelope repeats


@pytest.mark.parametrize("number", [1, 7, 2**63 - 1])
def test_the_daemon_echoes_id_and_tracing(session: Session, config: Config, number: int) -> None:
    pid = session.status().pid
    asked = Tag(Lane.ENVELOPE, number, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1")
    connection = Connection(Lane.ENVELOPE)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(str(config.endpoint))
        sock.sendall(connection.send(asked, Ping()))
        while (event := connection.next_event()) is None:
            connection.receive(sock.recv(65536))
    assert event == Received(asked, Pong(pid))


# T11: kinds of errors


def test_each_kind_of_transport_error_is_a_class_of_its_own() -> None:
    kinds = [
        errors.TransportIOError, errors.ConnectionClosed, errors.Timeout, errors.ProtocolError, errors.EndpointError
    ]  # fmt: skip
    assert len(set(kinds)) == 5
    for kind in kinds:
        assert issubclass(kind, TransportError)
        assert [other for other in kinds if issubclass(kind, other)] == [kind]


# T12: adopted connections


def test_a_connection_that_was_inherited_is_adopted(session: Session, config: Config) -> None:
    pid = session.status().pid
    code = (
        "import socket, sys\n"
        "from zcnb.client.line import Line\n"
        "from zcnb.transport.unix import UnixStream\n"
        "from zcnb.wire.messages import Ping\n"
        "line = Line(UnixStream(socket.socket(fileno=int(sys.argv[1]))))\n"
        "print(line.request(Ping(), 20).pid)\n"
        "line.close()\n"
    )
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(config.endpoint))
        argv = [sys.executable, "-c", code, str(sock.fileno())]
        done = subprocess.run(
            argv, pass_fds=[sock.fileno()], capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{pid}\n", "")


# W1, W2: what a call carries


@pytest.mark.parametrize("in_session", [True, False])
def test_every_field_of_a_call_arrives(tap: Tap, config: Config, project: Path, in_session: bool) -> None:
    """In one round trip: one connection, one request, one answer."""
    text = b"int from_stdin = 1; // \xff\n"
    env = {"ZT_ODD": os.fsdecode(b"gr\xfc\xdfe"), "ZT_EMPTY": ""} | ({"ZCNB_SESSION_ID": "s 1"} if in_session else {})
    words = ["g++", "-x", "c++", "-c", "-", "-o", "odd \udcff.o", f"-DNAME={os.fsdecode(bytes([0xE9]))}"]
    own = replace(config, socket=tap.endpoint)
    argv = [sys.executable, "-m", "zcnb", *words]
    with subprocess.Popen(argv, cwd=project, env=environment(own, **env), stdin=subprocess.PIPE) as process:
        process.communicate(text, 60)
    assert process.returncode == 0
    assert (project / words[6]).read_bytes()[:4] == b"\x7fELF"
    [(_, request)], [_] = tap.requests(), tap.replies()
    assert tap.connections == 1
    if in_session:
        assert isinstance(request, Compile)
        assert request.session == "s 1"
    else:
        assert isinstance(request, CompileEphemeral)
        assert (request.client_pid, request.working_dir) == (process.pid, str(project))
    call = request.call
    assert (call.tool, call.argv, call.cwd, call.stdin) == (shutil.which("g++"), tuple(words), str(project), text)
    assert call.env == environment(own, **env)


def test_an_ephemeral_compile_leaves_no_session_behind(session: Session, config: Config, source: Path) -> None:
    session.ping()
    assert zcnb(config, source.parent, "g++", "-c", "a.cpp").returncode == 0
    for name in ("", "mine"):
        assert zcnb(config, source.parent, "g++", "-c", "a.cpp", ZCNB_SESSION_ID=name).returncode == 0
    stats = session.stats()
    assert (stats.hits, stats.misses) == (2, 1)
    for number, name in ((0, ""), (1, "mine")):
        with Session(config, name) as own:
            found = own.stats_of_session()
            assert (found.hits, found.misses) == (number, 0), name


def test_a_notebooks_make_counts_in_its_session(config: Config, source: Path) -> None:
    need("make")
    (source.parent / "Makefile").write_text("a.o: a.cpp\n\t$(CXX) -c a.cpp\n")
    manager, client = new_kernel(kernel_environment(config), source.parent)
    try:
        kernel = Kernel(manager, client)
        assert kernel.run("%load_ext zcnb").error is None
        name = kernel.value("__import__('os').environ['ZCNB_SESSION_ID']").strip("'")
        for _ in range(2):
            ran = kernel.run(f'!make -s CXX="{sys.executable} -m zcnb g++" && rm a.o')
            assert (ran.error, ran.stream("stdout"), ran.stream("stderr")) == (None, "", "")
        assert kernel.run(f"%%cpp\n{MAIN}").error is None
        said = kernel.run("%zcnb stats").stream("stdout")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    with Session(config, name) as session:
        found = session.stats_of_session()
    assert (found.id, found.hits, found.misses) == (name, 1, 2)
    assert said == f"{found}\n"


# W3: links, archives, warnings


def test_links_and_archives_go_the_same_way(tap: Tap, config: Config, source: Path) -> None:
    own, folder = replace(config, socket=tap.endpoint), source.parent
    for words in (("g++", "-c", "a.cpp"), ("g++", "a.o", "-o", "a"), ("ar", "rcs", "a.a", "a.o")):
        done = zcnb(own, folder, *words)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert subprocess.run([folder / "a"], check=False).returncode == 0
    assert (folder / "a.a").read_bytes().startswith(b"!<arch>\n")
    assert [type(message) for _, message in tap.requests()] == [CompileEphemeral, CompileEphemeral, LinkEphemeral]


def test_a_warning_comes_after_the_tools_own_words(config: Config, source: Path) -> None:
    words = ["ar", "rcU", "a.a", "none.o"]
    bare = subprocess.run(words, cwd=source.parent, capture_output=True, check=False)
    assert bare.returncode != 0
    assert bare.stderr
    done = zcnb(config, source.parent, *words)
    assert (done.returncode, done.stdout) == (bare.returncode, bare.stdout)
    own = b"zcnb warning: `U` puts times and owners into the archive: it differs from run to run\n"
    assert done.stderr == bare.stderr + own


# W4: relay and letters


def test_bytes_that_are_no_text_are_relayed_from_the_cache(session: Session, config: Config, source: Path) -> None:
    source.write_bytes(b'#warning "gr\xfc\xdfe \x01 \xff"\n' + MAIN.encode())
    words = ["g++", "-c", "a.cpp"]
    bare = subprocess.run(words, cwd=source.parent, capture_output=True, check=False)
    assert bare.stderr
    for _ in range(2):
        done = zcnb(config, source.parent, *words)
        assert (done.returncode, done.stdout, done.stderr) == (0, bare.stdout, bare.stderr)
    status = session.status()
    assert (status.hits, status.misses) == (1, 1)


def test_both_streams_and_the_code_of_a_failed_compile(session: Session, config: Config, source: Path) -> None:
    source.write_text("int main() { return nothing; }\n")
    words = ["g++", "-c", "a.cpp"]
    bare = subprocess.run(words, cwd=source.parent, capture_output=True, check=False)
    done = zcnb(config, source.parent, *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, bare.stdout, bare.stderr)
    assert session.status().misses == 1


LETTERS = [("hang up", "R"), ("error", "E"), ("unexpected", "U"), ("cut", "S"), ("deaf", "W")]


@pytest.mark.parametrize(("manner", "letter"), LETTERS)
def test_the_letter_of_a_sessions_failure(
    rogue: Callable[[str], Rogue], config: Config, make_spec: Make, manner: str, letter: str
) -> None:
    rogue(manner)
    own = replace(config, wire="plain", wedge_recv_timeout=0.4, disable_link_retry=True)
    with Session(own) as session:
        built = session.build(make_spec(MAIN + "//" + "x" * (1_000_000 if manner == "cut" else 0)))
    assert (built.ok, built.cache) == (True, "direct")
    [notice] = built.notices
    assert notice.startswith(f"compiled without the cache [{letter}]: ")


def test_the_letter_of_a_session_that_cannot_connect(config: Config, make_spec: Make) -> None:
    with Session(replace(config, socket=NOWHERE)) as session:
        built = session.build(make_spec(MAIN))
    assert (built.ok, built.cache) == (True, "direct")
    assert built.notices[0].startswith("compiled without the cache [C]: ")


@pytest.mark.parametrize(("manner", "letter"), LETTERS)
def test_the_letter_of_a_wrapped_calls_failure(
    rogue: Callable[[str], Rogue], config: Config, source: Path, manner: str, letter: str
) -> None:
    """One line says why, and the object is there all the same, soon."""
    rogue(manner)
    begin = time.monotonic()
    text = b"int v;\n//" + b"x" * 1_000_000 if manner == "cut" else b"int v;\n"
    done = zcnb(
        config,
        source.parent,
        "g++",
        "-x",
        "c++",
        "-c",
        "-",
        "-o",
        "v.o",
        stdin=text,
        ZCNB_WEDGE_RECV_TIMEOUT_SECS="0.4",
    )
    assert time.monotonic() - begin < 12
    assert (done.returncode, done.stdout) == (0, b"")
    assert (source.parent / "v.o").read_bytes()[:4] == b"\x7fELF"
    [line] = done.stderr.splitlines()
    assert line.startswith(f"zcnb [{letter}]: ".encode())
    assert line.endswith(b"; running the tool without the cache")


def test_the_letter_of_a_frozen_daemon(session: Session, config: Config, source: Path) -> None:
    pid = session.status().pid
    os.kill(pid, signal.SIGSTOP)
    done = zcnb(config, source.parent, "g++", "-c", "a.cpp")
    assert (done.returncode, done.stderr) == (0, b"zcnb [W] the daemon was stuck; a fresh one took its place\n")
    assert (source.parent / "a.o").exists()
    assert session.status().pid != pid


# W5, W6: wedges


def test_a_wedge_budget_of_zero_is_none(config: Config, make_spec: Make, slow: str) -> None:
    """A plain connection cannot ask for progress: with a budget of half a second this build is given up."""
    with Session(replace(config, wire="plain", wedge_recv_timeout=0.0)) as session:
        built = session.build(make_spec(MAIN, compiler=slow))
    assert (built.ok, built.cache, built.notices) == (True, "miss", ())
    assert rows(config.endpoint, "wedge") == []


def test_a_probe_budget_of_zero_asks_nothing(config: Config, make_spec: Make) -> None:
    with Session(replace(config, wedge_probe_budget=0.0)) as session:
        pid = session.status().pid
        os.kill(pid, signal.SIGSTOP)
        built = session.build(make_spec(MAIN))
        assert (built.ok, built.cache) == (True, "miss")
        assert session.status().pid != pid
    assert [(row["probe"], row["action"]) for row in rows(config.endpoint, "wedge")] == [("NOT_ASKED", "REPLACE")]


# W7: retries


@pytest.mark.parametrize(("disabled", "calls"), [(False, 2), (True, 1)])
def test_a_session_tries_again_once_or_never(
    rogue: Callable[[str], Rogue], config: Config, make_spec: Make, disabled: bool, calls: int
) -> None:
    peer = rogue("hang up")
    begin = time.monotonic()
    text = {"ZCNB_DISABLE_LINK_RETRY": "1"} if disabled else {}
    with Session(load(environment(config, **text), [])) as session:
        assert session.build(make_spec(MAIN)).cache == "direct"
    assert peer.calls == calls
    assert disabled or time.monotonic() - begin >= 0.05


def test_a_lost_connection_costs_no_daemon_its_life(tap: Tap, config: Config, make_spec: Make) -> None:
    own = replace(config, socket=tap.endpoint)
    with Session(own) as session:
        pid = session.status().pid
        tap.cuts = 1
        built = session.build(make_spec(MAIN))
        assert (built.cache, built.notices) == ("miss", ())
        assert session.status().pid == pid
    assert tap.cuts == 0
    assert [row["event"] for row in journal.read(tap.endpoint)] == ["client-disconnected"]
    assert [row["event"] for row in journal.read(config.endpoint)] == ["start"]


def test_a_wrapped_call_tries_again_and_kills_nobody(tap: Tap, config: Config, source: Path) -> None:
    found = running_status(config)
    assert found is not None
    tap.cuts = 1
    done = zcnb(replace(config, socket=tap.endpoint), source.parent, "g++", "-c", "a.cpp")
    assert (done.returncode, done.stderr) == (0, b"")
    assert tap.cuts == 0
    after = running_status(config)
    assert after is not None
    assert (after.pid, after.misses) == (found.pid, 1)


def test_a_wrapped_call_without_its_second_try(tap: Tap, config: Config, source: Path) -> None:
    tap.cuts = 1
    own = replace(config, socket=tap.endpoint)
    done = zcnb(own, source.parent, "g++", "-c", "a.cpp", ZCNB_DISABLE_LINK_RETRY="1")
    assert done.returncode == 0
    assert done.stderr.startswith(b"zcnb [R]: ")
    assert (source.parent / "a.o").exists()
    found = running_status(config)
    assert found is not None
    assert found.misses == 0


# W9: the line about a lost connection


def check_lost(row: journal.Row, config: Config, cause: str, pid: int, begun: float) -> None:
    assert (row["endpoint"], row["client_pid"], row["pid"]) == (str(config.endpoint), pid, pid)
    assert (row["client_version"], row["client_binary"], row["cause"]) == (__version__, sys.executable, cause)
    assert isinstance(row["detail"], str)
    assert row["detail"]
    assert begun * 1000 - 1 <= int(str(row["unix_ms"])) <= time.time() * 1000 + 1


@pytest.mark.parametrize(("manner", "cause"), [("hang up", "comm-error"), ("cut", "pipe-closed-mid-write")])
def test_every_field_of_a_lost_connection(
    rogue: Callable[[str], Rogue], config: Config, make_spec: Make, manner: str, cause: str
) -> None:
    rogue(manner)
    begun = time.time()
    with Session(replace(config, disable_link_retry=True)) as session:
        session.build(make_spec(MAIN + "//" + "x" * (1_000_000 if manner == "cut" else 0)))
    [row] = rows(config.endpoint, "client-disconnected")
    check_lost(row, config, cause, os.getpid(), begun)


def test_a_wrapped_call_writes_its_loss_down(tap: Tap, config: Config, source: Path) -> None:
    own = replace(config, socket=tap.endpoint)
    tap.cuts, begun = 1, time.time()
    argv = [sys.executable, "-m", "zcnb", "g++", "-c", "a.cpp"]
    with subprocess.Popen(argv, cwd=source.parent, env=environment(own)) as process:
        process.wait(60)
    assert process.returncode == 0
    [row] = rows(tap.endpoint, "client-disconnected")
    check_lost(row, own, "comm-error", process.pid, begun)


# W10: without the daemon


@pytest.mark.parametrize("fallback", ["", "1", "0"])
def test_a_wrapped_call_without_a_daemon(config: Config, source: Path, fallback: str) -> None:
    done = zcnb(replace(config, socket=NOWHERE), source.parent, "g++", "-c", "a.cpp", ZCNB_FALLBACK=fallback)
    made = (source.parent / "a.o").exists()
    [line] = done.stderr.splitlines()
    assert line.startswith(b"zcnb [C]: ")
    assert line.endswith(b"; running the tool without the cache") is (fallback != "0")
    assert (done.returncode, done.stdout, made) == ((1, b"", False) if fallback == "0" else (0, b"", True))


def test_a_session_without_a_daemon_and_without_fallback(config: Config, make_spec: Make) -> None:
    own = load(environment(replace(config, socket=NOWHERE), ZCNB_FALLBACK="0"), [])
    with pytest.raises(TransportError), Session(own) as session:
        session.build(make_spec(MAIN))
