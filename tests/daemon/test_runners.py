"""A daemon and its runners, whole: what a person notices when one of them is lost, and what is left afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import alive, need, wait_until
from tests.runner.conftest import children, until
from zcnb.client.control import stop
from zcnb.client.recovery import Decision, Phase, classify
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.builder import Builder
from zcnb.daemon.handlers import Caller, answer
from zcnb.daemon.peer import Peer, Peers
from zcnb.daemon.service import Service
from zcnb.daemon.steps import Steps, Underway
from zcnb.errors import DaemonError, UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.call import ToolCall
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.runner import process
from zcnb.runner.log import log_path
from zcnb.runner.plan import Crew, Plan
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.wire.messages import Build, CompileEphemeral, Error, Message, PassThrough

Make = Callable[..., BuildSpec]
MAIN = "int main() {}\n"


@pytest.fixture
def held(project: Path) -> str:
    """A compiler that writes down itself and waits for a file named `go`."""
    real, tool = need("g++"), project / "held++"
    body = f"echo $PPID $$ >>{project}/pids; while [ ! -e {project}/go ]; do sleep 0.02; done; sleep 971 & kill $!"
    tool.write_text(f'#!/bin/sh\ncase "$*" in *-c*) {body};; esac\nexec {real} "$@"\n')
    tool.chmod(0o755)
    return str(tool)


def runs(project: Path) -> list[list[int]]:
    """(runner, tool) of each run so far."""
    path = project / "pids"
    return [list(map(int, line.split())) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_daemon_has_a_runner_soon_after_its_first_answer(session: Session) -> None:
    pid = session.status().pid
    assert wait_until(lambda: len(children(pid)) == 1)
    assert wait_until(lambda: session.status().runners.startswith("1 interactive (0 of "))


def test_a_killed_daemon_leaves_neither_tools_nor_runners(
    session: Session, make_spec: Make, project: Path, held: str
) -> None:
    pid = session.status().pid
    building = threading.Thread(target=session.build, args=(make_spec(MAIN, compiler=held),))
    building.start()
    assert wait_until(lambda: len(runs(project)) == 1)
    ((runner, tool),) = runs(project)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not alive(tool), 5)
    assert wait_until(lambda: not alive(runner), 5)
    (project / "go").touch()
    building.join(60)


def test_an_ended_daemon_leaves_neither_tools_nor_runners(session: Session, make_spec: Make) -> None:
    need("g++")
    session.build(make_spec(MAIN))
    pid = session.status().pid
    before = children(pid)
    assert before
    os.kill(pid, signal.SIGTERM)
    assert wait_until(lambda: not any(map(alive, [pid, *before])))


def test_a_runner_killed_in_the_middle_of_a_compile_is_not_noticed(
    session: Session, make_spec: Make, project: Path, held: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(session.build, make_spec("int main() { return 3; }\n", compiler=held))
        assert wait_until(lambda: len(runs(project)) == 1)
        runner, tool = runs(project)[0]
        os.kill(runner, signal.SIGKILL)
        assert wait_until(lambda: len(runs(project)) == 2)
        assert not alive(tool), "the first is gone before the second begins"
        (project / "go").touch()
        built = building.result(60)
    assert (built.ok, built.cache, built.notices) == (True, "miss", ())
    assert os.waitstatus_to_exitcode(os.system(built.program)) == 3
    with Session(session.config) as again:
        assert again.build(make_spec("int main() { return 3; }\n", compiler=held)).cache == "hit"


def test_with_no_runner_to_be_had_the_client_compiles_directly(
    tmp_path: Path, project: Path, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "a.c").write_text("int x;\n")
    (tmp_path / "broken.py").write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(process, "SCRIPT", tmp_path / "broken.py")

    async def story() -> Message:
        service = Service(tmp_path / "s.sock", tmp_path / "cache", 0, 0)
        caller = Caller(service, Peer(service, Peers(1, 1)))
        reply = await answer(caller, Build(make_spec(MAIN)), 1)
        assert "exit status is 3" in service.health.errors[-1]
        call = ToolCall(tool=need("g++"), argv=("g++", "-c", "a.c"), cwd=str(project), env=dict(os.environ))
        passed = await answer(caller, CompileEphemeral(1, "/", call), 2)
        assert isinstance(passed, PassThrough)
        assert "without the cache" in passed.warning
        await service.pool.close()
        service.close()
        return reply

    need("g++")
    reply = asyncio.run(story())
    assert isinstance(reply, Error)
    assert (reply.code, "exit status is 3" in reply.message) == ("runner", True)
    failure = DaemonError(reply.code, reply.message)
    assert classify(failure, Phase.RECEIVE, 1) is Decision.DIRECT


def test_a_compile_that_takes_too_long_is_stopped_and_the_setting_named(
    config: Config, make_spec: Make, project: Path, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZCNB_TOOL_TIMEOUT_SECS", "1")
    with Session(config) as session, pytest.raises(UsageError, match=r"not done within 1 s .* tool_timeout"):
        session.build(make_spec(MAIN, compiler=held))
    assert wait_until(lambda: not any(alive(tool) for _, tool in runs(project)))


def test_debug_writes_each_tool_down(config: Config, make_spec: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    need("g++")
    monkeypatch.setenv("ZCNB_DEBUG", "1")
    with Session(config) as session:
        session.build(make_spec(MAIN))
        assert " of 1 slots busy)" in session.status().runners
    assert wait_until(lambda: '"message": "ran"' in log_path(config.endpoint).read_text())


def test_a_cell_does_not_wait_for_the_same_build_of_a_sweep(tmp_path: Path, make_spec: Make, project: Path) -> None:
    """Neither for its slot nor for its turn with the key."""
    tool = project / "partly++"
    tool.write_text(
        f'#!/bin/sh\ncase "$*" in *-O1*-c*|*-c*-O1*) touch {project}/held; '
        f'while [ ! -e {project}/go ]; do sleep 0.02; done;; esac\nexec {need("g++")} "$@"\n'
    )
    tool.chmod(0o755)

    async def story() -> None:
        pool = Pool(Plan(interactive=Crew(slots=1), batch=Crew(slots=1)))
        store = Store(tmp_path / "cache")
        steps = Steps(store, pool, FileMemo())
        builder = Builder(store, steps)
        spec = make_spec(MAIN, compiler=str(tool))

        def in_batch(*flags: str) -> asyncio.Task[Built]:
            return asyncio.create_task(builder.build(replace(spec, flags=flags), Underway(), "batch"))

        first = in_batch("-O1")
        await until(lambda: (project / "held").exists())
        same = in_batch()
        await until(lambda: len(steps._flights) == 2)
        async with asyncio.timeout(60):
            assert (await builder.build(spec, Underway())).ok
        assert not first.done()
        assert not same.done()
        (project / "go").touch()
        assert all(built.ok for built in await asyncio.gather(first, same))
        await pool.close()
        store.close()

    asyncio.run(story())


def test_pings_are_answered_while_compilers_start_and_large_files_are_hashed(
    session: Session, config: Config, make_spec: Make, project: Path
) -> None:
    """Against a daemon that has nothing to do on the same machine at the same time."""
    need("g++")
    large = project / "large.h"
    with large.open("w") as file:
        file.write("//" + "x" * (24 << 20) + "\n")
    session.build(make_spec('#include "large.h"\n' + MAIN))

    def build(number: int) -> None:
        with Session(config) as mine:
            os.utime(large)  # it must be read again, each time
            assert mine.build(make_spec(f'#include "large.h"\nint main() {{ return {number}; }}\n')).ok
            assert mine.build(make_spec(f"int main() {{ return {number}; }}\n")).ok

    calm = replace(config, cache_dir=project / "calm", socket=config.endpoint.with_name("calm.sock"))
    busy, idle = [], []
    with Session(calm) as other, ThreadPoolExecutor(4) as pool:
        other.ping()
        building = [pool.submit(build, number) for number in range(8)]
        while not all(one.done() for one in building):
            busy.append(session.ping())
            idle.append(other.ping())
        for one in building:
            one.result()
    stop(calm)
    (middle, late), (middle_idle, late_idle) = map(middle_and_late, (busy, idle))
    print(f"ping: median {middle:.2f} ms, p99 {late:.1f} ms; of the idle one {middle_idle:.2f} ms, {late_idle:.1f} ms")
    assert middle < 10 * middle_idle + 5
    assert late < 10 * late_idle + 200


def middle_and_late(times: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    return statistics.median(times), sorted(times)[int(len(times) * 0.99)]
