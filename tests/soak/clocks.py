"""The daemon's clock jumps by a day, to and fro, between edits and builds.

libfaketime stands between the daemon and the wall clock; what stamps files, and the monotonic clock, go on as they
were.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.soak.daemons import Daemons
from tests.soak.judge import Judge
from tests.soak.kit import build_kit
from tests.soak.world import World

LIBRARIES = "lib/*/faketime/libfaketimeMT.so.1"
"""Where distributions put it, below /usr."""
JUMPS = ("+1d", "-1d", "+0", "-1d", "+1d", "+0")


def clocks(root: Path, runtime: Path, number: int, times: int) -> Counter[str]:
    """Let the clock jump `times` times. Returns what was counted. Raises `AssertionError` for a wrong answer. Skips
    the test where there is no libfaketime."""
    library = next(Path("/usr").glob(LIBRARIES), None)
    if library is None:
        pytest.skip("libfaketime is not installed")
    (root / "kit").mkdir()
    clock, counts, drawn = root / "clock", Counter[str](), random.Random(number)
    clock.write_text("+0")
    daemons = Daemons(
        root, runtime, [], LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )  # fmt: skip
    try:
        daemons.ensure(0)
        judge = Judge(World(root, build_kit(root / "kit"), []), daemons, counts)
        for jump in itertools.islice(itertools.cycle(JUMPS), times):
            judge.world.header("inc/far.h", drawn.randrange(3), drawn.choice(("in place", "quietly", "renamed over")))
            judge.call("far.c", 0, 0)
            clock.write_text(jump)
            counts["jumps"] += 1
            judge.call("far.c", 0, 0)
            judge.cell("two.cpp", "program", 0)
            judge.world.header("inc/far.h", drawn.randrange(3), "quietly")
            judge.call("far.c", 0, 0)
            judge.cell("two.cpp", "program", 0)
    finally:
        daemons.close()
    return counts
