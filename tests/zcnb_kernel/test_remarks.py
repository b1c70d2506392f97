"""Remarks in the words of gcc 12, clang 19 and rustc 1.95, between other messages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import need
from zcnb.toolchain.registry import CLANG as ADAPTER
from zcnb_kernel.remarks import Remark, counted, others, own, parse

GCC = """\
cell.cpp:17:23: missed: couldn't vectorize loop
cell.cpp:18:12: missed: not vectorized: no vectype for stmt: _4 = *_3;
 scalar_type: float
cell.cpp:11:18: optimized: loop vectorized using 16 byte vectors
cell.cpp:25:16: optimized:  Inlining int sum(int)/1254 into int main(int, char**)/1294.
/usr/include/c++/12/bits/stl_vector.h:133:14: optimized:  Inlining f()/1276 into g()/1279.
"""
GCC_WARNING = """\
\x1b[01m\x1b[Kcell.cpp:\x1b[m\x1b[K In function '\x1b[01m\x1b[Kint main()\x1b[m\x1b[K':
\x1b[01m\x1b[Kcell.cpp:3:7:\x1b[m\x1b[K \x1b[01;35m\x1b[Kwarning: \x1b[m\x1b[Kunused variable
    3 |   int \x1b[01;35m\x1b[Kunused\x1b[m\x1b[K = 1;
      |       \x1b[01;35m\x1b[K^~~~~~\x1b[m\x1b[K
"""
CLANG = """\
In file included from cell.cpp:2:
In file included from /usr/include/c++/12/vector:63:
\x1b[1m/usr/include/c++/12/bits/alloc_traits.h:464:20: \x1b[0m\x1b[0;1;34mremark: \x1b[0m\x1b[1m'_Z1fv' inlined into \
'_Z1gv' with (cost=always): always inline attribute at callsite g:1:20; [-Rpass=inline]\x1b[0m
  464 |       { \x1b[0;34mreturn\x1b[0m __a.allocate(__n); }\x1b[0m
      | \x1b[0;1;32m                   ^
\x1b[0m\x1b[1mcell.cpp:11:16: \x1b[0m\x1b[0;1;34mremark: \x1b[0m\x1b[1mvectorized loop (vectorization width: 4, \
interleaved count: 2) [-Rpass=loop-vectorize]\x1b[0m
   11 |     \x1b[0;34mfor\x1b[0m (\x1b[0;34mint\x1b[0m x : v)\x1b[0m
      | \x1b[0;1;32m               ^
\x1b[0m\x1b[1mcell.cpp:2:6: \x1b[0m\x1b[0;1;34mremark: \x1b[0m\x1b[1mloop not vectorized [-Rpass-missed=loop-vectorize]
    2 | void f() {
      |      ^
cell.cpp:2:6: note: could not determine the original source location for cell.cpp:5:3
cell.cpp:7:3: remark: loop not vectorized: unsafe [-Rpass-analysis=loop-vectorize]
"""
CLANG_WARNING = """\
In file included from cell.cpp:2:
./x.h:3:7: warning: unused variable 'unused' [-Wunused-variable]
    3 |   int unused = 1;
      |       ^~~~~~
1 warning generated.
"""
RUST = """\
\x1b[1m\x1b[92mnote\x1b[0m\x1b[1m: cell.rs:20:13 inline (missed): _ZN1fE will not be inlined into _ZN1gE because its \
definition is unavailable\x1b[0m

note: cell.rs:24:28 inline (success): '_ZN1fE' inlined into 'main' with (cost=15) at callsite main:5:28;

note: /rustc/5980/library/core/src/iter/range.rs:772:12 loop-vectorize (success): vectorized loop (width: 4)

note: cell.rs:9:1 loop-vectorize (analysis): loop not vectorized

note: inline (missed): no place

"""
RUST_WARNING = """\
\x1b[1m\x1b[33mwarning\x1b[0m\x1b[1m: unused variable: `unused`\x1b[0m
 --> cell.rs:3:9
  |
3 |     let unused = 1;
  |         ^^^^^^ help: if this is intentional, prefix it with an underscore: `_unused`
  |
  = note: `#[warn(unused_variables)]` on by default

\x1b[1m\x1b[33mwarning\x1b[0m\x1b[1m: 1 warning emitted\x1b[0m

"""


def told(remarks: list[Remark], unit: str) -> list[tuple[int, str, str]]:
    return [(r.line, r.kind, r.message) for found in own(remarks, unit).values() for r in found]


def test_gcc() -> None:
    remarks, rest = parse(GCC, "cell.cpp")
    assert rest == ""
    assert told(remarks, "cell.cpp") == [
        (11, "vectorized", "loop vectorized using 16 byte vectors"),
        (17, "missed", "couldn't vectorize loop"),
        (18, "missed", "not vectorized: no vectype for stmt: _4 = *_3"),
        (25, "inlined", "Inlining int sum(int) into int main(int, char**)."),
    ]
    assert others(remarks, "cell.cpp") == "1 more in headers and libraries: 1 inlined"


def test_clang() -> None:
    remarks, rest = parse(CLANG, "cell.cpp")
    assert rest == ""
    assert told(remarks, "cell.cpp") == [
        (5, "missed", "loop not vectorized"),
        (7, "analysis", "loop not vectorized: unsafe"),
        (11, "vectorized", "vectorized loop (vectorization width: 4, interleaved count: 2)"),
    ]
    assert [remark.file for remark in remarks[:-1]] == ["cell.cpp"] * 3
    assert "'_Z1fv' inlined into '_Z1gv' with (cost=always): always inline attribute" in {r.message for r in remarks}


CELL = """\
#include "x.h"
int total(const std::vector<int>& values) {
    int found = 0;
    for (int value : values)
        found += value;
    return found;
}
float scale(float* v, int n) {
    for (int i = 0; i < n; ++i)
        v[i] *= 2;
    return v[0];
}
int main(int argc, char**) {
    Pair pair{argc, 2};
    std::vector<int> values(100, pair.sum());
    return total(values);
}
"""
NOTE = "cell.cpp:{}: note: could not determine the original source location for cell.cpp:{}\n    1 | void f() {{\n"
REMARK = "{}: remark: {} [-Rpass=inline]\n   | ^\n"


@pytest.mark.parametrize("before", [True, False], ids=["before and after", "only after"])
def test_clang_says_the_true_place_of_a_remark_beside_it(before: bool) -> None:
    """A remark in a header, which needs no such note, stands between two of the cell's."""

    def moved(given: str, really: str, message: str) -> str:
        note = NOTE.format(given, really)
        return (note if before else "") + REMARK.format(f"cell.cpp:{given}", message) + note

    parts = (
        REMARK.format("x.h:9:9", "first"), moved("2:6", "5:3", "second"), moved("2:6", "6:3", "third"),
        REMARK.format("x.h:9:9", "fourth"), moved("7:1", "8:3", "fifth"), moved("7:1", "8:3", "fifth"),
    )  # fmt: skip
    remarks, rest = parse("".join(parts), "cell.cpp")
    assert rest == ""
    places = [(remark.file, remark.line, remark.message) for remark in remarks]
    assert places == [
        ("cell.cpp", 5, "second"), ("cell.cpp", 6, "third"), ("cell.cpp", 8, "fifth"),
        ("x.h", 9, "first"), ("x.h", 9, "fourth"),
    ]  # fmt: skip


def test_clangs_remarks_are_the_same_when_the_cells_folder_is_mapped_away(tmp_path: Path) -> None:
    """Compiled from a private folder, as cells are, and in place."""
    compiler = need("clang++-19")
    (tmp_path / "x.h").write_text("struct Pair { int a, b; int sum() const { return a + b; } };\n#include <vector>\n")
    (tmp_path / "cell.cpp").write_text(CELL)
    told = []
    for mapped in ([], [f"-ffile-prefix-map={tmp_path}/="]):
        argv = [compiler, "-O3", *ADAPTER.remarks, *mapped, "-c", f"{tmp_path}/cell.cpp", "-o", f"{tmp_path}/cell.o"]
        said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
        remarks, rest = parse(said.replace(f"{tmp_path}/", ""), "cell.cpp")
        assert rest == ""
        told.append([(remark.line, remark.kind, remark.message) for remark in remarks if remark.file == "cell.cpp"])
    assert told[0] == told[1]
    assert {4, 9} <= {line for line, kind, _ in told[0] if kind == "vectorized"}


def test_rust() -> None:
    remarks, rest = parse(RUST, "cell.rs")
    assert rest == ""
    assert told(remarks, "cell.rs") == [
        (9, "analysis", "loop not vectorized"),
        (20, "missed", "_ZN1fE will not be inlined into _ZN1gE because its definition is unavailable"),
        (24, "inlined", "'_ZN1fE' inlined into 'main' with (cost=15)"),
    ]
    assert others(remarks, "cell.rs") == "2 more in headers and libraries: 1 vectorized, 1 missed"


@pytest.mark.parametrize(
    ("remarks", "warning"),
    [(GCC, GCC_WARNING), (CLANG, CLANG_WARNING), (RUST, RUST_WARNING)],
    ids=["gcc", "clang", "rustc"],
)
def test_other_messages_stay_as_they_are(remarks: str, warning: str) -> None:
    for text in (warning + remarks, remarks + warning, remarks + warning + remarks):
        assert parse(text, "cell.cpp")[1] == warning
    assert parse(warning, "cell.cpp") == ([], warning)


def test_the_same_remark_is_told_once_with_how_often() -> None:
    text = "".join(f"cell.cpp:4:{column}: optimized: loop vectorized\n" for column in (1, 1, 7))
    remarks, _ = parse(text, "cell.cpp")
    assert [(remark.column, times) for remark, times in counted(remarks)] == [(1, 2)]


@given(st.lists(st.sampled_from([*(GCC + CLANG + RUST).splitlines(), "x", "", " y"]), max_size=20))
def test_nothing_that_is_no_remark_gets_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    remarks, rest = parse(text, "cell.cpp")
    assert sum(line == "x" for line in rest.split("\n")) == sum(line == "x" for line in lines)
    assert [r for r in remarks if r.line < 0] == []


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    remarks, rest = parse(text, "cell.cpp")
    assert remarks or rest == text
