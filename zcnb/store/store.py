"""`Store`: the cache folder as the builder sees it. It keeps results; it does not judge whether they are fresh.

Below `v1` lie `index.db`, `blobs/ab/...`, and a work folder for each daemon. The
index is used from the daemon's one thread; `work_folder`, `take` and `path` from any.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.osdep.signature import Signature
from zcnb.store.blobs import Blobs
from zcnb.store.evict import choose_evicted
from zcnb.store.index import Entry, Index

FORMAT = "v1"
DEFAULT_LIMIT = 5 * 1024**3
LARGE = 1024 * 1024
"""Bytes whose reading holds others up: 1 ms."""


class Store:
    """Opened by the daemon once it answers. Every method may raise `StoreError`."""

    def __init__(self, cache_dir: Path, limit: int = 0) -> None:
        root = cache_dir / FORMAT
        self._blobs = Blobs(root)
        self._blobs.prepare()
        self._index = Index(root / "index.db")
        self._uses: dict[Digest, int] = {}
        self.limit = limit or _default_limit(root)
        self._bytes = self._index.totals()[0]

    def entries(self, key: Digest) -> list[Entry]:
        """What is recorded under `key`, newest first."""
        return self._index.entries(key)

    def outputs(self, entry: Entry) -> tuple[Path, ...] | None:
        """The verified outputs of `entry`, in its order; if one was evicted or damaged the entry is dropped."""
        paths = []
        for output in entry.outputs:
            path = self._blobs.verified(output.digest)
            if path is None:
                self._index.forget(entry, output.digest)
                return None
            paths.append(path)
        now = time.time_ns()
        self._uses |= {output.digest: now for output in entry.outputs}
        return tuple(paths)

    def large_unverified(self, entry: Entry) -> list[Digest]:
        """Outputs of `entry` that `outputs` would have to read, and that are large: `path` can do that in a thread."""
        return [o.digest for o in entry.outputs if o.size > LARGE and not self._blobs.is_verified(o.digest)]

    def path(self, digest: Digest) -> Path | None:
        """A verified blob's path, or `None` if there is none (any more)."""
        return self._blobs.verified(digest)

    def work_folder(self) -> AbstractContextManager[Path]:
        """A private folder to build in, gone afterwards."""
        return self._blobs.work_folder()

    def take(self, source: Path, *, executable: bool) -> Output:
        """Move a finished output in. It is no result until `record` says so."""
        digest, size = self._blobs.take(source, executable=executable)
        return Output(source.name, digest, size, executable)

    def record(
        self, key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str, ms: float
    ) -> None:
        """Make `outputs` an answer for `key` while `manifest` holds."""
        self._index.add(key, manifest, outputs, stdout=stdout, stderr=stderr, ms=ms)
        self._grew(outputs)

    def _grew(self, outputs: Iterable[Output]) -> None:
        self._bytes += sum(output.size for output in outputs)
        if self._bytes > self.limit:
            self.evict()

    def keep(self, outputs: Sequence[Output]) -> None:
        """Account for outputs that are no answer to anything: they are there to be run, and evicted like the rest."""
        for output in outputs:
            self._index.add_blob(output.digest, output.size)
        self._grew(outputs)

    def evict(self) -> None:
        """Bring the cache under its limit, least recently used first."""
        self.flush()
        chosen = choose_evicted(self._index.blobs(), self.limit)
        self._index.drop_blobs(chosen)
        for digest in chosen:
            self._blobs.remove(digest)
        self._bytes = self._index.totals()[0]

    def expected_ms(self, slot: str) -> float:
        """How long the last miss in `slot` took; 0 if there was none."""
        return self._index.duration(slot) if slot else 0.0

    def note_duration(self, slot: str, ms: float) -> None:
        """Remember how long a miss in `slot` took."""
        if slot:
            self._index.set_duration(slot, ms)

    def digests(self) -> list[tuple[str, Signature, Digest]]:
        """Readings of large files that earlier daemons kept."""
        return self._index.digests()

    def keep_digests(self, rows: list[tuple[str, Signature, Digest]]) -> None:
        """Keep readings of large files for later daemons."""
        if rows:
            self._index.keep_digests(rows)

    def totals(self) -> tuple[int, int]:
        """(bytes, entries) in the cache."""
        return self._index.totals()

    def counters(self) -> dict[str, float]:
        """What all daemons of this cache folder counted, by name."""
        return self._index.counters()

    def add_counters(self, more: Mapping[str, float]) -> None:
        """Add to counters; those that do not exist begin at 0."""
        if more:
            self._index.add_counters(more)

    def zero_counters(self) -> None:
        """Begin counting anew."""
        self._index.zero_counters()

    def clear(self) -> tuple[int, int]:
        """Empty the cache: (bytes, entries) that went."""
        gone = self._index.totals()
        self._index.clear()
        self._blobs.clear()
        self._uses.clear()
        self._bytes = 0
        return gone

    def flush(self) -> None:
        """Write the last uses down. They are collected in memory: a hit writes nothing."""
        uses, self._uses = self._uses, {}
        if uses:
            self._index.touch(uses)

    def close(self) -> None:
        """Flush and close; never raises."""
        try:
            self.flush()
        except StoreError:
            pass  # the folder is gone or full: only the order of eviction is lost
        self._index.close()


def _default_limit(root: Path) -> int:
    return min(DEFAULT_LIMIT, shutil.disk_usage(root).total // 10)
