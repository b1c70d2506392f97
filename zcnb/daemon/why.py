"""What is remembered of a request, so that the next one can say why it was a miss. Values in, values out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from zcnb.freshness.check import Reader, Watched
from zcnb.model.call import ToolCall
from zcnb.model.digest import Digest, digest_of
from zcnb.model.job import Queue
from zcnb.model.manifest import Change
from zcnb.model.outcome import StepReport
from zcnb.model.scene import Scene
from zcnb.model.spec import BuildSpec
from zcnb.model.why import Facts, Run, StepRun, lines_of
from zcnb.toolchain.base import Compiler, Step
from zcnb.wire.messages import Explained

LONGEST_VALUE = 300
"""Characters of a variable's value that are kept; of a longer one, its beginning and a digest."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about. Without a place it is neither remembered nor compared."""

    place: Digest | None = None
    title: str = ""
    """What people call it."""
    names: tuple[str, ...] = ()
    """Absolute paths by which it may be asked for."""


@dataclass(frozen=True, slots=True)
class Fed:
    """What goes into one step, by the names that people know."""

    title: str = ""
    """Tells the steps of one request apart."""
    digests: Mapping[str, Digest] = field(default_factory=dict)
    text: bytes = b""
    """The source as its editor numbers the lines, where it is at hand."""


UNNAMED = Fed()
"""For steps that nobody asks about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """The parts of a step's key that are found out on the way."""

    key: Digest
    env: Mapping[str, str]
    tools: Sequence[Digest] = ()
    meaning: Digest = Digest("")
    folder: str = ""
    terminal: Mapping[str, str] = field(default_factory=dict)


def cell_subject(spec: BuildSpec, queue: Queue) -> Subject:
    """A notebook's cell. A variant of a sweep has no place: what it is compared with are the other variants."""
    if queue == "batch":
        return Subject()
    unnamed = digest_of(["cell", spec.cwd, spec.unit, spec.language])
    return Subject(slot_place(spec.slot) if spec.slot else unnamed, spec.filename)


def slot_place(slot: str) -> Digest:
    """Where the cell with this `slot` is remembered."""
    return digest_of(["slot", slot])


def call_subject(call: ToolCall, targets: Sequence[str], sources: Iterable[str]) -> Subject:
    """A tool call, by the files that it writes."""
    names = _absolute(call, (*targets, *sources))
    return Subject(digest_of(["call", call.cwd, *targets]), " ".join(targets), names)


def passed_run(call: ToolCall, reason: str) -> tuple[Digest, Run]:
    """A call that the client runs by itself, and where it is remembered: one for each folder."""
    report = StepReport(step="compile", cache="direct", argv=call.argv, reason=reason)
    run = Run(
        title=" ".join(call.argv),
        cwd=call.cwd,
        when=time.time(),
        cache="direct",
        steps=(StepRun(report=report),),
        names=_absolute(call, [word for word in call.argv[1:] if not word.startswith("-")]),
    )
    return digest_of(["passed", call.cwd]), run


def run_of(subject: Subject, scene: Scene, steps: Sequence[StepRun]) -> Run:
    """A request that was answered just now."""
    hit = all(step.report.cache == "hit" for step in steps)
    return Run(
        title=subject.title, cwd=scene.cwd, when=time.time(), cache="hit" if hit else "miss", steps=tuple(steps),
        names=subject.names,
    )  # fmt: skip


def facts_of(step: Step, compiler: Compiler, fed: Fed, keyed: Keyed) -> Facts:
    """What `step`'s key was made of. It is made for hits too, and costs some 10 us."""
    return Facts(
        step=step.name,
        title=fed.title,
        key=keyed.key,
        language=step.language,
        compiler=str(compiler.info),
        path=compiler.info.path,
        identity=compiler.identity,
        makes=step.outputs[0] if step.outputs else "",
        flags=step.shown[1:],
        words=step.argv[1:],
        env={name: shortened(value) for name, value in keyed.env.items()},
        fed=fed.digests,
        lines=lines_of(fed.text) if fed.text else (),
        tools=" ".join(keyed.tools),
        meaning=keyed.meaning,
        folder=keyed.folder,
        terminal=keyed.terminal,
    )


def other_changes(watched: Watched, env: Mapping[str, str], first: Change, reader: Reader) -> tuple[Change, ...]:
    """The variables and inputs that are not as recorded, but for the `first` one. Looks at all of them: under a
    millisecond for 240 headers, and the compiler is about to read them anyway."""
    changes = [Change("variable", name) for name, value in watched.env if env.get(name) != value]
    for path, digest in watched.recorded:
        now = reader.digest(path)
        if now != digest:
            changes.append(Change("gone" if now is None else "changed", path))
    return tuple(change for change in changes if change != first)


def explained(run: Run | None) -> Explained:
    """A run, or that there is none, as the client is told."""
    if run is None:
        return Explained()
    reports = tuple(step.report for step in run.steps)
    return Explained(title=run.title, cwd=run.cwd, cache=run.cache, unix_s=run.when, steps=reports)


def shortened(value: str) -> str:
    """A value that is not too long to be kept, and differs where the whole one differs."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({digest_of(value)[:16]})"


def _absolute(call: ToolCall, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(os.path.normpath(os.path.join(call.cwd, name)) for name in names)
