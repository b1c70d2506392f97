"""What to do when the daemon fails. Pure: a failure in, a decision out."""

from __future__ import annotations

from enum import Enum

from zcnb.errors import (
    CompilerNotFound,
    ConnectionClosed,
    DaemonError,
    EndpointError,
    Timeout,
    TransportError,
    UsageError,
    ZcnbError,
)


class Decision(Enum):
    """What follows a failed attempt."""

    RETRY = "try again on a fresh connection"
    DIRECT = "compile without the daemon"
    RAISE = "tell the person"


ATTEMPTS = 2
"""A build is tried this often before it is done without the daemon."""


def classify(failure: ZcnbError, attempt: int) -> Decision:
    """What to do after `failure` of attempt number `attempt` (from 1).

    A person's mistake is told. A daemon that died or was replaced deserves a second try: a fresh one is
    started by it. A daemon that answers nothing (`Timeout`) or cannot be reached would only cost more time.
    """
    if isinstance(failure, DaemonError):
        again = failure.code in {"ending", "cancelled"} and attempt < ATTEMPTS
        return Decision.RETRY if again else Decision.DIRECT
    if isinstance(failure, ConnectionClosed):
        return Decision.RETRY if attempt < ATTEMPTS else Decision.DIRECT
    if isinstance(failure, (Timeout, EndpointError, TransportError)):
        return Decision.DIRECT
    return Decision.RAISE


def own_error(failure: DaemonError) -> ZcnbError:
    """The daemon's error as the exception a person knows; itself if there is none."""
    kinds: dict[str, type[ZcnbError]] = {"usage": UsageError, "no-compiler": CompilerNotFound}
    kind = kinds.get(failure.code)
    return kind(str(failure)) if kind else failure
