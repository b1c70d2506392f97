"""The store's figures: `make bench`, or `python tests/bench/store.py [ROUNDS]`.

How a daemon starts and what it holds in memory with few and with many results, and how long single pieces of
work keep it from others. All in one run and in turn: compare the rows. Uses private caches and daemons, 2 GB of
disk, and some minutes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.spine import machine
from tests.store.many import add_cells, content, fill, resident
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.offload import ROUND
from zcnb.model.digest import digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.spec import BuildSpec
from zcnb.store.store import Store

COUNTS = (0, 10_000, 100_000)
INPUTS = 25
"""Of each of the many results; their rows have 3 KB each."""
DIFFERENT = 1000
"""Cells that are asked for after the first one."""
MIB = 1 << 20


def main() -> int:
    """Measure, then print two tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    console = Console(width=120)
    root = Path(tempfile.mkdtemp(prefix="zb-", dir="/tmp"))
    caches = {count: Config(cache_dir=root / f"{count}", socket=root / f"{count}.sock") for count in COUNTS}
    try:
        console.print(machine())
        cells = {count: prepared(config, root, count) for count, config in caches.items()}
        show_starts(console, caches, cells, rounds)
        show_pieces(console, root)
    finally:
        for config in caches.values():
            stop(config)
        shutil.rmtree(root, ignore_errors=True)
    return 0


def prepared(config: Config, root: Path, count: int) -> list[BuildSpec]:
    """A cache with `count` results besides those of some cells, which a daemon will answer."""
    fill(config.cache_dir, count, INPUTS)
    source = b'#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'
    folder = root / "project"
    folder.mkdir(exist_ok=True)
    spec = BuildSpec(language="c++", source=source, cwd=str(folder), env=dict(os.environ))
    with Session(config) as session:
        assert all(step.cache == "miss" and not step.unstored for step in session.build(spec).steps)
    stop(config)
    return [spec, *add_cells(config.cache_dir, spec, DIFFERENT)]


def show_starts(
    console: Console, caches: dict[int, Config], cells: dict[int, list[BuildSpec]], rounds: int
) -> None:  # fmt: skip
    """One daemon after the other, in turn."""
    samples: dict[int, list[tuple[float, float, float]]] = {count: [] for count in caches}
    for _ in range(rounds):
        for count, config in caches.items():
            samples[count].append(started(config, cells[count]))
    table = Table(title="A daemon's life (medians)", title_justify="left")
    for name in ("results", "start to pong, ms", "to first hit, ms", "MiB then", f"MiB after {DIFFERENT} other hits"):
        table.add_column(name, justify="right")
    for count, config in caches.items():
        pong, hit, memory = map(statistics.median, zip(*samples[count], strict=True))
        table.add_row(
            f"{count:,}", f"{pong:.1f}", f"{hit:.1f}", f"{memory:.1f}", f"{used(config, cells[count]):.1f}"
        )  # fmt: skip
    console.print(table)


def started(config: Config, specs: list[BuildSpec]) -> tuple[float, float, float]:
    """Milliseconds from nothing to a first pong and to a first hit, and the daemon's memory then (MiB)."""
    with Session(config) as session:
        begin = time.perf_counter()
        session.ping()
        pong = time.perf_counter() - begin
        assert session.build(specs[0]).cache == "hit"
        hit = time.perf_counter() - begin
        memory = resident(session.status().pid)
    stop(config)
    return pong * 1000, hit * 1000, memory / MIB


def used(config: Config, specs: list[BuildSpec]) -> float:
    """A daemon's memory (MiB) after it answered all of `specs`."""
    with Session(config) as session:
        assert all(session.build(spec).cache == "hit" for spec in specs)
        memory = resident(session.status().pid)
    stop(config)
    return memory / MIB


def show_pieces(console: Console, root: Path) -> None:
    """What holds a daemon's loop up, with the most results and their files."""
    most = max(COUNTS)
    fill(root / "whole", most, INPUTS, files=True)
    table = Table(title=f"Pieces of work with {most:,} results and their files", title_justify="left")
    for name in ("", "pieces", "median ms", "p99", "max", "all, ms"):
        table.add_column(name, justify="right" if name else "left")
    with closing(Store(root / "whole", limit=1 << 50, grace_s=0)) as store:
        row(table, "record a result", records(store, 2000))
        row(table, "write 1,000 uses down", flushes(store, 50))
        row(table, "tidy a shard", [timed(store.tidy) for _ in range(256)])
        store.limit = int(store.totals()[0] * 0.99)
        row(table, "record a result and evict a piece", records(store, 100))
        store.limit //= 2
        row(table, "evict half of it", list(steps_of(store, store.evicting())))
        row(table, "clear the rest", list(steps_of(store, store.clearing())))
    console.print(table)


def row(table: Table, name: str, samples: Sequence[float]) -> None:
    """One kind of work: milliseconds of its pieces."""
    ordered = sorted(samples)
    figures = (statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1], sum(ordered))
    table.add_row(name, str(len(ordered)), *(f"{value:.2f}" for value in figures))


def records(store: Store, count: int) -> list[float]:
    """New results, as the daemon's loop records them: their files were moved in by threads."""
    taken = []
    for _ in range(count):
        with store.work_folder() as work:
            (work / "out").write_bytes(os.urandom(10_000))
            taken.append(store.take(work / "out", executable=True))
    manifest = Manifest(tuple((f"/usr/include/{part}.h", taken[0].digest) for part in range(240)))
    write = partial(store.record, stdout="", stderr="", ms=1.0, recipe=bytes(3000))
    return [timed(partial(write, output.digest, manifest, [output])) for output in taken]


def flushes(store: Store, count: int) -> list[float]:
    """Uses of 1,000 blobs are written down each time."""
    samples = []
    for _ in range(count):
        for number in range(1000):
            store.path(digest_bytes(content(number)))
        samples.append(timed(store.flush))
    return samples


def steps_of(store: Store, work: Iterator[None]) -> Iterator[float]:
    """Piece by piece to the end; what a daemon does in a thread in between does not count."""
    begin = time.perf_counter()
    for number, _ in enumerate(work, 1):
        yield (time.perf_counter() - begin) * 1000
        if number % ROUND == 0:
            store.checkpoint()
        begin = time.perf_counter()


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    sys.exit(main())
