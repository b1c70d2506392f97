"""The story of one cell's build: find the compiler, compile, link. A build that ends in a text stops before that."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from zcnb.daemon.steps import Setting, StepDone, Steps, Underway, since
from zcnb.daemon.why import Fed, cell_subject
from zcnb.errors import StoreError, UsageError
from zcnb.model.digest import digest_bytes
from zcnb.model.job import Queue
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.store.store import Store


class Builder:
    """Builds cells. One for each daemon; used from the event loop only."""

    def __init__(self, store: Store, steps: Steps) -> None:
        self._store, self._steps = store, steps

    async def build(self, spec: BuildSpec, underway: Underway, queue: Queue = "interactive") -> Built:
        """The program or the text that was asked for, or the diagnostics that say why there is none.

        Raises `UsageError`, `CompilerNotFound`, `StoreError`.
        """
        begin = time.monotonic()
        if not os.path.isdir(spec.cwd):
            raise UsageError(f"The folder {spec.cwd} does not exist (any more); change to another.")
        underway.expected_ms = self._store.expected_ms(spec.slot)
        toolchain, compiler = await self._steps.toolbox.resolve(spec.language, spec.compiler, spec.scene)
        setting = Setting(
            scene=spec.scene, toolchain=toolchain, compiler=compiler, underway=underway, use_cache=spec.use_cache,
            queue=queue, subject=cell_subject(spec, queue),
        )  # fmt: skip
        found_ms = since(begin)
        source = Fed(spec.filename, {"source": digest_bytes(spec.text)}, spec.text)
        steps = [await self._steps.do(setting, toolchain.compile_step(spec, compiler), fed=source)]
        if _worked(steps[0]):
            made = steps[0].outputs[0].digest
            link = toolchain.link_step(spec, compiler, made)
            if link is not None:
                fed = Fed(spec.unit, {"the object": made})
                steps.append(await self._steps.do(setting, link, steps[0].paths, fed))
                _worked(steps[1])
        spent = sum(done.report.ms for done in steps)
        if spent:
            self._store.note_duration(spec.slot, spent)
        steps = [await done.recorded() for done in steps]
        self._steps.remember(setting, steps)
        return _built(spec, setting, steps, found_ms)


def _worked(done: StepDone) -> bool:
    """Whether there is something to go on with. Raises `StoreError` when it got lost."""
    if done.exit_code == 0 and not done.paths:
        raise StoreError("The compiler reported success but wrote nothing; is the cache folder's disk full?")
    return done.exit_code == 0


def _built(spec: BuildSpec, setting: Setting, steps: list[StepDone], found_ms: float) -> Built:
    last = steps[-1]
    made = str(last.paths[0]) if last.exit_code == 0 else ""
    return Built(
        ok=last.exit_code == 0,
        program=made if spec.emit == "program" else "",
        emitted=made if spec.emit != "program" else "",
        steps=tuple(done.report for done in steps),
        compiler=setting.compiler.info,
        lookup_ms=found_ms + sum(done.lookup_ms for done in steps),
        diagnostics="".join(done.stderr + done.stdout for done in steps),
        exit_code=last.exit_code,
        inputs=tuple(dict.fromkeys(path for done in steps for path in _absolute(done, setting.scene.cwd))),
    )


def _absolute(done: StepDone, cwd: str) -> Iterable[str]:
    """The inputs of a step; those of a hit are absolute already, and may be thousands."""
    if done.report.cache == "hit":
        return done.inputs
    return (os.path.normpath(os.path.join(cwd, path)) for path in done.inputs)
