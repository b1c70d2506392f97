"""Follows a sweep's steps: keeps what was built, runs programs when told to, shows how it goes.

The steps come from the daemon's job; where there is none, or it is lost half-way,
from `LocalSteps`, which go on from what the record holds. Only this process runs
programs, one at a time, and nothing is built meanwhile.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from zcnb.client.jobs import JobEnded, JobFailed, JobRun, RunVariant, VariantBuilt
from zcnb.client.session import Session
from zcnb.errors import DaemonError, ProgramError, StoreError, TransportError, UsageError
from zcnb.model.job import JobSpec
from zcnb.model.outcome import Built
from zcnb_kernel import program
from zcnb_kernel.assembly import listing
from zcnb_kernel.cell import TRIES, guarding
from zcnb_kernel.program import Ended, Vanished
from zcnb_kernel.sweep.capture import Capture
from zcnb_kernel.sweep.local import LocalSteps, build
from zcnb_kernel.sweep.plan import Plan
from zcnb_kernel.sweep.record import Record
from zcnb_kernel.sweep.result import Sweep
from zcnb_kernel.symbols import demangled

LOOK_S = 0.2
"""How often the view is told that time goes by while the daemon compiles."""

LONG_S = 1.0
"""A run that lasts longer is not disturbed noticeably by showing that it does."""


class Steps(Protocol):
    """Where the steps come from."""

    def next(self, timeout: float) -> VariantBuilt | RunVariant | JobEnded | JobFailed | None:
        """The next step; `None` if there was none for `timeout` seconds. Raises `TransportError`."""

    def report(self, step: int, *, ok: bool, ms: float) -> None:
        """A `RunVariant` was done. Not `ok`: the variant is not to run again. Raises `TransportError`."""


class View(Protocol):
    """Where a sweep shows itself while it lasts."""

    def changed(self, record: Record, cell: str) -> None:
        """Something happened, or time went by. Called often; it shows what it has time for."""


def run_sweep(session: Session, plan: Plan, cell: str, view: View) -> Sweep:
    """Build and run all variants. An interrupt ends it and is noted in the result, not raised.

    Raises `ZcnbError` for what is no variant's fault (with `fallback` off, a daemon that cannot be had).
    """
    driver = _Driver(session, plan, cell, view)
    interrupted = False
    try:
        driver.go()
    except KeyboardInterrupt:
        interrupted = True
    return snapshot(driver.record, cell, session=session, notices=driver.notices, interrupted=interrupted)


def snapshot(
    record: Record,
    cell: str,
    *,
    session: Session | None = None,
    notices: tuple[str, ...] = (),
    interrupted: bool = False,
) -> Sweep:
    """What `record` holds, as a result; with a `session` it can show assembly."""
    plan = record.plan
    sweep = Sweep(
        rows=record.rows(),
        cell=cell,
        language=plan.job.base.language,
        flags=plan.job.base.flags,
        repeat=plan.job.repeat if plan.run else 0,
        notices=notices,
        interrupted=interrupted,
    )
    if session is None:
        return sweep
    return dataclasses.replace(sweep, assembly=functools.partial(assembly_of, session, plan.job))


def assembly_of(session: Session, job: JobSpec, number: int) -> str:
    """What variant `number` was compiled to, filtered. Raises `UsageError` if it does not compile, `StoreError`."""
    spec = dataclasses.replace(job.spec(number), emit="asm")
    for _ in range(TRIES):
        built = build(session, spec)
        if not built.ok:
            raise UsageError(f"Variant {number} does not compile; see .rows[{number}].diagnostics.")
        try:
            text = Path(built.emitted).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue  # evicted since
        return listing(text, spec.filename).renamed(demangled).plain()
    raise StoreError(f"The assembly of variant {number} vanished from the cache before it could be read.")


class _Driver:
    """One sweep on its way."""

    def __init__(self, session: Session, plan: Plan, cell: str, view: View) -> None:
        self._session, self._plan, self._cell, self._view = session, plan, cell, view
        self.record = Record(plan)
        self._told: dict[str, None] = {}
        self._good: dict[int, Ended] = {}
        """By variant: its latest run, while it may go on running."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What people should know besides the rows, each once."""
        return tuple(self._told)

    def go(self) -> None:
        """All steps, by the daemon as long as it can be had."""
        config = self._session.config
        if not config.disable:
            try:
                return self._with_daemon()
            except (TransportError, DaemonError) as failure:
                if not config.fallback:
                    raise
                self._told[f"the variants were built one by one, without the daemon's queue: {failure}"] = None
        with LocalSteps(self._session, self.record, lambda _: self._changed()) as steps:
            self._follow(steps)
        return None

    def _with_daemon(self) -> None:
        self._session.ping()  # guards go over the session's own connection
        job = self._plan.job
        with JobRun(self._session.config, f"sweep-{job.id}", job, self._session.id) as steps:
            self._follow(steps)

    def _follow(self, steps: Steps) -> None:
        while not self._over():
            step = steps.next(LOOK_S)
            if isinstance(step, VariantBuilt):
                self._built(step.variant, step.built)
            elif isinstance(step, RunVariant):
                ended = self._run(step)
                steps.report(step.step, ok=ended is not None, ms=ended.ms if ended else 0.0)
            elif isinstance(step, JobFailed):
                raise DaemonError("job-failed", step.reason)
            elif isinstance(step, JobEnded):
                break
            self._changed()
        for number in self.record.missing():
            self._fetch(number)

    def _over(self) -> bool:
        """Whether a sweep that only compiles has nothing more to wait for."""
        return not self._plan.run and not self.record.missing()

    def _fetch(self, number: int) -> str:
        """The program of a variant whose event got lost, or that was evicted since: a hit, or built anew."""
        built = build(self._session, self._plan.job.spec(number))
        self._built(number, built)
        return built.program

    def _built(self, number: int, built: Built) -> None:
        self.record.build_ended(number, built)
        self._told |= dict.fromkeys(built.notices)

    def _run(self, step: RunVariant) -> Ended | None:
        """How the run ended; `None` if the variant is not to run again."""
        if self.record.built(step.variant) is None:
            self._fetch(step.variant)
        if not self.record.due(step.variant, self._plan.job.repeat - 1):
            return self._good.get(step.variant)  # a daemon that took over a job begins from the first run
        capture = Capture(self._clock())
        try:
            ended = self._measured(step, capture)
        except ProgramError as why:
            self.record.not_started(step.variant, why)
            return None
        if ended.interrupted:
            raise KeyboardInterrupt
        self.record.run_ended(step.variant, ended, capture)
        if ended.timed_out or ended.exit_code < 0:
            self._good.pop(step.variant, None)
        else:
            self._good[step.variant] = ended
        return self._good.get(step.variant)

    def _measured(self, step: RunVariant, capture: Capture) -> Ended:
        path = step.program
        for _ in range(TRIES):
            try:
                return self._timed(path, capture)
            except Vanished:
                path = self._fetch(step.variant)
        raise ProgramError("The program vanished from the cache before it could start.", exit_code=126)

    def _timed(self, path: str, capture: Capture) -> Ended:
        base = self._plan.job.base
        with guarding(self._session) as on_lasting:
            return program.measure(
                path,
                argv=(base.unit, *self._plan.args),
                cwd=base.cwd,
                env=base.env,
                taker=capture,
                timeout=self._plan.timeout,
                on_lasting=on_lasting,
            )

    def _clock(self) -> Callable[[], None]:
        """To be called while a program runs: shows that time goes by, but not during what is short."""
        begin = time.monotonic()

        def tick() -> None:
            if time.monotonic() - begin > LONG_S:
                self._changed()

        return tick

    def _changed(self) -> None:
        self._view.changed(self.record, self._cell)
