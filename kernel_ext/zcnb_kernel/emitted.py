"""What `--emit` and `--remarks` show: reports in, text and HTML out.

The assembly stands beside the cell, each line of the cell and what became of it
on the same colour; numbers in the margin say the same without colours. The
colours are translucent, for light and dark pages alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from zcnb.model.spec import Emit
from zcnb_kernel import remarks
from zcnb_kernel.assembly import Listing
from zcnb_kernel.remarks import Remark
from zcnb_kernel.report import Report
from zcnb_kernel.symbols import demangled, folded

NAMES: dict[Emit, str] = {
    "asm": "assembly",
    "llvm-ir": "LLVM IR",
    "preprocessed": "preprocessed source",
    "mir": "MIR",
}
MOST_ROWS = 1000
"""Of one text: more is not read in a notebook, and makes it slow to open."""
MOST_COLUMNS = 180
"""Of one row; longer names lose their template arguments first."""

_NOTHING = "  nothing about the cell's lines; without an optimization flag (-O2, for Rust -O) it has little to say"
_COLOURS: dict[str, str] = {"missed": "#b26a00", "analysis": "#808080"}
_GOOD = "#2e9e44"

_MARKER = re.compile(r'#(?:line)? (\d+) "((?:[^"\\]|\\.)*)"((?: \d)*)\s*$')
_IR_NOISE = re.compile(
    r"!|attributes #|; (?:ModuleID|Function Attrs)|source_filename|target (?:datalayout|triple)|\S+ = comdat "
    r"|\s*#dbg_|\s*(?:tail )?call void @llvm\.dbg\.|declare void @llvm\.dbg\."
)
_IR_REFERENCES = re.compile(r",? ![\w.]+(?: ![\w.]+|\(.*?\))?(?=[ ,]|$)|(?<=[)\w]) #\d+(?=[ {,]|$)")


def text(report: Report) -> str:
    """The remarks and the text that was asked for; empty if there are none."""
    return "\n".join(part for part in (_remarks_text(report), _text(report)) if part)


def html(report: Report) -> str:
    """The same as a page's part."""
    return _remarks_html(report) + (_html(report) if report.emitted else "")


def without_noise(emitted: str, emit: Emit, unit: str) -> str:
    """A text other than assembly, without what a reader of the cell does not look for."""
    if emit == "llvm-ir":
        return demangled("\n".join(_code_of_ir(emitted)).strip("\n"))
    if emit == "preprocessed":
        return "\n".join(_own_part(emitted, unit)).strip("\n")
    return emitted.strip("\n")


def _code_of_ir(emitted: str) -> Iterator[str]:
    """LLVM IR without metadata and groups of attributes, and without references to them."""
    blank = False
    for line in emitted.split("\n"):
        if _IR_NOISE.match(line):
            continue
        if line.strip() or not blank:
            literal, quote, rest = line.rpartition('"')  # what stands in quotes is the program's
            yield literal + quote + _IR_REFERENCES.sub("", rest)
        blank = not line.strip()


def _own_part(emitted: str, unit: str) -> Iterator[str]:
    """Preprocessed source: the lines of `unit`, and for each header that it includes one line in its place.
    Without line markers (`-P`) it is all the unit's."""
    own, header, lines, blank = True, "", 0, True
    for line in emitted.split("\n"):
        marker = _MARKER.match(line)
        if marker is not None:
            own = marker[2] == unit
            if not own and not marker[2].startswith("<"):  # such as <command-line>, which includes for -include
                header = header or marker[2]
                continue
            if header and lines:
                yield f"// {header}: {lines:,} lines"
            header, lines = "", 0
        elif not own:
            lines += 1
        else:
            if line.strip() or not blank:
                yield line
            blank = not line.strip()


def _text(report: Report) -> str:
    if not report.emitted:
        return ""
    shown = report.listing.plain() if report.emit == "asm" else _quiet(report)
    rows = shown.split("\n")
    rest = _left_out(len(rows))
    return "\n".join([*(folded(row, MOST_COLUMNS) for row in rows[:MOST_ROWS]), *([rest] if rest else [])])


def _quiet(report: Report) -> str:
    return without_noise(report.emitted, report.emit, report.unit)


def _left_out(rows: int) -> str:
    """What is said of the rows that are not shown; empty if all are."""
    left = rows - MOST_ROWS
    return f"… {left:,} more lines; `%zcnb last` has the whole text as `.emitted`" if left > 0 else ""


_SIDES = '<div style="display:flex;flex-wrap:wrap;gap:.4em 1em;align-items:flex-start;margin:.3em 0 .3em 1.1em">'
_PRE = (
    "margin:0;min-width:0;max-height:38em;overflow:auto;white-space:pre;font-size:12px;line-height:1.4;"
    "tab-size:4;padding:.2em 0"
)
_MARGIN = "display:inline-block;width:3em;padding-right:.8em;text-align:right;opacity:.55;user-select:none"


def _html(report: Report) -> str:
    if report.emit == "asm":
        return f"{_SIDES}{_side(_source_rows(report), '1 1 22em')}{_side(_assembly_rows(report), '1 1 26em')}</div>"
    rows = _quiet(report).split("\n")
    shown = [_row(_cell(row), "") for row in rows[:MOST_ROWS]]
    return f"{_SIDES}{_side([*shown, _note(_left_out(len(rows)))], '1 1 40em')}</div>"


def _side(rows: Iterable[str], flex: str) -> str:
    return f'<pre style="flex:{flex};{_PRE}">{"".join(rows)}</pre>'


def _source_rows(report: Report) -> Iterator[str]:
    colours = _colours(report.listing)
    rows = report.source.rstrip("\n").split("\n")
    first = next((number for number, row in enumerate(rows) if row.strip()), 0)
    for number, row in enumerate(rows[first : first + MOST_ROWS], first + 1):
        yield _row(_cell(row), str(number), colours.get(number, ""))
    yield _note(_left_out(len(rows) - first))


def _assembly_rows(report: Report) -> Iterator[str]:
    colours = _colours(report.listing)
    rows = report.listing.rows
    before = 0
    for row in rows[:MOST_ROWS]:
        line = row.line if row.kind == "instruction" else 0
        yield _row(_cell(row.text), str(line) if line not in {0, before} else "", colours.get(line, ""))
        before = line
    yield _note(_left_out(len(rows)))


def _colours(listing: Listing) -> dict[int, str]:
    """A colour for each of the cell's lines that something was made from. Neighbours are far apart: by the golden
    angle."""
    lines = sorted({row.line for row in listing.rows} - {0})
    return {line: f"hsla({rank * 137.5 % 360:.0f},75%,55%,.26)" for rank, line in enumerate(lines)}


def _row(body: str, margin: str, colour: str = "") -> str:
    """A line that is one also where styles are stripped: the line break stands inside of the block."""
    back = f"background:{colour}" if colour else ""
    return f'<span style="display:block;width:max-content;min-width:100%;{back}">{_margin(margin)}{body}\n</span>'


def _margin(number: str) -> str:
    return f'<span style="{_MARGIN}">{number:>4}</span>'


def _cell(row: str) -> str:
    short = folded(row, MOST_COLUMNS)
    return escape(row) if short == row else f'<span title="{escape(row[:2000])}">{escape(short)}</span>'


def _note(said: str) -> str:
    return _row(f"<i>{escape(said)}</i>", "") if said else ""


def _remarks_text(report: Report) -> str:
    """The remarks at the cell's lines under those lines, and how many there are elsewhere."""
    if not report.remarked:
        return ""
    shown = []
    for line, made in remarks.own(report.remarks, report.unit).items():
        shown.append(f"  line {line}: {_source_line(report, line)}")
        said = (f"      {remark.kind}: {_said(remark, times)}" for remark, times in remarks.counted(made))
        shown += [folded(row, MOST_COLUMNS) for row in said]
    return "\n".join(["What the optimizer says:", *(shown or [_NOTHING]), *_elsewhere(report)])


def _remarks_html(report: Report) -> str:
    if not report.remarked:
        return ""
    rows = []
    for line, made in remarks.own(report.remarks, report.unit).items():
        rows.append(_row(f"<b>{_cell(_source_line(report, line))}</b>", str(line)))
        rows += [_row(_remark(remark, times), "") for remark, times in remarks.counted(made)]
    rows = rows or [_note(_NOTHING.strip())]
    rows += [_note(said.strip()) for said in _elsewhere(report)]
    summary = '<summary style="cursor:pointer">what the optimizer says</summary>'
    return f'<details open style="margin-left:1.1em">{summary}{_side(rows, "none")}</details>'


def _remark(remark: Remark, times: int) -> str:
    colour = _COLOURS.get(remark.kind, _GOOD)
    return f'<span style="color:{colour}">{remark.kind:<10}</span> {_cell(_said(remark, times))}'


def _said(remark: Remark, times: int) -> str:
    return f"{remark.message} ({times} times)" if times > 1 else remark.message


def _elsewhere(report: Report) -> list[str]:
    said = remarks.others(report.remarks, report.unit)
    return [f"  {said}"] if said else []


def _source_line(report: Report, line: int) -> str:
    rows = report.source.split("\n")
    return rows[line - 1].strip() if line <= len(rows) else ""
