"""Listings: of what g++ 12, clang++ 19 and rustc 1.95 wrote for `listings/cell.*` on x86-64, of texts made by hand, and
of anything at all.

`listings/*.s` is real compilers' output with line numbers, `*.txt` the listing that was read through once. After a
change that is meant: `python -m tests.zcnb_kernel.test_assembly` writes them anew, and the difference is to be read.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zcnb_kernel.assembly import Listing, Row, listing

LISTINGS = Path(__file__).parent / "listings"
TEXTS = sorted(LISTINGS.glob("*.s"))


def unit_of(path: Path) -> str:
    return "cell.rs" if path.name.startswith("rustc") else "cell.cpp"


def made_of(name: str) -> Listing:
    path = LISTINGS / name
    return listing(path.read_text(), unit_of(path))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_what_compilers_wrote(path: Path) -> None:
    assert listing(path.read_text(), unit_of(path)).plain() + "\n" == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_noise_is_left(path: Path) -> None:
    made = listing(path.read_text(), unit_of(path))
    text = "\n".join(row.text for row in made.rows)
    assert not re.search(r"\.(?:loc|file|cfi_\w+|size|type|globl|p2align|section|debug\w*)\b|#", text)
    labels = [row.text[:-1] for row in made.rows if row.kind == "label"]
    assert len(labels) == len(set(labels))
    unused = [label for label in labels if label.startswith(".L") and text.count(label) < 2]
    assert unused == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_line_is_one_of_the_cells(path: Path) -> None:
    source = (LISTINGS / unit_of(path)).read_text().split("\n")
    lines = {row.line for row in listing(path.read_text(), unit_of(path)).rows} - {0}
    assert len(lines) > 5
    assert all(source[line - 1].strip() for line in lines)


@pytest.mark.parametrize("name", ["gcc-O0.s", "gcc-O2.s", "clang-O0.s", "clang-O2.s"])
def test_library_functions_are_left_out_and_calls_of_them_are_not(name: str) -> None:
    made = made_of(name)
    assert "_Z8lib_onlyIiET_S0_" not in "".join(made.functions)
    assert any("_Z8lib_onlyIiET_S0_" in row.text for row in made.rows)
    assert {"_Z6scaledPKii:", "_Z6choseni:", "main:"} <= set(made.functions)


@pytest.mark.parametrize("name", ["gcc-O2.s", "clang-O2.s"])
def test_what_was_inlined_stays_and_is_no_line_of_the_cells(name: str) -> None:
    inlined = [row for row in made_of(name).rows if re.search(r"p?xor .*(?:, 85|xmm2)", row.text)]
    assert inlined
    assert {row.line for row in inlined} == {0}


@pytest.mark.parametrize("name", ["gcc-O0.s", "gcc-O2.s", "clang-O2.s"])
def test_a_jump_table_comes_with_its_targets(name: str) -> None:
    made = made_of(name)
    targets = {found[1] for row in made.rows if (found := re.match(r"\s+\.long\s+(\.L\w+)-", row.text))}
    assert len(targets) >= 5
    assert targets <= {row.text[:-1] for row in made.rows}


def test_rusts_own_entry_is_not_shown() -> None:
    assert "\nmain:" in (LISTINGS / "rustc-O2.s").read_text()
    assert "main:" not in made_of("rustc-O2.s").functions
    assert any("4cell4main" in name for name in made_of("rustc-O2.s").functions)


HEAD = '\t.file 1 "cell.cpp"\n\t.file 2 "/usr/include" "vector"\n'
OWN, FOREIGN = "\t.loc 1 3 1\n", "\t.loc 2 9 1\n"


def shown(text: str) -> list[str]:
    return [row.text.strip() for row in listing(text, "cell.cpp").rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("f:\n\tret\n", ["f:", "ret"]),
        ("f:\n\tret\n.L9:\n", ["f:", "ret"]),
        ("f:\n.L9:\n\tjmp\t.L9\n", ["f:", ".L9:", "jmp     .L9"]),
        ("f:\n1:\tlock; incl (%rdi)\n\tjne 1b\n", ["f:", "1:", "lock; incl (%rdi)", "jne 1b"]),
        ("f:\n\tret  # comment\n# another\n\t// a third\n", ["f:", "ret"]),
        ("f:\n\tmov\tw0, #5\n", ["f:", "mov     w0, #5"]),
        ("f:\n\tmov\teax, DWORD PTR fs:40\n", ["f:", "mov     eax, DWORD PTR fs:40"]),
        (f"{HEAD}f:\n{OWN}\tret\ng:\n{FOREIGN}\tret\n", ["f:", "ret"]),
        (f"{HEAD}f:\n{OWN}\tret\ng:\n\tret\n", ["f:", "ret", "g:", "ret"]),
        (f"{HEAD}g:\n{FOREIGN}\tret\n", ["g:", "ret"]),
        (f"{HEAD}f:\n\t.loc 1 0 0\n{FOREIGN}\tret\ng:\n{OWN}\tnop\n", ["g:", "nop"]),
        (f"{HEAD}f:\n{FOREIGN}\tnop\n{OWN}\tret\n", ["f:", "nop", "ret"]),
        ("f:\nf2:\n\tret\n", ["f:", "f2:", "ret"]),
        ('f:\n\tlea\t.LC0\n\t.data\n.LC0:\n\t.string "a # b"\n', ["f:", "lea     .LC0", ".LC0:", '.string "a # b"']),
        ("f:\n\tlea\ta\n\t.data\na:\n\t.quad\tb\nb:\n\t.long\t1\nc:\n\t.long\t2\n",
         ["f:", "lea     a", "a:", ".quad   b", "b:", ".long   1"]),
        ("\t.globl\tv\n\t.data\nv:\n\t.long\t3\n", ["v:", ".long   3"]),
        ("\t.weak\tv\n\t.data\nv:\n\t.long\t3\n", []),
        ("f:\n\tlea\tv\n\t.comm\tv,4,4\n", ["f:", "lea     v", "v:", ".comm   v,4,4"]),
        ("\t.section\t.debug_info\nf:\n\t.long\t1\n\t.text\ng:\n\tret\n", ["g:", "ret"]),
        ("f:\n\tnop\n\t.section .rodata\n.L4:\n\t.long\t.L5-.L4\n\t.text\n.L5:\n\tlea .L4\n",
         ["f:", "nop", ".L5:", "lea .L4", ".L4:", ".long   .L5-.L4"]),
        ("f:\n\tnop\n\t.pushsection .data\nd:\n\t.long 1\n\t.popsection\n\tret\n", ["f:", "nop", "ret"]),
        ('"a b":\n\tcall\t"c d"\n', ["a b:", 'call    "c d"']),
        (f"{HEAD}f:\n{OWN}\tret\n__clang_call_terminate:\n\tud2\n", ["f:", "ret"]),
        ("\t.globl\tv\n\t.data\nv:\n\t.long\t3\n\t.section .rodata\n\t.long\t4\n", ["v:", ".long   3"]),
        ("\tnop\n", ["nop"]),
    ],
)  # fmt: skip
def test_by_hand(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ('.file 1 "cell.cpp"', 3),
        ('.file 0 "/home/user" "cell.cpp" md5 0x1\n\t.file 1 "/home/user" "cell.cpp"', 3),
        ('.file 0 "/home/user" "cell.cpp"\n\t.file 1 "./sub" "cell.cpp"', 0),
        ('.file 1 "./cell.cpp"', 0),
        ('.file 1 "/usr/include" "vector"', 0),
        ('.file "cell.cpp"', 0),
    ],
)
def test_whose_line_it_is(file: str, line: int) -> None:
    (row,) = [row for row in listing(f"\t{file}\nf:\n{OWN}\tret\n", "cell.cpp").rows if row.kind == "instruction"]
    assert row.line == line


def test_a_function_without_line_numbers_does_not_go_on_with_the_last_ones() -> None:
    rows = listing(f"{HEAD}f:\n{OWN}\tret\ng:\n\tnop\n", "cell.cpp").rows
    assert [(row.text.strip(), row.line) for row in rows] == [("f:", 0), ("ret", 3), ("g:", 0), ("nop", 0)]


def test_lines_are_told_in_plain_text_where_they_change() -> None:
    rows = (Row("f:", "label"), Row("  a", line=3), Row("  b", line=3), Row("  c"), Row(".L1:", "label"), Row("  d"))
    assert Listing(rows).plain().split("\n") == [
        "f:", "        ; line 3", "  a", "  b", "        ; elsewhere", "  c", ".L1:", "  d",
    ]  # fmt: skip


def test_renaming_gets_everything_at_once_and_must_keep_the_lines() -> None:
    made = listing("f:\n\tcall\tg\n", "cell.cpp")
    renamed = made.renamed(lambda text: text.replace("f", "first").replace("g", "second"))
    assert ([row.text.strip() for row in renamed.rows], renamed.functions) == (
        ["first:", "call    second"],
        ("first:",),
    )
    assert made.renamed(lambda text: text.replace("\n", " ")) == made


PIECES = st.sampled_from([
    "f:", ".L1:", "\tjmp\t.L1", "\tcall\tf", "\t.text", "\t.data", "\t.section .rodata", "\t.popsection", "\t.previous",
    '\t.file 1 "cell.cpp"', '\t.file 2 "x" "y"', "\t.loc 1 2 3", "\t.loc 2 2 3", "\t.long .L1-f", '\t.string "#:;"',
    "\t.globl f", "\t.comm c,1", "# x", "1:", ":", "\t.", "a:b:c:", '"', "\t.loc 99999999999 1", "\t.section",
])  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=30).map("\n".join))
def test_any_text_gives_a_listing_and_that_is_one_too(text: str) -> None:
    made = listing(text, "cell.cpp")
    for row in made.rows:
        assert "\n" not in row.text
        assert row.line >= 0
    made.plain()
    again = listing("\n".join(row.text for row in made.rows), "cell.cpp")
    assert len(again.rows) <= len(made.rows)


if __name__ == "__main__":
    for path in TEXTS:
        path.with_suffix(".txt").write_text(listing(path.read_text(), unit_of(path)).plain() + "\n")
