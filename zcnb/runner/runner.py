"""One runner, as the pool sees it: started when it is needed, asked, watched, and ended with all it started."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Mapping
from typing import Any

from zcnb import vitals
from zcnb.errors import RunnerError
from zcnb.runner.assign import Seat, after_timeout, is_stuck
from zcnb.runner.frames import Said
from zcnb.runner.link import Link, Lost
from zcnb.runner.process import Source

PING_S = 1.0
"""Between two signs of life that a runner with work is asked for."""

CANCEL_S = 2.0
"""Until a runner has killed one tool; then it is ended itself."""


async def _seen_through(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` to its end, also when whoever waits for it is cancelled meanwhile, and then let him be."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


class Late(Exception):
    """The time for a job is over, and its tool is gone. (`TimeoutError` is an `OSError`, which a tool may raise.)"""


class Runner:
    """Used from the event loop only. Once it has ended, another takes its place."""

    def __init__(self, source: Source, room: int, idle: float) -> None:
        self._source, self._room, self._idle = source, room, idle
        self._starting: asyncio.Task[Link] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._idling: asyncio.TimerHandle | None = None
        self.busy = 0
        """Tools that take a slot."""

    @property
    def ended(self) -> bool:
        """Whether another must take its place."""
        return self._ending is not None

    @property
    def up(self) -> bool:
        """Whether it is started, or being started."""
        return self._starting is not None and not self.ended

    @property
    def seat(self) -> Seat:
        """What counts when a request is given out."""
        return Seat(self._room, self.busy, self.up)

    async def ready(self) -> Link:
        """The connection to it, started if need be. Raises `RunnerError`."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        # Shielded: who goes away must not stop the start for the others.
        return await asyncio.shield(self._starting)

    async def run(self, job: int, fields: Mapping[str, object], seconds: float) -> Said:
        """The outcome of a job, its tool gone. When cancelled, the tool is killed first.

        Raises `Late` after `seconds`, `RunnerError` if it cannot be started, `Lost` if it was lost, with all
        that it started gone, and `ProtocolError` for a job that is too large.
        """
        link = await self.ready()
        try:
            number, answer = link.request(job, fields)
            self._busy_with(link)
            try:
                done, _ = await asyncio.wait({answer}, timeout=None if seconds == math.inf else max(0.0, seconds))
            except asyncio.CancelledError:
                await _seen_through(self._stop(link, number, answer))
                raise
            if not done:
                others = link.pending - 1
                await _seen_through(self.end() if after_timeout(others) == "end" else self._stop(link, number, answer))
                raise Late
            said = answer.result()
            if said.kind == "cancelled":
                raise Lost("it was told to end")  # not by us
            return said
        except Lost:
            await self.end()
            raise
        finally:
            self._rest(link)

    async def end(self, grace: float = 0.0) -> None:
        """End it and all it started; who waits for it is told `Lost`. Calling it again waits for the same end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(grace))
        await asyncio.shield(self._ending)

    async def _start(self) -> Link:
        try:
            link = await self._source.open()
        except RunnerError:
            self._gone()
            raise
        link.lost.add_done_callback(lambda _: self._gone())
        return link

    def _gone(self) -> None:
        """Begin to end it; if the connection ended by itself, what the runner left is still to be ended."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(0))

    async def _end(self, grace: float) -> None:
        if self._idling is not None:
            self._idling.cancel()
        if self._starting is not None:
            await self._source.end(grace)
            (link,) = await asyncio.gather(self._starting, return_exceptions=True)
            await self._source.end(0)  # it may have been just starting
            if isinstance(link, Link):
                link.close("it was ended")

    async def _stop(self, link: Link, number: int, answer: asyncio.Future[Said]) -> None:
        """Have one tool killed, and wait until it is gone; if that cannot be had, all of the runner goes."""
        link.cancel(number)
        done, _ = await asyncio.wait({answer}, timeout=CANCEL_S)
        link.give_up(number)
        if not done or link.lost.done():
            await self.end()

    def _busy_with(self, link: Link) -> None:
        if self._idling is not None:
            self._idling.cancel()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(link))

    def _rest(self, link: Link) -> None:
        if link.pending:
            return
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self._idle and not self.ended:
            self._idling = asyncio.get_running_loop().call_later(self._idle, self._idled)

    def _idled(self) -> None:
        if not self.busy:
            self._gone()

    async def _watch(self, link: Link) -> None:
        """End a runner that has work and is stuck."""
        pid = link.ready.result()
        before = vitals.activity(pid)
        while link.pending:
            await asyncio.sleep(PING_S)
            now = vitals.activity(pid)
            if is_stuck(link.unanswered, moved=now != before, at_work=vitals.at_work(pid)):
                self._gone()
                return
            before = now
            link.ping()
