"""The table as HTML: what is in it, and that it can be sorted without a script, in a real browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.lab import browser_page, chromium
from tests.zcnb_kernel.sweep.conftest import broken, row, sweep
from zcnb_kernel.sweep.page import FOLDED, html, live
from zcnb_kernel.sweep.result import Sweep

MANY = sweep(
    row(0, runs_ms=(30.0,), text_bytes=9_000),
    row(1, runs_ms=(4.0,), text_bytes=10_000),
    broken(2),
    row(3, runs_ms=(200.0,), text_bytes=800, same_output=False),
    row(4, runs_ms=(4.0,), text_bytes=None),
)


def test_every_fact_is_there() -> None:
    page = html(MANY)
    for fact in (
        "In[3]",
        "5 variants × 3 runs",
        "g++ 12.2.0",
        "-fnope",
        "not built",
        "9,000",
        "200.00",
        ">no<",
        "miss",
    ):
        assert fact in page
    assert page.count("<tr") == 6


def test_no_script_and_nothing_unescaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    page = html(
        sweep(
            row(0, flags=(f"-DX={evil}",), compiler=evil, stdout=evil),
            broken(1, evil),
            cell=evil,
            flags=(evil,),
            notices=(evil,),
        )
    )
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;img" in page
    assert "<img" not in live(sweep(row(0, compiler=evil)), 0.5, evil)


def test_messages_are_folded_name_the_cell_and_are_bounded() -> None:
    page = html(sweep(broken(0, "\x1b[31mcell.cpp:3:1:\x1b[0m error: no"), broken(1, "error " * FOLDED)))
    assert page.count("<details>") == 2
    assert "In[3]:3:1:" in page
    assert ".rows[1].diagnostics" in page
    assert len(page) < 3 * FOLDED


def test_two_renderings_share_no_name() -> None:
    first, second = (set(re.findall(r'(?:id|for|name)="([^"]+)"', html(MANY))) for _ in range(2))
    assert first
    assert not first & second


def test_every_label_and_every_rule_has_its_button() -> None:
    page = html(MANY, "t")
    buttons = set(re.findall(r'<input type="radio" name="t" id="([^"]+)"', page))
    assert set(re.findall(r'<label for="([^"]+)"', page)) == buttons
    assert set(re.findall(r"#([\w-]+):checked", page)) == buttons


def test_the_best_is_pointed_out() -> None:
    assert html(MANY).count('class="best"') == 1
    assert 'class="best"' not in html(sweep(row(0)))
    assert 'class="best"' not in html(sweep(row(0, same_output=False), row(1, same_output=False)))


def test_while_it_lasts_there_is_a_bar_and_no_button() -> None:
    page = live(
        sweep(row(0), row(1, ok=None, cache=None, compile_ms=None, runs_ms=(), exit_code=None)), 0.25, "at 1 of 4"
    )
    assert "width:25.0%" in page
    assert "at 1 of 4" in page
    assert "<input" not in page


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """An exported notebook with two sweeps, opened from its file."""
    if chromium() is None:
        pytest.skip("chromium is not installed")
    other = sweep(row(0, runs_ms=(5.0,)), row(1, runs_ms=(3.0,)), row(2, runs_ms=(4.0,)))
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_cell(MANY), _cell(other)]}
    export = tmp_path / "export.html"
    export.write_text(_exported(notebook), encoding="utf-8")
    with browser_page() as opened:
        opened.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort()
        )
        opened.goto(export.as_uri(), wait_until="domcontentloaded")
        yield opened


def _cell(made: Sweep) -> dict[str, Any]:
    data = {"text/plain": repr(made), "text/html": made._repr_html_()}
    output = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
    return {
        "cell_type": "code", "id": secrets.token_hex(4), "metadata": {}, "execution_count": 1, "source": "%%cpp",
        "outputs": [output],
    }  # fmt: skip


def _exported(notebook: dict[str, Any]) -> str:
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]  # nbconvert has no annotations here
    node = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]  # nor nbformat
    return str(exporter.from_notebook_node(node)[0])


def _box(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box is not None
    return box


def _numbers(table: Locator) -> list[int]:
    """The rows' numbers from top to bottom, as they are seen."""
    rows = table.locator("tbody tr").all()
    placed = [_box(row)["y"] for row in rows]
    numbers = [int(row.locator("td").first.inner_text()) for row in rows]
    return [number for _, number in sorted(zip(placed, numbers, strict=True))]


@pytest.mark.browser
def test_a_click_on_a_head_sorts_its_table_and_no_other(page: Page) -> None:
    first, second = page.locator(".zcnb table").all()
    assert _numbers(first) == [0, 1, 2, 3, 4]
    median = first.locator("th", has_text="median ms")
    median.locator("label:visible").click()
    assert _numbers(first) == [1, 4, 0, 3, 2]  # equal ones as they were; without a median last
    expect(median).to_have_text("median ms")
    median.locator("label:visible").click()
    assert _numbers(first) == [3, 0, 1, 4, 2]
    first.locator("th", has_text="text B").locator("label:visible").click()
    assert _numbers(first) == [3, 0, 1, 2, 4]  # by value, not by digits
    assert _numbers(second) == [0, 1, 2]
    second.locator("th", has_text="min ms").locator("label:visible").click()
    assert _numbers(second) == [1, 2, 0]
    assert _numbers(first) == [3, 0, 1, 2, 4]
    first.locator("th", has_text="#").locator("label:visible").click()
    assert _numbers(first) == [0, 1, 2, 3, 4]


@pytest.mark.browser
def test_an_arrow_says_which_way(page: Page) -> None:
    median = page.locator(".zcnb th", has_text="median ms").first
    arrow = "element => getComputedStyle(element, '::after').content"
    assert "▲" not in str(median.evaluate(arrow))
    median.locator("label:visible").click()
    assert "▲" in str(median.evaluate(arrow))
    median.locator("label:visible").click()
    assert "▼" in str(median.evaluate(arrow))


@pytest.mark.browser
def test_columns_line_up(page: Page) -> None:
    table = page.locator(".zcnb table").first
    heads = table.locator("thead th").all()
    cells = table.locator("tbody tr").nth(1).locator("td").all()
    for head, cell in zip(heads, cells, strict=True):
        assert _box(head)["x"] == _box(cell)["x"]
