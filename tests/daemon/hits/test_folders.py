"""The same cell in different folders."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.hits.desk import (
    INCLUDES,
    Desk,
    shows,
)


def test_same_cell_in_two_folders_with_other_headers(desk: Desk) -> None:
    desk.value("one/x.h", 1)
    desk.value("two/x.h", 2)
    cell = desk.cell(INCLUDES)
    for folder, seen in (("one", "miss"), ("two", "miss"), ("one", "hit"), ("two", "hit")):
        cell.folder = desk.path(folder)
        assert cell.look() == (seen, "1" if folder == "one" else "2")


def test_same_cell_in_two_folders_with_equal_headers(both: Desk) -> None:
    both.value("one/x.h", 1)
    both.value("two/x.h", 1)
    cell = both.cell(INCLUDES)
    for folder, seen in (("one", "miss"), ("two", "hit")):
        cell.folder = both.path(folder)
        assert cell.look() == (seen, "1")


def test_debug_information_names_the_right_folder(both: Desk) -> None:
    cell = both.cell(shows("1"), "-g")
    for name in ("one", "two"):
        cell.folder = both.path(name)
        cell.folder.mkdir()
        data = Path(cell.build().program).read_bytes()
        assert str(cell.folder).encode() in data
        assert str(both.path("two" if name == "one" else "one")).encode() not in data
