"""Whole projects with the build tools that people use: built, left alone, edited, built again."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import COUNTS, Oracle

SHOWS = 'extern "C" int printf(const char *, ...);\n#include "shape.h"\nint area();\n'
SOURCES = {
    "main.cpp": SHOWS + 'int main() { return printf("%d %d\\n", SIDE, area()) < 0; }\n',
    "src/area.cpp": '#include "shape.h"\nint area() { return SIDE * SIDE; }\n',
    "include/shape.h": "#pragma once\n#define SIDE 3\n",
}
MAKEFILE = """CPPFLAGS := -Iinclude -MMD -MP
OBJECTS := main.o src/area.o
prog: $(OBJECTS) libnone.a
\t$(CXX) $(CXXFLAGS) -o $@ $(OBJECTS) -L. -lnone
libnone.a: src/none.o
\t$(AR) rcs $@ $^
clean:
\trm -f prog libnone.a src/none.o $(OBJECTS) $(OBJECTS:.o=.d)
-include $(OBJECTS:.o=.d)
"""
CMAKE = """cmake_minimum_required(VERSION 3.13)
project(shapes CXX)
add_library(area STATIC src/area.cpp)
target_include_directories(area PUBLIC include)
add_executable(prog main.cpp)
target_link_libraries(prog area)
"""
DAY = """
build && ./{prog}
touch include/shape.h; build && ./{prog}; quiet
sed -i s/3/4/ include/shape.h; build && ./{prog}; quiet
sed -i 's/SIDE \\* SIDE/SIDE/' src/area.cpp; build && ./{prog}; quiet
echo '#error no' >>src/area.cpp; build >/dev/null 2>&1 || echo failed
sed -i '$d' src/area.cpp; build && ./{prog}; quiet
rm include/shape.h; build >/dev/null 2>&1 || echo failed
echo '#define SIDE 5' >include/shape.h; build && ./{prog}; quiet
"""


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    for name, text in SOURCES.items():
        oracle.write(name, text)
    oracle.source("src/none.cpp", "int none() { return 0; }")
    oracle.write("Makefile", MAKEFILE)
    oracle.write("CMakeLists.txt", CMAKE)
    return oracle


@pytest.mark.parametrize("flags", ["", "-g -O2", "-flto -frandom-seed=1", "-gsplit-dwarf -g"])
def test_make(bench: Oracle, compiler: str, flags: str) -> None:
    need("make")
    if "-flto" in flags and "clang" in compiler:
        pytest.skip("the linker's plugin does not read what this clang writes")
    setup = f"""build() {{ make -s -j2 CXX="$W {compiler}" AR="$W ar" CXXFLAGS="{flags}"; }}
quiet() {{ make -q CXX="$W {compiler}" AR="$W ar" CXXFLAGS="{flags}" && echo up to date; }}
"""
    said = bench.shell(setup + DAY.format(prog="prog"), loose="bytes").decode()
    assert said.splitlines()[:3] == ["3 9", "3 9", "up to date"]
    assert said.count("up to date") == 5
    assert said.endswith("failed\n5 5\nup to date\n")


def test_make_clean_and_again(bench: Oracle, compiler: str) -> None:
    call = f'make -s CXX="$W {compiler}" AR="$W ar"'
    for _ in range(2):
        bench.shell(f"{call} && ./prog && {call} clean; ls")
    before = bench.counters()
    bench.shell(f"{call} && ./prog && {call} clean; ls")
    after = bench.counters()
    if COUNTS:
        assert after[1] == before[1], "nothing is left to compile"
        assert after[0] - before[0] >= 3


def configure(oracle: Oracle, compiler: str, generator: str) -> str:
    """Shell functions that build with CMake; the launcher is the wrapper, or `env` when bare."""
    launcher = oracle.launcher()
    return f"""launcher=$(test -n "$W" && echo {launcher} || echo /usr/bin/env)
cmake -S . -B build -G '{generator}' -DCMAKE_CXX_COMPILER={compiler} -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher \\
  -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >configure.log || cat configure.log
grep 'compiler identification' configure.log
"""


@pytest.mark.parametrize(
    ("compiler", "generator"), [("g++", "Ninja"), ("clang++-19", "Ninja"), ("g++", "Unix Makefiles")]
)
def test_cmake(bench: Oracle, compiler: str, generator: str) -> None:
    need(compiler)
    need("cmake")
    need("ninja" if generator == "Ninja" else "make")
    quiet = (
        "ninja -C build | tail -1"
        if generator == "Ninja"
        else "make -C build | grep -e Building -e Linking || echo up to date"
    )
    setup = f"""build() {{ cmake --build build -j2 >build.log; }}
quiet() {{ {quiet}; }}
{configure(bench, compiler, generator)}"""
    end = "\nrm -rf build configure.log build.log"
    said = bench.shell(setup + DAY.format(prog="build/prog") + end).decode()
    assert said.count("no work to do" if generator == "Ninja" else "up to date") == 5
    assert said.endswith("ninja: no work to do.\n" if generator == "Ninja" else "up to date\n")
    assert "failed\n5 5\n" in said


def test_ninja_reads_dependencies_of_hits(bench: Oracle, compiler: str) -> None:
    """A second build folder is made of hits; its depfiles must be good enough for an edit to be seen."""
    need("cmake")
    need("ninja")
    setup = configure(bench, compiler, "Ninja")
    again = f"""for i in 1 2; do rm -rf build
cmake -S . -B build -G Ninja -DCMAKE_CXX_COMPILER={compiler} -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher >configure.log
ninja -C build >build.log; build/prog; ninja -C build | tail -1; ninja -C build -t deps | grep -c include/shape.h; done
sed -i s/3/8/ include/shape.h; ninja -C build >build.log; build/prog; rm -rf build *.log
"""
    assert bench.shell(setup + again).decode().endswith("8 64\n")


WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "shape"]\nresolver = "2"\n',
    "app/Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
    'shape = { path = "../shape" }\n',
    "app/build.rs": 'fn main() { println!("cargo:rustc-env=ZT_BUILT=yes"); '
    'println!("cargo:rerun-if-changed=build.rs"); }\n',
    "app/src/main.rs": 'mod more;\nfn main() { println!("{} {} {}", shape::side(), more::V, env!("ZT_BUILT")); }\n',
    "app/src/more.rs": "pub const V: i32 = 1;\n",
    "shape/Cargo.toml": '[package]\nname = "shape"\nversion = "0.1.0"\nedition = "2021"\n',
    "shape/src/lib.rs": "/// A side.\npub fn side() -> i32 { 3 }\n#[test]\nfn holds() { assert_eq!(side(), side());"
    " }\n",
}


@pytest.fixture
def workspace(oracle: Oracle) -> Oracle:
    need("cargo")
    for name, text in WORKSPACE.items():
        oracle.write(name, text)
    return oracle


CARGO_DAY = """run; run
sed -i 's/{ 3 }/{ 4 }/' shape/src/lib.rs; run
sed -i 's/= 1/= 2/' app/src/more.rs; run
sed -i 's/=yes/=no/' app/build.rs; run
touch shape/src/lib.rs; run
cargo build -q --offline 2>&1; cargo build --offline 2>&1 | grep -c Compiling
cargo check -q --offline && echo checked
cargo test -q --offline 2>&1 | grep 'test result' | sed 's/finished.*//'
echo 'oops' >>shape/src/lib.rs; cargo build -q --offline --color=never 2>&1 | tail -3; sed -i '$d' shape/src/lib.rs; run
rm -rf target; run
cargo run -q --offline --release
rm -rf target Cargo.lock
"""


def test_cargo(workspace: Oracle) -> None:
    launcher = workspace.launcher()
    setup = f'test -n "$W" && export RUSTC_WRAPPER={launcher}\nrun() {{ cargo run -q --offline; }}\n'
    env: dict[str, str | None] = {"CARGO_TARGET_DIR": None, "RUSTC_WRAPPER": None}
    said = workspace.shell(setup + CARGO_DAY, env=env).decode()
    assert said.startswith("3 1 yes\n3 1 yes\n4 1 yes\n4 2 yes\n4 2 no\n4 2 no\n0\nchecked\n"), said
    assert said.endswith("4 2 no\n4 2 no\n4 2 no\n"), said
