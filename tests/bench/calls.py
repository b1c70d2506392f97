"""The wrapper's figures: `make bench`, or `python tests/bench/calls.py [ROUNDS]`.

As in `spine.py`, everything takes turns within one run, on a private cache and daemon.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tests.bench.spine import in_turn, machine, show
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.client.shims import make_shims
from zcnb.config import Config

HELLO = '#include <iostream>\nint main() {{ std::cout << "hello {}" << std::endl; }}\n'
AT_ONCE = 300


def main() -> int:
    """Measure, then print one table per question."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    console = Console(width=100)
    root = Path(tempfile.mkdtemp(prefix="zb-", dir="/tmp"))
    config = Config(cache_dir=root / "cache", socket=root / "s.sock")
    os.environ |= {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)}
    os.environ["CCACHE_DIR"] = str(root / "ccache")
    try:
        console.print(machine())
        show(console, "From no daemon to the first answer", {"start and ping": starts(config, rounds)})
        commands = ways(config)
        show(console, "One compile that is a hit, whole process", in_turn(single(root, commands), rounds))
        show(console, f"{AT_ONCE} compiles at once, warm", in_turn(storm(root, commands), 3))
    finally:
        stop(config)
        shutil.rmtree(root, ignore_errors=True)
    return 0


def ways(config: Config) -> dict[str, list[str]]:
    """Name -> the words in front of the compiler's arguments."""
    shims = make_shims(config.cache_dir)
    found = {"bare g++": ["g++"]}
    if shutil.which("ccache"):
        found["ccache g++"] = ["ccache", "g++"]
    return found | {
        "shim g++": [str(shims / "g++")],
        "zcnb g++ (as installed)": [str(Path(sys.executable).parent / "zcnb"), "g++"],
    }


def starts(config: Config, rounds: int) -> list[float]:
    """Milliseconds from a client that finds nobody to its first pong."""
    samples = []
    for _ in range(rounds):
        stop(config)
        begin = time.perf_counter()
        with Session(config) as session:
            session.ping()
        samples.append((time.perf_counter() - begin) * 1000)
    return samples


def single(root: Path, commands: dict[str, list[str]]) -> dict[str, Callable[[], None]]:
    """One call after the other; and what of it is the interpreter's start."""
    (root / "one.cpp").write_text(HELLO.format(0))
    tasks = {name: _task(root, [*words, "-c", "one.cpp", "-o", "one.o"]) for name, words in commands.items()}
    python = sys.executable
    tasks["python -IS -c pass"] = _task(root, [python, "-IS", "-c", "pass"])
    tasks["python -c pass"] = _task(root, [python, "-c", "pass"])
    return tasks


def _task(folder: Path, argv: list[str]) -> Callable[[], None]:
    def run() -> None:
        subprocess.run(argv, cwd=folder, check=True)

    return run


def storm(root: Path, commands: dict[str, list[str]]) -> dict[str, Callable[[], None]]:
    """All processes started at once, as ninja does on a large machine; each must end well and write its object."""
    for number in range(AT_ONCE):
        (root / f"s{number}.cpp").write_text(f"int f{number}() {{ return {number}; }}\n")

    def run(words: list[str]) -> None:
        for number in range(AT_ONCE):
            (root / f"s{number}.o").unlink(missing_ok=True)
        running = [
            subprocess.Popen([*words, "-c", f"s{n}.cpp", "-o", f"s{n}.o"], cwd=root, stderr=subprocess.PIPE)
            for n in range(AT_ONCE)
        ]
        for number, process in enumerate(running):
            said = process.communicate()[1]
            assert process.returncode == 0, said
            assert said == b"", said
            assert (root / f"s{number}.o").stat().st_size

    return {name: lambda words=words: run(words) for name, words in commands.items()}  # type: ignore[misc]


if __name__ == "__main__":
    raise SystemExit(main())
