"""`Session`: what a kernel or the command line holds. Blocking, reconnects by itself.

A build that the daemon cannot do is done directly, with a notice; the session
never fails because of the cache.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from zcnb import __version__, journal
from zcnb.client import launch, rescue
from zcnb.client.direct import build_directly, private_folder_for_builds
from zcnb.client.line import Line, unwrapped
from zcnb.client.recovery import (
    Decision,
    Phase,
    UnexpectedReply,
    Upgrade,
    WedgeAction,
    choose_upgrade,
    classify,
    is_wedge,
    letter,
    own_error,
    patience,
    retry_delay,
)
from zcnb.config import Config
from zcnb.errors import ConnectionClosed, DaemonError, Timeout, TransportError, ZcnbError
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
    Compile,
    CompileEphemeral,
    GetProgress,
    GetSessionStats,
    GetStats,
    GetStatus,
    Guard,
    Hello,
    LinkEphemeral,
    Message,
    PassThrough,
    Ping,
    Pong,
    ToolDone,
    Unguard,
    Verified,
    Verify,
    Welcome,
)
from zcnb.wire.versions import PROTOCOL

M = TypeVar("M", bound=Message)
Call = Compile | CompileEphemeral | LinkEphemeral

SHORT_S = 10.0
"""Budget of everything but a build: it takes the daemon well under a millisecond."""

QUIET_S = 0.2
"""A build that takes longer than this is asked how far it is, and then every `POLL_S`."""

POLL_S = 0.1

STARTING_S = 5.0
"""A daemon that is being started may be silent this long before anybody asks what is the matter."""

LARGE = 64 * 1024
"""Bytes of a source that may not fit into the socket's buffer: sending it to a frozen daemon would never end."""

BUSY = "[W] the daemon was too busy to answer in time; asked again"

TOOL_PHASES = ("compile", "link")
"""While a tool runs, the daemon only waits, for as long as a direct compile would take as well."""


class Unavailable(ZcnbError):
    """The daemon cannot be had, whatever was tried. `cause` is the last failure, `letter` its class (row W4)."""

    def __init__(self, letter: str, cause: ZcnbError) -> None:
        super().__init__(f"[{letter}]: {cause}")
        self.letter = letter
        self.cause = cause


class Session:
    """One client. Not thread safe; make another for another thread."""

    def __init__(self, config: Config, session_id: str = "") -> None:
        self.config = config
        self.id = session_id
        """What the daemon counts this client's builds under; empty for nothing."""
        self._line: Line | None = None
        self._owner = os.getpid()
        self._phase = Phase.CONNECT
        self._patience = SHORT_S
        """For silence, in seconds."""
        self._again = False
        """Whether the daemon was looked after already, and found busy or replaced."""
        self._guards: dict[int, int] = {}
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
        try:
            reply, notices = self._tried(Build(spec), on_progress)
        except Unavailable as failure:
            if not self.config.fallback:
                raise failure.cause from None
            return self._build_directly(spec, f"compiled without the cache {failure}")
        assert isinstance(reply, BuildDone)
        return dataclasses.replace(reply.built, notices=reply.built.notices + notices)

    def call(self, request: Call, tried: int = 0) -> tuple[ToolDone | PassThrough, tuple[str, ...]]:
        """The answer to a tool call that failed `tried` times already, and what the person is told about the way
        to it. Raises `Unavailable`; its `cause` says what for."""
        reply, notices = self._tried(request, None, tried)
        assert isinstance(reply, (ToolDone, PassThrough))
        return reply, notices

    def _tried(
        self, request: Build | Call, on_progress: Callable[[Progress], None] | None, tried: int = 0
    ) -> tuple[Message, tuple[str, ...]]:
        """The answer to `request`, tried again as `recovery` has it. Raises `Unavailable`, or a person's error."""
        attempt, notices = tried, tuple[str, ...]()
        while True:
            attempt += 1
            self._patience, self._again = patience(self.config.wedge_probe_budget, attempt), attempt > 1
            try:
                return self._attempt(request, on_progress), notices
            except ZcnbError as error:
                self._lost(error)
                failure = error
            except BaseException:
                self._hang_up()  # an interrupt: the daemon cancels what it was doing for this connection
                raise
            if isinstance(failure, DaemonError) and own_error(failure) is not failure:
                raise own_error(failure) from None
            decision = classify(failure, self._phase, attempt, retry=not self.config.disable_link_retry)
            if decision is Decision.PROBE and not (notices := self.rescue()):
                decision = Decision.DIRECT
            if decision is Decision.RAISE:
                raise failure
            if decision is Decision.DIRECT:
                raise Unavailable(letter(failure, self._phase), failure) from failure
            if decision is Decision.RETRY:
                time.sleep(retry_delay(failure, random.uniform))

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
        return self._ask(Clear(), Cleared, long=True)

    def verify(self, key: str = "", entry: int = 0) -> Verified:
        """The verdict about the stored result that follows `entry` of `key`: its tool is run once more.

        Raises `TransportError`, `DaemonError`.
        """
        return self._ask(Verify(key, entry), Verified, long=True)

    def guard(self, pgid: int) -> None:
        """Have the daemon kill `pgid` if this process vanishes. Best effort, costs one write."""
        self._guards[pgid] = process_start(pgid)
        self._tell(Guard(pgid, self._guards[pgid]))

    def unguard(self, pgid: int) -> None:
        """Take a `guard` back."""
        self._guards.pop(pgid, None)
        self._tell(Unguard(pgid))

    def close(self) -> None:
        """Close the connection and remove what direct builds left; the session can still be used."""
        self._guards.clear()  # what is still guarded ends with the connection
        self._hang_up()
        if self._direct is not None:
            self._direct.cleanup()
            self._direct = None

    def _hang_up(self) -> None:
        """Close the connection, not the programs that it guarded: the next one guards them."""
        for pgid in self._guards:
            self._tell(Unguard(pgid))
        if self._line is not None:
            self._line.close()
            self._line = None

    def _attempt(self, request: Build | Call, on_progress: Callable[[Progress], None] | None) -> Message:
        line = self._connected()
        if isinstance(request, Build) and len(request.spec.source) > LARGE:
            self._exchange(line, Ping(), self._patience)
        tag = self._send(line, request)
        while True:
            reply = self._await(line, tag, on_progress)
            if isinstance(reply, (BuildDone, ToolDone, PassThrough)):
                return reply
            if not isinstance(reply, Backpressure):
                raise UnexpectedReply(f"the daemon answered a build with {type(reply).__name__}")
            time.sleep(min(max(reply.retry_after_ms, 1), 1000) / 1000)
            tag = self._send(line, request)

    def _await(self, line: Line, tag: Tag, on_progress: Callable[[Progress], None] | None) -> Message:
        """The reply to `tag`; meanwhile ask for progress, which also shows that the daemon is alive.

        A plain connection cannot ask. Raises `Timeout` for silence, or when the daemon has been busy with
        itself, and not with a tool, for longer than the wedge budget.
        """
        budget, silence = self.config.wedge_recv_timeout, self._patience
        wait, asked = QUIET_S, Tag(line.lane)
        heard = worked = time.monotonic()
        while True:
            try:
                event = line.receive(wait)
            except Timeout:
                now = time.monotonic()
                if budget and now - worked > budget:
                    raise Timeout(budget) from None
                if line.lane is Lane.PLAIN:
                    continue
                if now - heard > silence and asked.id:
                    if not self._worth_waiting(worked):
                        raise Timeout(silence) from None
                    heard = now
                wait = POLL_S
                if asked.id == 0:
                    asked, heard = line.send(GetProgress(tag.id)), now
                continue
            if event is None:
                raise ConnectionClosed("the daemon went away while it was building")
            if line.answers(event, tag):
                return unwrapped(event)
            reply = unwrapped(event)
            if event.tag.id == asked.id and isinstance(reply, Progress):
                asked, heard = Tag(line.lane), time.monotonic()
                if reply.phase in TOOL_PHASES:
                    worked = heard
                if on_progress is not None and reply.phase:
                    on_progress(reply)

    def _connected(self) -> Line:
        """A connection to a daemon that said who it is; an older one is replaced, once."""
        if self._line is not None and self._owner != os.getpid():
            self._line = None  # forked: the socket belongs to the parent's conversation
            self._guards.clear()
        if self._line is not None and not self._line.open():
            self._hang_up()  # it ended while nobody was asking anything: no loss
        if self._line is None:
            self._phase = Phase.CONNECT
            self._line, version = self._greeted()
            if choose_upgrade(__version__, version) is Upgrade.REPLACE and self._upgraded():
                self._hang_up()
                self._line, _ = self._greeted()
            for pgid, started in self._guards.items():
                self._tell(Guard(pgid, started))
        return self._line

    def _greeted(self) -> tuple[Line, str]:
        """A fresh connection, and the daemon's version."""
        line = Line(launch.connect_or_launch(self.config), Lane(self.config.wire))
        self._owner = os.getpid()
        try:
            tag = self._send(line, Hello(__version__, os.getpid(), PROTOCOL, self.id))
            reply = self._first_words(line, tag)
        except ConnectionClosed as error:
            line.close()
            raise ConnectionClosed(launch.why_dead(self.config)) from error
        except BaseException:
            line.close()
            raise
        return line, reply.daemon_version if isinstance(reply, Welcome) else ""

    def _first_words(self, line: Line, tag: Tag) -> Message:
        """The reply to `tag`, from a daemon that may just be starting."""
        begin = time.monotonic()
        while True:
            try:
                return line.reply(tag, self._patience)
            except Timeout:
                if not self._worth_waiting(begin):
                    raise

    def _worth_waiting(self, since: float) -> bool:
        """Whether silence since then (by the monotonic clock) may still end: a daemon that is being started, or that
        was looked after already, is given as long as it is at work, at most the wedge budget."""
        waited, budget = time.monotonic() - since, self.config.wedge_recv_timeout
        starting = launch.starting(self.config)
        if starting and waited < STARTING_S:
            return True
        return (starting or self._again) and (not budget or waited < budget) and launch.at_work(self.config)

    def _upgraded(self) -> bool:
        """Whether a daemon of our version has taken the older one's place; if that fails, the older one will do."""
        try:
            return rescue.upgrade(self.config)
        except (TransportError, DaemonError):
            return False

    def _send(self, line: Line, message: Message) -> Tag:
        self._phase = Phase.SEND
        tag = line.send(message)
        self._phase = Phase.RECEIVE
        return tag

    def _exchange(self, line: Line, message: Message, timeout: float) -> Message:
        return line.reply(self._send(line, message), timeout)

    def _lost(self, failure: ZcnbError) -> None:
        """Hang up after `failure`; a lost connection is written down the moment it is seen (row W9)."""
        self._hang_up()
        if not isinstance(failure, TransportError) or is_wedge(failure, self._phase):
            return
        cut = self._phase is Phase.SEND and isinstance(failure, ConnectionClosed)
        journal.note(
            self.config.endpoint, "client-disconnected", client_pid=os.getpid(), client_version=__version__,
            client_binary=sys.executable, cause="pipe-closed-mid-write" if cut else "comm-error", detail=str(failure),
        )  # fmt: skip

    def rescue(self, *, watched: bool = False) -> tuple[str, ...]:
        """See to a daemon that is silent; what the person is told before the next try, nothing if none is due."""
        watched = watched or (self._phase is Phase.RECEIVE and self.config.wire != Lane.PLAIN.value)
        try:
            action = rescue.rescue(self.config, watched=watched)
        except TransportError:
            return ()
        if action is WedgeAction.KEEP:
            return (BUSY,)
        return ("[W] the daemon was stuck; a fresh one took its place",)

    def _ask(self, message: Message, expected: type[M], *, long: bool = False) -> M:
        """Any request but a build, tried a second time when the connection turns out to be dead. A long one may take
        its time, as long as the daemon gives signs of life."""
        self._patience, self._again = SHORT_S, False
        for attempt in (1, 2):
            try:
                line = self._connected()
                tag = self._send(line, message)
                reply = self._await(line, tag, None) if long else line.reply(tag, SHORT_S)
            except ConnectionClosed as failure:
                self._lost(failure)
                if attempt == 2:
                    raise
            except Timeout:
                self._hang_up()
                if attempt == 2 or not self.rescue():
                    raise
            else:
                if not isinstance(reply, expected):
                    raise UnexpectedReply(f"the daemon answered with {type(reply).__name__}")
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
