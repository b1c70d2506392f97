"""What a path leads to besides a plain file, files that pass for one another, and texts that the system makes up."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from tests.daemon.hits.desk import ANGLED, CALLS, Desk, bare, shows, tick

ASKS = shows("V", '#if __has_include("opt.h")\n#define V 2\n#else\n#define V 1\n#endif\n')
COUNTS = "#pragma once\n#ifdef SEEN\n#undef V\n#define V 2\n#else\n#define SEEN\n#define V 1\n#endif\n"
TWICE = shows("V", '#include "a.h"\n#include "b.h"\n')


def test_folder_called_like_the_header_becomes_one(desk: Desk) -> None:
    """Compilers pass over it; something was there before and after."""
    desk.value("a/x.h", 1)
    desk.path("b/x.h").mkdir(parents=True)
    tick()
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    desk.remove("b/x.h")
    desk.value("b/x.h", 2)
    assert cell.look() == ("miss", "2")
    assert cell.look() == ("hit", "2")


def test_asked_for_folder_becomes_a_file_and_a_folder_again(desk: Desk) -> None:
    desk.path("opt.h").mkdir()
    tick()
    cell = desk.cell(ASKS)
    assert cell.look() == ("miss", first := bare(desk, ASKS))
    assert cell.look() == ("hit", first)
    desk.remove("opt.h")
    desk.write("opt.h", "")
    assert cell.look() == ("miss", "2")
    assert cell.look() == ("hit", "2")
    desk.remove("opt.h")
    desk.path("opt.h").mkdir()
    tick()
    assert cell.look() == ("hit", first)


def test_folder_called_like_the_library_becomes_one(desk: Desk) -> None:
    desk.library("b/libx.a", 1)
    desk.path("a/libx.a").mkdir(parents=True)
    tick()
    cell = desk.cell(CALLS, "-La", "-Lb", "-lx")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    desk.remove("a/libx.a")
    desk.library("a/libx.a", 2)
    assert cell.look() == ("miss", "2")


def test_library_for_another_machine_becomes_one_for_this(desk: Desk) -> None:
    """The linker passes over it."""
    desk.library("b/libx.a", 1)
    desk.path("a").mkdir()
    desk.write("other.s", ".globl v\nv: movl $3,%eax\nret\n")
    desk.tool("as", "--32", "other.s", "-o", "other.o")
    desk.tool("ar", "rcD", "a/libx.a", "other.o")
    cell = desk.cell(CALLS, "-La", "-Lb", "-lx")
    assert cell.look() == ("miss", "1")
    desk.library("a/libx.a", 2)
    assert cell.look() == ("miss", "2")


def test_one_file_under_two_names_becomes_two(desk: Desk) -> None:
    desk.write("a.h", COUNTS)
    desk.link("b.h", "a.h")
    cell = desk.cell(TWICE)
    assert cell.look() == ("miss", "1")
    desk.remove("b.h")
    shutil.copyfile(desk.path("a.h"), desk.path("b.h"))
    os.utime(desk.path("b.h"), (1, 1))
    tick()
    assert bare(desk, TWICE) == "2"
    assert cell.look()[1] == "2"


def test_two_files_that_pass_for_one_while_their_times_are_equal(desk: Desk) -> None:
    for name in ("a.h", "b.h"):
        desk.write(name, COUNTS)
        os.utime(desk.path(name), (5, 5))
    tick()
    cell = desk.cell(TWICE)
    assert cell.look()[1] == bare(desk, TWICE)
    os.utime(desk.path("b.h"), (1, 1))
    tick()
    assert cell.look()[1] == bare(desk, TWICE) == "2"


@pytest.mark.parametrize("second", ['#include "b.h"', '#define B "b.h"\n#include B', "#include <b.h>", '#import "b.h"'])
def test_the_second_name_is_not_listed_and_its_file_edited(desk: Desk, second: str) -> None:
    text = COUNTS.replace("#pragma once\n", "") if "import" in second else COUNTS
    desk.write("a.h", text)
    desk.link("b.h", "a.h")
    source = shows("V", f'#include "a.h"\n{second}\n')
    cell = desk.cell(source, "-I.", "-Wno-deprecated", "-Wno-import-preprocessor-directive-pedantic")
    first = cell.look()[1]
    desk.remove("b.h")
    desk.write("b.h", "#undef V\n#define V 7\n")
    assert (first, cell.look()[1]) == ("1", "7")


def test_other_headers_that_are_read_once_are_cached(desk: Desk) -> None:
    desk.write("a.h", '#pragma once\n#include "b.h"\n')
    desk.write("b.h", "#pragma once\n#define V 1\n")
    cell = desk.cell(shows("V", '#include <cstdio>\n#include "b.h"\n#include "a.h"\n#include <memory>\n'))
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")


@pytest.mark.parametrize(
    ("head", "flags"),
    [
        ("#if Q\n", ('-DQ=__has_include("opt.h")',)),
        ('#if Q("opt.h")\n', ("-DQ(x)=__has_include(x)",)),
        ('#define Q __has_include\n#if Q("opt.h")\n', ()),
        ('#define CAT(a, b) a##b\n#if CAT(__has_, include)("opt.h")\n', ()),
        ('#define CAT(a, b) a##b\n#if CAT(__, has_include)("opt.h")\n', ()),
    ],
    ids=["flag", "flag's macro", "macro", "pasted", "pasted later"],
)
def test_asked_in_a_hidden_way(desk: Desk, head: str, flags: tuple[str, ...]) -> None:
    source = shows("V", f"{head}#define V 2\n#else\n#define V 1\n#endif\n")
    cell = desk.cell(source, *flags)
    built = cell.build()
    if not built.ok:
        pytest.skip("this compiler does not take it")
    assert cell.look()[1] == "1"
    desk.write("opt.h", "")
    assert cell.look()[1] == "2"


def test_texts_that_the_system_makes_up(desk: Desk) -> None:
    """They are of size 0, and their times say nothing."""
    cell = desk.cell('fn main() { print!("{}", include_str!("/proc/uptime")); }', language="rust", compiler="rustc")
    first = cell.look()[1]
    time.sleep(0.05)
    built = cell.build()
    assert built.steps[0].unstored == "/proc/uptime is no plain file"
    assert cell.look()[1] != first


@pytest.mark.parametrize(
    "name", ["a b.h", "a#b.h", "a$b.h", "a:b.h", "ä.h", "a(b).h", "$$a.h", "{zcnb:work}.h", "@a.h"]
)
def test_odd_names(desk: Desk, name: str) -> None:
    desk.value(name, 1)
    cell = desk.cell(shows("V", f'#include "{name}"\n'))
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    desk.value(name, 2)
    assert cell.look() == ("miss", "2")


@pytest.mark.parametrize("name", ["a\\b.h", "a\\ b.h", "a \\b.h", "a\\#b.h", "a\tb.h"])
def test_names_that_a_list_of_inputs_cannot_tell(desk: Desk, name: str) -> None:
    """clang writes `a/b.h` for `a\\b.h`; and there may be one."""
    desk.value(name, 1)
    desk.value(name.replace("\\", "/"), 1)
    cell = desk.cell(shows("V", f'#include "{name}"\n'))
    assert cell.look()[1] == "1"
    desk.value(name, 2)
    assert cell.look()[1] == "2"


@pytest.mark.parametrize("place", ["b/x.h", "b"])
def test_link_to_itself_in_an_earlier_place(desk: Desk, place: str) -> None:
    """There is nothing behind it, and yet compilers stop at it: it is an error, not an absence."""
    desk.value("a/x.h", 1)
    if "/" in place:
        desk.write("b/unrelated.h", "")
    cell = desk.cell(ANGLED, "-Ib", "-Ia")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    desk.link(place, os.path.basename(place))
    try:
        expected = bare(desk, ANGLED, "-Ib", "-Ia")
    except subprocess.CalledProcessError:
        expected = ""
    assert cell.look()[1] == expected
    desk.remove(place)
    assert cell.look() == ("hit", "1")


def test_asked_for_link_to_itself(desk: Desk) -> None:
    cell = desk.cell(ASKS)
    assert cell.look() == ("miss", "1")
    desk.link("opt.h", "opt.h")
    try:
        expected = bare(desk, ASKS)
    except subprocess.CalledProcessError:
        expected = ""
    assert cell.look()[1] == expected
