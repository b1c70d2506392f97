"""kill -9 while results are stored, again and again; then everything is read back."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from pathlib import Path

from tests.soak.compiles import Compiles
from tests.soak.daemons import Daemons
from zcnb.store.blobs import in_use
from zcnb.store.check import check

AT_ONCE = 2
LATEST_MS = 150
"""Most calls are over by then."""
LEFT_BY_A_CRASH = {"blob unknown"}


def kills(root: Path, runtime: Path, number: int, times: int) -> Counter[str]:
    """Kill a daemon `times` times while it serves compiles that are misses, at moments drawn from `number`.

    Returns what was counted. Raises `AssertionError` for a call that failed or left another object than the bare
    compiler's, and for what is left of killed daemons.
    """
    moments, counts = random.Random(number), Counter[str]()
    daemons = Daemons(root, runtime, [])
    work = daemons.cache / "v1" / "work"
    compiles = Compiles(root / "kills", daemons.configs[0])
    try:
        for first in range(0, times * AT_ONCE, AT_ONCE):
            striker = threading.Timer(moments.randint(0, LATEST_MS) / 1000, daemons.strike, (0,))
            striker.start()
            compiles.same(range(first, first + AT_ONCE))
            striker.join()
            counts["kills"] += 1
        daemons.strike(0)
        uncollected = set(filter(in_use, os.listdir(work)))  # ended, but still in the table of processes
        daemons.ensure(0)
        for first in range(0, times * AT_ONCE, AT_ONCE):
            compiles.same(range(first, first + AT_ONCE))
            counts["objects read back"] += AT_ONCE
        counts["of these, hits"] = daemons.sessions[0].status().hits
        left_behind = [name for name in os.listdir(work) if name not in uncollected and not in_use(name)]
        assert not left_behind, f"left of killed daemons: {left_behind}"
        left = {damage.kind for damage in check(daemons.cache)} - {"left behind"}  # private folders: see above
        assert left <= LEFT_BY_A_CRASH, f"the kills left damage: {left}"
    finally:
        daemons.close()
    return counts
