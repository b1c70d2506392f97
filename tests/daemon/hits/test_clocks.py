"""Programs that know the time of day are never stored."""

from __future__ import annotations

import re

import pytest

from tests.daemon.hits.desk import (
    Cell,
    Desk,
    output,
    shows,
)

PASTED = "#define CAT(a, b) a##b\n#define PASTE(a, b) CAT(a, b)\n#define NOW PASTE(__TI, ME__)\n"


def never_stored(cell: Cell, reason: str = "time of day|__TIME__") -> None:
    first, second = cell.build(), cell.build()
    assert (first.ok, second.ok) == (True, True), first.diagnostics
    assert [built.steps[0].cache for built in (first, second)] == ["miss", "miss"]
    assert all(re.search(reason, built.steps[0].unstored) for built in (first, second)), second.steps


def never_a_hit(cell: Cell) -> None:
    """For what cannot be proven to read the clock: any reason will do, as long as nothing old comes back."""
    first, second = cell.build(), cell.build()
    assert len(output(first)) == 8
    assert [built.steps[0].cache for built in (first, second)] == ["miss", "miss"]


@pytest.mark.parametrize("word", ["__TIME__", "__DATE__", "__TIMESTAMP__"])
def test_clock(both: Desk, word: str) -> None:
    never_stored(both.cell(shows(word, form="%s")))


def test_clock_in_a_header(both: Desk) -> None:
    both.write("x.h", "#define NOW __TIME__\n")
    never_stored(both.cell(shows("NOW", '#include "x.h"', form="%s")))


def test_clock_pasted(both: Desk) -> None:
    never_stored(both.cell(shows("NOW", PASTED, form="%s")))


def test_clock_pasted_in_a_header(both: Desk) -> None:
    both.write("x.h", PASTED)
    never_stored(both.cell(shows("NOW", '#include "x.h"', form="%s")))


def test_clock_pasted_with_warnings_as_errors(both: Desk) -> None:
    never_stored(both.cell(shows("NOW", PASTED, form="%s"), "-Werror"))


@pytest.mark.parametrize("flag", ["-w", "-Wno-date-time"])
def test_clock_pasted_with_the_warning_off(both: Desk, flag: str) -> None:
    never_a_hit(both.cell(shows("NOW", PASTED, form="%s"), flag))


@pytest.mark.parametrize("flag", ["-w", "-Wno-date-time"])
def test_clock_pasted_in_a_header_with_the_warning_off(both: Desk, flag: str) -> None:
    both.write("x.h", PASTED)
    never_a_hit(both.cell(shows("NOW", '#include "x.h"', form="%s"), flag))


@pytest.mark.parametrize("pieces", ["__TI, ME__, ", "_, _TIME_, _", "__T, I, ME__", "__, TIME__, "])
def test_clock_pasted_with_the_warning_off_by_pragma(both: Desk, pieces: str) -> None:
    head = '#pragma GCC diagnostic ignored "-Wdate-time"\n#define CAT(a, b, c) a##b##c\n'
    never_a_hit(both.cell(shows(f"CAT({pieces})", head, form="%s")))


def test_clock_pasted_in_a_system_header(both: Desk) -> None:
    both.write("inc/x.h", PASTED + "static const char *now = NOW;\n")
    never_a_hit(both.cell(shows("now", "#include <x.h>", form="%s"), "-isystem", "inc"))


def test_diagnostics_do_not_speak_of_our_warning(both: Desk) -> None:
    assert "date-time" not in both.cell(shows("NOW", PASTED, form="%s")).build().diagnostics
