"""`check`: each kind of damage is told by its name and its place, and repaired; nothing else is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.osdep import process_start
from zcnb.store.check import KINDS, Damage, check
from zcnb.store.schema import FORMAT
from zcnb.store.store import Store

GOOD, HURT = digest_bytes(b"good"), digest_bytes(b"hurt")
SHARED = b"in both"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Two results that share one of their two outputs; no daemon."""
    folder = tmp_path / "cache"
    with closing(Store(folder)) as store:
        for key, data in ((GOOD, b"sound"), (HURT, b"tender")):
            put(store, key, data, SHARED)
    return folder


def put(store: Store, key: Digest, *outputs: bytes) -> None:
    with store.work_folder() as work:
        taken = []
        for number, data in enumerate(outputs):
            (work / f"out{number}").write_bytes(data)
            taken.append(store.take(work / f"out{number}", executable=number == 0))
    store.record(key, Manifest(inputs=(("a.h", key),)), taken, stdout="", stderr="", ms=1.0)


def place(cache: Path, data: bytes = b"tender") -> Path:
    digest = digest_bytes(data)
    return cache / "v1" / "blobs" / digest[:2] / digest[2:]


def index(cache: Path) -> Path:
    return cache / "v1" / "index.db"


def bit_flipped(cache: Path) -> None:
    path = place(cache)
    path.chmod(0o755)
    path.write_bytes(b"tendes")
    path.chmod(0o555)


def truncated(cache: Path) -> None:
    os.truncate(place(cache), 3)


def emptied(cache: Path) -> None:
    os.truncate(place(cache), 0)


def a_folder(cache: Path) -> None:
    place(cache).unlink()
    place(cache).mkdir()
    (place(cache) / "inside").touch()


def a_link(cache: Path) -> None:
    place(cache).rename(cache / "elsewhere")
    place(cache).symlink_to(cache / "elsewhere")


def deleted(cache: Path) -> None:
    place(cache).unlink()


def writable(cache: Path) -> None:
    place(cache).chmod(0o755)


def unknown_blob(cache: Path) -> None:
    path = place(cache, b"never recorded")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"never recorded")
    path.chmod(0o444)


def stray_file(cache: Path) -> None:
    (place(cache).parent / "notes.txt").write_text("mine")


def stray_folder(cache: Path) -> None:
    (cache / "v1" / "blobs" / "zz").mkdir()


def shard_is_a_file(cache: Path) -> None:
    shutil.rmtree(place(cache).parent)
    place(cache).parent.write_text("in the way")


def no_index(cache: Path) -> None:
    index(cache).unlink()


def garbage_index(cache: Path) -> None:
    index(cache).write_bytes(b"no database" * 1000)


def truncated_index(cache: Path) -> None:
    os.truncate(index(cache), 5000)


def torn_index(cache: Path) -> None:
    """A page in the middle is overwritten."""
    with index(cache).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xa5" * 4096)


def index_is_a_folder(cache: Path) -> None:
    index(cache).unlink()
    index(cache).mkdir()


def newer_index(cache: Path) -> None:
    with closing(sqlite3.connect(index(cache))) as db:
        db.execute(f"PRAGMA user_version={FORMAT + 1}")


def older_index(cache: Path) -> None:
    with closing(sqlite3.connect(index(cache))) as db:
        db.execute(f"PRAGMA user_version={FORMAT - 1}")


def changed_row(cache: Path) -> None:
    """One letter of an input's name: SQLite cannot know."""
    edit(cache, "UPDATE entries SET manifest = replace(manifest, 'a.h', 'b.h') WHERE key = ?", HURT)


def row_of_another_key(cache: Path) -> None:
    edit(cache, "UPDATE entries SET key = ? WHERE key = ?", digest_bytes(b"other"), HURT)


def lost_blob_row(cache: Path) -> None:
    edit(cache, "DELETE FROM blobs WHERE digest = ?", digest_bytes(b"tender"))


def wrong_sums(cache: Path) -> None:
    edit(cache, "UPDATE sums SET bytes = 10")


def left_behind(cache: Path) -> None:
    (cache / "v1" / "work" / "999999999-1" / "tmpx").mkdir(parents=True)


def work_is_a_file(cache: Path) -> None:
    (cache / "v1" / "work").rmdir()
    (cache / "v1" / "work").write_text("in the way")


def edit(cache: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(index(cache))) as db:
        db.execute(statement, values)
        db.commit()


HARMS: list[tuple[Callable[[Path], None], str, Callable[[Path], Path]]] = [
    (bit_flipped, "blob damaged", place),
    (truncated, "blob damaged", place),
    (emptied, "blob damaged", place),
    (a_folder, "blob no file", place),
    (a_link, "blob no file", place),
    (deleted, "blob missing", place),
    (writable, "blob writable", place),
    (unknown_blob, "blob unknown", lambda cache: place(cache, b"never recorded")),
    (stray_file, "stray", lambda cache: place(cache).parent / "notes.txt"),
    (stray_folder, "stray", lambda cache: cache / "v1" / "blobs" / "zz"),
    (garbage_index, "index unusable", index),
    (truncated_index, "index unusable", index),
    (torn_index, "index unusable", index),
    (index_is_a_folder, "index unusable", index),
    (newer_index, "index unusable", index),
    (older_index, "index unusable", index),
    (no_index, "index missing", index),
    (changed_row, "result unreadable", index),
    (row_of_another_key, "result unreadable", index),
    (lost_blob_row, "result without output", index),
    (wrong_sums, "sums wrong", index),
    (left_behind, "left behind", lambda cache: cache / "v1" / "work" / "999999999-1"),
    (work_is_a_file, "not a folder", lambda cache: cache / "v1" / "work"),
]
KEEPS_ALL = {"blob writable", "blob unknown", "stray", "sums wrong", "left behind", "not a folder"}
"""What costs no result."""


EACH_HARM = pytest.mark.parametrize(("harm", "kind", "where"), HARMS, ids=[harm.__name__ for harm, _, _ in HARMS])


def test_every_kind_of_damage_is_tried() -> None:
    assert {kind for _, kind, _ in HARMS} == set(KINDS)


def test_nothing_is_wrong_with_a_sound_cache(cache: Path, tmp_path: Path) -> None:
    assert list(check(cache)) == []
    assert list(check(tmp_path / "nowhere")) == []
    with closing(Store(cache)) as store:
        assert list(check(cache)) == []
        assert held(store, GOOD)


def held(store: Store, key: Digest) -> bool:
    """Whether there is a result, which then is the right one."""
    for entry in store.entries(key):
        assert entry.manifest.inputs == (("a.h", key),)
        paths = store.outputs(entry)
        if paths is not None:
            assert [path.read_bytes() for path in paths] == [b"sound" if key == GOOD else b"tender", SHARED]
            return True
    return False


def snapshot(cache: Path) -> dict[str, tuple[int, int, int]]:
    """What lies below, but for SQLite's own files beside an open index."""
    facts = {str(path): path.lstat() for path in (cache / "v1").rglob("*") if not path.name.endswith(("-shm", "-wal"))}
    return {path: (fact.st_ino, fact.st_mode, fact.st_mtime_ns) for path, fact in facts.items()}


@EACH_HARM
def test_damage_is_told_and_repaired(
    cache: Path, harm: Callable[[Path], None], kind: str, where: Callable[[Path], Path]
) -> None:
    harm(cache)
    found = list(check(cache))
    assert [(damage.kind, damage.mended) for damage in found if damage.kind == kind] == [(kind, False)]
    also = {"blob unknown"} if kind == "result without output" else set()
    assert {damage.kind for damage in found} == {kind} | also, "and nothing else is wrong"
    assert any(damage.place.startswith(str(where(cache))) for damage in found)
    assert KINDS[kind][0] in "".join(map(str, found))
    repaired = list(check(cache, repair=True))
    assert all(damage.mended for damage in repaired)
    assert KINDS[kind][1] in "".join(map(str, repaired))
    assert list(check(cache)) == []
    with closing(Store(cache)) as store:
        kept = [held(store, key) for key in (GOOD, HURT)]
        assert kept[1] == (kind in KEEPS_ALL)
        assert kept[0] == (not kind.startswith("index"))
        put(store, HURT, b"tender", SHARED)
        assert held(store, HURT)
    assert list(check(cache)) == []


@EACH_HARM
def test_without_a_check_nothing_wrong_is_handed_out(
    cache: Path, harm: Callable[[Path], None], kind: str, where: Callable[[Path], Path]
) -> None:
    """The next daemon gets along with all of it, and makes anew what is lost."""
    harm(cache)
    notes: list[str] = []
    with closing(Store(cache, note=notes.append)) as store:
        for key, data in ((GOOD, b"sound"), (HURT, b"tender")):
            held(store, key)
            put(store, key, data, SHARED)
            assert held(store, key)
    assert len(notes) == (kind == "index unusable"), "an index that was put aside is told once"
    assert {damage.kind for damage in check(cache)} <= {kind}


@EACH_HARM
def test_looking_changes_nothing(
    cache: Path, harm: Callable[[Path], None], kind: str, where: Callable[[Path], Path]
) -> None:
    harm(cache)
    before = snapshot(cache)
    list(check(cache))
    assert snapshot(cache) == before


def test_shard_that_is_a_file(cache: Path) -> None:
    shard_is_a_file(cache)
    assert {damage.kind for damage in check(cache)} == {"not a folder", "blob missing"}
    list(check(cache, repair=True))
    assert list(check(cache)) == []


def test_what_a_daemon_is_about_to_record_is_left_alone(cache: Path) -> None:
    with closing(Store(cache)) as store, store.work_folder() as work:
        (work / "out").write_bytes(b"fresh")
        taken = store.take(work / "out", executable=False)
        assert list(check(cache, repair=True)) == []
        store.record(digest_bytes(b"k"), Manifest(), [taken], stdout="", stderr="", ms=1.0)
        assert store.path(taken.digest) is not None


def test_a_daemon_goes_on_while_its_cache_is_repaired(cache: Path) -> None:
    with closing(Store(cache)) as store:
        assert held(store, HURT)
        bit_flipped(cache)
        assert [damage.kind for damage in check(cache, repair=True)] == ["blob damaged"]
        assert not held(store, HURT)
        assert held(store, GOOD)
        put(store, HURT, b"tender", SHARED)
        assert held(store, HURT)
        assert list(check(cache)) == []


def test_a_daemon_finds_the_index_that_took_the_place_of_its_own(cache: Path) -> None:
    with closing(Store(cache)) as store:
        torn_index(cache)
        assert "index unusable" in {damage.kind for damage in check(cache, repair=True)}
        store.tidy()
        put(store, HURT, b"tender", SHARED)
    with closing(Store(cache)) as store:
        assert held(store, HURT)
    assert {damage.kind for damage in check(cache, repair=True)} == {"blob unknown"}, "left of the old index"
    assert list(check(cache)) == []


def test_a_failed_repair_says_so() -> None:
    assert "not repaired: no" in str(Damage("stray", "/x", failure="no"))


def program(cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "zcnb.store", str(cache), *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def test_the_program_and_its_exit_codes(cache: Path) -> None:
    clean = program(cache)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "Nothing is wrong" in clean.stdout
    bit_flipped(cache)
    stray_file(cache)
    found = program(cache)
    assert (found.returncode, found.stderr) == (1, "")
    assert f"blob damaged: {place(cache)}: " in found.stdout
    assert "1 × blob damaged, 1 × stray" in found.stdout
    assert "zcnb check --repair" in found.stdout
    repaired = program(cache, "--repair")
    assert (repaired.returncode, repaired.stderr) == (0, "")
    assert "all repaired" in repaired.stdout
    assert program(cache).returncode == 0


def test_the_program_on_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("a file")
    found = program(tmp_path)
    assert (found.returncode, found.stderr) == (1, "")
    assert f"not a folder: {tmp_path / 'v1'}: " in found.stdout
    assert program(tmp_path, "--repair").returncode == 0
    assert program(tmp_path).returncode == 0


def test_the_program_on_a_cache_that_cannot_be_read(cache: Path) -> None:
    """An index that another process keeps locked is no damage."""
    with closing(sqlite3.connect(index(cache), isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        done = program(cache)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("zcnb: ")
    assert len(done.stderr.splitlines()) == 1
    assert program(cache).returncode == 0


@pytest.fixture
def living() -> Iterator[str]:
    """The name of the private folder of a process that lives."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield f"{process.pid}-{process_start(process.pid)}"
        process.kill()


def test_folders_of_living_daemons_are_not_left_behind(cache: Path, living: str) -> None:
    (cache / "v1" / "work" / living).mkdir()
    unknown_blob(cache)
    assert list(check(cache)) == [], "nor is a file that it may be about to record"
