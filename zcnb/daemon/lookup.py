"""Is there a recorded result for this key whose manifest holds right now?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from zcnb.daemon.offload import Threads, asking
from zcnb.daemon.why import other_changes
from zcnb.freshness.check import Watched, first_change, watch
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.watch import Watcher
from zcnb.model.digest import Digest
from zcnb.model.job import Queue
from zcnb.model.why import Missed
from zcnb.store.rows import Entry
from zcnb.store.store import Store

MOST = 512
"""Keys whose entries stay decoded in memory (about 60 KB each with 240 inputs)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A result that may be used, and where its outputs lie."""

    entry: Entry
    paths: tuple[Path, ...]
    inputs: tuple[str, ...]


class Lookup:
    """Entries decoded once and held against the disk at every request."""

    def __init__(self, store: Store, memo: FileMemo, threads: Threads, watcher: Watcher | None = None) -> None:
        self._store, self._memo, self._threads, self._watcher = store, memo, threads, watcher
        self._ready: OrderedDict[tuple[Digest, str], list[tuple[Entry, Watched]]] = OrderedDict()

    async def find(self, key: Digest, cwd: str, env: Mapping[str, str], queue: Queue = "interactive") -> Hit | Missed:
        """A hit, or what was found instead (about the newest entry). Raises `StoreError`."""
        missed = Missed()
        for entry, watched in self._entries(key, cwd):
            change = await asking(self._memo, partial(first_change, watched, env=env, watcher=self._watcher))
            if change is not None:
                if missed == Missed():
                    others = await asking(self._memo, partial(other_changes, entry.manifest, cwd, env, change))
                    missed = Missed(change, others, watched.paths)
                continue
            for digest in self._store.large_unverified(entry):
                await self._threads.run(queue, self._store.verify, digest)
            paths = self._store.outputs(entry)
            if paths is not None:
                return Hit(entry, paths, watched.paths)
            missed = Missed(evicted=True) if missed == Missed() else missed
            self.forget(key)
        return missed

    def _entries(self, key: Digest, cwd: str) -> list[tuple[Entry, Watched]]:
        ready = self._ready.get((key, cwd))
        if ready is None:
            ready = [(entry, watch(entry.manifest, cwd, self._watcher)) for entry in self._store.entries(key)]
            self._ready[key, cwd] = ready
            if len(self._ready) > MOST:
                self._ready.popitem(last=False)
        else:
            self._ready.move_to_end((key, cwd))
        return ready

    def forget(self, key: Digest) -> None:
        """The entries of `key` changed on disk: decode them again next time."""
        for known in [known for known in self._ready if known[0] == key]:
            del self._ready[known]

    def clear(self) -> None:
        """All entries went."""
        self._ready.clear()
