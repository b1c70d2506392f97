"""Named pipes in memory: instances, clients, and a script of failures. What Windows would do, without Windows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from zcnb.transport.base import CHUNK
from zcnb.transport.pipe_api import (
    ACCESS_DENIED,
    BROKEN_PIPE,
    FILE_NOT_FOUND,
    NO_DATA,
    PIPE_BUSY,
    Arrival,
    Handle,
    PipeApi,
    PipeError,
)

ME = "S-1-5-21-1-1001"
SOMEBODY_ELSE = "S-1-5-21-1-1002"
NO_RESOURCES = 1450
INVALID_HANDLE = 6
EVER = 10**9
"""As a count: always."""

QUOTA = 64 * 1024
"""Bytes that one direction holds; a write waits for room."""


class ScriptedTime:
    """A clock that only sleeping moves. `during` runs in each sleep, with the pauses so far."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.during: Callable[[list[float]], None] = lambda slept: None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.during(self.slept)

    def clock(self) -> float:
        return self.now

    def milliseconds(self) -> list[int]:
        """The pauses so far, which are then forgotten."""
        slept, self.slept = self.slept, []
        return [round(seconds * 1000) for seconds in slept]


@dataclass(eq=False)
class _Channel:
    """One direction."""

    messages: deque[bytes] = field(default_factory=deque)
    writer_gone: bool = False
    reader_gone: bool = False

    def size(self) -> int:
        return sum(map(len, self.messages))


@dataclass(eq=False)
class _End:
    """What is behind a handle."""

    name: str
    owner: str
    incoming: _Channel
    outgoing: _Channel
    is_instance: bool
    is_waiting: bool = False


class ScriptedPipes(PipeApi):
    """One machine's pipes, seen by the user `me`. The counts say how many of the next operations fail."""

    def __init__(self) -> None:
        self.me = ME
        self.failing_creates = 0
        self.failing_connects = 0
        """A waiting instance fails as if its client came to grief half-way."""
        self.busy = 0
        """Opens that find no instance, though some are waiting."""
        self.open_error: PipeError | None = None
        self.owner_error: PipeError | None = None
        self.wait_error: PipeError | None = None
        self.faults: dict[Handle, PipeError] = {}
        """Of reads and writes."""
        self.made: list[bool] = []
        """Each create that worked: whether it was asked to be the first."""
        self.opens = 0
        self._ends: dict[Handle, _End] = {}
        self._last = 0
        self._changed = threading.Condition()

    def waiting(self) -> int:
        """Instances that a client could open."""
        with self._changed:
            return sum(end.is_waiting for end in self._ends.values())

    def handles(self) -> int:
        """All that is open: 0 at the end, or something leaks."""
        with self._changed:
            return len(self._ends)

    def wait_until_one_waits(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(end.is_waiting for end in self._ends.values()), 30)

    def say_nothing(self, handle: Handle) -> None:
        """An empty message, as a foreign peer may write one."""
        with self._changed:
            self._ends[handle].outgoing.messages.append(b"")
            self._changed.notify_all()

    def create(self, name: str, *, first: bool) -> Handle:
        with self._changed:
            if self.failing_creates:
                self.failing_creates -= 1
                raise PipeError(NO_RESOURCES, "no resources")
            owners = [end.owner for end in self._ends.values() if end.is_instance and end.name == name]
            if owners and (first or owners[0] != self.me):
                raise PipeError(ACCESS_DENIED, "access denied")
            self.made.append(first)
            owner = owners[0] if owners else self.me
            return self._add(_End(name, owner, _Channel(), _Channel(), is_instance=True, is_waiting=True))

    def _add(self, end: _End) -> Handle:
        self._last += 1
        self._ends[self._last] = end
        self._changed.notify_all()
        return self._last

    def wait_for_client(self, instances: Collection[Handle], timeout: float | None) -> Arrival | None:
        assert instances, "nothing to wait for"
        with self._changed:
            if self.wait_error:
                raise self.wait_error
            if self.failing_connects:
                self.failing_connects -= 1
                failed = next(iter(instances))
                self._ends[failed].is_waiting = False
                return Arrival(failed, PipeError(NO_DATA, "the client has left"))
            ends = {handle: self._ends[handle] for handle in instances}
            self._changed.wait_for(lambda: not all(end.is_waiting for end in ends.values()), timeout)
            taken = [handle for handle, end in ends.items() if not end.is_waiting]
            return Arrival(taken[0]) if taken else None

    def open(self, name: str) -> Handle:
        with self._changed:
            self.opens += 1
            if self.open_error:
                raise self.open_error
            instances = [end for end in self._ends.values() if end.is_instance and end.name == name]
            if not instances:
                raise PipeError(FILE_NOT_FOUND, "no such file")
            free = [end for end in instances if end.is_waiting]
            if self.busy or not free:
                self.busy = max(self.busy - 1, 0)
                raise PipeError(PIPE_BUSY, "all pipe instances are busy")
            free[0].is_waiting = False
            return self._add(_End(name, free[0].owner, free[0].outgoing, free[0].incoming, is_instance=False))

    def owner(self, handle: Handle) -> str:
        if self.owner_error:
            raise self.owner_error
        return self._end(handle).owner

    def user(self) -> str:
        return self.me

    def _end(self, handle: Handle) -> _End:
        """Raises the scripted fault of `handle`, or "invalid" if it is closed."""
        if handle in self.faults:
            raise self.faults[handle]
        if handle not in self._ends:
            raise PipeError(INVALID_HANDLE, "the handle is invalid")
        return self._ends[handle]

    def read(self, handle: Handle, timeout: float | None) -> bytes | None:
        with self._changed:
            channel = self._end(handle).incoming
            if not self._changed.wait_for(lambda: channel.messages or channel.writer_gone, timeout):
                return None
            if not channel.messages:
                raise PipeError(BROKEN_PIPE, "the pipe has been ended")
            message = channel.messages.popleft()
            if len(message) > CHUNK:
                channel.messages.appendleft(message[CHUNK:])
            self._changed.notify_all()
            return message[:CHUNK]

    def write(self, handle: Handle, data: memoryview) -> None:
        assert 0 < len(data) <= CHUNK, "an empty or too large write"
        with self._changed:
            channel = self._end(handle).outgoing
            self._changed.wait_for(lambda: channel.reader_gone or channel.size() + len(data) <= QUOTA)
            if channel.reader_gone:
                raise PipeError(NO_DATA, "the pipe is being closed")
            channel.messages.append(bytes(data))
            self._changed.notify_all()

    def close(self, handle: Handle) -> None:
        with self._changed:
            end = self._ends.pop(handle)  # a KeyError is a handle closed twice: by then it may be somebody else's
            end.outgoing.writer_gone = end.incoming.reader_gone = True
            self._changed.notify_all()
