"""A sweep's steps without the daemon's help: slower, for one build follows the other, never broken."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from zcnb.client.jobs import JobEnded, JobState, RunVariant, VariantBuilt
from zcnb.client.session import Session
from zcnb.errors import PersonError
from zcnb.model.health import Progress
from zcnb.model.job import JobSpec
from zcnb.model.outcome import Built, CompilerInfo
from zcnb.model.spec import BuildSpec
from zcnb_kernel.sweep.record import Record

LocalStep = VariantBuilt | RunVariant | JobEnded


def build(session: Session, spec: BuildSpec, on_progress: Callable[[Progress], None] | None = None) -> Built:
    """Build one variant. One that cannot even be tried (no such compiler, a flag that zcnb does not take) is one
    that does not compile."""
    try:
        return session.build(spec, on_progress)
    except PersonError as error:
        asked = CompilerInfo(name=spec.compiler, path="", version="")
        return Built(ok=False, compiler=asked, diagnostics=str(error), exit_code=1)


class LocalSteps:
    """The steps that the daemon would send, from what `record` says is still to do."""

    def __init__(self, session: Session, record: Record, on_progress: Callable[[Progress], None]) -> None:
        self._session, self._record, self._on_progress = session, record, on_progress
        self._job: JobSpec = record.plan.job
        self._folder = tempfile.TemporaryDirectory(prefix="zcnb-sweep-", ignore_cleanup_errors=True)
        self._steps = self._all()

    def __enter__(self) -> LocalSteps:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def next(self, timeout: float) -> LocalStep:
        """The next step, once it is known: a build takes its time, whatever `timeout` says."""
        return next(self._steps)

    def report(self, step: int, *, ok: bool, ms: float) -> None:
        """Nothing: the record knows."""

    def _all(self) -> Iterator[LocalStep]:
        for number in self._record.missing():
            yield VariantBuilt(self._job.id, number, self._built(number))
        turns = range(self._job.repeat) if self._record.plan.run else ()
        step = 0
        for turn in turns:
            for number in range(len(self._job.variants)):
                built = self._record.built(number)
                if built is not None and self._record.due(number, turn):
                    yield RunVariant(self._job.id, step, number, built.program)
                    step += 1
        yield JobEnded(JobState(id=self._job.id, phase="done"))

    def _built(self, number: int) -> Built:
        built = build(self._session, self._job.spec(number), self._on_progress)
        if not (built.ok and built.cache == "direct"):
            return built
        kept = Path(self._folder.name) / f"program{number}"  # the session's next direct build removes this one's
        shutil.copy2(built.program, kept)
        return replace(built, program=str(kept))
