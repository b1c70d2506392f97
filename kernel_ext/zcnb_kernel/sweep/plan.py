"""What a sweep builds and runs: all combinations of what the magic line lists. Pure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

from zcnb.errors import UsageError
from zcnb.model.job import MOST_VARIANTS, JobSpec, Variant
from zcnb.model.spec import BuildSpec
from zcnb_kernel.options import Alternatives, CellOptions

REPEAT = 7
"""Timed runs of each variant if the line does not say: enough for a median, and seldom a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One sweep."""

    job: JobSpec
    swept: tuple[tuple[str, ...], ...]
    """For each variant, the flags that the sweep adds to those of the line."""
    run: bool = True
    """Whether the programs run at all."""
    args: tuple[str, ...] = ()
    """What the programs are called with."""
    timeout: float | None = None
    """Seconds that one run may take."""


def make_plan(options: CellOptions, base: BuildSpec, job_id: str) -> Plan:
    """The sweep that a magic line asks for; `base` is the build of the same line without it.

    The compilers vary slowest, the last list fastest. A combination that comes twice is built once.
    Raises `UsageError` for options that do not go together, and for too many combinations.
    """
    _check(options, base)
    lists = [tuple(dict.fromkeys(alternatives)) for alternatives in options.sweep]
    compilers = tuple(dict.fromkeys(options.sweep_compilers)) or (base.compiler,)
    _check_count(compilers, lists)
    swept: dict[Variant, tuple[str, ...]] = {}
    for compiler in compilers:
        for chosen in itertools.product(*lists):
            added = tuple(itertools.chain.from_iterable(chosen))
            swept.setdefault(Variant((*base.flags, *added), compiler), added)
    job = JobSpec(
        id=job_id,
        # Without a slot: what a variant takes says nothing about how long the cell itself will take.
        base=replace(base, slot=""),
        variants=tuple(swept),
        repeat=options.repeat or REPEAT,
    )
    return Plan(job=job, swept=tuple(swept.values()), run=options.run, args=options.args, timeout=options.timeout)


def _check(options: CellOptions, base: BuildSpec) -> None:
    if options.compiler and options.sweep_compilers:
        raise UsageError("--compiler and --sweep-compiler do not go together; list all compilers in the latter.")
    if options.out or options.err:
        raise UsageError(
            "--out and --err do not go with a sweep: each variant has its own output. "
            "Keep the sweep with --report NAME and read NAME[0].stdout."
        )
    if base.emit != "program":
        raise UsageError("--emit does not go with a sweep; use .diff(i, j) of its result to compare assembly.")


def _check_count(compilers: tuple[str, ...], lists: list[Alternatives]) -> None:
    counts = [len(alternatives) for alternatives in lists]
    total = len(compilers) * math.prod(counts)
    if total <= MOST_VARIANTS:
        return
    factors = [f"--sweep number {number}: {count}" for number, count in enumerate(counts, 1)]
    if len(compilers) > 1:
        factors.append(f"--sweep-compiler: {len(compilers)}")
    raise UsageError(
        f"These are {total} combinations ({', '.join(factors)}), and a sweep has {MOST_VARIANTS} at most. "
        "Leave some out, or make several sweeps."
    )
