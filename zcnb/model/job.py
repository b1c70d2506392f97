"""A job: steps that the daemon and one kernel do together. Today's jobs are sweeps: build variants, then time them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from zcnb.model.spec import BuildSpec

Queue = Literal["interactive", "batch"]
"""Who waits: a person for a cell, or nobody for one of a job's many builds."""

JobPhase = Literal["unknown", "compiling", "running", "done", "failed", "cancelled"]

MOST_VARIANTS = 256
MOST_REPEATS = 1000


@dataclass(frozen=True, slots=True)
class Variant:
    """What one build of a job has in place of the base's."""

    flags: tuple[str, ...] = ()
    compiler: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """Build every variant of `base`, then have the kernel run each of them `repeat` times, in turn (A B A B)."""

    id: str
    """Chosen by the kernel."""
    base: BuildSpec
    variants: tuple[Variant, ...]
    repeat: int = 7

    def spec(self, number: int) -> BuildSpec:
        """The build of variant `number` (from 0)."""
        variant = self.variants[number]
        return replace(self.base, flags=variant.flags, compiler=variant.compiler)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How far a job is."""

    id: str
    phase: JobPhase = "unknown"
    variants: int = 0
    built: int = 0
    """Variants whose build ended, in whatever way."""
    runs: int = 0
    """Timed runs that are due in all, as far as is known: a variant without a program has none."""
    ran: int = 0
    reason: str = ""
    """Why it failed."""
