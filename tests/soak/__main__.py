"""`make soak`: the model for hours, and the other soaks once. `python -m tests.soak --help`."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial

from tests.soak.soaks import Ended, a_round, soaked, soaking, soaks


def main() -> int:
    """0: no answer was wrong. 1: one was; it has been printed, with the steps that led there."""
    parser = argparse.ArgumentParser(prog="make soak", description="Compare zcnb with the bare compilers for hours.")
    parser.add_argument("--minutes", type=float, default=60, help="begin nothing new after that (60)")
    parser.add_argument("--seed", type=int, help="play the round with this number, and nothing else")
    parser.add_argument("--only", choices=("rounds", "kills", "faults", "clocks"), help="one kind of soak")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="soaks at once (one for each core)")
    asked = parser.parse_args()
    if asked.seed is not None:
        one = (f"round {asked.seed}", partial(a_round, asked.seed))
        return told(soaked(*soak) for soak in [one])
    return told(soaking(soaks(asked.only), asked.minutes * 60, asked.processes))


def told(ended: Iterable[Ended]) -> int:
    """Print each soak's end, and the sums; the exit code. The first wrong answer ends it all."""
    sums, begun = Counter[str](), time.monotonic()
    for soak in ended:
        minutes = (time.monotonic() - begun) / 60
        sums += soak.counts
        print(
            f"{minutes:6.1f} min  {soak.name}: {soak.skipped or (soak.wrong and 'WRONG') or shown(soak.counts)}",
            flush=True,
        )
        if soak.wrong:
            print(soak.wrong)
            return 1
    print(f"No wrong answer. {shown(sums)}")
    return 0


def shown(counts: Counter[str]) -> str:
    """`12 steps, 3 calls: hit`."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    raise SystemExit(main())
