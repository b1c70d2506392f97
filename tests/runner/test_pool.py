"""The pool: slots, queues, cancelling, timeouts, and what comes of a runner that is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import alive, group_alive, need, wait_until
from tests.runner.conftest import children, in_pool, job, numbers_in, one_slot, shell, until
from zcnb.errors import RunnerError, ToolTimeout
from zcnb.model.job import Queue
from zcnb.runner import process, runner
from zcnb.runner.job import ToolResult
from zcnb.runner.plan import Crew, Plan
from zcnb.runner.pool import Pool

WAITS = "while [ ! -e go ]; do sleep 0.01; done"
TELLS = "echo $PPID $$ >pids; "
"""A script writes down its runner and itself."""
Answer = asyncio.Task[ToolResult]


def started(pool: Pool, script: str, folder: Path, queue: Queue = "interactive") -> Answer:
    return asyncio.create_task(pool.run(shell(script, cwd=str(folder)), queue))


async def ended(task: Answer) -> BaseException | None:
    """How a run failed."""
    (found,) = await asyncio.gather(task, return_exceptions=True)
    return found if isinstance(found, BaseException) else None


# Slots


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_so_many_run_at_once_and_no_more(tmp_path: Path, slots: int) -> None:
    script = "touch $$.on; ls *.on | wc -l; sleep 0.05; rm $$.on"

    async def story(pool: Pool) -> list[int]:
        done = await asyncio.gather(*(pool.run(shell(script, cwd=str(tmp_path))) for _ in range(4 * slots)))
        return [int(one.stdout) for one in done]

    assert max(in_pool(story, Plan(interactive=Crew(slots=slots)))) == slots


def test_runners_take_turns(tmp_path: Path) -> None:
    """Row R7."""

    async def story(pool: Pool) -> list[str]:
        tasks = [started(pool, f"echo $PPID; {WAITS}", tmp_path) for _ in range(4)]
        await until(lambda: len(children()) >= 2)
        (tmp_path / "go").touch()
        await asyncio.gather(*tasks)
        return [(await pool.run(shell("echo $PPID"))).stdout for _ in range(6)]

    found = in_pool(story, Plan(interactive=Crew(slots=4)))
    assert len(set(found)) == 2
    assert found[:2] * 3 == found


def test_a_runner_is_started_only_when_there_is_work_for_it(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        assert str(pool) == "none"
        before = len(children())
        await pool.run(shell("true"))
        await pool.run(shell("true"))
        assert len(children()) == before + 1
        assert str(pool) == "1 interactive (0 of 2 slots busy)"
        both = [started(pool, WAITS, tmp_path) for _ in range(2)]
        await until(lambda: str(pool) == "2 interactive (2 of 2 slots busy)")
        (tmp_path / "go").touch()
        await asyncio.gather(*both)

    in_pool(story, Plan(interactive=Crew(slots=2)))


def test_who_waits_is_woken_when_a_slot_frees(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        first = started(pool, f"{TELLS}{WAITS}", tmp_path)
        await numbers_in(tmp_path / "pids")
        second = started(pool, "echo second", tmp_path)
        await asyncio.sleep(0.1)
        assert not second.done()
        (tmp_path / "go").touch()
        await first
        assert (await second).stdout == "second\n"

    in_pool(story, one_slot())


def test_questions_need_no_slot(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        busy = started(pool, WAITS, tmp_path)
        assert (await pool.ask(shell("echo yes"))).stdout == "yes\n"
        assert not busy.done()
        (tmp_path / "go").touch()
        await busy

    in_pool(story, one_slot())


def test_a_full_batch_queue_holds_up_no_cell(tmp_path: Path) -> None:
    """Row R11."""

    async def story(pool: Pool) -> None:
        sweep = [started(pool, WAITS, tmp_path, "batch") for _ in range(8)]
        await until(lambda: "1 batch (1 of 1 slots busy)" in str(pool))
        assert (await pool.run(shell("echo cell"))).stdout == "cell\n"
        assert (await pool.ask(shell("echo question"))).stdout == "question\n"
        assert not any(one.done() for one in sweep)
        (tmp_path / "go").touch()
        await asyncio.gather(*sweep)

    in_pool(story, one_slot())


@pytest.mark.parametrize(("queue", "more"), [("interactive", 0), ("batch", 7)])
def test_niceness_by_queue(queue: Queue, more: int) -> None:
    async def story(pool: Pool) -> tuple[str, str]:
        plain, polite = job(need("nice")), job(need("nice"), nice=9)
        return (await pool.run(plain, queue)).stdout.strip(), (await pool.run(polite, queue)).stdout.strip()

    own = os.getpriority(os.PRIO_PROCESS, 0)
    found = in_pool(story, Plan(interactive=Crew(slots=1), batch=Crew(slots=1, nice=7)))
    assert found == (str(own + more), str(max(own + more, 9)))


def test_memory_limit_by_queue() -> None:
    take = job(sys.executable, "-c", "len(bytearray(600 << 20)); print('enough')")

    async def story(pool: Pool) -> tuple[ToolResult, ToolResult]:
        return await pool.run(take), await pool.run(take, "batch")

    free, limited = in_pool(story, Plan(interactive=Crew(slots=1), batch=Crew(slots=1, memory=400 << 20)))
    assert free.stdout == "enough\n"
    assert limited.exit_code != 0
    assert "MemoryError" in limited.stderr


# What a tool sees and leaves


def test_what_cannot_be_started_is_the_runners_own_error() -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(FileNotFoundError) as caught:
            await pool.run(job("/no/such/tool"))
        assert caught.value.filename == "/no/such/tool"
        with pytest.raises(PermissionError):
            await pool.ask(job("/"))
        with pytest.raises(OSError, match="null byte"):
            await pool.run(job("echo", "a\0b"))
        assert (await pool.run(shell("exit 3"))).exit_code == 3

    in_pool(story, one_slot())


def test_a_job_that_fits_into_no_frame_is_told() -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(RunnerError, match="over the limit"):
            await pool.run(shell("cat", stdin=bytes(17 << 20)))
        assert (await pool.run(shell("wc -c", stdin=bytes(15 << 20)))).stdout.strip() == str(15 << 20)

    in_pool(story, one_slot())


def test_a_tool_inherits_nothing_of_its_runners() -> None:
    async def story(pool: Pool) -> tuple[str, str]:
        listed = await pool.run(shell("ls /proc/self/fd; exec 3<&-"))
        env = await pool.run(job("env"))
        return listed.stdout, env.stdout

    listed, env = in_pool(story, one_slot())
    assert listed.split() == ["0", "1", "2", "3"]
    assert "ZCNB_IMPORT_PATH" not in env


# Cancelling and timeouts


def test_cancelling_kills_the_tree_at_once_and_then_frees_the_slot(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        task = started(pool, "sleep 987 & echo $PPID $$ $! >pids; wait", tmp_path)
        keeper, leader, grandchild = await numbers_in(tmp_path / "pids")
        waiting = started(pool, f"kill -0 {leader} && echo there; true", tmp_path)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not alive(leader)
        assert (await waiting).stdout == "", "the slot was free before the tool was gone"
        await until(lambda: not alive(grandchild), 5)
        assert alive(keeper), "the runner goes on"

    in_pool(story, one_slot())


def test_cancelling_twice_frees_the_slot_no_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CANCEL_S", 1.0)
    monkeypatch.setattr(runner, "PING_S", 60)

    async def story(pool: Pool) -> None:
        task = started(pool, f"{TELLS}exec sleep 966", tmp_path)
        keeper, tool = await numbers_in(tmp_path / "pids")
        os.kill(keeper, signal.SIGSTOP)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.05)
        assert not task.done()
        assert isinstance(await ended(task), asyncio.CancelledError)
        assert not alive(tool)

    in_pool(story, one_slot())


def test_cancelling_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        for turn in range(40):
            task = started(pool, "exec sleep 984", tmp_path)
            await asyncio.sleep(turn * 0.0004)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await pool.run(shell("pgrep -fx 'sleep 984'"))).stdout == ""

    need("pgrep")
    in_pool(story, one_slot())


def test_one_that_is_cancelled_while_it_waits_never_runs(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        first = started(pool, WAITS, tmp_path)
        second = started(pool, "touch ran", tmp_path)
        await until(lambda: "1 of 1" in str(pool))
        second.cancel()
        assert isinstance(await ended(second), asyncio.CancelledError)
        (tmp_path / "go").touch()
        await first
        await pool.run(shell("true"))
        assert not (tmp_path / "ran").exists()

    in_pool(story, one_slot())


def test_a_timeout_ends_a_runner_that_nobody_else_uses(tmp_path: Path) -> None:
    """Row R9."""

    async def story(pool: Pool) -> None:
        task = started(pool, f"{TELLS}exec sleep 983", tmp_path)
        keeper, tool = await numbers_in(tmp_path / "pids")
        assert isinstance(await ended(task), ToolTimeout)
        assert not alive(tool)
        assert not alive(keeper)
        assert (await pool.run(shell("echo again"))).stdout == "again\n"

    in_pool(story, one_slot(tool_timeout=0.7))


def test_a_timeout_ends_just_the_tool_where_others_use_the_runner(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        task = started(pool, f"{TELLS}exec sleep 982", tmp_path)
        keeper, tool = await numbers_in(tmp_path / "pids")
        other = asyncio.create_task(pool.ask(shell(f"{WAITS}; echo done", cwd=str(tmp_path))))
        assert isinstance(await ended(task), ToolTimeout)
        assert not alive(tool)
        assert alive(keeper)
        (tmp_path / "go").touch()
        assert (await other).stdout == "done\n"

    in_pool(story, one_slot(tool_timeout=0.7))


def test_a_timeout_covers_the_wait_for_a_slot(tmp_path: Path) -> None:
    """Row R10."""

    async def story(pool: Pool) -> None:
        busy = [asyncio.create_task(pool.ask(shell(WAITS, cwd=str(tmp_path))))]
        team = pool._team("interactive")
        await team.slots.acquire()
        begin = time.monotonic()
        with pytest.raises(ToolTimeout, match=r"sh was not done within 0\.3 s"):
            await pool.run(shell("true"))
        assert time.monotonic() - begin < 10
        team.slots.release()
        (tmp_path / "go").touch()
        await asyncio.gather(*busy)

    in_pool(story, one_slot(tool_timeout=0.3))


def test_a_targeted_cancel_that_fails_ends_the_shared_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CANCEL_S", 0.3)
    monkeypatch.setattr(runner, "PING_S", 60)

    async def story(pool: Pool) -> None:
        task = started(pool, f"{TELLS}exec sleep 981", tmp_path)
        keeper, tool = await numbers_in(tmp_path / "pids")
        os.kill(keeper, signal.SIGSTOP)
        task.cancel()
        assert isinstance(await ended(task), asyncio.CancelledError)
        assert not alive(keeper)
        assert not alive(tool)

    in_pool(story, one_slot())


# Faults


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_runner_killed_in_the_middle_costs_time_and_nothing_else(tmp_path: Path, how: signal.Signals) -> None:
    """Row R8. Its tool, and what that started, are gone before the tool is run again."""
    script = f"echo run >>runs; sleep 980 & echo $PPID $$ $! >pids.$$; mv pids.$$ pids; {WAITS}; echo done"

    async def story(pool: Pool) -> None:
        task = started(pool, script, tmp_path)
        keeper, tool, grandchild = await numbers_in(tmp_path / "pids")
        (tmp_path / "pids").unlink()
        os.kill(keeper, how)
        again, *_ = await numbers_in(tmp_path / "pids")
        assert again != keeper
        assert not alive(tool)
        assert not alive(grandchild)
        os.killpg((await numbers_in(tmp_path / "pids"))[1], 0)
        (tmp_path / "go").touch()
        os.kill((await numbers_in(tmp_path / "pids"))[2], signal.SIGKILL)
        assert (await task).stdout == "done\n"
        assert (tmp_path / "runs").read_text() == "run\nrun\n"

    in_pool(story, one_slot())


def test_a_tool_that_is_lost_twice_is_an_error(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(RunnerError, match="sh was lost twice"):
            await pool.run(shell("echo run >>runs; kill -9 $PPID; sleep 979", cwd=str(tmp_path)))
        assert (tmp_path / "runs").read_text() == "run\nrun\n"
        assert (await pool.run(shell("echo fine"))).stdout == "fine\n"

    in_pool(story, one_slot())


def test_all_requests_of_a_lost_runner_are_served_by_another(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        tasks = [started(pool, f"echo $PPID >{n}.pid; {WAITS}; echo {n}", tmp_path) for n in range(4)]
        await until(lambda: len(list(tmp_path.glob("*.pid"))) == 4)
        (keeper,) = await numbers_in(tmp_path / "0.pid")
        os.kill(keeper, signal.SIGKILL)
        await until(lambda: not alive(keeper))
        (tmp_path / "go").touch()
        assert [(await task).stdout for task in tasks] == ["0\n", "1\n", "2\n", "3\n"]

    in_pool(story, Plan(interactive=Crew(slots=4)))


def test_a_runner_that_stops_answering_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PING_S", 0.1)

    async def story(pool: Pool) -> None:
        await pool.run(shell("true"))
        task = started(pool, f"{TELLS}{WAITS}; echo done", tmp_path)
        keeper, tool = await numbers_in(tmp_path / "pids")
        os.kill(keeper, signal.SIGSTOP)
        await until(lambda: not alive(keeper))
        await until(lambda: not alive(tool))
        (tmp_path / "go").touch()
        assert (await task).stdout == "done\n"

    in_pool(story, one_slot())


def test_a_busy_tool_is_no_reason_to_doubt_its_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PING_S", 0.05)

    async def story(pool: Pool) -> None:
        task = started(pool, f"{TELLS}sleep 1; echo $PPID", tmp_path)
        keeper, _ = await numbers_in(tmp_path / "pids")
        assert (await task).stdout == f"{keeper}\n"

    in_pool(story, one_slot())


def test_a_runner_that_ends_at_its_start_is_told_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row R3."""
    script = tmp_path / "broken.py"
    script.write_text("import sys\nopen(sys.argv[0] + '.log', 'a').write('start\\n')\nsys.exit(7)\n")
    monkeypatch.setattr(process, "SCRIPT", script)

    async def story(pool: Pool) -> None:
        begin = time.monotonic()
        with pytest.raises(RunnerError, match=r"ended before it was ready .* exit status is 7"):
            await pool.run(shell("true"))
        assert time.monotonic() - begin > 0.3, "it was tried again after 100 and 200 ms"
        assert (tmp_path / "broken.py.log").read_text() == "start\n" * 3
        monkeypatch.undo()
        assert (await pool.run(shell("echo fine"))).stdout == "fine\n"

    in_pool(story, one_slot())


def test_a_runner_that_is_never_ready_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "slow.py"
    script.write_text("import time\ntime.sleep(978)\n")
    monkeypatch.setattr(process, "SCRIPT", script)
    monkeypatch.setattr(process, "START_S", 0.2)
    monkeypatch.setattr(process, "LAST_WORDS_S", 0.1)

    async def story(pool: Pool) -> None:
        with pytest.raises(RunnerError, match="was not ready within"):
            await pool.run(shell("true"))

    in_pool(story, one_slot())


def test_without_a_process_to_be_had_it_is_a_runner_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    async def story(pool: Pool) -> None:
        with pytest.raises(RunnerError, match="No process can be started for compiling: No such file"):
            await pool.run(shell("true"))

    in_pool(story, one_slot())


def test_a_runner_that_floods_its_output_goes_on_working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row R6."""
    script = tmp_path / "chatty.py"
    script.write_text(
        "import os, runpy, sys, threading\n"
        "def chat():\n    for _ in range(2000): os.write(1, b'chat ' * 4000 + b'\\n')\n"
        "threading.Thread(target=chat, daemon=True).start()\n"
        f"sys.argv[0] = {str(process.SCRIPT)!r}\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    monkeypatch.setattr(process, "SCRIPT", script)
    log = tmp_path / "d.runners.jsonl"

    async def story(pool: Pool) -> None:
        for _ in range(20):
            assert (await pool.run(shell("echo fine"))).stdout == "fine\n"

    in_pool(story, one_slot(log=log))
    assert log.stat().st_size < 3 << 20


def test_closing_while_work_is_pending_ends_it(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        running = started(pool, f"sleep 977 & {TELLS}wait", tmp_path)
        _, tool = await numbers_in(tmp_path / "pids")
        waiting = started(pool, "touch ran", tmp_path)
        await asyncio.sleep(0.05)
        begin = time.monotonic()
        await pool.close()
        assert isinstance(await ended(running), RunnerError)
        assert isinstance(await ended(waiting), RunnerError)
        assert time.monotonic() - begin < 10
        assert wait_until(lambda: not group_alive(tool), 5)
        assert not (tmp_path / "ran").exists()
        with pytest.raises(RunnerError, match="about to end"):
            await pool.ask(shell("true"))

    in_pool(story, one_slot())


def test_closing_while_a_runner_starts(tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        task = started(pool, "true", tmp_path)
        await asyncio.sleep(0.01)
        await pool.close()
        await ended(task)

    in_pool(story, one_slot())


def test_a_batch_runner_without_work_ends(tmp_path: Path) -> None:
    plan = Plan(interactive=Crew(slots=1), batch=Crew(slots=1, idle=0.2))

    async def story(pool: Pool) -> None:
        first = (await pool.run(shell("echo $PPID"), "batch")).stdout
        kept = (await pool.run(shell("echo $PPID"))).stdout
        await until(lambda: not alive(int(first)))
        assert (await pool.run(shell("echo $PPID"), "batch")).stdout != first
        assert (await pool.run(shell("echo $PPID"))).stdout == kept

    in_pool(story, plan)


def test_prewarmed_the_first_tool_finds_a_runner() -> None:
    async def story(pool: Pool) -> None:
        await pool.prewarm()
        (keeper,) = children()
        assert (await pool.run(shell("echo $PPID"))).stdout == f"{keeper}\n"

    in_pool(story, one_slot())


def test_the_loop_goes_on_while_tools_are_started(tmp_path: Path) -> None:
    """Starting a process holds a Python program up for a millisecond: the runner's, not the daemon's."""

    async def longest_pause(pool: Pool, work: bool) -> float:
        stop, longest = asyncio.Event(), 0.0

        async def tick() -> None:
            nonlocal longest
            while not stop.is_set():
                begin = time.perf_counter()
                await asyncio.sleep(0)
                longest = max(longest, time.perf_counter() - begin)

        ticking = asyncio.create_task(tick())
        if work:
            await asyncio.gather(*(pool.ask(shell("head -c 1000000 /dev/zero")) for _ in range(30)))
        else:
            await asyncio.sleep(0.3)
        stop.set()
        await ticking
        return longest

    async def story(pool: Pool) -> tuple[float, float]:
        await pool.prewarm()
        idle = min([await longest_pause(pool, False) for _ in range(3)])
        return idle, min([await longest_pause(pool, True) for _ in range(3)])

    idle, busy = in_pool(story, one_slot())
    print(f"longest pause of the loop: {idle * 1000:.1f} ms idle, {busy * 1000:.1f} ms while 30 tools start")
    assert busy < 0.5 + 20 * idle


def test_a_pool_that_nobody_used_is_closed() -> None:
    async def story(pool: Pool) -> None:
        with contextlib.suppress(RunnerError):
            await pool.close()

    in_pool(story)
