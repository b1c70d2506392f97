"""All soaks, each as a function of two empty folders (one with a short path, for sockets), and how they are run."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.soak.clocks import clocks
from tests.soak.faults import FAULTS, faults
from tests.soak.kills import kills
from tests.soak.machine import Bench, play

KILLS = 500
JUMPS = 100
Soak = Callable[[Path, Path], Counter[str]]


@dataclass(frozen=True, slots=True)
class Ended:
    """One soak that is over. `wrong` is empty, or says all about a wrong answer."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    wrong: str = ""
    skipped: str = ""


def soaks(only: str | None) -> Iterator[tuple[str, Soak]]:
    """What there is to do, without end unless `only` is one that ends."""
    number = drawn()
    once: dict[str, Soak] = {
        "clocks": partial(clocks, number=number, times=JUMPS),
        "kills": partial(kills, number=number, times=KILLS),
        "faults": partial(faults, kinds=FAULTS),
    }
    yield from ((f"{name} {number}", soak) for name, soak in once.items() if only in (None, name))
    while only in (None, "rounds"):
        number = drawn()
        yield f"round {number}", partial(a_round, number)


def drawn() -> int:
    """A number for a round that nobody has seen."""
    return random.SystemRandom().randrange(2**32)


def a_round(number: int, root: Path, runtime: Path) -> Counter[str]:
    """One round of the model, with its own daemons."""
    bench = Bench(root, runtime)
    try:
        play(number, bench, shrink=True)
    finally:
        bench.daemons.close()
    return bench.counts


def soaked(name: str, soak: Soak) -> Ended:
    """Do it, in folders of its own."""
    root, runtime = (Path(tempfile.mkdtemp(prefix=f"zt-{kind}-", dir="/tmp")) for kind in "sr")
    try:
        return Ended(name, soak(root, runtime))
    except pytest.skip.Exception as reason:
        return Ended(name, skipped=str(reason))
    except Exception:  # noqa: BLE001  # printed by the parent
        return Ended(name, wrong=traceback.format_exc())
    finally:
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)


def soaking(todo: Iterator[tuple[str, Soak]], seconds: float, processes: int) -> Iterator[Ended]:
    """Several at once, each as it ends; nothing new is begun after `seconds`."""
    deadline = time.monotonic() + seconds
    under_way: set[Future[Ended]] = set()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        while True:
            while len(under_way) < processes and time.monotonic() < deadline and (next_one := next(todo, None)):
                under_way.add(pool.submit(soaked, *next_one))
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
