"""Caches with many results, made in seconds: filled with rows, and with cells that a daemon will answer."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from zcnb.daemon.steps import Setting, Steps, Underway
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.model.spec import BuildSpec
from zcnb.runner.pool import Pool
from zcnb.store.rows import pack
from zcnb.store.store import Store

READABLE = 1000
"""Every so many-th result can be read; the others' seals do not fit."""
SIZE = 10_000


def key(number: int) -> Digest:
    """The key of filler `number`."""
    return digest_bytes(b"key %d" % number)


def content(number: int) -> bytes:
    """What its blob would hold."""
    return b"%d" % number


def fill(folder: Path, count: int, inputs: int = 10, *, files: bool = False) -> None:
    """Put `count` results, with a blob each, into the cache `folder`; each of them rests on so many `inputs`. Blobs
    are there only if `files` are asked for."""
    Store(folder).close()
    digests = [digest_bytes(content(number)) for number in range(count)]
    manifest = Manifest(tuple((f"/usr/include/c++/12/bits/{number}.h", Digest("0" * 64)) for number in range(inputs)))
    with closing(sqlite3.connect(folder / "v1" / "index.db")) as db, db:
        db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _rows(digests, manifest))
        db.executemany("INSERT INTO holds VALUES (?, ?)", enumerate(digests, 1))
        db.executemany("INSERT INTO blobs VALUES (?2, ?3, ?1)", [(n, d, SIZE) for n, d in enumerate(digests, 1)])
    for number, digest in enumerate(digests if files else ()):
        place = folder / "v1" / "blobs" / digest[:2]
        place.mkdir(exist_ok=True)
        (place / digest[2:]).write_bytes(content(number))


def _rows(digests: Sequence[Digest], manifest: Manifest) -> Iterator[tuple[object, ...]]:
    for number, digest in enumerate(digests):
        if number % READABLE == 0:
            row = pack(key(number), manifest, [Output("cell", digest, SIZE)], stdout="", stderr="", ms=1.0)
        yield number + 1, key(number), *row, row.size


def add_cells(folder: Path, built: BuildSpec, count: int) -> list[BuildSpec]:
    """As if `count` variations of a cell that this cache holds had been built: a daemon answers them, and the program
    is that of `built`."""
    specs = [replace(built, source=built.source + b"// %d\n" % number) for number in range(count)]
    with closing(Store(folder)) as store:
        asyncio.run(_record(store, built, specs))
    return specs


async def _record(store: Store, built: BuildSpec, specs: Sequence[BuildSpec]) -> None:
    pool, memo = Pool(), FileMemo()
    steps = Steps(store, pool, memo)
    toolchain, compiler = await steps.toolbox.resolve(built.language, built.compiler, built.scene)
    setting = Setting(scene=built.scene, toolchain=toolchain, compiler=compiler, underway=Underway())
    first, *_ = await steps.keys(setting, toolchain.compile_step(built, compiler))
    (entry,) = store.entries(first)
    for spec in specs:
        at, *_ = await steps.keys(setting, toolchain.compile_step(spec, compiler))
        store.record(at, entry.manifest, entry.outputs, stdout="", stderr="", ms=entry.ms)
    steps.close()
    await pool.close()


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
