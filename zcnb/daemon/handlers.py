"""What each request means. A handler returns its reply and never holds the peer.

`TABLE` is the law: a request that has no row is answered with an error.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from zcnb import __version__
from zcnb.daemon.builder import Builder, Underway
from zcnb.daemon.lifecycle import Health, Lifecycle
from zcnb.errors import CompilerNotFound, StoreError, UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.health import Progress, Status
from zcnb.model.outcome import Built
from zcnb.osdep import kill_group, process_start
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.wire.messages import (
    Build,
    BuildDone,
    Cancel,
    Clear,
    Cleared,
    Done,
    Error,
    GetProgress,
    GetStatus,
    Guard,
    Hello,
    Message,
    Ping,
    Pong,
    Shutdown,
    Unguard,
    Welcome,
)
from zcnb.wire.versions import PROTOCOL


class Service:
    """The daemon's state, shared by all peers. The store is opened by the first build, not before the
    endpoint answers, and again after it failed: a folder may become writable."""

    def __init__(self, endpoint: Path, cache_dir: Path, limit: int, idle_timeout: float) -> None:
        self.endpoint, self.cache_dir = endpoint, cache_dir
        self.health = Health()
        self.lifecycle = Lifecycle(idle_timeout)
        self.connections = 0
        self._limit = limit
        self._memo = FileMemo()
        self._pool = Pool()
        self._store: Store | None = None
        self._builder: Builder | None = None

    def builder(self) -> Builder:
        """The builder on an open store. Raises `StoreError`."""
        if self._builder is None:
            self._builder = Builder(self.store(), self._pool, self._memo)
        return self._builder

    def store(self) -> Store:
        """The open store. Raises `StoreError`."""
        if self._store is None:
            self._store = Store(self.cache_dir, self._limit)
            for path, state, digest in self._store.digests():
                self._memo.recall(path, state, digest)
        return self._store

    def flush(self) -> None:
        """Write down what is kept in memory. Called now and then, off the way of requests."""
        if self._store is not None:
            large, self._memo.large = self._memo.large, {}
            self._store.keep_digests([(path, facts.signature, facts.digest) for path, facts in large.items()])
            self._store.flush()

    def cleared(self) -> None:
        """Forget what was decoded from the store."""
        if self._builder is not None:
            self._builder.forget()

    def count(self, built: Built) -> None:
        """Add one build to the statistics."""
        for step in built.steps:
            if "uncacheable" in step.reason or "not stored" in step.reason:
                self.health.note_uncached(step.reason.rpartition(": ")[2])
        if built.cache == "hit":
            self.health.hits += 1
        else:
            self.health.misses += 1

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            with contextlib.suppress(StoreError):
                self.flush()
            self._store.close()


class Caller:
    """What the daemon knows of one connection."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.underway: dict[int, Underway] = {}
        self.cancel: Callable[[int], bool] = lambda request: False
        self._guards: dict[int, int] = {}

    def guard(self, pgid: int, started: int) -> None:
        """Kill `pgid` when this connection ends."""
        if pgid not in self._guards:
            self.service.lifecycle.begin(guard=True)
        self._guards[pgid] = started

    def unguard(self, pgid: int) -> None:
        """Leave `pgid` alone from now on."""
        if self._guards.pop(pgid, None) is not None:
            self.service.lifecycle.finish(guard=True)

    def gone(self) -> None:
        """The connection ended: what its client left running ends too."""
        for pgid, started in list(self._guards.items()):
            if started and process_start(pgid) == started:
                kill_group(pgid)
            self.unguard(pgid)


async def build(caller: Caller, request: Build, number: int) -> Message:
    """Build one cell."""
    service = caller.service
    if service.lifecycle.ending:
        return Error("ending", "The daemon is about to end.", "Try again.")
    underway = caller.underway[number] = Underway(request.spec.slot)
    try:
        built = await service.builder().build(request.spec, underway)
    finally:
        del caller.underway[number]
    service.count(built)
    return BuildDone(built)


async def ping(caller: Caller, request: Ping, number: int) -> Message:
    """Alive, whatever else is going on."""
    return Pong(os.getpid())


async def hello(caller: Caller, request: Hello, number: int) -> Message:
    """Who is who."""
    return Welcome(__version__, os.getpid(), PROTOCOL)


async def get_progress(caller: Caller, request: GetProgress, number: int) -> Message:
    """How far another request of this connection is."""
    found = caller.underway.get(request.request)
    return Progress(found.phase, found.elapsed_ms, found.expected_ms) if found else Progress()


async def cancel(caller: Caller, request: Cancel, number: int) -> Message:
    """Stop another request of this connection."""
    caller.cancel(request.request)
    return Done()


async def guard(caller: Caller, request: Guard, number: int) -> Message:
    """Watch over a program that the client runs."""
    caller.guard(request.pgid, request.started)
    return Done()


async def unguard(caller: Caller, request: Unguard, number: int) -> Message:
    """That program ended."""
    caller.unguard(request.pgid)
    return Done()


async def get_status(caller: Caller, request: GetStatus, number: int) -> Message:
    """The daemon's health. A cache folder in trouble is a state, not an error."""
    service = caller.service
    size, entries, limit, state = 0, 0, 0, "ending" if service.lifecycle.ending else "ready"
    errors = list(service.health.errors)
    try:
        store = service.store()
        (size, entries), limit = store.totals(), store.limit
    except StoreError as error:
        state = "no cache"
        errors.append(str(error))
    return Status(
        state=state, pid=os.getpid(), version=__version__, uptime_s=service.health.uptime_s,
        hits=service.health.hits, misses=service.health.misses, uncached=service.health.uncached,
        cache_bytes=size, cache_limit=limit, programs=entries, in_flight=service.lifecycle.in_flight,
        connections=service.connections, endpoint=str(service.endpoint), cache_dir=str(service.cache_dir),
        errors=tuple(errors), uncached_reasons=dict(service.health.reasons),
    )  # fmt: skip


async def clear(caller: Caller, request: Clear, number: int) -> Message:
    """Empty the cache."""
    size, entries = caller.service.store().clear()
    caller.service.cleared()
    return Cleared(entries, size)


async def shutdown(caller: Caller, request: Shutdown, number: int) -> Message:
    """End once everything under way is done."""
    caller.service.lifecycle.end(request.reason)
    return Done()


Handler = Callable[[Caller, Any, int], Awaitable[Message]]
TABLE: dict[type[Message], Handler] = {
    Ping: ping,
    Hello: hello,
    Build: build,
    GetProgress: get_progress,
    Cancel: cancel,
    Guard: guard,
    Unguard: unguard,
    GetStatus: get_status,
    Clear: clear,
    Shutdown: shutdown,
}


async def answer(caller: Caller, request: Message, number: int) -> Message:
    """The reply to `request`, errors included: whatever goes wrong stays in this one request."""
    handler = TABLE.get(type(request))
    if handler is None:
        return Error("bad-message", f"{type(request).__name__} is no request.")
    try:
        return await handler(caller, request, number)
    except UsageError as error:
        return Error("usage", str(error))
    except CompilerNotFound as error:
        return Error("no-compiler", str(error))
    except StoreError as error:
        caller.service.health.note_error(str(error))
        return Error("store", str(error), "Free some space or set ZCNB_CACHE_DIR to another folder.")
    except Exception as error:  # noqa: BLE001  # a bug in one request must not end the daemon for all
        caller.service.health.note_error(f"{type(error).__name__}: {error}")
        return Error("internal", f"The daemon hit a bug: {type(error).__name__}: {error}", "Please report it.")
