"""What follows a failure, as a table."""

from __future__ import annotations

import pytest

from zcnb import errors
from zcnb.client.recovery import ATTEMPTS, Decision, classify, own_error
from zcnb.errors import (
    CompileError,
    CompilerNotFound,
    ConfigError,
    ConnectionClosed,
    DaemonError,
    EndpointError,
    ProgramError,
    ProtocolError,
    StoreError,
    Timeout,
    TransportError,
    TransportIOError,
    UsageError,
    ZcnbError,
)

RETRY, DIRECT, RAISE = Decision.RETRY, Decision.DIRECT, Decision.RAISE

TABLE: list[tuple[ZcnbError, Decision, Decision]] = [
    # the failure, after the first attempt, after the last
    (ConnectionClosed("gone"), RETRY, DIRECT),
    (DaemonError("ending", "about to end"), RETRY, DIRECT),
    (DaemonError("cancelled", "by somebody"), RETRY, DIRECT),
    (DaemonError("store", "disk full"), DIRECT, DIRECT),
    (DaemonError("internal", "a bug"), DIRECT, DIRECT),
    (DaemonError("protocol", "what?"), DIRECT, DIRECT),
    (DaemonError("from the future", "?"), DIRECT, DIRECT),
    (Timeout(3), DIRECT, DIRECT),
    (EndpointError("taken"), DIRECT, DIRECT),
    (ProtocolError("garbage"), DIRECT, DIRECT),
    (TransportIOError("refused"), DIRECT, DIRECT),
    (TransportError("some way"), DIRECT, DIRECT),
    (UsageError("-o"), RAISE, RAISE),
    (ConfigError("size"), RAISE, RAISE),
    (CompilerNotFound("none"), RAISE, RAISE),
    (CompileError("no"), RAISE, RAISE),
    (ProgramError("signal", exit_code=-11), RAISE, RAISE),
    (StoreError("own"), RAISE, RAISE),
    (ZcnbError("?"), RAISE, RAISE),
]


@pytest.mark.parametrize(("failure", "first", "last"), TABLE, ids=[repr(row[0]) for row in TABLE])
def test_decision(failure: ZcnbError, first: Decision, last: Decision) -> None:
    assert ATTEMPTS == 2
    assert classify(failure, 1) is first
    assert classify(failure, ATTEMPTS) is last
    assert classify(failure, ATTEMPTS + 1) is last


def test_the_table_knows_every_error_there_is() -> None:
    """Whoever adds an error decides here what follows it."""
    leaves = {cls for cls in vars(errors).values() if isinstance(cls, type) and not cls.__subclasses__()}
    leaves = {cls for cls in leaves if issubclass(cls, ZcnbError) and cls.__module__ == errors.__name__}
    assert leaves <= {type(failure) for failure, *_ in TABLE}


def test_a_retry_ends() -> None:
    """No failure is retried for ever."""
    for failure, *_ in TABLE:
        assert RETRY not in {classify(failure, attempt) for attempt in range(ATTEMPTS, 9)}


@pytest.mark.parametrize(("code", "cls"), [("usage", UsageError), ("no-compiler", CompilerNotFound)])
def test_a_persons_mistake_comes_back_as_what_it_was(code: str, cls: type[ZcnbError]) -> None:
    own = own_error(DaemonError(code, "Install g++."))
    assert type(own) is cls
    assert str(own) == "Install g++."
    assert classify(own, 1) is RAISE


def test_a_persons_mistake_keeps_its_hint() -> None:
    assert str(own_error(DaemonError("usage", "No.", "Do this."))) == "No. Do this."


@pytest.mark.parametrize("code", ["store", "ending", "cancelled", "internal", "bad-message", "deadline", "", "Usage"])
def test_any_other_error_of_the_daemon_stays_itself(code: str) -> None:
    failure = DaemonError(code, "message", "hint")
    assert own_error(failure) is failure
