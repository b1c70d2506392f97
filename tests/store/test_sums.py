"""The sums that triggers keep."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.store.shelf import KEY, OTHER, OUT, ROW, SECOND, add, add_many
from zcnb.model.digest import digest_bytes
from zcnb.store import results, sums, uses
from zcnb.store.index import Index


def test_totals_count_each_blob_once(index: Index) -> None:
    add(index)
    add(index, OTHER)
    index.run(uses.note, digest_bytes(b"loose"), 10)
    assert index.run(sums.totals) == (13 + 2 * ROW, 2)


def test_sums_are_right_after_every_change(index: Index, path: Path) -> None:
    def counted() -> tuple[int, int]:
        with sqlite3.connect(path) as db:
            sizes = db.execute("SELECT (SELECT SUM(size) FROM blobs), (SELECT SUM(size) FROM entries)").fetchone()
            entries = db.execute("SELECT COUNT(*) FROM entries").fetchone()[0]
        db.close()
        return sum(size or 0 for size in sizes), entries

    steps: list[Callable[[], None]] = [
        lambda: add(index),
        lambda: add(index, OTHER, OUT, SECOND),
        lambda: index.run(uses.note, OUT.digest, OUT.size),
        lambda: index.run(uses.note, OUT.digest, 77),
        lambda: add_many(index),
        lambda: index.run(results.drop, [index.run(results.under, KEY)[0].id]),
        lambda: index.run(results.drop_blobs, [SECOND.digest, digest_bytes(b"unknown")]),
        lambda: add(index, OTHER),
    ]
    for step in steps:
        step()
        assert index.run(sums.totals) == counted()
    assert index.run(sums.totals)[1] == results.PER_KEY, "one of them went, and one came"
    index.run(results.drop_until, 99)
    index.run(results.drop_blobs, [OUT.digest])
    assert index.run(sums.totals) == (0, 0) == counted()
