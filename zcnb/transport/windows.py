"""Windows named pipes: who waits, who retries, and for how long. What the operating system does is `PipeApi`.

Not yet run on Windows: `transport.win32.Win32Api`, the whole of it. All decisions in this module run in the tests
under a scripted `PipeApi`. The daemon's event loop does not serve a `PipeListener` yet, and a launcher cannot hand
one over; `zcnb.osdep` still refuses Windows, and with it all of zcnb but this package.

A listening Unix socket queues clients in its backlog. A named pipe has no backlog: a client needs an *instance* of
its own that waits for it, else the pipe is *busy*. So

- the listener keeps a pool of waiting instances, and makes a new one for each that a client took;
- an instance that cannot be made now is made at a later `accept`; with none left, `accept` tries until it has one;
- a client that finds the pipe busy tries again, with growing pauses.

A pipe has no file: there are no folders to make, and nothing stale stays behind. A name that has instances belongs
to whoever made the first one, and `listen` never joins it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from types import TracebackType

from zcnb.errors import ConnectionClosed, EndpointError, Timeout, TransportError, TransportIOError
from zcnb.transport.base import CHUNK, Stream
from zcnb.transport.pipe_api import (
    ACCESS_DENIED,
    FILE_NOT_FOUND,
    OPERATION_ABORTED,
    PEER_GONE,
    PIPE_BUSY,
    Handle,
    PipeApi,
    PipeError,
)
from zcnb.transport.win32 import Win32Api

PREFIX = "\\\\.\\pipe\\"
"""Where Windows keeps its named pipes."""

INSTANCES_PER_CORE = 4
FEWEST_INSTANCES = 16
MOST_INSTANCES = 128
"""Of the automatic pool: enough for a build that starts hundreds of compilers at once (the daemon then holds them back
in words, instead of Windows with "busy"), few enough to be made within the daemon's start."""

Sleep = Callable[[float], None]
Clock = Callable[[], float]


def doubling(first: float, longest: float) -> Iterator[float]:
    """Pauses in seconds, without end: each twice the one before, up to `longest`."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)


def creating() -> Iterator[float]:
    """The pauses between tries to make an instance: short, because a client waits meanwhile."""
    return doubling(0.005, 0.080)


REPLACEMENT_PAUSES = tuple(islice(creating(), 4))
"""Between the five tries to make a replacement. Only the emergency, which goes on trying, gets to 80 ms."""

BUSY_PAUSES = tuple(islice(doubling(0.010, 0.500), 50))
"""Between tries to open a busy pipe: 22.6 s together."""


def pool_size(asked: int, cores: int) -> int:
    """How many instances wait for clients: as many as asked for (`ZCNB_PIPE_POOL_SIZE`), else (0) by the cores."""
    return asked or min(max(INSTANCES_PER_CORE * cores, FEWEST_INSTANCES), MOST_INSTANCES)


def pipe_name(path: Path) -> str:
    """The pipe that stands for the endpoint `path`: the same for each spelling that Windows takes for the same.

    A path that is a pipe's name already stays as it is.
    """
    text = str(path)
    if text.startswith(PREFIX):
        return text
    return f"{PREFIX}zcnb-{hashlib.sha256(text.lower().encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class PipeStream(Stream):
    """A connected end of a pipe. It owns `handle`, which may also come from elsewhere (a launcher, a parent)."""

    def __init__(self, api: PipeApi, handle: Handle, *, clock: Clock = time.monotonic) -> None:
        self._api, self._handle, self._clock = api, handle, clock
        self._closed = False

    def send(self, data: bytes) -> None:
        """In pieces: Windows locks what one write carries in memory, and refuses large ones
        (ERROR_NO_SYSTEM_RESOURCES). An empty write would reach the peer as an empty message: it is left out."""
        self._check_open()
        try:
            for at in range(0, len(data), CHUNK):
                self._api.write(self._handle, memoryview(data)[at : at + CHUNK])
        except PipeError as error:
            raise _translated(error) from error

    def receive(self, timeout: float | None) -> bytes:
        self._check_open()
        deadline = None if timeout is None else self._clock() + timeout
        data: bytes | None = b""
        try:
            while data == b"":  # an empty message is neither data nor the end
                data = self._api.read(self._handle, _remaining(deadline, self._clock))
        except PipeError as error:
            if error.code in PEER_GONE:
                return b""
            raise _translated(error) from error
        if data is None:
            raise Timeout(timeout or 0.0)
        return data

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._api.close(self._handle)

    def _check_open(self) -> None:
        """The handle's number may be somebody else's by now."""
        if self._closed:
            raise ConnectionClosed("this end is closed")


def _translated(error: PipeError) -> TransportError:
    if error.code in PEER_GONE | {OPERATION_ABORTED}:
        return ConnectionClosed(f"the connection is closed: {error}")
    return TransportIOError(str(error))


def _remaining(deadline: float | None, clock: Clock) -> float | None:
    return None if deadline is None else max(deadline - clock(), 0.0)


class PipeListener:
    """A pool of waiting instances of one pipe. Not thread safe.

    The pool is below `size` only as long as Windows refuses to make instances; each `accept` fills it up.
    """

    def __init__(self, api: PipeApi, name: str, size: int, first: Handle, *, sleep: Sleep, clock: Clock) -> None:
        """Made by `listen`, with the `first` instance of `name`."""
        assert size >= 1, "a pool of nothing would never accept"
        self._api, self._name, self._size = api, name, size
        self._sleep, self._clock = sleep, clock
        self._pool: list[Handle] = [first]  # oldest first: the order in which Windows hands clients out
        self._closed = False
        self._fill()

    def accept(self, timeout: float | None = None) -> PipeStream:
        """The next client's connection; the pool has its replacement before this returns, if at all possible.

        `timeout` in seconds; `None` waits for ever. A pool without instances and a connect that fails are mended here.
        Raises `Timeout`, `ConnectionClosed` (this listener is closed), or `TransportIOError` if waiting itself fails.
        """
        if self._closed:
            raise ConnectionClosed("this listener is closed")
        deadline = None if timeout is None else self._clock() + timeout
        pauses = creating()
        while True:
            accepted = self._accept_once(deadline)
            if accepted is not None:
                return accepted
            if _remaining(deadline, self._clock) == 0.0:
                raise Timeout(timeout or 0.0)
            self._sleep(next(pauses))  # instances that fail again and again must not keep a core busy

    def _accept_once(self, deadline: float | None) -> PipeStream | None:
        """`None` if an instance failed instead of getting its client, or if the time is up."""
        self._fill()
        if not self._pool and not self._recover(deadline):
            return None
        try:
            arrival = self._api.wait_for_client(tuple(self._pool), _remaining(deadline, self._clock))
        except PipeError as error:
            raise TransportIOError(f"waiting for clients at {self._name} failed: {error}") from error
        if arrival is None:
            return None
        self._pool.remove(arrival.handle)
        if arrival.failure is not None:
            self._api.close(arrival.handle)
        self._replace()
        return None if arrival.failure else PipeStream(self._api, arrival.handle, clock=self._clock)

    def _create(self) -> bool:
        try:
            self._pool.append(self._api.create(self._name, first=False))
        except PipeError:
            return False
        return True

    def _fill(self) -> None:
        """What earlier replacements left open; no second try, because clients wait."""
        while len(self._pool) < self._size and self._create():
            pass

    def _replace(self) -> None:
        """One instance for the one just taken. A failure leaves a gap for `_fill`."""
        for pause in REPLACEMENT_PAUSES:
            if self._create():
                return
            self._sleep(pause)
        self._create()

    def _recover(self, deadline: float | None) -> bool:
        """The emergency: no instance is left and `_fill` failed. Try until there is one; `False` if the time is up."""
        for pause in creating():
            if _remaining(deadline, self._clock) == 0.0:
                break
            self._sleep(pause)
            self._fill()
            if self._pool:
                return True
        return False

    def close(self) -> None:
        """Stop listening; accepted connections stay. Calling it again does nothing."""
        self._closed = True
        while self._pool:
            self._api.close(self._pool.pop())

    def __enter__(self) -> PipeListener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._pool)} of {self._size} waiting"
        return f"<PipeListener {self._name}: {state}>"


def listen(
    api: PipeApi, name: str, size: int, *, sleep: Sleep = time.sleep, clock: Clock = time.monotonic
) -> PipeListener:
    """Listen at the pipe `name` with a pool of `size` instances, or fewer while Windows makes no more.

    Raises `EndpointError` if somebody serves that name, or if not even one instance can be made.
    """
    try:
        first = api.create(name, first=True)
    except PipeError as error:
        if error.code == ACCESS_DENIED:
            raise EndpointError(f"{name} is already served: by a running daemon, or by another user") from error
        raise EndpointError(f"cannot listen at {name}: {error}") from error
    return PipeListener(api, name, size, first, sleep=sleep, clock=clock)


def open_pipe(
    api: PipeApi,
    name: str,
    timeout: float | None = None,
    *,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> PipeStream:
    """A connection to this user's daemon at the pipe `name`.

    A busy pipe is tried again after each of `BUSY_PAUSES`, but not beyond `timeout` seconds. Raises `EndpointError`
    if nothing listens there, if somebody else does, or if it stays busy; `Timeout` if the time is up before the tries.
    """
    handle = _open(api, name, timeout, sleep, clock)
    try:
        owner, user = api.owner(handle), api.user()
    except PipeError as error:
        api.close(handle)
        raise EndpointError(f"cannot find out whose pipe {name} is: {error}") from error
    if owner != user:
        api.close(handle)
        raise EndpointError(f"{name} is served by another user ({owner}); zcnb will not use it")
    return PipeStream(api, handle, clock=clock)


def _open(api: PipeApi, name: str, timeout: float | None, sleep: Sleep, clock: Clock) -> Handle:
    begin = clock()
    for pause in BUSY_PAUSES:
        handle = _maybe_open(api, name)
        if handle is not None:
            return handle
        if timeout is not None and clock() - begin + pause > timeout:
            raise Timeout(timeout)
        sleep(pause)
    handle = _maybe_open(api, name)
    if handle is None:
        raise EndpointError(_still_busy(name, clock() - begin))
    return handle


def _still_busy(name: str, seconds: float) -> str:
    return (
        f"cannot connect to {name}: all its instances were busy in {len(BUSY_PAUSES) + 1} tries over {seconds:.1f} s. "
        "Run fewer compilations at once, set ZCNB_PIPE_POOL_SIZE to a larger number, "
        "or end the daemon with `zcnb stop`: the next cell starts a new one."
    )


def _maybe_open(api: PipeApi, name: str) -> Handle | None:
    """`None` if the pipe is busy. Raises `EndpointError` for everything that waiting does not mend."""
    try:
        return api.open(name)
    except PipeError as error:
        if error.code == PIPE_BUSY:
            return None
        if error.code == FILE_NOT_FOUND:
            raise EndpointError(f"nothing listens at {name}") from error
        if error.code == ACCESS_DENIED:
            raise EndpointError(f"{name} is not for this user: another user or an administrator serves it") from error
        raise EndpointError(f"cannot connect to {name}: {error}") from error


def is_alive(api: PipeApi, name: str) -> bool:
    """Whether somebody serves the pipe `name` right now, busy or not."""
    try:
        handle = _maybe_open(api, name)
    except EndpointError:
        return False
    if handle is not None:
        api.close(handle)
    return True


@cache
def _windows() -> PipeApi:
    """This machine's pipes: one object, because it keeps a security descriptor for the life of the process."""
    try:
        return Win32Api()
    except PipeError as error:
        raise TransportIOError(f"cannot find out who the user of this process is: {error}") from error


def connect(path: Path, timeout: float | None = None) -> Stream:
    """Connect to the endpoint `path` of this user: see `open_pipe`."""
    return open_pipe(_windows(), pipe_name(path), timeout)


def probe(path: Path) -> bool:
    """Whether somebody accepts connections at `path` right now."""
    return is_alive(_windows(), pipe_name(path))


def bind(path: Path, pool: int = 0) -> PipeListener:
    """Listen at `path` with a pool of `pool` instances (0: by the cores). Raises `EndpointError`."""
    return listen(_windows(), pipe_name(path), pool_size(pool, os.cpu_count() or 1))


def adopt(fd: int) -> PipeListener:
    """Raises `EndpointError`: a listening pipe is many handles, not one descriptor that a launcher could hand over."""
    raise EndpointError(f"descriptor {fd} cannot be adopted: on Windows the daemon makes its pipe itself")
