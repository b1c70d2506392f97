"""`zcnb top`: what the daemon does, as it happens, from its event feed. It asks for nothing and starts nothing."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
import termios
import time
import tty
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from zcnb.cli.verbs import NOT_RUNNING
from zcnb.client import control
from zcnb.config import Config
from zcnb.model.health import Status, size
from zcnb.places import feed_of

BUILDS, JOBS = 15, 8
"""Rows of each table."""

ONCE_S = 3.0
"""How long `--once` waits for the daemon to say how it is: it does so every second."""

SILENT_S = 3.0
"""A feed that told no health for so long is that of a daemon that ended, or that is stuck."""

POLL_S = 0.2
"""Between two frames while nothing happens: times go on."""

Facts = dict[str, Any]


@dataclass
class Board:
    """What has been heard so far. `take` is all that changes it."""

    status: Status
    heard: float = 0.0
    """When health was told last, on the monotonic clock."""
    builds: OrderedDict[int, Facts] = field(default_factory=OrderedDict)
    jobs: OrderedDict[str, Facts] = field(default_factory=OrderedDict)

    def take(self, topic: str, facts: Facts, now: float) -> None:
        """One event of the feed."""
        kind, _, what = topic.partition(".")
        if topic == "health.status":
            known = {entry.name for entry in dataclasses.fields(Status)}  # a newer daemon tells more
            before, self.heard = self.status, now
            self.status = Status(**{name: value for name, value in facts.items() if name in known})
            if self.status.pid != before.pid:
                self.builds.clear()  # another daemon counts anew
        elif kind == "build":
            _put(self.builds, facts["build"], {**facts, "since": now}, BUILDS)
        elif kind == "job":
            _put(self.jobs, facts["job"], {**self.jobs.get(facts["job"], {}), **facts, "event": what}, JOBS)


def _put(rows: OrderedDict[Any, Facts], key: object, facts: Facts, most: int) -> None:
    """As the latest row; the oldest ones go."""
    rows[key] = facts
    rows.move_to_end(key)
    while len(rows) > most:
        rows.popitem(last=False)


class Feed:
    """A subscription to everything that the daemon at an endpoint publishes, now and after it was replaced."""

    def __init__(self, endpoint: str) -> None:
        import zmq

        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.connect(f"ipc://{feed_of(endpoint)}")
        self._socket.subscribe(b"")

    def close(self) -> None:
        """Unsubscribe."""
        self._context.destroy(linger=0)

    def wait(self, seconds: float, key: int | None = None) -> bool:
        """Wait for an event, or for input at descriptor `key`; whether there is input."""
        import zmq

        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        if key is not None:
            poller.register(key, zmq.POLLIN)
        return key in dict(poller.poll(int(seconds * 1000)))

    def read_into(self, board: Board) -> None:
        """Have `board` take what has come."""
        import zmq

        with contextlib.suppress(zmq.Again):
            while True:
                topic, body = self._socket.recv_multipart(zmq.NOBLOCK)
                board.take(topic.decode(), json.loads(body), time.monotonic())


def top(config: Config, options: argparse.Namespace) -> int:
    """Show the feed until `q` or Ctrl-C; one frame with `--once`, or where nobody can press a key."""
    console = Console()
    status = control.running_status(config)
    if status is None:
        console.print("No daemon is running; the next cell starts one, and so does `zcnb start`.")
        return NOT_RUNNING
    board = Board(status)
    feed = Feed(str(config.endpoint))
    try:
        if options.once or not (console.is_terminal and sys.stdin.isatty()):
            _once(feed, board, console)
        else:
            _follow(feed, board, console)
    except KeyboardInterrupt:
        pass  # the other way to end
    finally:
        feed.close()
    return 0


def _once(feed: Feed, board: Board, console: Console) -> None:
    deadline = time.monotonic() + ONCE_S
    while not board.heard and time.monotonic() < deadline:
        feed.wait(POLL_S)
        feed.read_into(board)
    console.print(page(board, time.monotonic()))


def _follow(feed: Feed, board: Board, console: Console) -> None:
    board.heard = time.monotonic()
    with _keys() as key, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(page(board, time.monotonic()), refresh=True)
            if feed.wait(POLL_S, key) and os.read(key, 1) in (b"q", b"Q", b""):
                return
            feed.read_into(board)


@contextlib.contextmanager
def _keys() -> Iterator[int]:
    """Standard input, key by key and without echo."""
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd)
    try:
        yield fd
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def page(board: Board, now: float) -> RenderableType:
    """One frame."""
    parts: list[RenderableType] = [_header(board, now)]
    parts += [_builds(board, now)] if board.builds else ["[dim]No builds yet.[/]"]
    parts += [_jobs(board)] if board.jobs else []
    return Group(*parts)


def _header(board: Board, now: float) -> str:
    status = board.status
    counts = f"{status.hits} hits, {status.misses} misses ({status.hit_rate:.0%}), {status.passed} passed through"
    lines = [
        f"[bold]zcnb {escape(status.version)}[/]  pid {status.pid}  {status.state}  [dim]q ends this view[/]",
        f"{counts}  {status.in_flight} in flight, {status.connections} connections",
        f"cache {size(status.cache_bytes)} of {size(status.cache_limit)}, {status.programs} results",
    ]
    lines += [f"[red]{escape(status.errors[-1])}[/]"] if status.errors else []
    if now - board.heard > SILENT_S:
        lines.append("[red]The daemon says nothing; it may have ended. `zcnb status` tells. The next one is shown.[/]")
    return "\n".join(lines)


def _builds(board: Board, now: float) -> Table:
    table = Table("what", "queue", "answer", "ms", title="builds", title_justify="left", expand=True)
    for facts in reversed(board.builds.values()):
        done = "cache" in facts
        ms = facts["ms"] if done else (now - facts["since"]) * 1000
        table.add_row(escape(facts["what"]), facts["queue"], _answer(facts) if done else "...", f"{ms:.0f}")
    return table


def _answer(facts: Facts) -> str:
    colour = {"hit": "green", "miss": "yellow", "passed": "dim"}.get(facts["cache"], "red")
    return f"[{colour}]{facts['cache']}[/]{'' if facts['ok'] else ' [red]failed[/]'}"


def _jobs(board: Board) -> Table:
    table = Table("job", "built", "", "ran", "", "state", title="jobs", title_justify="left", expand=True)
    for name, facts in reversed(board.jobs.items()):
        built, variants = facts.get("built", 0), facts.get("variants", 0)
        ran, runs = facts.get("ran", 0), facts.get("runs", 0)
        table.add_row(
            escape(name), f"{built}/{variants}", _bar(built, variants), f"{ran}/{runs}", _bar(ran, runs), _phase(facts)
        )
    return table


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(total=max(1, total), completed=done, width=20)


def _phase(facts: Facts) -> str:
    match facts["event"]:
        case "ended":
            return str(facts["phase"])
        case "failed":
            return f"[red]failed: {escape(facts['reason'])}[/]"
        case "run":
            return "running"
    return "compiling"
