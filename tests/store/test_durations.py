"""Durations of the last misses."""

from __future__ import annotations

import pytest

from zcnb.store import durations
from zcnb.store.index import Index


def test_the_last_one_of_each_slot_counts(index: Index) -> None:
    assert index.run(durations.duration, "cell-1") == 0.0
    for ms in (5.0, 7.5):
        index.run(durations.set_duration, "cell-1", ms)
    index.run(durations.set_duration, "cell-2", 1.0)
    assert index.run(durations.duration, "cell-1") == 7.5


def test_the_latest_are_kept(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durations, "MOST", 3)
    for slot in "abcdea":
        index.run(durations.set_duration, slot, 1.0)
    assert [slot for slot in "abcde" if index.run(durations.duration, slot)] == ["a", "d", "e"]
