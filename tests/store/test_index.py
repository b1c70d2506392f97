"""The index as a file: whatever becomes of it costs time, never an answer."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.shelf import KEY, MANIFEST, OTHER, OUT, ROW, SAID, add
from zcnb.errors import StoreError
from zcnb.model.digest import digest_bytes
from zcnb.osdep import FileLock
from zcnb.osdep.signature import Signature
from zcnb.store import durations, readings, results, sums
from zcnb.store.index import Index
from zcnb.store.schema import FORMAT


def test_everything_survives_reopening(path: Path) -> None:
    first = Index(path)
    add(first)
    first.run(durations.set_duration, "cell-1", 12.5)
    state = Signature(1, 2, 3, 4, 5)
    first.run(readings.keep, [("/usr/bin/cc", state, OUT.digest)])
    first.close()
    second = Index(path)
    assert second.run(results.under, KEY)[0].manifest == MANIFEST
    assert second.run(durations.duration, "cell-1") == 12.5
    assert second.run(durations.duration, "cell-2") == 0.0
    assert second.run(readings.kept) == [("/usr/bin/cc", state, OUT.digest)]
    second.close()


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
    assert second.run(results.under, KEY) == []
    assert len(notes) == 1
    add(second)
    assert len(second.run(results.under, KEY)) == 1
    second.close()
    assert path.with_suffix(".damaged").read_bytes()[4096:] == before[4096:]
    third = Index(path)
    assert len(third.run(results.under, KEY)) == 1
    third.close()


def test_damage_while_open_costs_no_request(path: Path) -> None:
    notes: list[str] = []
    index = Index(path)
    for number in range(200):
        index.run(results.add, digest_bytes(b"%d" % number), MANIFEST, [OUT], stdout="", stderr="x" * 2000, ms=1.0)
    index.close()
    index = Index(path, notes.append)
    torn(path)
    assert index.run(results.under, KEY) == []
    add(index)
    assert len(index.run(results.under, KEY)) == 1
    assert len(notes) == 1, "said once"
    assert str(path) in notes[0]
    assert "index.damaged" in notes[0]
    index.close()


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
    assert len(index.run(results.under, KEY)) == 1


def test_of_two_who_find_the_damage_one_puts_it_aside(path: Path) -> None:
    first = Index(path)
    for number in range(200):
        first.run(results.add, digest_bytes(b"%d" % number), MANIFEST, [OUT], stdout="", stderr="x" * 2000, ms=1.0)
    first.close()
    notes: list[str] = []
    one, other = Index(path, notes.append), Index(path, notes.append)
    torn(path)
    assert one.run(results.under, KEY) == []
    add(one)
    assert len(other.run(results.under, KEY)) == 1, "it goes on with the new one"
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
    second.run(sums.totals)
    assert len(second.run(results.under, KEY)) == survives
    add(second, OTHER)
    assert len(second.run(results.under, OTHER)) == 1
    assert second.run(sums.totals)[1] == 1 + survives
    second.close()


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
        found = index.run(results.under, KEY)
        assert [(entry.manifest, entry.outputs, entry.stderr) for entry in found] in ([], [(MANIFEST, (OUT,), SAID)])
        lost += not found
        index.close()
    assert lost > 30, "the bytes that were changed are those that matter"
