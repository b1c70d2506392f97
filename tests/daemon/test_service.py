"""The daemon's state: it answers while its store is loading, and what it counts outlives it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conftest import alive, end_daemon, need, wait_until
from zcnb import __version__
from zcnb.client import launch
from zcnb.client.line import Line
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.service import Service
from zcnb.errors import StoreError
from zcnb.model.call import ToolCall
from zcnb.model.health import SessionStats, Stats, Status
from zcnb.model.spec import BuildSpec
from zcnb.store.store import Store
from zcnb.wire.messages import (
    Build,
    BuildDone,
    Compile,
    CompileEphemeral,
    Done,
    GetSessionStats,
    GetStats,
    GetStatus,
    Hello,
    LinkEphemeral,
    Message,
    PassThrough,
    Ping,
    Pong,
    SessionEnd,
    SessionStart,
)
from zcnb.wire.versions import PROTOCOL

Make = Callable[..., BuildSpec]
Ask = Callable[[Message], Message]
MAIN = "int main() { return 0; }"
AT_ONCE_S = 1.0
LOCK_S = 2.0
PREPROCESSING = "-E: preprocessing only"

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def locked(index: Path, seconds: float) -> Iterator[None]:
    """Another process has the index to itself for `seconds`."""
    index.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-c", HOLD, str(index), str(seconds)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.kill()


@contextmanager
def lined(config: Config) -> Iterator[Ask]:
    """A connection of its own to the daemon, started if need be: a message in, its reply out."""
    line = Line(launch.connect_or_launch(config))
    try:
        yield lambda message: line.request(message, 60)
    finally:
        line.close()


def timed(ask: Ask, message: Message) -> tuple[Message, float]:
    begin = time.monotonic()
    return ask(message), time.monotonic() - begin


def state(ask: Ask) -> str:
    reply = ask(GetStatus())
    assert isinstance(reply, Status)
    return reply.state


def stats(config: Config, *, zero: bool = False) -> Stats:
    with lined(config) as ask:
        reply = ask(GetStats(zero))
    assert isinstance(reply, Stats)
    return reply


def preprocess(project: Path) -> ToolCall:
    """A call that is passed through whatever lies in the cache."""
    argv = ("g++", "-E", "a.cpp")
    return ToolCall(
        tool=need("g++"), argv=argv, cwd=str(project), env=dict(os.environ), client_version=__version__
    )  # fmt: skip


@pytest.mark.parametrize("used", [False, True], ids=["a new index", "an index in use"])
def test_health_is_told_at_once_while_the_store_loads(config: Config, make_spec: Make, used: bool) -> None:
    need("g++")
    index = config.cache_dir / "v1" / "index.db"
    if used:
        Store(config.cache_dir).close()
    with lined(config) as ask, lined(config) as builder:
        ask(Ping())  # it runs
        with locked(index, LOCK_S):
            begin = time.monotonic()
            status, took = timed(ask, GetStatus())
            assert isinstance(status, Status)
            assert (status.state, status.programs, status.errors) == ("loading", 0, ())
            assert took < AT_ONCE_S
            reply, took_meanwhile = asyncio.run(looking_after(builder, Build(make_spec(MAIN)), ask))
        assert isinstance(reply, BuildDone)
        assert reply.built.ok
        assert reply.built.cache == "miss"
        assert time.monotonic() - begin > LOCK_S * 0.7, "it did wait for the store"
        assert took_meanwhile, "nobody looked while it was loading"
        assert max(took_meanwhile) < AT_ONCE_S
        assert state(ask) == "ready"


async def looking_after(builder: Ask, build: Message, ask: Ask) -> tuple[Message, list[float]]:
    """The reply to `build`, and how long each look at the daemon's health took until the store was there."""
    waiting = asyncio.create_task(asyncio.to_thread(builder, build))
    took = []
    while not waiting.done():
        found, seconds = timed(ask, GetStatus())
        assert isinstance(found, Status)
        if found.state == "loading":
            pong, more = timed(ask, Ping())
            assert isinstance(pong, Pong)
            took += [seconds, more]
        await asyncio.sleep(0.05)
    return await waiting, took


def test_a_client_that_leaves_while_the_store_loads_stops_it_for_nobody(config: Config, make_spec: Make) -> None:
    need("g++")
    Store(config.cache_dir).close()
    with lined(config) as ask, locked(config.cache_dir / "v1" / "index.db", LOCK_S):
        ask(Ping())
        line = Line(launch.connect(config))
        line.send(Build(make_spec(MAIN)))
        assert wait_until(lambda: state(ask) == "loading")
        line.close()
        reply = ask(Build(make_spec(MAIN)))
        assert isinstance(reply, BuildDone)
        assert reply.built.ok


def test_a_folder_that_becomes_usable_is_used(config: Config, make_spec: Make) -> None:
    need("g++")
    config.cache_dir.parent.mkdir(exist_ok=True)
    config.cache_dir.write_text("in the way")
    with lined(config) as ask:
        status = ask(GetStatus())
        assert isinstance(status, Status)
        assert status.state == "no cache"
        assert any("cannot be used" in error for error in status.errors)
        config.cache_dir.unlink()
        reply = ask(Build(make_spec(MAIN)))
        assert isinstance(reply, BuildDone)
        assert reply.built.ok
        assert state(ask) == "ready"


def test_counters_outlive_the_daemon(config: Config, make_spec: Make, project: Path) -> None:
    need("g++")
    begin = time.time()
    pids = []
    for turn in range(2):
        with lined(config) as ask:
            pong = ask(Ping())
            assert isinstance(pong, Pong)
            pids.append(pong.pid)
            ask(Build(make_spec(MAIN)))
            ask(Build(make_spec(MAIN, flags=("-Wp,-MD,deps",))))
            assert isinstance(ask(CompileEphemeral(1, "/", preprocess(project))), PassThrough)
            status = ask(GetStatus())
        assert isinstance(status, Status)
        assert (status.hits, status.misses, status.passed) == (turn, 2 - turn, 1), "the daemon's own life"
        end_daemon(config)
        assert wait_until(lambda: not alive(pids[-1]))
    assert pids[0] != pids[1]
    found = stats(config)
    assert (found.hits, found.misses, found.passed) == (1, 3, 2)
    assert found.uncached == 4, "two steps, each time"
    assert sum(found.uncached_reasons.values()) == 4
    assert all("-Wp,-MD,deps" in reason for reason in found.uncached_reasons)
    assert found.passed_reasons == {PREPROCESSING: 2}
    assert found.saved_ms > 0
    assert begin <= found.since_unix <= time.time()
    assert stats(config) == found, "asking changes nothing"


def test_zero_tells_what_was_counted_and_begins_anew(config: Config, make_spec: Make, project: Path) -> None:
    need("g++")
    with lined(config) as ask:
        for _ in range(3):
            ask(Build(make_spec(MAIN)))
        ask(LinkEphemeral(1, preprocess(project)))
    before = stats(config)
    time.sleep(0.01)
    assert stats(config, zero=True) == before
    assert (before.hits, before.misses, before.passed) == (2, 1, 1)
    after = stats(config)
    assert after == Stats(since_unix=after.since_unix)
    assert before.since_unix < after.since_unix <= time.time()
    with lined(config) as ask:
        ask(Build(make_spec(MAIN)))
        status = ask(GetStatus())
        assert isinstance(status, Status)
        assert status.hits == 3, "the daemon's own life goes on"
    assert stats(config).hits == 1
    end_daemon(config)
    assert stats(config).hits == 1
    assert stats(config).since_unix == after.since_unix


def test_clearing_the_cache_keeps_what_was_counted(session: Session, config: Config, make_spec: Make) -> None:
    need("g++")
    session.build(make_spec(MAIN))
    session.clear()
    session.build(make_spec(MAIN))
    assert stats(config).misses == 2


def test_sessions_are_counted_apart(config: Config, make_spec: Make, project: Path) -> None:
    need("g++")
    with lined(config) as one, lined(config) as two:
        one(Hello(__version__, os.getpid(), PROTOCOL, "one"))
        assert two(SessionStart("two", os.getpid(), str(project))) == Done()
        for _ in range(3):
            one(Build(make_spec(MAIN)))
        two(Build(make_spec(MAIN)))  # no session of this connection
        assert isinstance(two(Compile("two", preprocess(project))), PassThrough)
        assert isinstance(one(Compile("two", preprocess(project))), PassThrough)
        first, second = two(GetSessionStats("one")), one(GetSessionStats("two"))
        assert isinstance(first, SessionStats)
        assert (first.hits, first.misses, first.passed) == (2, 1, 0)
        assert first.saved_ms > 0
        assert second == SessionStats("two", passed=2)
        assert one(SessionEnd("two")) == second
        assert one(GetSessionStats("two")) == SessionStats("two")
    assert (stats(config).hits, stats(config).misses, stats(config).passed) == (3, 1, 2)


def test_a_session_that_the_daemon_does_not_know_is_counted(config: Config, project: Path) -> None:
    """Its daemon may have been replaced in the middle of it: nobody is to start it again."""
    with lined(config) as ask:
        assert ask(GetSessionStats("stranger")) == SessionStats("stranger")
        assert ask(SessionEnd("stranger")) == SessionStats("stranger")
        assert isinstance(ask(Compile("stranger", preprocess(project))), PassThrough)
        assert ask(GetSessionStats("stranger")) == SessionStats("stranger", passed=1)


def test_what_cannot_be_written_down_now_is_written_down_later(tmp_path: Path) -> None:
    async def story() -> Stats:
        service = Service(tmp_path / "s.sock", tmp_path / "cache", 0, 0)
        store = (await service.warm()).store
        await service.stats(zero=False)
        store._index._db.execute("PRAGMA busy_timeout=50")
        service.tally.note("", hit=True, saved_ms=1.0)
        with closing(sqlite3.connect(tmp_path / "cache" / "v1" / "index.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError):
                service.flush()
            other.execute("ROLLBACK")
        service.flush()
        found = await service.stats(zero=False)
        service.close()
        return found

    assert asyncio.run(story()).hits == 1
