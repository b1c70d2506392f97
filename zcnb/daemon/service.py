"""The daemon's state, shared by all peers.

The endpoint answers before any of it is loaded: the store is opened by the
first request that needs it, in a thread, and again after it failed (a folder
may become writable).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from zcnb import __version__
from zcnb.daemon.builder import Builder
from zcnb.daemon.feed import Feed
from zcnb.daemon.jobs import Jobs
from zcnb.daemon.lifecycle import Health, Lifecycle
from zcnb.daemon.offload import piecemeal
from zcnb.daemon.steps import Steps, Underway
from zcnb.daemon.tally import PASSED, UNCACHED, Tally, stats_of
from zcnb.daemon.verify import Verifier
from zcnb.daemon.wrapper import Wrapper
from zcnb.errors import StoreError
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.places import Places, places_of_this_machine
from zcnb.freshness.watch import Watcher
from zcnb.model.health import Stats, Status
from zcnb.model.job import Queue
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.runner.plan import Plan
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.wire.messages import Verified, Verify

HEALTH_S = 0.2
"""How long a look at the daemon's health waits for a store that is still being loaded."""


class Warm:
    """What there is once the store is open."""

    def __init__(self, store: Store, pool: Pool, memo: FileMemo, watcher: Watcher) -> None:
        self.store = store
        self.steps = Steps(store, pool, memo, watcher)
        self.builder = Builder(store, self.steps)
        self.wrapper = Wrapper(self.steps, memo, store.history)
        self.verifier = Verifier(store, self.steps, memo)


class Service:
    """One for each daemon; used from the event loop only."""

    def __init__(
        self, endpoint: Path, cache_dir: Path, limit: int, idle_timeout: float, plan: Plan | None = None,
        *, inotify: bool = True, places: Places | None = None,
    ) -> None:  # fmt: skip
        self.endpoint, self.cache_dir = endpoint, cache_dir
        self.health = Health()
        self.tally = Tally()
        self.lifecycle = Lifecycle(idle_timeout)
        self.connections = 0
        self.feed = Feed(endpoint)
        self.jobs = Jobs(self._build_variant, self.feed.publish, self.lifecycle)
        self._limit = limit
        self._memo = FileMemo()
        self._watcher = Watcher(
            self._memo, places or places_of_this_machine(), off="" if inotify else "inotify is switched off"
        )
        self.pool = Pool(plan)
        self._warm: Warm | None = None
        self._loading: asyncio.Task[Warm] | None = None

    async def warm(self) -> Warm:
        """All that needs the store, once it is open. Raises `StoreError`."""
        if self._warm is None:
            # Shielded: a client that goes away must not stop the loading for the others.
            self._warm = await asyncio.shield(self._load())
        return self._warm

    def _load(self) -> asyncio.Task[Warm]:
        if self._loading is None or (self._loading.done() and self._loading.exception()):
            self._loading = asyncio.create_task(self._open())
        return self._loading

    async def _open(self) -> Warm:
        store = await asyncio.to_thread(Store, self.cache_dir, self._limit, self.health.note_error)
        for path, state, digest in store.digests():
            self._memo.recall(path, state, digest)
        return Warm(store, self.pool, self._memo, self._watcher)

    async def build(
        self, spec: BuildSpec, underway: Underway, session: str = "", queue: Queue = "interactive"
    ) -> Built:
        """Build one cell, and count it in `session`. Raises `UsageError`, `CompilerNotFound`, `StoreError`."""
        with self.feed.build(spec.filename, queue) as outcome:
            built = await (await self.warm()).builder.build(spec, underway, queue)
            outcome.cache, outcome.ok = built.cache, built.ok
        self.tally.note(
            session,
            hit=built.cache == "hit",
            saved_ms=sum(step.saved_ms for step in built.steps),
            unstored=tuple(step.unstored for step in built.steps if step.unstored),
        )
        return built

    async def _build_variant(self, spec: BuildSpec, session: str) -> Built:
        return await self.build(spec, Underway(spec.slot), session, queue="batch")

    async def status(self) -> Status:
        """The daemon's health, at once. A cache folder in trouble is a state, not an error."""
        size, entries, limit, state = 0, 0, 0, "loading"
        errors = list(self.health.errors)
        loading = self._load()
        await asyncio.wait({loading}, timeout=HEALTH_S)
        if loading.done():
            try:
                store = (await self.warm()).store
                (size, entries), limit, state = store.totals(), store.limit, "ready"
            except StoreError as error:
                state = "no cache"
                errors.append(str(error))
        return Status(
            state="ending" if self.lifecycle.ending else state, pid=os.getpid(), version=__version__,
            uptime_s=self.health.uptime_s, hits=self.tally.life["hits"], misses=self.tally.life["misses"],
            uncached=self.tally.life["uncached"], cache_bytes=size, cache_limit=limit, programs=entries,
            in_flight=self.lifecycle.in_flight, connections=self.connections, endpoint=str(self.endpoint),
            cache_dir=str(self.cache_dir), errors=tuple(errors), uncached_reasons=self.tally.reasons(UNCACHED),
            passed=self.tally.life["passed"], passed_reasons=self.tally.reasons(PASSED),
            runners=str(self.pool), freshness=self._watcher.describe(),
        )  # fmt: skip

    async def stats(self, *, zero: bool) -> Stats:
        """What was counted over all daemons' lives; then begin anew if `zero`. Raises `StoreError`."""
        store = (await self.warm()).store
        self._save_counters(store)
        counters = store.counters()
        if zero:
            store.zero_counters()
            store.add_counters({"since_unix": time.time()})
        return stats_of(counters)

    async def clear(self) -> tuple[int, int]:
        """Empty the cache: (bytes, entries) that went. Others are served meanwhile. Raises `StoreError`."""
        warm = await self.warm()
        gone = warm.store.totals()
        await piecemeal(warm.store.clearing(), warm.store.checkpoint)
        warm.steps.forget()
        return gone

    async def verify(self, request: Verify, underway: Underway) -> Verified:
        """Hold one result against a new run of its tool. One that differs is told as a trouble, too.

        Raises `StoreError`, `RunnerError`.
        """
        verdict = await (await self.warm()).verifier.next(request, underway)
        if verdict.verdict == "differs":
            self.health.note_error(f"a stored result was wrong and is forgotten: {verdict}")
        return verdict

    def flush(self) -> None:
        """Write down what is kept in memory, and audit the watcher. Called now and then, off the way of requests."""
        if unnoticed := self._watcher.audit():
            self.health.note_error(unnoticed)
        if self._warm is not None:
            store = self._warm.store
            large = self._memo.large
            store.keep_digests([(path, facts.signature, facts.digest) for path, facts in large.items()])
            self._memo.large = {}
            self._save_counters(store)
            store.flush()
            store.history.flush()
            store.tidy()

    async def checkpoint(self) -> None:
        """Have the disk catch up with what was recorded, in a thread. Called now and then; waits for the disk."""
        if self._warm is not None:
            await asyncio.to_thread(self._warm.store.checkpoint)

    def _save_counters(self, store: Store) -> None:
        if "since_unix" not in store.counters():
            store.add_counters({"since_unix": time.time()})
        store.add_counters(self.tally.unsaved)
        self.tally.unsaved.clear()

    def close(self) -> None:
        """End what jobs there are, stop the feed, close the store. The pool is closed before, on the loop."""
        self.jobs.close()
        self.feed.close()
        self._watcher.close()
        if self._warm is not None:
            self._warm.steps.close()
            with contextlib.suppress(StoreError):
                self.flush()
            self._warm.store.close()
