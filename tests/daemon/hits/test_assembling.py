"""What the assembler reads."""

from __future__ import annotations

import pytest

from tests.daemon.hits.desk import (
    Desk,
    follows,
    shows,
    tick,
)

BINARY = shows("*data - 48", 'extern "C" const char data[];\n{asm}')
INCBIN = 'asm(".data\\n.globl data\\ndata: .incbin \\"d.bin\\"\\n.text");'


def test_incbin(both: Desk) -> None:
    both.write("d.bin", "1")
    cell = both.cell(BINARY.replace("{asm}", INCBIN))
    assert cell.look() == ("miss", "1")
    both.write("d.bin", "2")
    assert cell.look() == ("miss", "2")


def test_incbin_is_tracked_by_gcc(plain: Desk) -> None:
    plain.write("d.bin", "1")
    cell = plain.cell(BINARY.replace("{asm}", INCBIN))
    follows(cell, lambda: plain.write("d.bin", "2"), lambda: plain.write("d.bin", "1"))


@pytest.mark.parametrize("place", ["d.bin", "b/d.bin"])
def test_incbin_shadowed(plain: Desk, place: str) -> None:
    plain.write("a/d.bin", "1")
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(BINARY.replace("{asm}", INCBIN), "-Ib", "-Ia")
    assert cell.look() == ("miss", "1")
    plain.write(place, "2")
    assert cell.look() == ("miss", "2")


def test_incbin_hidden_in_a_macro_of_an_installed_header(both: Desk) -> None:
    """As with the incbin library in /usr/local/include: the cell itself does not say `asm`."""
    both.write("inc/incbin.h", f"#define INCBIN {INCBIN}\n")
    both.write("d.bin", "1")
    installed = f"/usr/..{both.path('inc')}"
    cell = both.cell(BINARY.replace("{asm}", "#include <incbin.h>\nINCBIN"), "-isystem", installed)
    assert cell.look() == ("miss", "1")
    both.write("d.bin", "2")
    assert cell.look() == ("miss", "2")


ASSEMBLES = '(".data\\n.globl data\\ndata: .incbin \\"d.bin\\"\\n.text")'


@pytest.mark.parametrize(
    ("head", "flag"),
    [("#define JOIN(a, b) a##b\nJOIN(as, m)" + ASSEMBLES, "-O1"), ("ASSEMBLES;", f"-DASSEMBLES=asm{ASSEMBLES}")],
)
def test_incbin_hidden_from_the_eye(both: Desk, head: str, flag: str) -> None:
    both.write("d.bin", "1")
    cell = both.cell(BINARY.replace("{asm}", f"{head};"), flag)
    assert cell.look() == ("miss", "1")
    both.write("d.bin", "2")
    assert cell.look() == ("miss", "2")
