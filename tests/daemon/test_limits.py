"""Floods, crowds and shortages: what they cost the daemon is bounded, and a well-behaved neighbour never notices."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import zcnb
from tests.conftest import wait_until
from tests.daemon.test_server import HUGE, descriptors, dial, hosted, replies, resident_kb
from zcnb import transport
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon import peer as peers_module
from zcnb.daemon import server
from zcnb.daemon.handlers import TABLE, Caller
from zcnb.daemon.peer import AT_ONCE, MAX_HELD, Peers
from zcnb.daemon.service import Service
from zcnb.model.spec import BuildSpec
from zcnb.osdep import process_start
from zcnb.places import feed_of
from zcnb.wire.connection import Connection, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Build, Done, Error, GetStatus, Guard, Hello, Message, Ping, Pong, Unguard
from zcnb.wire.versions import MAX_LENGTH

Make = Callable[..., BuildSpec]
PING = Connection().request(Ping())[1]
UNKNOWN = Connection(Lane.PLAIN).request(Ping())[1].replace(b"ping", b"pxng")
"""A request of a kind that does not exist: answered with an error at once."""

FEW = 64
"""Descriptors that the daemon of the fixture `few` may open."""


def begun(length: int, sent: int) -> bytes:
    """The first `sent` bytes of a frame whose body has `length`."""
    return struct.pack("<II", length, 2) + bytes(sent - 8)


def pinged(sock: socket.socket) -> bool:
    """Whether the daemon still answers on this connection."""
    try:
        sock.sendall(PING)
        return isinstance(replies(sock, 1)[0][1], Pong)
    except (OSError, AssertionError):
        return False


@pytest.fixture
def few(config: Config, session: Session) -> Session:
    """A client of a daemon that can open `FEW` descriptors and no more, whatever it asks for."""
    start = (
        f"from pathlib import Path\nfrom zcnb.client.session import Session\nfrom zcnb.config import Config\n"
        f"Session(Config(cache_dir=Path({str(config.cache_dir)!r}), socket=Path({str(config.socket)!r}))).ping()"
    )
    limited = f'ulimit -n {FEW}; exec "$0" -c "$1"'
    env = os.environ | {"PYTHONPATH": str(Path(zcnb.__file__).parent.parent)}
    subprocess.run(["/bin/sh", "-c", limited, sys.executable, start], check=True, timeout=60, env=env)
    assert resource.prlimit(session.status().pid, resource.RLIMIT_NOFILE) == (FEW, FEW)
    return session


@pytest.fixture
def slow(project: Path) -> str:
    """A compiler that takes its time: until a file named `go` appears."""
    tool = project / "slow++"
    waiting = f"while ! [ -e {project}/go ]; do sleep 0.05; done"
    tool.write_text(f'#!/bin/sh\ncase "$*" in *-c*) {waiting};; esac\nexec g++ "$@"\n')
    tool.chmod(0o755)
    return str(tool)


# Descriptors


@pytest.mark.parametrize("descriptors", [FEW, 100, 128, 256, 1000, 1024, 4096, 10_240, 2**20])
def test_the_descriptors_suffice_for_what_is_promised(descriptors: int) -> None:
    room = server.share_out(descriptors)
    assert room.builds >= 1
    assert 12 <= room.connections <= 1024
    own = server.OWN + server.RUNNERS + (server.FEED if descriptors >= server.FEED_FROM else 0)
    assert own + room.connections + room.builds * server.PER_BUILD <= descriptors


def test_too_few_descriptors_still_serve_somebody() -> None:
    assert server.share_out(20) == server.Room(connections=4, builds=1)


@pytest.mark.parametrize(("soft", "hard", "expected"), [(256, 4096, 4096), (256, 20_000, 10_240), (300, 300, 300)])
def test_the_soft_limit_is_raised(soft: int, hard: int, expected: int) -> None:
    code = (
        "import resource\nfrom zcnb.daemon.server import raise_descriptor_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        "print(raise_descriptor_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(zcnb.__file__).parent.parent)}
    if hard > resource.getrlimit(resource.RLIMIT_NOFILE)[1]:
        pytest.skip(f"the hard limit here is below {hard}")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=env)
    assert done.stdout.split() == [str(expected), str(expected), str(hard)]


def test_sixty_clients_of_a_daemon_with_sixty_four_descriptors(few: Session, make_spec: Make) -> None:
    """Row F12. The clients stay connected to the end, as kernels do."""
    ready = threading.Barrier(60)

    def client(number: int) -> tuple[float, tuple[str, ...] | None]:
        mine = Session(few.config)
        clients.append(mine)
        ready.wait(30)
        took = mine.ping()
        if number % 10:
            return took, None
        built = mine.build(make_spec(f'#include <cstdio>\nint main() {{ std::puts("{number}"); }}'))
        assert built.ok, built.diagnostics
        return took, built.notices

    clients: list[Session] = []
    with ThreadPoolExecutor(60) as pool:
        results = list(pool.map(client, range(60)))
    for mine in clients:
        mine.close()
    assert [notices for _, notices in results if notices is not None] == [()] * 6
    assert few.status().misses == 6


def test_a_newcomer_takes_the_place_of_who_was_idle_longest(few: Session) -> None:
    endpoint, most = few.config.endpoint, server.share_out(FEW).connections
    few.close()
    with contextlib.ExitStack() as stack:
        crowd = []
        for _ in range(2 * most):
            crowd.append(stack.enter_context(dial(endpoint)))
            time.sleep(0.01)  # an order to be idle in
        assert few.ping() < 10_000
        assert crowd[0].recv(1) == b""
        assert pinged(crowd[-1])
        assert few.status().connections <= most + 1


def test_who_has_something_going_on_is_never_sent_away(few: Session, make_spec: Make, slow: str) -> None:
    endpoint = few.config.endpoint
    program = subprocess.Popen(["sleep", "60"], process_group=0)
    tagged = Connection()
    with contextlib.ExitStack() as stack:
        builder, guard, beginner = (stack.enter_context(dial(endpoint)) for _ in range(3))
        build = make_spec("int main() {}", compiler=slow)
        builder.sendall(tagged.request(Build(build))[1])
        guard.sendall(tagged.request(Guard(program.pid, process_start(program.pid)))[1])
        assert replies(guard, 1)[0][1] == Done()
        beginner.sendall(PING[:-1])
        for _ in range(40):
            stack.enter_context(dial(endpoint))
        assert few.ping() < 10_000
        assert program.poll() is None
        beginner.sendall(PING[-1:])
        assert isinstance(replies(beginner, 1)[0][1], Pong)
        guard.sendall(tagged.request(Unguard(program.pid))[1])
        assert replies(guard, 1)[0][1] == Done()
        Path(build.cwd, "go").touch()
        assert type(replies(builder, 1)[0][1]).__name__ == "BuildDone"
    assert program.poll() is None
    program.kill()
    program.wait()


def test_newcomers_wait_while_nobody_is_idle(few: Session) -> None:
    endpoint, most = few.config.endpoint, server.share_out(FEW).connections
    few.close()
    with contextlib.ExitStack() as stack:
        busy = [stack.enter_context(dial(endpoint)) for _ in range(most + 1)]
        for sock in busy:
            sock.sendall(PING[:9])
        newcomer = stack.enter_context(dial(endpoint))
        newcomer.sendall(PING)
        newcomer.settimeout(1.5)
        with pytest.raises(TimeoutError):
            newcomer.recv(1)
        newcomer.settimeout(20)
        busy[3].close()
        assert isinstance(replies(newcomer, 1)[0][1], Pong)
        for sock in busy[:3] + busy[4:]:
            sock.sendall(PING[9:])
            assert isinstance(replies(sock, 1)[0][1], Pong)


@pytest.fixture
def shortage(session: Session) -> Iterator[int]:
    """The daemon's pid; it cannot open another descriptor until the test is over."""
    pid = session.status().pid
    with_session = descriptors(pid)
    session.close()
    assert wait_until(lambda: descriptors(pid) == with_session - 1)
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with dial(session.config.endpoint) as idle:
        assert pinged(idle)
        used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
        lowest_free = min(set(range(len(used) + 1)) - used)  # the limit is about numbers, and there are holes
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
        yield pid
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    assert session.ping() < 10_000
    assert session.status().pid == pid


def test_out_of_descriptors_an_idle_connection_makes_room(shortage: int, config: Config) -> None:
    with dial(config.endpoint) as newcomer:
        assert pinged(newcomer)


def test_out_of_descriptors_and_nobody_idle_the_newcomer_waits(shortage: int, config: Config) -> None:
    with dial(config.endpoint) as first:
        assert pinged(first)
        first.sendall(PING[:9])
        before = cpu_seconds(shortage)
        with dial(config.endpoint) as second:
            second.sendall(PING)
            second.settimeout(1.5)
            with pytest.raises(TimeoutError):
                second.recv(1)
            second.settimeout(20)
            assert cpu_seconds(shortage) - before < 1.0, "it waits, it does not spin"
            first.sendall(PING[9:])
            assert isinstance(replies(first, 1)[0][1], Pong)
            assert isinstance(replies(second, 1)[0][1], Pong), "the first is idle by then and makes room"


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("error", [ConnectionAbortedError(), OSError(errno.EMFILE, ""), OSError(errno.ENFILE, "")])
def test_accepting_goes_on_after(error: OSError, service: Service, endpoint: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        accept, errors = loop.sock_accept, [error, error]

        async def failing(sock: socket.socket) -> tuple[socket.socket, Any]:
            if errors:
                raise errors.pop()
            return await accept(sock)

        loop.sock_accept = failing  # type: ignore[method-assign]
        with transport.bind(endpoint) as listener:
            accepting = asyncio.create_task(server._accept(listener, service, Peers(9, 9)))
            with await asyncio.to_thread(dial, endpoint) as sock:
                assert await asyncio.to_thread(pinged, sock)
            assert not errors
            await settled(lambda: service.connections == 0)
            accepting.cancel()

    asyncio.run(main())


def test_a_listener_that_is_broken_is_the_end(service: Service, endpoint: Path) -> None:
    async def main() -> None:
        async def broken(sock: socket.socket) -> tuple[socket.socket, Any]:
            raise OSError(errno.EINVAL, "broken")

        asyncio.get_running_loop().sock_accept = broken  # type: ignore[method-assign]
        with transport.bind(endpoint) as listener, pytest.raises(OSError, match="broken"):
            await server._accept(listener, service, Peers(9, 9))

    asyncio.run(main())


# Hostile frames


def test_ten_thousand_hostile_frames_and_two_hundred_idle_connections(session: Session, config: Config) -> None:
    """Row F08."""
    pid, dice = session.status().pid, random.Random(8)
    assert wait_until(Path(feed_of(str(config.endpoint))).exists), "its descriptors are not counted as lost"
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(dial(config.endpoint))
        assert wait_until(lambda: session.status().connections == 201)
        hostile(config.endpoint, 1000, dice)
        assert wait_until(lambda: session.status().connections == 201)
        fds, kb = descriptors(pid), resident_kb(pid)
        hostile(config.endpoint, 10_000, dice)
        with Session(config) as following:
            took = following.ping()
        assert wait_until(lambda: session.status().connections == 201)
        assert wait_until(lambda: descriptors(pid) <= fds)
        grown = resident_kb(pid) - kb
        print(f"next client {took:.1f} ms, RSS + {grown} KiB")
        assert grown <= 8 * 1024
        assert took < 5000
    assert session.status().pid == pid


def hostile(endpoint: Path, count: int, dice: random.Random) -> None:
    """Garbage, a truncated frame, a length of 0xFFFFFFFF, a frame byte by byte: `count` connections, one frame each."""
    for number in range(count):
        with dial(endpoint) as sock, contextlib.suppress(ConnectionError):
            match number % 4:
                case 0:
                    sock.sendall(dice.randbytes(dice.randrange(1, 3000)))
                case 1:
                    sock.sendall(begun(dice.randrange(100, MAX_LENGTH), dice.randrange(8, 5000)))
                case 2:
                    sock.sendall(HUGE + b"x" * dice.randrange(100))
                case _:
                    for byte in PING[: dice.randrange(4, len(PING))]:
                        sock.sendall(bytes([byte]))


# Bytes in


@pytest.fixture
def endpoint(config: Config) -> Path:
    """A path to listen at in this process."""
    return config.endpoint.with_name("own.sock")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The daemon's state, in this process."""
    return Service(tmp_path / "s", tmp_path / "cache", 0, 0.0)


@contextlib.asynccontextmanager
async def blocked(monkeypatch: pytest.MonkeyPatch, kind: type[Message]) -> AsyncIterator[asyncio.Event]:
    """Requests of `kind` are answered when the event is set."""
    go = asyncio.Event()

    async def handler(caller: Caller, request: Message, number: int) -> Message:
        await go.wait()
        return Done()

    with monkeypatch.context() as patch:
        patch.setitem(TABLE, kind, handler)
        yield go


async def settled(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; the loop goes on meanwhile."""
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.01)


def test_what_is_begun_waiting_and_under_way_is_held(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Connection(Lane.PLAIN).request(Hello("x" * size, 1, ""))[1] for size in (1000, 2000, 3000)]
    sizes = [len(frame) for frame in frames]

    async def main() -> None:
        peers = Peers(9, 9)
        async with blocked(monkeypatch, Hello) as go, hosted(service, peers) as (peer, sock):
            sock.sendall(frames[0])
            await settled(lambda: peer.held == sizes[0])
            sock.sendall(frames[1] + frames[2][:500])
            await settled(lambda: peers.held == peer.held == sizes[0] + sizes[1] + 500)
            go.set()
            await settled(lambda: peers.held == 500)
            sock.sendall(frames[2][500:])
            await settled(lambda: peers.held == 0)
            assert await asyncio.to_thread(replies, sock, 3) == [(Tag(Lane.PLAIN), Done())] * 3

    asyncio.run(main())


def test_a_lost_connection_holds_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        peers = Peers(9, 9)
        async with blocked(monkeypatch, Hello):
            async with hosted(service, peers) as (_, sock):
                sock.sendall(Connection().request(Hello("x" * 1000, 1, ""))[1] + PING[:10])
                await settled(lambda: peers.held > 1010)
            assert peers.held == 0
            assert repr(peers) == "<Peers 0 of 9, 0 bytes held>"

    asyncio.run(main())


def test_who_holds_the_most_is_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "MAX_HELD", 100_000)
    modest_frame = Connection(Lane.PLAIN).request(Hello("x" * 40_000, 1, ""))[1]

    async def main() -> None:
        peers = Peers(9, 9)
        async with hosted(service, peers) as (_, modest), hosted(service, peers) as (_, greedy):
            greedy.sendall(begun(90_000, 70_000))
            await settled(lambda: peers.held == 70_000)
            modest.sendall(modest_frame[:-1])
            [(tag, message)] = await asyncio.to_thread(replies, greedy, 1)
            assert tag.lane is Lane.PLAIN
            assert isinstance(message, Error)
            assert "out of room" in message.message
            assert await asyncio.to_thread(greedy.recv, 1) == b""
            modest.sendall(modest_frame[-1:])
            [(_, message)] = await asyncio.to_thread(replies, modest, 1)
            assert type(message).__name__ == "Welcome"
            assert peers.held == 0

    asyncio.run(main())


def test_large_begun_frames_from_many_connections_cost_a_bounded_amount(session: Session, config: Config) -> None:
    pid = session.status().pid
    before = resident_kb(pid)
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(dial(config.endpoint)) for _ in range(12)]
        peak = 0
        for sock in socks:
            sock.sendall(begun(MAX_LENGTH, 8))
            for _ in range(15):
                with contextlib.suppress(ConnectionError):
                    sock.sendall(bytes(1024 * 1024))
            assert session.ping() < 5000
            peak = max(peak, resident_kb(pid) - before)
        assert peak < (MAX_HELD + 2 * MAX_LENGTH) / 1024, "180 MiB were sent"
        assert peak > 30 * 1024, "the frames must have been buffered at all"


# Bytes out


def answers_with(size: int) -> Callable[[Caller, Message, int], Coroutine[Any, Any, Message]]:
    async def handler(caller: Caller, request: Message, number: int) -> Message:
        return Error("large", "y" * size)

    return handler


def test_who_reads_nothing_is_cut_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "UNREAD_TIME_S", 0.3)
    monkeypatch.setitem(TABLE, Ping, answers_with(4_000_000))

    async def main() -> None:
        peers = Peers(9, 9)
        async with hosted(service, peers) as (_, deaf), hosted(service, peers) as (_, quiet):
            deaf.sendall(PING)
            await settled(lambda: service.connections == 1)
            assert "nothing was read" in service.health.errors[-1]
            assert 0 < len(await asyncio.to_thread(everything, deaf)) < 4_000_000
            quiet.sendall(Connection().request(GetStatus())[1])
            assert len(await asyncio.to_thread(replies, quiet, 1)) == 1

    asyncio.run(main())


def test_the_refused_are_cut_off_too_when_they_do_not_read(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "UNREAD_TIME_S", 0.3)
    monkeypatch.setitem(TABLE, Ping, answers_with(4_000_000))

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (peer, deaf):
            deaf.sendall(PING)
            await settled(lambda: not peer._writable)
            peer.refuse("for the test")
            await settled(lambda: service.connections == 0)

    asyncio.run(main())


def test_who_reads_slowly_gets_it_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock runs only while nothing is taken."""
    monkeypatch.setattr(peers_module, "UNREAD_TIME_S", 1.0)
    monkeypatch.setitem(TABLE, Ping, answers_with(8_000_000))

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            sock.sendall(PING)
            got, begin = 0, time.monotonic()
            while got < 8_000_000:
                got += len(await asyncio.to_thread(sock.recv, 100_000))
                await asyncio.sleep(0.03)
            assert time.monotonic() - begin > 2.0, "long enough to be cut off"

    asyncio.run(main())


def test_who_does_not_read_is_not_listened_to(service: Service) -> None:
    """One reply may wait, not one for each of the requests that were already here."""

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (peer, sock):
            await asyncio.to_thread(send_until_stuck, sock, UNKNOWN * 1000)
            await settled(lambda: not peer._writable)
            assert peer._transport is not None
            assert 0 < peer._transport.get_write_buffer_size() < 2000
            assert peer.held < 600_000

    asyncio.run(main())


def send_until_stuck(sock: socket.socket, data: bytes) -> None:
    sock.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        while True:
            sock.sendall(data)


def everything(sock: socket.socket) -> bytes:
    """What comes until the end."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := sock.recv(1 << 20):
            received += data
    return received


# Time


def test_a_frame_begun_must_be_finished(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "FRAME_TIME_S", 0.3)

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            for byte in PING[:9]:
                sock.sendall(bytes([byte]))
                await asyncio.sleep(0.01)
            [(_, message)] = await asyncio.to_thread(replies, sock, 1)
            assert isinstance(message, Error)
            assert "took longer" in message.message
            assert await asyncio.to_thread(sock.recv, 1) == b""

    asyncio.run(main())


def test_frames_that_overlap_the_segments_are_finished_in_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never at a frame's boundary, and still no frame takes long."""
    monkeypatch.setattr(peers_module, "FRAME_TIME_S", 1.0)
    shifted = PING[10:] + PING[:10]

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            sock.sendall(PING[:10])
            for _ in range(25):
                await asyncio.sleep(0.1)
                sock.sendall(shifted)
                assert isinstance((await asyncio.to_thread(replies, sock, 1))[0][1], Pong)

    asyncio.run(main())


def test_a_frame_that_waits_for_the_daemon_is_not_late(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "FRAME_TIME_S", 0.3)
    monkeypatch.setattr(peers_module, "MAX_QUEUED", 1)
    hello = Connection(Lane.PLAIN).request(Hello("", 1, ""))[1]

    async def main() -> None:
        async with blocked(monkeypatch, Hello) as go, hosted(service, Peers(9, 9)) as (peer, sock):
            sock.sendall(hello * 3 + hello[:9])
            await asyncio.sleep(1.0)
            assert peer.held == 3 * len(hello) + 9
            go.set()
            sock.sendall(hello[9:])
            assert await asyncio.to_thread(replies, sock, 4) == [(Tag(Lane.PLAIN), Done())] * 4

    asyncio.run(main())


# Turns


def test_a_flood_is_taken_up_in_pieces(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (peer, sock):
            reading = asyncio.create_task(asyncio.to_thread(replies, sock, 1000))
            peer.data_received(UNKNOWN * 1000)
            assert peer._connection.buffered == len(UNKNOWN) * (1000 - AT_ONCE)
            assert len(await reading) == 1000

    asyncio.run(main())


def test_no_more_builds_have_tools_than_there_are_turns(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait; a ping does not."""
    now, most = 0, 0

    async def handler(caller: Caller, request: Message, number: int) -> Message:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return Done()

    monkeypatch.setitem(TABLE, Build, handler)
    tagged = Connection()
    spec = BuildSpec(language="c++", source=b"", flags=(), cwd="/", env={})

    async def main() -> None:
        async with hosted(service, Peers(9, 2)) as (_, sock):
            builds = b"".join(tagged.request(Build(spec))[1] for _ in range(20))
            sock.sendall(builds + tagged.request(Ping())[1])
            found = await asyncio.to_thread(replies, sock, 21)
        assert isinstance(found[0][1], Pong)
        assert [message for _, message in found[1:]] == [Done()] * 20

    asyncio.run(main())
    assert most == 2


def test_a_request_that_is_dropped_before_it_began_is_not_under_way_for_ever(service: Service) -> None:
    """It would keep an idle daemon alive."""

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            sock.sendall(Connection().request(Unguard(1))[1] + HUGE)
            await settled(lambda: service.connections == 0)
            await settled(lambda: service.lifecycle.in_flight == 0)

    asyncio.run(main())
