"""What the daemon counts: each request in every group it belongs to, in bounded memory."""

from __future__ import annotations

import pytest

from zcnb.daemon.tally import MOST_REASONS, MOST_SESSIONS, PASSED, UNCACHED, Tally, stats_of
from zcnb.model.health import SessionStats, Stats


@pytest.mark.parametrize(
    ("hit", "saved_ms", "unstored", "expected"),
    [
        (True, 12.5, (), {"hits": 1, "saved_ms": 12.5}),
        (False, 0.0, (), {"misses": 1, "saved_ms": 0}),
        (False, 80.0, (), {"misses": 1, "saved_ms": 0}),  # a hit of one step in two is no hit
        (False, 0.0, ("a", "b", "a"), {"misses": 1, "saved_ms": 0, "uncached": 3, "uncached: a": 2, "uncached: b": 1}),
    ],
)
def test_one_request(hit: bool, saved_ms: float, unstored: tuple[str, ...], expected: dict[str, float]) -> None:
    tally = Tally()
    tally.note("s", hit=hit, saved_ms=saved_ms, unstored=unstored)
    assert tally.life == tally.unsaved == tally.sessions["s"] == expected
    assert list(tally.sessions) == ["s"]


def test_groups_do_not_share_their_counters() -> None:
    tally = Tally()
    tally.note("one", hit=True, saved_ms=1.0)
    tally.unsaved.clear()
    tally.note("two", hit=True, saved_ms=2.0)
    tally.note("", hit=True, saved_ms=4.0)
    assert (tally.life["hits"], tally.life["saved_ms"]) == (3, 7.0)
    assert (tally.unsaved["hits"], tally.unsaved["saved_ms"]) == (2, 6.0)
    assert tally.session_stats("one") == SessionStats("one", 1, 0, 0, 1.0)
    assert tally.session_stats("two") == SessionStats("two", 1, 0, 0, 2.0)
    assert list(tally.sessions) == ["one", "two"]


def test_passed_calls_are_neither_hits_nor_misses() -> None:
    tally = Tally()
    tally.note_passed("s", "-E: preprocessing only")
    tally.note_passed("", "-E: preprocessing only")
    assert tally.life == {"passed": 2, "passed: -E: preprocessing only": 2}
    assert tally.session_stats("s") == SessionStats("s", passed=1)
    assert tally.reasons(PASSED) == {"-E: preprocessing only": 2}
    assert tally.reasons(UNCACHED) == {}


def test_reasons_are_bounded_and_all_are_counted() -> None:
    tally = Tally()
    for number in range(3 * MOST_REASONS):
        tally.note("", hit=False, saved_ms=0, unstored=(f"header{number}.hpp changed while the compiler ran",))
    tally.note("", hit=False, saved_ms=0, unstored=("header0.hpp changed while the compiler ran",))
    reasons = tally.reasons(UNCACHED)
    assert len(reasons) == MOST_REASONS + 1
    assert reasons["header0.hpp changed while the compiler ran"] == 2
    assert sum(reasons.values()) == tally.life["uncached"] == 3 * MOST_REASONS + 1
    tally.note_passed("", "something else")
    assert tally.reasons(PASSED) == {"something else": 1}, "each kind has room of its own"


def test_an_unknown_session_has_counted_nothing_and_is_not_begun_by_asking() -> None:
    tally = Tally()
    assert tally.session_stats("nobody") == SessionStats("nobody")
    assert not tally.sessions


def test_beginning_a_session_again_keeps_what_it_counted() -> None:
    tally = Tally()
    tally.note("s", hit=True, saved_ms=1.0)
    tally.start("s")
    assert tally.session_stats("s").hits == 1


def test_the_session_that_was_quiet_longest_is_forgotten() -> None:
    tally = Tally()
    for number in range(MOST_SESSIONS):
        tally.start(str(number))
    tally.note("0", hit=True, saved_ms=1.0)
    tally.start("another")
    assert len(tally.sessions) == MOST_SESSIONS
    assert "1" not in tally.sessions
    assert tally.session_stats("0").hits == 1


def test_counters_as_a_message() -> None:
    counters: dict[str, float] = {
        "hits": 7.0, "misses": 3.0, "uncached": 1.0, "passed": 2.0, "saved_ms": 5120.5, "since_unix": 1_750_000_000.25,
        "uncached: uses the time of day": 1.0, "passed: -E: preprocessing only": 2.0,
    }  # fmt: skip
    reasons = ({"uses the time of day": 1}, {"-E: preprocessing only": 2})
    assert stats_of(counters) == Stats(7, 3, 1, 2, 5120.5, 1_750_000_000.25, *reasons)
