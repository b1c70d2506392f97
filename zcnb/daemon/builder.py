"""The story of one build: find the compiler, look each step up, run what is missing, record it.

Rules. Nothing is answered from the store that `Lookup` did not hold against
the disk within this request. Failures are never stored: their inputs are not
fully known. A result that must not be stored is still built and handed out,
with the reason. Trouble with the cache folder is `StoreError`; the client then
compiles by itself.
"""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from zcnb.daemon.lookup import Hit, Lookup
from zcnb.daemon.recorder import Run, Unrecordable, manifest_of
from zcnb.daemon.singleflight import SingleFlight
from zcnb.daemon.toolbox import Toolbox
from zcnb.errors import CompilerNotFound, StoreError, UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_of
from zcnb.model.key import step_key
from zcnb.model.outcome import Built, StepReport
from zcnb.model.spec import BuildSpec
from zcnb.osdep.signature import coarse_now_ns
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.toolchain.base import OBJECT, WORK, Compiler, Reading, Step, Toolchain
from zcnb.toolchain.environment import SIDE_EFFECTS, relevant


@dataclass(slots=True)
class Underway:
    """How far a build is; read by `get-progress`."""

    slot: str = ""
    phase: str = "lookup"
    expected_ms: float = 0.0
    started: float = field(default_factory=time.monotonic)
    arrived_ns: int = field(default_factory=coarse_now_ns)
    """The file clock when the request came in: whatever its sender edited before is not younger."""

    @property
    def elapsed_ms(self) -> float:
        """Since the request came in."""
        return (time.monotonic() - self.started) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    """What stays the same for all steps of one build."""

    spec: BuildSpec
    toolchain: Toolchain
    compiler: Compiler
    underway: Underway


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepDone:
    """The outcome of one step; `output` is `None` when the tool failed."""

    report: StepReport
    output: Path | None
    digest: Digest = Digest("")
    diagnostics: str = ""
    exit_code: int = 0
    inputs: tuple[str, ...] = ()
    lookup_ms: float = 0.0


class Builder:
    """Builds cells. One for each daemon; used from the event loop only."""

    def __init__(self, store: Store, pool: Pool, memo: FileMemo) -> None:
        self._store, self._pool, self._memo = store, pool, memo
        self._toolbox = Toolbox(pool, memo)
        self._lookup = Lookup(store, memo)
        self._flights = SingleFlight()

    async def build(self, spec: BuildSpec, underway: Underway) -> Built:
        """The program, or the diagnostics that say why there is none.

        Raises `UsageError`, `CompilerNotFound`, `StoreError`.
        """
        begin = time.monotonic()
        if not os.path.isdir(spec.cwd):
            raise UsageError(f"The folder {spec.cwd} does not exist (any more); change to another.")
        underway.expected_ms = self._store.expected_ms(spec.slot)
        toolchain, compiler = await self._toolbox.resolve(spec)
        build = _Build(spec=spec, toolchain=toolchain, compiler=compiler, underway=underway)
        found_ms = _since(begin)
        steps = [await self._step(build, toolchain.compile_step(spec, compiler), None)]
        if steps[0].output is not None:
            link = toolchain.link_step(spec, compiler, steps[0].digest)
            if link is not None:
                steps.append(await self._step(build, link, steps[0].output))
        self._note_duration(spec, steps)
        return _built(build, steps, found_ms)

    def forget(self) -> None:
        """The store was cleared."""
        self._lookup.clear()

    async def _step(self, build: _Build, step: Step, obj: Path | None) -> _StepDone:
        begin = time.monotonic()
        spec = build.spec
        reason = "asked for with --no-cache" if not spec.use_cache else _uncacheable(build, step)
        if reason:
            return await self._run(build, step, obj, key=None, why=reason)
        key = await self._key(build, step)
        found = self._lookup.find(key, spec.cwd, spec.env)
        if isinstance(found, Hit):
            return _hit(step, found, _since(begin))
        async with self._flights.claim(key) as waited:
            if waited:
                found = self._lookup.find(key, spec.cwd, spec.env)
                if isinstance(found, Hit):
                    return _hit(step, found, _since(begin))
            lookup_ms = _since(begin)
            return await self._run(build, step, obj, key=key, why=found, lookup_ms=lookup_ms)

    async def _key(self, build: _Build, step: Step) -> Digest:
        material = [*step.material, *await self._toolbox.digests(step.tools, build.spec)]
        if step.expansion:
            material.append(digest_of(await self._toolbox.answer(step.expansion, build.compiler, build.spec)))
        leaks = step.leaks_cwd
        return step_key(
            step.name,
            identity=build.compiler.identity,
            argv=step.argv,
            env=relevant(build.spec.env),
            material=material,
            cwd=f"{build.spec.cwd}\0{build.spec.env.get('PWD', '')}" if leaks else None,
        )

    async def _run(
        self, build: _Build, step: Step, obj: Path | None, *, key: Digest | None, why: str, lookup_ms: float = 0.0
    ) -> _StepDone:
        begin = time.monotonic()
        build.underway.phase = step.name
        with self._store.work_folder() as work:
            await asyncio.to_thread(_prepare, work, step, build.spec.cwd)
            search = asyncio.create_task(self._search(build, step, key))
            try:
                started_ns = await _later_tick(build.underway.arrived_ns)
                result, reading = await self._run_tool(build, step, obj, work)
                diagnostics = _readable(result, work, obj, build.spec)
                if result.exit_code != 0:
                    _check_space(result)
                    report = _report(step, _since(begin), why)
                    return _StepDone(
                        report=report,
                        output=None,
                        diagnostics=diagnostics,
                        exit_code=result.exit_code,
                        lookup_ms=lookup_ms,
                    )
                taken = await asyncio.to_thread(self._store.take, work / step.output, executable=step.executable)
                reading = _own_files_left_out(reading, work, obj, step)
                run = Run(
                    spec=build.spec, toolchain=build.toolchain, compiler=build.compiler, step=step,
                    reading=reading, search=await search, started_ns=started_ns,
                )  # fmt: skip
                why = await self._record(run, key, taken, diagnostics, _since(begin), why)
            finally:
                search.cancel()
        path = self._store.path(taken[0])
        if path is None:
            raise StoreError("The cache folder lost a file that was just written to it.")
        return _StepDone(
            report=_report(step, _since(begin), why), output=path, digest=taken[0], diagnostics=diagnostics,
            inputs=_absolute(reading.inputs, build.spec.cwd), lookup_ms=lookup_ms,
        )  # fmt: skip

    async def _search(self, build: _Build, step: Step, key: Digest | None) -> str:
        """Asked while the compiler runs; it is needed only for recording a compile."""
        probe = build.toolchain.search_probe(build.spec, build.compiler)
        if not probe or key is None or step.name != "compile":
            return ""
        return await self._toolbox.answer(probe, build.compiler, build.spec)

    async def _run_tool(self, build: _Build, step: Step, obj: Path | None, work: Path) -> tuple[ToolResult, Reading]:
        """Run the step; once more without what of ours disturbed it."""
        argv = step.argv
        env = {**build.spec.env, "TMPDIR": str(work)}
        while True:
            job = ToolJob(argv=tuple(_placed(a, work, obj) for a in argv), cwd=build.spec.cwd, env=env)
            try:
                result = await self._pool.run(job)
            except OSError as error:
                raise CompilerNotFound(f"{argv[0]} cannot be run: {error.strerror}.") from error
            reading = build.toolchain.reading(step, _texts(work, step.side_files), result.stderr)
            if not any(ours in argv for ours in reading.retry_without):
                return result, reading
            argv = tuple(a for a in argv if a not in reading.retry_without)

    async def _record(
        self, run: Run, key: Digest | None, taken: tuple[Digest, int], diagnostics: str, ms: float, why: str
    ) -> str:
        """Store the result if it may be; returns the reason to show."""
        if key is None:
            self._store.keep(taken)
            return why
        try:
            manifest = await asyncio.to_thread(manifest_of, run, self._memo)
        except Unrecordable as reason:
            self._store.keep(taken)
            return f"{why}; not stored: {reason}"
        self._store.record(key, manifest, taken, diagnostics=diagnostics, ms=ms)
        self._lookup.forget(key)
        return why

    def _note_duration(self, spec: BuildSpec, steps: list[_StepDone]) -> None:
        spent = sum(done.report.ms for done in steps)
        if spent:
            self._store.note_duration(spec.slot, spent)


async def _later_tick(arrived_ns: int) -> int:
    """The file clock, once it has moved on from `arrived_ns` (it ticks every 1 to 10 ms).

    A header saved just before its cell was run would otherwise carry the same time as one saved while the
    compiler ran, and the result could not be stored.
    """
    while (now := coarse_now_ns()) <= arrived_ns:
        await asyncio.sleep(0.0005)
    return now


def _uncacheable(build: _Build, step: Step) -> str:
    side = next((name for name in SIDE_EFFECTS if build.spec.env.get(name)), "")
    reason = step.uncacheable or (f"the variable {side} makes the compiler write other files" if side else "")
    return f"uncacheable: {reason}" if reason else ""


def _hit(step: Step, hit: Hit, lookup_ms: float) -> _StepDone:
    entry = hit.entry
    return _StepDone(
        report=StepReport(step=step.name, cache="hit", saved_ms=entry.ms, argv=step.shown),
        output=hit.path,
        digest=entry.output,
        diagnostics=entry.diagnostics,
        inputs=hit.inputs,
        lookup_ms=lookup_ms,
    )


def _report(step: Step, ms: float, why: str) -> StepReport:
    return StepReport(step=step.name, cache="miss", ms=ms, argv=step.shown, reason=why)


def _built(build: _Build, steps: list[_StepDone], found_ms: float) -> Built:
    last = steps[-1]
    return Built(
        ok=last.output is not None,
        program=str(last.output or ""),
        steps=tuple(done.report for done in steps),
        compiler=build.compiler.info,
        lookup_ms=found_ms + sum(done.lookup_ms for done in steps),
        diagnostics="".join(done.diagnostics for done in steps),
        exit_code=last.exit_code,
        inputs=tuple(dict.fromkeys(path for done in steps for path in done.inputs)),
    )


def _prepare(work: Path, step: Step, cwd: str) -> None:
    for name, data in step.files.items():
        (work / name).write_bytes(data)
    if step.beside:
        for entry in os.scandir(cwd):
            if entry.name.split(".")[0] in step.beside and entry.name not in step.files:
                os.symlink(entry.path, work / entry.name)


def _placed(word: str, work: Path, obj: Path | None) -> str:
    return word.replace(WORK, str(work)).replace(OBJECT, str(obj))


def _texts(work: Path, names: tuple[str, ...]) -> dict[str, str]:
    def text(name: str) -> str:
        try:
            return (work / name).read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    return {name: text(name) for name in names}


def _own_files_left_out(reading: Reading, work: Path, obj: Path | None, step: Step) -> Reading:
    """Inputs as the client would name them: the private folder's links lead to files in the client's."""

    inputs = []
    for path in reading.inputs:
        inner = path.removeprefix(f"{work}/")
        if inner == path or (work / inner.partition("/")[0]).is_symlink():
            inputs.append(inner)
    return Reading(
        inputs=tuple(path for path in inputs if path not in {str(obj), step.output, *step.files}),
        env=reading.env,
        uncacheable=reading.uncacheable,
    )


def _readable(result: ToolResult, work: Path, obj: Path | None, spec: BuildSpec) -> str:
    text = (result.stderr + result.stdout).replace(f"{work}/", "")
    return text.replace(str(obj), f"{spec.unit}.o") if obj else text


def _check_space(result: ToolResult) -> None:
    if os.strerror(errno.ENOSPC) in result.stderr + result.stdout:
        raise StoreError("The disk that the cache folder is on is full.")


def _absolute(paths: Iterable[str], cwd: str) -> tuple[str, ...]:
    return tuple(os.path.normpath(os.path.join(cwd, path)) for path in paths)


def _since(begin: float) -> float:
    return (time.monotonic() - begin) * 1000
