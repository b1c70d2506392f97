"""The sizes of programs, against binutils' own count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb_kernel.sweep.sections import Sizes, sizes_of

SOURCE = """
#include <stdio.h>
int numbers[1000] = {1, 2, 3};
static int zeros[50000];
const char *const words[] = {"some", "constant", "words"};
int main(void) { printf("%d %s %d\\n", numbers[1], words[1], zeros[3]); return 0; }
"""


def said_by_size(path: Path) -> Sizes:
    """What `size` says: text, data, bss."""
    row = subprocess.run([need("size"), str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[1]
    text, data, *_ = (int(word) for word in row.split()[:2])
    return Sizes(text, data)


@pytest.mark.parametrize("flags", [("-O0",), ("-O2", "-static"), ("-g", "-O1"), ("-s",), ("-c",)])
def test_as_size_counts(tmp_path: Path, flags: tuple[str, ...]) -> None:
    program = tmp_path / "program"
    (tmp_path / "unit.c").write_text(SOURCE)
    subprocess.run([need("gcc"), *flags, "unit.c", "-o", str(program)], cwd=tmp_path, check=True)
    sizes = sizes_of(str(program))
    assert sizes == said_by_size(program)
    assert sizes.data >= 4000


def test_programs_of_others(tmp_path: Path) -> None:
    assert sizes_of(need("gcc")) == said_by_size(Path(need("gcc")).resolve())
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    assert sizes_of(str(script)) is None
    assert sizes_of(str(tmp_path / "nowhere")) is None


@pytest.mark.parametrize("length", [4, 16, 40, 64, 1000, 5000])
def test_a_file_cut_short_has_no_size(tmp_path: Path, length: int) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(Path(sys.executable).resolve().read_bytes()[:length])
    assert sizes_of(str(cut)) is None
