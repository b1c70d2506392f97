"""What the compiler looked for in vain: whatever appears there is seen."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    ANGLED,
    INCLUDES,
    Desk,
    bare,
    follows,
    keeping_times,
    shows,
    tick,
)


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
