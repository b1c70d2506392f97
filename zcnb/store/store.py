"""`Store`: the cache folder as the builder sees it. It keeps results; it does not judge whether they are fresh.

Below `v1` lie `index.db`, `blobs/ab/...`, and a work folder for each daemon. The
index is used from the daemon's one thread; `work_folder`, `take` and `verify` from any.

Rules. Killed at any point, or out of space, the store is left as it was before
or after: a file comes before the row that leads to it and goes after it, so at
worst a file lies there that no row knows; `tidy` finds it. What several
processes do to one cache folder at the same time costs misses and nothing else.
In memory are the signatures of `REMEMBERED` blobs and what was used since the
last `flush`: some 8 MB, however large the cache.
"""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store import counters, durations, readings, recipes, results, sums, uses
from zcnb.store.blobs import SHARDS, Blobs
from zcnb.store.evict import choose_evicted, excess
from zcnb.store.history import MOST_PENDING, History
from zcnb.store.index import Index
from zcnb.store.readings import Reading
from zcnb.store.rows import Entry

FORMAT = "v1"
DEFAULT_LIMIT = 5 * 1024**3
LARGE = 1024 * 1024
"""Bytes whose reading holds others up: 1 ms."""

GRACE_S = 10.0
"""What was handed out so lately may not have been started or copied yet, and is not evicted."""

BATCH = 32
"""Blobs looked at in one go while evicting: a few milliseconds."""

STRANGE_S = 600.0
"""A file that no row knows may be about to be recorded by another daemon; older ones were left by a killed one."""


class Store:
    """Opened by the daemon once it answers. Every method may raise `StoreError`.

    `note` is told, in one sentence each, of damage that was mended; it may be called from any thread.
    """

    def __init__(
        self, cache_dir: Path, limit: int = 0, note: Callable[[str], None] = lambda text: None, grace_s: float = GRACE_S
    ) -> None:
        root = cache_dir / FORMAT
        self._blobs = Blobs(root)
        self._blobs.prepare()
        self._index = Index(root / "index.db", note)
        self.history = History(self._index)
        self._uses: dict[Digest, None] = {}
        """Since the last `flush`, the latest last."""
        self._lately: dict[Digest, float] = {}
        """When they were handed out, by the monotonic clock; at least those of the last `GRACE_S`."""
        self._grace_s = grace_s
        self._evicting = False
        self._looked_at = 0
        """The last use of the blobs that were looked at and did not suffice: those left of them are spared."""
        self._shards = itertools.cycle(SHARDS)
        self.limit = limit or _default_limit(root)

    def entries(self, key: Digest) -> list[Entry]:
        """What is recorded under `key`, newest first."""
        return self._index.run(results.under, key)

    def outputs(self, entry: Entry) -> tuple[Path, ...] | None:
        """The verified outputs of `entry`, in its order; if one was evicted or damaged the entry is dropped."""
        paths = []
        for output in entry.outputs:
            path = self._blobs.verified(output.digest, executable=output.executable)
            if path is None:
                self._lose(entry, output.digest)
                return None
            paths.append(path)
        for output in entry.outputs:
            self._note_use(output.digest)
        return tuple(paths)

    def _lose(self, entry: Entry, digest: Digest) -> None:
        """Drop an entry whose blob is gone. One that just cannot be read now may be read another time."""
        if not os.path.lexists(self._blobs.path(digest)):
            self.drop(entry)
            self._index.run(results.drop_blobs, [digest])

    def _note_use(self, digest: Digest) -> None:
        self._uses.pop(digest, None)
        self._uses[digest] = None
        self._lately[digest] = time.monotonic()

    def large_unverified(self, entry: Entry) -> list[Digest]:
        """Large outputs of `entry` that `outputs` would have to read: `verify` can do that in a thread."""
        return [o.digest for o in entry.outputs if o.size > LARGE and not self._blobs.is_verified(o.digest)]

    def verify(self, digest: Digest) -> None:
        """Read a blob, so that `outputs` need not; from any thread."""
        self._blobs.verified(digest)

    def path(self, digest: Digest) -> Path | None:
        """A verified blob's path, or `None` if there is none (any more)."""
        path = self._blobs.verified(digest)
        if path is not None:
            self._note_use(digest)
        return path

    def work_folder(self) -> AbstractContextManager[Path]:
        """A private folder to build in, gone afterwards."""
        return self._blobs.work_folder()

    def take(self, source: Path, *, executable: bool) -> Output:
        """Move a finished output in. It is no result until `record` says so."""
        digest, size = self._blobs.take(source, executable=executable)
        return Output(source.name, digest, size, executable)

    def record(
        self, key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str, ms: float,
        recipe: bytes = b"",
    ) -> bool:  # fmt: skip
        """Make `outputs` an answer for `key` while `manifest` holds; `recipe` tells how they were made.

        Whether `evict` should be called once more."""
        self._index.run(results.add, key, manifest, outputs, stdout=stdout, stderr=stderr, ms=ms, recipe=recipe)
        return self.evict(outputs)

    def keep(self, outputs: Sequence[Output]) -> bool:
        """Account for outputs that are no answer to anything: they are there to be run, and evicted like the rest.

        Whether `evict` should be called once more."""
        for output in outputs:
            self._index.run(uses.note, output.digest, output.size)
        return self.evict(outputs)

    def evicting(self) -> Iterator[None]:
        """Evict until the cache is below its limit, in pieces of a few milliseconds, as `clearing` does."""
        while self.evict():
            yield

    def evict(self, newest: Sequence[Output] = ()) -> bool:
        """Remove what has to go, of the next `BATCH` blobs; whether that was not enough to be below the limit.

        Never `newest`: even a result over the whole limit is to be run.
        """
        more = self._excess()
        if not more:
            return False
        self.flush()
        since = time.monotonic() - self._grace_s
        spared = {digest for digest, when in self._lately.items() if when > since}
        spared |= {output.digest for output in newest} | self._blobs.running()
        batch = self._index.run(uses.oldest, BATCH, self._looked_at)
        self._remove(choose_evicted(((blob.digest, blob.size) for blob in batch), more, spared))
        unfinished = bool(batch) and self.totals()[0] > self.limit
        self._looked_at = batch[-1].used if unfinished else 0
        return unfinished

    def _excess(self) -> int:
        """Bytes that should go, by what all daemons of this cache folder recorded."""
        more = excess(self.totals()[0], self.limit, evicting=self._evicting)
        self._evicting = more > 0
        return more

    def _remove(self, digests: Sequence[Digest]) -> None:
        """Rows before files: at worst a file is left that no row knows."""
        self._index.run(results.drop_blobs, digests)
        for digest in digests:
            self._blobs.remove(digest)

    def drop(self, entry: Entry) -> None:
        """Forget a result; its blobs stay until they are evicted."""
        self._index.run(results.drop, [entry.id])

    def following(self, key: str, number: int) -> tuple[Digest, Entry | None, int] | None:
        """As `results.following`: the next result in the order of keys."""
        return self._index.run(results.following, key, number)

    def recipe(self, key: Digest, entry: Entry) -> bytes:
        """How `entry`, which stands under `key`, was made; empty if that is not known (any more)."""
        return self._index.run(recipes.find, entry.id, key) or b""

    def expected_ms(self, slot: str) -> float:
        """How long the last miss in `slot` took; 0 if there was none."""
        return self._index.run(durations.duration, slot) if slot else 0.0

    def note_duration(self, slot: str, ms: float) -> None:
        """Remember how long a miss in `slot` took."""
        if slot:
            self._index.run(durations.set_duration, slot, ms)

    def digests(self) -> list[Reading]:
        """Readings of large files that earlier daemons kept."""
        return self._index.run(readings.kept)

    def keep_digests(self, rows: list[Reading]) -> None:
        """Keep readings of large files for later daemons."""
        if rows:
            self._index.run(readings.keep, rows)

    def totals(self) -> tuple[int, int]:
        """(bytes, entries) in the cache."""
        return self._index.run(sums.totals)

    def counters(self) -> dict[str, float]:
        """What all daemons of this cache folder counted, by name."""
        return self._index.run(counters.counted)

    def add_counters(self, more: Mapping[str, float]) -> None:
        """Add to counters; those that do not exist begin at 0."""
        if more:
            self._index.run(counters.add, more)

    def zero_counters(self) -> None:
        """Begin counting anew."""
        self._index.run(counters.zero)

    def clearing(self) -> Iterator[None]:
        """Empty the cache of what it holds now. Done in pieces of a few milliseconds, one for each step of the
        iteration, so that others can be served meanwhile; what comes in meanwhile stays."""
        self.history.note_cleared()
        last_use, last_result = self._index.run(uses.latest), self._index.run(results.latest)
        while gone := [blob.digest for blob in self._index.run(uses.oldest, BATCH) if blob.used <= last_use]:
            self._remove(gone)
            yield
        self._index.run(results.drop_until, last_result)  # what was used meanwhile
        for prefix in SHARDS:
            self._tidy(prefix)
            yield

    def flush(self) -> None:
        """Write the last uses down. They are collected in memory: a hit writes nothing."""
        used, self._uses = self._uses, {}
        since = time.monotonic() - self._grace_s
        self._lately = {digest: when for digest, when in self._lately.items() if when > since}
        if used:
            self._index.run(uses.touch, used)

    def checkpoint(self) -> None:
        """As `Index.checkpoint`: to be called now and then, from a thread. Without it nothing is lost or wrong."""
        self._index.checkpoint()

    def tidy(self) -> None:
        """Bring rows and files of one of the `SHARDS` together, the next one with each call: a crash, or somebody
        else's hand, left what the index does not know, or took what it does. Takes a millisecond or two."""
        if self._index.moved:
            self._blobs.prepare()
            self._index.reopen()
        self._tidy(next(self._shards))

    def _tidy(self, prefix: str) -> None:
        known = self._index.run(uses.blobs_in, prefix)
        there = {Digest(prefix + file.name): file for file in self._blobs.shard(prefix)}
        self._index.run(results.drop_blobs, [digest for digest in known if digest not in there][:BATCH])
        for digest, file in there.items():
            if digest not in known and _is_old(file):
                self._blobs.remove(digest)

    def close(self) -> None:
        """Flush and close; never raises."""
        try:
            self.flush()
            self.history.flush(MOST_PENDING)
        except StoreError:
            pass  # the folder is gone or full: only the order of eviction is lost, and what runs are compared with
        self._index.close()
        self._blobs.close()


def _default_limit(root: Path) -> int:
    return min(DEFAULT_LIMIT, shutil.disk_usage(root).total // 10)


def _is_old(file: os.DirEntry[str]) -> bool:
    """By the file's ctime, which nobody can set. After the clock was set back, nothing is old for a while."""
    try:
        return file.stat(follow_symlinks=False).st_ctime < time.time() - STRANGE_S
    except OSError:
        return False
