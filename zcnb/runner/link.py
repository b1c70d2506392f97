"""The daemon's end of a connection to a runner: requests out, their outcomes back to whoever waits.

Rules. Ids of requests and jobs of outcomes are checked. What breaks them, an
outcome without an id included, ends this connection, and with it every request
on it: whose outcome it was cannot be told. An outcome that nobody waits for any
more is ignored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from zcnb.errors import ProtocolError
from zcnb.runner.frames import Inbox, Said, frame_of

OUTCOMES = frozenset({"done", "failed", "cancelled"})


class Lost(Exception):
    """The connection ended before the outcome was there; `str()` is why, as far as that is known."""


class Link(asyncio.Protocol):
    """One connection. Used from the event loop only."""

    def __init__(self) -> None:
        self._inbox = Inbox()
        self._transport: asyncio.Transport | None = None
        self._last = 0
        self._waiting: dict[int, tuple[int, asyncio.Future[Said]]] = {}
        self._given_up: set[int] = set()
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[int] = loop.create_future()
        """The runner's pid, once it has said that it is ready; `Lost` if it never was."""
        self.lost: asyncio.Future[str] = loop.create_future()
        """Why the connection ended, once it has."""
        self.unanswered = 0
        """Pings since the runner last said anything."""

    @property
    def pending(self) -> int:
        """Requests whose outcome somebody waits for."""
        return len(self._waiting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.unanswered = 0
        try:
            for said in self._inbox.take(data):
                self._take(said)
        except ProtocolError as error:
            self.close(str(error))

    def connection_lost(self, error: Exception | None) -> None:
        self.close(str(error) if error else "it hung up")

    def greet(self, secret: bytes) -> None:
        """The first words on every connection."""
        self._write(frame_of("hello", fields={"secret": secret}))

    def request(self, job: int, fields: Mapping[str, object]) -> tuple[int, asyncio.Future[Said]]:
        """Have a tool run: the request's id, and its outcome or `Lost`. Raises `Lost` if the connection ended
        before, and `ProtocolError` for a job that is too large for a frame."""
        if self.lost.done():
            raise Lost(self.lost.result())
        self._last += 1
        self._write(frame_of("run", self._last, job, fields))
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = job, answer
        return self._last, answer

    def cancel(self, number: int) -> None:
        """Have the tool of a request killed. Its outcome comes once it is gone."""
        self._write(frame_of("cancel", number))

    def give_up(self, number: int) -> None:
        """Nobody waits for the outcome of `number` any more."""
        if self._waiting.pop(number, None) is not None:
            self._given_up.add(number)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.unanswered += 1
        self._write(frame_of("ping"))

    def close(self, why: str) -> None:
        """End the connection; everybody who waits is told. Calling it again does nothing."""
        if self.lost.done():
            return
        self.lost.set_result(why)
        if self._transport is not None:
            self._transport.abort()
        if not self.ready.done():
            self.ready.set_exception(Lost(why))
            self.ready.exception()  # whoever started it may have gone: nobody need look at it
        waiting, self._waiting = self._waiting, {}
        for _, answer in waiting.values():
            if not answer.done():
                answer.set_exception(Lost(why))
                answer.exception()

    def _write(self, frame: bytes) -> None:
        if self._transport is not None and not self.lost.done():
            self._transport.write(frame)

    def _take(self, said: Said) -> None:
        if said.kind == "ready" and not self.ready.done() and isinstance(said.fields.get("pid"), int):
            self.ready.set_result(said.fields["pid"])
        elif said.kind in OUTCOMES:
            self._settle(said)
        elif said.kind != "pong":
            raise ProtocolError(f"a runner said {said.kind!r}")

    def _settle(self, said: Said) -> None:
        if said.id in self._given_up:
            self._given_up.remove(said.id)
            return
        job, answer = self._waiting.pop(said.id, (0, None))
        if answer is None:
            raise ProtocolError(f"an outcome for request {said.id}, which was not made")
        if said.job != job:
            self._waiting[said.id] = job, answer  # it is lost like the others
            raise ProtocolError(f"an outcome of job {said.job} for request {said.id}, which was for job {job}")
        if not answer.done():
            answer.set_result(said)
