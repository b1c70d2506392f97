"""What has become of each variant so far. The driver writes it, everything else is read from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from zcnb.errors import ProgramError
from zcnb.model.outcome import Built
from zcnb_kernel.program import Ended
from zcnb_kernel.sweep.capture import Capture
from zcnb_kernel.sweep.plan import Plan
from zcnb_kernel.sweep.result import Row
from zcnb_kernel.sweep.sections import Sizes, sizes_of

Outcome = tuple[int, str]
"""Exit code and digest of the output: two runs with the same did the same, as far as one can see."""


@dataclass(slots=True)
class _Variant:
    """One variant's history."""

    built: Built | None = None
    sizes: Sizes | None = None
    runs: int = 0
    runs_ms: list[float] = field(default_factory=list)
    outcomes: set[Outcome] = field(default_factory=set)
    first: Capture | None = None
    exit_code: int | None = None
    timed_out: bool = False
    trouble: str = ""
    """Why its program cannot be started."""

    @property
    def over(self) -> bool:
        """Whether it is not to run (again): no program, a crash, the time limit."""
        crashed = self.exit_code is not None and self.exit_code < 0
        unbuilt = self.built is not None and not self.built.ok
        return unbuilt or crashed or self.timed_out or bool(self.trouble)


class Record:
    """All variants of one sweep."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._variants = [_Variant() for _ in plan.job.variants]
        self._reference: Outcome | None = None

    def build_ended(self, number: int, built: Built) -> None:
        """Variant `number` was built, or not; the latest word counts."""
        variant = self._variants[number]
        variant.built = built
        variant.sizes = sizes_of(built.program) if built.ok else None

    def run_ended(self, number: int, ended: Ended, capture: Capture) -> None:
        """One timed run of variant `number` ended. What a crash or a stop took is no measurement."""
        variant = self._variants[number]
        variant.runs += 1
        outcome = (ended.exit_code, capture.digest)
        self._reference = self._reference or outcome
        variant.outcomes.add(outcome)
        variant.first = variant.first or capture
        variant.exit_code = variant.exit_code or ended.exit_code  # the first that was not 0
        variant.timed_out |= ended.timed_out
        if not variant.over:
            variant.runs_ms.append(ended.ms)

    def not_started(self, number: int, why: ProgramError) -> None:
        """The program of variant `number` cannot be started."""
        variant = self._variants[number]
        variant.trouble, variant.exit_code = str(why), why.exit_code

    def built(self, number: int) -> Built | None:
        """How the build of variant `number` ended, once it has."""
        return self._variants[number].built

    def due(self, number: int, turn: int) -> bool:
        """Whether variant `number` is to run in turn `turn` (from 0)."""
        variant = self._variants[number]
        return variant.built is not None and not variant.over and variant.runs <= turn

    def missing(self) -> list[int]:
        """The variants whose build has not ended."""
        return [number for number, variant in enumerate(self._variants) if variant.built is None]

    def fraction(self) -> float:
        """How much is done, 0 to 1: building is one half, running the other."""
        count, repeat = len(self._variants), self.plan.job.repeat
        built = (count - len(self.missing())) / count
        if not self.plan.run:
            return built
        ran = sum(repeat if variant.over else min(variant.runs, repeat) for variant in self._variants)
        return (built + ran / (count * repeat)) / 2

    def said(self) -> str:
        """How far it is, in words."""
        count, missing = len(self._variants), len(self.missing())
        if missing:
            return f"built {count - missing} of {count}"
        repeat = self.plan.job.repeat if self.plan.run else 0
        due = sum(variant.runs if variant.over else repeat for variant in self._variants)
        return f"ran {sum(variant.runs for variant in self._variants)} of {due}"

    def rows(self) -> tuple[Row, ...]:
        """What is known, one row for each variant."""
        return tuple(self._row(number, variant) for number, variant in enumerate(self._variants))

    def _row(self, number: int, variant: _Variant) -> Row:
        built, first = variant.built, variant.first
        asked = self.plan.job.variants[number].compiler
        return Row(
            index=number,
            flags=self.plan.swept[number],
            compiler=str(built.compiler) if built else asked,
            ok=built.ok if built else None,
            compile_ms=sum(step.ms or step.saved_ms for step in built.steps) if built and built.ok else None,
            cache=built.cache if built and built.ok else None,
            text_bytes=variant.sizes.text if variant.sizes else None,
            data_bytes=variant.sizes.data if variant.sizes else None,
            runs_ms=tuple(variant.runs_ms),
            exit_code=variant.exit_code,
            timed_out=variant.timed_out,
            same_output=variant.outcomes == {self._reference} if variant.outcomes else None,
            steady=len(variant.outcomes) < 2,
            stdout=first.text("stdout") if first else "",
            stderr=first.text("stderr") if first else "",
            diagnostics=(built.diagnostics if built else "") + variant.trouble,
        )
