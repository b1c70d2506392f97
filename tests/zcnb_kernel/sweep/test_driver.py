"""Sweeps with real compilers and programs: by the daemon's job, and without a daemon."""

from __future__ import annotations

import dataclasses
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import group_alive, need, wait_until
from tests.zcnb_kernel.sweep.conftest import MakePlan
from zcnb.client.control import running_status
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import UsageError, ZcnbError
from zcnb_kernel.sweep.driver import run_sweep
from zcnb_kernel.sweep.record import Record
from zcnb_kernel.sweep.result import Sweep

LOGS = """
#include <cstdio>
int main() {
  std::FILE* log = std::fopen("log", "a");
  std::fprintf(log, "+%d", N);
  std::fflush(log);
  for (volatile int i = 0; i < 3000000; i++) {}
  std::fprintf(log, "-%d ", N);
  std::puts("done");
}
"""
"""Writes when it starts and when it ends."""


class Watch:
    """A view that remembers how far it was, and calls `act` each time."""

    def __init__(self, act: Callable[[Record], None] = lambda record: None) -> None:
        self.act = act
        self.seen: list[float] = []

    def changed(self, record: Record, cell: str) -> None:
        self.seen.append(record.fraction())
        self.act(record)


def once(condition: Callable[[Record], bool], act: Callable[[Record], None]) -> Callable[[Record], None]:
    """`act`, the first time that `condition` holds."""
    done: list[bool] = []

    def check(record: Record) -> None:
        if not done and condition(record):
            done.append(True)
            act(record)

    return check


def runs(record: Record) -> int:
    return sum(len(row.runs_ms) for row in record.rows())


@pytest.fixture(params=["daemon", "alone"])
def client(request: pytest.FixtureRequest, config: Config) -> Iterator[Session]:
    """A session with a daemon, and one that is not to use any."""
    with Session(dataclasses.replace(config, disable=request.param == "alone"), "notebook") as made:
        yield made


def test_all_are_built_then_run_in_turn_and_one_at_a_time(
    client: Session, make_plan_of: MakePlan, project: Path
) -> None:
    plan = make_plan_of('--repeat 3 --sweep "-DN=0 -DN=1 -DN=2"', LOGS)
    watch = Watch()
    sweep = run_sweep(client, plan, "In[1]", watch)
    assert (project / "log").read_text().split() == ["+0-0", "+1-1", "+2-2"] * 3
    assert [len(row.runs_ms) for row in sweep] == [3, 3, 3]
    assert all(row.ok and row.exit_code == 0 and row.same_output and row.stdout == "done\n" for row in sweep)
    assert all(row.compile_ms and row.text_bytes and row.min_ms for row in sweep)
    assert watch.seen == sorted(watch.seen)
    assert watch.seen[-1] == 1.0
    assert sweep.best() in sweep.rows
    assert not sweep.interrupted


def test_a_second_sweep_is_answered_from_the_cache_but_for_the_runs(
    session: Session, make_plan_of: MakePlan, project: Path
) -> None:
    line = '--repeat 2 --sweep "-DN=0 -DN=1" --sweep "-O0 -O1"'
    first, second = (run_sweep(session, make_plan_of(line, LOGS), "In[1]", Watch()) for _ in range(2))
    assert [row.cache for row in first] == ["miss"] * 4
    assert [row.cache for row in second] == ["hit"] * 4
    assert [round(row.compile_ms or 0) for row in second] == [round(row.compile_ms or 0) for row in first]
    assert len((project / "log").read_text().split()) == 16


def test_without_the_cache_it_is_built_anew(session: Session, make_plan_of: MakePlan) -> None:
    for _ in range(2):
        plan = make_plan_of('--no-cache --repeat 1 --sweep "-O0 -O1"', "int main() {}")
        assert [row.cache for row in run_sweep(session, plan, "In[1]", Watch())] == ["miss", "miss"]


def test_what_fails_is_a_row_and_not_the_end(client: Session, make_plan_of: MakePlan) -> None:
    source = """
    #include <csignal>
    #include <cstdio>
    #include <cstdlib>
    int main() {
      std::puts("begin");
    #if CASE == 1
      std::raise(SIGSEGV);
    #elif CASE == 2
      for (;;) {}
    #elif CASE == 3
      int error = "no number";
    #elif CASE == 4
      return 3;
    #elif CASE == 5
      std::puts("something else");
    #elif CASE == 6
      for (int i = 0; i < 400000; i++) std::puts("a flood of text");
    #endif
    }"""
    cases = " ".join(f"-DCASE={number}" for number in range(7))
    plan = make_plan_of(f'--repeat 2 --timeout 0.5 --sweep "{cases} -fno-such-flag"', source)
    sweep = run_sweep(client, plan, "In[1]", Watch())
    right, crash, endless, wrong, code, other, flood, flag = sweep
    assert (right.exit_code, right.same_output, len(right.runs_ms)) == (0, True, 2)
    assert (crash.exit_code, crash.same_output, crash.runs_ms) == (-signal.SIGSEGV, False, ())
    assert (endless.timed_out, endless.same_output, endless.runs_ms) == (True, False, ())
    assert endless.stdout == ""  # a pipe's buffer died with it
    assert (wrong.ok, wrong.exit_code) == (False, None)
    assert "error:" in wrong.diagnostics
    assert (code.exit_code, code.same_output, len(code.runs_ms)) == (3, False, 2)
    assert (other.exit_code, other.same_output) == (0, False)
    assert flood.exit_code == 0
    assert len(flood.stdout) == 64 * 1024
    assert flag.ok is False
    assert "-fno-such-flag" in flag.diagnostics
    assert sweep.best() is right


def test_a_compiler_that_does_not_exist_is_a_row(client: Session, make_plan_of: MakePlan) -> None:
    clang = need("clang++-19")
    plan = make_plan_of(f'--repeat 1 --sweep-compiler "g++ no-such-compiler {clang}"', "int main() {}")
    gcc, nothing, other = run_sweep(client, plan, "In[1]", Watch())
    assert gcc.compiler.startswith("g++ ")
    assert other.compiler.startswith(f"{clang.rpartition('/')[2]} ") or other.compiler.startswith(clang)
    assert nothing.ok is False
    assert "was not found on PATH" in nothing.diagnostics
    assert "no-such-compiler" in nothing.compiler


def test_rust(client: Session, make_plan_of: MakePlan) -> None:
    need("rustc")
    source = 'fn main() { println!("{}", if cfg!(debug_assertions) { "debug" } else { "release" }); }'
    plan = make_plan_of("""--repeat 2 --sweep "-Copt-level=0 '-C opt-level=3'" """, source, "rust")
    debug, release = run_sweep(client, plan, "In[1]", Watch())
    assert (debug.stdout, release.stdout) == ("debug\n", "release\n")
    assert release.same_output is False
    assert release.text_bytes


def test_compiling_only(client: Session, make_plan_of: MakePlan, project: Path) -> None:
    plan = make_plan_of('--no-run --sweep "-DN=0 -DN=1"', LOGS)
    watch = Watch()
    sweep = run_sweep(client, plan, "In[1]", watch)
    assert [row.ok for row in sweep] == [True, True]
    assert [row.exit_code for row in sweep] == [None, None]
    assert sweep.repeat == 0
    assert not (project / "log").exists()
    assert "median ms" not in repr(sweep)


def test_arguments_reach_the_program(client: Session, make_plan_of: MakePlan) -> None:
    source = '#include <cstdio>\nint main(int n, char** v) { std::printf("%d %s %s", n, v[0], v[2]); }'
    (row,) = run_sweep(client, make_plan_of("--repeat 1 -- a 'b c'", source), "In[1]", Watch())
    assert row.stdout == "3 cell b c"


def test_an_interrupt_keeps_what_is_done(client: Session, make_plan_of: MakePlan) -> None:
    def interrupt(record: Record) -> None:
        raise KeyboardInterrupt

    def swept(act: Callable[[Record], None]) -> Sweep:
        return run_sweep(client, make_plan_of('--repeat 5 --sweep "-DN=0 -DN=1"', LOGS), "In[1]", Watch(act))

    sweep = swept(once(lambda record: runs(record) == 3, interrupt))
    assert sweep.interrupted
    assert [len(row.runs_ms) for row in sweep] == [2, 1]
    sweep = swept(once(lambda record: len(record.missing()) == 1, interrupt))
    assert sweep.interrupted
    assert sorted(str(row.ok) for row in sweep) == ["None", "True"]
    assert [row.runs_ms for row in sweep] == [(), ()]
    assert [len(row.runs_ms) for row in swept(lambda record: None)] == [5, 5]


def test_an_interrupt_ends_the_program_that_runs(client: Session, make_plan_of: MakePlan, project: Path) -> None:
    source = """
    #include <csignal>
    #include <cstdio>
    #include <unistd.h>
    int main() {
      std::FILE* file = std::fopen("pid", "w");
      std::fprintf(file, "%d\\n", getpid());
      std::fclose(file);
      kill(getppid(), SIGINT);
      for (;;) pause();
    }"""
    sweep = run_sweep(client, make_plan_of("--repeat 3", source), "In[1]", Watch())
    assert sweep.interrupted
    assert sweep[0].runs_ms == ()
    assert wait_until(lambda: not group_alive(int((project / "pid").read_text())), 5)


@pytest.mark.parametrize("moment", ["building", "running"])
def test_a_daemon_that_is_killed_half_way_costs_nothing_but_time(
    session: Session, make_plan_of: MakePlan, project: Path, moment: str
) -> None:
    def kill(record: Record) -> None:
        status = running_status(session.config)
        assert status is not None
        os.kill(status.pid, signal.SIGKILL)

    due = {
        "building": lambda record: len(record.missing()) == 2,
        "running": lambda record: runs(record) == 2,
    }[moment]
    watch = Watch(once(due, kill))
    plan = make_plan_of('--repeat 3 --sweep "-DN=0 -DN=1 -DN=2"', LOGS)
    sweep = run_sweep(session, plan, "In[1]", watch)
    assert [len(row.runs_ms) for row in sweep] == [3, 3, 3]
    assert sorted((project / "log").read_text().split()) == ["+0-0"] * 3 + ["+1-1"] * 3 + ["+2-2"] * 3


def test_a_daemon_that_does_not_come_back_is_done_without(
    session: Session, make_plan_of: MakePlan, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zcnb.client.jobs.LOST_S", 1.0)
    endpoint = session.config.endpoint

    def kill_for_good(record: Record) -> None:
        status = running_status(session.config)
        assert status is not None
        endpoint.parent.rename(endpoint.parent.with_name(f"{endpoint.parent.name}-away"))
        endpoint.parent.write_text("a file is in the way")
        os.kill(status.pid, signal.SIGKILL)

    plan = make_plan_of('--repeat 3 --sweep "-DN=0 -DN=1 -DN=2"', LOGS)
    try:
        sweep = run_sweep(session, plan, "In[1]", Watch(once(lambda record: runs(record) == 4, kill_for_good)))
    finally:
        endpoint.parent.unlink()
        endpoint.parent.with_name(f"{endpoint.parent.name}-away").rename(endpoint.parent)
    assert [len(row.runs_ms) for row in sweep] == [3, 3, 3]
    assert (project / "log").read_text().split() == ["+0-0", "+1-1", "+2-2"] * 3
    assert any("without the daemon" in notice for notice in sweep.notices)


def test_a_program_that_was_evicted_is_built_again(session: Session, make_plan_of: MakePlan) -> None:
    def evict(record: Record) -> None:
        built = record.built(0)
        assert built is not None
        os.unlink(built.program)

    watch = Watch(once(lambda record: not record.missing() and runs(record) > 0, evict))
    sweep = run_sweep(session, make_plan_of('--repeat 3 --sweep "-DN=0 -DN=1"', LOGS), "In[1]", watch)
    assert [len(row.runs_ms) for row in sweep] == [3, 3]


def test_a_program_that_cannot_be_started_is_a_row(client: Session, make_plan_of: MakePlan, project: Path) -> None:
    plan = make_plan_of('--repeat 2 --sweep "-DN=0 -DN=1"', LOGS)

    def move_away(record: Record) -> None:
        project.rename(project.with_name("away"))

    sweep = run_sweep(client, plan, "In[1]", Watch(once(lambda record: not record.missing(), move_away)))
    assert [row.exit_code for row in sweep] == [126, 126]
    assert all(row.failed and "does not exist" in row.diagnostics for row in sweep)


def test_without_fallback_a_daemon_that_cannot_be_had_is_an_error(config: Config, make_plan_of: MakePlan) -> None:
    config.cache_dir.parent.mkdir(exist_ok=True)
    broken = dataclasses.replace(config, socket=Path("/proc/nowhere/s.sock"), fallback=False)
    with Session(broken) as session, pytest.raises(ZcnbError):
        run_sweep(session, make_plan_of("--repeat 1", "int main() {}"), "In[1]", Watch())


def test_a_daemon_that_cannot_be_had_means_a_notice(config: Config, make_plan_of: MakePlan) -> None:
    broken = dataclasses.replace(config, socket=Path("/proc/nowhere/s.sock"))
    with Session(broken) as session:
        sweep = run_sweep(session, make_plan_of('--repeat 2 --sweep "-O0 -O1"', "int main() {}"), "In[1]", Watch())
    assert [(row.cache, len(row.runs_ms)) for row in sweep] == [("direct", 2), ("direct", 2)]
    assert any("without the daemon" in notice for notice in sweep.notices)


def test_assembly_of_two_variants_side_by_side(client: Session, make_plan_of: MakePlan) -> None:
    source = "int twice(int n) { return n + n; }\nint main(int n, char**) { return twice(n) - 2; }"
    plan = make_plan_of('--repeat 1 --sweep "-O0 -O2 -fno-such-flag"', source)
    sweep = run_sweep(client, plan, "In[1]", Watch())
    compared = sweep.diff(0, 1)
    assert any(line.startswith("main:") for line in compared.left)
    assert any(line.startswith("twice(int):") for line in compared.right)
    assert len(compared.left) > len(compared.right)
    assert "0: -O0" in repr(compared)
    with pytest.raises(UsageError, match="Variant 2 does not compile"):
        sweep.diff(0, 2)


def test_nothing_is_left_behind(client: Session, make_plan_of: MakePlan) -> None:
    line = '--repeat 2 --sweep "-O0 -O1"'
    run_sweep(client, make_plan_of(line, "int main() {}"), "In[1]", Watch())
    descriptors = len(os.listdir("/proc/self/fd"))
    run_sweep(client, make_plan_of(line, "int main() {}"), "In[1]", Watch())
    assert wait_until(lambda: len(os.listdir("/proc/self/fd")) == descriptors, 5)
    assert not list(Path(tempfile.gettempdir()).glob("zcnb-sweep-*"))
