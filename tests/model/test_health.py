"""The daemon's health as people read it."""

from __future__ import annotations

import pytest

from zcnb.model.health import Progress, Status, size

STATUS = Status("ready", 42, "0.1.0")


def row(name: str, **values: object) -> str:
    return dict(Status("ready", 42, "0.1.0", **values).rows())[name]  # type: ignore[arg-type]


@pytest.mark.parametrize(("hits", "misses", "rate"), [(0, 0, 0.0), (1, 0, 1.0), (0, 3, 0.0), (1, 1, 0.5), (3, 1, 0.75)])
def test_hit_rate(hits: int, misses: int, rate: float) -> None:
    assert Status("ready", 1, "", hits=hits, misses=misses).hit_rate == rate


def test_builds_that_could_not_be_stored_are_misses_already() -> None:
    assert Status("ready", 1, "", hits=1, misses=1, uncached=1).hit_rate == 0.5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1234, "1.2 kB"),
        (4_200_000, "4.2 MB"),
        (999_900_000, "999.9 MB"),
        (5 * 1024**3, "5.4 GB"),
    ],
)
def test_size(value: float, text: str) -> None:
    assert size(value) == text


@pytest.mark.parametrize("value", [999_960, 999_999, 999_960_000])
def test_a_size_is_rounded_up_into_the_next_unit(value: float) -> None:
    assert float(size(value).split()[0]) < 1000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min 0 s"),
        (61.5, "1 min 1 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (90_061, "25 h 1 min"),
    ],
)
def test_uptime(seconds: float, text: str) -> None:
    assert row("uptime", uptime_s=seconds) == text


def test_rows_of_a_fresh_daemon() -> None:
    rows = dict(STATUS.rows())
    assert len(rows) == len(STATUS.rows())
    assert rows["state"] == "ready"
    assert rows["pid"] == "42"
    assert rows["hit rate"] == "0% (0 hits, 0 misses)"
    assert rows["not stored"] == rows["recent errors"] == "none"


def test_rows_show_what_there_is() -> None:
    assert row("hit rate", hits=2, misses=1) == "67% (2 hits, 1 miss)"
    assert row("cache", cache_bytes=2_500_000, cache_limit=10**9, programs=3) == "2.5 MB of 1.0 GB, 3 results"
    assert row("recent errors", errors=("first", "second")) == "first\nsecond"
    assert row("socket", endpoint="/tmp/s") == "/tmp/s"
    assert row("cache folder", cache_dir="/cache") == "/cache"
    assert row("in flight", in_flight=2) == "2"
    assert row("connections", connections=4) == "4"
    assert row("runners") == "none"
    assert row("runners", runners="1 interactive (0 of 2 slots busy)") == "1 interactive (0 of 2 slots busy)"


def test_the_most_frequent_reason_comes_first() -> None:
    assert row("not stored", uncached_reasons={"rare": 1, "often": 9, "some": 3}) == "9 × often\n3 × some\n1 × rare"


def test_no_progress_is_an_empty_phase() -> None:
    assert not Progress().phase
