"""Jobs with builds that end when a test says so: order, bounds, ends, and who has the machine to himself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from tests.daemon.test_hostpipe import Paper
from tests.daemon.test_limits import settled
from zcnb.daemon import hostpipe, jobs
from zcnb.daemon.jobs import DAEMON_ENDS, MOST_JOBS, REMEMBERED, Jobs, Machine, brief, refusal
from zcnb.daemon.lifecycle import Lifecycle
from zcnb.errors import CompilerNotFound, StoreError, ToolTimeout, UsageError
from zcnb.model.job import MOST_REPEATS, MOST_VARIANTS, JobSpec, JobState, Variant
from zcnb.model.outcome import Built, CompilerInfo
from zcnb.model.spec import BuildSpec
from zcnb.wire.messages import JobEnded, JobFailed, RunVariant, VariantBuilt

GCC = CompilerInfo(name="g++", path="/usr/bin/g++", version="13")
BASE = BuildSpec(language="c++", source=b"", cwd="/", env={})
Story = Callable[["Bench"], Coroutine[Any, Any, None]]


def spec(*flags: str, name: str = "job", repeat: int = 2) -> JobSpec:
    """A job with a variant for each of `flags`."""
    return JobSpec(id=name, base=BASE, variants=tuple(Variant((flag,)) for flag in flags), repeat=repeat)


def program(flag: str) -> Built:
    """The outcome of a build that worked."""
    return Built(ok=True, program=f"/store/{flag}", compiler=GCC)


class Bench:
    """Jobs, a kernel that writes down what it is told, and builds that are held back while `gate` is closed."""

    def __init__(self) -> None:
        self.lifecycle = Lifecycle(0)
        self.published: list[tuple[str, dict[str, object]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.building: list[str] = []
        self.most = 0
        self.killed = 0
        self.jobs = Jobs(self.build, self.publish, self.lifecycle)
        self.kernel = Paper()
        self.connect()

    def connect(self, host: str = "k") -> Paper:
        """A new connection of a kernel, as a handler makes it."""
        writer = Paper()
        self.jobs.hosts.register(host, writer)
        self.jobs.registered(host)
        if host == "k":
            self.kernel = writer
        return writer

    def publish(self, topic: str, **fields: object) -> None:
        self.published.append((topic, fields))

    async def build(self, request: BuildSpec, session: str) -> Built:
        [flag] = request.flags
        self.building.append(flag)
        self.most = max(self.most, len(self.building))
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.killed += 1
            raise
        finally:
            self.building.remove(flag)
        if flag == "-Onope":
            return Built(ok=False, compiler=GCC, diagnostics="no such level")
        if flag == "-missing":
            raise CompilerNotFound("There is no clang++.")
        if flag == "-slow":
            raise ToolTimeout("g++", 60)
        if flag == "-full":
            raise StoreError("The disk is full.")
        if flag == "-bug":
            raise ZeroDivisionError("oh")
        return program(flag)

    def said(self, kind: type) -> list[Any]:
        """What the kernel was told, of one kind."""
        return [message for message in self.kernel.written if isinstance(message, kind)]

    async def asked(self) -> RunVariant:
        """The run that the kernel is asked for and has not reported."""
        await settled(lambda: self.jobs._jobs["job"].out is not None)
        command = self.jobs._jobs["job"].out
        assert command is not None
        return command

    async def work(self, *broken: int) -> list[int]:
        """Report every run of `job` until it ends; the variants in their order."""
        done = []
        while not (self.said(JobEnded) or self.said(JobFailed)):
            command = await self.asked()
            done.append(command.variant)
            assert self.jobs.report("job", command.step, ok=command.variant not in broken, ms=1.0)
            await asyncio.sleep(0.001)
        return done


def story(test: Story) -> Callable[[], None]:
    """Run an asynchronous test on a fresh bench; at its end nothing counts as under way."""

    def run() -> None:
        async def main() -> None:
            bench = Bench()
            async with asyncio.timeout(30):
                await test(bench)
            bench.jobs.close()
            assert bench.lifecycle.in_flight == 0

        asyncio.run(main())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


# The way of a job


@story
async def test_variants_are_built_then_run_in_turn(bench: Bench) -> None:
    assert bench.jobs.submit("k", spec("-O0", "-O1", "-O2", repeat=3)).phase == "compiling"
    assert await bench.work() == [0, 1, 2] * 3
    built = bench.said(VariantBuilt)
    assert {message.variant: message.built.program for message in built} == {
        0: "/store/-O0", 1: "/store/-O1", 2: "/store/-O2",
    }  # fmt: skip
    assert [command.step for command in bench.said(RunVariant)] == list(range(1, 10))
    state = JobState(id="job", phase="done", variants=3, built=3, runs=9, ran=9)
    assert bench.kernel.written[-1] == JobEnded(state)
    assert bench.jobs.state("job") == state
    topics = [topic for topic, _ in bench.published]
    assert topics == ["job.submitted", *["job.variant"] * 3, *["job.run"] * 9, "job.ended"]


@story
async def test_what_does_not_compile_is_told_and_not_run(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0", "-Onope", "-missing", "-bug", "-O1", "-slow"))
    assert await bench.work() == [0, 4, 0, 4]
    built = {message.variant: message.built for message in bench.said(VariantBuilt)}
    assert [built[number].ok for number in range(6)] == [True, False, False, False, True, False]
    assert "no clang++" in built[2].diagnostics
    assert "ZeroDivisionError" in built[3].diagnostics
    assert bench.jobs.state("job").runs == 4


@story
async def test_trouble_with_the_cache_is_no_variants_fault(bench: Bench) -> None:
    """The job fails, once, and its kernel builds without the daemon."""
    bench.jobs.submit("k", spec("-O0", "-full", "-full", "-O1"))
    await settled(lambda: bench.jobs.state("job").phase not in {"compiling", "running"})
    assert [failed.reason for failed in bench.said(JobFailed)] == ["The disk is full."]
    assert bench.jobs.state("job").phase == "failed"
    assert not bench.building


@story
async def test_a_variant_that_was_not_ok_is_not_run_again(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0", "-O1", "-O2", repeat=3))
    assert await bench.work(1) == [0, 1, 2, 0, 2, 0, 2]
    assert bench.jobs.state("job").runs == 7


@story
async def test_without_anything_to_run_it_is_done(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-Onope", repeat=5))
    bench.jobs.submit("k", spec("-O1", name="only builds", repeat=0))
    await settled(lambda: len(bench.said(JobEnded)) == 2)
    assert bench.said(RunVariant) == []


@story
async def test_a_report_of_another_step_is_refused(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0"))
    command = await bench.asked()
    assert not bench.jobs.report("job", command.step + 1, ok=True, ms=1.0)
    assert not bench.jobs.report("other", command.step, ok=True, ms=1.0)
    assert bench.jobs.report("job", command.step, ok=True, ms=1.0)
    assert not bench.jobs.report("job", command.step, ok=True, ms=1.0), "late"
    assert await bench.work() == [0]
    assert not bench.jobs.report("job", 2, ok=True, ms=1.0), "the job has ended"


@story
async def test_the_same_job_again_starts_nothing_and_tells_all_once_more(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0", "-O1"))
    await bench.work()
    told = [message for message in bench.kernel.written if not isinstance(message, RunVariant)]
    fresh = bench.connect()
    assert bench.jobs.submit("k", spec("-O0", "-O1")).phase == "done"
    await settled(lambda: len(fresh.written) == 3)
    assert fresh.written == told
    assert len(bench.published) == 8
    with pytest.raises(UsageError, match="another kernel's"):
        bench.jobs.submit("other", spec("-O0"))


# Who has the machine


@story
async def test_no_more_builds_go_on_than_there_are_slots(bench: Bench) -> None:
    bench.jobs._machine = Machine(3)
    bench.gate.clear()
    bench.jobs.submit("k", spec(*[f"-O{number}" for number in range(40)], repeat=0))
    bench.jobs.submit("k", spec(*[f"-g{number}" for number in range(40)], name="two", repeat=0))
    await settled(lambda: len(bench.building) == 3)
    await asyncio.sleep(0.05)
    assert len(bench.building) == 3
    assert len(asyncio.all_tasks()) < 20, "no task for each of the builds that wait"
    bench.gate.set()
    await settled(lambda: len(bench.said(JobEnded)) == 2)
    assert bench.most == 3


@story
async def test_a_timed_run_has_the_machine_to_itself(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0", "-O1", repeat=1))
    command = await bench.asked()
    other = bench.connect("other")
    bench.jobs.submit("other", spec("-O2", name="two"))
    await asyncio.sleep(0.05)
    assert bench.building == []
    assert other.written == []
    bench.gate.clear()
    assert bench.jobs.report("job", command.step, ok=True, ms=1.0)
    await settled(lambda: bench.building == ["-O2"])
    await asyncio.sleep(0.05)
    assert len(bench.said(RunVariant)) == 1, "it waits for the other job's build"
    bench.gate.set()
    await settled(lambda: len(bench.said(RunVariant)) == 2)
    assert [type(message) for message in other.written] == [VariantBuilt], "one run at a time"
    bench.jobs.cancel("job")
    await settled(lambda: len(other.written) == 2)


# Ends


@story
async def test_cancelled_while_it_builds(bench: Bench) -> None:
    bench.jobs._machine = Machine(2)
    bench.gate.clear()
    bench.jobs.submit("k", spec("-O0", "-O1", "-O2"))
    await settled(lambda: len(bench.building) == 2)
    assert bench.jobs.cancel("job").phase == "cancelled"
    await settled(lambda: bench.killed == 2)
    assert bench.jobs.cancel("job").phase == "cancelled", "once more is nothing"
    assert [type(message) for message in bench.kernel.written] == [JobEnded]
    async with bench.jobs._machine.alone():
        pass  # the machine is free again


@story
async def test_cancelled_while_it_runs_lets_others_run(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0"))
    await bench.asked()
    other = bench.connect("other")
    bench.jobs.submit("other", spec("-O2", name="two"))
    bench.jobs.cancel("job")
    await settled(lambda: len(other.written) == 2)
    assert isinstance(other.written[1], RunVariant)


@story
async def test_a_kernel_that_stays_away_loses_its_jobs_and_only_its_own(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0"))
    await bench.asked()
    bench.connect("other")
    bench.gate.clear()
    bench.jobs.submit("other", spec("-O2", name="two"))
    pipe = bench.jobs.hosts.find("k")
    assert pipe is not None
    pipe.closed(pipe.session)
    bench.jobs.hosts.expire()
    assert bench.jobs.state("job").phase == "running"
    pipe.away_since = 0.0
    bench.jobs.hosts.expire()
    assert bench.jobs.state("job") == JobState(
        id="job", phase="failed", variants=1, built=1, runs=2, ran=0, reason="host unreachable"
    )
    assert bench.jobs.state("two").phase == "compiling"
    assert [fields for topic, fields in bench.published if topic == "job.failed"] == [
        {"job": "job", "reason": "host unreachable", "number": 1}
    ]


@story
async def test_a_kernel_that_comes_back_is_asked_again_for_the_run_it_owes(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0"))
    command = await bench.asked()
    fresh = bench.connect()
    assert fresh.written == [command]
    assert bench.jobs.report("job", command.step, ok=True, ms=1.0)
    assert (await bench.asked()).step == command.step + 1


@story
async def test_a_run_that_waits_for_its_kernel_is_asked_for_once(bench: Bench) -> None:
    bench.gate.clear()
    bench.jobs.submit("k", spec("-O0"))
    pipe = bench.jobs.hosts.find("k")
    assert pipe is not None
    pipe.closed(pipe.session)
    bench.gate.set()
    command = await bench.asked()
    assert pipe.waiting == (command,)
    fresh = bench.connect()
    assert fresh.written == [command, *bench.said(VariantBuilt)], "and what was not told yet is told"


@story
async def test_a_job_that_ended_leaves_no_command_behind(bench: Bench) -> None:
    """Row H8: neither fires later, nor fails the job a second time."""
    bench.jobs.submit("k", spec("-O0"))
    await bench.asked()
    pipe = bench.jobs.hosts.find("k")
    assert pipe is not None
    pipe.closed(pipe.session)
    bench.jobs.registered("k")  # the command waits
    assert list(pipe.waiting) == [bench.said(RunVariant)[0]]
    bench.jobs.cancel("job")
    assert list(pipe.waiting) == []
    pipe.away_since = 0.0
    bench.jobs.hosts.expire()
    assert [topic for topic, _ in bench.published].count("job.failed") == 0
    assert bench.jobs.state("job").phase == "cancelled"


@story
async def test_each_dropped_command_fails_its_job_once_with_a_number_of_its_own(bench: Bench) -> None:
    """Rows H3 and H10: through the pipe itself, as jobs have one command out at a time."""
    names = [f"job {number}" for number in range(3)]
    for name in names:
        bench.jobs.submit("k", spec("-O0", name=name))
    pipe = bench.jobs.hosts.find("k")
    assert pipe is not None
    pipe.closed(pipe.session)
    for name in names[:2]:
        pipe.command(RunVariant(name, 1, 0, "/p"))
        pipe.command(RunVariant(name, 2, 0, "/p"))
    for number in range(hostpipe.BUFFERED):
        pipe.command(RunVariant("unknown", number, 0, "/p"))
    pipe.away_since = 0.0
    bench.jobs.hosts.expire()
    assert [fields for topic, fields in bench.published if topic == "job.failed"] == [
        {"job": "job 0", "reason": "host pipe backpressure overflow", "number": 1},
        {"job": "job 1", "reason": "host pipe backpressure overflow", "number": 2},
        {"job": "job 2", "reason": "host unreachable", "number": 3},
    ]


@story
async def test_the_daemon_ends(bench: Bench) -> None:
    bench.jobs.submit("k", spec("-O0"))
    await bench.asked()
    bench.jobs.close()
    assert bench.said(JobFailed) == [JobFailed("job", DAEMON_ENDS, 1)]
    assert bench.lifecycle.in_flight == 0


@story
async def test_a_bug_fails_the_job_instead_of_hanging_it(bench: Bench) -> None:
    bench.jobs.hosts._pipes.clear()
    bench.jobs.submit("k", spec("-O0"))
    await settled(lambda: bench.jobs.state("job").phase == "failed")
    assert "bug" in bench.jobs.state("job").reason


@story
async def test_a_job_keeps_the_daemon_and_is_remembered_for_a_while(bench: Bench) -> None:
    bench.gate.clear()
    bench.jobs.submit("k", spec("-O0", name="first", repeat=0))
    assert bench.lifecycle.in_flight == 1
    bench.gate.set()
    await settled(lambda: bench.lifecycle.in_flight == 0)
    for number in range(REMEMBERED):
        assert bench.jobs.state("first").phase == "done"
        bench.jobs.submit("k", spec("-O0", name=f"{number}", repeat=0))
        await settled(lambda: bench.lifecycle.in_flight == 0)
    assert bench.jobs.state("first") == JobState(id="first")


@story
async def test_a_slow_kernel_is_told_the_rest_when_it_reads_again(bench: Bench) -> None:
    bench.kernel.writable = False
    bench.jobs.submit("k", spec("-O0", "-Onope", repeat=0))
    await settled(lambda: bench.jobs.state("job").phase == "done")
    assert bench.kernel.written == []
    bench.kernel.writable = True
    bench.jobs.tell("k")
    assert [type(message) for message in bench.kernel.written] == [VariantBuilt, VariantBuilt, JobEnded]


# Bounds


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (spec("-O0", name=""), "1 to 200 characters"),
        (spec("-O0", name="x" * 201), "1 to 200 characters"),
        (spec(), "1 to 256 variants"),
        (spec(*["-O0"] * (MOST_VARIANTS + 1)), "not 257"),
        (spec("-O0", repeat=MOST_REPEATS + 1), "at most 1000 times"),
        (spec("-O0", repeat=-1), "not -1"),
    ],
    ids=["no name", "long name", "no variants", "many variants", "many repeats", "negative"],
)
def test_what_is_too_much_is_refused(job: JobSpec, said: str) -> None:
    assert said in refusal(job)


def test_the_most_there_may_be() -> None:
    assert refusal(spec(*["-O0"] * MOST_VARIANTS, name="x" * 200, repeat=MOST_REPEATS)) == ""


@story
async def test_a_kernel_has_only_so_many_jobs_at_once(bench: Bench) -> None:
    bench.gate.clear()
    for number in range(MOST_JOBS):
        bench.jobs.submit("k", spec("-O0", name=str(number)))
    with pytest.raises(UsageError, match="8 jobs already"):
        bench.jobs.submit("k", spec("-O0", name="one more"))
    bench.connect("other")
    bench.jobs.submit("other", spec("-O0", name="another kernel's"))


def test_what_is_told_of_a_variant_is_short() -> None:
    told = brief(Built(ok=False, compiler=GCC, diagnostics="x" * 200_000, inputs=("/usr/include/stdio.h",)))
    assert (len(told.diagnostics), told.inputs) == (jobs.LONGEST_DIAGNOSTICS, ())


# The machine


def test_builds_and_runs_come_in_the_order_in_which_they_asked() -> None:
    async def main() -> list[str]:
        machine, order = Machine(2), list[str]()

        async def hold(name: str, turn: Callable[[], Any]) -> None:
            async with turn():
                order.append(name)
                await asyncio.sleep(0.01)
                order.append(name)

        asked: list[Awaitable[None]] = [
            hold("build 1", machine.building), hold("run 1", machine.alone), hold("run 2", machine.alone),
            hold("build 2", machine.building),
        ]  # fmt: skip
        await asyncio.gather(*asked)
        return order

    order = asyncio.run(main())
    for name in ("run 1", "run 2"):
        assert order.index(name) + 1 == len(order) - 1 - order[::-1].index(name), f"{name} was alone: {order}"
    assert order[0] == "build 1"
