"""What the linker reads and where it looks."""

from __future__ import annotations

import os

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    ADDRESS,
    CALLS,
    Desk,
    absolute,
    fails_then_holds,
    follows,
    shows,
    tick,
)


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


@pytest.mark.parametrize("flags", [("-Wl,@words",), ("-Xlinker", "@words")])
def test_linkers_own_response_file(plain: Desk, flags: tuple[str, ...]) -> None:
    for number in (1, 2):
        plain.object(f"v{number}.o", number)
    plain.write("words", "v1.o")
    cell = plain.cell(CALLS, *flags)
    assert cell.look() == ("miss", "1")
    plain.write("words", "v2.o")
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


@pytest.mark.parametrize("flag", ["-Wl,script.ld", "-Wl,-T,script.ld"])
def test_linker_script(plain: Desk, flag: str) -> None:
    insert = "SECTIONS { .none : { } } INSERT AFTER .text;\n" if "-T" in flag else ""
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


@pytest.mark.parametrize(
    ("found", "earlier"),
    [("m.o", "lib/m.o"), ("late/m.o", "m.o"), ("late/m.o", "early/m.o"), ("late/s/m.o", "early/s/m.o")],
)
def test_member_of_a_linker_script_shadowed(plain: Desk, found: str, earlier: str) -> None:
    """Members are looked for beside the script, in the working folder and on the path."""
    plain.object(found, 1)
    for folder in ("lib", "early", "late"):
        plain.path(folder).mkdir(exist_ok=True)
    plain.write("lib/libx.so", f"INPUT({found.removeprefix('late/')})\n")
    cell = plain.cell(CALLS, "-Llib", "-Learly", "-Llate", "-lx")
    follows(cell, lambda: plain.object(earlier, 2), lambda: plain.remove(earlier))


def test_a_shared_library_that_a_library_needs_is_replaced(plain: Desk) -> None:
    """The linker reads it to see that all names are defined: with another one the link fails."""
    needed, broken = "int v(void) { return 1; }\n", "int other(void) { return 1; }\n"
    plain.write("user.c", "int v(void);\nint w(void) { return v(); }\n")

    def make(text: str) -> None:
        plain.write("needed.c", text)
        plain.tool("gcc", "-shared", "-fPIC", "needed.c", "-o", "libneeded.so")

    make(needed)
    rpath = f"-Wl,-rpath,{plain.folder}"
    plain.tool("gcc", "-shared", "-fPIC", "user.c", "-L.", "-lneeded", rpath, "-o", "libuser.so")
    head = 'extern "C" int w(void);'
    cell = plain.cell(shows("w()", head), "-L.", "-luser", rpath, "-Wl,-rpath-link,.")
    fails_then_holds(cell, lambda: make(broken), lambda: make(needed))


@pytest.mark.parametrize("flags", [("-Wl,names.ld",), ("-Wl,-R,names.ld",), ("-Xlinker", "names.ld")])
def test_file_of_symbols(plain: Desk, flags: tuple[str, ...]) -> None:
    plain.write("names.ld", absolute(1))
    cell = plain.cell(ADDRESS, "-no-pie", *flags)
    follows(cell, lambda: plain.write("names.ld", absolute(2)), lambda: plain.write("names.ld", absolute(1)))


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
