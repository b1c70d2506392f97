"""What follows a failure, as a table."""

from __future__ import annotations

import pytest

from zcnb import errors
from zcnb.client.recovery import (
    ATTEMPTS,
    Decision,
    Phase,
    Probe,
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
    wedge_action,
)
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
    ToolTimeout,
    TransportError,
    TransportIOError,
    UsageError,
    ZcnbError,
)

RETRY, PROBE, DIRECT, RAISE = Decision.RETRY, Decision.PROBE, Decision.DIRECT, Decision.RAISE
CONNECT, SEND, RECEIVE = Phase.CONNECT, Phase.SEND, Phase.RECEIVE

TABLE: list[tuple[ZcnbError, Phase, Decision, Decision, str]] = [
    # the failure, where it came, what follows the first time, and without retries, its letter
    (ConnectionClosed("gone"), SEND, RETRY, DIRECT, "S"),
    (ConnectionClosed("gone"), RECEIVE, RETRY, DIRECT, "R"),
    (ConnectionClosed("the daemon started but does not answer"), RECEIVE, RETRY, DIRECT, "R"),
    (TransportIOError("refused"), CONNECT, RETRY, DIRECT, "C"),
    (TransportIOError("refused"), SEND, RETRY, DIRECT, "S"),
    (TransportIOError("refused"), RECEIVE, RETRY, DIRECT, "R"),
    (ProtocolError("garbage"), RECEIVE, RETRY, DIRECT, "R"),
    (TransportError("some way"), RECEIVE, RETRY, DIRECT, "R"),
    (EndpointError("taken"), CONNECT, DIRECT, DIRECT, "C"),
    (UnexpectedReply("Pong"), RECEIVE, DIRECT, DIRECT, "U"),
    (Timeout(3), RECEIVE, PROBE, PROBE, "W"),
    (Timeout(3), CONNECT, PROBE, PROBE, "C"),
    (Timeout(3), SEND, DIRECT, DIRECT, "S"),
    (DaemonError("ending", "about to end"), RECEIVE, RETRY, RETRY, "E"),
    (DaemonError("cancelled", "by somebody"), RECEIVE, RETRY, RETRY, "E"),
    (DaemonError("store", "disk full"), RECEIVE, DIRECT, DIRECT, "E"),
    (DaemonError("internal", "a bug"), RECEIVE, DIRECT, DIRECT, "E"),
    (DaemonError("protocol", "what?"), RECEIVE, DIRECT, DIRECT, "E"),
    (DaemonError("from the future", "?"), RECEIVE, DIRECT, DIRECT, "E"),
    (UsageError("-o"), RECEIVE, RAISE, RAISE, ""),
    (ConfigError("size"), CONNECT, RAISE, RAISE, ""),
    (CompilerNotFound("none"), RECEIVE, RAISE, RAISE, ""),
    (ToolTimeout("g++", 60.0), RECEIVE, RAISE, RAISE, ""),
    (CompileError("no"), RECEIVE, RAISE, RAISE, ""),
    (ProgramError("signal", exit_code=-11), RECEIVE, RAISE, RAISE, ""),
    (StoreError("own"), RECEIVE, RAISE, RAISE, ""),
    (ZcnbError("?"), RECEIVE, RAISE, RAISE, ""),
]


@pytest.mark.parametrize(
    ("failure", "phase", "first", "unretried", "mark"), TABLE, ids=[f"{row[0]!r} {row[1].value}" for row in TABLE]
)
def test_decision(failure: ZcnbError, phase: Phase, first: Decision, unretried: Decision, mark: str) -> None:
    last = RAISE if first is RAISE else DIRECT
    assert ATTEMPTS == 2
    assert classify(failure, phase, 1) is first
    assert classify(failure, phase, 1, retry=False) is unretried
    for attempt in range(ATTEMPTS, 9):  # no failure is tried for ever
        assert classify(failure, phase, attempt) is classify(failure, phase, attempt, retry=False) is last
    if mark:
        assert letter(failure, phase) == mark


def test_the_table_knows_every_error_and_every_letter_there_is() -> None:
    """Whoever adds an error decides here what follows it."""
    leaves = {cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, ZcnbError)}
    below = {cls for cls in leaves if not any(sub.__module__ == errors.__name__ for sub in cls.__subclasses__())}
    assert below <= {type(failure) for failure, *_ in TABLE}
    assert {row[4] for row in TABLE if row[4]} == set("CSRWEU")


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("failure", [row[0] for row in TABLE], ids=repr)
def test_only_a_receive_that_timed_out_is_a_wedge(failure: ZcnbError, phase: Phase) -> None:
    assert is_wedge(failure, phase) is (type(failure) is Timeout and phase is RECEIVE)
    assert not (is_wedge(failure, phase) and classify(failure, phase, 1) is RETRY)


def test_what_a_probe_leads_to() -> None:
    actions = {probe: wedge_action(probe) for probe in Probe}
    assert actions == {
        Probe.PONG: WedgeAction.KEEP,
        Probe.BUSY: WedgeAction.KEEP,
        Probe.TIMEOUT: WedgeAction.REPLACE,
        Probe.ERROR: WedgeAction.REPLACE,
        Probe.NOT_ASKED: WedgeAction.REPLACE,
    }


def test_a_retry_waits_for_a_random_moment() -> None:
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return 0.125

    assert retry_delay(ConnectionClosed("gone"), uniform) == 0.125
    assert asked == [(0.05, 0.25)]
    assert retry_delay(DaemonError("ending", "about to end"), uniform) == 0


def test_less_silence_is_enough_where_the_daemon_is_asked_afterwards() -> None:
    assert patience(3.0, 1) == 1.0
    assert patience(0, 1) == 3.0
    assert patience(3.0, 2) == patience(0, 2) == 30.0, "a queue, not a wedge: it was asked just now"


VERSIONS = [
    # the daemon's, ours, is it replaced?
    ("0.1.0", "0.2.0", True),
    ("0.9.0", "0.10.0", True),
    ("0.9", "0.10", True),
    ("9", "10", True),
    ("1.9.9", "2", True),
    ("0.1", "0.1.1", True),
    ("0.1.0rc1", "0.2.0", True),
    ("0.2.0", "0.1.0", False),
    ("0.10.0", "0.9.0", False),
    ("0.1.0", "0.1.0", False),
    ("0.1", "0.1.0", False),
    ("0.1.0", "0.1", False),
    ("1.0.0rc1", "1.0.0", False),
    ("1.0.0", "1.0.0.dev1", False),
    ("", "0.1.0", False),
    ("unknown", "0.1.0", False),
    ("v0.0.1", "0.1.0", False),
    ("-1", "0.1.0", False),
    ("\u0660.1", "0.2", False),
    ("0.1.0", "unknown", False),
    ("0.1.0", "", False),
    ("9" * 9999, "0.1.0", False),
]


@pytest.mark.parametrize(("daemon", "own", "replaced"), VERSIONS, ids=[f"{a[:9]}-{b[:9]}" for a, b, _ in VERSIONS])
def test_an_older_daemon_is_replaced(daemon: str, own: str, replaced: bool) -> None:
    assert choose_upgrade(own, daemon) is (Upgrade.REPLACE if replaced else Upgrade.KEEP)


@pytest.mark.parametrize("one", [row[0] for row in VERSIONS])
@pytest.mark.parametrize("two", [row[0] for row in VERSIONS])
def test_two_versions_never_replace_each_other(one: str, two: str) -> None:
    assert Upgrade.KEEP in (choose_upgrade(one, two), choose_upgrade(two, one))


@pytest.mark.parametrize(("code", "cls"), [("usage", UsageError), ("no-compiler", CompilerNotFound)])
def test_a_persons_mistake_comes_back_as_what_it_was(code: str, cls: type[ZcnbError]) -> None:
    own = own_error(DaemonError(code, "Install g++."))
    assert type(own) is cls
    assert str(own) == "Install g++."
    assert classify(own, RECEIVE, 1) is RAISE


def test_a_persons_mistake_keeps_its_hint() -> None:
    assert str(own_error(DaemonError("usage", "No.", "Do this."))) == "No. Do this."


@pytest.mark.parametrize("code", ["store", "ending", "cancelled", "internal", "bad-message", "deadline", "", "Usage"])
def test_any_other_error_of_the_daemon_stays_itself(code: str) -> None:
    failure = DaemonError(code, "message", "hint")
    assert own_error(failure) is failure
