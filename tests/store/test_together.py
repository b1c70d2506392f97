"""Several daemons on one cache folder, killed at any time: no wrong result, no error, nothing left broken."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.store.check import check
from zcnb.store.store import Store

KEYS = 40
SIZE = 4000
LIMIT = 20 * SIZE
"""Bytes: half of the keys have room, so there is always something to evict."""


def work(cache: Path, seed: int, seconds: float) -> dict[str, int]:
    """What a daemon does, at random, for `seconds`; how often. Raises `AssertionError` for a wrong result."""
    rng, done = random.Random(seed), {"hit": 0, "miss": 0, "clear": 0, "vanished": 0}
    with closing(Store(cache, limit=LIMIT, grace_s=0)) as store:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            number = rng.randrange(KEYS)
            if rng.random() < 0.01:
                list(store.clearing())
                done["clear"] += 1
            elif rng.random() < 0.1:
                store.flush()
                store.tidy()
            elif not look(store, number, done):
                put(store, number)
                done["miss"] += 1
    return done


def right(number: int) -> bytes:
    return b"%04d" % number * (SIZE // 4)


def look(store: Store, number: int, done: dict[str, int]) -> bool:
    """Whether there is a result. Another daemon may remove its file before it is read: a client asks again then."""
    for entry in store.entries(key(number)):
        paths = store.outputs(entry)
        if paths is not None:
            assert entry.stdout == str(number)
            try:
                assert paths[0].read_bytes() == right(number)
                done["hit"] += 1
            except FileNotFoundError:
                done["vanished"] += 1
            return True
    return False


def key(number: int) -> Digest:
    return digest_bytes(b"key %d" % number)


def put(store: Store, number: int) -> None:
    with store.work_folder() as folder:
        (folder / "out").write_bytes(right(number))
        taken = store.take(folder / "out", executable=True)
    store.record(key(number), Manifest(), [taken], stdout=str(number), stderr="", ms=1.0)


def daemon(cache: Path, seed: int, seconds: float) -> subprocess.Popen[str]:
    argv = [sys.executable, __file__, str(cache), str(seed), str(seconds)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def assert_sound(cache: Path) -> None:
    """The next daemon works, and nothing is left that a check would complain about."""
    with closing(Store(cache, limit=LIMIT, grace_s=0)) as store:
        for number in range(KEYS):
            look(store, number, {"hit": 0, "vanished": 0})
            put(store, number)
            assert look(store, number, {"hit": 0, "vanished": 0})
        assert store.totals()[0] <= LIMIT
    assert {damage.kind for damage in check(cache, repair=True)} <= {"blob unknown", "blob missing"}
    assert list(check(cache)) == []


def test_three_daemons_write_evict_and_clear(tmp_path: Path) -> None:
    running = [daemon(tmp_path, seed, 3.0) for seed in range(3)]
    for process in running:
        said, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        counts = dict(zip(("hit", "miss", "clear", "vanished"), map(int, said.split()), strict=True))
        assert counts["hit"] > 20
        assert counts["miss"] > 20
    assert not (tmp_path / "v1" / "index.damaged").exists()
    assert_sound(tmp_path)


def test_daemons_that_are_killed_at_random(tmp_path: Path) -> None:
    """Each is killed in the middle of whatever it does; the others, and those that follow, do not mind."""
    rng = random.Random(1)
    steady = daemon(tmp_path, 100, 5.0)
    for seed in range(12):
        victim = daemon(tmp_path, seed, 60.0)
        assert wait_until(lambda pid=victim.pid: any((tmp_path / "v1" / "work").glob(f"{pid}-*")))  # type: ignore[misc]
        time.sleep(rng.random() * 0.05)  # the moment is what is tried
        victim.kill()
        assert victim.communicate()[1] == ""
    _, errors = steady.communicate(timeout=60)
    assert (steady.returncode, errors) == (0, "")
    assert not (tmp_path / "v1" / "index.damaged").exists()
    assert_sound(tmp_path)


def test_a_damaged_index_under_two_daemons(tmp_path: Path) -> None:
    """Both notice, one of them puts it aside, and both go on with the same new one."""
    notes: list[str] = []
    with (
        closing(Store(tmp_path, LIMIT, notes.append)) as one,
        closing(Store(tmp_path, LIMIT, notes.append)) as other,
    ):
        for number in range(20):
            put(one, number)
            assert look(other, number, {"hit": 0, "vanished": 0})
        path = tmp_path / "v1" / "index.db"
        for suffix in ("", "-wal"):
            file = path.with_name(path.name + suffix)
            file.write_bytes(b"\xa5" * file.stat().st_size)
        for store in (one, other, one):
            look(store, 1, {"hit": 0, "vanished": 0})
            put(store, 1)
            store.tidy()
        assert len(notes) == 1, "told once"
        put(one, 2)
        assert look(other, 2, {"hit": 0, "vanished": 0})
        put(other, 3)
        assert look(one, 3, {"hit": 0, "vanished": 0})


def test_a_cache_folder_that_is_deleted_is_begun_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with closing(Store(cache, LIMIT)) as store:
        put(store, 1)
        subprocess.run(["rm", "-rf", str(cache)], check=True)
        assert not look(store, 1, {"hit": 0, "vanished": 0})
        put(store, 1)
        store.tidy()
        put(store, 2)
    with closing(Store(cache, LIMIT)) as store:
        assert look(store, 2, {"hit": 0, "vanished": 0})


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_file_that_no_row_knows_goes_when_it_is_old(
    tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(tmp_path, LIMIT)) as store:
        put(store, 1)
        with store.work_folder() as folder:
            (folder / "out").write_bytes(b"left by a killed daemon")
            orphan = store.take(folder / "out", executable=False).digest
        path = store.path(orphan)
        assert path is not None
        if order == "after":
            monkeypatch.setattr("zcnb.store.store.STRANGE_S", -1.0)
        for _ in range(256):
            store.tidy()
        assert path.exists() == (order == "before")
        assert look(store, 1, {"hit": 0, "vanished": 0})


def test_rows_without_files_are_not_counted_for_ever(tmp_path: Path) -> None:
    with closing(Store(tmp_path, LIMIT)) as store:
        for number in range(5):
            put(store, number)
        subprocess.run(["rm", "-rf", str(tmp_path / "v1" / "blobs")], check=True)
        assert store.totals()[1] == 5
        for _ in range(256):
            store.tidy()
        assert store.totals() == (0, 0)


if __name__ == "__main__":
    counted = work(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    print(counted["hit"], counted["miss"], counted["clear"], counted["vanished"])
