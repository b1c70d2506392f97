"""Whole jobs: real daemons, real compilers, and everything that may go wrong between the two ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import TypeVar

import pytest

from tests.client.conftest import ROOT, PatchedDaemon
from tests.conftest import alive, need, wait_until
from zcnb.client import jobs as jobs_module
from zcnb.client import launch
from zcnb.client.control import running_status, stop
from zcnb.client.jobs import JobEnded, JobFailed, JobRun, JobState, RunVariant, VariantBuilt
from zcnb.client.line import Line
from zcnb.config import Config
from zcnb.errors import DaemonError, TransportError
from zcnb.model.job import JobSpec, Variant
from zcnb.model.spec import BuildSpec
from zcnb.wire.messages import GetJob

Make = Callable[..., BuildSpec]
Told = VariantBuilt | RunVariant | JobEnded | JobFailed

SOURCE = """
#include <cstdio>
int main() {
#ifdef CRASH
    __builtin_trap();
#endif
    std::puts("hello");
}
"""


def job(base: BuildSpec, *flags: str, name: str = "job", repeat: int = 2, compiler: str = "") -> JobSpec:
    """A job with a variant for each of `flags`."""
    variants = tuple(Variant((flag,), compiler) for flag in flags)
    return JobSpec(id=name, base=base, variants=variants, repeat=repeat)


def play(run: JobRun, seconds: float = 120.0) -> list[Told]:
    """Do what the daemon asks for until the job ends; all that was told."""
    told: list[Told] = []
    deadline = time.monotonic() + seconds
    while not run.ended:
        message = run.next(1.0)
        assert time.monotonic() < deadline, told
        if message is not None:
            told.append(message)
        if isinstance(message, RunVariant):
            obey(run, message)
    return told


def obey(run: JobRun, command: RunVariant) -> None:
    """Run the program, and report."""
    begin = time.perf_counter()
    done = subprocess.run([command.program], capture_output=True, timeout=60)
    run.report(command.step, ok=done.returncode == 0, ms=(time.perf_counter() - begin) * 1000)


T = TypeVar("T")


def of_kind(told: list[Told], kind: type[T]) -> list[T]:
    return [message for message in told if isinstance(message, kind)]


def ask(config: Config, name: str = "job") -> JobState:
    """How far a job is, asked by a stranger."""
    line = Line(launch.connect(config))
    try:
        state = line.request(GetJob(name), 10)
    finally:
        line.close()
    assert isinstance(state, JobState)
    return state


def under_way(config: Config) -> int:
    """The pid of a daemon that has a job; 0 if there is none."""
    status = running_status(config)
    return status.pid if status is not None and status.in_flight else 0


def cut(run: JobRun) -> None:
    """End the host's connection under it."""
    assert run._line is not None
    line = run._line._line
    assert line is not None
    line._stream._sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]


def first(run: JobRun, kind: type[Told]) -> Told:
    """The first message of a kind; what comes before it is skipped."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        message = run.next(1.0)
        if isinstance(message, kind):
            return message
    raise AssertionError(f"no {kind.__name__} came")


@pytest.fixture
def slow(project: Path) -> Path:
    """A compiler that takes a minute, and says which process it is in `pids`."""
    path = project / "slow++"
    path.write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo $$ >> {project}/pids; sleep 60;; esac\nexec g++ "$@"\n')
    path.chmod(0o755)
    return path


def pids(project: Path, number: int) -> list[int]:
    """The compilers that `slow` has started, once there are `number`."""
    path = project / "pids"
    assert wait_until(lambda: path.exists() and len(path.read_text().split()) >= number)
    return [int(word) for word in path.read_text().split()]


# The way of a job


def test_variants_are_built_run_in_turn_and_found_again(config: Config, make_spec: Make) -> None:
    need("g++")
    flags = ("-O0", "-O1", "-DCRASH", "-fno-such-flag")
    with JobRun(config, "kernel", job(make_spec(SOURCE), *flags, repeat=3)) as run:
        told = play(run)
    built = {message.variant: message.built for message in of_kind(told, VariantBuilt)}
    assert [built[number].ok for number in range(4)] == [True, True, True, False]
    assert "no-such-flag" in built[3].diagnostics
    assert built[0].inputs == ()
    assert [command.variant for command in of_kind(told, RunVariant)] == [0, 1, 2, 0, 1, 0, 1]
    assert told[-1] == JobEnded(JobState(id="job", phase="done", variants=4, built=4, runs=7, ran=7))
    with JobRun(config, "kernel", job(make_spec(SOURCE), *flags, name="again", repeat=0)) as run:
        told = play(run)
    caches = {message.variant: message.built.cache for message in of_kind(told, VariantBuilt)}
    assert [caches[number] for number in range(3)] == ["hit"] * 3


def test_nothing_within_the_time_is_none(config: Config, make_spec: Make, slow: Path) -> None:
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:
        begin = time.monotonic()
        assert run.next(0.1) is None
        assert run.next(0.0) is None
        assert time.monotonic() - begin < 10


def test_leaving_cancels_and_kills_the_compilers(config: Config, make_spec: Make, slow: Path, project: Path) -> None:
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", "-O1", compiler=str(slow))) as run:
        started = pids(project, min(2, os.cpu_count() or 1))
        assert ask(config).phase == "compiling"
        assert not run.ended
    assert ask(config).phase == "cancelled"
    for pid in started:
        assert wait_until(lambda pid=pid: not alive(pid))  # type: ignore[misc]


def test_cancel_is_told_as_an_end(config: Config, make_spec: Make, slow: Path) -> None:
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:
        run.cancel()
        ended = first(run, JobEnded)
        assert isinstance(ended, JobEnded)
        assert ended.state.phase == "cancelled"
        assert run.ended


@pytest.mark.parametrize("when", ["compiling", "running"])
def test_an_interrupt_at_any_point_cancels(config: Config, make_spec: Make, slow: Path, when: str) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def sweep() -> None:
        with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", repeat=1000, compiler=compiler)) as run:
            if when == "running":
                first(run, RunVariant)
                run.report(1, ok=True, ms=1.0)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            while True:
                message = run.next(10)
                if isinstance(message, RunVariant):
                    run.report(message.step, ok=True, ms=1.0)

    before = signal.signal(signal.SIGALRM, interrupt)
    compiler = str(slow) if when == "compiling" else ""
    try:
        with pytest.raises(KeyboardInterrupt):
            sweep()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ask(config).phase == "cancelled"


def test_what_makes_no_sense_is_said(config: Config, make_spec: Make) -> None:
    with pytest.raises(DaemonError, match="1 to 256 variants"), JobRun(config, "kernel", job(make_spec(SOURCE))):
        pass


def test_without_a_daemon_it_is_an_error_at_once(config: Config, make_spec: Make, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    hopeless = Config(cache_dir=config.cache_dir, socket=blocked / "s.sock")
    with pytest.raises(TransportError), JobRun(hopeless, "kernel", job(make_spec(SOURCE), "-O0")):
        pass


# Lost connections


@pytest.mark.parametrize("when", ["compiling", "owing a report", "reported"])
def test_a_kernel_that_reconnects_goes_on_where_it_was(config: Config, make_spec: Make, when: str) -> None:
    need("g++")
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", "-O1", repeat=3)) as run:
        told: list[Told] = []
        if when == "compiling":
            cut(run)
        else:
            while not of_kind(told, RunVariant):
                message = run.next(60)
                assert message is not None
                told.append(message)
            command = of_kind(told, RunVariant)[0]
            if when == "owing a report":
                cut(run)
                obey(run, command)
            else:
                obey(run, command)
                cut(run)
        told += play(run)
    commands = of_kind(told, RunVariant)
    assert [command.step for command in commands] == [1, 2, 3, 4, 5, 6], "none twice, none left out"
    assert sorted(message.variant for message in of_kind(told, VariantBuilt)) == [0, 1]
    assert told[-1] == JobEnded(JobState(id="job", phase="done", variants=2, built=2, runs=6, ran=6))


def test_a_kernel_that_stays_away_loses_its_job_and_its_compilers(
    config: Config, make_spec: Make, slow: Path, project: Path, patched_daemon: PatchedDaemon
) -> None:
    patched_daemon("zcnb.daemon.hostpipe.AWAY_S=1.0", "zcnb.daemon.server.EXPIRE_EVERY_S=0.1")
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:
        [pid, *_] = pids(project, 1)
        assert run._line is not None
        run._line.close()
        assert ask(config).phase == "compiling", "it may come back"
        assert wait_until(lambda: ask(config).phase == "failed")
        assert ask(config).reason == "host unreachable"
        assert wait_until(lambda: not alive(pid))
        run.ended = True  # nothing to cancel


def test_a_kernel_that_is_killed_leaves_no_compiler_behind(
    config: Config, make_spec: Make, slow: Path, project: Path, patched_daemon: PatchedDaemon
) -> None:
    patched_daemon("zcnb.daemon.hostpipe.AWAY_S=0.5", "zcnb.daemon.server.EXPIRE_EVERY_S=0.1")
    script = f"""
import os, time
from pathlib import Path
from zcnb.client.jobs import JobRun
from zcnb.config import Config
from zcnb.model.job import JobSpec, Variant
from zcnb.model.spec import BuildSpec
config = Config(cache_dir=Path({str(config.cache_dir)!r}), socket=Path({str(config.endpoint)!r}))
base = BuildSpec(language="c++", source=b"int main() {{}}", cwd={str(project)!r}, env=dict(os.environ))
with JobRun(config, "killed", JobSpec(id="job", base=base, variants=(Variant((), {str(slow)!r}),))) as run:
    time.sleep(60)
"""
    kernel = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    [pid, *_] = pids(project, 1)
    kernel.kill()
    kernel.wait(10)
    assert wait_until(lambda: not alive(pid))
    assert ask(config).reason == "host unreachable"


@pytest.mark.parametrize("when", ["compiling", "running"])
def test_a_daemon_killed_in_the_middle_is_followed_by_another(config: Config, make_spec: Make, when: str) -> None:
    need("g++")
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", "-O1", repeat=2)) as run:
        early = [first(run, RunVariant)] if when == "running" else []
        before = running_status(config)
        assert before is not None
        os.kill(before.pid, signal.SIGKILL)
        for command in early:
            assert isinstance(command, RunVariant)
            obey(run, command)
        told = play(run)
    assert [command.variant for command in of_kind(told, RunVariant)] == [0, 1, 0, 1], "they begin anew"
    assert isinstance(told[-1], JobEnded)
    after = running_status(config)
    assert after is not None
    assert after.pid != before.pid
    if when == "running":
        assert (after.hits, after.misses) == (2, 0), "the builds were found in the cache"


def test_a_second_daemon_that_loses_the_job_is_one_too_many(config: Config, make_spec: Make, slow: Path) -> None:
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:
        for _ in range(2):
            assert wait_until(lambda: run.next(0.1) is None and under_way(config) > 0)
            os.kill(under_way(config), signal.SIGKILL)
        with pytest.raises(TransportError, match="one daemon after the other"):
            first(run, JobEnded)


def test_a_daemon_that_cannot_be_reached_any_more(
    config: Config, make_spec: Make, slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LOST_S", 1.0)
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:

        def refuse(*_: object) -> None:
            raise TransportError("no daemon for the test")

        monkeypatch.setattr(launch, "connect_or_launch", refuse)
        cut(run)
        with pytest.raises(TransportError, match="cannot be reached any more"):
            first(run, JobEnded)


def test_a_daemon_that_is_stopped_says_so(config: Config, make_spec: Make, slow: Path) -> None:
    with JobRun(config, "kernel", job(make_spec(SOURCE), "-O0", compiler=str(slow))) as run:
        stopping = threading.Thread(target=stop, args=(config,))
        stopping.start()
        failed = first(run, JobFailed)
        stopping.join(30)
        assert isinstance(failed, JobFailed)
        assert failed.reason == "the daemon ends"


# Two at once


def test_no_two_timed_runs_overlap_and_no_build_of_a_job_overlaps_one(
    config: Config, make_spec: Make, project: Path
) -> None:
    """Two kernels with a job each. Compilers and runs write down their times, by the machine's one clock."""
    need("g++")
    log = project / "compilers"
    logged = project / "logged++"
    logged.write_text(
        f'#!/bin/sh\nbegin=$(date +%s.%N)\ng++ "$@"\ncode=$?\necho $begin $(date +%s.%N) >> {log}\nexit $code\n'
    )
    logged.chmod(0o755)
    runs: list[tuple[float, float]] = []
    ends: list[str] = []

    def kernel(name: str, *flags: str) -> None:
        several = job(make_spec(SOURCE), *flags, name=name, repeat=3, compiler=str(logged))
        with JobRun(config, name, several) as run:
            while not run.ended:
                message = run.next(5.0)
                if isinstance(message, RunVariant):
                    begin = time.time()
                    time.sleep(0.05)
                    runs.append((begin, time.time()))
                    run.report(message.step, ok=True, ms=50.0)
                if isinstance(message, JobEnded):
                    ends.append(message.state.phase)

    one = threading.Thread(target=kernel, args=("one", "-O0", "-O1"))
    two = threading.Thread(target=kernel, args=("two", "-O2", "-O3", "-Og", "-Os"))
    one.start()
    assert wait_until(lambda: len(runs) > 0)
    two.start()
    for thread in (one, two):
        thread.join(120)
    assert ends == ["done", "done"]
    assert len(runs) == 18
    runs.sort()
    assert all(end <= begin for (_, end), (begin, _) in pairwise(runs))
    compiles = [(float(begin), float(end)) for begin, end in map(str.split, log.read_text().splitlines())]
    assert any(begin > runs[0][1] for begin, _ in compiles), "the second job's builds came between the first one's runs"
    overlaps = [(run, tool) for run in runs for tool in compiles if run[0] < tool[1] and tool[0] < run[1]]
    assert overlaps == []
