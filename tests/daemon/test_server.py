"""A live daemon and bad company: garbage, cut frames, floods, strangers. Others never notice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import alive, need, wait_until
from zcnb import __version__
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.handlers import TABLE, Caller
from zcnb.daemon.peer import Peer, Peers
from zcnb.daemon.service import Service
from zcnb.model.call import ToolCall
from zcnb.model.health import Progress
from zcnb.model.spec import BuildSpec
from zcnb.osdep import process_start
from zcnb.wire import small
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Backpressure,
    Build,
    BuildDone,
    Cancel,
    Clear,
    Cleared,
    CompileEphemeral,
    Error,
    GetProgress,
    GetStatus,
    Identify,
    Identity,
    Message,
    Ping,
    Pong,
    ToolDone,
)
from zcnb.wire.versions import PROTOCOL

Make = Callable[..., BuildSpec]
HUGE = struct.pack("<II", 0xFFFFFFFF, 2)
LISTS = small.frame(small.PLAIN, b"\x92\xa4ping\x81\xa3new\xdc\x10\x00" + (b"\xdc\x10\x00" + b"\x90" * 4096) * 4080)
"""Nearly 16 MiB of empty lists in short lists."""


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


@asynccontextmanager
async def hosted(service: Service, peers: Peers) -> AsyncIterator[tuple[Peer, socket.socket]]:
    """A peer in this process, and its client's socket."""
    loop, before = asyncio.get_running_loop(), service.connections
    ours, theirs = socket.socketpair()
    theirs.settimeout(20)
    ours.setblocking(False)
    transport, peer = await loop.connect_accepted_socket(lambda: Peer(service, peers), ours)
    try:
        yield peer, theirs
    finally:
        theirs.close()
        transport.abort()
        while service.connections > before:
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        HUGE,
        b"\x00" * 64,
        b"\x01" + b"\xff" * 20,
        os.urandom(4096),
        HUGE + b"x" * 100_000,
        LISTS,
    ],
    ids=["http", "oversized", "zeros", "bad envelope", "random", "oversized with body", "lists in lists"],
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


def resident_kb(pid: int) -> int:
    """Resident memory of a process."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmRSS")).split()[1])


def descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_three_lanes_at_once(daemon: Path) -> None:
    for lane in Lane:
        with dial(daemon) as sock:
            tag, frame = Connection(lane).request(Ping())
            sock.sendall(frame)
            [(answered, message)] = replies(sock, 1)
            assert isinstance(message, Pong)
            assert (answered.lane, answered.id) == (lane, tag.id)


MIXED = [Connection(Lane.ENVELOPE).request(Identify(bytes(range(32))))[1], Connection(Lane.PLAIN).request(Ping())[1]]
TAGGED = Connection(Lane.TAGGED)
MIXED += [TAGGED.request(Ping())[1], TAGGED.request(Identify(bytes(32)))[1]]
"""A probe, a plain ping and two tagged requests, one of them a probe in the wrong lane, which is as good."""


def check_mixed(answers: list[tuple[Tag, Message]], pid: int) -> None:
    """Each request of `MIXED` got its own answer, in its own lane."""
    found = {(tag.lane, tag.id): message for tag, message in answers}
    who = Identity(bytes(range(32)), pid, __version__, PROTOCOL, process_start(pid))
    assert found == {
        (Lane.ENVELOPE, 1): who,
        (Lane.PLAIN, 0): Pong(pid),
        (Lane.TAGGED, 1): Pong(pid),
        (Lane.TAGGED, 2): replace(who, nonce=bytes(32)),
    }


def test_what_is_no_probe_stays_for_the_ordinary_decoder(daemon: Path, session: Session) -> None:
    pid = session.status().pid
    for frames in (MIXED, MIXED[::-1], MIXED[1:] + MIXED[:1]):
        with dial(daemon) as sock:
            sock.sendall(b"".join(frames))
            check_mixed(replies(sock, 4), pid)


def test_a_probe_among_others_cut_at_every_byte(tmp_path: Path) -> None:
    """In this process: a socket would put the two parts together again."""
    segment = b"".join(MIXED)

    async def both(cut: int) -> None:
        async with hosted(Service(tmp_path / "s", tmp_path / "cache", 0, 0.0), Peers(9, 9)) as (peer, sock):
            for part in (segment[:cut], segment[cut:]):
                peer.data_received(part)
                await asyncio.sleep(0)
            check_mixed(await asyncio.to_thread(replies, sock, 4), os.getpid())

    async def everywhere() -> None:
        for cut in range(1, len(segment)):
            await both(cut)

    asyncio.run(everywhere())


def test_a_probe_byte_by_byte(daemon: Path, session: Session) -> None:
    with dial(daemon) as sock:
        for byte in b"".join(MIXED):
            sock.sendall(bytes([byte]))
        check_mixed(replies(sock, 4), session.status().pid)


@pytest.mark.parametrize("length", [0, 31, 33, 100_000])
def test_a_nonce_of_another_length_is_refused_alone(daemon: Path, length: int) -> None:
    envelope = Connection(Lane.ENVELOPE)
    with dial(daemon) as sock:
        sock.sendall(envelope.request(Identify(bytes(length)))[1] + envelope.request(Ping())[1])
        messages = {tag.id: message for tag, message in replies(sock, 2)}
    assert isinstance(messages[1], Error)
    assert messages[1].code == "bad-message"
    assert isinstance(messages[2], Pong)


def test_a_probe_in_a_foreign_protocol_is_told_so_and_the_connection_goes_on(daemon: Path) -> None:
    envelope = Connection(Lane.ENVELOPE)
    foreign = envelope.request(Identify(bytes(32)))[1].replace(b"zcnb/1", b"zcnb/9")
    with dial(daemon) as sock:
        sock.sendall(foreign + envelope.request(Ping())[1])
        messages = {tag.id: message for tag, message in replies(sock, 2)}
    assert isinstance(messages[1], Error)
    assert messages[1].code == "foreign-protocol"
    assert isinstance(messages[2], Pong)


def test_the_daemon_itself_is_who_listens(daemon: Path, session: Session) -> None:
    """Not the launcher that bound the socket: clients hold the one against the other."""
    with dial(daemon) as sock:
        pid, _, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    assert pid == session.status().pid


def test_plain_requests_are_answered_in_order(daemon: Path) -> None:
    plain = Connection(Lane.PLAIN)
    with dial(daemon) as sock:
        sock.sendall(b"".join(plain.request(m)[1] for m in (Ping(), GetStatus(), Ping(), GetStatus())))
        kinds = [type(message).__name__ for _, message in replies(sock, 4)]
    assert kinds == ["Pong", "Status", "Pong", "Status"]


ANSWERS = {
    ("clear", "{}"): Cleared(1, 2),
    ("pang", "{}"): "unknown message kind",
    ("ping", "{}"): Pong(os.getpid()),
    ("hello", "{}"): "is missing",
    ("pong", "{}"): "is no request",
    ("identify", "nonce"): "has 32 bytes",
    ("build", "[]"): "must be a map",
}
"""What is asked, and the answer, or what the error says."""


def plain_frame(kind: str, fields: str) -> bytes:
    given: object = {"{}": {}, "[]": [], "nonce": {"nonce": b"short"}}[fields]
    return small.frame(small.PLAIN, small.pack([kind, given]))


@pytest.mark.parametrize("cut", [None, 1, 7, 12], ids=["one segment", "bytes", "by 7", "by 12"])
def test_plain_requests_are_answered_in_order_refused_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int | None
) -> None:
    """Who sends ahead in the plain lane has nothing but the order to tell answers apart."""
    asked = [("clear", "{}"), *ANSWERS, ("pang", "{}"), ("clear", "{}"), ("pang", "{}"), ("pang", "{}"), ("ping", "{}")]
    segment = b"".join(plain_frame(*request) for request in asked)

    async def story() -> list[tuple[Tag, Message]]:
        go = asyncio.Event()

        async def slow(caller: Caller, request: Clear, number: int) -> Message:
            await go.wait()
            await asyncio.sleep(0.01)
            return Cleared(1, 2)

        monkeypatch.setitem(TABLE, Clear, slow)
        async with hosted(Service(tmp_path / "s", tmp_path / "cache", 0, 0.0), Peers(9, 9)) as (peer, sock):
            for at in range(0, len(segment), cut or len(segment)):
                peer.data_received(segment[at : at + (cut or len(segment))])
                await asyncio.sleep(0)
            await asyncio.sleep(0.1)
            assert select.select([sock], [], [], 0)[0] == [], "nothing overtakes the first"
            go.set()
            return await asyncio.to_thread(replies, sock, len(asked))

    answers = asyncio.run(story())
    assert {(tag.lane, tag.id) for tag, _ in answers} == {(Lane.PLAIN, 0)}
    for request, (_, answer) in zip(asked, answers, strict=True):
        expected = ANSWERS[request]
        if isinstance(expected, str):
            assert isinstance(answer, Error)
            assert answer.code == "bad-message"
            assert expected in answer.message
        else:
            assert answer == expected


def test_refused_requests_in_other_lanes_wait_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagged = small.frame(2, small.pack({"id": 7, "kind": "pang", "fields": {}}))

    async def story() -> None:
        go = asyncio.Event()

        async def slow(caller: Caller, request: Clear, number: int) -> Message:
            await go.wait()
            return Cleared(1, 2)

        monkeypatch.setitem(TABLE, Clear, slow)
        async with hosted(Service(tmp_path / "s", tmp_path / "cache", 0, 0.0), Peers(9, 9)) as (peer, sock):
            peer.data_received(plain_frame("clear", "{}") + tagged)
            [(tag, answer)] = await asyncio.to_thread(replies, sock, 1)
            assert (tag.lane, tag.id, isinstance(answer, Error)) == (Lane.TAGGED, 7, True)
            go.set()
            assert await asyncio.to_thread(replies, sock, 1) == [(Tag(Lane.PLAIN), Cleared(1, 2))]

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["build", "call"])
@pytest.mark.parametrize("first", [Lane.TAGGED, Lane.ENVELOPE])
def test_one_id_in_two_lanes_is_two_requests(
    daemon: Path, make_spec: Make, project: Path, kind: str, first: Lane
) -> None:
    """Progress of such an id may be that of either, but both get their answers."""
    source = "#ifdef SLOW\n#include <bits/stdc++.h>\n#endif\nint main() {}\n"
    (project / "a.cpp").write_text(source)

    def request(*flags: str) -> Message:
        if kind == "build":
            return Build(make_spec(source, flags=flags))
        argv = ("g++", *flags, "-c", "a.cpp")
        call = ToolCall(tool=need("g++"), argv=argv, cwd=str(project), env=dict(os.environ), nice=os.nice(0))
        return CompileEphemeral(os.getpid(), str(project), call)

    second = Lane.ENVELOPE if first is Lane.TAGGED else Lane.TAGGED
    (tag, early), (_, late) = Connection(first).request(request("-DSLOW", "-O2")), Connection(second).request(request())
    with dial(daemon) as sock:
        sock.sendall(early + late)
        found = replies(sock, 2)
        assert [(t.lane, t.id) for t, _ in found] == [(second, tag.id), (first, tag.id)], found
        assert all(isinstance(message, (BuildDone, ToolDone)) for _, message in found), found
        sock.sendall(Connection(Lane.PLAIN).request(GetProgress(tag.id))[1])
        assert replies(sock, 1) == [(Tag(Lane.PLAIN), Progress())]


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
