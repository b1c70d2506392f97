"""What a person sees in JupyterLab: cards, progress, live output, interrupt, health, errors, saved notebooks."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import DARK, LIGHT, Lab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed"),
    pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed"),
]

LOAD = "%load_ext zcnb"
WIDGET = ".jupyter-widgets.widget-html .zcnb"
WRONG = """%%cpp
#include <string>

int main() {
    std::string text = 42;
}
"""
WAITS_FOR_A_FILE = """%%cpp
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

int main() {
    std::cout << "the first line" << std::endl;
    while (!std::filesystem::exists("go"))
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::cout << "the second line" << std::endl;
}
"""
ENDLESS = """%%cpp
#include <iostream>
#include <unistd.h>

int main() {
    std::cout << "process " << getpid() << std::endl;
    for (;;) pause();
}
"""
SLOW_COMPILER = """#!/bin/sh
case "$*" in *--version*|*-dump*|*-print*|*-E*) ;; *" -c "*) sleep 1.5 ;; esac
exec g++ "$@"
"""


def hello(words: str, options: str = "") -> str:
    """A cell that prints `words`; different words make it a miss."""
    return f'%%cpp {options}\n#include <cstdio>\n\nint main() {{ std::puts("{words}"); }}\n'


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests; each opens a notebook of its own."""
    with Lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


def card(lab: Lab, index: int) -> Locator:
    """The card of one cell."""
    return lab.output(index).locator(".zcnb")


def test_a_miss_then_a_hit(lab: Lab) -> None:
    lab.open([LOAD, hello("hello from C++")])
    lab.run(0, 1)
    expect(card(lab, 1)).to_contain_text("miss")
    expect(card(lab, 1)).to_contain_text("exit 0")
    expect(lab.output(1)).to_contain_text("hello from C++")
    lab.run(1)
    expect(card(lab, 1)).to_contain_text("hit")
    expect(card(lab, 1)).not_to_contain_text("miss")
    expect(lab.output(1)).to_contain_text("hello from C++")


def test_a_finished_card_settles_to_plain_data(lab: Lab) -> None:
    lab.open([LOAD, hello("a widget")])
    lab.run(0, 1)
    expect(card(lab, 1)).to_contain_text("exit 0")
    expect(lab.output(1).locator(WIDGET)).to_have_count(0)
    expect(card(lab, 1)).to_contain_text("exit 0")


def test_the_folds_tell_time_and_command(lab: Lab) -> None:
    lab.open([LOAD, hello("folds")])
    lab.run(0, 1)
    times, command = card(lab, 1).locator("table").first, card(lab, 1).locator("td", has_text="g++").last
    expect(times).to_be_hidden()
    expect(command).to_be_hidden()
    for fold in card(lab, 1).locator("summary").all():
        fold.click()
    expect(times).to_be_visible()
    expect(times).to_contain_text("lookup")
    expect(command).to_be_visible()


def test_a_long_compilation_shows_its_progress(lab: Lab) -> None:
    compiler = lab.notebooks / "slow-g++"
    compiler.write_text(SLOW_COMPILER)
    compiler.chmod(0o755)
    lab.open([LOAD, hello("at last", "--compiler ./slow-g++")])
    lab.run(0)
    lab.start(1)
    expect(lab.output(1).locator(".widget-hprogress")).to_be_visible()
    expect(lab.output(1)).to_contain_text("C++: compile")
    assert lab.prompt(1) == "[*]:"
    lab.finished(1)
    expect(card(lab, 1)).to_contain_text("miss")
    expect(lab.output(1)).to_contain_text("at last")
    expect(lab.output(1).locator(".widget-hprogress")).to_have_count(0)


def test_output_is_live(lab: Lab) -> None:
    lab.open([LOAD, WAITS_FOR_A_FILE])
    lab.run(0)
    lab.start(1)
    expect(lab.output(1)).to_contain_text("the first line")
    expect(lab.output(1).locator(WIDGET)).to_contain_text("running")
    assert lab.prompt(1) == "[*]:"
    (lab.notebooks / "go").touch()
    expect(lab.output(1)).to_contain_text("the second line")
    lab.finished(1)
    expect(card(lab, 1)).to_contain_text("exit 0")


def test_an_interrupt_ends_the_program(lab: Lab) -> None:
    lab.open([LOAD, ENDLESS, hello("after the interrupt")])
    lab.run(0)
    lab.start(1)
    expect(lab.output(1)).to_contain_text(re.compile(r"process \d+"))
    pid = int(re.findall(r"process (\d+)", lab.output(1).inner_text())[0])
    lab.interrupt()
    lab.finished(1)
    expect(card(lab, 1)).to_contain_text("interrupted")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    lab.run(2)
    expect(lab.output(2)).to_contain_text("after the interrupt")


def test_the_health_table_updates_by_itself(lab: Lab) -> None:
    lab.open([LOAD, hello("a healthy cell"), "%zcnb status"])
    lab.run(0, 1, 2)
    health = lab.output(2)
    expect(health).to_contain_text("zcnb daemon")
    expect(health.locator("table")).to_contain_text("ready")
    before = _hits(health)
    lab.run(1)
    expect(card(lab, 1)).to_contain_text("hit")
    expect(health.locator("table")).to_contain_text(f"({before + 1} hit")
    assert lab.prompt(2) == "[3]:"  # it did not run again


def _hits(health: Locator) -> int:
    found = re.search(r"\((\d+) hits?", health.inner_text())
    assert found
    return int(found[1])


def test_a_compile_error_names_the_cells_line(lab: Lab) -> None:
    lab.open([LOAD, WRONG, "print('not reached')"])
    lab.run_all()
    errors = card(lab, 1).locator("pre", has_text="error:").first
    expect(errors).to_be_visible()
    word = errors.locator("span", has_text=re.compile("^error")).first
    expect(word).to_have_css("font-weight", "700")
    expect(word).not_to_have_css("color", _text_colour(errors))
    assert lab.prompt(1) == "[2]:"
    expect(errors).to_contain_text(re.compile(r"In\[2\]:5:\d+:"))
    expect(lab.output(1)).to_contain_text("CompileError: In[2] does not compile: g++ found 1 error")
    expect(lab.output(2)).not_to_contain_text("not reached")


def _text_colour(element: Locator) -> str:
    return str(element.evaluate("element => getComputedStyle(element).color"))


def test_saved_outputs_hold_the_facts(lab: Lab) -> None:
    path = lab.open([LOAD, hello("saved")])
    lab.run(0, 1)
    expect(card(lab, 1)).to_contain_text("exit 0")
    lab.save()
    outputs = json.loads(path.read_text())["cells"][1]["outputs"]
    shown = [output["data"] for output in outputs if output["output_type"] == "display_data"]
    assert len(shown) == 1
    assert "[zcnb] miss" in _joined(shown[0]["text/plain"])
    assert "<b>miss</b>" in _joined(shown[0]["text/html"])


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def test_the_card_survives_a_reload(lab: Lab) -> None:
    lab.open([LOAD, hello("reloaded")])
    lab.run(0, 1)
    expect(card(lab, 1)).to_contain_text("exit 0")
    expect(lab.output(1).locator(WIDGET)).to_have_count(0)
    lab.save()
    lab.reload()
    expect(lab.output(1)).to_contain_text("reloaded")
    expect(card(lab, 1)).to_contain_text("miss")


def test_the_card_survives_its_kernel(lab: Lab) -> None:
    lab.open([LOAD, hello("reopened")])
    lab.run(0, 1)
    expect(card(lab, 1)).to_contain_text("exit 0")
    expect(lab.output(1).locator(WIDGET)).to_have_count(0)
    lab.save()
    lab.end_kernels()
    lab.reload()
    expect(lab.output(1)).to_contain_text("reopened")
    expect(card(lab, 1)).to_contain_text("miss")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_stands_out_from_its_background(lab: Lab, tmp_path: Path, theme: str) -> None:
    lab.open([LOAD, hello("legible"), WRONG])
    lab.theme(theme)
    try:
        lab.run(0, 1, 2)
        for index in (1, 2):
            card(lab, index).locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
        lab.picture(lab.page.locator(".jp-Notebook"), tmp_path / "theme.png")
        faint = {text: ratio for index in (1, 2) for text, ratio in _contrasts(card(lab, index)) if ratio < READABLE}
        assert not faint
    finally:
        lab.theme(LIGHT)


READABLE = 4.5
"""The least contrast of text that the accessibility guidelines (WCAG AA) ask for."""


def _contrasts(element: Locator) -> list[tuple[str, float]]:
    """Each piece of text and the contrast of its colour with what is behind it, 1 to 21."""
    return [(str(text), float(ratio)) for text, ratio in element.evaluate(CONTRASTS)]


CONTRASTS = """root => {
  const parse = css => css.match(/[\\d.]+/g).map(Number);
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), owner = walker.currentNode.parentElement;
    if (!text || owner.ariaHidden) continue;
    const a = light(parse(getComputedStyle(owner).color).slice(0, 3)), b = light(behind(owner));
    found.push([text, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}"""
