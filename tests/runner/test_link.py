"""The daemon's end of a connection: whose outcome is it, and what if that cannot be told?"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from zcnb.errors import ProtocolError
from zcnb.runner.frames import Inbox, Said, frame_of
from zcnb.runner.link import Link, Lost

Story = Callable[[Link, socket.socket], Coroutine[Any, Any, None]]


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Link, socket.socket]]:
    """A link, and the socket that a runner would have."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    _, link = await asyncio.get_running_loop().create_unix_connection(Link, sock=ours)
    try:
        yield link, theirs
    finally:
        link.close("the test is over")
        theirs.close()
        await asyncio.sleep(0)


def told(story: Story) -> None:
    async def main() -> None:
        async with linked() as (link, theirs), asyncio.timeout(20):
            await story(link, theirs)

    asyncio.run(main())


def heard(theirs: socket.socket, count: int) -> list[Said]:
    inbox, found = Inbox(), list[Said]()
    while len(found) < count:
        found += inbox.take(theirs.recv(65536))
    return found


def test_outcomes_find_their_requests_in_any_order() -> None:
    async def story(link: Link, theirs: socket.socket) -> None:
        requests = [link.request(10 + n, {}) for n in range(3)]
        assert [said.id for said in await asyncio.to_thread(heard, theirs, 3)] == [1, 2, 3]
        assert link.pending == 3
        for number in (3, 1, 2):
            theirs.sendall(frame_of("done", number, 9 + number, {"exit_code": number}))
        found = [await answer for _, answer in requests]
        assert [said.fields["exit_code"] for said in found] == [1, 2, 3]
        assert link.pending == 0

    told(story)


@pytest.mark.parametrize("pending", [1, 3])
@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (frame_of("done", 0, 0), "request 0, which was not made"),
        (frame_of("done", 77, 10), "request 77, which was not made"),
        (frame_of("done", 1, 99), "job 99 for request 1, which was for job 10"),
        (frame_of("sing"), "a runner said 'sing'"),
        (b"\0" * 8, ""),
    ],
    ids=["no id", "another id", "another job", "another kind", "garbage"],
)
def test_an_outcome_that_is_nobodys_fails_all_who_wait(pending: int, outcome: bytes, why: str) -> None:
    """Row R1: the one pending request if there is one, or all of them."""

    async def story(link: Link, theirs: socket.socket) -> None:
        answers = [link.request(10 + n, {})[1] for n in range(pending)]
        theirs.sendall(outcome)
        for answer in answers:
            with pytest.raises(Lost) as caught:
                await answer
            assert why in str(caught.value)
        assert link.lost.done()
        with pytest.raises(Lost):
            link.request(20, {})

    told(story)


def test_a_runner_that_hangs_up_is_lost() -> None:
    async def story(link: Link, theirs: socket.socket) -> None:
        _, answer = link.request(1, {})
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(Lost, match="it hung up"):
            await answer
        with pytest.raises(Lost):
            await link.ready

    told(story)


def test_a_late_outcome_is_ignored_once() -> None:
    async def story(link: Link, theirs: socket.socket) -> None:
        number, _ = link.request(1, {})
        link.give_up(number)
        assert link.pending == 0
        _, answer = link.request(2, {})
        theirs.sendall(frame_of("done", number, 1) + frame_of("done", 2, 2))
        assert (await answer).id == 2
        theirs.sendall(frame_of("done", number, 1))
        assert "which was not made" in await link.lost

    told(story)


def test_a_job_that_is_too_large_harms_nobody_else() -> None:
    async def story(link: Link, theirs: socket.socket) -> None:
        with pytest.raises(ProtocolError, match="over the limit"):
            link.request(1, {"stdin": bytes(17 << 20)})
        assert link.pending == 0
        number, answer = link.request(2, {})
        theirs.sendall(frame_of("done", number, 2))
        assert (await answer).kind == "done"

    told(story)


def test_pings_are_counted_until_something_is_heard() -> None:
    async def story(link: Link, theirs: socket.socket) -> None:
        link.ping()
        link.ping()
        assert link.unanswered == 2
        theirs.sendall(frame_of("pong"))
        while link.unanswered:
            await asyncio.sleep(0.001)
        assert not link.lost.done()

    told(story)
