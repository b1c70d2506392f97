"""When the daemon ends, and what it counts while it lives."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

DRAIN_S = 10.0
"""How long requests that are under way may still take once the daemon is to end."""

IDLE, SIGNAL, ENDPOINT_LOST = "idle", "signal", "endpoint lost"
REPLACED = "replaced by "
"""Why it ends; the last one is followed by the successor's version."""


@dataclass(slots=True)
class Health:
    """The daemon's age and its troubles. `note_error` keeps the latest few for `%zcnb status`."""

    started: float = field(default_factory=time.monotonic)
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=10))

    @property
    def uptime_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def note_error(self, text: str) -> None:
        """Remember one line, with the time of day."""
        self.errors.append(f"{time.strftime('%H:%M:%S')} {text}")


class Lifecycle:
    """Knows whether anything is going on, and says when it is time to end."""

    def __init__(self, idle_timeout: float) -> None:
        self._idle_timeout = idle_timeout
        self._ended = asyncio.Event()
        self._last = time.monotonic()
        self._busy = 0
        self._guards = 0
        self.answered = asyncio.Event()
        """The first request is done, whatever it was."""
        self.reason = ""
        """Why it ends; empty while it does not."""

    @property
    def ending(self) -> bool:
        """Whether new builds are refused."""
        return self._ended.is_set()

    @property
    def patient(self) -> bool:
        """Whether it ends in nobody's way, so that what is under way may take as long as it takes."""
        return self.reason == ENDPOINT_LOST or self.reason.startswith(REPLACED)

    @property
    def in_flight(self) -> int:
        """Requests, jobs and guarded programs under way."""
        return self._busy

    def begin(self, *, counts: bool = True, guard: bool = False) -> None:
        """Something starts. What does not count (a look at the daemon's health) keeps nobody alive."""
        if counts:
            self._busy += 1
            self._guards += guard
            self._last = time.monotonic()

    def finish(self, *, counts: bool = True, guard: bool = False) -> None:
        """Something ended."""
        self.answered.set()
        if counts:
            self._busy -= 1
            self._guards -= guard
            self._last = time.monotonic()

    def end(self, reason: str) -> None:
        """End soon. The first reason holds, but a signal always shortens the wait."""
        if not self.reason or reason == SIGNAL:
            self.reason = reason
        self._ended.set()

    async def wait(self) -> None:
        """Return when it is time to end: asked to, or idle for too long."""
        while not self._ended.is_set():
            left = self._idle_timeout - (time.monotonic() - self._last) if self._idle_timeout else 3600.0
            if self._idle_timeout and left <= 0 and self._busy == 0:
                self.end(IDLE)
                break
            try:
                async with asyncio.timeout(max(left, 0.05) if self._busy == 0 else 1.0):
                    await self._ended.wait()
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Wait until nothing is under way, `DRAIN_S` at most.

        A daemon that has a successor is in nobody's way: it takes as long as its builds take. A guarded
        program does not hold a replaced one: it may run for days.
        """
        begin = time.monotonic()
        while self._holding and (self.patient or time.monotonic() < begin + DRAIN_S):
            await asyncio.sleep(0.02)

    @property
    def _holding(self) -> int:
        return self._busy - self._guards if self.reason.startswith(REPLACED) else self._busy
