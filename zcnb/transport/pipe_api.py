"""The few operations on named pipes that `transport.windows` needs of the operating system.

`transport.win32.Win32Api` is the real one; `tests/transport/scripted_pipes.py` has one in memory whose
script can inject failures.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

Handle = int
"""One end of a pipe: an instance (the server's) or a client's end. A number that may be used again once closed."""

FILE_NOT_FOUND = 2
ACCESS_DENIED = 5
BROKEN_PIPE = 109
PIPE_BUSY = 231
NO_DATA = 232
PIPE_NOT_CONNECTED = 233
OPERATION_ABORTED = 995

PEER_GONE = frozenset({BROKEN_PIPE, NO_DATA, PIPE_NOT_CONNECTED})
"""How Windows says that the other end was closed: which of the three depends on the moment."""


class PipeError(Exception):
    """A refusal by the operating system, `code` being Win32's number for it.

    Never leaves `zcnb.transport`: `transport.windows` translates it.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} (Windows error {code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Arrival:
    """What happened to one waiting instance: a client, or `failure` instead of one."""

    handle: Handle
    failure: PipeError | None = None


class PipeApi(ABC):
    """Named pipes that carry bytes both ways. Operations on different handles may run in different threads."""

    @abstractmethod
    def create(self, name: str, *, first: bool) -> Handle:
        """A further instance of the pipe `name` that a client can open at once, for this user alone.

        With `first` there must be none of that name yet. Raises `PipeError`: `ACCESS_DENIED` if the name is taken.
        """

    @abstractmethod
    def wait_for_client(self, instances: Collection[Handle], timeout: float | None) -> Arrival | None:
        """The first of `instances` (at least one) that a client opened, or that failed; `None` if none did within
        `timeout` seconds (`None` waits for ever). Raises `PipeError` if waiting itself fails."""

    @abstractmethod
    def open(self, name: str) -> Handle:
        """A client's end of a waiting instance. Never waits.

        Raises `PipeError`: `FILE_NOT_FOUND` if there is no such pipe, `PIPE_BUSY` if no instance is waiting,
        `ACCESS_DENIED` if it is not for this user.
        """

    @abstractmethod
    def owner(self, handle: Handle) -> str:
        """The user who made the pipe, as a SID. Raises `PipeError`."""

    @abstractmethod
    def user(self) -> str:
        """The user of this process, as a SID. Raises `PipeError`."""

    @abstractmethod
    def read(self, handle: Handle, timeout: float | None) -> bytes | None:
        """What has come, at most `CHUNK` bytes; `b""` if the peer wrote nothing at all (which is no end); `None` if
        nothing came within `timeout` seconds, and then nothing is lost. Raises `PipeError`: one of `PEER_GONE`
        once the peer has closed and all it wrote has been read."""

    @abstractmethod
    def write(self, handle: Handle, data: memoryview) -> None:
        """Write all of `data`, waiting for room. Raises `PipeError`: one of `PEER_GONE` if the peer has closed."""

    @abstractmethod
    def close(self, handle: Handle) -> None:
        """Give up this end; what it wrote stays readable for the peer. Raises nothing."""
