"""Recorded results: what comes back is what was recorded, or nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.store.shelf import KEY, MANIFEST, OTHER, OUT, SAID, SECOND, add, out
from zcnb.errors import StoreError
from zcnb.model.digest import digest_bytes
from zcnb.model.outcome import Output
from zcnb.store import results, sums, uses
from zcnb.store.index import Index
from zcnb.store.rows import pack


def test_entry_comes_back_as_it_was(index: Index) -> None:
    add(index, KEY, OUT, SECOND)
    (entry,) = index.run(results.under, KEY)
    assert (entry.manifest, entry.outputs, entry.ms) == (MANIFEST, (OUT, SECOND), 1.5)
    assert (entry.stdout, entry.stderr) == ("out", "cell.cpp:2: note \x1b[0m \udcff")
    assert index.run(results.under, OTHER) == []


def test_entries_are_newest_first(index: Index) -> None:
    for ms in (1.0, 2.0, 3.0):
        add(index, ms=ms)
        add(index, OTHER, ms=9.0)
    assert [entry.ms for entry in index.run(results.under, KEY)] == [3.0, 2.0, 1.0]


def test_so_many_entries_for_each_key_and_no_more(index: Index) -> None:
    add(index, OTHER, ms=-1.0)
    for number in range(results.PER_KEY + 5):
        add(index, ms=float(number))
    expected = [float(number) for number in range(results.PER_KEY + 4, 4, -1)]
    assert [entry.ms for entry in index.run(results.under, KEY)] == expected
    assert len(index.run(results.under, OTHER)) == 1


def test_dropping_an_entry_leaves_the_others(index: Index) -> None:
    add(index, KEY, out(b"one", 1), ms=1.0)
    add(index, KEY, out(b"two", 2), ms=2.0)
    index.run(results.drop, [index.run(results.under, KEY)[0].id, 12345])
    assert [entry.ms for entry in index.run(results.under, KEY)] == [1.0]
    assert index.run(sums.totals)[1] == 1
    assert len(index.run(uses.oldest, 9)) == 2, "the blob stays until it is evicted"


def test_dropping_blobs_takes_their_entries_along(index: Index) -> None:
    add(index)
    add(index, OTHER)
    add(index, OTHER, out(b"two", 2))
    index.run(results.drop_blobs, [OUT.digest])
    assert index.run(results.under, KEY) == []
    assert [entry.outputs for entry in index.run(results.under, OTHER)] == [(out(b"two", 2),)]
    assert [blob.digest for blob in index.run(uses.oldest, 9)] == [digest_bytes(b"two")]


def test_each_output_of_an_entry_takes_it_along(index: Index) -> None:
    for gone in (OUT, SECOND):
        add(index, KEY, OUT, SECOND)
        add(index, OTHER, out(b"two", 2))
        index.run(results.drop_blobs, [gone.digest])
        assert index.run(results.under, KEY) == []
        assert len(index.run(results.under, OTHER)) == 1
        index.run(results.drop_until, 99)


def test_entries_leave_no_rows_behind(index: Index, path: Path) -> None:
    def held() -> int:
        with sqlite3.connect(path) as db:
            count = db.execute("SELECT COUNT(*) FROM holds").fetchone()[0]
        db.close()
        assert isinstance(count, int)
        return count

    for number in range(results.PER_KEY + 5):
        add(index, KEY, OUT, SECOND, ms=float(number))
    assert held() == 2 * results.PER_KEY
    index.run(results.drop, [index.run(results.under, KEY)[0].id])
    assert held() == 2 * results.PER_KEY - 2
    index.run(results.drop_until, 99)
    assert held() == 0


def test_one_blob_may_be_several_outputs(index: Index) -> None:
    twin = Output("twin.o", OUT.digest, OUT.size)
    add(index, KEY, OUT, twin)
    assert index.run(results.under, KEY)[0].outputs == (OUT, twin)
    assert index.run(sums.totals) == (
        OUT.size + pack(KEY, MANIFEST, [OUT, twin], stdout="out", stderr=SAID, ms=1.5).size,
        1,
    )


@pytest.mark.parametrize(
    ("column", "text"),
    [("manifest", '[["x'), ("outputs", "null"), ("outputs", '[["cell.o"]]'), ("said", '["only one"]'), ("said", "{")],
)
def test_unreadable_row_costs_that_entry_alone(index: Index, path: Path, column: str, text: str) -> None:
    add(index, ms=1.0)
    add(index, ms=2.0)
    with sqlite3.connect(path) as db:
        db.execute(f"UPDATE entries SET {column} = ? WHERE ms = 2.0", (text,))
    db.close()
    try:
        index.run(results.under, KEY)
    except StoreError:
        pass  # once is fine; for ever would mean that this cell is never cached again
    assert [entry.ms for entry in index.run(results.under, KEY)] in ([1.0], [])
