"""Right, though not from the store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    ADDRESS,
    CALLS,
    Desk,
    absolute,
    output,
    shows,
)


@pytest.mark.parametrize(
    "flag",
    ["-save-temps=obj", "-MMD", "--coverage", "-Wa,-I.", "-fstack-usage", "-Wl,-Map=m.map", "-B.", "@empty",
     "-Wl,--Map=m.map", "-Wl,-t", "-Wl,@empty"],
)  # fmt: skip
def test_flags_that_forbid_storing_still_build_and_run(plain: Desk, flag: str) -> None:
    plain.write("empty", "")
    cell = plain.cell(shows("1"), flag)
    first, second = cell.build(), cell.build()
    assert (output(first), output(second)) == ("1", "1")
    assert second.cache == "miss"
    assert all(flag in step.unstored for step in second.steps), second.steps


NAMES = "reads files that are not tracked"
WRITES = "reads or writes files besides the program"
UNKNOWN = "may read or write a file that is not tracked"
REASONS = {
    "-fplugin=/none.so": NAMES,
    "-specs=my.specs": NAMES,
    "-B tools": NAMES,
    "--sysroot=/": NAMES,
    "-fmodules-ts": NAMES,
    "-fprofile-use": WRITES,
    "-fprofile-use=my.gcda": WRITES,
    "-fprofile-generate": WRITES,
    "-save-temps": WRITES,
    "-gsplit-dwarf": WRITES,
    "-fdump-tree-original": WRITES,
    "-O2 -fopt-info-vec=notes": WRITES,
    "-fcallgraph-info": WRITES,
    "-flto": "the linker compiles, out of sight",
    "-finstrument-functions-exclude-file-list=x": UNKNOWN,
    "-fdump-go-spec=notes": WRITES,
    "-Wl,--print-symbol-counts=notes -fuse-ld=gold": WRITES,
}
CLANG_REASONS = {
    "-Xclang -load -Xclang /none.so": NAMES,
    "--config=my.cfg": NAMES,
    "--gcc-toolchain=/usr": NAMES,
    "--target=x86_64-linux-gnu": NAMES,
    "-fmodules": NAMES,
    "-fprofile-list=list": WRITES,
    "-fprofile-instr-use=my.profdata": WRITES,
    "-fxray-always-instrument=list": UNKNOWN,
    "-fsanitize-ignorelist=list": UNKNOWN,
    "-foptimization-record-file=notes": WRITES,
    "-ftime-trace": WRITES,
    "-fsome-option-of-tomorrow=list": UNKNOWN,
    "-mllvm -stats": UNKNOWN,
    "-mllvm -some-option=list": UNKNOWN,
}


@pytest.mark.parametrize(("compiler", "flags"), [
    *(("g++", flags) for flags in REASONS), *(("clang++-19", flags) for flags in CLANG_REASONS),
])  # fmt: skip
def test_the_person_is_told_which_flag_forbids_storing(plain: Desk, compiler: str, flags: str) -> None:
    """Whether the compiler likes the flag or not: only what was built can have a reason."""
    need(compiler)
    plain.write("my.specs", "")
    plain.write("my.cfg", "")
    plain.write("list", "")
    cell = plain.cell(shows("1"), *flags.split(), compiler=compiler)
    step = cell.build().steps[0]
    assert step.unstored.endswith((REASONS | CLANG_REASONS)[flags]), step
    assert step.unstored.startswith(tuple(flags.split())), step
    assert cell.build().cache == "miss"


@pytest.mark.parametrize("flags", [
    "-fvisibility=hidden -fmax-errors=3 -fcf-protection=full -ffp-contract=off -frandom-seed=x",
    "-fsanitize=undefined -fno-sanitize-recover=undefined -fdebug-prefix-map=/a=/b -mstackrealign",
])  # fmt: skip
def test_options_that_name_no_file_are_stored(both: Desk, flags: str) -> None:
    cell = both.cell(shows("1"), *flags.split())
    if both.compiler != "g++" and "sanitize" in flags:
        cell.flags = cell.flags[2:]  # its runtime may not be installed
    assert [cell.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]


@pytest.mark.parametrize("variable", ["DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES"])
def test_a_variable_that_writes_files_forbids_storing(plain: Desk, variable: str) -> None:
    cell = plain.cell(shows("1"))
    cell.env[variable] = str(plain.path("list"))
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert cell.build().steps[0].unstored == f"the variable {variable} makes the compiler write other files"


def test_whatever_the_flags_a_second_file_is_noticed(plain: Desk) -> None:
    """A compiler that one day writes more than it was asked for, with no flag that zcnb knows."""
    body = 'for a; do case "$p" in -o) echo notes > "$a.notes";; esac; p=$a; done\nexec /usr/bin/as "$@"'
    plain.script("tools/as", body)
    cell = plain.cell(shows("1"), PATH=f"{plain.path('tools')}:{os.environ['PATH']}")
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert cell.build().steps[0].unstored == "the tool also wrote cell.o.notes"


@pytest.mark.parametrize("flags", [("-Wl,@more",), ("-Xlinker", "@more")], ids=["-Wl", "-Xlinker"])
def test_a_linker_script_in_the_linkers_own_response_file(plain: Desk, flags: tuple[str, ...]) -> None:
    """Nothing is stored, so an edit shows at once, in the script and in the file that names it."""
    plain.write("more", "script.ld")
    plain.write("script.ld", absolute(1))
    plain.write("other.ld", absolute(3))
    cell = plain.cell(ADDRESS, "-no-pie", *flags)
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert all(f"{flags[-1]} reads" in step.unstored for step in cell.build().steps), cell.build().steps
    plain.write("script.ld", absolute(2))
    assert cell.look() == ("miss", "2")
    plain.write("more", "other.ld")
    assert cell.look() == ("miss", "3")
    plain.write("more", "script.ld")
    plain.write("script.ld", absolute(1))
    assert cell.look() == ("miss", "1")


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
