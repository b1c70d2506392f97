"""What the daemon counts stays small."""

from __future__ import annotations

from zcnb.daemon.lifecycle import MOST_REASONS, Health


def test_reasons_are_bounded_and_all_are_counted() -> None:
    health = Health()
    for number in range(3 * MOST_REASONS):
        health.note_uncached(f"header{number}.hpp changed while the compiler ran")
    health.note_uncached("header0.hpp changed while the compiler ran")
    assert len(health.reasons) == MOST_REASONS + 1
    assert health.reasons["header0.hpp changed while the compiler ran"] == 2
    assert sum(health.reasons.values()) == health.uncached == 3 * MOST_REASONS + 1
