"""Assembly as a person sees it in JupyterLab: beside its source, in the same colours, in light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import DARK, LIGHT, Lab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed"),
    pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed"),
]
CELL = """%%cpp --emit asm -O1
int twice(int value) {
    return value + value;
}

int main() { return twice(21); }
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A notebook with the cell run, and its card settled: a widget no more."""
    with Lab(tmp_path_factory.mktemp("lab")) as made:
        made.open(["%load_ext zcnb", CELL])
        made.run(0, 1)
        expect(made.output(1).locator(".jupyter-widgets")).to_have_count(0)
        expect(made.output(1).locator(".zcnb pre")).to_have_count(2)
        yield made


def row(lab: Lab, side: int, text: str) -> Locator:
    """The row of the source (0) or of the assembly (1) that holds `text`."""
    return lab.output(1).locator(".zcnb pre").nth(side).locator("> span", has_text=text)


def colour(found: Locator) -> str:
    return str(found.evaluate("row => getComputedStyle(row).backgroundColor"))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_line_and_its_instructions_have_one_colour(lab: Lab, theme: str) -> None:
    lab.theme(theme)
    line, instruction = row(lab, 0, "return value + value"), row(lab, 1, "lea")
    assert colour(line) == colour(instruction)
    assert colour(line) not in {colour(row(lab, 0, "int main")), "rgba(0, 0, 0, 0)"}
    assert colour(row(lab, 1, "twice(int):")) == "rgba(0, 0, 0, 0)"


def test_rows_are_as_high_as_each_other_and_columns_side_by_side(lab: Lab) -> None:
    source, assembly = (lab.output(1).locator(".zcnb pre").nth(side).bounding_box() for side in (0, 1))
    assert source is not None
    assert assembly is not None
    assert abs(source["y"] - assembly["y"]) < 2
    assert source["x"] + source["width"] <= assembly["x"]
    heights = [
        row(lab, side, text).evaluate("row => row.getBoundingClientRect().height")
        for side, text in ((0, "int twice"), (0, "return value"), (1, "twice(int):"), (1, "lea"))
    ]
    assert max(heights) - min(heights) < 1


def test_on_a_narrow_page_the_assembly_stands_below(lab: Lab) -> None:
    lab.page.set_viewport_size({"width": 520, "height": 900})
    source, assembly = (lab.output(1).locator(".zcnb pre").nth(side).bounding_box() for side in (0, 1))
    assert source is not None
    assert assembly is not None
    assert assembly["y"] >= source["y"] + source["height"]
