"""A sweep as HTML. Pure: values in, strings out.

The table is sorted without a script, which front ends do not run from outputs:
each column has two hidden radio buttons (up, down) whose labels are its head,
each row carries its rank by each column, and a style rule makes the ranks by the
chosen column the order of the rows. Where styles are taken out (code hosts), an
ordinary table is left. Names are unique to each rendering, or two tables on one
page would sort each other.
"""

from __future__ import annotations

import secrets
from html import escape
from typing import Any

from zcnb.errors import UsageError
from zcnb_kernel import render
from zcnb_kernel.sweep.columns import Column, columns_of, summary, why
from zcnb_kernel.sweep.result import Row, Sweep

FOLDED = 16_000
"""Characters of a variant's messages that are shown; all of them are in `.diagnostics`."""

_ASIDE = "position:absolute;opacity:0;pointer-events:none"
_RULES = (
    "table{display:grid;grid-template-columns:repeat(@,auto);width:max-content;max-width:100%;overflow-x:auto;"
    "margin:.3em 0;border:none;font-size:12px}",
    "thead{display:contents}",
    "tbody{display:contents}",
    "tr{display:grid;grid-template-columns:subgrid;grid-column:1/-1;padding:0;background:none;"
    "border-bottom:1px solid rgba(128,128,128,.25)}",
    "tbody tr:hover{background:rgba(128,128,128,.12)}",
    "th{padding:.1em .5em;text-align:right;white-space:nowrap;line-height:1.8;font-weight:bold}",
    "td{padding:.1em .5em;text-align:right;white-space:nowrap;line-height:1.8;max-width:none;"
    "font-variant-numeric:tabular-nums}",
    ".left{text-align:left}",
    ".bar{background:linear-gradient(to left,rgba(76,140,220,.25) var(--w,0%),transparent 0)}",
    ".best .bar{font-weight:bold}",
    ".bad{color:var(--jp-error-color1,#c62828)}",
    ".told{grid-column:1/-1;text-align:left;white-space:normal;contain:inline-size}",
    "pre{max-height:24em;overflow:auto!important}",
    "th label{cursor:pointer}",
    "th .down{display:none}",
    "th .down::before{content:attr(aria-label)}",
)
"""Rules for what is inside; `@` is the number of columns."""

_CHOSEN = (
    (" tbody tr", "order:var(--{way}{at})"),
    (" th:nth-child({nth})::after", 'content:" {arrow}"'),
    (" th:nth-child({nth}) .{way}", "display:none"),
    (" th:nth-child({nth}) .{other}", "display:inline"),
)
"""What it means that a column's button is chosen: the rows' order, an arrow, and a click goes the other way."""

_WAYS = (("up", "down", "▲"), ("down", "up", "▼"))


def html(sweep: Sweep, name: str = "") -> str:
    """The table with heads that sort it. All ids begin with `name`; with a fresh one if it is empty."""
    name = name or "zcnb-" + secrets.token_hex(6)
    columns = columns_of(sweep)
    head = f"<div><b>sweep</b> of {escape(sweep.cell)} · {escape(summary(sweep))}</div>"
    head += "".join(f"<div>{escape(notice)}</div>" for notice in sweep.notices)
    buttons = "".join(_button(name, way, at) for at in range(len(columns)) for way, *_ in _WAYS)
    heads = "".join(_sorting_head(name, column, at) for at, column in enumerate(columns))
    ranks = [_ranks([column.key(row) for row in sweep]) for column in columns]
    best = _best(sweep)
    rows = "".join(
        _row(sweep, row, columns, _order(ranks, number), is_best=row is best) for number, row in enumerate(sweep)
    )
    style = _style(name, len(columns)) + "".join(_sorting_rules(name, at) for at in range(len(columns)))
    return _framed(name, style, head + buttons + _table(heads, rows))


def live(sweep: Sweep, fraction: float, said: str) -> str:
    """The table as it grows, under a progress bar. Without sorting: it is replaced several times a second."""
    name, columns = "zcnb-" + secrets.token_hex(6), columns_of(sweep)
    bar = (
        '<div style="width:20em;height:.7em;background:rgba(128,128,128,.25);border-radius:.2em;margin-right:.8em">'
        f'<div style="width:{100 * fraction:.1f}%;height:100%;border-radius:.2em;'
        'background:var(--jp-brand-color1,#1976d2)"></div></div>'
    )
    head = f'<div style="display:flex;align-items:center;padding:.2em 0">{bar}<span>{escape(said)}</span></div>'
    heads = "".join(f"<th{_class(column)}>{escape(column.title)}</th>" for column in columns)
    rows = "".join(f"<tr>{_cells(sweep, row, columns)}</tr>" for row in sweep)
    return _framed(name, _style(name, len(columns)), head + _table(heads, rows))


def _framed(name: str, style: str, body: str) -> str:
    return (
        f'<div class="zcnb" id="{name}" style="font-size:12px;line-height:1.5;padding-left:5px;position:relative">'
        f"<style>{style}</style>{body}</div>"
    )


def _table(heads: str, rows: str) -> str:
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _style(name: str, columns: int) -> str:
    return "".join(f"#{name} {rule.replace('@', str(columns))}" for rule in _RULES)


def _sorting_rules(name: str, at: int) -> str:
    return "".join(
        f"#{name}-{way}{at}:checked~table{place}{{{what}}}".replace("{nth}", str(at + 1))
        .replace("{way}", way).replace("{other}", other).replace("{arrow}", arrow).replace("{at}", str(at))
        for way, other, arrow in _WAYS
        for place, what in _CHOSEN
    )  # fmt: skip


def _button(name: str, way: str, at: int) -> str:
    return f'<input type="radio" name="{name}" id="{name}-{way}{at}" style="{_ASIDE}">'


def _sorting_head(name: str, column: Column, at: int) -> str:
    """The second label is empty where styles are taken out, so that the title stands there once."""
    title = escape(column.title)
    return (
        f'<th{_class(column)} title="{escape(column.hint)}"><label for="{name}-up{at}" class="up">{title}</label>'
        f'<label for="{name}-down{at}" class="down" aria-label="{title}"></label></th>'
    )


def _class(column: Column) -> str:
    return ' class="left"' if column.left else ""


def _row(sweep: Sweep, row: Row, columns: list[Column], order: str, *, is_best: bool) -> str:
    mark = ' class="best"' if is_best else ""
    return f'<tr{mark} style="{order}">{_cells(sweep, row, columns)}{_messages(sweep, row)}</tr>'


def _cells(sweep: Sweep, row: Row, columns: list[Column]) -> str:
    most = max((other.median_ms or 0.0 for other in sweep), default=0.0)
    return "".join(_cell(row, column, most) for column in columns)


def _cell(row: Row, column: Column, most: float) -> str:
    """One value; the median has a bar behind it, as long as its part of the slowest one's, `most`."""
    classes = ["left"] if column.left else []
    style = ""
    if column.title == "median ms" and row.median_ms:
        classes.append("bar")
        style = f' style="--w:{100 * row.median_ms / most:.0f}%"'
    if (column.title == "exit" and (row.ok is False or row.exit_code)) or (
        column.title == "same output" and row.same_output is False
    ):
        classes.append("bad")
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f"<td{named}{style}>{escape(column.shown(row))}</td>"


def _messages(sweep: Sweep, row: Row) -> str:
    """Why there is no program, or why it could not be started: one line below the row's values, which unfolds."""
    if not row.failed:
        return ""
    said = render.with_name(row.diagnostics, sweep.cell).strip()
    if len(said) > FOLDED:
        said = f"{said[:FOLDED]}\n… all of it: .rows[{row.index}].diagnostics"
    line = escape(why(row, sweep.cell))
    return f'<td class="told"><details><summary>{line}</summary>{render.ansi_html(said)}</details></td>'


def _best(sweep: Sweep) -> Row | None:
    """The row to point out, if there is more than one and it can be said."""
    try:
        return sweep.best() if len(sweep) > 1 else None
    except UsageError:
        return None


def _ranks(keys: list[Any]) -> tuple[list[int], list[int]]:
    """For each row its place (from 1) in ascending and in descending order. Rows without a key come last, rows
    with the same key stay as they are."""
    known = [number for number, key in enumerate(keys) if key is not None]
    unknown = [number for number, key in enumerate(keys) if key is None]
    up = [*sorted(known, key=lambda number: keys[number]), *unknown]
    down = [*sorted(known, key=lambda number: keys[number], reverse=True), *unknown]
    return _places(up), _places(down)


def _places(order: list[int]) -> list[int]:
    places = [0] * len(order)
    for place, number in enumerate(order, 1):
        places[number] = place
    return places


def _order(ranks: list[tuple[list[int], list[int]]], number: int) -> str:
    """One row's ranks by all columns, as style."""
    return ";".join(f"--up{at}:{up[number]};--down{at}:{down[number]}" for at, (up, down) in enumerate(ranks))
