"""The story of one cell on the kernel's side: build, run, show, and say what went wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zcnb.client.session import Session
from zcnb.errors import CompileError, ProgramError, StoreError
from zcnb.model.outcome import Built, StepName
from zcnb.model.spec import BuildSpec
from zcnb.model.timings import Timings
from zcnb_kernel import program, render
from zcnb_kernel.options import CellOptions
from zcnb_kernel.program import Ended, Vanished
from zcnb_kernel.report import Report
from zcnb_kernel.screen import Screen

TRIES = 3
"""How often what was evicted just before its use is built again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """What is asked for: the build, the options, and what people call the cell."""

    spec: BuildSpec
    options: CellOptions
    cell: str
    begin: float
    """`time.monotonic()` when the magic was called."""


def run_cell(session: Session, run: CellRun, screen: Screen) -> Report:
    """Build and run one cell; everything is shown on `screen`. Failures are in the report, not raised,
    but for those before there is anything to report (`UsageError`, `CompilerNotFound`)."""
    try:
        done = _build_and_run(session, run, screen)
    except BaseException:
        screen.give_up()
        raise
    report = _report(run, done)
    screen.finish(report)
    return report


@dataclass(frozen=True, slots=True)
class _Done:
    """What a cell came to: a build, and how its program ended or which text it made."""

    built: Built
    ended: Ended | None = None
    emitted: str = ""


def _build_and_run(session: Session, run: CellRun, screen: Screen) -> _Done:
    for _ in range(TRIES):
        built = session.build(run.spec, screen.progress)
        try:
            if built.ok and run.spec.emit != "program":
                return _Done(built, emitted=_read(built.emitted))
            if not (built.ok and run.options.run):
                return _Done(built)
            return _Done(built, _run_program(session, run, built, screen))
        except Vanished:
            continue  # evicted between the answer and its use; the next answer is built anew
    raise StoreError(
        "What was built vanished from the cache before it could be used. Is something clearing the folder?"
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except FileNotFoundError as error:
        raise Vanished from error


def failure(report: Report) -> BaseException | None:
    """What a cell that failed raises, so that Run All stops and graders see it."""
    if not report.built.ok:
        return CompileError(
            render.compile_message(report), diagnostics=render.readable(report), exit_code=report.built.exit_code
        )
    if report.interrupted:
        return KeyboardInterrupt()
    if report.timed_out or report.exit_code:
        return ProgramError(render.program_message(report), exit_code=report.exit_code or 0)
    return None


def _run_program(session: Session, run: CellRun, built: Built, screen: Screen) -> Ended:
    with guarding(session) as on_lasting:
        return program.run(
            built.program,
            argv=(run.spec.unit, *run.options.args),
            cwd=run.spec.cwd,
            env=os.environ,
            sink=screen,
            timeout=run.options.timeout,
            on_start=lambda: screen.started(_report(run, _Done(built))),
            on_lasting=on_lasting,
        )


@contextmanager
def guarding(session: Session) -> Iterator[Callable[[int], None]]:
    """Yields what a program that lasts is told to (`on_lasting`): should this process vanish, the daemon kills it."""
    guarded: list[int] = []

    def guard(pgid: int) -> None:
        guarded.append(pgid)
        session.guard(pgid)

    try:
        yield guard
    finally:
        for pgid in guarded:
            session.unguard(pgid)


def _report(run: CellRun, done: _Done) -> Report:
    built, ended = done.built, done.ended

    def spent(name: StepName) -> float:
        return sum(step.ms for step in built.steps if step.step == name)

    return Report(
        built=built,
        cell=run.cell,
        language=run.spec.language,
        timings_ms=Timings(
            lookup=built.lookup_ms,
            compile=spent("compile"),
            link=spent("link"),
            run=ended.ms if ended else 0.0,
            total=(time.monotonic() - run.begin) * 1000,
        ),
        exit_code=ended.exit_code if ended else None,
        timed_out=ended.timed_out if ended else False,
        interrupted=ended.interrupted if ended else False,
        emit=run.spec.emit,
        emitted=done.emitted,
        unit=run.spec.filename,
        source=run.spec.text.decode("utf-8", "replace"),
        remarked=run.spec.remarks,
    )
