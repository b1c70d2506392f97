"""What the table of a sweep says, column by column; as text and as Markdown. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zcnb_kernel import render
from zcnb_kernel.sweep.result import Row, Sweep

LONGEST = 300
"""Characters of the line that says why a variant failed."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is what it is sorted by; rows whose key is `None` come last."""

    title: str
    hint: str
    shown: Callable[[Row], str]
    key: Callable[[Row], Any]
    wanted: Callable[[Sweep], bool] = lambda sweep: True
    left: bool = False


def _ms(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def ending(row: Row) -> str:
    """How it ended, in a word or two; empty if it did not run."""
    if row.ok is False:
        return "not built"
    if row.timed_out:
        return "timed out"
    return "" if row.exit_code is None else render.signal_name(row.exit_code) or str(row.exit_code)


def _same(row: Row) -> str:
    if row.same_output is None:
        return ""
    return "yes" if row.same_output else "no" if row.steady else "varies"


def _ran(sweep: Sweep) -> bool:
    return sweep.repeat > 0


COLUMNS = (
    Column("#", "as in sweep[#] and .diff(#, #)", lambda row: str(row.index), lambda row: row.index),
    Column(
        "flags", "what the sweep added to the flags of the line", lambda row: row.label, lambda row: row.label,
        lambda sweep: any(row.flags for row in sweep), left=True,
    ),
    Column(
        "compiler", "name and version", lambda row: row.compiler, lambda row: row.compiler,
        lambda sweep: len({row.compiler for row in sweep}) > 1, left=True,
    ),
    Column(
        "compile ms", "compiling and linking: this time, or (hit) when it was done",
        lambda row: _ms(row.compile_ms, 0), lambda row: row.compile_ms,
    ),
    Column(
        "cached", "was the program in the cache?",
        lambda row: render.WORDS[row.cache] if row.cache else "", lambda row: row.cache, left=True,
    ),
    Column(
        "text B", "bytes of code and constants", lambda row: _count(row.text_bytes), lambda row: row.text_bytes,
    ),
    Column(
        "data B", "bytes of variables with an initial value",
        lambda row: _count(row.data_bytes), lambda row: row.data_bytes,
    ),
    Column("min ms", "the fastest run", lambda row: _ms(row.min_ms, 2), lambda row: row.min_ms, _ran),
    Column("median ms", "the run in the middle", lambda row: _ms(row.median_ms, 2), lambda row: row.median_ms, _ran),
    Column(
        "spread ms", "the middle half of the runs lies this close together",
        lambda row: _ms(row.spread_ms, 2), lambda row: row.spread_ms, _ran,
    ),
    Column("exit", "exit code, or what ended it", ending, lambda row: ending(row) or None),
    Column(
        "same output", "did every run do what the first run of all did?", _same, lambda row: _same(row) or None,
        _ran, left=True,
    ),
)  # fmt: skip


def columns_of(sweep: Sweep) -> list[Column]:
    """The columns that say something about this sweep."""
    return [column for column in COLUMNS if column.wanted(sweep)]


def summary(sweep: Sweep) -> str:
    """One line: what was compared, and how much of it there is."""
    runs = f" × {_counted(sweep.repeat, 'run')}" if sweep.repeat else ""
    facts = [_counted(len(sweep), "variant") + runs]
    compilers = {row.compiler for row in sweep}
    if len(compilers) == 1:
        facts.append(compilers.pop())
    if sweep.flags:
        facts.append(shlex.join(sweep.flags))
    facts += [
        f"{number} {word}"
        for word, number in (
            ("from the cache", sum(row.cache == "hit" for row in sweep)),
            ("compiled", sum(row.cache in {"miss", "direct"} for row in sweep)),
            ("not built", sum(row.ok is False for row in sweep)),
        )
        if number
    ]
    return " · ".join([*(fact for fact in facts if fact), *(["stopped"] if sweep.interrupted else [])])


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def text(sweep: Sweep) -> str:
    """The table in plain characters, under a line that sums up."""
    columns = columns_of(sweep)
    body = [[column.title for column in columns], *([column.shown(row) for column in columns] for row in sweep)]
    widths = [max(len(row[at]) for row in body) for at in range(len(columns))]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if column.left else f"{cell:>{width}}"
            for cell, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in body
    ]
    head = [f"[zcnb] sweep of {sweep.cell}: {summary(sweep)}", *(f"  {notice}" for notice in sweep.notices)]
    return "\n".join([*head, *lines, *(f"  {row.index}: {why(row, sweep.cell)}" for row in sweep if row.failed)])


def why(row: Row, cell: str) -> str:
    """The line that says most about a variant that failed; the unit is called `cell`."""
    lines = render.ANSI.sub("", render.with_name(row.diagnostics, cell)).strip().splitlines() or [""]
    return next((line for line in lines if "error" in line), lines[0])[:LONGEST]


def markdown(sweep: Sweep) -> str:
    """The table as Markdown."""
    columns = columns_of(sweep)
    rows = [
        [column.title for column in columns],
        [":--" if column.left else "--:" for column in columns],
        *([_marked(column, row) for column in columns] for row in sweep),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _marked(column: Column, row: Row) -> str:
    shown = column.shown(row).replace("\n", " ").replace("|", "\\|")
    return f"`{shown}`" if column.title == "flags" and row.flags else shown
