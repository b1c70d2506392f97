"""What the tests of hits share: a person's desk with files, a cell on it, and a builder behind it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zcnb.daemon.builder import Builder
from zcnb.daemon.steps import Steps, Underway
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.places import places_of_this_machine
from zcnb.freshness.watch import Watcher
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec, Emit, Language
from zcnb.runner.pool import Pool
from zcnb.store.store import Store

C_PRINT = "int printf(const char *, ...);\n"
PRINT = f'extern "C" {C_PRINT}'
SHORT_GRACE_NS = 15_000_000
COARSE = 5
"""`CLOCK_REALTIME_COARSE`, which `time` does not name: the clock that the kernel stamps files with."""
Do = Callable[[], object]


def shows(expression: str, head: str = "", form: str = "%d") -> str:
    """A C++ cell that prints `expression`, with no header of its own."""
    return f'{PRINT}{head}\nint main() {{ printf("{form}", {expression}); }}\n'


INCLUDES = shows("V", '#include "x.h"')
ANGLED = shows("V", "#include <x.h>")


class Shop:
    """One builder for the whole module; cells carry a mark, so that tests do not answer each other."""

    def __init__(self, root: Path) -> None:
        self.cache = root / "cache"
        self.store = Store(self.cache)
        self.pool = Pool()
        memo = FileMemo()
        self.watcher = Watcher(memo, places_of_this_machine())
        self.builder = Builder(self.store, Steps(self.store, self.pool, memo, self.watcher))
        self.runner = asyncio.Runner()

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(story)

    def close(self) -> None:
        self.run(self.pool.close())
        self.runner.close()
        self.watcher.close()
        self.store.close()


@dataclass
class Desk:
    """A folder to edit in. `settled` lets files grow old (with a shorter grace) before each look."""

    shop: Shop
    folder: Path
    compiler: str = "g++"
    settled: bool = False

    def path(self, name: str) -> Path:
        return self.folder / name

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        assert path.resolve().is_relative_to(self.folder.resolve()), f"{name} is a link to a file of others"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        tick()
        return path

    def value(self, name: str, value: int) -> Path:
        return self.write(name, f"#define V {value}\n")

    def script(self, name: str, body: str) -> Path:
        path = self.write(name, f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        tick()
        return path

    def remove(self, name: str) -> None:
        path = self.path(name)
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        tick()

    def link(self, name: str, target: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path(f"{name}.fresh")
        fresh.symlink_to(target)
        fresh.replace(self.path(name))
        tick()

    def tool(self, *argv: str) -> None:
        subprocess.run(argv, cwd=self.folder, check=True, capture_output=True, timeout=60)
        tick()

    def object(self, name: str, value: int) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        source = self.write("lib.c", f"int v(void) {{ return {value}; }}\n")
        self.tool("gcc", "-c", source.name, "-o", name)

    def library(self, name: str, value: int) -> None:
        self.object("lib.o", value)
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).unlink(missing_ok=True)
        self.tool("ar", "rcD", name, "lib.o")

    def cell(self, source: str, *flags: str, language: Language = "c++", compiler: str = "", **env: str) -> Cell:
        mark = {"c++": 'extern const char zt_mark[];const char zt_mark[] = "{}";', "c": 'const char zt_mark[] = "{}";'}
        text = source + mark.get(language, "// {}").replace("{}", str(self.folder)) + "\n"
        made = Cell(self, text, flags, language, compiler or self.compiler)
        made.env |= env
        return made


@dataclass
class Cell:
    """What is built again and again; tests change its fields."""

    desk: Desk
    source: str
    flags: tuple[str, ...]
    language: Language
    compiler: str
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    use_cache: bool = True
    emit: Emit = "program"

    def spec(self) -> BuildSpec:
        return BuildSpec(
            language=self.language,
            source=self.source.encode(),
            flags=self.flags,
            compiler=self.compiler,
            cwd=str(self.folder or self.desk.folder),
            env=dict(self.env),
            use_cache=self.use_cache,
            emit=self.emit,
        )

    async def building(self) -> Built:
        return await self.desk.shop.builder.build(self.spec(), Underway())

    def build(self) -> Built:
        if self.desk.settled:
            time.sleep(2 * SHORT_GRACE_NS / 1e9)
        built = self.desk.shop.run(self.building())
        assert isinstance(built, Built)
        return built

    def look(self) -> tuple[str, str]:
        return told(self.build())

    def change(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


def told(built: Built) -> tuple[str, str]:
    """(`hit` or `miss` or `failed`, what the program prints or the text holds)."""
    if not built.ok:
        return "failed", ""
    return built.cache, marked(built) if built.emitted else output(built)


def marked(built: Built) -> str:
    """The last digit of the number from 7000 to 7009 that an emitted text holds."""
    found = set(re.findall(r"(?<!\d)700(\d)(?!\d)", Path(built.emitted).read_text()))
    assert len(found) == 1, found
    return str(*found)


def output(built: Built) -> str:
    assert built.ok, built.diagnostics
    return subprocess.run([built.program], capture_output=True, text=True, timeout=20, check=True).stdout


def tick() -> None:
    """Wait until the clock that stamps files has moved on: what follows is later than what was written."""
    now = time.time_ns()
    while time.clock_gettime_ns(COARSE) <= now:
        time.sleep(0.001)


def keeping_times(path: Path, do: Do) -> None:
    """Edit a file behind the back of make: size and modification time stay."""
    before = path.stat()
    do()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    tick()


def follows(cell: Cell, change: Do, back: Do, first: str = "1", second: str = "2") -> None:
    """Miss, hit; after `change` a miss with the new answer; after `back` a hit with the first."""
    assert cell.look() == ("miss", first)
    assert cell.look() == ("hit", first), cell.build().steps
    change()
    assert cell.look() == ("miss", second)
    assert cell.look() == ("hit", second), cell.build().steps
    back()
    assert cell.look() == ("hit", first)


def fails_then_holds(cell: Cell, change: Do, back: Do) -> None:
    """A change after which the compiler says no must not be answered from the store."""
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    change()
    assert cell.look() == ("failed", "")
    back()
    assert cell.look() == ("hit", "1")


CALLS = shows("v()", 'extern "C" int v(void);')
ADDRESS = shows("(int)(long)&wanted", 'extern "C" char wanted;')


def absolute(value: int) -> str:
    """A linker script that gives `ADDRESS` what it shows."""
    return f"wanted = {value};\n"


def bare(desk: Desk, source: str, *flags: str) -> str:
    """What the compiler itself makes of the cell in the same folder."""
    path = desk.write("bare_cell.cpp", source)
    program = desk.path("bare_program")
    desk.tool(desk.compiler, "-std=c++20", *flags, path.name, "-o", program.name)
    said = subprocess.run([program], capture_output=True, text=True, timeout=20, check=True).stdout
    path.unlink()
    program.unlink()
    tick()
    return said


async def appears(path: Path) -> None:
    async with asyncio.timeout(20):
        while not path.exists():
            await asyncio.sleep(0.005)
