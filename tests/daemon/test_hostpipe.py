"""The host pipe: each row by hand, then any order of events against a simple model, then real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.daemon.test_limits import settled
from tests.daemon.test_server import hosted
from zcnb.daemon.handlers import TABLE, Caller
from zcnb.daemon.hostpipe import (
    AWAY_S,
    BUFFERED,
    OVERFLOW,
    UNREACHABLE,
    Command,
    Delivery,
    Event,
    HostNotConnected,
    HostPipe,
    Hosts,
    StaleSession,
    WriteFailed,
)
from zcnb.daemon.peer import PUSHED, Peers
from zcnb.daemon.service import Service
from zcnb.model.job import JobState
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Error,
    HostRegistered,
    JobEnded,
    Message,
    Ping,
    RegisterHost,
    RunVariant,
)

Written = list[Event | Command]


class Paper:
    """A connection that writes things down, as long as it can."""

    def __init__(self, room: int = 1000) -> None:
        self.written: Written = []
        self.room = room
        """Writes until it breaks."""
        self.writable = True
        self.breaks: Callable[[], object] = lambda: None
        """Called in the middle of the write that fails."""

    def write(self, message: Event | Command) -> None:
        if self.room == 0:
            self.breaks()
            raise WriteFailed
        self.room -= 1
        self.written.append(message)


class Desk:
    """One pipe, with its clock and what it lost."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lost: list[tuple[Command, str]] = []
        self.pipe = HostPipe(lambda message, why: self.lost.append((message, why)), count(1), lambda: self.now)

    def register(self, writer: Paper) -> int:
        """As a handler does it: the reply is written between the two."""
        session = self.pipe.register(writer)
        self.pipe.drain()
        return session


@pytest.fixture
def desk() -> Desk:
    """A pipe to a kernel that has not registered."""
    return Desk()


def run(number: int, job: str = "job") -> RunVariant:
    """A command."""
    return RunVariant(job, number, 0, "/program")


def told(number: int) -> JobEnded:
    """An event."""
    return JobEnded(JobState(id=str(number)))


def runs(numbers: range, job: str = "job") -> Written:
    return [run(number, job) for number in numbers]


# H2, H3


def test_commands_wait_and_come_in_order_before_anything_new(desk: Desk) -> None:
    assert [desk.pipe.command(run(number)) for number in range(3)] == [Delivery.KEPT] * 3
    writer = Paper()
    desk.pipe.register(writer)
    assert writer.written == [], "the reply to the registration goes first"
    assert desk.pipe.command(run(3)) is Delivery.WRITTEN
    assert writer.written == runs(range(4))


def test_an_event_does_not_overtake_what_waits(desk: Desk) -> None:
    desk.pipe.command(run(1))
    writer = Paper()
    desk.pipe.event(desk.pipe.register(writer), told(2))
    assert writer.written == [run(1), told(2)]


def test_sixty_four_wait_and_the_next_one_drops_the_oldest(desk: Desk) -> None:
    for number in range(BUFFERED):
        desk.pipe.command(run(number))
    assert desk.lost == []
    desk.pipe.command(run(BUFFERED))
    desk.pipe.command(run(BUFFERED + 1))
    assert desk.lost == [(run(0), OVERFLOW), (run(1), OVERFLOW)]
    writer = Paper()
    desk.register(writer)
    assert writer.written == runs(range(2, BUFFERED + 2))
    assert BUFFERED == 64


def test_after_thirty_seconds_away_all_of_it_is_lost(desk: Desk) -> None:
    desk.pipe.command(run(1))
    desk.pipe.command(run(2))
    desk.now += AWAY_S - 0.1
    assert not desk.pipe.expire()
    assert desk.lost == []
    desk.now += 0.2
    assert desk.pipe.expire()
    assert desk.lost == [(run(1), UNREACHABLE), (run(2), UNREACHABLE)]
    assert AWAY_S == 30.0


def test_who_is_there_does_not_expire(desk: Desk) -> None:
    session = desk.register(Paper())
    desk.now += 10 * AWAY_S
    assert not desk.pipe.expire()
    desk.pipe.closed(session)
    desk.now += AWAY_S - 1
    assert not desk.pipe.expire(), "the clock starts when the connection ends"


def test_one_who_does_not_read_gets_no_event_and_commands_wait(desk: Desk) -> None:
    writer = Paper()
    session = desk.register(writer)
    writer.writable = False
    desk.pipe.event(session, told(1))
    assert desk.pipe.command(run(2)) is Delivery.KEPT
    assert writer.written == []
    writer.writable = True
    desk.pipe.drain()
    assert writer.written == [run(2)]


# H4, H5, H9


def test_events_for_one_who_is_away_are_dropped_silently(desk: Desk) -> None:
    session = desk.register(Paper())
    desk.pipe.closed(session)
    desk.pipe.event(session, told(1))
    writer = Paper()
    desk.register(writer)
    assert writer.written == []
    assert desk.lost == []


def test_an_older_registration_never_writes_into_a_newer_connection(desk: Desk) -> None:
    first, second = Paper(), Paper()
    older = desk.register(first)
    newer = desk.register(second)
    assert newer > older
    with pytest.raises(StaleSession):
        desk.pipe.event(older, told(1))
    desk.pipe.event(newer, told(2))
    assert (first.written, second.written) == ([], [told(2)])


def test_the_end_of_an_older_connection_is_nothing_to_the_newer_one(desk: Desk) -> None:
    older = desk.register(Paper())
    writer = Paper()
    desk.register(writer)
    desk.pipe.closed(older)
    assert desk.pipe.command(run(1)) is Delivery.WRITTEN


def test_a_sender_that_must_not_wait_learns_that_nobody_is_there(desk: Desk) -> None:
    with pytest.raises(HostNotConnected):
        desk.pipe.send(run(1))
    desk.register(Paper(room=0))
    with pytest.raises(HostNotConnected):
        desk.pipe.send(run(2))
    writer = Paper()
    desk.register(writer)
    assert writer.written == [], "nothing was kept"
    desk.pipe.send(run(3))
    assert writer.written == [run(3)]


# H6, H7, H8


def test_a_write_that_fails_waits_for_the_next_connection_and_the_caller_learns_of_it(desk: Desk) -> None:
    desk.register(Paper(room=0))
    assert desk.pipe.command(run(1)) is Delivery.FAILED
    writer = Paper()
    desk.register(writer)
    assert writer.written == [run(1)]


def test_a_write_that_fails_while_its_writer_is_replaced_goes_through_the_new_one_in_order(desk: Desk) -> None:
    broken, fresh = Paper(room=0), Paper()
    desk.register(broken)
    broken.breaks = lambda: desk.register(fresh)
    assert desk.pipe.command(run(1)) is Delivery.FAILED, "the caller still learns of the failure"
    assert desk.pipe.command(run(2)) is Delivery.WRITTEN
    assert fresh.written == [run(1), run(2)]


def test_the_same_in_the_middle_of_a_drain(desk: Desk) -> None:
    broken, fresh = Paper(room=2), Paper()
    broken.breaks = lambda: desk.register(fresh)
    for number in range(5):
        desk.pipe.command(run(number))
    desk.register(broken)
    assert broken.written + fresh.written == runs(range(5))
    assert len(broken.written) == 2


def test_a_drain_that_breaks_half_way_keeps_the_rest_and_restarts_the_clock(desk: Desk) -> None:
    for number in range(5):
        desk.pipe.command(run(number))
    desk.now += AWAY_S - 1
    half = Paper(room=2)
    desk.register(half)
    assert half.written == runs(range(2))
    desk.now += AWAY_S - 1
    assert not desk.pipe.expire(), "thirty seconds from the break"
    writer = Paper()
    desk.register(writer)
    assert writer.written == runs(range(2, 5))


def test_the_commands_of_a_job_that_ended_are_taken_back_and_counted(desk: Desk) -> None:
    for number in range(3):
        desk.pipe.command(run(number, "one"))
        desk.pipe.command(run(number, "two"))
    assert desk.pipe.purge("one") == 3
    assert desk.pipe.purge("one") == 0
    writer = Paper()
    desk.register(writer)
    assert writer.written == runs(range(3), "two")
    assert desk.lost == []


def test_a_kernel_away_too_long_is_forgotten_and_its_next_number_is_still_higher() -> None:
    now, gone = [0.0], list[str]()
    hosts = Hosts(lambda message, why: None, gone.append, lambda: now[0])
    first = hosts.register("k", Paper())
    before = first.session
    first.closed(before)
    hosts.expire()
    assert (hosts.find("k"), gone) == (first, [])
    now[0] += AWAY_S
    hosts.expire()
    assert (hosts.find("k"), gone) == (None, ["k"])
    assert hosts.register("k", Paper()).session > before


# All of it, in any order


class Model(RuleBasedStateMachine):
    """A pipe beside what it should be: a list of commands, and whether somebody is there."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.papers: list[Paper] = []
        self.writer: Paper | None = None
        self.left = 0
        """Writes until the present connection breaks."""
        self.session = 0
        self.expected: Written = []
        self.waiting: list[Command] = []
        self.lost: list[tuple[Command, str]] = []
        self.away_since = self.desk.now
        self.numbers = count()

    def _passes(self) -> bool:
        return self.writer is not None and self.writer.writable

    def _flow(self) -> None:
        """What waits goes out, until the connection breaks."""
        while self.waiting and self.writer is not None and self.writer.writable:
            if self.left == 0:
                self.writer, self.away_since = None, self.desk.now
                return
            self.left -= 1
            self.expected.append(self.waiting.pop(0))

    @rule(room=st.integers(0, 5) | st.just(1000))
    def register(self, room: int) -> None:
        self.writer, self.left = Paper(room), room
        self.papers.append(self.writer)
        session = self.desk.register(self.writer)
        assert session > self.session
        self.session = session
        self._flow()

    @rule(job=st.sampled_from("ab"), times=st.sampled_from([1, 3, 70]))
    def command(self, job: str, times: int) -> None:
        for _ in range(times):
            message = run(next(self.numbers), job)
            self.waiting.append(message)
            before = self.writer
            self._flow()
            broke = before is not None and self.writer is None
            if len(self.waiting) > BUFFERED and not broke:
                self.lost.append((self.waiting.pop(0), OVERFLOW))
            delivery = Delivery.FAILED if broke else Delivery.KEPT if self.waiting else Delivery.WRITTEN
            assert self.desk.pipe.command(message) is delivery

    @rule(stale=st.booleans())
    def event(self, stale: bool) -> None:
        message = told(next(self.numbers))
        if stale:
            with pytest.raises(StaleSession):
                self.desk.pipe.event(self.session - 1, message)
            return
        self.desk.pipe.event(self.session, message)
        if self._passes():
            self._event_goes(message)

    def _event_goes(self, message: JobEnded) -> None:
        if self.left == 0:
            self.writer, self.away_since = None, self.desk.now
        else:
            self.left -= 1
            self.expected.append(message)

    @precondition(lambda self: self.writer is not None)
    @rule(reads=st.booleans())
    def read_or_not(self, reads: bool) -> None:
        assert self.writer is not None
        self.writer.writable = reads
        self.desk.pipe.drain()
        self._flow()

    @rule(stale=st.booleans())
    def closed(self, stale: bool) -> None:
        self.desk.pipe.closed(self.session - stale)
        if not stale:
            self.writer, self.away_since = None, self.desk.now

    @rule(job=st.sampled_from("ab"))
    def job_ends(self, job: str) -> None:
        gone = [message for message in self.waiting if message.job == job]
        assert self.desk.pipe.purge(job) == len(gone)
        self.waiting = [message for message in self.waiting if message.job != job]

    @rule(seconds=st.sampled_from([1.0, AWAY_S / 2, AWAY_S]))
    def time_goes_by(self, seconds: float) -> None:
        self.desk.now += seconds
        expired = self.writer is None and self.desk.now - self.away_since >= AWAY_S
        assert self.desk.pipe.expire() is expired
        if expired:
            self.lost += [(message, UNREACHABLE) for message in self.waiting]
            self.waiting = []

    @invariant()
    def all_agree(self) -> None:
        assert [message for paper in self.papers for message in paper.written] == self.expected
        assert list(self.desk.pipe.waiting) == self.waiting
        assert self.desk.lost == self.lost


def test_it_behaves_like_a_list_in_any_order() -> None:
    run_state_machine_as_test(Model, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


# Over real sockets


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The daemon's state, in this process."""
    return Service(tmp_path / "s.sock", tmp_path / "cache", 0, 0.0)


class Kernel:
    """A kernel's end of a socket: blocking, used in threads."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._connection = Connection(Lane.TAGGED)

    async def send(self, *messages: Message) -> None:
        data = b"".join(self._connection.request(message)[1] for message in messages)
        await asyncio.to_thread(self._sock.sendall, data)

    async def receive(self, number: int) -> list[tuple[Tag, Message]]:
        """The next `number` messages."""
        return await asyncio.to_thread(self._receive, number)

    def _receive(self, number: int) -> list[tuple[Tag, Message]]:
        found: list[tuple[Tag, Message]] = []
        while len(found) < number:
            event = self._connection.next_event()
            if event is None:
                data = self._sock.recv(50_000)
                assert data, f"the connection ended after {found}"
                self._connection.receive(data)
            else:
                assert isinstance(event, Received)
                found.append((event.tag, event.message))
        return found

    async def register(self, host: str = "k") -> int:
        await self.send(RegisterHost(host))
        [(tag, reply)] = await self.receive(1)
        assert tag.id > 0
        assert isinstance(reply, HostRegistered)
        return reply.session


def pipe_of(service: Service, host: str = "k") -> HostPipe:
    pipe = service.jobs.hosts.find(host)
    assert pipe is not None
    return pipe


def test_large_replies_and_pushes_at_the_same_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row H1: every frame is whole, error replies included, and commands keep their order."""

    async def long_answer(caller: Caller, request: Message, number: int) -> Message:
        await asyncio.sleep(0)
        return Error("large", "y" * 300_000)

    monkeypatch.setitem(TABLE, Ping, long_answer)

    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            kernel = Kernel(sock)
            await kernel.register()
            pipe = pipe_of(service)
            asking = asyncio.create_task(kernel.send(*[Ping()] * 40))
            reading = asyncio.create_task(all_of(kernel))
            for number in range(50):
                pipe.command(run(number))
                pipe.event(pipe.session, told(number))  # dropped while a reply waits to be read
                await asyncio.sleep(0.002)
            await asking
            replies, commands = await reading
        assert replies == [Error("large", "y" * 300_000)] * 40
        assert commands == runs(range(50))

    async def all_of(kernel: Kernel) -> tuple[list[Message], list[Message]]:
        replies: list[Message] = []
        commands: list[Message] = []
        while len(replies) < 40 or len(commands) < 50:
            [(tag, message)] = await kernel.receive(1)
            if tag.id:
                replies.append(message)
            elif isinstance(message, RunVariant):
                commands.append(message)
        return replies, commands

    asyncio.run(main())


def test_a_kernel_that_comes_back_gets_the_latest_sixty_four_behind_the_reply(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            before = await Kernel(sock).register()
            pipe = pipe_of(service)
        await settled(lambda: pipe.away_since is not None)
        for number in range(BUFFERED + 10):
            pipe.command(run(number))
        async with hosted(service, Peers(9, 9)) as (_, sock):
            kernel = Kernel(sock)
            assert await kernel.register() > before
            found = await kernel.receive(BUFFERED)
            assert found == [(PUSHED, message) for message in runs(range(10, BUFFERED + 10))]

    asyncio.run(main())


def test_who_does_not_read_delays_nobody_and_costs_no_memory(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (peer, deaf), hosted(service, Peers(9, 9)) as (_, other):
            kernel = Kernel(deaf)
            session = await kernel.register()
            pipe = pipe_of(service)
            large = JobEnded(JobState(id="x" * 100_000))
            for _ in range(100):
                pipe.event(session, large)
            assert not peer.writable
            assert peer._transport is not None
            assert peer._transport.get_write_buffer_size() < 200_000, "ten million bytes were told"
            assert pipe.command(run(1)) is Delivery.KEPT
            neighbour = Kernel(other)
            await neighbour.send(Ping())
            assert len(await neighbour.receive(1)) == 1
            while (latest := (await kernel.receive(1))[0][1]) == large:
                pass
            assert latest == run(1)

    asyncio.run(main())


def test_a_newer_connection_takes_over(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, older), hosted(service, Peers(9, 9)) as (_, newer):
            first, second = Kernel(older), Kernel(newer)
            stale = await first.register()
            fresh = await second.register()
            pipe = pipe_of(service)
            with pytest.raises(StaleSession):
                pipe.event(stale, told(1))
            pipe.event(fresh, told(2))
            assert await second.receive(1) == [(PUSHED, told(2))]
            await first.send(Ping())
            assert (await first.receive(1))[0][0].id > 0, "nothing but the reply"

    asyncio.run(main())


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_of_another_length_is_refused(service: Service, name: str) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            kernel = Kernel(sock)
            await kernel.send(RegisterHost(name))
            [(_, reply)] = await kernel.receive(1)
            assert isinstance(reply, Error)
            assert "1 to 200 characters" in reply.message

    asyncio.run(main())


def test_one_connection_is_one_host(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, sock):
            kernel = Kernel(sock)
            await kernel.register("one")
            assert await kernel.register("one") == 2, "once more under the same name is a new registration"
            await kernel.send(RegisterHost("two"))
            [(_, reply)] = await kernel.receive(1)
            assert isinstance(reply, Error)
            assert reply.code == "usage"

    asyncio.run(main())


def test_health_is_told_as_often_as_asked_for_and_not_to_the_one_before(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (_, older), hosted(service, Peers(9, 9)) as (_, newer):
            first, second = Kernel(older), Kernel(newer)
            for kernel in (first, second):
                await kernel.send(RegisterHost("k", 1))
                found = await kernel.receive(3)
                kinds = [type(message).__name__ for _, message in found]
                assert kinds == ["HostRegistered", "Health", "Health"]
            await first.send(Ping())
            [(tag, _)] = await first.receive(1)
            assert tag.id > 0

    asyncio.run(main())


def test_a_host_alone_is_idle_and_gives_way_when_connections_are_short(service: Service) -> None:
    async def main() -> None:
        async with hosted(service, Peers(9, 9)) as (peer, sock):
            await Kernel(sock).register()
            await settled(lambda: peer.idle)
            assert service.lifecycle.in_flight == 0

    asyncio.run(main())
