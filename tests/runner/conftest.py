"""What the tests of runners share: jobs, and a loop in which a pool lives and is closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import wait_until
from zcnb.model.scene import Scene
from zcnb.runner.groups import groups_of
from zcnb.runner.job import ToolJob
from zcnb.runner.plan import Crew, Plan
from zcnb.runner.pool import Pool

ENV = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
Story = Callable[[Pool], Coroutine[Any, Any, Any]]


def job(*argv: str, stdin: bytes = b"", program: str = "", cwd: str = "/", **scene: Any) -> ToolJob:
    """Run `argv` in `cwd`."""
    return ToolJob(
        argv=argv, program=program, stdin=stdin, scene=Scene(cwd=cwd, env=scene.pop("env", ENV), **scene)
    )  # fmt: skip


def shell(script: str, **more: Any) -> ToolJob:
    """Run a shell script."""
    return job("sh", "-c", script, **more)


def one_slot(**more: Any) -> Plan:
    """A plan with one runner for each queue, which runs one tool at a time."""
    return Plan(interactive=Crew(slots=1), batch=Crew(slots=1, idle=60.0), **more)


def in_pool(story: Story, plan: Plan | None = None, seconds: float = 60.0) -> Any:
    """What `story` returns that is told with a pool of `plan`."""

    async def main() -> Any:
        pool = Pool(plan)
        try:
            async with asyncio.timeout(seconds):
                return await story(pool)
        finally:
            await pool.close()

    return asyncio.run(main())


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for `condition` without holding the loop up."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def numbers_in(path: Path) -> list[int]:
    """What a script wrote there, once its line is whole."""
    await until(lambda: path.exists() and path.read_text().endswith("\n"))
    return [int(word) for word in path.read_text().split()]


def children(pid: int = 0) -> list[int]:
    """Those of a process (0 for this one) that run: runners, as far as a pool is concerned."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            if int(parent) == (pid or os.getpid()) and state != "Z":
                found.append(int(stat.parent.name))
    return found


@pytest.fixture(autouse=True)
def nothing_left() -> Any:
    """A test that leaves a runner behind fails."""
    before = set(children())
    yield
    left = set(children()) - before
    assert wait_until(lambda: not set(children()) - before, 5), [(pid, groups_of(pid)) for pid in left]
