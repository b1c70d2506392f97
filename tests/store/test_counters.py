"""What was counted outlives daemons."""

from __future__ import annotations

from pathlib import Path

from zcnb.store import counters, results
from zcnb.store.index import Index


def test_counters_add_up_and_survive(path: Path) -> None:
    first = Index(path)
    assert first.run(counters.counted) == {}
    first.run(counters.add, {"hits": 2, "saved_ms": 0.5})
    first.run(counters.add, {"hits": 3, "passed: -E: ü": 1})
    first.run(counters.add, {})
    first.close()
    second = Index(path)
    assert second.run(counters.counted) == {"hits": 5.0, "saved_ms": 0.5, "passed: -E: ü": 1.0}
    second.run(results.drop_until, 99)
    assert second.run(counters.counted)["hits"] == 5.0, "the results went, not what was counted"
    second.run(counters.zero)
    assert second.run(counters.counted) == {}
    second.close()
