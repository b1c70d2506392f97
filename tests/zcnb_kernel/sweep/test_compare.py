"""Two texts side by side."""

from __future__ import annotations

from zcnb_kernel.sweep.compare import WIDTH, Comparison, Pair

LEFT = ("main:", "\tmov eax, 1", "\tcall <f>", "\tret")
RIGHT = ("main:", "\tmov eax, 2", "\tret", "\tnop")
MADE = Comparison(titles=("0: -O0", "1: <O2>"), left=LEFT, right=RIGHT)


def test_what_differs_is_marked() -> None:
    assert [pair.mark for pair in MADE.pairs()] == [" ", "|", "<", " ", ">"]
    assert list(MADE.pairs())[2] == Pair("<", "\tcall <f>")


def test_every_line_of_both_is_there_in_order() -> None:
    pairs = list(MADE.pairs())
    assert tuple(pair.left for pair in pairs if pair.mark != ">") == LEFT
    assert tuple(pair.right for pair in pairs if pair.mark != "<") == RIGHT


def test_text_is_in_columns() -> None:
    title, rule, first, changed, gone, *_ = repr(MADE).splitlines()
    assert title.split() == ["0:", "-O0", "1:", "<O2>"]
    assert set(rule) == {"-"}
    assert first.split() == ["main:", "main:"]
    assert changed[WIDTH : WIDTH + 3] == " | "
    assert gone.endswith("<")


def test_html_is_escaped() -> None:
    page = MADE._repr_html_()
    assert "call &lt;f&gt;" in page
    assert "&lt;O2&gt;" in page
    assert "<f>" not in page
