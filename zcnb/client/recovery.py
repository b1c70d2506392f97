"""What to do when the daemon fails. Pure: a failure in, a decision out.

Strategy. A failure is known by its error and by the `Phase` it came in. A
*wedge* is silence: the connection stands, and nothing comes. Silence may mean a
dead daemon or a busy one, so it is asked once more (`PROBE`) and replaced only
if that is not answered either. Any other failure of the way is worth one more
try, after a moment, and never costs a daemon its life: somebody else may just
have started a healthy one. When nothing helps, the client compiles by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from zcnb.errors import (
    CompilerNotFound,
    DaemonError,
    EndpointError,
    ProtocolError,
    Timeout,
    TransportError,
    UsageError,
    ZcnbError,
)
from zcnb.wire.versions import older


class UnexpectedReply(ProtocolError):
    """A sound message that is no answer to what was asked."""


class Phase(Enum):
    """How far an attempt came (row W8)."""

    CONNECT = "connect"
    SEND = "send"
    RECEIVE = "receive"


class Decision(Enum):
    """What follows a failed attempt."""

    RETRY = "try again on a fresh connection"
    PROBE = "ask the daemon whether it lives, then try again"
    DIRECT = "compile without the daemon"
    RAISE = "tell the person"


class Probe(Enum):
    """What came of asking a silent daemon."""

    PONG = "it answered"
    BUSY = "it did not answer in time, but it was at work"
    TIMEOUT = "it did not answer in time"
    ERROR = "the connection failed"
    NOT_ASKED = "the budget is 0"


class WedgeAction(Enum):
    """What becomes of a silent daemon."""

    KEEP = "busy: leave it alone"
    REPLACE = "stuck: end it and start a fresh one"


class Upgrade(Enum):
    """What becomes of a daemon of another version."""

    KEEP = "be served by it"
    REPLACE = "have it finish, and start our own"


ATTEMPTS = 2
"""A build is tried this often before it is done without the daemon."""

RETRY_DELAY_S = (0.05, 0.25)
"""Before the second try: a class of kernels that lost one daemon does not come back as one."""

SILENT_S = 1.0
"""A daemon that says nothing for this long is asked whether it lives; it answers that from its loop."""

UNASKED_S = 3.0
"""The same where it will not be asked, but replaced."""

QUEUE_S = 30.0
"""The same for one that was just looked after: it has much to do, on a machine with much to do."""


def is_wedge(failure: ZcnbError, phase: Phase) -> bool:
    """Whether the daemon is merely silent: a receive timed out. All else is a failure (row W5)."""
    return isinstance(failure, Timeout) and phase is Phase.RECEIVE


def classify(failure: ZcnbError, phase: Phase, attempt: int, *, retry: bool = True) -> Decision:
    """What to do after `failure` of attempt number `attempt` (from 1). `retry` is off by `ZCNB_DISABLE_LINK_RETRY`.

    A person's mistake is told. A full backlog, which times out a connect, is the other sign of a daemon that
    hears nobody. What another connection would not change is not tried again.
    """
    if not isinstance(failure, (DaemonError, TransportError)):
        return Decision.RAISE
    if attempt >= ATTEMPTS:
        return Decision.DIRECT
    if isinstance(failure, DaemonError):
        return Decision.RETRY if failure.code in {"ending", "cancelled"} else Decision.DIRECT
    if isinstance(failure, Timeout):
        return Decision.DIRECT if phase is Phase.SEND else Decision.PROBE
    if isinstance(failure, (EndpointError, UnexpectedReply)) or not retry:
        return Decision.DIRECT
    return Decision.RETRY


def retry_delay(failure: ZcnbError, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait before a `RETRY` (row W7); `uniform` is `random.uniform`. A daemon that says that it
    ends has a successor, or none: there is nothing to wait for."""
    return 0.0 if isinstance(failure, DaemonError) else uniform(*RETRY_DELAY_S)


def patience(probe_budget: float, attempt: int) -> float:
    """Seconds of silence in attempt number `attempt` before it is called a wedge."""
    if attempt > 1:
        return QUEUE_S
    return SILENT_S if probe_budget else UNASKED_S


def wedge_action(probe: Probe) -> WedgeAction:
    """Whether a silent daemon is busy or stuck (row W6). Whoever answers, or is at
    work on whatever keeps it from answering, is never killed."""
    return WedgeAction.KEEP if probe in {Probe.PONG, Probe.BUSY} else WedgeAction.REPLACE


def letter(failure: ZcnbError, phase: Phase) -> str:
    """The class of a failure, for notices and people who search for it (row W4)."""
    if isinstance(failure, DaemonError):
        return "E"
    if is_wedge(failure, phase):
        return "W"
    if isinstance(failure, UnexpectedReply):
        return "U"
    return {Phase.CONNECT: "C", Phase.SEND: "S", Phase.RECEIVE: "R"}[phase]


def choose_upgrade(own: str, daemon: str) -> Upgrade:
    """What a client of version `own` does with a daemon of version `daemon`: it replaces an older one.

    A newer daemon serves older clients. A version that cannot be read is never older.
    """
    return Upgrade.REPLACE if older(daemon, own) else Upgrade.KEEP


def own_error(failure: DaemonError) -> ZcnbError:
    """The daemon's error as the exception a person knows; itself if there is none."""
    kinds: dict[str, type[ZcnbError]] = {"usage": UsageError, "no-compiler": CompilerNotFound}
    kind = kinds.get(failure.code)
    return kind(str(failure)) if kind else failure
