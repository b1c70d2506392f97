"""A cache with a hundred thousand results: opened at once, in little memory, and evicted from in small pieces."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store.index import Index
from zcnb.store.rows import pack
from zcnb.store.store import BATCH, Store

MANY = 100_000
LOOKED_AT = 1000
"""Every so many-th is a result that can be read."""
SIZE = 10_000
MANIFEST = Manifest(tuple((f"/usr/include/c++/12/bits/{number}.h", Digest("0" * 64)) for number in range(10)))

LOOK = """
import json, resource, sys, time
from pathlib import Path
from zcnb.store.store import Store

def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

before, begin = resident(), time.monotonic()
store = Store(Path(sys.argv[1]), limit=10**12)
opened = time.monotonic() - begin
for _ in range(100):
    store.totals()
looked = time.monotonic() - begin - opened
found = sum(len(store.entries(key)) for key in json.loads(sys.argv[2]))
for _ in range(16):
    store.tidy()
print(json.dumps({"open_s": opened, "totals_s": looked, "found": found, "grown": resident() - before}))
store.close()
"""


def key(number: int) -> Digest:
    return digest_bytes(b"key %d" % number)


def rows(digests: list[Digest]) -> Iterator[tuple[object, ...]]:
    for number, digest in enumerate(digests):
        if number % LOOKED_AT == 0:
            row = pack(key(number), MANIFEST, [Output("cell", digest, SIZE)], stdout="", stderr="", ms=1.0)
        yield number + 1, key(number), *row, row.size


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An index with `MANY` entries; files are there for none of their blobs."""
    folder = tmp_path_factory.mktemp("many")
    Store(folder).close()
    with closing(Index(folder / "v1" / "index.db")) as index, index._transaction() as db:
        digests = [digest_bytes(b"%d" % number) for number in range(MANY)]
        db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows(digests))
        db.executemany("INSERT INTO holds VALUES (?, ?)", enumerate(digests, 1))
        db.executemany(f"INSERT INTO blobs VALUES (?2, {SIZE}, ?1)", enumerate(digests, 1))
    yield folder
    for file in (folder / "v1").glob("index*"):
        file.unlink()


def test_opening_is_quick_and_takes_little_memory(cache: Path) -> None:
    keys = json.dumps([key(number) for number in range(0, MANY, LOOKED_AT)])
    argv = [sys.executable, "-c", LOOK, str(cache), keys]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    assert found["found"] == 100
    assert found["open_s"] < 1.0
    assert found["totals_s"] < 1.0, "a hundred looks at the sums are no hundred scans"
    assert found["grown"] < 16 * 1024 * 1024


def test_eviction_of_one_result_looks_at_one_batch(cache: Path) -> None:
    with closing(Store(cache, limit=10**12, grace_s=0)) as store:
        size, entries = store.totals()
        store.limit = size - 1
        begin = time.monotonic()
        with store.work_folder() as work:
            (work / "out").write_bytes(b"new")
            taken = store.take(work / "out", executable=True)
        store.record(digest_bytes(b"new"), MANIFEST, [taken], stdout="", stderr="", ms=1.0)
        took = time.monotonic() - begin
        left = store.totals()
    assert entries + 1 - left[1] == BATCH
    assert left[0] <= size - 1
    assert took < 1.0
