"""`zcnb top` in a real terminal, beside a real daemon."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from tests.client.test_jobs import SOURCE, job, play
from tests.conftest import need, wait_until
from zcnb.cli.top import BUILDS, Board, page
from zcnb.client.control import running_status
from zcnb.client.jobs import JobRun
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.health import Status
from zcnb.model.spec import BuildSpec

Make = Callable[..., BuildSpec]
ROOT = Path(__file__).parent.parent.parent


def environment(config: Config) -> dict[str, str]:
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **own, "TERM": "xterm", "COLUMNS": "120", "LINES": "50"}


def once(config: Config, *words: str) -> subprocess.CompletedProcess[str]:
    """One run without a terminal."""
    argv = [sys.executable, "-m", "zcnb", "top", *words]
    return subprocess.run(argv, env=environment(config), capture_output=True, text=True, timeout=60)


class Terminal:
    """What a person sees, and types."""

    def __init__(self, fd: int, process: subprocess.Popen[bytes]) -> None:
        self._fd, self.process = fd, process
        self._seen = b""

    def shows(self, text: str) -> bool:
        """Whether `text` has been on the screen."""
        os.set_blocking(self._fd, False)
        try:
            while data := os.read(self._fd, 65536):
                self._seen += data
        except OSError:
            pass  # nothing more for now, or the end
        plain = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self._seen)
        return text in plain.decode(errors="replace")

    def types(self, keys: bytes) -> None:
        os.write(self._fd, keys)


@contextmanager
def terminal(config: Config) -> Iterator[Terminal]:
    """`zcnb top` in a terminal of its own."""
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-m", "zcnb", "top"]
    process = subprocess.Popen(
        argv, env=environment(config), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait(10)
        os.close(ours)


@pytest.mark.parametrize("words", [(), ("--once",)])
def test_without_a_daemon_it_says_what_to_do_and_starts_none(config: Config, words: tuple[str, ...]) -> None:
    done = once(config, *words)
    assert done.returncode == 3
    assert "`zcnb start`" in done.stdout
    assert running_status(config) is None


def test_one_frame_for_scripts(config: Config, session: Session, make_spec: Make) -> None:
    session.build(make_spec("int main() {}"))
    session.build(make_spec("int main() {}"))
    for words in (("--once",), ()):
        done = once(config, *words)
        assert done.returncode == 0, done.stderr
        assert f"pid {session.status().pid}  ready" in done.stdout
        assert "1 hits, 1 misses (50%)" in done.stdout
        assert "says nothing" not in done.stdout
        assert "\x1b[?1049" not in done.stdout, "no screen of its own"


def test_builds_and_jobs_go_by_until_q(config: Config, session: Session, make_spec: Make) -> None:
    need("g++")
    session.ping()
    with terminal(config) as shown:
        assert wait_until(lambda: shown.shows("No builds yet."))
        # A subscriber that has just come may miss some.
        assert wait_until(lambda: session.build(make_spec(SOURCE)).ok and shown.shows("│ hit"))
        assert not session.build(make_spec("int main() { return x; }")).ok
        assert wait_until(lambda: all(map(shown.shows, ("cell.cpp", "interactive", "miss failed"))))
        with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", "-O1", name="a sweep")) as run:
            play(run)
        assert wait_until(lambda: all(map(shown.shows, ("a sweep", "2/2", "4/4", "done", "batch"))))
        assert shown.process.poll() is None
        shown.types(b"q")
        assert shown.process.wait(10) == 0


def test_an_interrupt_ends_it_and_the_terminal_is_as_before(config: Config, session: Session) -> None:
    session.ping()
    with terminal(config) as shown:
        assert wait_until(lambda: shown.shows("q ends this view"))
        shown.process.send_signal(signal.SIGINT)
        assert shown.process.wait(10) == 0
        assert not shown.shows("Traceback")
        assert b"\x1b[?25h" in shown._seen[-40:], "the cursor is back"


def test_a_daemon_that_ends_is_missed_and_the_next_one_is_shown(config: Config, session: Session) -> None:
    first = session.status().pid
    with terminal(config) as shown:
        assert wait_until(lambda: shown.shows(f"pid {first}"))
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: shown.shows("says nothing"))
        assert running_status(config) is None, "it starts none"
        second = session.status().pid
        assert wait_until(lambda: shown.shows(f"pid {second}"))


# The board


def drawn(board: Board) -> str:
    console = Console(width=120, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    with console.file:
        console.print(page(board, 100.0))
    return console.export_text()


def test_a_frame_has_a_bounded_length_and_takes_odd_names() -> None:
    board = Board(Status("ready", 1, "0", errors=("12:00 [bold]bad[/]",)), heard=100.0)
    for number in range(1000):
        board.take("build.begin", {"build": number, "what": f"[red]{number}", "queue": "batch"}, 99.5)
    board.take("job.submitted", {"job": "[/]", "variants": 3, "repeat": 2}, 99.5)
    board.take("job.failed", {"job": "[/]", "reason": "[oops", "number": 1}, 99.5)
    text = drawn(board)
    assert text.count("[red]") == BUILDS
    assert "500" in text, "milliseconds since it began"
    assert "[bold]bad[/]" in text
    assert "failed: [oops" in text
    assert json.dumps("0/3") not in text
    assert "0/3" in text


def test_what_another_daemon_built_goes() -> None:
    board = Board(Status("ready", 1, "0"))
    board.take("build.begin", {"build": 1, "what": "old", "queue": "batch"}, 0.0)
    board.take("health.status", {"state": "ready", "pid": 1, "version": "0"}, 0.0)
    assert len(board.builds) == 1
    board.take("health.status", {"state": "ready", "pid": 2, "version": "0", "newer": 1}, 0.0)
    assert len(board.builds) == 0
