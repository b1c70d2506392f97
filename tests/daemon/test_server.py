"""A live daemon and bad company: garbage, cut frames, floods, strangers. Others never notice."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import alive, wait_until
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Backpressure, Build, Cancel, Error, GetStatus, Message, Ping, Pong

Make = Callable[..., BuildSpec]
HUGE = struct.pack("<II", 0xFFFFFFFF, 2)


@pytest.fixture
def daemon(session: Session, config: Config) -> Iterator[Path]:
    """A running daemon's endpoint."""
    session.ping()
    yield config.endpoint
    assert session.ping() < 5000, "the daemon must survive whatever the test did"


def dial(endpoint: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(endpoint))  # waits for room in the backlog
    sock.settimeout(20)
    return sock


def replies(sock: socket.socket, count: int) -> list[tuple[Tag, Message]]:
    """The next `count` messages."""
    connection = Connection()
    found: list[tuple[Tag, Message]] = []
    while len(found) < count:
        data = sock.recv(65536)
        assert data, "the daemon hung up"
        connection.receive(data)
        while (event := connection.next_event()) is not None:
            assert isinstance(event, Received)
            found.append((event.tag, event.message))
    return found


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", HUGE, b"\x00" * 64, b"\x01" + b"\xff" * 20, os.urandom(4096), HUGE + b"x" * 100_000],
    ids=["http", "oversized", "zeros", "bad envelope", "random", "oversized with body"],
)
def test_garbage_gets_one_error_and_the_end(daemon: Path, garbage: bytes) -> None:
    with dial(daemon) as sock:
        sock.sendall(garbage)
        received = b""
        try:
            while chunk := sock.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass  # it hung up while more was on its way
    if received:
        connection = Connection()
        connection.receive(received)
        event = connection.next_event()
        assert isinstance(event, Received)
        assert isinstance(event.message, Error)
        assert event.message.code == "protocol"
        assert event.tag.lane is Lane.PLAIN


def test_a_frame_cut_short_is_forgotten_with_its_connection(daemon: Path, session: Session) -> None:
    _, frame = Connection().request(Ping())
    for cut in range(1, len(frame)):
        with dial(daemon) as sock:
            sock.sendall(frame[:cut])
    assert wait_until(lambda: session.status().connections == 1)


def test_hostile_frames_cost_no_memory_and_no_descriptor(daemon: Path, session: Session) -> None:
    pid = session.status().pid
    before_fds, before_kb = len(os.listdir(f"/proc/{pid}/fd")), resident_kb(pid)
    for number in range(600):
        with dial(daemon) as sock:
            sock.sendall((HUGE, os.urandom(200), b"\x01\x00\x00\x00\xff" + b"y" * 500)[number % 3])
    assert wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) <= before_fds)
    assert resident_kb(pid) - before_kb < 8 * 1024


def resident_kb(pid: int) -> int:
    """Resident memory of a process."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmRSS")).split()[1])


def test_three_lanes_at_once(daemon: Path) -> None:
    for lane in Lane:
        with dial(daemon) as sock:
            tag, frame = Connection(lane).request(Ping())
            sock.sendall(frame)
            [(answered, message)] = replies(sock, 1)
            assert isinstance(message, Pong)
            assert (answered.lane, answered.id) == (lane, tag.id)


def test_plain_requests_are_answered_in_order(daemon: Path) -> None:
    plain = Connection(Lane.PLAIN)
    with dial(daemon) as sock:
        sock.sendall(b"".join(plain.request(m)[1] for m in (Ping(), GetStatus(), Ping(), GetStatus())))
        kinds = [type(message).__name__ for _, message in replies(sock, 4)]
    assert kinds == ["Pong", "Status", "Pong", "Status"]


def test_too_many_at_once_gets_backpressure(daemon: Path, make_spec: Make, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text('#!/bin/sh\ncase "$*" in *-c*) sleep 1;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    tagged = Connection(Lane.TAGGED)
    build = Build(make_spec("int main() {}", compiler=str(slow)))
    with dial(daemon) as sock:
        sock.sendall(b"".join(tagged.request(build)[1] for _ in range(70)))
        refused = [message for _, message in replies(sock, 6)]
    assert all(isinstance(message, Backpressure) and message.retry_after_ms > 0 for message in refused)


def test_cancel_kills_the_compiler(daemon: Path, make_spec: Make, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo $$ > {project}/pid; sleep 60;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    tagged = Connection(Lane.TAGGED)
    with dial(daemon) as sock:
        tag, frame = tagged.request(Build(make_spec("int main() {}", compiler=str(slow))))
        sock.sendall(frame)
        assert wait_until(lambda: (project / "pid").exists() and bool((project / "pid").read_text().strip()))
        sock.sendall(tagged.request(Cancel(tag.id))[1])
        messages = {t.id: m for t, m in replies(sock, 2)}
    assert isinstance(messages[tag.id], Error)
    pid = int((project / "pid").read_text())
    assert wait_until(lambda: not alive(pid), 5)


def test_a_client_that_leaves_takes_its_compiler_along(daemon: Path, make_spec: Make, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo $$ > {project}/pid; sleep 60;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    with dial(daemon) as sock:
        sock.sendall(Connection().request(Build(make_spec("int main() {}", compiler=str(slow))))[1])
        assert wait_until(lambda: (project / "pid").exists() and bool((project / "pid").read_text().strip()))
    pid = int((project / "pid").read_text())
    assert wait_until(lambda: not alive(pid), 5)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user takes root")
def test_another_user_is_refused(daemon: Path) -> None:
    daemon.parent.chmod(0o755)  # as if somebody had opened the folder
    daemon.chmod(0o666)
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            with dial(daemon) as sock:
                with contextlib.suppress(BrokenPipeError):  # it may have hung up by now
                    sock.sendall(Connection(Lane.PLAIN).request(Ping())[1])
                os.write(theirs, sock.recv(65536))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        answer = pipe.read()
    connection = Connection()
    connection.receive(answer)
    event = connection.next_event()
    assert isinstance(event, Received)
    assert isinstance(event.message, Error)
    assert "belongs to another user" in event.message.message


def test_a_slow_sender_holds_up_nobody(daemon: Path, session: Session) -> None:
    _, frame = Connection().request(Ping())
    with dial(daemon) as sock:
        for index in range(len(frame)):
            sock.sendall(frame[index : index + 1])
            if index % 8 == 0:
                assert session.ping() < 5000
        assert isinstance(replies(sock, 1)[0][1], Pong)


def test_the_endpoint_answers_before_the_cache_is_touched(session: Session, config: Config) -> None:
    begin = time.monotonic()
    session.ping()
    assert not config.cache_dir.exists()
    assert time.monotonic() - begin < 20
