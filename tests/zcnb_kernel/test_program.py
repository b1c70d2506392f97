"""Running programs: streams, pace, signals, what cannot be started."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import group_alive, wait_until
from zcnb.errors import ProgramError
from zcnb_kernel.program import Ended, StreamName, Vanished, run


class Recorder:
    """A sink that remembers every call with its time."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, StreamName, str]] = []

    def write(self, stream: StreamName, text: str) -> None:
        self.calls.append((time.monotonic(), stream, text))

    def tick(self) -> None:
        pass

    def text(self, stream: StreamName) -> str:
        return "".join(text for _, name, text in self.calls if name == stream)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """`script(body)`: an executable shell script."""

    def make(body: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


def start(program: str, sink: Recorder, timeout: float | None = None) -> Ended:
    return run(program, argv=("name", "x y"), cwd="/", env=os.environ, sink=sink, timeout=timeout)


def test_streams_are_apart_and_bytes_unchanged(script: Callable[[str], str]) -> None:
    sink = Recorder()
    ended = start(script("printf 'a\\nb\\r\\n\\tc'; printf 'err\\n' >&2; exit 4"), sink)
    assert ended.exit_code == 4
    assert ended.ms > 0
    assert sink.text("stdout") == "a\nb\r\n\tc"
    assert sink.text("stderr") == "err\n"


def test_c_stdio_is_line_buffered(tmp_path: Path) -> None:
    """A C library writes to a terminal line by line; Python's does the same, so it stands in here."""
    sink = Recorder()
    body = "import sys, time\nprint('one'); time.sleep(0.6); print('two')"
    run(sys.executable, argv=("python", "-c", body), cwd="/", env=os.environ, sink=sink)
    first = next(at for at, _, text in sink.calls if "one" in text)
    second = next(at for at, _, text in sink.calls if "two" in text)
    assert second - first > 0.3


def test_a_character_cut_in_two_is_put_together(script: Callable[[str], str]) -> None:
    sink = Recorder()
    start(script("printf '\\303'; sleep 0.1; printf '\\251 \\377'"), sink)
    assert sink.text("stdout") == "é \ufffd"


def test_a_flood_becomes_few_messages_and_is_whole(script: Callable[[str], str]) -> None:
    sink = Recorder()
    begin = time.monotonic()
    start(script("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"), sink)
    assert sink.text("stdout").splitlines() == [f"line {number}" for number in range(20000)]
    assert len(sink.calls) < 10 + 110 * (time.monotonic() - begin)


def test_a_timeout_ends_even_a_stubborn_program(script: Callable[[str], str]) -> None:
    ended = start(script("trap '' TERM INT; echo up; while :; do sleep 0.05; done"), Recorder(), timeout=0.2)
    assert ended.timed_out
    assert ended.exit_code == -9


def test_an_interrupt_is_noted_and_everything_ends(script: Callable[[str], str]) -> None:
    groups: list[int] = []

    def lasting(pgid: int) -> None:
        groups.append(pgid)
        threading.Timer(0.1, lambda: os.kill(os.getpid(), 2)).start()

    ended = run(
        script("trap 'echo bye; exit 7' INT; sleep 60 & echo up; while :; do sleep 0.05; done"),
        argv=("name",), cwd="/", env=os.environ, sink=(sink := Recorder()), on_lasting=lasting,
    )  # fmt: skip
    assert ended.interrupted
    assert ended.exit_code == 7
    assert sink.text("stdout") == "up\nbye\n"
    assert wait_until(lambda: not group_alive(groups[0]), 2.0)


def test_children_that_outlive_the_program_do_not_hold_the_cell(script: Callable[[str], str]) -> None:
    begin = time.monotonic()
    sink = Recorder()
    assert start(script("sleep 60 & echo done"), sink).exit_code == 0
    assert time.monotonic() - begin < 5
    assert sink.text("stdout") == "done\n"


def test_no_descriptor_is_left_open(script: Callable[[str], str]) -> None:
    program = script("echo hi")
    start(program, Recorder())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        start(program, Recorder())
    assert len(os.listdir("/proc/self/fd")) == before


def test_stdin_is_empty(script: Callable[[str], str]) -> None:
    assert start(script("read line || exit 9"), Recorder()).exit_code == 9


def test_what_cannot_be_started(script: Callable[[str], str], tmp_path: Path) -> None:
    with pytest.raises(Vanished):
        start(str(tmp_path / "evicted"), Recorder())
    with pytest.raises(ProgramError, match="does not exist"):
        run(script("true"), argv=("x",), cwd=str(tmp_path / "gone"), env=os.environ, sink=Recorder())
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    with pytest.raises(ProgramError, match=os.strerror(errno.ENOEXEC)):
        start(str(broken), Recorder())
