"""What a person sees of a sweep in JupyterLab: the table that grows, the result, sorting, a saved notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed"),
    pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed"),
]

LOAD = "%load_ext zcnb"
FLAGS = "-DMS=30 -DMS=3 -DMS=15 -DMS=oops"
CELL = f"""%%cpp --sweep "{FLAGS}" --repeat 3 --report kept
#include <iostream>
#include <unistd.h>

int main() {{
    usleep(1000 * MS);
    std::cout << "done";
}}
"""
WAITS = """%%cpp --sweep "-DN=0 -DN=1" --repeat 2 --report kept
#include <fstream>
#include <unistd.h>

int main() {
    std::ofstream("pid") << getpid() << std::flush;
    if (N == 1) for (;;) pause();
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests; each opens a notebook of its own."""
    with Lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


def order(lab: Lab, index: int) -> list[str]:
    """The flags from top to bottom, as they are seen."""
    rows = lab.output(index).locator("tbody tr").all()
    placed = [(row.bounding_box() or {"y": 0.0})["y"] for row in rows]
    flags = [row.locator("td").nth(1).inner_text() for row in rows]
    return [flag.removeprefix("-DMS=") for _, flag in sorted(zip(placed, flags, strict=True))]


def sort_by(lab: Lab, index: int, title: str) -> None:
    head(lab, index, title).locator("label:visible").click()


def head(lab: Lab, index: int, title: str) -> Locator:
    return lab.output(index).locator("th", has_text=title)


def test_it_grows_and_the_result_takes_its_place(lab: Lab) -> None:
    lab.open([LOAD, CELL])
    lab.run(0)
    lab.start(1)
    expect(lab.output(1)).to_contain_text(re.compile(r"built \d of 4"))
    lab.finished(1)
    expect(lab.output(1).locator("table")).to_have_count(1)
    expect(lab.output(1)).not_to_contain_text(re.compile(r"built \d of|ran \d+ of"))
    expect(lab.output(1).locator(".jp-OutputPrompt")).to_have_text("[2]:")
    expect(lab.output(1)).to_contain_text("4 variants × 3 runs")
    expect(lab.output(1).locator("tr.best")).to_contain_text("-DMS=3")


def test_a_click_sorts_also_in_a_notebook_that_was_saved_and_opened_again(lab: Lab) -> None:
    path = lab.open([LOAD, CELL])
    lab.run(0, 1)
    assert order(lab, 1) == ["30", "3", "15", "oops"]
    sort_by(lab, 1, "median ms")
    assert order(lab, 1) == ["3", "15", "30", "oops"]
    sort_by(lab, 1, "median ms")
    assert order(lab, 1) == ["30", "15", "3", "oops"]
    lab.save()
    outputs = json.loads(path.read_text())["cells"][1]["outputs"]
    assert [output["output_type"] for output in outputs] == ["execute_result"]
    lab.end_kernels()
    lab.reload()
    expect(lab.output(1).locator("tbody tr")).to_have_count(4)
    sort_by(lab, 1, "min ms")
    assert order(lab, 1) == ["3", "15", "30", "oops"]


def test_two_tables_do_not_sort_each_other(lab: Lab) -> None:
    lab.open([LOAD, CELL, "kept"])
    lab.run(0, 1, 2)
    sort_by(lab, 2, "median ms")
    assert order(lab, 2) == ["3", "15", "30", "oops"]
    assert order(lab, 1) == ["30", "3", "15", "oops"]


def test_what_does_not_compile_unfolds(lab: Lab) -> None:
    lab.open([LOAD, CELL])
    lab.run(0, 1)
    messages = lab.output(1).locator("details")
    expect(messages.locator("summary")).to_contain_text(re.compile("error: .oops. was not declared"))
    expect(messages.locator("pre")).to_be_hidden()
    before = lab.output(1).locator("table").bounding_box()
    messages.locator("summary").click()
    expect(messages.locator("pre")).to_contain_text("In[2]:6:")
    after = lab.output(1).locator("table").bounding_box()
    assert before
    assert after
    assert before["width"] == after["width"]


def test_both_sides_of_a_diff_are_in_sight(lab: Lab) -> None:
    """The names of templates are longer than half a page."""
    include = CELL.replace("#include <unistd.h>", "#include <unistd.h>\n#include <map>\n#include <string>")
    lab.open(
        [LOAD, include.replace("usleep", 'std::map<std::string, std::string> m; m["a"]; usleep'), "kept.diff(0, 1)"]
    )
    lab.run(0, 1, 2)
    page = lab.output(2).bounding_box()
    sides = [head.bounding_box() for head in lab.output(2).locator("th").all()]
    assert page
    assert [side and side["x"] + side["width"] <= page["x"] + page["width"] + 1 for side in sides] == [True, True]


def test_an_interrupt_leaves_the_table(lab: Lab) -> None:
    lab.open([LOAD, WAITS, "print([len(row.runs_ms) for row in kept])"])
    lab.run(0)
    lab.start(1)
    expect(lab.output(1)).to_contain_text("ran 1 of 4")
    lab.interrupt()
    lab.finished(1)
    expect(lab.output(1)).to_contain_text("KeyboardInterrupt")
    expect(lab.output(1)).to_contain_text("stopped")
    expect(lab.output(1).locator("table")).to_have_count(1)
    pid = int(Path(lab.notebooks / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    lab.run(2)
    expect(lab.output(2)).to_contain_text("[1, 0]")
