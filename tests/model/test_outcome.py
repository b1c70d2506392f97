"""What comes back from a build, and what it may be called."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from zcnb.model.outcome import Built, CompilerInfo, StepCache, StepReport

GCC = CompilerInfo(name="g++", path="/usr/bin/g++", version="13.2.0")


def built(*caches: StepCache) -> Built:
    return Built(ok=True, compiler=GCC, steps=tuple(StepReport(step="compile", cache=cache) for cache in caches))


@pytest.mark.parametrize(
    ("caches", "whole"),
    [
        (("hit", "hit"), "hit"),
        (("hit",), "hit"),
        (("hit", "miss"), "miss"),
        (("miss", "hit"), "miss"),
        (("miss", "miss"), "miss"),
        (("direct", "direct"), "direct"),
        (("direct", "hit"), "direct"),
        (("miss", "direct"), "direct"),
        ((), "miss"),
    ],
)
def test_a_build_is_a_hit_only_if_every_step_was(caches: tuple[StepCache, ...], whole: StepCache) -> None:
    assert built(*caches).cache == whole


@pytest.mark.parametrize(
    ("reason", "unstored", "why"),
    [
        ("", "", ""),
        ("first time", "", "first time"),
        ("", "uses the time of day", "not stored: uses the time of day"),
        ("x.h changed", "x.h vanished", "x.h changed; not stored: x.h vanished"),
    ],
)
def test_both_reasons_of_a_step_in_one_line(reason: str, unstored: str, why: str) -> None:
    assert StepReport(step="compile", cache="miss", reason=reason, unstored=unstored).why == why


def test_a_compiler_is_called_by_name_and_version() -> None:
    assert str(GCC) == "g++ 13.2.0"
    assert str(CompilerInfo(name="g++", path="/usr/bin/g++", version="")) == "g++"


def test_an_outcome_is_not_changed_afterwards() -> None:
    done = built("hit")
    with pytest.raises(FrozenInstanceError):
        done.ok = False  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        done.steps[0].cache = "miss"  # type: ignore[misc]


def test_outcomes_compare_by_value() -> None:
    assert built("hit", "miss") == built("hit", "miss")
    assert built("hit") != built("miss")
