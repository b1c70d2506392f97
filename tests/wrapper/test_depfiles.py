"""What `make` reads: dependency files, with every way to name them and their targets."""

from __future__ import annotations

import pytest

from tests.wrapper.oracle import Oracle, rows

FILES: dict[str, str] = {
    "m.cpp": '#include "h.h"\n#include <s.h>\n#include "sub/../h.h"\nint m() { return V + S; }\n',
    "n.cpp": '#include "h.h"\nint n() { return V; }\n',
    "t.S": '#include "h.h"\n.globl t\nt: ret\n',
    "s.s": ".globl s\ns: ret\n",
    "odd.cpp": '#include "sp ace.h"\n#include "ha#sh.h"\n#include "dol$lar.h"\n#include "col:on.h"\n'
    '#include "größe.h"\n',
    "bad.cpp": '#include "h.h"\nint bad() { return nothing; }\n',
    "lost.cpp": '#include "h.h"\n#include "none.h"\n',
    "main.cpp": '#include "h.h"\nint main() { return V - V; }\n',
    "h.h": "#pragma once\n#define V 1\n",
    "sys/s.h": "#define S 2\n",
    "force.h": "#define FORCED 1\n",
    "sp ace.h": "",
    "ha#sh.h": "",
    "dol$lar.h": "",
    "col:on.h": "",
    "größe.h": "",
    "deps.rsp": "-MD -MF from.d",
}

LINES = """
-c m.cpp -MD
-c m.cpp -MMD
-c m.cpp -MD -o sub/m.o
-c m.cpp -MMD -o x.y.z
-c m.cpp -MMD -o noending
-c m.cpp -MMD -MF d
-c m.cpp -MMD -MFd
-c m.cpp -MD -MF sub/d
-c m.cpp -MD -MF missing/d
-c m.cpp -MD -MF sub
-c m.cpp -MMD -MF one -MF two
-c m.cpp -MF d
-c m.cpp -MT t
-c m.cpp -MP
-c m.cpp -MMD -MT target
-c m.cpp -MMD -MTtarget
-c m.cpp -MMD -MT one -MT two
-c m.cpp -MMD -MT 'one two'
-c m.cpp -MMD -MT 'a$b' -MQ 'a$b'
-c m.cpp -MMD -MQ 'a b'
-c m.cpp -MMD -MQa -MT b -MF d
-c m.cpp -MMD -MT ''
-c m.cpp -MMD -MP
-c m.cpp -MD -MP -MF d -MT t -o sub/m.o
-c m.cpp -MD -MMD
-c m.cpp -MMD -MD
-c m.cpp -MD -MMD -MF d
-c m.cpp -MD -o 'sp ace.o'
-c m.cpp -MD -o 'dol$lar.o'
-c m.cpp -MD -MF - -o m.o
-c m.cpp -MD -MF /dev/null
-c m.cpp -MD -MF /dev/stdout
-c m.cpp -MD -MF m.o
-c m.cpp -MD -MF m.cpp.d -o m.o -include force.h
-c m.cpp -MD -MG
-c lost.cpp -MD -MG
-c lost.cpp -M -MG
-c lost.cpp -MM -MG -o lost.o
-c lost.cpp -MMD
-c bad.cpp -MMD
-c bad.cpp -MMD -MF old.d
-c lost.cpp -MMD -MF old.d
-c odd.cpp -MMD -MP
-c t.S -MD
-c s.s -MD
-c m.cpp -Wp,-MD,d
-c m.cpp -Wp,-MMD,d
-c m.cpp -Wp,-MMD,d,-MT,t
-c m.cpp -Wp,-MD,d -MMD
-c m.cpp -Wp,-MMD,d -Wp,-MP
-c m.cpp -Wp,-MT,t -Wp,-MMD,d
-c m.cpp -Xpreprocessor -MMD -Xpreprocessor -MF -Xpreprocessor d
-c m.cpp n.cpp -MMD
-c m.cpp n.cpp -MMD -MF d
main.cpp -MMD
main.cpp -MMD -o prog
main.cpp -MMD -MF d -o sub/prog
main.cpp n.cpp -MMD -o prog
-S m.cpp -MMD
-S m.cpp -MMD -o sub/m.s
-E m.cpp -MMD
-E m.cpp -MMD -o m.ii
-E m.cpp -MMD -MF d
-M m.cpp -MF d -MT t
-MM m.cpp -MP -MQ 'a b'
-MM m.cpp n.cpp
-M m.cpp -o m.d
-MD -fsyntax-only m.cpp
-c $PWD/m.cpp -MMD
-c ./m.cpp -MMD -o $PWD/sub/m.o
-c sub/../m.cpp -MMD
-c m.cpp @deps.rsp
-c m.cpp --write-dependencies
-c m.cpp --write-user-dependencies -o sub/m.o
-c m.cpp -MJ compile.json
-c m.cpp -MV -MMD
-c m.cpp -save-temps -MMD
-c m.cpp -g -gsplit-dwarf -MMD -o sub/m.o
-c m.cpp -MMD -I. -I sub -iquote .
"""


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    for name, text in FILES.items():
        oracle.write(name, text)
    oracle.path("sub").mkdir()
    oracle.write("old.d", "what an earlier build left")
    return oracle


@pytest.mark.parametrize("line", rows(LINES))
def test_depfile(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), "-isystem", "sys")


@pytest.mark.parametrize("value", ["d", "d target", "sub/d other", "", "missing/d"])
@pytest.mark.parametrize("variable", ["DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES"])
def test_depfile_that_the_environment_asks_for(bench: Oracle, compiler: str, variable: str, value: str) -> None:
    """Both append to what is there, so a hit must do that too."""
    line = (compiler, "-c", "m.cpp", "-isystem", "sys")
    bench.same(*line)
    for _ in range(3):
        bench.same(*line, env={variable: value})
    bench.same(*line)


def test_depfile_for_another_output_name(bench: Oracle, compiler: str) -> None:
    """The object of a hit may be shared; the target in the depfile is each call's own."""
    for out in ("one.o", "two.o", "sub/one.o", "one.o"):
        bench.same(compiler, "-c", "m.cpp", "-isystem", "sys", "-MMD", "-MP", "-o", out)
        bench.same(compiler, "-c", "m.cpp", "-isystem", "sys", "-MD", "-MF", "same.d", "-o", out)
        bench.same(compiler, "-c", "m.cpp", "-isystem", "sys", "-o", out)


@pytest.mark.parametrize("flag", ["-MD", "-MMD", "-Wp,-MMD,x.d", "-MD -MF x.d", "-MD -MP -MT t"])
def test_depfile_asked_for_only_the_second_time(bench: Oracle, compiler: str, flag: str) -> None:
    line = (compiler, "-c", "m.cpp", "-isystem", "sys")
    bench.same(*line)
    bench.same(*line, *flag.split())
    bench.same(*line, *flag.split())
    bench.same(*line)


def test_depfile_names_what_is_used_now(bench: Oracle, compiler: str) -> None:
    """An equal header at another place gives an equal object with another depfile."""
    line = (compiler, "-c", "n.cpp", "-MMD", "-Isys")
    bench.same(*line)
    bench.path("h.h").rename(bench.path("sys/h.h"))
    bench.same(*line)
    bench.same(*line)
    bench.path("sys/h.h").rename(bench.path("h.h"))
    bench.same(*line)


def test_depfile_in_another_folder(bench: Oracle, compiler: str) -> None:
    """Equal texts in two folders: names in the depfile are as that folder's call spells them."""
    for name in ("m.cpp", "h.h", "sys/s.h"):
        bench.write(f"sub/{name}", FILES[name])
    bench.write("sub/sub/keep", "")
    bench.same(compiler, "-c", "m.cpp", "-isystem", "sys", "-MMD", "-o", "m.o")
    bench.same(compiler, "-c", "m.cpp", "-isystem", "sys", "-MMD", "-o", "m.o", cwd="sub")
    bench.same(compiler, "-c", "sub/m.cpp", "-isystem", "sub/sys", "-MMD", "-o", "m.o")
    bench.same(compiler, "-c", "../m.cpp", "-isystem", "../sys", "-MMD", "-o", "m.o", cwd="sub")


def test_depfile_after_a_header_is_gone(bench: Oracle, compiler: str) -> None:
    bench.write("two.h", "")
    bench.write("n.cpp", '#include "h.h"\n#if __has_include("two.h")\n#include "two.h"\n#endif\n')
    bench.same(compiler, "-c", "n.cpp", "-MMD", "-MP")
    bench.path("two.h").unlink()
    bench.same(compiler, "-c", "n.cpp", "-MMD", "-MP")
    bench.write("two.h", "")
    bench.same(compiler, "-c", "n.cpp", "-MMD", "-MP")
