"""Assembly and the other texts are held to what programs are: any change is a miss, changing it back is a hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import Cell, Desk, follows, marked, tick
from zcnb.model.spec import Emit

ANSWER = "\nint answer() { return V; }\nint main() { return answer() != 0; }\n"
RUST = 'fn answer() -> u32 { include!("v.in") }\nfn main() { std::process::exit(answer() as i32); }\n'


def text_of(desk: Desk, emit: Emit, include: str, *flags: str) -> Cell:
    """A cell whose text holds the `V` of a header."""
    if emit == "llvm-ir" and not desk.compiler.startswith("clang"):
        pytest.skip("it makes no LLVM IR")
    cell = desk.cell(f"#include {include}{ANSWER}", *flags)
    cell.change(emit=emit)
    return cell


@pytest.mark.parametrize("emit", ["asm", "preprocessed", "llvm-ir"])
def test_header_of_a_text(desk: Desk, emit: Emit) -> None:
    desk.value("x.h", 7001)
    follows(text_of(desk, emit, '"x.h"'), lambda: desk.value("x.h", 7002), lambda: desk.value("x.h", 7001))


@pytest.mark.parametrize("emit", ["asm", "preprocessed", "llvm-ir"])
def test_header_appears_earlier_for_a_text(desk: Desk, emit: Emit) -> None:
    desk.value("a/x.h", 7001)
    desk.path("b").mkdir()
    tick()
    cell = text_of(desk, emit, "<x.h>", "-Ib", "-Ia")
    follows(cell, lambda: desk.value("b/x.h", 7002), lambda: desk.remove("b/x.h"))


@pytest.mark.parametrize("emit", ["asm", "preprocessed", "llvm-ir"])
def test_header_asked_for_by_a_text(desk: Desk, emit: Emit) -> None:
    desk.value("x.h", 7001)
    cell = text_of(desk, emit, '"x.h"\n#if __has_include("y.h")\n#undef V\n#define V 7002\n#endif')
    follows(cell, lambda: desk.value("y.h", 0), lambda: desk.remove("y.h"))


@pytest.mark.parametrize("emit", ["asm", "preprocessed", "llvm-ir"])
def test_a_text_that_knows_the_time_is_not_stored(both: Desk, emit: Emit) -> None:
    both.write("x.h", "#define V 7001\nconst char *when = __TIME__;\n")
    cell = text_of(both, emit, '"x.h"')
    for _ in range(2):
        built = cell.build()
        assert (built.cache, marked(built)) == ("miss", "1")
        assert "time of day" in built.steps[0].unstored


def test_assembly_names_the_folder_it_was_asked_for_in(both: Desk) -> None:
    """Line numbers bring the working folder in: one folder's text must not answer another's request."""
    cell = both.cell("int main() { return 7001; }\n")
    cell.change(emit="asm")
    texts = {}
    for name in ("first", "second"):
        both.path(name).mkdir()
        cell.change(folder=both.path(name))
        assert cell.look() == ("miss", "1")
        texts[name] = Path(cell.build().emitted).read_text()
    assert str(both.path("first")) in texts["first"]
    assert str(both.path("first")) not in texts["second"]


@pytest.mark.parametrize("emit", ["asm", "llvm-ir", "mir"])
def test_what_a_rust_text_includes(plain: Desk, emit: Emit) -> None:
    need("rustc")
    plain.write("v.in", "7001")
    cell = plain.cell(RUST, language="rust", compiler="rustc")
    cell.change(emit=emit)
    follows(cell, lambda: plain.write("v.in", "7002"), lambda: plain.write("v.in", "7001"))


def test_a_variable_of_a_rust_text(plain: Desk) -> None:
    need("rustc")
    cell = plain.cell('fn main() { println!("{}", env!("ZT_VALUE")); }\n', language="rust", compiler="rustc")
    cell.change(emit="asm", env={**cell.env, "ZT_VALUE": "7001"})

    def become(value: str) -> None:
        cell.change(env={**cell.env, "ZT_VALUE": value})

    follows(cell, lambda: become("7002"), lambda: become("7001"))
