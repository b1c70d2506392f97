"""The pool of runner processes: who runs a tool, when, and what if that fails.

Rules. Each queue has runners and slots of its own, so a sweep never makes a
cell wait. Runners are started when they are first needed. A slot is free again
once its tool is gone. A tool that is lost with its runner is run once more;
lost twice, or with no runner to be had, it is a `RunnerError`, and the client
compiles directly.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import math
import time

from zcnb.errors import ProtocolError, RunnerError, ToolTimeout
from zcnb.model.job import Queue
from zcnb.runner.assign import RUNS, choose, choose_any, rooms
from zcnb.runner.frames import Said
from zcnb.runner.job import ToolJob, ToolResult, job_fields, result_from
from zcnb.runner.link import Lost
from zcnb.runner.plan import Crew, Plan
from zcnb.runner.process import Child, External, Source
from zcnb.runner.runner import Late, Runner

ASK_S = 30.0
"""What a question of a few milliseconds may take: a compiler may be a script that waits for something."""

SHORTAGE = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""Why a tool may fail to start that has nothing to do with the tool."""


class _Team:
    """The runners of one queue, and its slots."""

    def __init__(self, queue: Queue, crew: Crew, plan: Plan) -> None:
        self.queue = queue
        self._crew, self._plan = crew, plan
        self._rooms = rooms(crew.slots)
        self._started = itertools.count(1)
        self._last = -1
        self.slots = asyncio.Semaphore(crew.slots)
        self.runners = [self._new(room) for room in self._rooms]

    def pick(self, *, slot: bool) -> Runner:
        """Who does the next job; with `slot`, the caller holds one, so there is room."""
        self.runners = [
            self._new(room) if one.ended else one for one, room in zip(self.runners, self._rooms, strict=True)
        ]
        seats = [runner.seat for runner in self.runners]
        chosen = choose(seats, self._last) if slot else choose_any(seats, self._last)
        assert chosen is not None, "a slot without room"
        self._last = chosen
        return self.runners[chosen]

    def _new(self, room: int) -> Runner:
        source: Source
        if self._plan.address is None:
            source = Child(f"{self.queue}-{next(self._started)}", self._crew, self._plan)
        else:
            source = External(self._plan.address, self._plan.secret)
        return Runner(source, room, self._crew.idle)

    def __str__(self) -> str:
        up, busy = sum(runner.up for runner in self.runners), sum(runner.busy for runner in self.runners)
        return f"{up} {self.queue} ({busy} of {self._crew.slots} slots busy)"


class Pool:
    """Used from the event loop only, and closed there."""

    def __init__(self, plan: Plan | None = None) -> None:
        self._plan = plan or Plan()
        self._teams: dict[Queue, _Team] = {}
        self._jobs = itertools.count(1)
        self._closed = False

    def __str__(self) -> str:
        return ", ".join(str(team) for team in self._teams.values()) or "none"

    async def run(self, job: ToolJob, queue: Queue = "interactive") -> ToolResult:
        """Run a compiler or a linker, once a slot of `queue` is free. When cancelled, its whole tree is killed first.

        Raises `OSError` if it cannot be started, `ToolTimeout` after the plan's time (waiting included), and
        `RunnerError`.
        """
        team, seconds = self._team(queue), self._plan.tool_timeout or math.inf
        deadline = time.monotonic() + seconds
        try:
            async with asyncio.timeout(None if seconds == math.inf else seconds):
                await team.slots.acquire()
        except TimeoutError:
            raise ToolTimeout(job.argv[0], seconds) from None
        try:
            return await self._run(team, job, deadline, slot=True)
        except Late:
            raise ToolTimeout(job.argv[0], seconds) from None
        finally:
            team.slots.release()

    async def ask(
        self, job: ToolJob, queue: Queue = "interactive", *, seconds: float = ASK_S
    ) -> ToolResult:  # fmt: skip
        """Run a short question such as `--version`, which takes no slot. Raises as `run` does, after `seconds`."""
        try:
            return await self._run(self._team(queue), job, time.monotonic() + seconds, slot=False)
        except Late:
            raise ToolTimeout(job.argv[0], seconds) from None

    async def prewarm(self, queue: Queue = "interactive") -> None:
        """Start a runner, so that the first tool need not wait for it. Raises `RunnerError`."""
        await self._team(queue).pick(slot=False).ready()

    async def close(self) -> None:
        """End all runners, and with them what they run; who waits gets `RunnerError`."""
        self._closed = True
        grace = self._plan.grace
        await asyncio.gather(*(one.end(grace) for team in self._teams.values() for one in team.runners))

    def _team(self, queue: Queue) -> _Team:
        """Only the queues that are used have runners."""
        if self._closed:
            raise RunnerError("The daemon is about to end.")
        if queue not in self._teams:
            self._teams[queue] = _Team(queue, self._plan.crew(queue), self._plan)
        return self._teams[queue]

    async def _run(self, team: _Team, job: ToolJob, deadline: float, *, slot: bool) -> ToolResult:
        """The result of `job`, by `deadline` (monotonic clock). Raises `Late`, and as `run` does."""
        number, fields = next(self._jobs), job_fields(job)
        why = ""
        for _ in range(RUNS):
            if self._closed:
                raise RunnerError("The daemon is about to end.")
            runner = team.pick(slot=slot)
            runner.busy += slot
            try:
                return _result(job, await runner.run(number, fields, deadline - time.monotonic()))
            except Lost as error:
                why = str(error)
            except ProtocolError as error:
                raise RunnerError(f"{job.argv[0]} cannot be run: {error}.") from error
            finally:
                runner.busy -= slot
        raise RunnerError(f"{job.argv[0]} was lost twice, with the process that ran it ({why}).")


def _result(job: ToolJob, said: Said) -> ToolResult:
    """What an outcome means. Raises `OSError` as the runner met it, or `RunnerError`."""
    fields = said.fields
    if said.kind == "done":
        return result_from(fields)
    if fields["errno"] in SHORTAGE:
        raise RunnerError(f"{job.argv[0]} cannot be started now: {fields['strerror']}.")
    raise OSError(fields["errno"], fields["strerror"], fields["filename"])
