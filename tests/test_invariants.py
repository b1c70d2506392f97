"""INVARIANTS.md has every row once, with what can change, how it is tracked, and tests that exist."""

from __future__ import annotations

import pytest

from tests.test_conformance import ROOT, ROW, faults

TEXT = (ROOT / "share" / "doc" / "zcnb" / "INVARIANTS.md").read_text(encoding="utf-8")
GROUPS = {"W": 5, "H": 20, "T": 7, "F": 11, "E": 7, "L": 7, "C": 12}
EXPECTED = [f"{group}{number}" for group, last in GROUPS.items() for number in range(1, last + 1)]


def incomplete(text: str) -> list[str]:
    """The rows that do not say what can change and how it is tracked."""
    rows = [match.groups() for match in map(ROW.fullmatch, text.splitlines()) if match]
    cells = {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}
    return [name for name, (*said, _tests) in cells.items() if len(said) != 2 or not all(said)]


def test_every_row_is_there_once_with_tests_that_exist() -> None:
    assert faults(TEXT, EXPECTED, ROOT) == []


def test_every_row_says_what_changes_and_how_it_is_tracked() -> None:
    assert incomplete(TEXT) == []


@pytest.mark.parametrize(
    "row", ["| H1 | a header | `tests/a.py::test_a` |", "| H1 |  | input | `x` |", "| H1 | a | b | c | `x` |"]
)
def test_an_incomplete_row_is_told(row: str) -> None:
    assert incomplete(row) == ["H1"]
