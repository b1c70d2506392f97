"""`--emit` and `--remarks` in a real kernel: shown, cached, refused, and without the daemon."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import need
from tests.zcnb_kernel.conftest import Kernel

pytestmark = pytest.mark.kernel

BODY = """
#include <cstdio>

int twice(int v) { return v + v; }

int main() { std::printf("%d", twice(21)); }
"""
ASM = f"%%cpp --emit asm -O1{BODY}"
EVICTING = """
import os
from zcnb_kernel import cell
read, gone = cell._read, []

def evicted_first(path):
    if not gone:
        gone.append(path)
        os.unlink(path)
    return read(path)

cell._read = evicted_first
"""
LOOP = """
void scale(float* v) {
    for (int i = 0; i < 4096; ++i)
        v[i] *= 2;
}

int main() {}
"""


def test_assembly_is_shown_beside_the_cell_and_a_hit_the_second_time(kernel: Kernel) -> None:
    first, second = kernel.run(ASM), kernel.run(ASM)
    assert (first.facts["cache"], second.facts["cache"]) == ("miss", "hit")
    for ran in (first, second):
        assert ran.error is None
        assert ran.stream("stdout") == ""
        data = ran.displays[-1]["data"]
        assert "; line 4" in data["text/plain"]
        for form in ("text/plain", "text/html"):
            assert "twice(int):" in data[form]
            assert ".cfi_" not in data[form]
        assert len(set(re.findall(r"background:(hsla[^\"]+)", data["text/html"]))) >= 2
    assert ran.facts["exit_code"] is None


def test_the_whole_text_is_in_the_report(kernel: Kernel) -> None:
    kernel.run(ASM.replace("--emit asm", "--emit asm --report r"))
    assert kernel.value("'.cfi_startproc' in r.emitted") == "True"
    assert kernel.value("[name for name in r.listing.functions]") == "['twice(int):', 'main:']"
    assert kernel.value("{row.line for row in r.listing.rows} <= {0, 4, 6}") == "True"
    assert "twice(int):" in str(kernel.run("%zcnb last").displays[-1]["data"]["text/plain"])


def test_the_text_is_the_same_without_the_daemon(kernel: Kernel) -> None:
    kernel.run(ASM.replace("--emit asm", "--emit asm --report cached"))
    kernel.run("%unload_ext zcnb\nimport os; os.environ['ZCNB_DISABLE'] = '1'\n%load_ext zcnb")
    ran = kernel.run(ASM.replace("--emit asm", "--emit asm --report direct"))
    assert ran.facts["cache"] == "direct"
    assert kernel.value("direct.emitted == cached.emitted != ''") == "True"


def test_an_edited_header_is_seen(kernel: Kernel, project: Path) -> None:
    cell = '%%cpp --emit preprocessed\n#include "x.h"\nint main() { return V; }'
    for value in ("41", "42"):
        (project / "x.h").write_text(f"#define V {value}\n")
        ran = kernel.run(cell)
        assert ran.facts["cache"] == "miss"
        assert f"return {value};" in ran.displays[-1]["data"]["text/plain"]


def test_no_cache_builds_the_text_anew(kernel: Kernel) -> None:
    kernel.run(ASM)
    assert kernel.run(ASM.replace("--emit", "--no-cache --emit")).facts["cache"] == "miss"
    assert kernel.run(ASM).facts["cache"] == "hit"


def test_a_text_that_is_evicted_before_it_is_read_is_made_again(kernel: Kernel) -> None:
    kernel.run(ASM)
    cell = ASM.replace("%%cpp", "%%cpp --report r")
    assert kernel.run(EVICTING).error is None
    assert kernel.run(cell).error is None
    assert kernel.value("(len(gone), 'twice' in r.emitted)") == "(1, True)"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%%cpp --emit asn", "did you mean asm?"),
        ("%%cpp --emit mir", "only Rust cells have it"),
        ("%%cpp --emit llvm-ir", "Add `--compiler clang++`"),
        ("%%rust --emit preprocessed", "Rust has no preprocessor"),
    ],
)
def test_what_cannot_be_had_is_said(kernel: Kernel, line: str, said: str) -> None:
    need("rustc")
    ran = kernel.run(f"{line}{BODY}")
    assert ran.error is not None
    assert ran.error["ename"] == "UsageError"
    assert said in ran.error["evalue"]


def test_an_error_in_the_cell_is_one_as_always(kernel: Kernel) -> None:
    ran = kernel.run("%%cpp --emit asm\nint main() { return x; }")
    assert ran.error is not None
    assert ran.error["ename"] == "CompileError"
    assert "In[2]:2" in re.sub(r"<[^>]+>", "", ran.displays[-1]["data"]["text/html"])


def test_rust(kernel: Kernel) -> None:
    need("rustc")
    main = "fn main() { std::process::exit(twice(std::hint::black_box(21))); }"
    body = f"#[inline(never)]\nfn twice(v: i32) -> i32 {{ v + v }}\n{main}"
    for emit, expected in (("asm", "cell::twice:"), ("llvm-ir", "twice"), ("mir", "fn twice(_1: i32)")):
        ran = kernel.run(f"%%rust -O --emit {emit}\n{body}")
        assert ran.error is None
        assert expected in ran.displays[-1]["data"]["text/plain"]


@pytest.mark.parametrize("compiler", ["g++", "clang++-19"])
def test_remarks_at_the_cells_lines_with_a_program_and_with_assembly(kernel: Kernel, compiler: str) -> None:
    need(compiler)
    for more in ("", "--emit asm"):
        cell = f"%%cpp -O3 -Wall --compiler {compiler} --remarks {more}{LOOP.replace('{}', '{ int unused; }')}"
        first, second = kernel.run(cell), kernel.run(cell)
        assert (first.facts["cache"], second.facts["cache"]) == ("miss", "hit")
        for ran in (first, second):
            data = ran.displays[-1]["data"]
            assert re.search(r"line 3: for .*\n\s+vectorized: ", data["text/plain"])
            assert "unused variable" in data["text/plain"]
            assert data["text/html"].count("loop vectorized") + data["text/html"].count("vectorized loop") == 1
    assert (
        kernel.run(f"%%cpp -O3 --compiler {compiler}{LOOP}").displays[-1]["data"]["text/plain"].count("vectorized") == 0
    )


def test_without_cxxfilt_names_stay_as_they_are(kernel: Kernel, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("g++", "as", "ld"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    kernel.run(f"import os; os.environ['PATH'] = {str(tools)!r}")
    ran = kernel.run(ASM)
    assert ran.error is None
    assert "_Z5twicei:" in ran.displays[-1]["data"]["text/plain"]
