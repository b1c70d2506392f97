"""`Session`: what a kernel or the command line holds. Blocking, reconnects by itself.

A build that the daemon cannot do is done directly, with a notice; the session
never fails because of the cache.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from zcnb import __version__
from zcnb.client import launch
from zcnb.client.direct import build_directly, private_folder_for_builds
from zcnb.client.line import Line, unwrapped
from zcnb.client.recovery import Decision, classify, own_error
from zcnb.config import Config
from zcnb.errors import ConnectionClosed, DaemonError, ProtocolError, Timeout, TransportError, ZcnbError
from zcnb.model.health import Progress, SessionStats, Stats, Status
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.osdep import process_start
from zcnb.wire.connection import Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Backpressure,
    Build,
    BuildDone,
    Clear,
    Cleared,
    GetProgress,
    GetSessionStats,
    GetStats,
    GetStatus,
    Guard,
    Hello,
    Message,
    Ping,
    Pong,
    Shutdown,
    Unguard,
)
from zcnb.wire.versions import PROTOCOL

M = TypeVar("M", bound=Message)

SHORT_S = 10.0
"""Budget of everything but a build: it takes the daemon well under a millisecond."""

QUIET_S = 0.2
"""A build that takes longer than this is asked how far it is, and then every `POLL_S`."""

POLL_S = 0.1
WEDGED_S = 3.0
"""A daemon that does not even tell its progress for this long is stuck: it answers that from its loop."""


class Session:
    """One client. Not thread safe; make another for another thread."""

    def __init__(self, config: Config, session_id: str = "") -> None:
        self.config = config
        self.id = session_id
        """What the daemon counts this client's builds under; empty for nothing."""
        self._line: Line | None = None
        self._owner = os.getpid()
        self._direct: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def build(self, spec: BuildSpec, on_progress: Callable[[Progress], None] | None = None) -> Built:
        """Build a cell. `on_progress` is called now and then while it lasts longer than 200 ms.

        Raises `UsageError`, `CompilerNotFound`, or (with `fallback` off) what went wrong. An interrupt
        cancels the build in the daemon and goes on up.
        """
        if self.config.disable:
            return self._build_directly(spec, "ZCNB_DISABLE is set")
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(spec, on_progress)
            except ZcnbError as failure:
                self._hang_up()
                decision = classify(failure, attempt)
                cause = failure
            except BaseException:
                self._hang_up()  # an interrupt: the daemon cancels what it was doing for this connection
                raise
            if isinstance(cause, DaemonError) and own_error(cause) is not cause:
                raise own_error(cause) from None
            if decision is Decision.RAISE or (decision is Decision.DIRECT and not self.config.fallback):
                raise cause
            if decision is Decision.DIRECT:
                return self._build_directly(spec, f"compiled without the cache: {cause}")

    def ping(self) -> float:
        """Round trip in milliseconds. Raises `TransportError`."""
        begin = time.perf_counter()
        self._ask(Ping(), Pong)
        return (time.perf_counter() - begin) * 1000

    def status(self) -> Status:
        """The daemon's health, starting it if need be. Raises `TransportError`, `DaemonError`."""
        return self._ask(GetStatus(), Status)

    def stats(self, *, zero: bool = False) -> Stats:
        """What was counted over all daemons' lives; `zero` begins anew. Raises `TransportError`, `DaemonError`."""
        return self._ask(GetStats(zero), Stats)

    def stats_of_session(self) -> SessionStats:
        """What was counted under this session's id. Raises `TransportError`, `DaemonError`."""
        return self._ask(GetSessionStats(self.id), SessionStats)

    def clear(self) -> Cleared:
        """Empty the cache. Raises `TransportError`, `DaemonError`."""
        return self._ask(Clear(), Cleared)

    def guard(self, pgid: int) -> None:
        """Have the daemon kill `pgid` if this process vanishes. Best effort, costs one write."""
        self._tell(Guard(pgid, process_start(pgid)))

    def unguard(self, pgid: int) -> None:
        """Take a `guard` back."""
        self._tell(Unguard(pgid))

    def close(self) -> None:
        """Close the connection and remove what direct builds left; the session can still be used."""
        self._hang_up()
        if self._direct is not None:
            self._direct.cleanup()
            self._direct = None

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _attempt(self, spec: BuildSpec, on_progress: Callable[[Progress], None] | None) -> Built:
        line = self._connected()
        tag = line.send(Build(spec))
        while True:
            reply = self._await(line, tag, on_progress)
            if isinstance(reply, BuildDone):
                return reply.built
            if not isinstance(reply, Backpressure):
                raise ProtocolError(f"the daemon answered a build with {type(reply).__name__}")
            time.sleep(min(max(reply.retry_after_ms, 1), 1000) / 1000)
            tag = line.send(Build(spec))

    def _await(self, line: Line, tag: Tag, on_progress: Callable[[Progress], None] | None) -> Message:
        """The reply to `tag`; meanwhile ask for progress, which also shows that the daemon is alive."""
        wait, asked, heard = QUIET_S, Tag(line.lane), time.monotonic()
        while True:
            try:
                event = line.receive(wait)
            except Timeout:
                if line.lane is Lane.PLAIN:
                    continue
                if time.monotonic() - heard > WEDGED_S:
                    raise Timeout(WEDGED_S) from None
                wait = POLL_S
                if asked.id == 0:
                    asked, heard = line.send(GetProgress(tag.id)), time.monotonic()
                continue
            if event is None:
                raise ConnectionClosed("the daemon went away while it was building")
            if line.answers(event, tag):
                return unwrapped(event)
            reply = unwrapped(event)
            if event.tag.id == asked.id and isinstance(reply, Progress):
                asked, heard = Tag(line.lane), time.monotonic()
                if on_progress is not None and reply.phase:
                    on_progress(reply)

    def _connected(self) -> Line:
        if self._line is not None and self._owner != os.getpid():
            self._line = None  # forked: the socket belongs to the parent's conversation
        if self._line is None:
            line = Line(launch.connect_or_launch(self.config), Lane(self.config.wire))
            self._owner = os.getpid()
            try:
                line.request(Hello(__version__, os.getpid(), PROTOCOL, self.id), SHORT_S)
            except ConnectionClosed as error:
                line.close()
                raise ConnectionClosed(launch.why_dead(self.config)) from error
            except BaseException:
                line.close()
                raise
            self._line = line
        return self._line

    def _ask(self, message: Message, expected: type[M]) -> M:
        """A short request, tried a second time when the connection turns out to be dead."""
        for attempt in (1, 2):
            try:
                reply = self._connected().request(message, SHORT_S)
            except ConnectionClosed:
                self._hang_up()
                if attempt == 2:
                    raise
            else:
                if not isinstance(reply, expected):
                    raise ProtocolError(f"the daemon answered with {type(reply).__name__}")
                return reply
        raise AssertionError("unreachable")

    def _tell(self, message: Message) -> None:
        """Send without waiting; the reply is dropped when it comes. Nothing is said without a connection."""
        if self._line is not None and self._line.lane is not Lane.PLAIN:
            with contextlib.suppress(TransportError):
                self._line.send(message)

    def _build_directly(self, spec: BuildSpec, notice: str) -> Built:
        if self._direct is not None:
            self._direct.cleanup()
        self._direct = private_folder_for_builds()
        return build_directly(spec, Path(self._direct.name), notice)


def stop(config: Config) -> bool:
    """Ask a running daemon to end and wait until its endpoint is gone; `False` if none was running.

    Raises `TransportError` if it does not end in time.
    """
    try:
        line = Line(launch.connect(config))
    except ZcnbError:
        return False
    try:
        line.request(Shutdown(), SHORT_S)
    finally:
        line.close()
    deadline = time.monotonic() + SHORT_S
    while time.monotonic() < deadline:
        if not config.endpoint.exists():
            return True
        time.sleep(0.01)
    raise Timeout(SHORT_S)


def running_status(config: Config) -> Status | None:
    """The health of the daemon that runs now; `None` if none does. Starts nothing. Raises `TransportError`."""
    try:
        line = Line(launch.connect(config))
    except ZcnbError:
        return None
    try:
        reply = line.request(GetStatus(), SHORT_S)
    finally:
        line.close()
    if not isinstance(reply, Status):
        raise ProtocolError(f"the daemon answered with {type(reply).__name__}")
    return reply
