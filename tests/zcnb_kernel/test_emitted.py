"""What `--emit` and `--remarks` show: text and HTML, of values made by hand and of what real compilers wrote."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import need
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb.model.spec import Emit
from zcnb_kernel import emitted, render
from zcnb_kernel.emitted import MOST_ROWS, without_noise
from zcnb_kernel.report import Report

SOURCE = "\nint twice(int v) {\n    return v + v;\n}\nint main() { return twice(21); }\n"
ASSEMBLY = """\
\t.file 1 "cell.cpp"
_Z5twicei:
\t.loc 1 3 1
\tlea\teax, [rdi+rdi]
\tret
main:
\t.loc 1 5 1
\tcall\t_Z5twicei
"""
REMARKS = "cell.cpp:5:14: optimized: Inlining int twice(int)/1 into int main()/2.\nx.h:1:1: missed: no\n"


def report(**fields: Any) -> Report:
    step = StepReport(step="compile", cache="hit", saved_ms=2.0, argv=("g++", "-S", "cell.cpp", "-o", "cell.s"))
    info = CompilerInfo(name="g++", path="/usr/bin/g++", version="12.2.0")
    diagnostics = fields.pop("diagnostics", "")
    values = {"emit": "asm", "emitted": ASSEMBLY, "unit": "cell.cpp", "source": SOURCE} | fields
    built = Built(ok=True, compiler=info, steps=(step,), diagnostics=diagnostics)
    return Report(built=built, cell="In[3]", language="c++", **values)


def backgrounds(page: str) -> list[tuple[str, str]]:
    """(colour, text) of the coloured rows."""
    rows = re.findall(r'<span style="display:block[^"]*background:([^"]+)">(.*?)\n</span>', page)
    return [(colour, re.sub(r"<[^>]*>", "", body).strip()) for colour, body in rows]


def test_assembly_stands_in_both_forms() -> None:
    need("c++filt")
    for form in (render.text(report()), render.html(report())):
        assert "hit" in form
        assert "assembly" in form
        assert "twice(int):" in form
        assert "lea     eax, [rdi+rdi]" in form
    assert "        ; line 3\n        lea" in render.text(report())


def test_a_line_and_what_became_of_it_have_one_colour() -> None:
    rows = backgrounds(render.html(report()))
    assert [text for _, text in rows] == [
        "3    return v + v;", "5int main() { return twice(21); }", "3        lea     eax, [rdi+rdi]", "ret",
        "5        call    twice(int)",
    ]  # fmt: skip
    three, five = rows[0][0], rows[1][0]
    assert three != five
    assert [colour for colour, _ in rows] == [three, five, three, three, five]


def test_the_source_is_numbered_as_in_the_editor() -> None:
    page = re.sub(r"<[^>]*>", "", emitted.html(report()))
    assert re.match(r"\s*2int twice\(int v\) \{\n\s*3    return", page)


def test_html_is_escaped() -> None:
    nasty = report(source='\nint <b>"&x"</b>;', emitted="f:\n\tcall\tg<int>&\n", diagnostics="", remarked=True)
    page = emitted.html(nasty)
    assert "<b>&quot;" not in page
    assert "&lt;b&gt;&quot;&amp;x&quot;&lt;/b&gt;" in page
    assert "g&lt;int&gt;&amp;" in page


def test_long_texts_end_with_how_much_more_there_is() -> None:
    long = report(emit="mir", emitted="\n".join(f"line {number}" for number in range(MOST_ROWS + 1234)))
    for form in (emitted.text(long), emitted.html(long)):
        assert f"line {MOST_ROWS - 1}" in form
        assert f"line {MOST_ROWS}" not in form
        assert "1,234 more lines; `%zcnb last` has the whole text as `.emitted`" in form
    assert long.emitted.endswith(str(MOST_ROWS + 1233))


def test_a_long_row_is_cut_and_whole_in_its_title() -> None:
    page = emitted.html(report(emit="mir", emitted="a" * 5000))
    assert f'title="{"a" * 2000}"' in page
    assert "…" in page


def test_remarks_stand_under_their_lines_in_both_forms() -> None:
    made = report(diagnostics=REMARKS, remarked=True)
    for form in (render.text(made), re.sub(r"<[^>]*>", "", render.html(made))):
        assert re.search(r"5:? ?int main\(\) \{ return twice\(21\); \}\s+inlined:?\s+Inlining int twice\(int\)", form)
        assert "1 more in headers and libraries: 1 missed" in form
        assert "messages" not in form


def test_remarks_come_with_a_program_too() -> None:
    made = report(emit="program", emitted="", diagnostics=REMARKS, remarked=True, exit_code=0)
    assert "inlined: Inlining" in render.text(made)
    assert "exit 0" in render.text(made)


def test_no_remarks_say_how_to_get_some() -> None:
    made = report(remarked=True)
    for form in (emitted.text(made), emitted.html(made)):
        assert "nothing about the cell" in form
        assert "-O2" in form


def test_without_the_option_remarks_stay_messages() -> None:
    made = report(diagnostics=REMARKS)
    assert (made.remarks, made.messages) == ([], REMARKS)
    assert "What the optimizer says" not in render.text(made)


def test_nothing_is_shown_of_a_program() -> None:
    plain = report(emit="program", emitted="")
    assert (emitted.text(plain), emitted.html(plain)) == ("", "")


@pytest.mark.parametrize("compiler", ["g++", "clang++-19"])
def test_preprocessed_headers_are_one_line_each(compiler: str, tmp_path: Path) -> None:
    (tmp_path / "own.h").write_text("#include <cstddef>\nint from_own;\n")
    (tmp_path / "forced.h").write_text("int forced;\n")
    cell = '\n#include <cstdio>\n#include "own.h"\n\n\n#define N 4\nint a[N];\n#include "own.h"\nint main() {}\n'
    (tmp_path / "cell.cpp").write_text(cell)
    argv = [need(compiler), "-include", "forced.h", "-E", "cell.cpp"]
    text = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    shown = without_noise(text, "preprocessed", "cell.cpp").split("\n")
    headers = [re.findall(r"[\w.]+(?=: [\d,]+ lines$)", row)[0] for row in shown if row.startswith("//")]
    assert headers == ["forced.h", "cstdio", "own.h", "own.h"]
    assert [row for row in shown if row and not row.startswith("//")] == ["int a[4];", "int main() {}"]


def test_ir_loses_metadata_and_attributes_and_keeps_the_code(tmp_path: Path) -> None:
    source = 'int printf(const char *, ...);\nint f(int *p) { return *p + printf("a !b c"); }\n'
    (tmp_path / "cell.c").write_text(source)
    argv = [need("clang-19"), "-O1", "-g", "-S", "-emit-llvm", "cell.c", "-o", "-"]
    text = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    shown = without_noise(text, "llvm-ir", "cell.c")
    assert re.search(r"![\w(]", shown.replace("a !b c", "")) is None
    assert re.search(r"#\d|attributes|ModuleID|dbg", shown) is None
    assert 'c"a !b c\\00"' in shown
    instructions = [
        line.partition(",")[0] for line in text.split("\n") if re.match(r"  (?:%|ret|call|tail call i)", line)
    ]
    assert len(instructions) >= 4
    assert [line for line in instructions if line.partition("#")[0].rstrip() not in shown] == []


def test_preprocessed_source_without_line_markers_is_shown_whole() -> None:
    assert without_noise("int a;\n\n\nint main() {}\n", "preprocessed", "cell.cpp") == "int a;\n\nint main() {}"


@given(st.text(), st.sampled_from(["llvm-ir", "preprocessed", "mir", "asm"]))
def test_any_text_can_be_shown(text: str, emit: Emit) -> None:
    made = report(emit=emit, emitted=text.encode("utf-8", "replace").decode(), remarked=True, diagnostics=text[:50])
    assert emitted.text(made)
    assert emitted.html(made).count("<span") == emitted.html(made).count("</span>")


def test_mir_is_shown_as_it_is() -> None:
    assert without_noise("fn main() {\n    // x\n}\n\n", "mir", "cell.rs") == "fn main() {\n    // x\n}"
