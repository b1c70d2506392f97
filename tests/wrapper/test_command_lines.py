"""Command lines of compilers: every form in which sources, outputs and phases can be named."""

from __future__ import annotations

import os

import pytest

from tests.wrapper.oracle import Oracle, rows

CODE = 'extern "C" int puts(const char *);\n'
ASSEMBLY = ".globl f\nf:\n  ret\n"

FILES: dict[str, str] = {
    "a.cpp": "int f() { return 1; }\n",
    "b.cpp": "int g() { return 2; }\n",
    "m.cpp": '#include "h.h"\nint main() { return V - 1; }\n',
    "c.c": "int c(void) { return 'c' == sizeof 'c'; }\n",
    "u.C": "int u() { return 1; }\n",
    "v.cc": "int v() { return 1; }\n",
    "w.cxx": "int w() { return 1; }\n",
    "i.i": "int i(void) { return 1; }\n",
    "j.ii": "int j() { return 1; }\n",
    "s.s": ASSEMBLY,
    "t.S": '#include "h.h"\n#define NAME t\n.globl NAME\nNAME:\n  ret\n',
    "h.h": "#ifndef V\n#define V 1\n#endif\n",
    "noext": "int n() { return 1; }\n",
    "odd.xyz": "int x() { return 1; }\n",
    "bad.cpp": "int bad() { return nothing; }\nint worse( { }\n",
    "empty.cpp": "",
    "sp ace.cpp": "int space() { return 1; }\n",
    "quo'te.cpp": "int quote() { return 1; }\n",
    'dou"ble.cpp': "int twice() { return 1; }\n",
    "eq=ual.cpp": "int equal() { return 1; }\n",
    "-dash.cpp": "int dash() { return 1; }\n",
    "größe.cpp": "int size() { return 1; }\n",
    "caf\udce9.cpp": "int coffee() { return 1; }\n",
    "back\\slash.cpp": "int slash() { return 1; }\n",
    "sub/d.cpp": '#include "../h.h"\nint d() { return V; }\n',
    "plain.rsp": "-c a.cpp -o a.o",
    "outer.rsp": "@plain.rsp\n-DV=3",
    "quoted.rsp": """-c 'sp ace.cpp' "-DX=\\"q\\\\\\"" -DY=a\\ b\t-o\n"sp out.o" """,
    "empty.rsp": "",
    "loop.rsp": "-c a.cpp @loop.rsp",
    "missing.rsp": "-c a.cpp @none.rsp",
}

OUTPUTS = """
-c a.cpp
-c a.cpp -o a.o
-o a.o -c a.cpp
a.cpp -c -o a.o
-c a.cpp -oa.o
-c -oa.o a.cpp
-c a.cpp -o sub/x.o
-c sub/d.cpp
-c sub/../a.cpp -o ./sub/../a.o
-c a.cpp -o missing/x.o
-c a.cpp -o sub
-c a.cpp -o a.cpp.o
-c a.cpp -o noending
-c a.cpp -o 'sp out.o'
-c a.cpp -o one.o -o two.o
-c a.cpp -o
-c a.cpp -o ''
-c a.cpp -o /dev/null
-c a.cpp -o -
-S a.cpp -o -
-E a.cpp -o -
-c a.cpp b.cpp
-c a.cpp b.cpp -o both.o
-c a.cpp a.cpp
-c a.cpp bad.cpp b.cpp
-c a.cpp h.h
-c m.cpp -o $PWD/abs.o
-c $PWD/m.cpp
-c ./a.cpp
-c .//a.cpp
-c a.cpp b.cpp m.cpp -std=c++17
"""

SOURCES = """
-c c.c
-c u.C
-c v.cc
-c w.cxx
-c i.i
-c j.ii
-c s.s
-c t.S
-c noext
-c odd.xyz
-c empty.cpp
-c 'sp ace.cpp'
-c "quo'te.cpp"
-c 'dou"ble.cpp'
-c eq=ual.cpp
-c -dash.cpp
-c ./-dash.cpp
-c -- -dash.cpp
-c größe.cpp -o größe.o
-c caf\udce9.cpp
-c 'back\\slash.cpp'
-c missing.cpp
-c missing.cpp a.cpp
-c sub
-c /dev/null -o null.o
-x c++ -c /dev/null -o null.o
-x c -c a.cpp -o ac.o
-xc++ -c c.c -o cx.o
-x c++ noext -c -o n.o
-c -x assembler s.s -o s.o
-c -x assembler-with-cpp t.S -o t.o
-c -x c++ noext -x none a.cpp
-x nonsense -c a.cpp
-c a.cpp -x c++
-x c++-header h.h -o h.h.gch
h.h
-c h.h -o h.gch
-c bad.cpp
-c bad.cpp -o old.o
-S bad.cpp -o old.o
-E missing.cpp -o old.o
"""

PHASES = """
-S a.cpp
-S a.cpp -o out.s
-S a.cpp b.cpp
-E m.cpp -o m.pre
-E m.cpp a.cpp
-MM m.cpp -o deps
-MM -MF deps m.cpp
-M -c m.cpp -o m.o
-fsyntax-only m.cpp
-fsyntax-only bad.cpp
-fsyntax-only m.cpp -o old.o
-c -S a.cpp
-c -E m.cpp
-S -c m.cpp -o mixed
-fsyntax-only -c m.cpp -o m.o
a.cpp -c -v
"""

ASKING = """
-E m.cpp
-E -P m.cpp
-E -dM c.c
-E -C m.cpp
-M m.cpp
-MM m.cpp
-v
-### -c a.cpp
-### a.cpp m.cpp
--version
-c a.cpp --version
-dumpmachine
-dumpversion
-dumpspecs
-print-search-dirs
-print-file-name=libc.so.6
-print-prog-name=as
-print-libgcc-file-name
--help
--help=warnings
--target-help
-Q --help=optimizers
-unknown-option -c a.cpp
-fno-such-thing -c a.cpp
-Wno-such-warning -c a.cpp
-Wsuch-warning -c a.cpp
-c
-o
-o nothing.o -c
"""

RESPONSES = """
@plain.rsp
@outer.rsp
@quoted.rsp
@empty.rsp
@empty.rsp -c a.cpp
-c m.cpp @outer.rsp
@none.rsp
@none.rsp -c a.cpp
@missing.rsp
@loop.rsp
@sub
@ -c a.cpp
-c a.cpp -o @plain.rsp
-c a.cpp -D@X
@$PWD/plain.rsp
"""

LOOSE = dict.fromkeys(["-c a.cpp h.h", "-x c++-header h.h -o h.h.gch", "h.h", "-c h.h -o h.gch"], "bytes")
"""g++ writes another precompiled header each time."""


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    for name, text in FILES.items():
        oracle.write(name, text)
    oracle.write("old.o", "what an earlier build left")
    return oracle


@pytest.mark.parametrize("line", rows(OUTPUTS, PHASES))
def test_command_line(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), loose=LOOSE.get(line, ""))


@pytest.mark.parametrize("line", rows(SOURCES, RESPONSES))
def test_source(bench: Oracle, compiler: str, line: str) -> None:
    bench.twice(compiler, *bench.words(line), loose=LOOSE.get(line, ""))


@pytest.mark.parametrize("line", rows(ASKING))
def test_question(bench: Oracle, compiler: str, line: str) -> None:
    bench.same(compiler, *bench.words(line))


def test_nothing_at_all(bench: Oracle, compiler: str) -> None:
    bench.thrice(compiler)


@pytest.mark.parametrize("line", ["-c c.c", "-c a.cpp", "-c t.S", "m.cpp -o m"])
@pytest.mark.parametrize("tool", ["gcc", "cc", "c++", "clang-19", "x86_64-linux-gnu-g++", "/usr/bin/g++"])
def test_other_names_of_the_compiler(bench: Oracle, tool: str, line: str) -> None:
    bench.thrice(tool, *bench.words(line))


@pytest.mark.parametrize(
    "line",
    rows(
        "-x c++ -c - -o out.o\n-x c -c -\n-c -\n-E -\n-x c++ -S - -o -\n-x c++ - -o prog\n-x c++ -c - a.cpp\n-E -x c -"
    ),
)
def test_source_on_stdin(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), stdin=b"int stdin_source = 1;\nint main() { return 0; }\n")


def test_stdin_with_other_text(bench: Oracle, compiler: str) -> None:
    for value in (b"1", b"2", b"1"):
        bench.thrice(compiler, "-x", "c++", "-c", "-", "-o", "x.o", stdin=b"int v = " + value + b";\n")


@pytest.mark.parametrize(
    "state", ["a link", "a dangling link", "a link to a folder", "two names", "read-only", "a folder"]
)
@pytest.mark.parametrize("source", ["a.cpp", "bad.cpp"])
def test_output_that_is_there_already(bench: Oracle, compiler: str, source: str, state: str) -> None:
    """Followed, replaced or removed, on success and on failure, as the bare tool does."""
    out = bench.path("out.o")
    bench.write("real.o", "old")
    match state:
        case "a link":
            out.symlink_to("real.o")
        case "a dangling link":
            out.symlink_to("nowhere.o")
        case "a link to a folder":
            out.symlink_to("sub")
        case "two names":
            os.link(bench.path("real.o"), out)
        case "read-only":
            bench.write("out.o", "old", 0o444)
        case _:
            out.mkdir()
    bench.thrice(compiler, "-c", source, "-o", "out.o")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o444])
def test_mode_of_an_output_that_is_there_already(bench: Oracle, compiler: str, mode: int) -> None:
    bench.write("a.o", "old", mode)
    bench.thrice(compiler, "-c", "a.cpp", umask=0o027)


@pytest.mark.parametrize("umask", [0o002, 0o077])
@pytest.mark.parametrize("line", ["-c a.cpp", "m.cpp -o prog", "-c m.cpp -MD -MF m.d", "-S a.cpp"])
def test_umask(bench: Oracle, compiler: str, umask: int, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), umask=umask)


def test_folder_that_is_the_working_one_by_another_name(bench: Oracle, compiler: str) -> None:
    bench.path("alias").symlink_to("sub")
    bench.thrice(compiler, "-c", "d.cpp", "-g", cwd="sub")
    bench.thrice(compiler, "-c", "d.cpp", "-g", cwd="alias", env={"PWD": str(bench.path("alias"))})


def test_compiler_that_does_not_exist(bench: Oracle) -> None:
    """There is no bare tool to compare with: 127 as from a shell, and its name."""
    script = "$W ./no-such-g++ -c a.cpp >out 2>err; echo $?; ls; test -s err || echo nothing said; rm out err"
    bench.shell(script, env={})
