"""The spine's figures: `make bench`, or `python tests/bench/spine.py [ROUNDS]`.

Everything is measured in one run, in turn (A B C A B C ...), so that a change of
the machine's speed hits all alike: compare the ratios, not the milliseconds.
Uses a private cache and daemon.
"""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from rich.console import Console
from rich.table import Table

from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

HELLO = '#include <iostream>\n\nint main() {{\n    std::cout << "hello {}" << std::endl;\n}}\n'
Samples = dict[str, list[float]]


def main() -> int:
    """Measure, then print one table per question."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    console = Console(width=100)
    root = Path(tempfile.mkdtemp(prefix="zb-", dir="/tmp"))
    config = Config(cache_dir=root / "cache", socket=root / "s.sock")
    try:
        with_session = Session(config)
        console.print(machine())
        show(console, "Round trip of a ping", {"ping": pings(with_session, 2000)})
        show(console, "Miss against bare g++ (build of hello world)", misses(with_session, root, rounds))
        show(console, "Hit, as the client sees it", hits(with_session, root, 300))
        show(console, "Hit cell, from execute_request to reply", cells(config, root, rounds))
    finally:
        stop(config)
        shutil.rmtree(root, ignore_errors=True)
    return 0


def machine() -> str:
    """What this was measured on."""
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return f"{os.cpu_count()} cores, Linux {os.uname().release}, Python {sys.version.split()[0]}, {compiler}"


def in_turn(tasks: Mapping[str, Callable[[], None]], rounds: int) -> Samples:
    """Milliseconds of each task, all tasks once in every round, after one round that does not count."""
    samples: Samples = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, task in tasks.items():
            begin = time.perf_counter()
            task()
            if number:
                samples[name].append((time.perf_counter() - begin) * 1000)
    return samples


def show(console: Console, title: str, samples: Samples) -> None:
    """Median, minimum, maximum, 99th percentile, and the ratio and difference to the first row, round by round."""
    table = Table(title=title, title_justify="left")
    for name in ("", "n", "median ms", "min", "max", "p99", "ratio to first", "minus first ms"):
        table.add_column(name, justify="right" if name else "left")
    first = next(iter(samples.values()))
    for name, values in samples.items():
        ordered = sorted(values)
        ratios = [a / b for a, b in zip(values, first, strict=True)]
        gaps = [a - b for a, b in zip(values, first, strict=True)]
        figures = (statistics.median(ordered), ordered[0], ordered[-1], ordered[int(len(ordered) * 0.99)])
        row = [f"{value:.3f}" if value < 1 else f"{value:.2f}" for value in figures]
        table.add_row(
            name, str(len(values)), *row, f"{statistics.median(ratios):.3f}", f"{statistics.median(gaps):+.2f}"
        )
    console.print(table)


def pings(session: Session, count: int) -> list[float]:
    """Round trips back to back."""
    session.ping()
    return [session.ping() for _ in range(count)]


def spec_for(folder: Path, text: str) -> BuildSpec:
    """Hello world with `text` in it."""
    return BuildSpec(language="c++", source=HELLO.format(text).encode(), cwd=str(folder), env=dict(os.environ))


def misses(session: Session, root: Path, rounds: int) -> Samples:
    """A new program each time: g++ in one command, g++ in two, and zcnb, which compiles and links in two."""
    folder = root / "miss"
    folder.mkdir()
    numbers = iter(range(10**6))

    def source() -> Path:
        path = folder / "hello.cpp"
        path.write_text(HELLO.format(next(numbers)))
        return path

    def g_plus_plus(*arguments: str) -> None:
        subprocess.run(["g++", "-std=c++20", *arguments], check=True, cwd=folder, stdin=subprocess.DEVNULL)

    def one_command() -> None:
        g_plus_plus(str(source()), "-o", "hello")

    def two_commands() -> None:
        g_plus_plus("-c", str(source()), "-o", "hello.o")
        g_plus_plus("hello.o", "-o", "hello")

    def with_zcnb() -> None:
        built = session.build(spec_for(folder, str(next(numbers))))
        assert built.cache == "miss"

    return in_turn({"g++ (one command)": one_command, "g++ -c, g++": two_commands, "zcnb": with_zcnb}, rounds)


def hits(session: Session, root: Path, count: int) -> Samples:
    """One request every 20 ms, as a notebook does at its busiest, then without a pause; all has settled."""
    folder = root / "miss"
    spec = spec_for(folder, "hit")
    session.build(spec)
    time.sleep(2.5)
    session.build(spec)
    samples: Samples = {"request to reply": [], "of it, lookup": [], "back to back": [], "of that, lookup": []}
    for number in range(2 * count):
        paced = number < count
        time.sleep(0.02 if paced else 0)
        begin = time.perf_counter()
        built = session.build(spec)
        samples["request to reply" if paced else "back to back"].append((time.perf_counter() - begin) * 1000)
        samples["of it, lookup" if paced else "of that, lookup"].append(built.lookup_ms)
        assert built.cache == "hit"
    return samples


def cells(config: Config, root: Path, rounds: int) -> Samples:
    """The same small program in one kernel: an empty cell, a hit, and the peers' way in a `%%bash` cell."""
    folder = root / "cells"
    folder.mkdir()
    (folder / "hello.cpp").write_text(HELLO.format("cell"))
    env = {
        **os.environ,
        "ZCNB_CACHE_DIR": str(config.cache_dir),
        "ZCNB_SOCKET": str(config.socket),
        "CCACHE_DIR": str(root / "ccache"),
    }
    manager, client = start_new_kernel(kernel_name="python3", env=env, cwd=str(folder))
    codes = {
        "pass": "pass",
        "zcnb hit": "%%cpp\n" + HELLO.format("cell"),
        "%%bash true": "%%bash\ntrue",
        "%%bash g++, run": "%%bash\ng++ -std=c++20 hello.cpp -o a && ./a",
    }
    if shutil.which("ccache"):
        codes["%%bash ccache -c, g++, run"] = "%%bash\nccache g++ -std=c++20 -c hello.cpp -o b.o && g++ b.o -o b && ./b"
    try:
        execute(client, "%load_ext zcnb")
        for code in codes.values():
            execute(client, code)
        time.sleep(2.5)
        tasks = {name: functools.partial(execute, client, code) for name, code in codes.items()}
        return in_turn(tasks, rounds)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def execute(client: BlockingKernelClient, code: str) -> None:
    """Run one cell and wait for its reply."""
    reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]


if __name__ == "__main__":
    sys.exit(main())
