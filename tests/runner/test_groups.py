"""Ending a runner with all that it started: groups of their own, leaders that left, and who ignores TERM."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import alive, need, wait_until
from zcnb.runner.groups import end_session, groups_of

LEADER = """
import os, signal, subprocess, sys, time
def quit(*_):
    open("termed", "w").close()
    sys.exit(5)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else quit)
tools = [subprocess.Popen(["sh", "-c", script], process_group=0) for script in ("sleep 970 & exit", "sleep 969")]
tools[0].wait()
print(*(tool.pid for tool in tools), flush=True)
if "leave" in sys.argv:
    os._exit(6)
time.sleep(968)
"""


class Led:
    """A session: its leader and the groups of its two tools, one of which has no leader any more."""

    def __init__(self, folder: Path, *words: str) -> None:
        argv = [sys.executable, "-c", LEADER, *words]
        self.process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, start_new_session=True)
        assert self.process.stdout is not None
        self.groups = {int(word) for word in self.process.stdout.readline().split()}
        self.process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    need("sleep")
    return tmp_path


def test_the_groups_of_a_session_are_found(folder: Path) -> None:
    led = Led(folder)
    assert len(led.groups) == 2
    assert groups_of(led.process.pid) == {led.process.pid, *led.groups}
    end_session(led.process, 0)
    assert groups_of(led.process.pid) == set()


@pytest.mark.parametrize(
    ("words", "grace", "status", "termed"),
    [((), 5.0, 5, True), ((), 0.0, -9, False), (("deaf",), 0.2, -9, False), (("leave",), 5.0, 6, False)],
    ids=["in time", "at once", "deaf", "left before"],
)
def test_nothing_is_left_however_it_ends(
    folder: Path, words: tuple[str, ...], grace: float, status: int, termed: bool
) -> None:
    """Row R5."""
    led = Led(folder, *words)
    if "leave" in words:
        assert wait_until(lambda: not alive(led.process.pid))
    begin = time.monotonic()
    assert end_session(led.process, grace) == status
    assert time.monotonic() - begin < 5, "nobody waits longer than need be"
    assert (folder / "termed").exists() is termed
    assert not any(map(alive, [led.process.pid, *led.groups]))
    assert groups_of(led.process.pid) == set()


def test_who_has_ended_is_not_signalled_again(folder: Path) -> None:
    led = Led(folder)
    end_session(led.process, 0)
    assert end_session(led.process, 0) == -9


def test_others_are_left_alone(folder: Path) -> None:
    with subprocess.Popen(["sleep", "967"], start_new_session=True) as other:
        end_session(Led(folder).process, 0)
        assert other.poll() is None
        assert os.getpgid(other.pid) == other.pid
        other.kill()
