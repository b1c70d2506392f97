"""Calls that are left to the bare tool, or whose results are not stored: `zcnb status` says why."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import COUNTS, Manner, Oracle

NAMES = "reads files that are not tracked"
WRITES = "reads or writes files besides the program"
UNKNOWN = "may read or write a file that is not tracked"

REASONS = {
    "g++ -c m.cpp -fplugin=none.so": f"-fplugin=none.so {NAMES}",
    "g++ -c m.cpp -specs=none.specs": f"-specs=none.specs {NAMES}",
    "g++ -c m.cpp -Btools": f"-Btools {NAMES}",
    "g++ -c m.cpp --sysroot=/": f"--sysroot=/ {NAMES}",
    "g++ -c m.cpp -fprofile-use": f"-fprofile-use {WRITES}",
    "g++ -c m.cpp --coverage": "--coverage: a long option",
    "g++ -c m.cpp -ftest-coverage": f"-ftest-coverage {WRITES}",
    "g++ -c m.cpp -save-temps": f"-save-temps {WRITES}",
    "g++ -c m.cpp -g -gsplit-dwarf": f"-gsplit-dwarf {WRITES}",
    "g++ -c m.cpp -fstack-usage": f"-fstack-usage {WRITES}",
    "g++ -c m.cpp -flto": "-flto: the linker compiles, out of sight",
    "g++ -c m.cpp -finstrument-functions-exclude-file-list=m": f"-finstrument-functions-exclude-file-list=m {UNKNOWN}",
    "g++ -c clock.cpp": "uses the time of day",
    "g++ -c asked.cpp": "uses __has_include of a macro",
    "g++ -c dependency.cpp": "uses #pragma GCC dependency",
    "g++ -c pieces.cpp -w": "holds pieces of __DATE__ or __TIME__, which ## could put together",
    "g++ -c m.cpp -w": "with this flag the compiler does not tell whether the time of day is used",
    "g++ m.o thin.a -o prog": "thin.a is a thin archive: its members are not listed",
    "g++ m.o -Wl,-Map=m.map -o prog": f"-Wl,-Map=m.map {WRITES}",
    "clang++-19 -c asm.cpp": "uses inline assembly, which may include files",
    "clang++-19 -c embed.cpp -Wno-everything": "uses #embed",
    "clang++-19 -c m.cpp --target=x86_64-linux-gnu": f"--target=x86_64-linux-gnu {NAMES}",
    "clang++-19 -c m.cpp -fxray-always-instrument=list": f"-fxray-always-instrument=list {UNKNOWN}",
    "clang++-19 -c m.cpp -Xclang -fno-pch-timestamp": "-Xclang: an option for the compiler proper",
    "rustc r.rs --extern dep=libdep.rlib": "rustc: --extern",
    "rustc r.rs -C profile-use=/none": "-C profile-use=/none reads or writes files that are not tracked",
}
NEVER_THE_SAME = {"--coverage", "-ftest-coverage", "-flto", "clock.cpp", "pieces.cpp"}
FILES = {
    "clock.cpp": "const char *t = __TIME__;",
    "asked.cpp": '#define NAME "x.h"\n#if __has_include(NAME)\n#endif\nint v;',
    "dependency.cpp": '#pragma GCC dependency "asked.cpp"\nint v;',
    "pieces.cpp": "#define J(a, b) a##b\nconst char *t = J(__TI, ME__);",
    "asm.cpp": 'asm(".byte 1");',
    "embed.cpp": 'const char d[] = {\n#embed "m.cpp"\n};',
    "list": "",
    "r.rs": "fn main() { }",
}


@pytest.mark.parametrize("line", REASONS)
def test_the_reason_is_counted(oracle: Oracle, line: str) -> None:
    tool, *words = line.split()
    need(tool)
    for name, text in FILES.items():
        oracle.write(name, text)
    oracle.source("m.cpp", "int main() { }")
    for command in ("g++ -c m.cpp", "ar rcT thin.a m.o"):
        oracle.run(command.split(), oracle.bare_env(), Manner())
    did = oracle.same(tool, *words, loose="bytes" if NEVER_THE_SAME & {*words} else "")
    if COUNTS:
        assert REASONS[line] in oracle.reasons, (did, oracle.reasons)
