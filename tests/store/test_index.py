"""The index: what was recorded comes back as it was, and a damaged file costs time, never an answer."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.osdep import FileLock
from zcnb.osdep.signature import Signature
from zcnb.store.index import ENTRIES_PER_KEY, FORMAT, Index
from zcnb.store.rows import pack

KEY, OTHER = digest_bytes(b"key"), digest_bytes(b"other")
OUT = Output("cell.o", digest_bytes(b"out"), 3)
SECOND = Output("user.d", digest_bytes(b"second"), 4, executable=True)
MANIFEST = Manifest(
    inputs=(("x.h", digest_bytes(b"x")), ("/a b/ü \udcff.h", digest_bytes(b"y"))),
    probes=(("b/x.h", "nothing"), ("b/y.h", "nothing"), ("b/z.h", "folder"), ("c", "file")),
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


SAID = "cell.cpp:2: note \x1b[0m \udcff"
ROW = pack(KEY, MANIFEST, [OUT], stdout="out", stderr=SAID, ms=1.5).size
"""Bytes that one entry with one output takes in the index."""


def add(index: Index, key: Digest = KEY, *outputs: Output, ms: float = 1.5) -> None:
    index.add(key, MANIFEST, outputs or [OUT], stdout="out", stderr=SAID, ms=ms)


def add_many(index: Index) -> None:
    for number in range(ENTRIES_PER_KEY + 3):
        add(index, ms=float(number))


def out(name: bytes, size: int) -> Output:
    return Output("cell.o", digest_bytes(name), size)


def test_entry_comes_back_as_it_was(index: Index) -> None:
    add(index, KEY, OUT, SECOND)
    (entry,) = index.entries(KEY)
    assert (entry.manifest, entry.outputs, entry.ms) == (MANIFEST, (OUT, SECOND), 1.5)
    assert (entry.stdout, entry.stderr) == ("out", "cell.cpp:2: note \x1b[0m \udcff")
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
    first.keep_digests([("/usr/bin/cc", state, OUT.digest)])
    first.close()
    second = Index(path)
    assert second.entries(KEY)[0].manifest == MANIFEST
    assert second.duration("cell-1") == 12.5
    assert second.duration("cell-2") == 0.0
    assert second.digests() == [("/usr/bin/cc", state, OUT.digest)]
    second.close()


def test_totals_count_each_blob_once(index: Index) -> None:
    add(index)
    add(index, OTHER)
    index.add_blob(digest_bytes(b"loose"), 10)
    assert index.totals() == (13 + 2 * ROW, 2)


def test_dropping_an_entry_leaves_the_others(index: Index) -> None:
    add(index, KEY, out(b"one", 1), ms=1.0)
    add(index, KEY, out(b"two", 2), ms=2.0)
    index.drop_entries([index.entries(KEY)[0].id, 12345])
    assert [entry.ms for entry in index.entries(KEY)] == [1.0]
    assert index.totals()[1] == 1
    assert len(index.oldest(9)) == 2, "the blob stays until it is evicted"


def test_dropping_blobs_takes_their_entries_along(index: Index) -> None:
    add(index)
    add(index, OTHER)
    add(index, OTHER, out(b"two", 2))
    index.drop_blobs([OUT.digest])
    assert index.entries(KEY) == []
    assert [entry.outputs for entry in index.entries(OTHER)] == [(out(b"two", 2),)]
    assert [blob.digest for blob in index.oldest(9)] == [digest_bytes(b"two")]


def test_each_output_of_an_entry_takes_it_along(index: Index) -> None:
    for gone in (OUT, SECOND):
        add(index, KEY, OUT, SECOND)
        add(index, OTHER, out(b"two", 2))
        index.drop_blobs([gone.digest])
        assert index.entries(KEY) == []
        assert len(index.entries(OTHER)) == 1
        index.clear()


def test_entries_leave_no_rows_behind(index: Index, path: Path) -> None:
    def held() -> int:
        with sqlite3.connect(path) as db:
            count = db.execute("SELECT COUNT(*) FROM holds").fetchone()[0]
        db.close()
        assert isinstance(count, int)
        return count

    for number in range(ENTRIES_PER_KEY + 5):
        add(index, KEY, OUT, SECOND, ms=float(number))
    assert held() == 2 * ENTRIES_PER_KEY
    index.drop_entries([index.entries(KEY)[0].id])
    assert held() == 2 * ENTRIES_PER_KEY - 2
    index.clear()
    assert held() == 0


def test_one_blob_may_be_several_outputs(index: Index) -> None:
    twin = Output("twin.o", OUT.digest, OUT.size)
    add(index, KEY, OUT, twin)
    assert index.entries(KEY)[0].outputs == (OUT, twin)
    assert index.totals() == (OUT.size + pack(KEY, MANIFEST, [OUT, twin], stdout="out", stderr=SAID, ms=1.5).size, 1)


def test_counters_add_up_and_survive(path: Path) -> None:
    first = Index(path)
    assert first.counters() == {}
    first.add_counters({"hits": 2, "saved_ms": 0.5})
    first.add_counters({"hits": 3, "passed: -E: ü": 1})
    first.add_counters({})
    first.close()
    second = Index(path)
    assert second.counters() == {"hits": 5.0, "saved_ms": 0.5, "passed: -E: ü": 1.0}
    second.clear()
    assert second.counters()["hits"] == 5.0, "the results went, not what was counted"
    second.zero_counters()
    assert second.counters() == {}
    second.close()


def test_uses_are_counted_not_timed(index: Index) -> None:
    one, two, three = (out(name, 1) for name in (b"one", b"two", b"three"))
    add(index, KEY, one, two)
    add(index, OTHER, three)
    order = [one.digest, two.digest, three.digest]
    assert [blob.digest for blob in index.oldest(9)] == order
    index.touch([two.digest, digest_bytes(b"unknown"), one.digest])
    assert [blob.digest for blob in index.oldest(9)] == [three.digest, two.digest, one.digest]
    first, second, third = index.oldest(9)
    assert index.oldest(2) == [first, second]
    assert index.oldest(9, after=first.used) == [second, third]
    add(index, KEY, three)
    assert [blob.digest for blob in index.oldest(9)][-1] == three.digest


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
        lambda: index.add_blob(OUT.digest, OUT.size),
        lambda: index.add_blob(OUT.digest, 77),
        lambda: add_many(index),
        lambda: index.drop_entries([index.entries(KEY)[0].id]),
        lambda: index.drop_blobs([SECOND.digest, digest_bytes(b"unknown")]),
        lambda: add(index, OTHER),
    ]
    for step in steps:
        step()
        assert index.totals() == counted()
    assert index.totals()[1] == ENTRIES_PER_KEY, "one of them went, and one came"
    index.clear()
    assert index.totals() == (0, 0) == counted()


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
    notes: list[str] = []
    second = Index(path, notes.append)
    assert second.entries(KEY) == []
    assert len(notes) == 1
    add(second)
    assert len(second.entries(KEY)) == 1
    second.close()
    assert path.with_suffix(".damaged").read_bytes()[4096:] == before[4096:]
    third = Index(path)
    assert len(third.entries(KEY)) == 1
    third.close()


def test_damage_while_open_costs_no_request(path: Path) -> None:
    notes: list[str] = []
    index = Index(path)
    for number in range(200):
        index.add(digest_bytes(b"%d" % number), MANIFEST, [OUT], stdout="", stderr="x" * 2000, ms=1.0)
    index.close()
    index = Index(path, notes.append)
    torn(path)
    assert index.entries(KEY) == []
    add(index)
    assert len(index.entries(KEY)) == 1
    assert len(notes) == 1, "said once"
    assert str(path) in notes[0]
    assert "index.damaged" in notes[0]
    index.close()


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


def test_of_two_who_find_the_damage_one_puts_it_aside(path: Path) -> None:
    first = Index(path)
    for number in range(200):
        first.add(digest_bytes(b"%d" % number), MANIFEST, [OUT], stdout="", stderr="x" * 2000, ms=1.0)
    first.close()
    notes: list[str] = []
    one, other = Index(path, notes.append), Index(path, notes.append)
    torn(path)
    assert one.entries(KEY) == []
    add(one)
    assert len(other.entries(KEY)) == 1, "it goes on with the new one"
    assert len(notes) == 1
    one.close()
    other.close()


def test_nobody_opens_it_while_another_puts_it_aside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zcnb.store.index.LOCK_S", 0.1)
    with FileLock(path.with_suffix(".lock")), pytest.raises(StoreError, match="another process"):
        Index(path)
    Index(path).close()


def empty_wal_index(path: Path) -> None:
    Path(f"{path}-shm").write_bytes(b"\xa5" * 32768)


def old_log(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"\xa5" * 8000)


def folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere" / "index")


def no_tables(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE holds")
    db.close()


def no_sums(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM sums")
    db.close()


@pytest.mark.parametrize(
    ("harm", "survives"),
    [
        (empty_wal_index, True), (old_log, True), (Path.unlink, False), (folder, False), (dangling_link, False),
        (no_tables, False), (no_sums, False),
    ],
)  # fmt: skip
def test_whatever_lies_there_the_index_can_be_used(path: Path, harm: Callable[[Path], None], survives: bool) -> None:
    first = Index(path)
    add(first)
    first.close()
    harm(path)
    second = Index(path)
    second.totals()
    assert len(second.entries(KEY)) == survives
    add(second, OTHER)
    assert len(second.entries(OTHER)) == 1
    assert second.totals()[1] == 1 + survives
    second.close()


def test_an_unreadable_reading_is_left_out(path: Path, index: Index) -> None:
    """The store must open whatever stands in there; a compiler is read once more then."""
    state = Signature(1, 2, 3, 4, 5)
    index.keep_digests([(name, state, OUT.digest) for name in ("/a", "/b", "/c", "/d")])
    with sqlite3.connect(path) as db:
        for name, text in (("/a", "[1, 2"), ("/b", "[1, 2]"), ("/c", '[1, 2, 3, 4, "5"]')):
            db.execute("UPDATE digests SET signature = ? WHERE path = ?", (text, name))
    db.close()
    assert index.digests() == [("/d", state, OUT.digest)]


def test_no_byte_of_the_file_can_be_changed_to_a_wrong_answer(path: Path) -> None:
    """Each byte in turn that the row is written with; and single bits all over the file."""
    first = Index(path)
    add(first)
    first.close()
    sound = path.read_bytes()
    start = sound.index(b'[[["x.h"')
    rng = random.Random(7)
    places = [*range(start - 80, start + ROW, 7), *(rng.randrange(100, len(sound)) for _ in range(150))]
    lost = 0
    for place in places:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << rng.randrange(8)]) + sound[place + 1 :])
        index = Index(path)
        found = index.entries(KEY)
        assert [(entry.manifest, entry.outputs, entry.stderr) for entry in found] in ([], [(MANIFEST, (OUT,), SAID)])
        lost += not found
        index.close()
    assert lost > 30, "the bytes that were changed are those that matter"
