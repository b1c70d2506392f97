"""Running programs: streams, pace, signals, what cannot be started."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import group_alive, need, wait_until
from zcnb.errors import ProgramError
from zcnb_kernel.program import LINGER_S, PACE_S, Ended, StreamName, Vanished, measure, run


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


class Bytes:
    """A taker that keeps all."""

    def __init__(self) -> None:
        self.taken: dict[StreamName, bytes] = {"stdout": b"", "stderr": b""}

    def take(self, stream: StreamName, data: bytes) -> None:
        self.taken[stream] += data

    def tick(self) -> None:
        pass


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """`script(body)`: an executable shell script."""

    def make(body: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


def timed(program: str, taker: Bytes, timeout: float | None = None) -> Ended:
    return measure(program, argv=("name", "x y"), cwd="/", env=os.environ, taker=taker, timeout=timeout)


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


def test_measured_streams_are_pipes_and_bytes_unchanged(script: Callable[[str], str]) -> None:
    taker = Bytes()
    ended = timed(script("test -t 1 && exit 9; printf 'a\\377\\r\\n'; printf 'err' >&2; exit 4"), taker)
    assert ended.exit_code == 4
    assert taker.taken == {"stdout": b"a\xff\r\n", "stderr": b"err"}


def test_a_flood_is_measured_whole(script: Callable[[str], str]) -> None:
    taker = Bytes()
    assert timed(script("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2"), taker).exit_code == 0
    assert [len(data) for data in taker.taken.values()] == [3_000_000, 2_000_000]


@pytest.mark.parametrize("how", ["run", "measure"])
def test_time_ends_with_the_program_and_not_with_its_children(script: Callable[[str], str], how: str) -> None:
    program = script("sleep 60 & echo done")
    begin = time.monotonic()
    ended = start(program, Recorder()) if how == "run" else timed(program, Bytes())
    lasted = (time.monotonic() - begin) * 1000
    assert 0 < ended.ms < lasted - LINGER_S * 900


def test_output_does_not_delay_the_end_of_what_is_measured(tmp_path: Path) -> None:
    """Were it paced as for people, the second write would cost `PACE_S`."""
    source, program = tmp_path / "writes.c", tmp_path / "writes"
    source.write_text(
        '#include <unistd.h>\nint main(void) { write(1, "a", 1); usleep(1000); write(1, "b", 1); usleep(1000); }'
    )
    subprocess.run([need("gcc"), str(source), "-o", str(program)], check=True, capture_output=True)
    fastest = min(timed(str(program), Bytes()).ms for _ in range(30))
    assert 2.0 < fastest < PACE_S * 1000


def test_a_measured_program_is_stopped_in_time(script: Callable[[str], str]) -> None:
    ended = timed(script("trap '' TERM INT; while :; do sleep 0.05; done"), Bytes(), timeout=0.2)
    assert (ended.timed_out, ended.exit_code) == (True, -9)


@pytest.mark.parametrize("how", ["run", "measure"])
def test_an_interrupt_while_it_is_started_leaves_no_process(
    script: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    made: list[int] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self.pid)
            os.kill(os.getpid(), 2)  # as if it came while this was waiting for the new process

    monkeypatch.setattr("zcnb_kernel.program.subprocess.Popen", Interrupted)
    descriptors = len(os.listdir("/proc/self/fd"))
    program = script("sleep 60")
    with pytest.raises(KeyboardInterrupt):
        _ = start(program, Recorder()) if how == "run" else timed(program, Bytes())
    assert wait_until(lambda: not group_alive(made[0]), 5)
    assert len(os.listdir("/proc/self/fd")) == descriptors
