"""What the compiler looked for in vain: whatever appears there is seen."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    ANGLED,
    C_PRINT,
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


def test_what_gcc_includes_unasked_shadowed(plain: Desk) -> None:
    plain.path("inc").mkdir()
    cell = plain.cell(shows("V", "#ifndef V\n#define V 1\n#endif"), "-Iinc")
    follows(cell, lambda: plain.value("inc/stdc-predef.h", 2), lambda: plain.remove("inc/stdc-predef.h"))


@pytest.mark.parametrize("option", ["-I", "-iquote", "-isystem", "-idirafter"])
def test_folder_of_each_kind_shadowed(both: Desk, option: str) -> None:
    both.value("late/x.h", 1)
    both.path("early").mkdir()
    cell = both.cell(INCLUDES, option, "early", option, "late")
    follows(cell, lambda: both.value("early/x.h", 2), lambda: both.remove("early/x.h"))


@pytest.mark.parametrize("variable", ["CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"])
def test_folder_named_by_a_variable_shadowed(both: Desk, variable: str) -> None:
    both.value("late/x.h", 1)
    path = f"{both.path('early')}:{both.path('late')}"
    if variable == "C_INCLUDE_PATH":
        compiler = {"g++": "gcc", "clang++-19": "clang-19"}[both.compiler]
        source = C_PRINT + '#include <x.h>\nint main(void) { printf("%d", V); return 0; }\n'
        cell = both.cell(source, language="c", compiler=compiler)
        cell.env[variable] = path
    else:
        cell = both.cell(ANGLED)
        cell.env[variable] = path
    follows(cell, lambda: both.value("early/x.h", 2), lambda: both.remove("early"))


def test_the_next_header_of_a_name_shadowed(both: Desk) -> None:
    both.write("a/x.h", "#include_next <x.h>\n")
    both.value("c/x.h", 1)
    both.path("b").mkdir()
    cell = both.cell(ANGLED, "-Ia", "-Ib", "-Ic")
    follows(cell, lambda: both.value("b/x.h", 2), lambda: both.remove("b/x.h"))


def test_the_next_header_of_a_name_appears(both: Desk) -> None:
    both.write("a/x.h", "#if __has_include_next(<x.h>)\n#include_next <x.h>\n#else\n#define V 1\n#endif\n")
    both.path("b").mkdir()
    cell = both.cell(ANGLED, "-Ia", "-Ib")
    follows(cell, lambda: both.value("b/x.h", 2), lambda: both.remove("b/x.h"))


def test_header_appears_under_the_same_name_in_other_case(both: Desk) -> None:
    both.value("A.h", 1)
    cell = both.cell(shows("V", '#if __has_include("a.h")\n#include "a.h"\n#else\n#include "A.h"\n#endif'))
    follows(cell, lambda: both.value("a.h", 2), lambda: both.remove("a.h"))


ONCE = "#pragma once\nenum {{ {} = __COUNTER__ }};\n"
TWICE = '#include "a.h"\n#include "b.h"'


def test_two_names_of_one_header_part_ways(both: Desk) -> None:
    """`#pragma once` takes them for one file, by their bytes and times, until they are two."""
    both.write("a.h", ONCE.format("A"))
    both.write("other.h", ONCE.format("B"))
    both.link("b.h", "a.h")
    cell = both.cell(shows("__COUNTER__", TWICE))
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert cell.build().steps[0].unstored.endswith("b.h holds the same as a.h, and one of them may be read once")
    both.link("b.h", "other.h")
    assert [cell.look() for _ in range(2)] == [("miss", "2"), ("hit", "2")]
    both.link("b.h", "a.h")
    assert cell.look() == ("miss", "1")


def test_a_header_that_was_left_out_for_its_twin_is_shadowed(plain: Desk) -> None:
    plain.write("late/a.h", ONCE.format("A"))
    plain.write("late/b.h", ONCE.format("B"))
    plain.path("early").mkdir()
    cell = plain.cell(shows("__COUNTER__", TWICE), "-Iearly", "-Ilate")
    other = "enum { B = __COUNTER__ + __COUNTER__ };\n"
    follows(cell, lambda: plain.write("early/b.h", other), lambda: plain.remove("early/b.h"), "2", "3")


def test_relative_system_folder_whose_name_gcc_completes(plain: Desk) -> None:
    """Where the absolute name is shorter `__FILE__` holds it, so another folder's result must not be used."""
    roundabout = "../inc/" * 40
    cell = plain.cell(shows("where()", "#include <where.h>", form="%s"), "-isystem", f"{roundabout}../inc")
    for name in ("one", "two"):
        plain.write(f"{name}/inc/where.h", "inline const char *where() { return __FILE__; }\n")
        plain.path(f"{name}/book").mkdir()
        cell.folder = plain.path(f"{name}/book")
        assert cell.look() == ("miss", str(plain.path(f"{name}/inc/where.h")))
        assert cell.look()[0] == "hit"


def test_relative_system_folder_of_a_variable(plain: Desk) -> None:
    plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, CPLUS_INCLUDE_PATH="inc")
    assert [cell.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    cell.env["CPLUS_INCLUDE_PATH"] = "inc/../" * 40 + "inc"
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert cell.build().steps[0].unstored == "CPLUS_INCLUDE_PATH names a folder that is not absolute"


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
        "#define HAS __has_include\n#if HAS(<opt.h>)",
        "#define JOIN(a, b) a##b\n#if JOIN(__has_inc, lude)(<opt.h>)",
        "#define HAS(what) __has_##what\n#if HAS(include)(<opt.h>)",
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


def test_has_include_in_a_flag(both: Desk) -> None:
    both.path("inc").mkdir()
    cell = both.cell(shows("V", "#if ASK\n#define V 2\n#else\n#define V 1\n#endif"), "-Iinc")
    cell.flags = (*cell.flags, "-DASK=__has_include(<opt.h>)")
    assert cell.look() == ("miss", "1")
    assert cell.build().steps[0].unstored == "the flags ask for files: __has_include in a definition"
    both.write("inc/opt.h", "")
    assert cell.look() == ("miss", "2")


def test_a_file_where_a_folder_is_looked_for(both: Desk) -> None:
    both.value("late/x.h", 1)
    both.write("early", "no folder")

    def become_a_folder() -> None:
        both.remove("early")
        both.value("early/x.h", 2)

    def become_a_file() -> None:
        both.remove("early")
        both.write("early", "no folder")

    follows(both.cell(ANGLED, "-Iearly", "-Ilate"), become_a_folder, become_a_file)


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


@pytest.mark.parametrize("name", ["x.h", "stdc-predef.h"])
def test_precompiled_header_without_its_header_appears(plain: Desk, name: str) -> None:
    plain.value("late/x.h", 1)
    plain.path("early").mkdir()
    cell = plain.cell(f"#include <x.h>\n{shows('V')}", "-Iearly", "-Ilate")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    plain.value("early/other.h", 2)
    plain.tool("g++", "-std=c++20", "-x", "c++-header", "early/other.h", "-o", f"early/{name}.gch")
    built = cell.build()
    assert built.steps[0].cache == "miss"
    assert built.steps[0].unstored == f"early/{name}.gch may have been used"
