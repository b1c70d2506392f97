"""Reports and health as text and HTML. Pure: values in, strings out.

Both forms say the same facts. HTML carries its style inline and no script, so
it reads the same in a live notebook, in an export and on a code host; colours
are the front end's own variables where it has them.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from html import escape
from typing import Any

from zcnb.model.health import Progress, Status
from zcnb.model.outcome import Built
from zcnb_kernel import emitted
from zcnb_kernel.report import Report

LANGUAGES = {"c": "C", "c++": "C++", "rust": "Rust"}
PHASES = ("lookup", "compile", "link", "run")
WORDS = {"hit": "hit", "miss": "miss", "direct": "without cache"}
DOTS = {"hit": "#2e9e44", "miss": "#c47f00", "direct": "#7a7a7a", "failed": "#d03030"}
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")

_SIGNALS = {
    signal.SIGSEGV: "it touched memory that is not its own (a null or dangling pointer, "
    "an index out of range, endless recursion)",
    signal.SIGABRT: "it gave up by itself (an assertion, an uncaught exception, `abort`)",
    signal.SIGFPE: "it divided an integer by zero",
    signal.SIGILL: "it met an instruction that this processor does not know",
    signal.SIGBUS: "it touched memory that cannot be read there",
    signal.SIGKILL: "something killed it, often the system because memory ran out",
    signal.SIGTERM: "it was asked to end",
    signal.SIGINT: "it was interrupted",
    signal.SIGPIPE: "it wrote to a pipe that nobody reads",
    signal.SIGTRAP: "it ran into a trap (in Rust and with sanitizers: a failed check)",
}
_NO_MAIN = re.compile(r"undefined (?:reference to|symbol:) [`']?main\b|function not found in crate|E0601")

_UNIT = re.compile(r"(?m)(^|[\s(`'\"]|\x1b\[[0-9;]*[mK])cell\.(?:cpp|c|rs)(?=:)")
"""The unit's name as tools print it; `./cell.cpp` is a file of the user's."""


def milliseconds(value: float) -> str:
    """Three significant figures: `0.42 ms`, `38 ms`, `1.24 s`."""
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms" if value >= 1 else f"{value:.2f} ms"


def signal_name(exit_code: int) -> str:
    """`SIGSEGV` for -11; empty for codes that are no signal."""
    try:
        return signal.Signals(-exit_code).name if exit_code < 0 else ""
    except ValueError:
        return f"signal {-exit_code}"


def compile_message(report: Report) -> str:
    """One or two sentences about a failed build; the details are in the card."""
    built = report.built
    if _NO_MAIN.search(built.diagnostics):
        start = "fn main() { ... }" if report.language == "rust" else "int main() { ... }"
        return f"{report.cell} has no main function. A cell is a whole program: it starts with `{start}`."
    count = len(re.findall(r"(?m)^(?:[^\n]*:\s)?(?:fatal )?error(?:\[E\d+\])?:", ANSI.sub("", built.diagnostics)))
    errors = f"{count} error{'s' if count != 1 else ''}" if count else f"exit code {built.exit_code}"
    step = "link" if built.steps and built.steps[-1].step == "link" else "compile"
    return f"{report.cell} does not {step}: {built.compiler.name} found {errors} (see above)."


def program_message(report: Report) -> str:
    """One or two sentences about a program that ended badly."""
    code = report.exit_code or 0
    if report.timed_out:
        return f"The program of {report.cell} did not end in time and was stopped (--timeout)."
    name = signal_name(code)
    if not name:
        return f"The program of {report.cell} ended with exit code {code}."
    meaning = _SIGNALS.get(signal.Signals(-code)) if name.startswith("SIG") else None
    return f"The program of {report.cell} was ended by {name}" + (f": {meaning}." if meaning else ".")


def readable(report: Report) -> str:
    """The diagnostics with the unit's name replaced by what people call the cell."""
    return with_name(report.messages, report.cell)


def with_name(diagnostics: str, cell: str) -> str:
    """`diagnostics` with the unit's name replaced by `cell`."""
    return _UNIT.sub(lambda match: match[1] + cell, diagnostics)


def text(report: Report, *, running: bool = False) -> str:
    """The card as text: one line, then further reasons and diagnostics (with terminal colours) if there are any, then
    what the optimizer said and the text that was asked for in place of a program."""
    line = f"[zcnb] {' · '.join(_facts(report, running))}"
    told = (*report.built.notices, *report.further)
    parts = [line, *(f"  {sentence}" for sentence in dict.fromkeys(told)), readable(report).rstrip("\n")]
    parts.append(emitted.text(report))
    return "\n".join(part for part in parts if part)


def _facts(report: Report, running: bool) -> list[str]:
    times = report.timings
    facts = [_word(report), *(f"{phase} {milliseconds(times[phase])}" for phase in (*PHASES, "total"))]
    if report.saved_ms:
        facts.append(f"saved {milliseconds(report.saved_ms)}")
    facts += [f"{report.compiler} {_flags(report)}".strip(), "running…" if running else _ending(report)]
    return facts


def _word(report: Report) -> str:
    """Hit or miss; of a miss, why."""
    return f"{WORDS[report.cache]}: {report.why}" if report.why else WORDS[report.cache]


def _flags(report: Report) -> str:
    """What the first step was told, without the file names."""
    words = report.built.steps[0].argv[1:] if report.built.steps else ()
    return " ".join(word for word in words if word not in {"-c", "-o"} and not word.startswith("cell"))


def _ending(report: Report) -> str:
    if not report.built.ok:
        return "failed"
    if report.emit != "program":
        return emitted.NAMES[report.emit]
    if report.exit_code is None:
        return "not run"
    if report.interrupted:
        return "interrupted"
    if report.timed_out:
        return "timed out"
    return signal_name(report.exit_code) or f"exit {report.exit_code}"


def html(report: Report, *, running: bool = False) -> str:
    """The card: one calm line that unfolds to times, command and reasons; messages, remarks and texts below it."""
    bad = not report.built.ok or bool(report.exit_code)
    dot = DOTS["failed" if bad else report.cache]
    facts = [_word_html(report), milliseconds(report.timings["total"])]
    if not report.built.ok:
        facts.insert(0, "<b>failed</b>")
    if report.saved_ms:
        facts.append(f"saved {milliseconds(report.saved_ms)}")
    facts.append(escape(f"{report.compiler} {_flags(report)}".strip()))
    if report.built.ok:
        facts.append("running…" if running else escape(_ending(report)))
    head = f'<span aria-hidden="true" style="color:{dot}">●</span> {" · ".join(facts)}'
    parts = [_fold(head, _bars(report.timings) + _details(report), is_open=False)]
    parts += [f"<div>{escape(notice)}</div>" for notice in report.built.notices]
    if report.messages.strip():
        title = "messages" if report.built.ok else "errors"
        parts.append(f'<div style="margin-left:1.1em">{_fold(title, ansi_html(readable(report)), is_open=True)}</div>')
    parts.append(emitted.html(report))
    return f'<div class="zcnb" style="font-size:12px;line-height:1.5;padding-left:5px">{"".join(parts)}</div>'


def _word_html(report: Report) -> str:
    why = f": {escape(report.why)}" if report.why else ""
    return f"<b>{escape(WORDS[report.cache])}</b>{why}"


def why_text(report: Report, *, details: bool = False) -> str:
    """Why the cell was a miss, as text: one line, and with `details` all that is known."""
    return "\n".join((report.explanation, *(f"  {line}" for line in (report.details if details else ()))))


def why_html(report: Report, *, details: bool = False) -> str:
    """The same as HTML; the details unfold, with `details` at once."""
    lines = "\n".join(report.details)
    body = f'<pre style="margin:.2em 0 .2em 1.1em;font-size:12px;white-space:pre-wrap">{escape(lines)}</pre>'
    said = _fold(escape(report.explanation), body, is_open=details) if lines else escape(report.explanation)
    return f'<div class="zcnb" style="font-size:12px;line-height:1.5;padding-left:5px">{said}</div>'


def progress_html(progress: Progress, language: str) -> str:
    """What stands beside the progress bar while a cell compiles."""
    expected = f" of about {milliseconds(progress.expected_ms)}" if progress.expected_ms else ""
    said = f"{LANGUAGES.get(language, language)}: {progress.phase} {milliseconds(progress.elapsed_ms)}{expected}"
    return f'<span style="font-size:12px">{escape(said)}</span>'


def _fold(title: str, body: str, *, is_open: bool) -> str:
    state = " open" if is_open else ""
    return f'<details{state}><summary style="cursor:pointer">{title}</summary>{body}</details>'


_ROW = '<tr style="background:none">'
_LEFT = "text-align:left;padding:0 1em 0 0;line-height:1.4;vertical-align:top"
_NUMBER = "text-align:right;padding:0 1em 0 0;line-height:1.4;font-variant-numeric:tabular-nums"
_TABLE = '<table style="border:none;margin:.2em 0 .2em 1.1em;font-size:12px">'


def _bars(times: dict[str, float]) -> str:
    most = max(*(times[phase] for phase in PHASES), 0.001)
    rows = "".join(_bar(phase, times[phase], 100 * times[phase] / most) for phase in PHASES)
    return f"{_TABLE}{rows}{_bar('total', times['total'], 0)}</table>"


def _bar(name: str, ms: float, percent: float) -> str:
    shade = "" if ms else ";opacity:.55"
    shown = milliseconds(ms) if ms else "–"
    bar = f'<div style="height:.6em;width:{percent:.1f}%;background:var(--jp-brand-color2,#6c9fd4)"></div>'
    return (
        f'{_ROW}<td style="{_LEFT}{shade}">{name}</td><td style="{_NUMBER}{shade}">{shown}</td>'
        f'<td style="text-align:left;width:14em;padding:0">{bar}</td></tr>'
    )


def _details(report: Report) -> str:
    rows = [("command", report.command)]
    if report.details:
        rows.append(("why", "\n".join(report.details)))
    return table(rows)


def ansi_html(body: str) -> str:
    """Terminal colours as HTML; `rich` knows the escape codes."""
    from rich.text import Text

    out = []
    parsed = Text.from_ansi(body)
    for line in parsed.split("\n", allow_blank=True):
        cursor = 0
        for span in sorted(line.spans, key=lambda span: span.start):
            start = max(span.start, cursor)
            if span.end <= start:
                continue
            out += [escape(line.plain[cursor:start]), _span(span.style, line.plain[start : span.end])]
            cursor = span.end
        out += [escape(line.plain[cursor:]), "\n"]
    joined = "".join(out).rstrip("\n")
    return f'<pre style="margin:.2em 0;font-size:12px;white-space:pre;overflow-x:auto">{joined}</pre>'


COLOURS = {
    1: "var(--jp-error-color1,#c62828)",
    2: "var(--jp-success-color1,#2e7d32)",
    3: "#9a6a00",
    4: "#1f6fd0",
    5: "#a144a8",
    6: "#00838f",
}
"""By the terminal's number for red, green, yellow, blue, magenta and cyan; readable on light and dark."""


def _span(style: Any, body: str) -> str:
    css = "font-weight:bold;" if style.bold else ""
    number = style.color.number if style.color is not None else None
    if number is not None and number % 8 in COLOURS and number < 16:
        css += f"color:{COLOURS[number % 8]}"
    return f'<span style="{css}">{escape(body)}</span>' if css else escape(body)


def status_html(status: Status | None, updated: str = "") -> str:
    """The daemon's health as a table."""
    if status is None:
        return '<div style="font-size:12px">No daemon is running; the next cell starts one.</div>'
    dot = DOTS["hit" if status.state == "ready" else "failed"]
    title = f'<span aria-hidden="true" style="color:{dot}">●</span> <b>zcnb daemon</b> {escape(updated)}'
    return f'<div class="zcnb" style="font-size:12px;padding-left:5px">{title}{table(status.rows())}</div>'


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns."""
    body = "".join(
        f'{_ROW}<td style="{_LEFT}">{escape(name)}</td>'
        f'<td style="{_LEFT};white-space:pre-wrap">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"{_TABLE}{body}</table>"


def status_text(status: Status | None) -> str:
    """The daemon's health as lines."""
    if status is None:
        return "No daemon is running; the next cell starts one."
    return "\n".join(f"{name:<14} {value.replace(chr(10), chr(10) + ' ' * 15)}" for name, value in status.rows())


def facts(report: Report) -> dict[str, object]:
    """The report for programs: stands in the display's metadata under `zcnb`."""
    built: Built = report.built
    return {
        "cell": report.cell,
        "language": report.language,
        "cache": report.cache,
        "timings": report.timings,
        "exit_code": report.exit_code,
        "compiler": report.compiler,
        "ok": built.ok,
        "why": report.why,
        "reasons": report.reasons,
    }
