"""The store as a whole: results kept, checked, evicted, cleared, and trouble told as one error."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store.evict import LOW_WATER
from zcnb.store.rows import pack
from zcnb.store.store import Store

KEY = digest_bytes(b"key")
LIMIT = 110_000
"""Bytes: room for ten blobs of `SIZE` and the rows that lead to them."""
SIZE = 10_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "cache", limit=LIMIT, grace_s=0)
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
    row = pack(KEY, Manifest(), taken, stdout="", stderr="", ms=1.0)
    assert store.totals() == (6 + row.size, 1), "two of them are one blob"


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
    again = Store(tmp_path / "cache", limit=LIMIT)
    again.add_counters({"hits": 2.5})
    assert again.counters() == {"hits": 3.5}
    again.zero_counters()
    assert again.counters() == {}
    again.close()


def test_everything_survives_reopening(tmp_path: Path, store: Store) -> None:
    put(store, KEY, b"data")
    store.note_duration("slot", 12.0)
    store.close()
    again = Store(tmp_path / "cache", limit=LIMIT)
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


def fill_up(store: Store, numbers: Iterable[int]) -> None:
    for number in numbers:
        put(store, key(number), b"%04d" % number * (SIZE // 4))


def lost(store: Store, numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if held(store, key(number)) is None]


def files_of(cache: Path) -> list[Path]:
    return [path for path in (cache / "v1" / "blobs").rglob("*") if path.is_file()]


def test_eviction_takes_the_least_recently_used(store: Store) -> None:
    fill_up(store, range(9))
    assert held(store, key(0)) is not None  # used just now
    fill_up(store, [9])
    assert store.totals()[1] == 10
    fill_up(store, [10])
    assert store.totals()[1] == 8
    assert LIMIT * 0.7 < store.totals()[0] <= LIMIT * LOW_WATER
    assert lost(store, range(11)) == [1, 2, 3]


def test_what_is_written_about_results_counts(store: Store) -> None:
    long = Manifest(inputs=tuple((f"/usr/include/{number}.h", KEY) for number in range(200)))
    for number in range(20):
        store.record(key(number), long, [take(store, b"%d" % number)], stdout="", stderr="", ms=1.0)
    assert store.totals()[0] <= LIMIT
    assert 0 < store.totals()[1] < 7


def test_eviction_removes_the_files(store: Store, tmp_path: Path) -> None:
    fill_up(store, range(30))
    assert len(files_of(tmp_path / "cache")) == store.totals()[1] <= 10


def test_result_over_the_whole_limit_still_runs_once(store: Store) -> None:
    put(store, KEY, b"x" * LIMIT * 2)
    assert held(store, KEY) == b"x" * LIMIT * 2
    put(store, key(1), b"small")
    assert (held(store, KEY), held(store, key(1))) == (None, b"small")


def test_uncached_builds_do_not_grow_the_cache_without_end(store: Store) -> None:
    for number in range(50):
        store.keep([take(store, b"%04d" % number * (SIZE // 4))])
    assert 0 < store.totals()[0] <= LIMIT


def test_all_outputs_of_one_result_count(store: Store) -> None:
    for number in range(6):
        taken = [take(store, b"%d%d" % (number, part) * (SIZE // 2)) for part in range(2)]
        store.record(key(number), Manifest(), taken, stdout="", stderr="", ms=1.0)
    assert store.totals()[1] == 4
    assert lost(store, range(6)) == [0, 1]


def test_outputs_that_results_share_count_once(store: Store, tmp_path: Path) -> None:
    for number in range(100):
        put(store, key(number), b"same" * SIZE)
    size, entries = store.totals()
    assert entries == 100
    assert size < 4 * SIZE + 100 * 300
    assert len(files_of(tmp_path / "cache")) == 1


def test_kept_outputs_are_evicted_like_the_rest(store: Store) -> None:
    loose = take(store, b"x" * SIZE)
    store.keep([loose])
    fill_up(store, range(11))
    assert store.path(loose.digest) is None


def test_what_was_just_handed_out_is_not_evicted(tmp_path: Path) -> None:
    made = Store(tmp_path / "cache", limit=LIMIT, grace_s=3600.0)
    fill_up(made, range(9))
    made.close()
    again = Store(tmp_path / "cache", limit=LIMIT, grace_s=3600.0)
    assert held(again, key(0)) is not None
    loose = take(again, b"x" * SIZE)
    again.keep([loose])
    assert again.path(loose.digest) is not None
    for number in range(20, 60):
        store_only(again, key(number))
    assert held(again, key(0)) is not None
    assert again.path(loose.digest) is not None
    assert lost(again, range(9)) == list(range(1, 9)), "all the others went"
    again.close()


def store_only(store: Store, at: Digest) -> None:
    """Record a result that nobody asks for."""
    store.record(at, Manifest(), [take(store, os.urandom(SIZE))], stdout="", stderr="", ms=1.0)


def test_what_a_program_runs_from_is_not_evicted(store: Store) -> None:
    sleep = Path(shutil.which("sleep") or "/bin/sleep").read_bytes()
    output = take(store, sleep, executable=True)
    store.limit = len(sleep) + LIMIT
    store.record(KEY, Manifest(), [output], stdout="", stderr="", ms=1.0)
    path = store.path(output.digest)
    assert path is not None
    with subprocess.Popen([path, "60"]) as running:
        try:
            assert wait_until(lambda: os.path.samefile(f"/proc/{running.pid}/exe", path))
            fill_up(store, range(30))
            assert path.exists()
            assert held(store, KEY) == sleep
        finally:
            running.kill()
    fill_up(store, range(30, 60))
    assert not path.exists(), "when it ended it is a blob like the others"


def test_times_of_files_do_not_change_the_order(store: Store, tmp_path: Path) -> None:
    """Results of a day when the clock was years ahead, or behind, go in their turn."""
    fill_up(store, range(10))
    for number, path in enumerate(files_of(tmp_path / "cache")):
        os.utime(path, (2**33, 2**33) if number % 2 else (0, 0))
    fill_up(store, [10])
    assert lost(store, range(11)) == [0, 1, 2]


def test_evicting_goes_on_in_batches_and_not_below_low_water(tmp_path: Path) -> None:
    made = Store(tmp_path / "cache", limit=400 * 1000, grace_s=0)
    for number in range(400):
        put(made, key(number), b"%04d" % number * 150)
    before = made.totals()[1]
    assert made.totals()[0] < 400 * 1000
    made.limit = 100 * 1000
    put(made, KEY, b"one more")
    assert made.totals()[0] > made.limit, "one piece for each result"
    list(made.evicting())
    assert made.totals()[0] <= made.limit, "over the limit it does not stop"
    assert made.totals()[1] < before
    made.limit = 400 * 1000
    left = made.totals()[1]
    put(made, key(1000), b"another")
    assert made.totals()[1] == left + 1
    made.close()


def test_clearing_removes_results_and_files(store: Store, tmp_path: Path) -> None:
    store.note_duration("cell-1", 5.0)
    put(store, KEY, b"data")
    put(store, key(1), b"more")
    list(store.clearing())
    assert store.totals() == (0, 0)
    assert store.expected_ms("cell-1") == 5.0, "the results went, not what was learnt"
    assert held(store, KEY) is None
    assert not files_of(tmp_path / "cache")
    put(store, KEY, b"data")
    assert held(store, KEY) == b"data"


def test_limit_is_chosen_by_the_disk(tmp_path: Path) -> None:
    """5 GiB or a tenth of the disk, whichever is less; or what the person says."""
    total = shutil.disk_usage(tmp_path).total
    with contextlib.closing(Store(tmp_path / "cache")) as made:
        assert made.limit == min(5 * 1024**3, total // 10)
    with contextlib.closing(Store(tmp_path / "cache", limit=12345)) as made:
        assert made.limit == 12345
    with small_disk(tmp_path / "small") as disk, contextlib.closing(Store(disk / "cache")) as made:
        assert made.limit == 2 * 1024**2 // 10


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
