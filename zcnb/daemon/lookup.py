"""Is there a recorded result for this key whose manifest holds right now?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from zcnb.daemon.offload import Threads, asking
from zcnb.daemon.why import other_changes
from zcnb.freshness.check import Watched, first_change, watch
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.watch import Watcher
from zcnb.model.digest import Digest
from zcnb.model.job import Queue
from zcnb.model.manifest import Manifest
from zcnb.model.why import Missed
from zcnb.store.rows import Entry
from zcnb.store.store import Store

MOST_NAMES = 250_000
"""Names of inputs and probes that stay decoded in memory (about 250 bytes each): those of a hundred cells that
include `<iostream>`, which have 2,200 each."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A result that may be used, and where its outputs lie."""

    entry: Entry
    paths: tuple[Path, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """The entries of one key, decoded; without their manifests, of which `Watched` holds all that is needed."""

    entries: list[tuple[Entry, Watched]]
    names: int


class Lookup:
    """Entries decoded once and held against the disk at every request."""

    def __init__(self, store: Store, memo: FileMemo, threads: Threads, watcher: Watcher | None = None) -> None:
        self._store, self._memo, self._threads, self._watcher = store, memo, threads, watcher
        self._ready: OrderedDict[tuple[Digest, str], _Ready] = OrderedDict()
        self._names = 0

    async def find(self, key: Digest, cwd: str, env: Mapping[str, str], queue: Queue = "interactive") -> Hit | Missed:
        """A hit, or what was found instead (about the newest entry). Raises `StoreError`."""
        missed = Missed()
        for entry, watched in self._entries(key, cwd):
            change = await asking(self._memo, partial(first_change, watched, env=env, watcher=self._watcher))
            if change is not None:
                if missed == Missed():
                    others = await asking(self._memo, partial(other_changes, watched, env, change))
                    missed = Missed(change, others, watched.paths)
                continue
            paths = await self.outputs(entry, queue)
            if paths is not None:
                return Hit(entry, paths, watched.paths)
            missed = Missed(evicted=True) if missed == Missed() else missed
            self.forget(key)
        return missed

    async def outputs(self, entry: Entry, queue: Queue) -> tuple[Path, ...] | None:
        """The verified outputs of `entry`, large ones read in a thread; `None` if one is gone. Raises `StoreError`."""
        for digest in self._store.large_unverified(entry):
            await self._threads.run(queue, self._store.verify, digest)
        return self._store.outputs(entry)

    def _entries(self, key: Digest, cwd: str) -> list[tuple[Entry, Watched]]:
        ready = self._ready.get((key, cwd))
        if ready is None:
            ready = _decoded(self._store.entries(key), cwd, self._watcher)
            self._ready[key, cwd] = ready
            self._names += ready.names
            while self._names > MOST_NAMES and len(self._ready) > 1:
                self._names -= self._ready.popitem(last=False)[1].names
        else:
            self._ready.move_to_end((key, cwd))
        return ready.entries

    def forget(self, key: Digest) -> None:
        """The entries of `key` changed on disk: decode them again next time."""
        for known in [known for known in self._ready if known[0] == key]:
            self._names -= self._ready.pop(known).names

    def clear(self) -> None:
        """All entries went."""
        self._ready.clear()
        self._names = 0


def _decoded(entries: Sequence[Entry], cwd: str, watcher: Watcher | None) -> _Ready:
    names = sum(1 + len(entry.manifest.inputs) + len(entry.manifest.probes) for entry in entries)
    ready = [(replace(entry, manifest=Manifest()), watch(entry.manifest, cwd, watcher)) for entry in entries]
    return _Ready(ready, 1 + names)
