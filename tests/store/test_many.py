"""A cache with a hundred thousand results: opened at once, in little memory, and evicted from in small pieces."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import end_daemon, need
from tests.store.many import READABLE, add_cells, fill, key, resident
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.digest import digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.spec import BuildSpec
from zcnb.store.store import BATCH, Store

MANY = 100_000
CELLS = 400
MIB = 1 << 20

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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An index with `MANY` entries; files are there for none of their blobs."""
    folder = tmp_path_factory.mktemp("many")
    fill(folder, MANY)
    yield folder
    for file in (folder / "v1").glob("index*"):
        file.unlink()


def test_opening_is_quick_and_takes_little_memory(cache: Path) -> None:
    keys = json.dumps([key(number) for number in range(0, MANY, READABLE)])
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
        store.record(digest_bytes(b"new"), Manifest(), [taken], stdout="", stderr="", ms=1.0)
        took = time.monotonic() - begin
        left = store.totals()
    assert entries + 1 - left[1] == BATCH
    assert left[0] <= size - 1
    assert took < 1.0


@pytest.fixture
def large(config: Config, cache: Path) -> Iterator[Config]:
    """A daemon's settings with the large cache."""
    settings = replace(config, cache_dir=cache, socket=Path(f"{config.socket}.large"), max_size=1 << 40)
    yield settings
    end_daemon(settings)


def first_hit(config: Config, spec: BuildSpec) -> float:
    """Seconds from nothing to an answer out of the cache."""
    begin = time.perf_counter()
    with Session(config) as session:
        assert session.build(spec).cache == "hit"
    took = time.perf_counter() - begin
    stop(config)
    return took


def test_the_first_answer_comes_as_soon_and_memory_is_bounded(
    config: Config, large: Config, make_spec: Callable[..., BuildSpec]
) -> None:  # fmt: skip
    """A real daemon with many results beside one with a few, in turn; and then it answers many different cells."""
    need("g++")
    spec = make_spec("#include <iostream>\nint main() { std::cout << 1; }")
    for settings in (config, large):
        with Session(settings) as session:
            assert [step.unstored for step in session.build(spec).steps] == ["", ""]
        stop(settings)
    rounds = [(first_hit(config, spec), first_hit(large, spec)) for _ in range(3)]
    few, many = map(min, zip(*rounds, strict=True))
    assert many < 2 * few
    cells = add_cells(large.cache_dir, spec, CELLS)
    with Session(config) as session, Session(large) as other:
        assert {session.build(spec).cache, other.build(spec).cache} == {"hit"}
        small, begin = resident(session.status().pid), resident(other.status().pid)
        assert other.status().programs > MANY - 1000
        assert begin < small + 8 * MIB
        assert {other.build(cell).cache for cell in cells} == {"hit"}
        assert resident(other.status().pid) < begin + 80 * MIB


def test_clearing_holds_nobody_up(large: Config, make_spec: Callable[..., BuildSpec]) -> None:
    """While it goes on, others are answered many times; and then nothing is left."""
    with Session(large) as session, Session(large) as other:
        before = session.status().programs
        answered = 0
        with ThreadPoolExecutor(1) as thread:
            cleared = thread.submit(session.clear)
            while not cleared.done():
                other.ping()
                answered += 1
        assert cleared.result().entries == before > MANY - 1000
        assert answered > 100
        assert other.status().programs == 0
        assert other.status().cache_bytes == 0
