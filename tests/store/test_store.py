"""The store as a whole: results kept, checked, evicted, cleared, and trouble told as one error."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store.store import DEFAULT_LIMIT, Store

KEY = digest_bytes(b"key")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "cache", limit=1000)
    yield made
    made.close()


def key(number: int) -> Digest:
    return digest_bytes(b"key %d" % number)


def put(store: Store, at: Digest, data: bytes) -> Digest:
    output = take(store, data)
    store.record(at, Manifest(), [output], stdout="out", stderr="said", ms=7.0)
    return output.digest


def take(store: Store, data: bytes, name: str = "out", *, executable: bool = False) -> Output:
    with store.work_folder() as work:
        (work / name).write_bytes(data)
        return store.take(work / name, executable=executable)


def held(store: Store, at: Digest) -> bytes | None:
    for entry in store.entries(at):
        paths = store.outputs(entry)
        if paths is not None:
            return b"".join(path.read_bytes() for path in paths)
    return None


@contextlib.contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of 2 MB mounted at `folder`; skips where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(("size=2m", *options)), "zcnb-test", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk to fill")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass


def test_taken_is_no_result_until_recorded(store: Store) -> None:
    taken = take(store, b"data")
    assert store.entries(KEY) == []
    store.record(KEY, Manifest(), [taken], stdout="out", stderr="said", ms=7.0)
    (entry,) = store.entries(KEY)
    assert (entry.outputs, entry.stdout, entry.stderr, entry.ms) == ((taken,), "out", "said", 7.0)
    assert held(store, KEY) == b"data"


def test_taken_knows_its_name_and_kind(store: Store) -> None:
    assert take(store, b"data", "cell.o") == Output("cell.o", digest_bytes(b"data"), 4)
    assert take(store, b"more!", "cell", executable=True) == Output("cell", digest_bytes(b"more!"), 5, executable=True)


def test_outputs_come_back_in_their_order(store: Store) -> None:
    taken = [take(store, data, name) for name, data in (("b", b"two"), ("a", b"one"), ("c", b"two"))]
    store.record(KEY, Manifest(), taken, stdout="", stderr="", ms=1.0)
    paths = store.outputs(store.entries(KEY)[0])
    assert paths is not None
    assert [path.read_bytes() for path in paths] == [b"two", b"one", b"two"]
    assert store.totals() == (6, 1)


@pytest.mark.parametrize("gone", [0, 1])
def test_one_lost_output_drops_the_whole_entry(store: Store, gone: int) -> None:
    taken = [take(store, b"one"), take(store, b"two")]
    store.record(KEY, Manifest(), taken, stdout="", stderr="", ms=1.0)
    path = store.path(taken[gone].digest)
    assert path is not None
    path.unlink()
    assert store.outputs(store.entries(KEY)[0]) is None
    assert store.entries(KEY) == []
    assert store.path(taken[1 - gone].digest) is not None


def test_counters_are_kept_with_the_store(tmp_path: Path, store: Store) -> None:
    store.add_counters({})
    assert store.counters() == {}
    store.add_counters({"hits": 1})
    store.close()
    again = Store(tmp_path / "cache", limit=1000)
    again.add_counters({"hits": 2.5})
    assert again.counters() == {"hits": 3.5}
    again.zero_counters()
    assert again.counters() == {}
    again.close()


def test_everything_survives_reopening(tmp_path: Path, store: Store) -> None:
    put(store, KEY, b"data")
    store.note_duration("slot", 12.0)
    store.close()
    again = Store(tmp_path / "cache", limit=1000)
    assert held(again, KEY) == b"data"
    assert (again.expected_ms("slot"), again.expected_ms("other"), again.expected_ms("")) == (12.0, 0.0, 0.0)
    again.close()


def test_damaged_output_drops_its_entry(store: Store) -> None:
    digest = put(store, KEY, b"data")
    path = store.path(digest)
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(b"dat!")
    assert store.outputs(store.entries(KEY)[0]) is None
    assert store.entries(KEY) == []
    assert store.path(digest) is None
    put(store, KEY, b"data")
    assert held(store, KEY) == b"data"


def test_eviction_takes_the_least_recently_used(store: Store) -> None:
    for number in range(9):
        put(store, key(number), b"%d" % number * 100)
    assert held(store, key(0)) is not None  # used just now
    put(store, key(9), b"9" * 100)
    assert store.totals() == (1000, 10)
    put(store, key(10), b"x" * 100)
    assert store.totals() == (800, 8)
    assert [number for number in range(11) if held(store, key(number)) is None] == [1, 2, 3]


def test_eviction_removes_the_files(store: Store, tmp_path: Path) -> None:
    for number in range(30):
        put(store, key(number), b"%02d" % number * 50)
    files = [path for path in (tmp_path / "cache" / "v1" / "blobs").rglob("*") if path.is_file()]
    assert len(files) == store.totals()[1] <= 10


def test_result_over_the_whole_limit_still_runs_once(store: Store) -> None:
    put(store, KEY, b"x" * 5000)
    assert held(store, KEY) == b"x" * 5000


def test_uncached_builds_do_not_grow_the_cache_without_end(store: Store) -> None:
    for number in range(50):
        store.keep([take(store, b"%02d" % number * 50)])
    assert store.totals()[0] <= 1100


def test_all_outputs_of_one_result_count(store: Store) -> None:
    for number in range(6):
        taken = [take(store, b"%d%d" % (number, part) * 50) for part in range(2)]
        store.record(key(number), Manifest(), taken, stdout="", stderr="", ms=1.0)
    size, entries = store.totals()
    assert (size, entries) == (800, 4)
    assert [number for number in range(6) if held(store, key(number)) is None] == [0, 1]


def test_kept_outputs_are_evicted_like_the_rest(store: Store) -> None:
    loose = take(store, b"x" * 500)
    store.keep([loose])
    for number in range(11):
        put(store, key(number), b"%02d" % number * 50)
    assert store.path(loose.digest) is None


def test_clear_says_what_went(store: Store, tmp_path: Path) -> None:
    put(store, KEY, b"data")
    put(store, key(1), b"more")
    assert store.clear() == (8, 2)
    assert store.totals() == (0, 0)
    assert held(store, KEY) is None
    assert not [path for path in (tmp_path / "cache" / "v1" / "blobs").rglob("*") if path.is_file()]
    put(store, KEY, b"data")
    assert held(store, KEY) == b"data"


def test_limit_is_chosen_by_the_disk(tmp_path: Path) -> None:
    made = Store(tmp_path / "cache")
    assert 0 < made.limit <= DEFAULT_LIMIT
    made.close()


def test_folder_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "file" / "cache")


def test_close_never_raises(tmp_path: Path) -> None:
    made = Store(tmp_path / "cache")
    put(made, KEY, b"data")
    assert held(made, KEY) == b"data"
    subprocess.run(["rm", "-rf", str(tmp_path / "cache")], check=True)
    made.close()


def test_full_disk_is_a_store_error_and_what_was_there_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        made = Store(disk / "cache", limit=1 << 20)
        put(made, KEY, b"data")
        taken = take(made, b"late")
        fill(disk)
        big = Manifest(inputs=tuple((f"{'x' * 2000}/{number}.h", KEY) for number in range(500)))
        with pytest.raises(StoreError):
            made.record(key(1), big, [taken], stdout="", stderr="", ms=1.0)
        assert made.entries(key(1)) == []
        assert held(made, KEY) == b"data"
        (disk / "ballast").unlink()
        put(made, key(1), b"more")
        assert held(made, key(1)) == b"more"
        made.close()


def test_full_disk_at_the_start_is_a_store_error(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        with pytest.raises(StoreError):
            Store(disk / "cache")


def test_no_room_for_another_folder_is_a_store_error(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "nr_inodes=24") as disk:
        made = Store(disk / "cache")
        for number in range(24):
            with contextlib.suppress(OSError):
                (disk / f"file{number}").touch()
        with pytest.raises(StoreError), made.work_folder():
            pass
        made.close()


def test_read_only_disk_is_a_store_error(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        Store(disk / "cache").close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreError, match=str(disk)):
            Store(disk / "cache")
