"""What each request means. A handler returns its reply and never holds the peer.

`TABLE` is the law: a request that has no row is answered with an error.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from zcnb import __version__
from zcnb.daemon.hostpipe import StaleSession, Writer
from zcnb.daemon.jobs import LONGEST_NAME
from zcnb.daemon.service import Service
from zcnb.daemon.steps import Underway
from zcnb.daemon.why import explained, slot_place
from zcnb.daemon.wrapper import Reply
from zcnb.errors import CompilerNotFound, RunnerError, StoreError, UsageError
from zcnb.model.call import ToolCall
from zcnb.model.health import Progress
from zcnb.osdep import kill_group, process_start
from zcnb.wire.messages import (
    Build,
    BuildDone,
    Cancel,
    CancelJob,
    Clear,
    Cleared,
    Compile,
    CompileEphemeral,
    Done,
    Error,
    Explain,
    GetJob,
    GetProgress,
    GetSessionStats,
    GetStats,
    GetStatus,
    Guard,
    Health,
    Hello,
    HostRegistered,
    Identify,
    Identity,
    LinkEphemeral,
    Message,
    PassThrough,
    Ping,
    Pong,
    RegisterHost,
    ReportRun,
    SessionEnd,
    SessionStart,
    Shutdown,
    SubmitJob,
    ToolDone,
    Unguard,
    Verify,
    Welcome,
)
from zcnb.wire.versions import NONCE_LENGTH, PROTOCOL, older

ENDING = Error("ending", "The daemon is about to end.", "Try again.")

LEAST_HEALTH_S = 0.1
"""Between two looks at the daemon's health that a kernel is told of."""


class Caller:
    """What the daemon knows of one connection."""

    def __init__(self, service: Service, writer: Writer) -> None:
        self.service, self.writer = service, writer
        self.session = ""
        self.underway: dict[int, Underway] = {}
        self.cancel: Callable[[int], bool] = lambda request: False
        self.host = ""
        """The kernel that registered, by the name it chose; empty for none."""
        self._session = 0
        self._health: asyncio.Task[None] | None = None
        self._guards: dict[int, int] = {}

    @property
    def needed(self) -> bool:
        """Whether programs would be killed, or a job would lose its kernel, if the connection ended."""
        return bool(self._guards) or bool(self.host and self.service.jobs.of(self.host))

    def register(self, host: str, health_ms: int) -> int:
        """This is the kernel `host`'s connection from now on; the registration's number."""
        self.host = host
        self._session = self.service.jobs.hosts.register(host, self.writer).session
        loop = asyncio.get_running_loop()
        loop.call_soon(self.service.jobs.registered, host)  # what waits for it follows the reply
        self._stop_health()
        if health_ms > 0:
            self._health = loop.create_task(self._tell_health(max(health_ms / 1000, LEAST_HEALTH_S)))
        return self._session

    def resumed(self) -> None:
        """The client reads again."""
        if self.host:
            self.service.jobs.tell(self.host)

    async def _tell_health(self, every: float) -> None:
        while (pipe := self.service.jobs.hosts.find(self.host)) is not None:
            status = await self.service.status()
            try:
                pipe.event(self._session, Health(status))
            except StaleSession:
                return
            await asyncio.sleep(every)

    def _stop_health(self) -> None:
        if self._health is not None:
            self._health.cancel()

    def guard(self, pgid: int, started: int) -> None:
        """Kill `pgid` when this connection ends."""
        if pgid not in self._guards:
            self.service.lifecycle.begin(guard=True)
        self._guards[pgid] = started

    def unguard(self, pgid: int) -> None:
        """Leave `pgid` alone from now on."""
        if self._guards.pop(pgid, None) is not None:
            self.service.lifecycle.finish(guard=True)

    def gone(self) -> None:
        """The connection ended: what its client left running ends too."""
        self._stop_health()
        if (pipe := self.service.jobs.hosts.find(self.host)) is not None:
            pipe.closed(self._session)
        for pgid, started in list(self._guards.items()):
            if started and process_start(pgid) == started:
                kill_group(pgid)
            self.unguard(pgid)


async def build(caller: Caller, request: Build, number: int) -> Message:
    """Build one cell."""
    service = caller.service
    if service.lifecycle.ending:
        return ENDING
    underway = caller.underway[number] = Underway(request.spec.slot)
    try:
        return BuildDone(await service.build(request.spec, underway, caller.session))
    finally:
        caller.underway.pop(number, None)


async def compile_in_session(caller: Caller, request: Compile, number: int) -> Message:
    """A tool call of a session."""
    return await _call(caller, request.call, request.session, number)


async def compile_alone(caller: Caller, request: CompileEphemeral, number: int) -> Message:
    """A tool call without a session."""
    return await _call(caller, request.call, "", number)


async def link_alone(caller: Caller, request: LinkEphemeral, number: int) -> Message:
    """A link or an archive: what it is stands in its words."""
    return await _call(caller, request.call, "", number)


async def _call(caller: Caller, call: ToolCall, session: str, number: int) -> Message:
    service = caller.service
    if older(__version__, call.client_version):
        return Error("older", f"This daemon has version {__version__}, its client {call.client_version}.")
    if service.lifecycle.ending:
        return ENDING
    underway = caller.underway[number] = Underway()
    try:
        with service.feed.build(" ".join(call.argv), "interactive") as told:
            reply = await (await service.warm()).wrapper.run(call, underway)
            told.cache, told.ok = _told(reply)
    except (StoreError, RunnerError, CompilerNotFound) as error:
        service.health.note_error(str(error))
        broken = not isinstance(error, CompilerNotFound)
        reply = PassThrough(str(error), warning=f"running without the cache: {error}" if broken else "")
    finally:
        caller.underway.pop(number, None)
    if isinstance(reply, PassThrough):
        service.tally.note_passed(session, reply.reason)
        return reply
    outcome, unstored, saved_ms = reply
    service.tally.note(session, hit=outcome.cache == "hit", saved_ms=saved_ms, unstored=unstored)
    return ToolDone(outcome)


def _told(reply: PassThrough | Reply) -> tuple[str, bool]:
    """What the feed tells of a tool call: how it was answered, and whether the tool said yes."""
    if isinstance(reply, PassThrough):
        return "passed", True
    outcome, *_ = reply
    return outcome.cache, outcome.exit_code == 0


async def session_start(caller: Caller, request: SessionStart, number: int) -> Message:
    """Begin to count under an id."""
    caller.service.tally.start(request.id)
    return Done()


async def session_end(caller: Caller, request: SessionEnd, number: int) -> Message:
    """Stop counting, and say what was counted."""
    stats = caller.service.tally.session_stats(request.id)
    caller.service.tally.sessions.pop(request.id, None)
    return stats


async def get_session_stats(caller: Caller, request: GetSessionStats, number: int) -> Message:
    """What was counted so far in a session."""
    return caller.service.tally.session_stats(request.id)


async def get_stats(caller: Caller, request: GetStats, number: int) -> Message:
    """What was counted for good."""
    return await caller.service.stats(zero=request.zero)


async def ping(caller: Caller, request: Ping, number: int) -> Message:
    """Alive, whatever else is going on."""
    return Pong(os.getpid())


async def hello(caller: Caller, request: Hello, number: int) -> Message:
    """Who is who."""
    caller.session = request.session
    return Welcome(__version__, os.getpid(), PROTOCOL)


async def identify(caller: Caller, request: Identify, number: int) -> Message:
    """Who listens here: proof that the answer is to this question, and which process gave it."""
    if len(request.nonce) != NONCE_LENGTH:
        return Error("bad-message", f"A nonce has {NONCE_LENGTH} bytes, not {len(request.nonce)}.")
    return Identity(request.nonce, os.getpid(), __version__, PROTOCOL, process_start(os.getpid()))


async def get_progress(caller: Caller, request: GetProgress, number: int) -> Message:
    """How far another request of this connection is."""
    found = caller.underway.get(request.request)
    return Progress(found.phase, found.elapsed_ms, found.expected_ms) if found else Progress()


async def cancel(caller: Caller, request: Cancel, number: int) -> Message:
    """Stop another request of this connection."""
    caller.cancel(request.request)
    return Done()


async def guard(caller: Caller, request: Guard, number: int) -> Message:
    """Watch over a program that the client runs."""
    caller.guard(request.pgid, request.started)
    return Done()


async def unguard(caller: Caller, request: Unguard, number: int) -> Message:
    """That program ended."""
    caller.unguard(request.pgid)
    return Done()


async def get_status(caller: Caller, request: GetStatus, number: int) -> Message:
    """The daemon's health."""
    return await caller.service.status()


async def explain(caller: Caller, request: Explain, number: int) -> Message:
    """Why the last run was a miss."""
    history = (await caller.service.warm()).store.history
    place = slot_place(request.slot) if request.slot else None
    return explained(history.find(cwd=request.cwd, name=request.name, place=place))


async def clear(caller: Caller, request: Clear, number: int) -> Message:
    """Empty the cache."""
    size, entries = await caller.service.clear()
    return Cleared(entries, size)


async def verify(caller: Caller, request: Verify, number: int) -> Message:
    """Hold one result against a new run of its tool."""
    if caller.service.lifecycle.ending:
        return ENDING
    underway = caller.underway[number] = Underway()
    try:
        return await caller.service.verify(request, underway)
    finally:
        caller.underway.pop(number, None)


async def shutdown(caller: Caller, request: Shutdown, number: int) -> Message:
    """End once everything under way is done."""
    caller.service.lifecycle.end(request.reason)
    return Done()


async def register_host(caller: Caller, request: RegisterHost, number: int) -> Message:
    """Push to this connection what is for a kernel."""
    if not 1 <= len(request.host) <= LONGEST_NAME:
        return Error("usage", f"A kernel's name has 1 to {LONGEST_NAME} characters, not {len(request.host)}.")
    if caller.host not in ("", request.host):
        return Error("usage", f"This connection is the kernel {caller.host}'s already.", "Use another connection.")
    return HostRegistered(caller.register(request.host, request.health_ms))


async def submit_job(caller: Caller, request: SubmitJob, number: int) -> Message:
    """Begin a job."""
    jobs = caller.service.jobs
    if jobs.hosts.find(request.host) is None:
        return Error("no-host", f"No kernel {request.host} has registered.", "Send register-host first.")
    if caller.service.lifecycle.ending and jobs.state(request.job.id).phase == "unknown":
        return ENDING
    return jobs.submit(request.host, request.job, caller.session)


async def get_job(caller: Caller, request: GetJob, number: int) -> Message:
    """How far a job is."""
    return caller.service.jobs.state(request.id)


async def cancel_job(caller: Caller, request: CancelJob, number: int) -> Message:
    """Stop a job."""
    return caller.service.jobs.cancel(request.id)


async def report_run(caller: Caller, request: ReportRun, number: int) -> Message:
    """What a timed run came to."""
    if caller.service.jobs.report(request.job, request.step, ok=request.ok, ms=request.ms):
        return Done()
    return Error("late", f"Run {request.step} of job {request.job} is not under way (any more).")


Handler = Callable[[Caller, Any, int], Awaitable[Message]]
TABLE: dict[type[Message], Handler] = {
    Ping: ping,
    Hello: hello,
    Identify: identify,
    Build: build,
    Compile: compile_in_session,
    CompileEphemeral: compile_alone,
    LinkEphemeral: link_alone,
    SessionStart: session_start,
    SessionEnd: session_end,
    GetSessionStats: get_session_stats,
    GetStats: get_stats,
    GetProgress: get_progress,
    Cancel: cancel,
    Guard: guard,
    Unguard: unguard,
    GetStatus: get_status,
    Explain: explain,
    Clear: clear,
    Shutdown: shutdown,
    RegisterHost: register_host,
    SubmitJob: submit_job,
    GetJob: get_job,
    CancelJob: cancel_job,
    ReportRun: report_run,
    Verify: verify,
}


async def answer(caller: Caller, request: Message, number: int) -> Message:
    """The reply to `request`, errors included: whatever goes wrong stays in this one request."""
    handler = TABLE.get(type(request))
    if handler is None:
        return Error("bad-message", f"{type(request).__name__} is no request.")
    try:
        return await handler(caller, request, number)
    except UsageError as error:
        return Error("usage", str(error))
    except CompilerNotFound as error:
        return Error("no-compiler", str(error))
    except StoreError as error:
        caller.service.health.note_error(str(error))
        return Error("store", str(error), "Free some space or set ZCNB_CACHE_DIR to another folder.")
    except RunnerError as error:
        caller.service.health.note_error(str(error))
        return Error("runner", str(error))
    except Exception as error:  # noqa: BLE001  # a bug in one request must not end the daemon for all
        caller.service.health.note_error(f"{type(error).__name__}: {error}")
        return Error("internal", f"The daemon hit a bug: {type(error).__name__}: {error}", "Please report it.")
