"""A hit is only a hit while everything the tools read, or looked for, is as it was; each change is a miss."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import alive, need
from zcnb.daemon.builder import Builder, Underway
from zcnb.errors import CompilerNotFound
from zcnb.freshness.memo import FileMemo
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec, Language
from zcnb.osdep import signature
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
        self.builder = Builder(self.store, Pool(), FileMemo())
        self.runner = asyncio.Runner()

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(story)

    def close(self) -> None:
        self.runner.close()
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

    def spec(self) -> BuildSpec:
        return BuildSpec(
            language=self.language,
            source=self.source.encode(),
            flags=self.flags,
            compiler=self.compiler,
            cwd=str(self.folder or self.desk.folder),
            env=dict(self.env),
            use_cache=self.use_cache,
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
    """(`hit` or `miss` or `failed`, what the program prints)."""
    if not built.ok:
        return "failed", ""
    return built.cache, output(built)


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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.close()


@pytest.fixture
def plain(shop: Shop, project: Path) -> Desk:
    """g++, files as young as they are."""
    need("g++")
    return Desk(shop, project)


@pytest.fixture(params=["g++ settled", "clang++-19"])
def desk(request: pytest.FixtureRequest, shop: Shop, project: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Both families; for g++ with files that are trusted by signature, for clang with young ones."""
    compiler, _, settled = request.param.partition(" ")
    need(compiler)
    if settled:
        monkeypatch.setattr(signature, "GRACE_NS", SHORT_GRACE_NS)
    return Desk(shop, project, compiler, bool(settled))


@pytest.fixture(params=["g++", "clang++-19"])
def both(request: pytest.FixtureRequest, shop: Shop, project: Path) -> Desk:
    """Both families, young files."""
    need(request.param)
    return Desk(shop, project, request.param)


# What the compiler reads


def test_source(desk: Desk) -> None:
    one, two = desk.cell(shows("1")).source, desk.cell(shows("2")).source
    cell = desk.cell(shows("1"))
    follows(cell, lambda: cell.change(source=two), lambda: cell.change(source=one))


def test_header_beside_the_cell(desk: Desk) -> None:
    desk.value("x.h", 1)
    follows(desk.cell(INCLUDES), lambda: desk.value("x.h", 2), lambda: desk.value("x.h", 1))


def test_header_edited_with_size_and_mtime_kept(desk: Desk) -> None:
    path = desk.value("x.h", 1)
    follows(
        desk.cell(INCLUDES),
        lambda: keeping_times(path, lambda: desk.value("x.h", 2)),
        lambda: keeping_times(path, lambda: desk.value("x.h", 1)),
    )


def test_header_replaced_by_an_older_one(desk: Desk) -> None:
    desk.value("x.h", 1)
    old = desk.value("old.h", 2)
    os.utime(old, ns=(1, 1))
    follows(desk.cell(INCLUDES), lambda: desk.tool("mv", "old.h", "x.h"), lambda: desk.value("x.h", 1))


def test_header_edited_in_quick_succession(plain: Desk) -> None:
    cell = plain.cell(INCLUDES)
    for number in range(5):
        plain.path("x.h").write_text(f"#define V {number}\n")  # no tick: as fast as a script edits
        assert cell.look() == ("miss", str(number))


def test_header_in_an_include_folder(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    cell = desk.cell(ANGLED, "-Iinc")
    follows(cell, lambda: desk.value("inc/x.h", 2), lambda: desk.value("inc/x.h", 1))


def test_header_of_a_header(desk: Desk) -> None:
    desk.write("inc/top.h", '#include "deep/x.h"\n')
    desk.value("inc/deep/x.h", 1)
    cell = desk.cell(shows("V", '#include "top.h"'), "-Iinc")
    follows(cell, lambda: desk.value("inc/deep/x.h", 2), lambda: desk.value("inc/deep/x.h", 1))


def test_header_in_a_system_folder(desk: Desk) -> None:
    desk.value("root/usr/include/x.h", 1)
    cell = desk.cell(ANGLED, "-isystem", "root/usr/include")
    follows(cell, lambda: desk.value("root/usr/include/x.h", 2), lambda: desk.value("root/usr/include/x.h", 1))


def test_header_deleted(desk: Desk) -> None:
    desk.value("x.h", 1)
    fails_then_holds(desk.cell(INCLUDES), lambda: desk.remove("x.h"), lambda: desk.value("x.h", 1))


def test_header_deleted_with_its_folder(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    fails_then_holds(desk.cell(ANGLED, "-Iinc"), lambda: desk.remove("inc"), lambda: desk.value("inc/x.h", 1))


def test_forced_include_changed(desk: Desk) -> None:
    desk.value("force.h", 1)
    cell = desk.cell(shows("V"), "-include", "force.h")
    follows(cell, lambda: desk.value("force.h", 2), lambda: desk.value("force.h", 1))


def test_symlinked_folder_retargeted(desk: Desk) -> None:
    desk.value("v1/x.h", 1)
    desk.value("v2/x.h", 2)
    desk.link("cur", "v1")
    follows(desk.cell(ANGLED, "-Icur"), lambda: desk.link("cur", "v2"), lambda: desk.link("cur", "v1"))


def test_symlinked_header_retargeted(desk: Desk) -> None:
    desk.value("one.h", 1)
    desk.value("two.h", 2)
    desk.link("x.h", "one.h")
    follows(desk.cell(INCLUDES), lambda: desk.link("x.h", "two.h"), lambda: desk.link("x.h", "one.h"))


def test_header_written_through_another_hard_link(desk: Desk) -> None:
    path = desk.value("x.h", 1)
    os.link(path, desk.path("alias.h"))
    tick()
    cell = desk.cell(INCLUDES)
    follows(cell, lambda: desk.value("alias.h", 2), lambda: desk.value("alias.h", 1))


def test_folders_swapped_by_renaming(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    desk.value("other/x.h", 2)

    def swap() -> None:
        desk.tool("mv", "inc", "aside")
        desk.tool("mv", "other", "inc")
        desk.tool("mv", "aside", "other")

    follows(desk.cell(ANGLED, "-Iinc"), swap, swap)


# What the compiler looked for


def test_header_appears_earlier_on_the_path(desk: Desk) -> None:
    desk.value("a/x.h", 1)
    desk.path("b").mkdir()
    tick()
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    follows(cell, lambda: desk.value("b/x.h", 2), lambda: desk.remove("b/x.h"))


def test_folder_appears_earlier_on_the_path(desk: Desk) -> None:
    desk.value("a/x.h", 1)
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    follows(cell, lambda: desk.value("b/x.h", 2), lambda: desk.remove("b"))


def test_folder_appears_first_and_the_header_later(desk: Desk) -> None:
    desk.value("a/x.h", 1)
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    assert cell.look() == ("miss", "1")
    desk.write("b/unrelated.h", "")
    assert cell.look()[1] == "1"
    assert cell.look() == ("hit", "1")
    desk.value("b/x.h", 2)
    assert cell.look() == ("miss", "2")


@pytest.mark.parametrize("folders", [("-Ib/", "-Ia/"), ("-I./b", "-I./a"), ("-I", "b//", "-I", "a//")])
def test_folders_spelled_in_other_ways(desk: Desk, folders: tuple[str, ...]) -> None:
    desk.value("a/x.h", 1)
    desk.write("b/unrelated.h", "")
    follows(desk.cell(ANGLED, *folders), lambda: desk.value("b/x.h", 2), lambda: desk.remove("b/x.h"))


def test_header_beside_the_cell_shadowed_by_a_folder(both: Desk) -> None:
    both.value("x.h", 1)
    both.write("b/unrelated.h", "")
    follows(both.cell(ANGLED, "-Ib", "-I."), lambda: both.value("b/x.h", 2), lambda: both.remove("b/x.h"))


def test_quoted_header_appears_beside_the_cell(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    follows(desk.cell(INCLUDES, "-Iinc"), lambda: desk.value("x.h", 2), lambda: desk.remove("x.h"))


def test_quoted_header_appears_beside_the_header_that_includes_it(desk: Desk) -> None:
    desk.write("one/top.h", '#include "x.h"\n')
    desk.value("two/x.h", 1)
    cell = desk.cell(shows("V", "#include <top.h>"), "-Ione", "-Itwo")
    follows(cell, lambda: desk.value("one/x.h", 2), lambda: desk.remove("one/x.h"))


def test_system_header_shadowed(desk: Desk) -> None:
    desk.path("inc").mkdir()
    tick()
    cell = desk.cell(shows("V", "#include <stddef.h>\n#ifndef V\n#define V 1\n#endif"), "-Iinc")
    follows(cell, lambda: desk.value("inc/stddef.h", 2), lambda: desk.remove("inc/stddef.h"))


def test_header_behind_a_comment_shadowed(both: Desk) -> None:
    both.value("a/x.h", 1)
    both.path("b").mkdir()
    tick()
    cell = both.cell(shows("V", "/* the shapes */ #include <x.h>"), "-Ib", "-Ia")
    follows(cell, lambda: both.value("b/x.h", 2), lambda: both.remove("b/x.h"))


def test_header_behind_a_comment_in_the_directive_shadowed(plain: Desk) -> None:
    plain.value("a/x.h", 1)
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(shows("V", "#/**/include <x.h>"), "-Ib", "-Ia")
    follows(cell, lambda: plain.value("b/x.h", 2), lambda: plain.remove("b/x.h"))


def test_computed_include_shadowed(both: Desk) -> None:
    both.value("a/x.h", 1)
    both.path("b").mkdir()
    tick()
    cell = both.cell(shows("V", "#define NAME <x.h>\n#include NAME"), "-Ib", "-Ia")
    follows(cell, lambda: both.value("b/x.h", 2), lambda: both.remove("b/x.h"))


def test_computed_include_shadowed_beside_its_header(plain: Desk) -> None:
    plain.write("one/top.h", '#define NAME "x.h"\n#include NAME\n')
    plain.value("two/x.h", 1)
    cell = plain.cell(shows("V", "#include <top.h>"), "-Ione", "-Itwo")
    follows(cell, lambda: plain.value("one/x.h", 2), lambda: plain.remove("one/x.h"))


@pytest.mark.parametrize("option", ["-include", "-imacros"])
def test_forced_include_shadowed_beside_the_cell(plain: Desk, option: str) -> None:
    plain.value("inc/force.h", 1)
    cell = plain.cell(shows("V"), option, "force.h", "-Iinc")
    follows(cell, lambda: plain.value("force.h", 2), lambda: plain.remove("force.h"))


def test_forced_include_shadowed_on_the_path(plain: Desk) -> None:
    plain.value("a/force.h", 1)
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(shows("V"), "-include", "force.h", "-Ib", "-Ia")
    follows(cell, lambda: plain.value("b/force.h", 2), lambda: plain.remove("b/force.h"))


def test_dangling_link_comes_to_life(desk: Desk) -> None:
    desk.value("a/x.h", 1)
    desk.path("elsewhere").mkdir()
    desk.link("b/x.h", "../elsewhere/x.h")
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    follows(cell, lambda: desk.value("elsewhere/x.h", 2), lambda: desk.remove("elsewhere/x.h"))


def test_dangling_folder_link_comes_to_life(desk: Desk) -> None:
    desk.value("a/x.h", 1)
    desk.path("elsewhere").mkdir()
    desk.link("b", "elsewhere/b")
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    follows(cell, lambda: desk.value("elsewhere/b/x.h", 2), lambda: desk.remove("elsewhere/b"))


def test_folder_that_doubled_another_no_longer_does(plain: Desk) -> None:
    plain.value("a/x.h", 1)
    plain.link("c", "a")
    plain.path("empty").mkdir()
    cell = plain.cell(ANGLED, "-Ic", "-Ia")
    assert cell.look() == ("miss", "1")  # the compiler drops -Ia as a duplicate
    plain.link("c", "empty")
    assert cell.look()[1] == "1"
    assert cell.look() == ("hit", "1")
    plain.value("empty/x.h", 2)
    assert cell.look() == ("miss", "2")


ASKS = "#if __has_include({name})\n#define V 2\n#else\n#define V 1\n#endif"


@pytest.mark.parametrize("name", ['"opt.h"', "<opt.h>"])
def test_has_include_of_a_file_that_appears(desk: Desk, name: str) -> None:
    desk.path("inc").mkdir()
    cell = desk.cell(shows("V", ASKS.format(name=name)), "-Iinc")
    follows(cell, lambda: desk.write("inc/opt.h", ""), lambda: desk.remove("inc/opt.h"))


def test_has_include_of_a_file_that_appears_beside_the_cell(desk: Desk) -> None:
    cell = desk.cell(shows("V", ASKS.format(name='"opt.h"')))
    follows(cell, lambda: desk.write("opt.h", ""), lambda: desk.remove("opt.h"))


def test_has_include_in_a_header(desk: Desk) -> None:
    desk.write("inc/top.h", ASKS.format(name='"opt.h"'))
    cell = desk.cell(shows("V", "#include <top.h>"), "-Iinc")
    follows(cell, lambda: desk.write("inc/opt.h", ""), lambda: desk.remove("inc/opt.h"))


def test_has_include_of_a_file_whose_folder_appears_in_two_steps(desk: Desk) -> None:
    cell = desk.cell(shows("V", ASKS.format(name="<sub/deep/opt.h>")), "-I.")
    assert cell.look() == ("miss", "1")
    for folder in ("sub", "sub/deep"):
        desk.path(folder).mkdir()
        tick()
        assert cell.look()[1] == "1"
    assert cell.look() == ("hit", "1")
    desk.write("sub/deep/opt.h", "")
    assert cell.look() == ("miss", "2")
    desk.remove("sub")
    assert cell.look() == ("hit", "1")


@pytest.mark.parametrize(
    "question",
    [
        '#define NAME "opt.h"\n#if __has_include(NAME)',
        "#define NAME <opt.h>\n#if __has_include(NAME)",
        "#define HAS(name) __has_include(name)\n#if HAS(<opt.h>)",
        "#if __has_include/**/(<opt.h>)",
        "#if __has_include(/**/<opt.h>)",
    ],
)
def test_has_include_asked_in_roundabout_ways(both: Desk, question: str) -> None:
    both.path("inc").mkdir()
    head = f"{question}\n#define V 2\n#else\n#define V 1\n#endif"
    cell = both.cell(shows("V", head), "-Iinc")
    assert cell.look() == ("miss", "1")
    both.write("inc/opt.h", "")
    assert cell.look() == ("miss", "2")


def test_precompiled_header_changed(plain: Desk) -> None:
    def precompile(value: int) -> None:
        plain.value("x.h", value)
        plain.tool("g++", "-std=c++20", "-x", "c++-header", "x.h", "-o", "x.h.gch")
        plain.value("x.h", 7)

    source = f'#include "x.h"\n{shows("V")}'
    precompile(1)
    cell = plain.cell(source)
    assert cell.look()[1] == bare(plain, source) == "1"
    precompile(2)
    assert cell.look()[1] == bare(plain, source) == "2"


def test_precompiled_header_appears(plain: Desk) -> None:
    source = f'#include "x.h"\n{shows("V")}'
    plain.value("x.h", 2)
    plain.tool("g++", "-std=c++20", "-x", "c++-header", "x.h", "-o", "aside")
    plain.value("x.h", 1)
    cell = plain.cell(source)
    assert cell.look()[1] == "1"
    plain.tool("mv", "aside", "x.h.gch")
    assert cell.look()[1] == bare(plain, source)


def test_precompiled_header_of_clang_appears(plain: Desk) -> None:
    need("clang++-19")
    plain.compiler = "clang++-19"
    flags = ("-include", "x.h")
    plain.value("x.h", 2)
    plain.tool("clang++-19", "-std=c++20", "-x", "c++-header", "x.h", "-o", "aside")
    cell = plain.cell(shows("V"), *flags)
    assert cell.look() == ("miss", "2")
    plain.tool("mv", "aside", "x.h.pch")
    keeping_times(plain.path("x.h"), lambda: plain.value("x.h", 2))
    expected = bare(plain, shows("V"), *flags)
    assert cell.look()[1] == expected


# What the compiler is told


def test_order_of_definitions(desk: Desk) -> None:
    cell = desk.cell(shows("V", "#ifndef V\n#define V 2\n#endif"), "-UV", "-DV=1")
    follows(cell, lambda: cell.change(flags=("-DV=1", "-UV")), lambda: cell.change(flags=("-UV", "-DV=1")))


def test_flag(desk: Desk) -> None:
    cell = desk.cell(shows("V"), "-DV=1")
    follows(cell, lambda: cell.change(flags=("-DV=2",)), lambda: cell.change(flags=("-DV=1",)))


def test_flag_that_is_not_about_macros(both: Desk) -> None:
    cell = both.cell(shows("__cplusplus >= 202002L ? 2 : 1"), "-std=c++17")
    follows(cell, lambda: cell.change(flags=("-std=c++20",)), lambda: cell.change(flags=("-std=c++17",)))


def test_order_of_folders(both: Desk) -> None:
    both.value("a/x.h", 1)
    both.value("b/x.h", 2)
    cell = both.cell(ANGLED, "-Ia", "-Ib")
    follows(cell, lambda: cell.change(flags=("-Ib", "-Ia")), lambda: cell.change(flags=("-Ia", "-Ib")))


def test_clock_shows_the_time_of_each_build(plain: Desk) -> None:
    cell = plain.cell(shows("__TIME__", form="%s"))
    first = output(cell.build())
    time.sleep(1.01)
    assert output(cell.build()) > first


def test_compiler(plain: Desk) -> None:
    need("clang++-19")
    cell = plain.cell(shows("V", "#ifdef __clang__\n#define V 2\n#else\n#define V 1\n#endif"))
    follows(cell, lambda: cell.change(compiler="clang++-19"), lambda: cell.change(compiler="g++"))


def test_line_offset_is_seen(plain: Desk) -> None:
    cell = plain.cell(shows("__LINE__"))
    spec = cell.spec()
    moved = BuildSpec(**{name: getattr(spec, name) for name in spec.__slots__} | {"line_offset": 5})
    first = told(plain.shop.run(plain.shop.builder.build(spec, Underway())))
    second = told(plain.shop.run(plain.shop.builder.build(moved, Underway())))
    assert (first, second) == (("miss", "4"), ("miss", "8"))


@pytest.mark.parametrize("variable", ["CPATH", "CPLUS_INCLUDE_PATH"])
def test_include_path_in_the_environment(desk: Desk, variable: str) -> None:
    desk.value("one/x.h", 1)
    desk.value("two/x.h", 2)
    cell = desk.cell(ANGLED)
    cell.env[variable] = "one"
    follows(cell, lambda: cell.env.update({variable: "two"}), lambda: cell.env.update({variable: "one"}))


def test_include_path_in_the_environment_shadowed(both: Desk) -> None:
    both.value("one/x.h", 1)
    cell = both.cell(ANGLED, CPATH="zero:one")
    follows(cell, lambda: both.value("zero/x.h", 2), lambda: both.remove("zero"))


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_include_path_in_the_environment_for_c(plain: Desk, compiler: str) -> None:
    need(compiler)
    plain.value("one/x.h", 1)
    plain.value("two/x.h", 2)
    source = f'{C_PRINT}#include <x.h>\nint main(void) {{ printf("%d", V); return 0; }}\n'
    cell = plain.cell(source, language="c", compiler=compiler, C_INCLUDE_PATH="one")
    follows(cell, lambda: cell.env.update(C_INCLUDE_PATH="two"), lambda: cell.env.update(C_INCLUDE_PATH="one"))


def test_source_date_epoch(plain: Desk) -> None:
    cell = plain.cell(shows("__DATE__", form="%s"), SOURCE_DATE_EPOCH="0")
    assert output(cell.build()) == "Jan  1 1970"
    cell.env["SOURCE_DATE_EPOCH"] = "86400"
    assert output(cell.build()) == "Jan  2 1970"


def test_user_quote_folder_does_not_hide_what_is_beside_the_cell(both: Desk) -> None:
    both.value("b/x.h", 1)
    both.value("x.h", 2)
    assert both.cell(INCLUDES, "-iquote", "b").look()[1] == bare(both, INCLUDES, "-iquote", "b")


# What the linker reads

CALLS = shows("v()", 'extern "C" int v(void);')


def test_static_library_changed(desk: Desk) -> None:
    desk.library("libx.a", 1)
    cell = desk.cell(CALLS, "-L.", "-lx")
    follows(cell, lambda: desk.library("libx.a", 2), lambda: desk.library("libx.a", 1))


def test_thin_archive_member_changed(both: Desk) -> None:
    """The members are on no list, so nothing is stored."""
    both.object("member.o", 1)
    both.tool("ar", "rcTD", "libx.a", "member.o")
    cell = both.cell(CALLS, "-L.", "-lx")
    assert cell.look() == ("miss", "1")
    both.object("member.o", 2)
    assert cell.look() == ("miss", "2")


def test_library_appears_earlier(desk: Desk) -> None:
    desk.library("a/libx.a", 1)
    cell = desk.cell(CALLS, "-Lb", "-La", "-lx")
    follows(cell, lambda: desk.library("b/libx.a", 2), lambda: desk.remove("b"))


@pytest.mark.parametrize(
    "flags",
    [
        ("-Lb/", "-La/", "-lx"),
        ("-L", "b", "-L", "a", "-l", "x"),
        ("-Wl,-Lb,-La", "-lx"),
        ("-Xlinker", "-Lb", "-Xlinker", "-La", "-lx"),
        ("-Wl,--library-path=b", "-Wl,-La", "-lx"),
        ("-Lb", "-La", "-l:libx.a"),
    ],
)
def test_library_appears_earlier_on_a_path_told_otherwise(plain: Desk, flags: tuple[str, ...]) -> None:
    plain.library("a/libx.a", 1)
    plain.path("b").mkdir()
    tick()
    follows(plain.cell(CALLS, *flags), lambda: plain.library("b/libx.a", 2), lambda: plain.remove("b/libx.a"))


def test_library_of_another_name_appears_earlier(plain: Desk) -> None:
    plain.object("a/plug.o", 1)
    plain.path("b").mkdir()
    cell = plain.cell(CALLS, "-Lb", "-La", "-l:plug.o")
    follows(cell, lambda: plain.object("b/plug.o", 2), lambda: plain.remove("b/plug.o"))


def test_shared_library_appears_beside_the_static_one(plain: Desk) -> None:
    plain.library("libx.a", 1)

    def share() -> None:
        plain.write("s.c", "int v(void) { return 2; }\n")
        plain.tool("gcc", "-shared", "-fPIC", "s.c", "-o", "libx.so")

    cell = plain.cell(CALLS, "-L.", "-lx", f"-Wl,-rpath,{plain.folder}")
    follows(cell, share, lambda: plain.remove("libx.so"))


def test_library_path_in_the_environment(both: Desk) -> None:
    both.library("one/libx.a", 1)
    both.library("two/libx.a", 2)
    cell = both.cell(CALLS, "-lx", LIBRARY_PATH="one")
    follows(cell, lambda: cell.env.update(LIBRARY_PATH="two"), lambda: cell.env.update(LIBRARY_PATH="one"))


@pytest.mark.parametrize(("variable", "place"), [("zero:one", "zero/libx.a"), (":one", "libx.a")])
def test_library_path_in_the_environment_shadowed(plain: Desk, variable: str, place: str) -> None:
    plain.library("one/libx.a", 1)
    cell = plain.cell(CALLS, "-lx", LIBRARY_PATH=variable)
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    plain.library(place, 2)
    assert cell.look() == ("miss", "2")


def test_object_on_the_magic_line(desk: Desk) -> None:
    desk.object("helper.o", 1)
    follows(desk.cell(CALLS, "helper.o"), lambda: desk.object("helper.o", 2), lambda: desk.object("helper.o", 1))


def test_library_deleted(both: Desk) -> None:
    both.library("libx.a", 1)
    cell = both.cell(CALLS, "-L.", "-lx")
    fails_then_holds(cell, lambda: both.remove("libx.a"), lambda: both.library("libx.a", 1))


def absolute(value: int) -> str:
    return f"wanted = {value};\n"


ADDRESS = shows("(int)(long)&wanted", 'extern "C" char wanted;')


@pytest.mark.parametrize("flag", ["-Wl,script.ld", "-Wl,-T,script.ld", "-Wl,@more"])
def test_linker_script(plain: Desk, flag: str) -> None:
    insert = "SECTIONS { .none : { } } INSERT AFTER .text;\n" if "-T" in flag else ""
    if flag.endswith("@more"):
        plain.write("more", "script.ld")
    plain.write("script.ld", absolute(1) + insert)
    cell = plain.cell(ADDRESS, "-no-pie", flag)
    follows(
        cell,
        lambda: plain.write("script.ld", absolute(2) + insert),
        lambda: plain.write("script.ld", absolute(1) + insert),
    )


def test_linker_script_found_on_the_library_path_shadowed(plain: Desk) -> None:
    insert = "SECTIONS { .none : { } } INSERT AFTER .text;\n"
    plain.write("lib/script.ld", absolute(1) + insert)
    cell = plain.cell(ADDRESS, "-no-pie", "-Llib", "-Wl,-T,script.ld")
    assert cell.look() == ("miss", "1")
    plain.write("script.ld", absolute(2) + insert)
    assert cell.look() == ("miss", "2")


def test_linker_script_that_includes_another(plain: Desk) -> None:
    plain.write("script.ld", "INCLUDE inner.ld\n")
    plain.write("inner.ld", absolute(1))
    cell = plain.cell(ADDRESS, "-no-pie", "-Wl,script.ld")
    follows(cell, lambda: plain.write("inner.ld", absolute(2)), lambda: plain.write("inner.ld", absolute(1)))


def test_version_script(both: Desk) -> None:
    """Whether `v` is exported shows in dlsym on the program itself."""
    head = (
        'extern "C" void *dlopen(const char *, int);\nextern "C" void *dlsym(void *, const char *);\n'
        'extern "C" int v(void) { return 1; }'
    )
    both.write("v.map", "{ global: v; local: *; };\n")
    cell = both.cell(shows('dlsym(dlopen(0, 1), "v") ? 1 : 2', head), "-rdynamic", "-Wl,--version-script=v.map")
    follows(
        cell,
        lambda: both.write("v.map", "{ local: *; };\n"),
        lambda: both.write("v.map", "{ global: v; local: *; };\n"),
    )


@pytest.mark.parametrize("linker", ["gold", "mold", "bfd"])
def test_library_changed_with_another_linker(plain: Desk, linker: str) -> None:
    need(f"ld.{linker}")
    plain.library("libx.a", 1)
    cell = plain.cell(CALLS, "-L.", "-lx", f"-fuse-ld={linker}")
    assert cell.look() == ("miss", "1")
    plain.library("libx.a", 2)
    assert cell.look() == ("miss", "2")


def test_linker_that_does_not_list_its_inputs(plain: Desk) -> None:
    """Such a linker's results are never stored."""
    plain.script(
        "tools/ld.mold",
        'for a; do case "$a" in --dependency-file=*) echo "ld: unrecognized option \'$a\'" >&2; exit 1;; esac; done\n'
        'exec ld.bfd "$@"',
    )
    plain.library("libx.a", 1)
    path = f"{plain.path('tools')}:{os.environ['PATH']}"
    cell = plain.cell(CALLS, "-L.", "-lx", "-fuse-ld=mold", PATH=path)
    assert cell.look() == ("miss", "1")
    plain.library("libx.a", 2)
    assert cell.look() == ("miss", "2")


# What the assembler reads

BINARY = shows("*data - 48", 'extern "C" const char data[];\n{asm}')
INCBIN = 'asm(".data\\n.globl data\\ndata: .incbin \\"d.bin\\"\\n.text");'


def test_incbin(both: Desk) -> None:
    both.write("d.bin", "1")
    cell = both.cell(BINARY.replace("{asm}", INCBIN))
    assert cell.look() == ("miss", "1")
    both.write("d.bin", "2")
    assert cell.look() == ("miss", "2")


def test_incbin_is_tracked_by_gcc(plain: Desk) -> None:
    plain.write("d.bin", "1")
    cell = plain.cell(BINARY.replace("{asm}", INCBIN))
    follows(cell, lambda: plain.write("d.bin", "2"), lambda: plain.write("d.bin", "1"))


@pytest.mark.parametrize("place", ["d.bin", "b/d.bin"])
def test_incbin_shadowed(plain: Desk, place: str) -> None:
    plain.write("a/d.bin", "1")
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(BINARY.replace("{asm}", INCBIN), "-Ib", "-Ia")
    assert cell.look() == ("miss", "1")
    plain.write(place, "2")
    assert cell.look() == ("miss", "2")


def test_incbin_hidden_in_a_macro_of_an_installed_header(both: Desk) -> None:
    """As with the incbin library in /usr/local/include: the cell itself does not say `asm`."""
    both.write("inc/incbin.h", f"#define INCBIN {INCBIN}\n")
    both.write("d.bin", "1")
    installed = f"/usr/..{both.path('inc')}"
    cell = both.cell(BINARY.replace("{asm}", "#include <incbin.h>\nINCBIN"), "-isystem", installed)
    assert cell.look() == ("miss", "1")
    both.write("d.bin", "2")
    assert cell.look() == ("miss", "2")


# Clocks: never stored

PASTED = "#define CAT(a, b) a##b\n#define PASTE(a, b) CAT(a, b)\n#define NOW PASTE(__TI, ME__)\n"


def never_stored(cell: Cell, reason: str = "time of day|__TIME__") -> None:
    first, second = cell.build(), cell.build()
    assert (first.ok, second.ok) == (True, True), first.diagnostics
    assert [built.steps[0].cache for built in (first, second)] == ["miss", "miss"]
    assert all(re.search(reason, built.steps[0].reason) for built in (first, second)), second.steps


def never_a_hit(cell: Cell) -> None:
    """For what cannot be proven to read the clock: any reason will do, as long as nothing old comes back."""
    first, second = cell.build(), cell.build()
    assert len(output(first)) == 8
    assert [built.steps[0].cache for built in (first, second)] == ["miss", "miss"]


@pytest.mark.parametrize("word", ["__TIME__", "__DATE__", "__TIMESTAMP__"])
def test_clock(both: Desk, word: str) -> None:
    never_stored(both.cell(shows(word, form="%s")))


def test_clock_in_a_header(both: Desk) -> None:
    both.write("x.h", "#define NOW __TIME__\n")
    never_stored(both.cell(shows("NOW", '#include "x.h"', form="%s")))


def test_clock_pasted(both: Desk) -> None:
    never_stored(both.cell(shows("NOW", PASTED, form="%s")))


def test_clock_pasted_in_a_header(both: Desk) -> None:
    both.write("x.h", PASTED)
    never_stored(both.cell(shows("NOW", '#include "x.h"', form="%s")))


def test_clock_pasted_with_warnings_as_errors(both: Desk) -> None:
    never_stored(both.cell(shows("NOW", PASTED, form="%s"), "-Werror"))


@pytest.mark.parametrize("flag", ["-w", "-Wno-date-time"])
def test_clock_pasted_with_the_warning_off(both: Desk, flag: str) -> None:
    never_a_hit(both.cell(shows("NOW", PASTED, form="%s"), flag))


@pytest.mark.parametrize("flag", ["-w", "-Wno-date-time"])
def test_clock_pasted_in_a_header_with_the_warning_off(both: Desk, flag: str) -> None:
    both.write("x.h", PASTED)
    never_a_hit(both.cell(shows("NOW", '#include "x.h"', form="%s"), flag))


@pytest.mark.parametrize("pieces", ["__TI, ME__, ", "_, _TIME_, _", "__T, I, ME__", "__, TIME__, "])
def test_clock_pasted_with_the_warning_off_by_pragma(both: Desk, pieces: str) -> None:
    head = '#pragma GCC diagnostic ignored "-Wdate-time"\n#define CAT(a, b, c) a##b##c\n'
    never_a_hit(both.cell(shows(f"CAT({pieces})", head, form="%s")))


def test_clock_pasted_in_a_system_header(both: Desk) -> None:
    both.write("inc/x.h", PASTED + "static const char *now = NOW;\n")
    never_a_hit(both.cell(shows("now", "#include <x.h>", form="%s"), "-isystem", "inc"))


def test_diagnostics_do_not_speak_of_our_warning(both: Desk) -> None:
    assert "date-time" not in both.cell(shows("NOW", PASTED, form="%s")).build().diagnostics


# The compiler itself

SCRIPT = 'exec g++ -DX={value} "$@"'
PRINTS_X = shows("X")


def test_compiler_script_edited_in_place(plain: Desk) -> None:
    path = plain.script("tools/g++", SCRIPT.format(value=1).replace("g++", "/usr/bin/g++"))
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")

    def edit(value: int) -> None:
        keeping_times(path, lambda: path.write_text(f'#!/bin/sh\nexec /usr/bin/g++ -DX={value} "$@"\n'))

    follows(cell, lambda: edit(2), lambda: edit(1))


def test_compiler_found_elsewhere_on_path(plain: Desk) -> None:
    for value in (1, 2):
        plain.script(f"p{value}/g++", f'exec /usr/bin/g++ -DX={value} "$@"')
    paths = {value: f"{plain.path(f'p{value}')}:{os.environ['PATH']}" for value in (1, 2)}
    cell = plain.cell(PRINTS_X, PATH=paths[1])
    follows(cell, lambda: cell.env.update(PATH=paths[2]), lambda: cell.env.update(PATH=paths[1]))


def test_compiler_link_retargeted(plain: Desk) -> None:
    for value in (1, 2):
        plain.script(f"p{value}", f'exec /usr/bin/g++ -DX={value} "$@"')
    plain.link("tools/g++", "../p1")
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")
    follows(cell, lambda: plain.link("tools/g++", "../p2"), lambda: plain.link("tools/g++", "../p1"))


def test_compiler_appears_earlier_on_path(plain: Desk) -> None:
    plain.script("late/g++", 'exec /usr/bin/g++ -DX=1 "$@"')
    plain.path("early").mkdir()
    cell = plain.cell(PRINTS_X, PATH=f"early:late:{os.environ['PATH']}")
    follows(
        cell,
        lambda: plain.script("early/g++", 'exec /usr/bin/g++ -DX=2 "$@"'),
        lambda: plain.remove("early/g++"),
    )


def test_script_behind_the_compiler_script_edited(plain: Desk) -> None:
    inner = plain.script("tools/inner", 'exec /usr/bin/g++ -DX=1 "$@"')
    plain.script("tools/g++", f'exec {inner} "$@"')
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")
    assert cell.look() == ("miss", "1")
    plain.script("tools/inner", 'exec /usr/bin/g++ -DX=2 "$@"')
    assert cell.look() == ("miss", "2")


def test_compiler_script_that_reads_a_variable(plain: Desk) -> None:
    """As mpicxx does with OMPI_CXXFLAGS."""
    plain.script("tools/mpicxx", 'exec /usr/bin/g++ $OMPI_CXXFLAGS "$@"')
    cell = plain.cell(PRINTS_X, compiler="./tools/mpicxx", OMPI_CXXFLAGS="-DX=1")
    assert cell.look() == ("miss", "1")
    cell.env["OMPI_CXXFLAGS"] = "-DX=2"
    assert cell.look() == ("miss", "2")


def test_assembler_on_path_appears(plain: Desk) -> None:
    cell = plain.cell(shows("1"), PATH=f"{plain.path('tools')}:{os.environ['PATH']}")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    plain.script("tools/as", 'exec /usr/bin/as "$@"')
    assert cell.build().steps[0].cache == "miss"


def test_clang_configuration_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("my.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config=./my.cfg", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("my.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_clang_configuration_behind_another_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("my.cfg", "@inner.cfg\n")
    plain.write("inner.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config=./my.cfg", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("inner.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_clang_configuration_found_in_a_folder_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("conf/clang++.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config-user-dir=conf", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("conf/clang++.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_response_file_edited(plain: Desk) -> None:
    plain.write("args", "-DX=1")
    cell = plain.cell(PRINTS_X, "@args")
    assert cell.look() == ("miss", "1")
    plain.write("args", "-DX=2")
    assert cell.look() == ("miss", "2")


def test_specs_file_edited(plain: Desk) -> None:
    plain.write("my.specs", "*cpp:\n+ -DX=1\n\n")
    cell = plain.cell(PRINTS_X, "-specs=my.specs")
    assert cell.look() == ("miss", "1")
    plain.write("my.specs", "*cpp:\n+ -DX=2\n\n")
    assert cell.look() == ("miss", "2")


def test_native_is_keyed_by_what_it_means_here(plain: Desk) -> None:
    """The same compiler and words on another processor: a wrapper that asks the machine, as the driver does."""
    body = (
        'case " $* " in *" -march=native "*) ;; *) exec /usr/bin/g++ "$@";; esac\n'
        f"cpu=$(cat {plain.path('cpu')})\n"
        'case "$*" in *"-###"*) echo "cc1plus -march=$cpu" >&2; exit 0;; esac\n'
        'exec /usr/bin/g++ "-DX=$cpu" "$@"'
    )
    plain.script("tools/g++", body)
    source = plain.cell(PRINTS_X, "-O2", "-march=native", compiler="./tools/g++")
    plain.write("cpu", "1")
    assert source.look() == ("miss", "1")
    assert source.look() == ("hit", "1")
    plain.write("cpu", "2")
    later = Shop(plain.folder / "later")  # a daemon asks once; the cache folder may be on another machine's disk
    shutil.copytree(plain.shop.cache, later.cache, dirs_exist_ok=True)
    later.store.close()
    later = Shop(plain.folder / "later")
    elsewhere = Desk(later, plain.folder)
    moved = Cell(elsewhere, source.source, source.flags, source.language, source.compiler)
    assert moved.look() == ("miss", "2")
    later.close()


# Folders


def test_same_cell_in_two_folders_with_other_headers(desk: Desk) -> None:
    desk.value("one/x.h", 1)
    desk.value("two/x.h", 2)
    cell = desk.cell(INCLUDES)
    for folder, seen in (("one", "miss"), ("two", "miss"), ("one", "hit"), ("two", "hit")):
        cell.folder = desk.path(folder)
        assert cell.look() == (seen, "1" if folder == "one" else "2")


def test_same_cell_in_two_folders_with_equal_headers(both: Desk) -> None:
    both.value("one/x.h", 1)
    both.value("two/x.h", 1)
    cell = both.cell(INCLUDES)
    for folder, seen in (("one", "miss"), ("two", "hit")):
        cell.folder = both.path(folder)
        assert cell.look() == (seen, "1")


def test_debug_information_names_the_right_folder(both: Desk) -> None:
    cell = both.cell(shows("1"), "-g")
    for name in ("one", "two"):
        cell.folder = both.path(name)
        cell.folder.mkdir()
        data = Path(cell.build().program).read_bytes()
        assert str(cell.folder).encode() in data
        assert str(both.path("two" if name == "one" else "one")).encode() not in data


# Edits while the compiler runs


def slow(desk: Desk, before: float = 0.0, after: float = 0.0) -> str:
    """A compiler that takes its time, for the compile only; the second wait comes when all is read.

    It gives its signs in a folder of their own: the cell's folder must look untouched.
    """
    desk.path("signs").mkdir(exist_ok=True)
    body = (
        f'case " $* " in *" -c "*) ;; *) exec /usr/bin/g++ "$@";; esac\ntouch {desk.folder}/signs/started\n'
        f'sleep {before}\n/usr/bin/g++ "$@"\ncode=$?\ntouch {desk.folder}/signs/compiled\nsleep {after}\nexit $code'
    )
    desk.script("tools/slow/g++", body)
    return "./tools/slow/g++"


async def appears(path: Path) -> None:
    async with asyncio.timeout(20):
        while not path.exists():
            await asyncio.sleep(0.005)


def test_slow_compiler_alone_does_not_forbid_storing(plain: Desk) -> None:
    plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain))
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")


def test_header_edited_while_the_compiler_runs_and_put_back(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, before=0.4, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/started"))
        header.write_text("#define V 2\n")
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 1\n")
        return await task

    assert output(plain.shop.run(story())) == "2"  # what the compiler saw
    tick()
    assert cell.look() == ("miss", "1")


def test_header_edited_after_it_was_read(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 2\n")
        return await task

    assert output(plain.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")


def test_header_edited_with_its_mtime_put_back_while_the_compiler_runs(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        keeping_times(header, lambda: header.write_text("#define V 2\n"))
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_link_retargeted_while_the_compiler_runs(plain: Desk) -> None:
    """Neither header changes; only which of the two the name stands for."""
    plain.value("deps/v1/x.h", 1)
    plain.value("deps/v2/x.h", 2)
    plain.link("deps/cur", "v1")
    cell = plain.cell(ANGLED, "-Ideps/cur", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.link("deps/cur", "v2")
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_link_retargeted_while_the_compiler_runs_and_put_back(plain: Desk) -> None:
    plain.value("deps/v1/x.h", 1)
    plain.value("deps/v2/x.h", 2)
    plain.link("deps/cur", "v1")
    cell = plain.cell(ANGLED, "-Ideps/cur", compiler=slow(plain, before=0.4, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/started"))
        plain.link("deps/cur", "v2")
        await appears(plain.path("signs/compiled"))
        plain.link("deps/cur", "v1")
        return await task

    assert output(plain.shop.run(story())) == "2"
    assert cell.look() == ("miss", "1")


def test_folder_renamed_while_the_compiler_runs(plain: Desk) -> None:
    plain.value("deps/inc/x.h", 1)
    plain.value("deps/new/x.h", 2)
    cell = plain.cell(ANGLED, "-Ideps/inc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.path("deps/inc").rename(plain.path("deps/old"))
        plain.path("deps/new").rename(plain.path("deps/inc"))
        return await task

    assert output(plain.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")


def test_header_appears_while_the_compiler_runs(plain: Desk) -> None:
    plain.value("a/x.h", 1)
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(ANGLED, "-Ib", "-Ia", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.value("b/x.h", 2)
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_library_changed_while_the_linker_runs(plain: Desk) -> None:
    plain.path("signs").mkdir()
    plain.script(
        "tools/slow/g++",
        f'/usr/bin/g++ "$@" || exit 1\ncase " $* " in *" -lx "*) touch {plain.folder}/signs/linked; sleep 0.3;; esac',
    )
    plain.library("libx.a", 1)
    cell = plain.cell(CALLS, "-L.", "-lx", compiler="./tools/slow/g++")

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/linked"))
        plain.library("libx.a", 2)
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_later_request_does_not_get_an_earlier_ones_stale_result(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> tuple[Built, Built]:
        first = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 2\n")
        second = asyncio.create_task(cell.building())
        return await first, await second

    first, second = plain.shop.run(story())
    assert (output(first), output(second)) == ("1", "2")


def test_equal_requests_at_once_compile_once(plain: Desk) -> None:
    body = f'case " $* " in *" -c "*) echo run >>{plain.folder}/log; sleep 0.2;; esac\nexec /usr/bin/g++ "$@"'
    plain.script("tools/g++", body)
    cell = plain.cell(shows("1"), compiler="./tools/g++")

    async def story() -> list[Built]:
        return list(await asyncio.gather(*(cell.building() for _ in range(4))))

    built = plain.shop.run(story())
    assert [output(one) for one in built] == ["1"] * 4
    assert plain.path("log").read_text() == "run\n"
    assert sorted(one.cache for one in built) == ["hit", "hit", "hit", "miss"]


def test_cancelling_kills_the_compiler_and_its_children(plain: Desk) -> None:
    body = (
        f'case " $* " in *" -c "*) sleep 987 & echo $$ $! >{plain.folder}/pids.tmp; '
        f'mv {plain.folder}/pids.tmp {plain.folder}/pids; wait;; esac\nexec /usr/bin/g++ "$@"'
    )
    plain.script("tools/g++", body)
    cell = plain.cell(shows("1"), compiler="./tools/g++")

    async def story() -> list[int]:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("pids"))
        pids = [int(word) for word in plain.path("pids").read_text().split()]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pids

    pids = plain.shop.run(story())
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if alive(pid)] == []


def test_cancelled_build_leaves_the_key_free(plain: Desk) -> None:
    plain.path("go").touch()
    body = f'case " $* " in *" -c "*) while [ ! -e {plain.folder}/go ]; do sleep 0.02; done;; esac\nexec g++ "$@"'
    plain.script("tools/slow/g++", body.replace("exec g++", "exec /usr/bin/g++"))
    cell = plain.cell(shows("1"), compiler="./tools/slow/g++")
    plain.remove("go")

    async def story() -> None:
        task = asyncio.create_task(cell.building())
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    plain.shop.run(story())
    plain.path("go").touch()
    assert cell.look() == ("miss", "1")


# Right, though not from the store


@pytest.mark.parametrize(
    "flag", ["-save-temps=obj", "-MMD", "--coverage", "-Wa,-I.", "-fstack-usage", "-Wl,-Map=m.map", "-B.", "@empty"]
)
def test_flags_that_forbid_storing_still_build_and_run(plain: Desk, flag: str) -> None:
    plain.write("empty", "")
    cell = plain.cell(shows("1"), flag)
    first, second = cell.build(), cell.build()
    assert (output(first), output(second)) == ("1", "1")
    assert second.cache == "miss"
    assert all(flag in step.reason for step in second.steps), second.steps


def test_without_cache_nothing_is_looked_up_or_stored(plain: Desk) -> None:
    cell = plain.cell(shows("1"))
    cell.use_cache = False
    entries = plain.shop.store.totals()[1]
    first, second = cell.build(), cell.build()
    assert [step.cache for built in (first, second) for step in built.steps] == ["miss"] * 4
    assert plain.shop.store.totals()[1] == entries
    cell.use_cache = True
    assert cell.look() == ("miss", "1")
    cell.use_cache = False
    assert cell.look() == ("miss", "1")


def test_damaged_program_is_built_again(both: Desk) -> None:
    cell = both.cell(shows("1"))
    program = Path(cell.build().program)
    damage(program)
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")


def test_damaged_object_is_compiled_again(plain: Desk) -> None:
    """The link's key would still match: what counts is that the object handed to it is sound."""
    cell = plain.cell(CALLS, "helper.o")
    plain.object("helper.o", 1)
    before = set(plain.shop.cache.rglob("blobs/*/*"))
    assert cell.look() == ("miss", "1")
    for path in set(plain.shop.cache.rglob("blobs/*/*")) - before:
        damage(path)
    plain.object("helper.o", 2)
    assert cell.look() == ("miss", "2")


def damage(path: Path) -> None:
    path.chmod(0o755)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o555)


def test_failure_is_not_stored(both: Desk) -> None:
    cell = both.cell(shows("nothing"))
    assert [cell.look() for _ in range(2)] == [("failed", "")] * 2
    assert all(step.cache == "miss" for step in cell.build().steps)


def test_hit_replays_the_warnings(both: Desk) -> None:
    cell = both.cell(shows("1", "static int unused() { return 1; }"), "-Wall")
    first, second = cell.build(), cell.build()
    assert second.cache == "hit"
    assert "unused" in first.diagnostics
    assert first.diagnostics == second.diagnostics


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


# Rust


@pytest.fixture(params=["young", "settled"])
def rust(request: pytest.FixtureRequest, shop: Shop, project: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    need("rustc")
    if request.param == "settled":
        monkeypatch.setattr(signature, "GRACE_NS", SHORT_GRACE_NS)
    return Desk(shop, project, "rustc", request.param == "settled")


@pytest.fixture
def crab(shop: Shop, project: Path) -> Desk:
    """rustc, young files."""
    need("rustc")
    return Desk(shop, project, "rustc")


def prints(expression: str, head: str = "") -> str:
    return f'{head}\nfn main() {{ print!("{{}}", {expression}); }}\n'


def ferrous(desk: Desk, source: str, *flags: str, **env: str) -> Cell:
    return desk.cell(source, *flags, language="rust", **env)


def test_rust_source(rust: Desk) -> None:
    cell = ferrous(rust, prints("1"))
    one, two = cell.source, ferrous(rust, prints("2")).source
    follows(cell, lambda: cell.change(source=two), lambda: cell.change(source=one))


def test_rust_flag(crab: Desk) -> None:
    cell = ferrous(crab, prints("if cfg!(two) { 2 } else { 1 }"), "-Aunexpected_cfgs")
    follows(
        cell, lambda: cell.change(flags=("--cfg=two", "-Aunexpected_cfgs")), lambda: cell.change(flags=cell.flags[1:])
    )


def test_rust_edition(crab: Desk) -> None:
    cell = ferrous(crab, prints("{ trait T { fn f(u8) -> u8; } 1 }"))
    assert cell.look() == ("failed", "")
    spec = cell.spec()
    older = BuildSpec(**{name: getattr(spec, name) for name in spec.__slots__} | {"edition": "2015"})
    assert told(crab.shop.run(crab.shop.builder.build(older, Underway()))) == ("miss", "1")
    assert cell.look() == ("failed", "")


@pytest.mark.parametrize("read", ['include_str!("data.txt")', 'include_bytes!("data.txt")[0] as char'])
def test_rust_included_data(rust: Desk, read: str) -> None:
    rust.write("data.txt", "1")
    follows(ferrous(rust, prints(read)), lambda: rust.write("data.txt", "2"), lambda: rust.write("data.txt", "1"))


def test_rust_included_code(crab: Desk) -> None:
    crab.write("code.rs", "1")
    cell = ferrous(crab, prints('include!("code.rs")'))
    follows(cell, lambda: crab.write("code.rs", "2"), lambda: crab.write("code.rs", "1"))


def test_rust_env(rust: Desk) -> None:
    cell = ferrous(rust, prints('env!("ZT_VALUE")'), ZT_VALUE="1")
    follows(cell, lambda: cell.env.update(ZT_VALUE="2"), lambda: cell.env.update(ZT_VALUE="1"))


def test_rust_env_removed(crab: Desk) -> None:
    cell = ferrous(crab, prints('env!("ZT_VALUE")'), ZT_VALUE="1")
    fails_then_holds(cell, lambda: cell.env.pop("ZT_VALUE"), lambda: cell.env.update(ZT_VALUE="1"))


@pytest.mark.parametrize("value", ["2", "", "two\nlines", "back\\slash", "ü"])
def test_rust_option_env(crab: Desk, value: str) -> None:
    cell = ferrous(crab, prints('option_env!("ZT_VALUE").unwrap_or("1")'))
    follows(cell, lambda: cell.env.update(ZT_VALUE=value), lambda: cell.env.pop("ZT_VALUE"), second=value)


def test_rust_sees_the_clients_temporary_folder(crab: Desk) -> None:
    cell = ferrous(crab, prints('option_env!("TMPDIR").unwrap_or("unset")'))
    cell.env.pop("TMPDIR", None)
    assert cell.look()[1] == "unset"


def test_rust_module_beside_the_cell(rust: Desk) -> None:
    rust.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(rust, prints("shapes::V", "mod shapes;"))
    follows(
        cell,
        lambda: rust.write("shapes.rs", "pub const V: i32 = 2;"),
        lambda: rust.write("shapes.rs", "pub const V: i32 = 1;"),
    )


def test_rust_module_in_a_folder(crab: Desk) -> None:
    crab.write("shapes/mod.rs", "pub mod deep;")
    crab.write("shapes/deep.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::deep::V", "mod shapes;"))
    follows(
        cell,
        lambda: crab.write("shapes/deep.rs", "pub const V: i32 = 2;"),
        lambda: crab.write("shapes/deep.rs", "pub const V: i32 = 1;"),
    )


def test_rust_second_place_of_a_module_appears(crab: Desk) -> None:
    crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    fails_then_holds(cell, lambda: crab.write("shapes/mod.rs", ""), lambda: crab.remove("shapes"))


def test_rust_module_at_a_path(crab: Desk) -> None:
    crab.write("parts/one.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("m::V", '#[path = "parts/one.rs"]\nmod m;'))
    follows(
        cell,
        lambda: crab.write("parts/one.rs", "pub const V: i32 = 2;"),
        lambda: crab.write("parts/one.rs", "pub const V: i32 = 1;"),
    )


def test_rust_module_deleted(crab: Desk) -> None:
    crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    fails_then_holds(cell, lambda: crab.remove("shapes.rs"), lambda: crab.write("shapes.rs", "pub const V: i32 = 1;"))


def test_rust_module_linked_elsewhere(crab: Desk) -> None:
    for number in (1, 2):
        crab.write(f"v{number}.rs", f"pub const V: i32 = {number};")
    crab.link("shapes.rs", "v1.rs")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    follows(cell, lambda: crab.link("shapes.rs", "v2.rs"), lambda: crab.link("shapes.rs", "v1.rs"))


def test_rust_cells_built_at_once_in_one_folder_do_not_mix(crab: Desk) -> None:
    cells = [ferrous(crab, prints(f"std::hint::black_box({number}) * 1")) for number in range(4)]

    async def story() -> list[Built]:
        return list(await asyncio.gather(*(cell.building() for cell in cells)))

    for _ in range(3):
        for cell in cells:
            cell.source += "\n"
        assert [output(built) for built in crab.shop.run(story())] == ["0", "1", "2", "3"]


def test_rust_data_above_the_cells_folder_is_not_found(crab: Desk) -> None:
    """A limit: the unit lies in a private folder, and only what is beside the cell is linked into it."""
    crab.write("data.txt", "1")
    cell = ferrous(crab, prints('include_str!("../data.txt")'))
    cell.folder = crab.path("sub")
    cell.folder.mkdir()
    assert cell.look()[0] == "failed"


def test_rust_data_named_only_by_a_module(crab: Desk) -> None:
    crab.write("shapes.rs", 'pub const V: &str = include_str!("notes.txt");')
    crab.write("notes.txt", "1")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    follows(cell, lambda: crab.write("notes.txt", "2"), lambda: crab.write("notes.txt", "1"))


def test_rust_data_with_a_name_put_together(crab: Desk) -> None:
    crab.write("data.txt", "1")
    cell = ferrous(crab, prints('include_str!(concat!("da", "ta.txt"))'))
    follows(cell, lambda: crab.write("data.txt", "2"), lambda: crab.write("data.txt", "1"))


def test_rust_crate_given_by_path(crab: Desk) -> None:
    def crate(value: int) -> None:
        crab.write("dep.rs", f"pub const V: i32 = {value};")
        crab.tool("rustc", "--crate-type=rlib", "--crate-name=dep", "dep.rs", "-o", "libdep.rlib")

    crate(1)
    cell = ferrous(crab, prints("dep::V"), "--extern=dep=libdep.rlib")
    assert cell.look() == ("miss", "1")
    crate(2)
    assert cell.look() == ("miss", "2")


RUST_CALLS = prints("unsafe { v() }", 'extern "C" { fn v() -> i32; }')


def test_rust_object_on_the_link_line(crab: Desk) -> None:
    crab.object("helper.o", 1)
    cell = ferrous(crab, RUST_CALLS, "-Clink-arg=helper.o")
    follows(cell, lambda: crab.object("helper.o", 2), lambda: crab.object("helper.o", 1))


def test_rust_library_appears_earlier(crab: Desk) -> None:
    crab.library("a/libx.a", 1)
    cell = ferrous(crab, RUST_CALLS, "-Clink-arg=-Lb", "-Clink-arg=-La", "-Clink-arg=-lx")
    assert cell.look() == ("miss", "1")
    crab.library("b/libx.a", 2)
    assert cell.look() == ("miss", "2")


@pytest.mark.parametrize("form", [("-C", "linker={}"), ("-Clinker={}",), ("--codegen=linker={}",)])
def test_rust_linker_edited(crab: Desk, form: tuple[str, ...]) -> None:
    for number in (1, 2):
        crab.object(f"v{number}.o", number)
    linker = crab.script("mycc", f'exec cc "$@" {crab.path("v1.o")}')
    cell = ferrous(crab, RUST_CALLS, *(word.format(linker) for word in form))
    assert cell.look() == ("miss", "1")
    crab.script("mycc", f'exec cc "$@" {crab.path("v2.o")}')
    assert cell.look() == ("miss", "2")


def test_rust_linker_driver_on_path_changed(crab: Desk) -> None:
    for number in (1, 2):
        crab.object(f"v{number}.o", number)
    crab.script("tools/cc", f'exec /usr/bin/cc "$@" {crab.path("v1.o")}')
    cell = ferrous(crab, RUST_CALLS, PATH=f"{crab.path('tools')}:{os.environ['PATH']}")
    assert cell.look() == ("miss", "1")
    crab.script("tools/cc", f'exec /usr/bin/cc "$@" {crab.path("v2.o")}')
    assert cell.look() == ("miss", "2")


def test_rust_toolchain_that_does_not_exist(crab: Desk) -> None:
    """rustup's proxy refuses; a stored program must not hide that."""
    if "rustup" not in os.path.realpath(need("rustc")):
        pytest.skip("rustc is not rustup's proxy")
    cell = ferrous(crab, prints("1"))
    assert cell.look() == ("miss", "1")
    cell.env["RUSTUP_TOOLCHAIN"] = "no-such-toolchain"
    with pytest.raises(CompilerNotFound):
        cell.look()
    del cell.env["RUSTUP_TOOLCHAIN"]
    crab.write("rust-toolchain", "no-such-toolchain")
    with pytest.raises(CompilerNotFound):
        cell.look()
    crab.remove("rust-toolchain")
    assert cell.look() == ("hit", "1")


def test_rust_module_edited_while_the_compiler_runs(crab: Desk) -> None:
    body = f'/usr/bin/cc "$@" || exit 1\ncase "$*" in *rcgu.o*) touch {crab.folder}/done/linked; sleep 0.3;; esac'
    crab.script("tools/cc", body)
    crab.path("done").mkdir()
    module = crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"), PATH=f"{crab.path('tools')}:{os.environ['PATH']}")

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(crab.path("done/linked"))
        module.write_text("pub const V: i32 = 2;")
        return await task

    assert output(crab.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")
