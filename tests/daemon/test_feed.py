"""The event feed of live daemons, read as the document tells."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import zmq

from tests.client.test_jobs import SOURCE, job, play
from tests.conftest import alive, need, wait_until
from zcnb.client import launch
from zcnb.client.control import running_status, stop
from zcnb.client.jobs import JobRun
from zcnb.client.line import Line
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.feed import HEALTH, MOST_UNREAD, Feed
from zcnb.errors import CompilerNotFound
from zcnb.model.health import Status
from zcnb.model.spec import BuildSpec
from zcnb.places import feed_of
from zcnb.wire.messages import Shutdown

Make = Callable[..., BuildSpec]
Facts = dict[str, Any]
DOCUMENT = (Path(__file__).parent.parent.parent / "share" / "doc" / "zcnb" / "FEED.md").read_text(encoding="utf-8")
TOPICS = {
    topic: set(re.findall(r"`([^`]+)`", said))
    for topic, said in re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", DOCUMENT, re.M)
}


class Listener:
    """A subscriber; `events` are all that it heard."""

    def __init__(self, endpoint: Path, topic: bytes = b"") -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.connect(f"ipc://{feed_of(str(endpoint))}")
        self.socket.subscribe(topic)
        self.events: list[tuple[str, Facts]] = []

    def hear(self, milliseconds: int = 0) -> None:
        """Take in what has come."""
        while self.socket.poll(milliseconds):
            topic, body = self.socket.recv_multipart()
            self.events.append((topic.decode(), json.loads(body)))
            milliseconds = 0

    def heard(self, topic: str) -> list[Facts]:
        """What was told so far under `topic`."""
        self.hear(20)
        return [facts for name, facts in self.events if name == topic]


@pytest.fixture
def listener(config: Config) -> Iterator[Listener]:
    """Connected before there is a daemon: it does not matter."""
    made = Listener(config.endpoint)
    yield made
    made.context.destroy(linger=0)


@pytest.fixture
def listening(listener: Listener, session: Session) -> Listener:
    """A subscriber that a running daemon knows."""
    session.ping()
    assert wait_until(lambda: bool(listener.heard(HEALTH)))
    return listener


def test_the_snippet_of_the_document_works_as_it_stands(config: Config, session: Session, make_spec: Make) -> None:
    [snippet] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    assert len(ast.parse(snippet).body) == 5
    session.ping()
    argv = [sys.executable, "-c", snippet, feed_of(str(config.endpoint))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout is not None
        try:
            deadline = time.monotonic() + 60
            while not select_line(monitor, deadline):
                session.build(make_spec("int main() {}"))  # until it is known as a subscriber
            line = monitor.stdout.readline()
        finally:
            monitor.kill()
    assert re.fullmatch(r'build\.(begin|done) \{.*"what": "cell\.cpp".*\}\n', line)


def select_line(monitor: subprocess.Popen[str], deadline: float) -> bool:
    """Whether the monitor has printed something."""
    assert time.monotonic() < deadline
    poller = zmq.Poller()
    assert monitor.stdout is not None
    poller.register(monitor.stdout, zmq.POLLIN)
    return bool(poller.poll(100))


def test_every_topic_comes_with_the_fields_that_the_document_names(
    listening: Listener, config: Config, session: Session, make_spec: Make
) -> None:
    need("g++")
    session.build(make_spec(SOURCE))
    session.build(make_spec(SOURCE))
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", "-fno-such", name="sweep")) as run:
        play(run)
    run = JobRun(config, "other", job(make_spec(SOURCE), "-O0", name="long", repeat=1000))
    with run:
        stop(config)
    assert wait_until(lambda: bool(listening.heard("job.failed")))
    heard = dict(listening.events)
    assert heard.keys() == TOPICS.keys()
    for topic, named in TOPICS.items():
        expected = {field.name for field in fields(Status)} if topic == HEALTH else named
        assert heard[topic].keys() == expected | {"unix_ms"}, topic
    begun, done = (listening.heard(topic) for topic in ("build.begin", "build.done"))
    assert [facts["build"] for facts in begun][:4] == [1, 2, 3, 4]
    assert [(facts["build"], facts["cache"], facts["queue"]) for facts in done][:2] == [
        (1, "miss", "interactive"), (2, "hit", "interactive"),
    ]  # fmt: skip
    assert done[0]["ms"] > done[1]["ms"] > 0
    assert {facts["queue"] for facts in begun[2:]} == {"batch"}
    assert [facts["phase"] for facts in listening.heard("job.ended")] == ["done"]
    assert [facts["reason"] for facts in listening.heard("job.failed")] == ["the daemon ends"]
    assert abs(time.time() * 1000 - done[0]["unix_ms"]) < 600_000


def test_a_build_that_could_not_be_tried_has_an_end_too(listening: Listener, session: Session, make_spec: Make) -> None:
    with pytest.raises(CompilerNotFound):
        session.build(make_spec("", compiler="no-such-compiler"))
    assert wait_until(lambda: bool(listening.heard("build.done")))
    [done] = listening.heard("build.done")
    assert (done["cache"], done["ok"]) == ("failed", False)


def test_tool_calls_are_told_as_well(listening: Listener, config: Config, project: Path) -> None:
    need("g++")
    (project / "a.cpp").write_text("int a;\n")
    env = {**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
    for words in (["-c", "a.cpp"], ["-E", "a.cpp"]):
        argv = [sys.executable, "-m", "zcnb", "g++", *words]
        env["PYTHONPATH"] = str(Path(__file__).parent.parent.parent)
        subprocess.run(argv, cwd=project, env=env, check=True, capture_output=True, timeout=60)
    assert wait_until(lambda: len(listening.heard("build.done")) == 2)
    told = [(facts["what"], facts["cache"], facts["ok"]) for facts in listening.heard("build.done")]
    assert told == [("g++ -c a.cpp", "miss", True), ("g++ -E a.cpp", "passed", True)]


def test_health_comes_again_and_again_while_somebody_listens(listening: Listener, session: Session) -> None:
    assert wait_until(lambda: len(listening.heard(HEALTH)) >= 3)
    assert {facts["pid"] for facts in listening.heard(HEALTH)} == {session.status().pid}


def test_it_is_this_users_alone_and_gone_with_the_daemon(listening: Listener, config: Config) -> None:
    path = Path(feed_of(str(config.endpoint)))
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    stop(config)
    assert wait_until(lambda: not path.exists())
    assert not list(path.parent.glob("feed.*"))


def test_a_slow_subscriber_loses_events_and_delays_nobody(config: Config, session: Session, make_spec: Make) -> None:
    """Real events in number would take minutes: one in this process is told a hundred thousand."""
    feed = Feed(config.endpoint)

    async def status() -> Status:
        return Status("ready", 1, "0")

    async def main() -> tuple[float, int]:
        answered = asyncio.Event()
        answered.set()
        config.endpoint.parent.mkdir(exist_ok=True)
        serving = asyncio.create_task(feed.serve(answered, status, pytest.fail, lambda: True))
        deaf = Listener(config.endpoint)
        deaf.socket.set(zmq.RCVHWM, 1)
        while not feed.listened_to("build.begin"):
            await asyncio.sleep(0.02)
        begin = time.monotonic()
        for number in range(100_000):
            feed.publish("build.begin", build=number, what="x" * 200, queue="batch")
        took = time.monotonic() - begin
        deaf.hear(100)
        serving.cancel()
        deaf.context.destroy(linger=0)
        return took, len(deaf.events)

    took, got = asyncio.run(main())
    feed.close()
    assert took < 30
    assert 0 < got < 50_000, "the rest was dropped, not kept in memory"
    assert MOST_UNREAD == 1000


def test_nothing_is_made_of_events_that_nobody_hears(config: Config) -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError("it was looked at")

    feed = Feed(config.endpoint)
    feed.publish("build.begin", build=Loud())
    assert repr(feed).endswith("closed, topics []>")


def test_a_daemon_without_a_feed_works_and_says_why(config: Config, session: Session, make_spec: Make) -> None:
    path = Path(feed_of(str(config.endpoint)))
    path.mkdir(parents=True)
    (path / "in the way").write_text("")
    session.ping()
    assert wait_until(lambda: any("event feed" in error for error in session.status().errors))
    assert str(path) in session.status().errors[-1]
    assert session.build(make_spec("int main() {}")).ok
    assert not list(path.parent.glob("feed.*")), "nothing is left of the try"


def test_a_successors_feed_outlives_the_daemon_that_it_follows(
    listening: Listener, config: Config, session: Session, make_spec: Make, project: Path
) -> None:
    """The older daemon, which still builds, ends after the newer one has put its feed at the same place."""
    older = session.status().pid
    path = Path(feed_of(str(config.endpoint)))
    first = path.lstat().st_ino
    slow = project / "slow++"
    waiting = f"while [ ! -e {project}/go ]; do sleep 0.1; done"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) {waiting};; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    with ThreadPoolExecutor() as threads:
        building = threads.submit(session.build, make_spec("int main() {}", compiler=str(slow)))
        try:
            assert wait_until(lambda: bool(listening.heard("build.begin")))
            newer = replaced(config)
            assert wait_until(lambda: path.exists() and path.lstat().st_ino != first)
            assert alive(older)
        finally:
            (project / "go").touch()
        assert building.result(60).ok
    assert wait_until(lambda: not alive(older))
    listening.events.clear()
    assert wait_until(lambda: any(facts["pid"] == newer for facts in listening.heard(HEALTH)))


def replaced(config: Config) -> int:
    """As a client of a newer version does it: a fresh daemon takes the name, and the older one is told. Its pid."""
    with launch.locked(config, 5.0) as lock:
        line = Line(launch.connect(config))
        launch.take_over(config, lock)
        line.request(Shutdown("replaced by version 99"), 5.0)
        line.close()
    with Session(config) as fresh:
        return fresh.status().pid


def test_closing_leaves_another_ones_file_alone(config: Config) -> None:
    """What a replaced daemon does at its end, step by step."""
    config.endpoint.parent.mkdir(exist_ok=True)
    older, newer = Feed(config.endpoint), Feed(config.endpoint)

    async def status() -> Status:
        return Status("ready", 1, "0")

    async def open_both() -> None:
        answered = asyncio.Event()
        answered.set()
        for feed in (older, newer):
            serving = asyncio.create_task(feed.serve(answered, status, pytest.fail, lambda: True))
            while "open" not in repr(feed):
                await asyncio.sleep(0.02)
            serving.cancel()

    asyncio.run(open_both())
    own = newer.path.lstat().st_ino
    older.close()
    assert newer.path.lstat().st_ino == own
    newer.close()
    assert not newer.path.exists()


def test_no_feed_is_opened_by_a_daemon_that_is_not_wanted_any_more(config: Config) -> None:
    feed = Feed(config.endpoint)

    async def status() -> Status:
        return Status("ready", 1, "0")

    async def main() -> None:
        answered = asyncio.Event()
        answered.set()
        await feed.serve(answered, status, pytest.fail, lambda: False)

    asyncio.run(main())
    assert not feed.path.exists()


def test_zeromq_is_loaded_after_the_first_answer(config: Config, session: Session) -> None:
    session.ping()
    status = running_status(config)
    assert status is not None
    maps = Path(f"/proc/{status.pid}/maps").read_text
    early = "zmq" in maps()
    assert wait_until(lambda: "zmq" in maps())
    assert not early
