"""Jobs: what the daemon and one kernel do together. The daemon builds all variants, then has the kernel run them.

Rules. Builds of all jobs share the machine; a timed run has it to itself: no build of any job and no other timed run
goes on meanwhile. A job ends exactly once, as done, failed or cancelled, and no command of it is written after that.
What a job has to tell is told as soon as the kernel is there to hear it; a kernel that submits a job again hears
it all once more. Commands are the pipe's business: they wait, and are lost with their job.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from zcnb.daemon.hostpipe import UNREACHABLE, Event, HostNotConnected, HostPipe, Hosts
from zcnb.daemon.lifecycle import Lifecycle
from zcnb.errors import RunnerError, StoreError, ToolTimeout, UsageError, ZcnbError
from zcnb.model.job import MOST_REPEATS, MOST_VARIANTS, JobPhase, JobSpec, JobState
from zcnb.model.outcome import Built, CompilerInfo
from zcnb.model.spec import BuildSpec
from zcnb.wire.messages import JobEnded, JobFailed, RunVariant, VariantBuilt

MOST_JOBS = 8
"""Of one kernel at once; a notebook has one sweep going on, or two by mistake."""

REMEMBERED = 16
"""Ended jobs whose kernel may still ask; each holds what its builds said, half a megabyte if there are many."""

LONGEST_NAME = 200
"""Characters of a job's id and of a kernel's name."""

LONGEST_DIAGNOSTICS = 100_000
"""Characters of what a compiler said that are told for each variant: it may be megabytes, for each of 256."""

DAEMON_ENDS = "the daemon ends"

Build = Callable[[BuildSpec, str], Awaitable[Built]]
"""Builds a cell, and counts it in the session named."""
Publish = Callable[..., None]


def refusal(job: JobSpec) -> str:
    """Why `job` cannot be taken; empty if it can."""
    if not 1 <= len(job.id) <= LONGEST_NAME:
        return f"A job's id has 1 to {LONGEST_NAME} characters, not {len(job.id)}."
    if not 1 <= len(job.variants) <= MOST_VARIANTS:
        return f"A job has 1 to {MOST_VARIANTS} variants, not {len(job.variants)}; leave some out."
    if not 0 <= job.repeat <= MOST_REPEATS:
        return f"A variant is run at most {MOST_REPEATS} times, not {job.repeat}; choose a smaller number."
    return ""


def brief(built: Built) -> Built:
    """What a kernel is told of a variant: without the hundreds of headers, which all variants share."""
    return replace(built, inputs=(), diagnostics=built.diagnostics[:LONGEST_DIAGNOSTICS])


class Machine:
    """Who may use the processors: up to `slots` builds, or one timed run alone. First come, first served."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._free = asyncio.Semaphore(slots)
        self._runs = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def building(self) -> AsyncIterator[None]:
        """Hold one slot."""
        async with self._free:
            yield

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold them all, once the builds that hold some have ended."""
        async with self._runs, contextlib.AsyncExitStack() as slots:
            for _ in range(self.slots):
                await slots.enter_async_context(self._free)
            yield


@dataclass(eq=False, slots=True)
class Job:
    """One job and how far it is. `told` counts the events in `history` that its kernel was told."""

    host: str
    spec: JobSpec
    session: str = ""
    """What its builds are counted under."""
    phase: JobPhase = "compiling"
    reason: str = ""
    programs: dict[int, str] = field(default_factory=dict)
    """Variants that can be run, and still should be."""
    built: int = 0
    runs: Counter[int] = field(default_factory=Counter)
    """How often each variant was run."""
    out: RunVariant | None = None
    """The run that the kernel was asked for and has not reported."""
    reported: asyncio.Event = field(default_factory=asyncio.Event)
    history: list[Event] = field(default_factory=list)
    told: int = 0
    task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.phase not in ("compiling", "running")

    @property
    def state(self) -> JobState:
        """As it goes to the kernel."""
        due = sum(self.spec.repeat - self.runs[variant] for variant in self.programs)
        return JobState(
            id=self.spec.id, phase=self.phase, variants=len(self.spec.variants), built=self.built,
            runs=self.runs.total() + due, ran=self.runs.total(), reason=self.reason,
        )  # fmt: skip

    def turns(self) -> Iterator[tuple[int, str]]:
        """`(variant, program)` of each run, in turn: drift of the machine hits all alike. A variant that drops out
        meanwhile has no further turn."""
        for _ in range(self.spec.repeat):
            for variant in sorted(self.programs):
                if variant in self.programs:
                    yield variant, self.programs[variant]


class Jobs:
    """All jobs of the daemon, and the kernels they are for; used from the event loop only."""

    def __init__(self, build: Build, publish: Publish, lifecycle: Lifecycle) -> None:
        self.hosts = Hosts(self._lost, self._gone)
        self._build, self._publish, self._lifecycle = build, publish, lifecycle
        self._machine = Machine(os.cpu_count() or 1)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._failures = count(1)

    def __repr__(self) -> str:
        return f"<Jobs {[(job.spec.id, job.phase) for job in self._jobs.values()]}>"

    def of(self, host: str) -> list[Job]:
        """The jobs of a kernel that go on."""
        return [job for job in self._jobs.values() if job.host == host and not job.ended]

    def state(self, job_id: str) -> JobState:
        """How far a job is."""
        job = self._jobs.get(job_id)
        return job.state if job is not None else JobState(id=job_id)

    def submit(self, host: str, spec: JobSpec, session: str = "") -> JobState:
        """Begin a job whose builds count in `session`, or tell once more what became of it. Raises `UsageError`."""
        job = self._jobs.get(spec.id)
        if job is None:
            job = self._begin(host, spec, session)
        elif job.host != host:
            raise UsageError(f"The job {spec.id} is another kernel's; choose another id.")
        job.told = 0
        asyncio.get_running_loop().call_soon(self.tell, host)  # after the reply
        return job.state

    def cancel(self, job_id: str) -> JobState:
        """Stop a job; its builds are killed."""
        job = self._jobs.get(job_id)
        if job is not None and not job.ended:
            self._end(job, "cancelled")
        return self.state(job_id)

    def report(self, job_id: str, step: int, *, ok: bool, ms: float) -> bool:
        """The kernel ran what it was asked to; `False` if it was not asked for this, or not any more."""
        job = self._jobs.get(job_id)
        if job is None or job.out is None or job.out.step != step:
            return False
        variant, job.out = job.out.variant, None
        job.runs[variant] += 1
        if not ok:
            del job.programs[variant]
        job.reported.set()
        state = job.state
        self._publish("job.run", job=job_id, step=step, variant=variant, ok=ok, ms=ms, ran=state.ran, runs=state.runs)
        return True

    def registered(self, host: str) -> None:
        """A kernel is back: what waits for it, and the command whose report never came, is written."""
        pipe = self.hosts.find(host)
        assert pipe is not None, "it has just registered"
        for job in self.of(host):
            if job.out is not None and job.out not in pipe.waiting:
                pipe.command(job.out)
        self.tell(host)

    def tell(self, host: str) -> None:
        """Write what waits for a kernel, and tell it what it has not been told of its jobs."""
        pipe = self.hosts.find(host)
        if pipe is None:
            return
        pipe.drain()
        for job in list(self._jobs.values()):
            if job.host == host:
                _tell(job, pipe)

    def close(self) -> None:
        """The daemon ends, and has no successor that its clients could do without it for."""
        for job in list(self._jobs.values()):
            self._fail(job, DAEMON_ENDS)

    def _begin(self, host: str, spec: JobSpec, session: str) -> Job:
        why = refusal(spec)
        if not why and len(self.of(host)) >= MOST_JOBS:
            why = f"This kernel has {MOST_JOBS} jobs already; wait for one to end, or cancel it."
        if why:
            raise UsageError(why)
        job = self._jobs[spec.id] = Job(host, spec, session)
        self._lifecycle.begin()
        self._publish("job.submitted", job=spec.id, host=host, variants=len(spec.variants), repeat=spec.repeat)
        job.task = asyncio.get_running_loop().create_task(self._run(job))
        job.task.add_done_callback(lambda task: self._check(job, task))
        return job

    def _check(self, job: Job, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(job, f"the daemon hit a bug: {type(error).__name__}: {error}")

    async def _run(self, job: Job) -> None:
        numbers, why = iter(range(len(job.spec.variants))), ""
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(self._machine.slots, len(job.spec.variants))):
                    tasks.create_task(self._build_some(job, numbers))
        except* (StoreError, RunnerError) as errors:
            why = str(errors.exceptions[0])
        if why:
            return self._fail(job, why)
        job.phase = "running"
        for step, (variant, program) in enumerate(job.turns(), 1):
            async with self._machine.alone():
                await self._time(job, RunVariant(job.spec.id, step, variant, program))
        return self._end(job, "done")

    async def _build_some(self, job: Job, numbers: Iterator[int]) -> None:
        """Build one variant after the other, as long as `numbers` has some."""
        for number in numbers:
            async with self._machine.building():
                built = await self._built(job, job.spec.spec(number))
            job.built += 1
            if built.ok and built.program:
                job.programs[number] = built.program
            self._publish(
                "job.variant", job=job.spec.id, variant=number, ok=built.ok, cache=built.cache,
                ms=sum(step.ms for step in built.steps), built=job.built, variants=len(job.spec.variants),
            )  # fmt: skip
            self._say(job, VariantBuilt(job.spec.id, number, built))

    async def _built(self, job: Job, spec: BuildSpec) -> Built:
        """The outcome: a variant that does not compile is a row of a table, not an end.

        Raises `StoreError` and `RunnerError`: those are the daemon's troubles, and its client can do without it.
        """
        try:
            return brief(await self._build(spec, job.session))
        except ZcnbError as error:
            if isinstance(error, (StoreError, RunnerError)) and not isinstance(error, ToolTimeout):
                raise
            why = str(error)
        except Exception as error:  # noqa: BLE001  # a bug in one build must not end the job
            why = f"The daemon hit a bug: {type(error).__name__}: {error}"
        nobody = CompilerInfo(name=spec.compiler, path="", version="")
        return Built(ok=False, compiler=nobody, diagnostics=why, exit_code=1)

    async def _time(self, job: Job, command: RunVariant) -> None:
        """Have the kernel run something, and wait for its report."""
        pipe = self.hosts.find(job.host)
        assert pipe is not None, "a job ends before its kernel is forgotten"
        job.out = command
        job.reported.clear()
        pipe.command(command)
        await job.reported.wait()

    def _lost(self, command: RunVariant, reason: str) -> None:
        if (job := self._jobs.get(command.job)) is not None:
            self._fail(job, reason)

    def _gone(self, host: str) -> None:
        for job in self.of(host):
            self._fail(job, UNREACHABLE)

    def _fail(self, job: Job, reason: str) -> None:
        if not job.ended:
            job.reason = reason
            self._end(job, "failed")

    def _end(self, job: Job, phase: JobPhase) -> None:
        """The one place where a job ends: from here on nothing of it is built or asked for."""
        job.phase, job.out = phase, None
        self._lifecycle.finish()
        if (pipe := self.hosts.find(job.host)) is not None:
            pipe.purge(job.spec.id)
        assert job.task is not None
        if phase != "done":  # else it is this task that says so
            job.task.cancel()
        self._say(job, self._last_words(job))
        self._jobs.move_to_end(job.spec.id)
        self._forget()

    def _last_words(self, job: Job) -> JobEnded | JobFailed:
        if job.phase == "failed":
            failed = JobFailed(job.spec.id, job.reason, next(self._failures))
            self._publish("job.failed", job=failed.job, reason=failed.reason, number=failed.number)
            return failed
        state = job.state
        self._publish("job.ended", job=state.id, phase=state.phase, built=state.built, ran=state.ran)
        return JobEnded(state)

    def _say(self, job: Job, message: Event) -> None:
        job.history.append(message)
        if (pipe := self.hosts.find(job.host)) is not None:
            _tell(job, pipe)

    def _forget(self) -> None:
        ended = [job_id for job_id, job in self._jobs.items() if job.ended]
        for job_id in ended[: max(0, len(ended) - REMEMBERED)]:
            del self._jobs[job_id]


def _tell(job: Job, pipe: HostPipe) -> None:
    """Tell the kernel what it was not told of `job`, as long as it is there."""
    with contextlib.suppress(HostNotConnected):
        while job.told < len(job.history):
            pipe.send(job.history[job.told])
            job.told += 1
