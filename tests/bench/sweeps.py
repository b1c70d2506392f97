"""What runs beside what: `make bench`, or `python tests/bench/sweeps.py [ROUNDS]`.

Hits while the cores compile, a sweep of 16 variants against a shell loop, and
hits while a sweep goes on. Everything in turn within one run, with a private
cache and daemon: compare the ratios.
"""

from __future__ import annotations

import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import product
from pathlib import Path

from jupyter_client.manager import start_new_kernel
from rich.console import Console
from rich.table import Table

from tests.bench.spine import execute, machine, spec_for
from zcnb.client.control import stop
from zcnb.client.jobs import JobRun
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.job import JobSpec, Variant
from zcnb.wire.messages import JobEnded, JobFailed, RunVariant

LEVELS = ("-O0", "-O1", "-O2", "-O3")
MARCH = ("-march=x86-64", "-march=native")
UNROLL = ("-fno-unroll-loops", "-funroll-loops")
REPEAT = 7
SPELL_S = 4.0
"""Hits are counted for so long before the other state has its turn."""

PROGRAM = """#include <algorithm>
#include <cstdio>
#include <vector>

int main() {{
    std::vector<double> v(200000);
    for (int k = 0; k < 20; ++k)
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = v[i] * 0.5 + static_cast<double>(i % 7) + k;
    std::sort(v.begin(), v.end());
    std::printf("%.3f {number}\\n", v[v.size() / 2]);
}}
"""


def main() -> int:
    """Measure, then print one table per question."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    console = Console(width=100)
    root = Path(tempfile.mkdtemp(prefix="zb-", dir="/tmp"))
    config = Config(cache_dir=root / "cache", socket=root / "s.sock")
    try:
        console.print(machine())
        beside(console, "Hits, one client back to back, while the cores compile", config, root, compiling, rounds)
        beside(console, "The same while a sweep goes on", config, root, sweeping, rounds)
        walls(console, config, root, rounds)
    finally:
        stop(config)
        shutil.rmtree(root, ignore_errors=True)
    return 0


def beside(
    console: Console, title: str, config: Config, root: Path,
    load: Callable[[Config, Path], AbstractContextManager[None]], rounds: int,
) -> None:  # fmt: skip
    """Hits with and without `load`, in turn."""
    samples: dict[str, list[float]] = {"idle": [], "loaded": []}
    with Session(config) as session:
        settled(session, root)
        for _ in range(rounds):
            samples["idle"] += hits(session, root)
            with load(config, root):
                samples["loaded"] += hits(session, root)
    table = Table(title=title, title_justify="left")
    for name in ("", "hits/s", "median ms", "p99 ms", "max ms"):
        table.add_column(name, justify="right" if name else "left")
    for name, values in samples.items():
        ordered = sorted(values)
        rate = len(values) / (rounds * SPELL_S)
        p99 = ordered[int(len(ordered) * 0.99)]
        table.add_row(name, f"{rate:.0f}", f"{statistics.median(ordered):.2f}", f"{p99:.2f}", f"{ordered[-1]:.1f}")
    console.print(table)


def settled(session: Session, root: Path) -> None:
    """Build the program that is to be hit, and let its files grow old."""
    session.build(spec_for(root, "hit"))
    time.sleep(2.5)
    session.build(spec_for(root, "hit"))


def hits(session: Session, root: Path) -> list[float]:
    """Milliseconds of each hit, back to back for a spell."""
    times, spec, end = [], spec_for(root, "hit"), time.monotonic() + SPELL_S
    while time.monotonic() < end:
        begin = time.perf_counter()
        built = session.build(spec)
        times.append((time.perf_counter() - begin) * 1000)
        assert built.cache == "hit"
    return times


@contextmanager
def compiling(config: Config, root: Path) -> Iterator[None]:
    """As many clients as there are cores, each with one miss after the other."""
    over = threading.Event()

    def compile_on() -> None:
        with Session(config) as session:
            while not over.is_set():
                assert session.build(spec_for(root, secrets.token_hex(8))).cache == "miss"

    with going_on(compile_on, os.cpu_count() or 1, over):
        yield


@contextmanager
def sweeping(config: Config, root: Path) -> Iterator[None]:
    """One sweep of new programs after the other; their runs are over at once."""
    over = threading.Event()

    def sweep_on() -> None:
        while not over.is_set():
            variants = tuple(Variant(flags=flags) for flags in product(LEVELS, MARCH, UNROLL))
            job = JobSpec(
                id=secrets.token_hex(8), base=spec_for(root, secrets.token_hex(8)), variants=variants, repeat=1
            )
            with JobRun(config, "bench", job) as run:
                while not over.is_set():
                    push = run.next(0.2)
                    if isinstance(push, RunVariant):
                        run.report(push.step, ok=True, ms=0.0)
                    elif isinstance(push, (JobEnded, JobFailed)):
                        break

    with going_on(sweep_on, 1, over):
        yield


@contextmanager
def going_on(work: Callable[[], None], times: int, over: threading.Event) -> Iterator[None]:
    """Have threads do `work` until `over` is set, which it is in the end."""
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def walls(console: Console, config: Config, root: Path, rounds: int) -> None:
    """Wall time of a sweep of 16 variants, new and repeated, against a shell loop that does the same."""
    folder = root / "walls"
    folder.mkdir()
    env = {**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)}
    manager, client = start_new_kernel(kernel_name="python3", env=env, cwd=str(folder))
    seconds: dict[str, list[float]] = {"shell loop": [], "sweep": [], "sweep again": []}
    lists = " ".join(f'--sweep "{" ".join(words)}"' for words in (LEVELS, MARCH, UNROLL))
    try:
        execute(client, "%load_ext zcnb")
        for number in range(rounds):
            text = PROGRAM.format(number=number)
            cell = f"%%cpp {lists} --repeat {REPEAT}\n{text}"
            seconds["shell loop"].append(timed(lambda: shell_loop(folder, text)))  # noqa: B023
            for name in ("sweep", "sweep again"):
                seconds[name].append(timed(lambda: execute(client, cell)))  # noqa: B023
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    table = Table(title=f"16 variants, {REPEAT} runs each, wall time", title_justify="left")
    for name in ("", "median s", "ratio to the shell loop"):
        table.add_column(name, justify="right" if name else "left")
    for name, values in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(values, seconds["shell loop"], strict=True))
        table.add_row(name, f"{statistics.median(values):.2f}", f"{ratio:.3f}")
    console.print(table)


def shell_loop(folder: Path, text: str) -> None:
    """What people do without zcnb: compile and run, one after the other."""
    (folder / "p.cpp").write_text(text)
    runs = f"for i in $(seq {REPEAT}); do ./p >/dev/null; done"
    lines = [f"g++ -std=c++20 {' '.join(flags)} p.cpp -o p && {runs}" for flags in product(LEVELS, MARCH, UNROLL)]
    subprocess.run(["bash", "-ec", "\n".join(lines)], cwd=folder, check=True)


def timed(task: Callable[[], None]) -> float:
    """Seconds that `task` takes."""
    begin = time.perf_counter()
    task()
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
