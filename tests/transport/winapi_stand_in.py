"""A stand-in for CPython's `_winapi`, as far as `transport.win32` uses it: overlapped pipes in memory.

It knows what the documentation says, so it proves the bookkeeping of `Win32Api`, not that Windows agrees.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

QUOTA = 64 * 1024
"""Bytes that one direction holds before a write stays pending."""

ACCESS_DENIED, FILE_NOT_FOUND, INVALID_HANDLE = 5, 2, 6
BROKEN_PIPE, PIPE_BUSY, NO_DATA = 109, 231, 232
OPERATION_ABORTED, IO_PENDING = 995, 997
WAIT_TIMEOUT = 258
FIRST_PIPE_INSTANCE = 0x80000


class WindowsError(OSError):
    """An `OSError` as Windows has them."""

    def __init__(self, winerror: int) -> None:
        super().__init__(22, f"refusal {winerror}")
        self.winerror = winerror


class Operation:
    """`_winapi.Overlapped`."""

    def __init__(self, kernel: StandIn, data: bytes = b"") -> None:
        self._kernel = kernel
        self.event = id(self)
        self.data = data
        self.code = IO_PENDING
        self.collected = False
        """Whether Windows is known to have let go of the operation's memory."""
        kernel.operations.append(self)

    def finish(self, code: int, data: bytes = b"") -> None:
        self.code, self.data = code, data or self.data
        self._kernel.changed.notify_all()

    def GetOverlappedResult(self, wait: bool) -> tuple[int, int]:  # noqa: N802
        with self._kernel.changed:
            assert self._kernel.changed.wait_for(lambda: self.code != IO_PENDING or not wait, 30)
            self.collected = self.code != IO_PENDING
            if self.code not in (0, OPERATION_ABORTED, IO_PENDING):
                raise WindowsError(self.code)
            return len(self.data), self.code

    def getbuffer(self) -> bytes:
        assert self.collected, "ValueError in CPython"
        return self.data

    def cancel(self) -> None:
        with self._kernel.changed:
            if self.code == IO_PENDING:
                self.finish(OPERATION_ABORTED)


@dataclass(eq=False)
class End:
    """What is behind a handle."""

    name: str
    is_instance: bool
    peer: End | None = None
    had_client: bool = False
    connecting: Operation | None = None
    arrived: deque[bytes] = field(default_factory=deque)
    reads: deque[Operation] = field(default_factory=deque)
    writes: deque[Operation] = field(default_factory=deque)
    """The peer's, waiting for room here."""

    def pending(self) -> list[Operation]:
        own = [*self.reads, *([self.connecting] if self.connecting else [])]
        return [operation for operation in own if operation.code == IO_PENDING]

    def settle(self) -> None:
        """Let waiting reads and writes go as far as they can."""
        while self.arrived and self.reads:
            read = self.reads.popleft()
            if read.code == IO_PENDING:
                read.finish(0, self.arrived.popleft())
        while self.writes and sum(map(len, self.arrived)) <= QUOTA:
            self.writes.popleft().finish(0)
        if self.peer is None and not self.arrived:
            while self.reads:
                read = self.reads.popleft()
                if read.code == IO_PENDING:
                    read.finish(BROKEN_PIPE)


class StandIn:
    """The module `_winapi`. Names and arguments are those of CPython."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.operations: list[Operation] = []
        self.calls: list[tuple[object, ...]] = []
        self.before_connect: Callable[[], None] = lambda: None
        """Runs between the creation of an instance and its `ConnectNamedPipe`."""
        self.interrupts: deque[BaseException] = deque()
        """Raised by the next waits: Ctrl-C."""
        self._ends: dict[int, End] = {}
        self._last = 100

    def end(self, handle: int) -> End:
        if handle not in self._ends:
            raise WindowsError(INVALID_HANDLE)
        return self._ends[handle]

    def handles(self) -> int:
        return len(self._ends)

    def _add(self, end: End) -> int:
        self._last += 4
        self._ends[self._last] = end
        return self._last

    def CreateNamedPipe(self, name: str, open_mode: int, *others: int) -> int:  # noqa: N802
        with self.changed:
            self.calls.append(("CreateNamedPipe", name, open_mode, *others))
            taken = any(end.is_instance and end.name == name for end in self._ends.values())
            if taken and open_mode & FIRST_PIPE_INSTANCE:
                raise WindowsError(ACCESS_DENIED)
            return self._add(End(name, is_instance=True))

    def ConnectNamedPipe(self, handle: int, overlapped: bool) -> Operation:  # noqa: N802
        assert overlapped
        self.before_connect()
        with self.changed:
            end = self.end(handle)
            if end.had_client and end.peer is None:
                raise WindowsError(NO_DATA)
            end.connecting = Operation(self)
            if end.had_client:
                end.connecting.finish(0)
            return end.connecting

    def CreateFile(self, name: str, *others: int) -> int:  # noqa: N802
        with self.changed:
            self.calls.append(("CreateFile", name, *others))
            instances = [end for end in self._ends.values() if end.is_instance and end.name == name]
            if not instances:
                raise WindowsError(FILE_NOT_FOUND)
            free = [end for end in instances if not end.had_client]
            if not free:
                raise WindowsError(PIPE_BUSY)
            client = End(name, is_instance=False, peer=free[0])
            free[0].peer, free[0].had_client = client, True
            if free[0].connecting:
                free[0].connecting.finish(0)
            return self._add(client)

    def ReadFile(self, handle: int, size: int, overlapped: bool) -> tuple[Operation, int]:  # noqa: N802
        assert overlapped
        with self.changed:
            end = self.end(handle)
            if not end.arrived and end.peer is None:
                raise WindowsError(BROKEN_PIPE)
            assert not end.pending(), "two reads at once"
            operation = Operation(self)
            end.reads.append(operation)
            end.settle()
            return operation, operation.code

    def WriteFile(self, handle: int, data: memoryview, overlapped: bool) -> tuple[Operation, int]:  # noqa: N802
        assert overlapped
        with self.changed:
            peer = self.end(handle).peer
            if peer is None:
                raise WindowsError(NO_DATA)
            operation = Operation(self, bytes(data))
            peer.arrived.append(bytes(data))
            peer.writes.append(operation)
            peer.settle()
            return operation, operation.code

    def WaitForMultipleObjects(self, events: Sequence[int], wait_all: bool, milliseconds: int) -> int:  # noqa: N802
        assert not wait_all
        if len(events) >= 63:
            raise ValueError("need at most 63 handles")
        with self.changed:
            if self.interrupts:
                raise self.interrupts.popleft()
            seconds = None if milliseconds == 0xFFFFFFFF else milliseconds / 1000
            of = {operation.event: operation for operation in self.operations}
            self.changed.wait_for(lambda: any(of[event].code != IO_PENDING for event in events), seconds)
            done = [index for index, event in enumerate(events) if of[event].code != IO_PENDING]
            return done[0] if done else WAIT_TIMEOUT

    def CloseHandle(self, handle: int) -> None:  # noqa: N802
        with self.changed:
            end = self.end(handle)
            assert not end.pending(), "an operation outlives its handle"
            del self._ends[handle]
            for write in end.writes:
                write.finish(BROKEN_PIPE)
            if end.peer is not None:
                end.peer.peer = None
                end.peer.settle()
                end.peer = None


class NoSecurity:
    """Stands in for `win32.Security`."""

    user = "S-1-5-21-1-1001"
    attributes = 4711

    def owner(self, handle: int) -> str:
        return self.user
