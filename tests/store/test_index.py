"""The index: what was recorded comes back as it was, and a damaged file costs time, never an answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.osdep.signature import Signature
from zcnb.store.index import ENTRIES_PER_KEY, FORMAT, Index

KEY, OTHER = digest_bytes(b"key"), digest_bytes(b"other")
OUT = (digest_bytes(b"out"), 3)
MANIFEST = Manifest(
    inputs=(("x.h", digest_bytes(b"x")), ("/a b/ü \udcff.h", digest_bytes(b"y"))),
    probes=(("b/x.h", False), ("c", True)),
    env=(("HOME", None), ("V", ""), ("W", "1\n2")),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    made = Index(path)
    yield made
    made.close()


def add(index: Index, key: Digest = KEY, output: tuple[Digest, int] = OUT, ms: float = 1.5) -> None:
    index.add(key, MANIFEST, output, diagnostics="cell.cpp:2: note \x1b[0m", ms=ms)


def test_entry_comes_back_as_it_was(index: Index) -> None:
    add(index)
    (entry,) = index.entries(KEY)
    assert (entry.manifest, entry.output, entry.ms) == (MANIFEST, OUT[0], 1.5)
    assert entry.diagnostics == "cell.cpp:2: note \x1b[0m"
    assert index.entries(OTHER) == []


def test_entries_are_newest_first(index: Index) -> None:
    for ms in (1.0, 2.0, 3.0):
        add(index, ms=ms)
        add(index, OTHER, ms=9.0)
    assert [entry.ms for entry in index.entries(KEY)] == [3.0, 2.0, 1.0]


def test_so_many_entries_for_each_key_and_no_more(index: Index) -> None:
    add(index, OTHER, ms=-1.0)
    for number in range(ENTRIES_PER_KEY + 5):
        add(index, ms=float(number))
    expected = [float(number) for number in range(ENTRIES_PER_KEY + 4, 4, -1)]
    assert [entry.ms for entry in index.entries(KEY)] == expected
    assert len(index.entries(OTHER)) == 1


def test_everything_survives_reopening(path: Path) -> None:
    first = Index(path)
    add(first)
    first.set_duration("cell-1", 12.5)
    state = Signature(1, 2, 3, 4, 5)
    first.keep_digests([("/usr/bin/cc", state, OUT[0])])
    first.close()
    second = Index(path)
    assert second.entries(KEY)[0].manifest == MANIFEST
    assert second.duration("cell-1") == 12.5
    assert second.duration("cell-2") == 0.0
    assert second.digests() == [("/usr/bin/cc", state, OUT[0])]
    second.close()


def test_totals_count_each_blob_once(index: Index) -> None:
    add(index)
    add(index, OTHER)
    index.add_blob(digest_bytes(b"loose"), 10)
    assert index.totals() == (13, 2)


def test_forgetting_an_entry_leaves_the_others(index: Index) -> None:
    add(index, output=(digest_bytes(b"one"), 1), ms=1.0)
    add(index, output=(digest_bytes(b"two"), 2), ms=2.0)
    index.forget(index.entries(KEY)[0])
    assert [entry.ms for entry in index.entries(KEY)] == [1.0]
    assert index.totals() == (1, 1)


def test_dropping_blobs_takes_their_entries_along(index: Index) -> None:
    add(index)
    add(index, OTHER)
    add(index, OTHER, (digest_bytes(b"two"), 2))
    index.drop_blobs([OUT[0]])
    assert index.entries(KEY) == []
    assert [entry.output for entry in index.entries(OTHER)] == [digest_bytes(b"two")]
    assert [blob[0] for blob in index.blobs()] == [digest_bytes(b"two")]


def test_touch_notes_the_last_use(index: Index) -> None:
    add(index)
    index.touch({OUT[0]: 42, digest_bytes(b"unknown"): 1})
    assert index.blobs() == [(*OUT, 42)]


def test_clear_empties_and_keeps_what_was_learnt(index: Index) -> None:
    add(index)
    index.set_duration("cell-1", 5.0)
    index.clear()
    assert index.totals() == (0, 0)
    assert index.entries(KEY) == []
    assert index.duration("cell-1") == 5.0


def garbage(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 400)


def torn(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    path.write_bytes(data)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def another_format(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={FORMAT + 1}")
    db.close()


def older_format(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={FORMAT - 1}")
    db.close()


@pytest.mark.parametrize("harm", [garbage, torn, truncated, another_format, older_format])
def test_unusable_file_is_put_aside_and_begun_anew(path: Path, harm: Callable[[Path], None]) -> None:
    first = Index(path)
    for number in range(50):
        add(first, ms=float(number))
    first.close()
    harm(path)
    before = path.read_bytes()
    second = Index(path)
    try:
        second.entries(KEY)
    except StoreError:
        pass  # damage deep in the file is only found by reading: this one request fails, the next do not
    assert second.entries(KEY) == []
    add(second)
    assert len(second.entries(KEY)) == 1
    second.close()
    assert path.with_suffix(".damaged").read_bytes()[4096:] == before[4096:]
    third = Index(path)
    assert len(third.entries(KEY)) == 1
    third.close()


def test_damage_while_open_costs_one_request(path: Path) -> None:
    index = Index(path)
    for number in range(200):
        index.add(digest_bytes(b"%d" % number), MANIFEST, OUT, diagnostics="x" * 2000, ms=1.0)
    index.close()
    index = Index(path)
    torn(path)
    with pytest.raises(StoreError):
        index.entries(KEY)
    assert index.entries(KEY) == []
    add(index)
    assert len(index.entries(KEY)) == 1
    index.close()


def test_unreadable_manifest_costs_that_entry_alone(index: Index, path: Path) -> None:
    add(index, ms=1.0)
    add(index, ms=2.0)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE entries SET manifest = '[[\"x' WHERE ms = 2.0")
    db.close()
    try:
        index.entries(KEY)
    except StoreError:
        pass  # once is fine; for ever would mean that this cell is never cached again
    assert [entry.ms for entry in index.entries(KEY)] in ([1.0], [])


def test_place_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be opened"):
        Index(tmp_path / "file" / "index.db")


def test_locked_file_is_a_store_error_not_a_loss(index: Index, path: Path) -> None:
    add(index)
    index._db.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="locked"):
            add(index, OTHER)
    finally:
        other.rollback()
        other.close()
    assert not path.with_suffix(".damaged").exists()
    assert len(index.entries(KEY)) == 1
