"""The story of one build: find the compiler, look each step up, run what is missing, record it.

Rules. Nothing is answered from the store that `Lookup` did not hold against
the disk within this request. Failures are never stored: their inputs are not
fully known. A result that must not be stored is still built and handed out,
with the reason. Recording a compile goes on while its link runs; the key stays
claimed until it is done. Trouble with the cache folder is `StoreError`; the
client then compiles by itself.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from zcnb.daemon.lookup import Hit, Lookup
from zcnb.daemon.recorder import Run, Unrecordable, manifest_of
from zcnb.daemon.singleflight import SingleFlight
from zcnb.daemon.toolbox import Toolbox
from zcnb.daemon.workshop import Made, Workshop
from zcnb.errors import StoreError, UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_of
from zcnb.model.key import step_key
from zcnb.model.outcome import Built, StepReport
from zcnb.model.spec import BuildSpec
from zcnb.osdep.signature import coarse_now_ns
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.toolchain.base import Compiler, Step, Toolchain
from zcnb.toolchain.environment import SIDE_EFFECTS, relevant

NOTHING = Digest("")


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
    digest: Digest = NOTHING
    diagnostics: str = ""
    exit_code: int = 0
    inputs: tuple[str, ...] = ()
    lookup_ms: float = 0.0
    recording: asyncio.Task[str] | None = None
    """Still going on; its result is why the output was not stored, empty if it was."""


class Builder:
    """Builds cells. One for each daemon; used from the event loop only."""

    def __init__(self, store: Store, pool: Pool, memo: FileMemo) -> None:
        self._store, self._memo = store, memo
        self._toolbox = Toolbox(pool, memo)
        self._workshop = Workshop(store, pool)
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
        spent = sum(done.report.ms for done in steps)
        if spent:
            self._store.note_duration(spec.slot, spent)
        return _built(build, [await _recorded(done) for done in steps], found_ms)

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
        waited = await self._flights.acquire(key)
        recording = None
        try:
            if waited:
                found = self._lookup.find(key, spec.cwd, spec.env)
                if isinstance(found, Hit):
                    return _hit(step, found, _since(begin))
            lookup_ms = _since(begin)
            done = await self._run(build, step, obj, key=key, why=found)
            recording = done.recording
            return replace(done, lookup_ms=lookup_ms)
        finally:
            if recording is None:
                self._flights.release(key)
            else:
                recording.add_done_callback(lambda _: self._flights.release(key))

    async def _key(self, build: _Build, step: Step) -> Digest:
        material = [*step.material, *await self._toolbox.digests(step.tools, build.spec)]
        if step.expansion:
            material.append(digest_of(await self._expansion(build, step)))
        return step_key(
            step.name,
            identity=build.compiler.identity,
            argv=step.argv,
            env=relevant(build.spec.env),
            material=material,
            cwd=f"{build.spec.cwd}\0{build.spec.env.get('PWD', '')}" if step.leaks_cwd else None,
        )

    async def _expansion(self, build: _Build, step: Step) -> str:
        """What the compiler makes of the flags. A script may say something else each time: it is always asked."""

        def holds(answer: str) -> bool:
            return not build.compiler.script

        return await self._toolbox.answer(step.expansion, build.compiler, build.spec, holds)

    async def _run(self, build: _Build, step: Step, obj: Path | None, *, key: Digest | None, why: str) -> _StepDone:
        begin = time.monotonic()
        build.underway.phase = step.name
        search = asyncio.create_task(self._search(build, step, key))
        recording = None
        try:
            made = await self._workshop.make(build.spec, build.toolchain, step, obj, build.underway.arrived_ns)
            path, ms = None, _since(begin)
            if made.output is not None:
                path = self._store.path(made.output[0])
                if path is None:
                    raise StoreError("The cache folder lost a file that was just written to it.")
                recording = asyncio.create_task(self._record(build, step, made, key, search, ms))
        finally:
            if recording is None:
                search.cancel()
        return _StepDone(
            report=StepReport(step=step.name, cache="miss", ms=ms, argv=step.shown, reason=why),
            output=path,
            digest=made.output[0] if made.output else NOTHING,
            diagnostics=made.diagnostics,
            exit_code=made.exit_code,
            inputs=_absolute(made.reading.inputs, build.spec.cwd),
            recording=recording,
        )

    async def _search(self, build: _Build, step: Step, key: Digest | None) -> str:
        """Asked while the compiler runs; it is needed only for recording a compile."""
        probe = build.toolchain.search_probe(build.spec, build.compiler)
        if not probe or key is None or step.name != "compile":
            return ""

        def is_folder(path: str) -> bool:
            return os.path.isdir(os.path.join(build.spec.cwd, path))

        def holds(answer: str) -> bool:
            return build.toolchain.search_holds(answer, is_folder)

        return await self._toolbox.answer(probe, build.compiler, build.spec, holds)

    async def _record(
        self, build: _Build, step: Step, made: Made, key: Digest | None, search: asyncio.Task[str], ms: float
    ) -> str:
        """Store the output if it may be; returns why not, empty if it was."""
        assert made.output is not None
        try:
            answer = await search
            if key is None:
                self._store.keep(made.output)
                return ""
            run = Run(
                spec=build.spec, toolchain=build.toolchain, compiler=build.compiler, step=step,
                reading=made.reading, search=answer, started_ns=made.started_ns,
            )  # fmt: skip
            manifest = await asyncio.to_thread(manifest_of, run, self._memo)
            self._store.record(key, manifest, made.output, diagnostics=made.diagnostics, ms=ms)
            self._lookup.forget(key)
        except Unrecordable as reason:
            self._store.keep(made.output)
            return f"not stored: {reason}"
        except StoreError as error:
            return f"not stored: {error}"
        return ""


async def _recorded(done: _StepDone) -> _StepDone:
    """`done` once its recording is through, with the reason for not storing it if there is one."""
    refused = await done.recording if done.recording is not None else ""
    if not refused:
        return done
    return replace(done, report=replace(done.report, reason=f"{done.report.reason}; {refused}"))


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


def _absolute(paths: Iterable[str], cwd: str) -> tuple[str, ...]:
    return tuple(os.path.normpath(os.path.join(cwd, path)) for path in paths)


def _since(begin: float) -> float:
    return (time.monotonic() - begin) * 1000
