"""Hits happen: what is compiled again is not compiled again. Each test is a miss first, then a hit."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import COUNTS, Oracle

F = '#include "h.h"\nint f() { return V; }'
MAIN = 'extern "C" int puts(const char *);\nint f();\nint main() { return puts("runs") + f() < 0; }'

COMPILES = """
-c f.cpp
-c f.cpp -o f.o
-o out/f.o -c f.cpp
-c f.cpp -MD -MF f.d
-c f.cpp -MMD -MP
-c f.cpp -MD -MT target -MF out/f.d -o out/f.o
-c f.cpp -g
-c f.cpp -O2
-c f.cpp -std=c++20
-c f.cpp -O2 -g -Wall -Wextra -fPIC -DNAME=1 -I. -isystem out
-c f.cpp -include h.h
-c f.cpp -Iout -Inone
-c f.cpp -pipe
-c warn.cpp -Wall
-c warn.cpp -Wall -fdiagnostics-color=always
@f.rsp
-c $PWD/f.cpp -o $PWD/out/f.o
""".strip().splitlines()

LINKS = """
f.o main.o -o prog
f.o main.o
main.o -L. -lf -o prog
main.o libf.a -o prog
-shared f.o -o libg.so
f.o main.o -o out/prog -lm
main.cpp f.cpp -o prog
main.cpp f.cpp
main.cpp f.o -o prog
self.cpp -o prog
self.cpp
self.cpp -O2 -g -std=c++20 -o out/prog
""".strip().splitlines()


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    oracle.source("f.cpp", F)
    oracle.source("main.cpp", MAIN)
    oracle.source("self.cpp", "int main() { return 0; }")
    oracle.source("warn.cpp", "static int never() { return 1; }")
    oracle.write("h.h", "#define V 1\n")
    oracle.write("f.rsp", "-c f.cpp -o out/f.o")
    oracle.path("out").mkdir()
    return oracle


@pytest.mark.parametrize("line", COMPILES)
def test_compile(bench: Oracle, compiler: str, line: str) -> None:
    words = (compiler, *bench.words(line))
    bench.same(*words, how="miss")
    bench.same(*words, how="hit")
    before = bench.snapshot()
    bench.restore({name: entry for name, entry in before.items() if not name.endswith((b".o", b".d"))})
    bench.same(*words, how="hit")


@pytest.mark.parametrize("line", LINKS)
def test_link(bench: Oracle, line: str) -> None:
    bench.shell("g++ -fPIC -c f.cpp && g++ -c main.cpp && ar rcD libf.a f.o")
    words = ("g++", *bench.words(line))
    bench.same(*words, how="miss")
    bench.same(*words, how="hit")


def test_compile_and_link_by_clang(bench: Oracle) -> None:
    need("clang++-19")
    bench.same("clang++-19", "self.cpp", "-o", "prog", how="miss")
    bench.same("clang++-19", "self.cpp", "-o", "prog", how="hit")


def test_archive(bench: Oracle) -> None:
    bench.shell("g++ -c f.cpp && g++ -c main.cpp")
    for _ in range(2):
        bench.same("ar", "rcs", "new.a", "f.o", "main.o", how="passed")
        bench.path("new.a").unlink()


@pytest.mark.parametrize("line", ["-o prog", "", "-O -g"])
def test_rustc(bench: Oracle, line: str) -> None:
    need("rustc")
    bench.write("m.rs", f'fn main() {{ println!("{bench.folder}"); }}\n')
    bench.same("rustc", "m.rs", *line.split(), how="miss")
    bench.same("rustc", "m.rs", *line.split(), how="hit")


def test_other_output_name(bench: Oracle, compiler: str) -> None:
    bench.same(compiler, "-c", "f.cpp", "-o", "one.o", how="miss")
    for out in ("two.o", "out/f.o", "three", "one.o"):
        bench.same(compiler, "-c", "f.cpp", "-o", out, how="hit")


def test_depfile_asked_for_later(bench: Oracle, compiler: str) -> None:
    """Whether a hit or a miss is the wrapper's choice; from the second time on it has to be a hit."""
    bench.same(compiler, "-c", "f.cpp", how="miss")
    bench.same(compiler, "-c", "f.cpp", "-MMD")
    bench.same(compiler, "-c", "f.cpp", "-MMD", how="hit")
    bench.same(compiler, "-c", "f.cpp", "-MMD", "-o", "out/f.o")


def test_header_edited_and_put_back(bench: Oracle, compiler: str) -> None:
    bench.same(compiler, "-c", "f.cpp", how="miss")
    bench.write("h.h", "#define V 2\n")
    bench.same(compiler, "-c", "f.cpp", how="miss")
    bench.same(compiler, "-c", "f.cpp", how="hit")
    bench.write("h.h", "#define V 1\n")
    bench.same(compiler, "-c", "f.cpp", how="hit")


def test_touched_and_unrelated_files(bench: Oracle, compiler: str) -> None:
    bench.same(compiler, "-c", "f.cpp", how="miss")
    for name in ("f.cpp", "h.h"):
        bench.path(name).touch()
    bench.write("unrelated.h", "")
    bench.same(compiler, "-c", "f.cpp", how="hit")
    bench.same(compiler, "-c", "f.cpp", how="hit", env={"UNRELATED": "1", "OLDPWD": "/", "TMPDIR": "/var/tmp"})


def test_warnings_are_repeated(bench: Oracle, compiler: str) -> None:
    for how in ("miss", "hit", "hit"):
        assert b"never" in bench.told((compiler, "-c", "warn.cpp", "-Wall"), how)[1].err


SIX = """SOURCES := main.cpp one/a.cpp one/b.cpp two/c.cpp two/deep/d.cpp two/deep/e.cpp
OBJECTS := $(SOURCES:.cpp=.o)
prog: $(OBJECTS)
\t$(W) $(CXX) -o $@ $(OBJECTS)
%.o: %.cpp
\t$(W) $(CXX) -O1 -MMD -MP -I. -c $< -o $@
clean:
\trm -f prog $(OBJECTS) $(OBJECTS:.o=.d)
-include $(OBJECTS:.o=.d)
"""


@pytest.fixture
def project(bench: Oracle) -> Oracle:
    """Six sources in sub-folders, whose objects are written beside them."""
    bench.write("Makefile", SIX)
    for name in ("one/a", "one/b", "two/c", "two/deep/d", "two/deep/e"):
        bench.source(f"{name}.cpp", f'#include "h.h"\nint {name[-1]}() {{ return V; }}')
    bench.source(
        "main.cpp", "int a(); int b(); int c(); int d(); int e();\nint main() { return a() + b() + c() + d() + e(); }"
    )
    return bench


@pytest.mark.parametrize("jobs", ["-j1", "-j4"])
def test_clean_and_build_again(project: Oracle, compiler: str, jobs: str) -> None:
    """The objects that appear and go beside the sources are no reason to compile anew."""
    make = f"make -s {jobs} CXX={compiler}"
    project.shell(f"{make} && ./prog; echo $?")
    before = project.counters()
    project.shell(f"{make} clean && {make} && ./prog; echo $?")
    after = project.counters()
    if COUNTS:
        assert after[1] == before[1], "a second build has no misses"
        assert after[0] - before[0] >= 6


def test_build_in_another_folder_beside(project: Oracle, compiler: str) -> None:
    """Without debug information nothing of the folder is in an object: the second folder has hits or equal objects."""
    project.shell(
        f"make -s CXX={compiler}; mkdir ../other; cp -r . ../other; cd ../other; make -s clean; "
        f"make -s CXX={compiler}; cmp prog ../p/prog && echo equal; cd ../p; rm -r ../other"
    )


def test_who_watches_matters_only_to_what_is_said(bench: Oracle, compiler: str) -> None:
    bench.same(compiler, "-c", "f.cpp", tty=True, how="miss")
    bench.same(compiler, "-c", "f.cpp", how="hit")
    bench.same(compiler, "-c", "warn.cpp", "-Wall", how="miss")
    bench.same(compiler, "-c", "warn.cpp", "-Wall", tty=True, how="miss")
    bench.same(compiler, "-c", "warn.cpp", "-Wall", tty=True, how="hit")
    bench.same(compiler, "-c", "warn.cpp", "-Wall", how="hit")
