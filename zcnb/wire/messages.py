"""One frozen dataclass per message. `KINDS` is the law: a kind that is not in it is an error.

A field with a default may be left out by the sender; an unknown field is
ignored by the receiver; a missing field without default is an error to that
request alone. So fields may be added with defaults and never change meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zcnb.model.call import ToolCall, ToolOutcome
from zcnb.model.health import Progress, SessionStats, Stats, Status
from zcnb.model.job import JobSpec, JobState
from zcnb.model.outcome import Built, StepCache, StepReport
from zcnb.model.spec import BuildSpec


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there? Answered by `Pong` at once, also while the daemon is still loading."""


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes."""

    pid: int = 0


@dataclass(frozen=True, slots=True)
class Hello:
    """Who is calling: sent first on a kernel's connection."""

    client_version: str
    pid: int
    protocol: str
    session: str = ""
    """Builds of this connection count in this session; empty for none."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who answers."""

    daemon_version: str
    pid: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Build:
    """Build one cell. Answered by `BuildDone`, also when the compiler said no."""

    spec: BuildSpec


@dataclass(frozen=True, slots=True)
class BuildDone:
    """The outcome of one `Build`."""

    built: Built


@dataclass(frozen=True, slots=True)
class Compile:
    """Run a compiler, or spare it, as part of a session. Answered by `ToolDone` or `PassThrough`."""

    session: str
    call: ToolCall


@dataclass(frozen=True, slots=True)
class CompileEphemeral:
    """The same for a client without a session: one round trip starts one, compiles and ends it."""

    client_pid: int
    working_dir: str
    call: ToolCall


@dataclass(frozen=True, slots=True)
class LinkEphemeral:
    """A link or an archive (`ar`), in one round trip."""

    client_pid: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolDone:
    """The outcome of a tool call."""

    outcome: ToolOutcome


@dataclass(frozen=True, slots=True)
class PassThrough:
    """The client runs the tool itself: the cache has no part in this call, for this reason."""

    reason: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class SessionStart:
    """Count under `id`, which the client chose, until `SessionEnd`. Answered by `Done`."""

    id: str
    client_pid: int = 0
    working_dir: str = ""


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """Stop counting. Answered by the session's `SessionStats`."""

    id: str


@dataclass(frozen=True, slots=True)
class GetSessionStats:
    """What has been counted so far? Answered by `SessionStats`."""

    id: str


@dataclass(frozen=True, slots=True)
class GetStats:
    """What was counted since the last `zero`, over all daemons of this cache folder? Answered by `Stats`."""

    zero: bool = False
    """Begin counting anew (the answer is what was counted until now)."""


@dataclass(frozen=True, slots=True)
class Identify:
    """Who listens here? `nonce` has 32 bytes."""

    nonce: bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """The nonce again, and who this is."""

    nonce: bytes
    pid: int
    version: str
    protocol: str
    started: int = 0
    """The daemon's start in clock ticks since boot: tells a reused pid apart."""


@dataclass(frozen=True, slots=True)
class GetProgress:
    """How far is request `request` of this connection? (Tagged lane, while a `Build` is under way.)"""

    request: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop request `request` of this connection; its tool's process group is killed."""

    request: int


@dataclass(frozen=True, slots=True)
class Guard:
    """The client runs process group `pgid`: kill it if the client vanishes before `Unguard`.

    `started` is the leader's start time in clock ticks since boot, so that a reused pid is left alone.
    """

    pgid: int
    started: int


@dataclass(frozen=True, slots=True)
class Unguard:
    """The group ended, or is the client's own business again."""

    pgid: int


@dataclass(frozen=True, slots=True)
class GetStatus:
    """How are you?"""


@dataclass(frozen=True, slots=True)
class Explain:
    """Why was the last run a miss? The latest run in the folder `cwd` is meant, if nothing else is said. Answered by
    `Explained`."""

    cwd: str
    name: str = ""
    """Absolute path of a file: the latest tool call that compiled or wrote it."""
    slot: str = ""
    """The cell whose builds name this `slot`."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One run; with an empty `title` if none is remembered."""

    title: str = ""
    """The cell's unit, the files that a tool call writes, or the words of one that the client ran by itself."""
    cwd: str = ""
    cache: StepCache = "miss"
    unix_s: float = 0.0
    """When it was answered."""
    steps: tuple[StepReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Clear:
    """Empty the cache."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """How much went."""

    entries: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Finish what is under way and end."""

    reason: str = "asked to"
    """For the lifecycle log: `asked to`, or `replaced by version ...`."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request without any other result worked."""


@dataclass(frozen=True, slots=True)
class Error:
    """A request failed. `code` is for programs, `message` says what happened, `hint` what to do."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Backpressure:
    """Too much is under way for this connection: ask again in `retry_after_ms`."""

    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class RegisterHost:
    """This connection is the kernel `host`'s: events and commands for it come here. Answered by `HostRegistered`.

    A kernel that comes back names itself as before; what was kept for it follows the reply.
    """

    host: str
    health_ms: int = 0
    """How often the daemon's health is told, as `Health`; 0 for never."""


@dataclass(frozen=True, slots=True)
class HostRegistered:
    """From now on this connection is pushed to. Each registration has a higher number."""

    session: int


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """Begin a job of the kernel `host`. Answered by `JobState`; all else comes through the host pipe."""

    host: str
    job: JobSpec


@dataclass(frozen=True, slots=True)
class GetJob:
    """How far is a job? Answered by `JobState`; one that is not known (any more) is `unknown`."""

    id: str


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Stop a job: its builds are killed, its commands are taken back. Answered by `JobState`."""

    id: str


@dataclass(frozen=True, slots=True)
class ReportRun:
    """The kernel did what `RunVariant` asked for. A variant that is not `ok` (crash, time limit) is not run again."""

    job: str
    step: int
    ok: bool
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class VariantBuilt:
    """Event: the build of a job's variant ended. One that could not even be tried carries why as diagnostics."""

    job: str
    variant: int
    built: Built


@dataclass(frozen=True, slots=True)
class RunVariant:
    """Command: run `program` now, alone, take its time, and answer with `ReportRun`."""

    job: str
    step: int
    variant: int
    program: str


@dataclass(frozen=True, slots=True)
class JobEnded:
    """Event: a job is done, or was cancelled."""

    state: JobState


@dataclass(frozen=True, slots=True)
class JobFailed:
    """Event: a job cannot go on. `number` counts the failures of this daemon."""

    job: str
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class Health:
    """Event: the daemon's health."""

    status: Status


@dataclass(frozen=True, slots=True)
class Verify:
    """Run the tool of one stored result once more, and compare. Answered by `Verified`.

    Which one: the first after `entry` of `key`, in the order of keys. As keys are digests, the results that follow a
    random place are a random sample.
    """

    key: str = ""
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict about the result `entry` of `key`, where the next `Verify` goes on."""

    verdict: Literal["equal", "differs", "skipped", "none"]
    """`skipped`: it could not be compared. `none`: there is no further result."""
    key: str = ""
    entry: int = 0
    detail: str = ""
    """What differs, or why it was skipped."""
    step: str = ""
    command: tuple[str, ...] = ()
    """What was run, as a person would type it, in `cwd`."""
    cwd: str = ""
    inputs: tuple[str, ...] = ()
    """What went into it, where something differs."""

    def __str__(self) -> str:
        shown = f"{' '.join(self.command)} (in {self.cwd})" if self.command else f"result {self.entry}"
        return f"{shown}: {self.detail}" if self.detail else shown


Request = (
    Ping | Hello | Build | Compile | CompileEphemeral | LinkEphemeral | SessionStart | SessionEnd | GetSessionStats
    | GetStats | Identify | GetProgress | Cancel | Guard | Unguard | GetStatus | Explain | Clear | Shutdown
    | RegisterHost | SubmitJob | GetJob | CancelJob | ReportRun | Verify
)  # fmt: skip
Reply = (
    Pong | Welcome | BuildDone | ToolDone | PassThrough | SessionStats | Stats | Identity | Progress | Status
    | Explained | Cleared | Done | Error | Backpressure | HostRegistered | JobState | Verified
)  # fmt: skip
Push = VariantBuilt | RunVariant | JobEnded | JobFailed | Health
"""What comes unasked on a host's connection, with the number 0."""
Message = Request | Reply | Push

KINDS: dict[str, type[Message]] = {
    "ping": Ping,
    "pong": Pong,
    "hello": Hello,
    "welcome": Welcome,
    "build": Build,
    "build-done": BuildDone,
    "compile": Compile,
    "compile-ephemeral": CompileEphemeral,
    "link-ephemeral": LinkEphemeral,
    "tool-done": ToolDone,
    "pass-through": PassThrough,
    "session-start": SessionStart,
    "session-end": SessionEnd,
    "get-session-stats": GetSessionStats,
    "session-stats": SessionStats,
    "get-stats": GetStats,
    "stats": Stats,
    "identify": Identify,
    "identity": Identity,
    "get-progress": GetProgress,
    "progress": Progress,
    "cancel": Cancel,
    "guard": Guard,
    "unguard": Unguard,
    "get-status": GetStatus,
    "status": Status,
    "explain": Explain,
    "explained": Explained,
    "clear": Clear,
    "cleared": Cleared,
    "shutdown": Shutdown,
    "done": Done,
    "error": Error,
    "backpressure": Backpressure,
    "register-host": RegisterHost,
    "host-registered": HostRegistered,
    "submit-job": SubmitJob,
    "get-job": GetJob,
    "cancel-job": CancelJob,
    "job-state": JobState,
    "report-run": ReportRun,
    "variant-built": VariantBuilt,
    "run-variant": RunVariant,
    "job-ended": JobEnded,
    "job-failed": JobFailed,
    "health": Health,
    "verify": Verify,
    "verified": Verified,
}
KIND_OF: dict[type[Message], str] = {cls: kind for kind, cls in KINDS.items()}
