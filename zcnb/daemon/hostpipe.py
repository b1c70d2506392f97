"""What the daemon says to a kernel unasked. Sans-I/O: it writes through a `Writer`, and is told the time.

Rules. *Events* tell something; who is away, or does not read, does not get them. *Commands* ask for something;
they go in the order in which they were given, and wait while the kernel is away: `BUFFERED` of them, for `AWAY_S`.
One queue holds all commands, so nothing overtakes what waits, whoever writes. A registration has a number, higher
than all before; who holds an older one never writes into the new connection, because the check and the write are
one call on the event loop's thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import count
from typing import Protocol

from zcnb.wire.messages import Health, JobEnded, JobFailed, RunVariant, VariantBuilt

BUFFERED = 64
"""Commands that wait for a kernel that is away (row H2)."""

AWAY_S = 30.0
"""How long they wait (row H3): a kernel's connection is made anew within milliseconds, or not at all."""

OVERFLOW = "host pipe backpressure overflow"
UNREACHABLE = "host unreachable"

Event = VariantBuilt | JobEnded | JobFailed | Health
Command = RunVariant
Lost = Callable[[Command, str], None]
"""Told of every command that will never be written, and why."""


class WriteFailed(Exception):
    """The connection is closed, or broke under this write."""


class StaleSession(Exception):
    """The sender's registration is not the latest one of its kernel."""


class HostNotConnected(Exception):
    """The kernel is away, or does not read."""


class Delivery(Enum):
    """What became of a command that was given to a pipe."""

    WRITTEN = "it is on its way"
    KEPT = "the kernel is away: it waits"
    FAILED = "its write failed: it waits, or went out through the connection that replaced the broken one"


class Writer(Protocol):
    """A kernel's connection."""

    @property
    def writable(self) -> bool:
        """Whether it takes something now: it is open, and its peer reads."""

    def write(self, message: Event | Command) -> None:
        """Write one whole frame. Raises `WriteFailed`."""


class HostPipe:
    """The way to one kernel. Invariant: while the kernel is away, `away_since` says since when."""

    def __init__(self, lost: Lost, numbers: Iterator[int], clock: Callable[[], float] = time.monotonic) -> None:
        self._lost, self._numbers, self._clock = lost, numbers, clock
        self._writer: Writer | None = None
        self._waiting: deque[Command] = deque()
        self._draining = False
        self.session = 0
        """The number of the latest registration."""
        self.away_since: float | None = clock()

    def __repr__(self) -> str:
        state = "here" if self._writer is not None else "away"
        return f"<HostPipe session {self.session}, {state}, {len(self._waiting)} commands wait>"

    @property
    def waiting(self) -> tuple[Command, ...]:
        """The commands that wait, the oldest first."""
        return tuple(self._waiting)

    def register(self, writer: Writer) -> int:
        """From now on write to `writer`; the registration's number. `drain` sends what waits, once the reply is out."""
        self._writer, self.away_since = writer, None
        self.session = next(self._numbers)
        return self.session

    def closed(self, session: int) -> None:
        """The connection of registration `session` ended."""
        if session == self.session:
            self._leave()

    def drain(self) -> bool:
        """Write what waits, in order, as far as the kernel takes it; whether no write failed."""
        if self._draining:
            return True  # a writer that calls back while it writes: who drains already goes on with the rest
        self._draining, sound = True, True
        try:
            while self._waiting and (writer := self._ready()) is not None:
                try:
                    writer.write(self._waiting[0])
                except WriteFailed:
                    self._broke(writer)
                    sound = False
                else:
                    self._waiting.popleft()
        finally:
            self._draining = False
        return sound

    def command(self, message: Command) -> Delivery:
        """Write `message` behind all that wait, now or once the kernel is back; beyond `BUFFERED`, lose the oldest."""
        self._waiting.append(message)
        if not self.drain():
            return Delivery.FAILED
        if not self._waiting:
            return Delivery.WRITTEN
        if len(self._waiting) > BUFFERED:
            self._lost(self._waiting.popleft(), OVERFLOW)
        return Delivery.KEPT

    def event(self, session: int, message: Event) -> None:
        """Write `message` if the kernel is there; else it is dropped. Raises `StaleSession`."""
        if session != self.session:
            raise StaleSession(session)
        try:
            self.send(message)
        except HostNotConnected:
            pass  # row H4

    def send(self, message: Event | Command) -> None:
        """Write `message` now, behind what waits. Raises `HostNotConnected`; then nothing was written or kept."""
        self.drain()
        writer = self._ready()
        if writer is None or self._waiting:
            raise HostNotConnected(self.session)
        try:
            writer.write(message)
        except WriteFailed as error:
            self._broke(writer)
            raise HostNotConnected(self.session) from error

    def purge(self, job: str) -> int:
        """Take the commands of `job` back, as it ended; how many there were."""
        kept = [message for message in self._waiting if message.job != job]
        gone = len(self._waiting) - len(kept)
        self._waiting = deque(kept)
        return gone

    def expire(self) -> bool:
        """Whether the kernel has been away for `AWAY_S`; what waits is lost then."""
        if self.away_since is None or self._clock() - self.away_since < AWAY_S:
            return False
        while self._waiting:
            self._lost(self._waiting.popleft(), UNREACHABLE)
        return True

    def _ready(self) -> Writer | None:
        return self._writer if self._writer is not None and self._writer.writable else None

    def _broke(self, writer: Writer) -> None:
        if self._writer is writer:  # else it was replaced while it failed
            self._leave()

    def _leave(self) -> None:
        self._writer = None
        self.away_since = self._clock()


class Hosts:
    """All kernels that registered, by the names that they chose; one that stayed away too long is forgotten."""

    def __init__(self, lost: Lost, gone: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """`gone` is told the name of a kernel that is not waited for any longer, after `lost` of its commands."""
        self._lost, self._gone, self._clock = lost, gone, clock
        self._pipes: dict[str, HostPipe] = {}
        self._numbers = count(1)

    def __repr__(self) -> str:
        return f"<Hosts {self._pipes!r}>"

    def register(self, host: str, writer: Writer) -> HostPipe:
        """The pipe of `host`, whose connection is `writer` from now on."""
        pipe = self._pipes.get(host)
        if pipe is None:
            pipe = self._pipes[host] = HostPipe(self._lost, self._numbers, self._clock)
        pipe.register(writer)
        return pipe

    def find(self, host: str) -> HostPipe | None:
        """The pipe of `host`; `None` if it never registered, or was forgotten."""
        return self._pipes.get(host)

    def expire(self) -> None:
        """Forget the kernels that have been away for `AWAY_S`. Called every second or so."""
        for host, pipe in list(self._pipes.items()):
            if pipe.expire():
                del self._pipes[host]
                self._gone(host)
