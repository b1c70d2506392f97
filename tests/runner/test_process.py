"""External mode: the pool connects to a runner that is there, or will be soon, and never starts one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.runner.conftest import children, in_pool, one_slot, shell, until
from tests.runner.test_worker import ENV, SECRET, listening, port_of
from zcnb.errors import RunnerError
from zcnb.model.address import RunnerAddress
from zcnb.runner import process
from zcnb.runner.plan import Plan
from zcnb.runner.pool import Pool
from zcnb.runner.process import SCRIPT


def external(path: Path) -> Plan:
    return one_slot(address=RunnerAddress(path=str(path)))


def test_both_queues_are_served_by_the_runner_that_is_there(tmp_path: Path) -> None:
    """Row R12."""
    path = tmp_path / "r.sock"

    async def story(pool: Pool) -> None:
        for queue in ("interactive", "batch"):
            assert (await pool.run(shell("echo $PPID"), queue)).stdout == f"{served.pid}\n"

    with listening(f"listen={path}") as served:
        before = children()
        in_pool(story, external(path))
        assert children() == before
        assert served.poll() is None, "it is not ours to end"


def test_a_runner_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    """Row R3: tries go on until the deadline."""
    path = tmp_path / "r.sock"

    async def story(pool: Pool) -> None:
        task = asyncio.create_task(pool.run(shell("echo served")))
        await asyncio.sleep(0.3)
        assert not task.done()
        argv = [sys.executable, "-I", "-S", str(SCRIPT), f"listen={path}"]
        with subprocess.Popen(argv, env=ENV, stdout=subprocess.DEVNULL) as late:  # noqa: ASYNC220
            assert (await task).stdout == "served\n"
            late.terminate()

    in_pool(story, external(path))


def test_one_that_never_comes_is_told_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "START_S", 0.2)

    async def story(pool: Pool) -> None:
        begin = time.monotonic()
        with pytest.raises(RunnerError, match=r"No runner listens at .*r\.sock \(ZCNB_RUNNER_ADDRESS\): No such file"):
            await pool.run(shell("true"))
        assert time.monotonic() - begin < 10

    before = children()
    in_pool(story, external(tmp_path / "r.sock"))
    assert children() == before


def test_a_broken_connection_costs_just_that_connection(tmp_path: Path) -> None:
    """Row R8."""
    path = tmp_path / "r.sock"

    async def story(pool: Pool) -> None:
        await pool.run(shell("true"), "batch")
        task = asyncio.create_task(pool.run(shell("echo run >>runs; sleep 0.5; echo done", cwd=str(tmp_path))))
        await until(lambda: (tmp_path / "runs").exists())
        link = await pool._team("interactive").runners[0].ready()
        link.close("a test broke it")
        assert (await task).stdout == "done\n"
        assert (tmp_path / "runs").read_text() == "run\nrun\n"
        assert served.poll() is None
        assert (await pool.run(shell("echo $PPID"), "batch")).stdout == f"{served.pid}\n"

    with listening(f"listen={path}") as served:
        in_pool(story, external(path))


@pytest.mark.parametrize("known", [True, False], ids=["with the secret", "without"])
def test_over_tcp_the_secret_opens_the_door(tmp_path: Path, known: bool) -> None:
    """Row R4. The runner has taken some port of its range; it is found."""
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)

    async def story(pool: Pool) -> str:
        return (await pool.run(shell("echo $PPID"))).stdout

    with listening("listen=127.0.0.1:20200-20263", f"secret={secret}") as served:
        assert wait_until(lambda: port_of(served) > 0)
        last = port_of(served)
        plan = one_slot(
            address=RunnerAddress(host="127.0.0.1", ports=range(max(20_200, last - 3), last + 1)),
            secret=SECRET if known else b"x" * 32,
        )
        if known:
            assert in_pool(story, plan) == f"{served.pid}\n"
        else:
            with pytest.raises(RunnerError, match="ended before it was ready"):
                in_pool(story, plan)
