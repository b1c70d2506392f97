"""Reports as text and HTML: the same facts, safe to show."""

from __future__ import annotations

from typing import Any

import pytest

from zcnb.model.health import Status
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb.model.timings import Timings
from zcnb_kernel import render
from zcnb_kernel.report import Report

GCC = CompilerInfo(name="g++", path="/usr/bin/g++", version="12.2.0")
ARGV = ("g++", "-O2", "-c", "cell.cpp", "-o", "cell.o")


def report(**fields: Any) -> Report:
    steps = (StepReport(step="compile", cache="hit", saved_ms=250.0, argv=ARGV),)
    built: dict[str, Any] = {"ok": True, "compiler": GCC, "steps": steps}
    own: dict[str, Any] = {
        name: fields.pop(name) for name in ("ok", "steps", "diagnostics", "notices") if name in fields
    }
    timings = Timings(lookup=0.4, run=2.0)
    values: dict[str, Any] = {"cell": "In[3]", "language": "c++", "timings_ms": timings, "exit_code": 0}
    return Report(built=Built(**{**built, **own}), **{**values, **fields})


def test_both_forms_say_the_same() -> None:
    made = report(diagnostics="cell.cpp:2:1: warning: odd\n", notices=())
    for form in (render.text(made), render.html(made)):
        for fact in (
            "hit",
            "0.40 ms",
            "2 ms",
            "saved 250 ms",
            "g++ 12.2.0",
            "-O2",
            "exit 0",
            "In[3]:2:1: warning: odd",
        ):
            assert fact in form, fact


def test_a_miss_says_why_in_both_forms() -> None:
    steps = (
        StepReport(step="compile", cache="miss", argv=ARGV, reason="flag -O2 -> -O3", details=("flags now: -O3",)),
        StepReport(step="link", cache="miss", reason="the object changed"),
    )
    made = report(steps=steps)
    assert render.text(made).splitlines()[0].startswith("[zcnb] miss: flag -O2 -> -O3 · lookup")
    assert render.text(made).splitlines()[1:] == ["  link: the object changed"]
    assert "<b>miss</b>: flag -O2 -&gt; -O3 · " in render.html(made)
    assert "compile: flag -O2 -&gt; -O3\n  flags now: -O3\nlink: the object changed" in render.html(made)
    assert (render.facts(made)["why"], render.facts(report())["why"]) == ("flag -O2 -> -O3", "")


def test_why_in_both_forms() -> None:
    made = report(steps=(StepReport(step="compile", cache="miss", reason="<odd>", details=("a <b>",)),))
    assert render.why_text(made) == "In[3] had to be built: <odd>."
    assert render.why_text(made, details=True).splitlines()[1:] == ["  compile: <odd>", "    a <b>"]
    for is_open in (False, True):
        page = render.why_html(made, details=is_open)
        assert "In[3] had to be built: &lt;odd&gt;." in page
        assert "    a &lt;b&gt;" not in page
        assert "  a &lt;b&gt;" in page
        assert ("<details open>" in page) is is_open
    assert "<details" not in render.why_html(report()), "there is nothing to unfold about a hit"


def test_html_is_escaped() -> None:
    page = render.html(report(diagnostics="cell.cpp:1:1: error: <script>alert(1)</script>", ok=False, exit_code=1))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<details" in page
    assert " open>" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cell.cpp:3:5: error", "In[3]:3:5: error"),
        ("\x1b[01m\x1b[Kcell.cpp:3:5:\x1b[m", "\x1b[01m\x1b[KIn[3]:3:5:\x1b[m"),
        ("./cell.cpp:3:5: error", "./cell.cpp:3:5: error"),
        ("/home/x/cell.cpp:3: error", "/home/x/cell.cpp:3: error"),
        ("  --> cell.rs:3:5", "  --> In[3]:3:5"),
        ("mycell.cpp:1:1", "mycell.cpp:1:1"),
    ],
)
def test_only_the_unit_is_called_by_the_cells_name(text: str, shown: str) -> None:
    assert render.readable(report(diagnostics=text)) == shown


@pytest.mark.parametrize(
    ("code", "said"),
    [(3, "exit code 3"), (-11, "SIGSEGV: it touched memory"), (-6, "SIGABRT"), (-50, "signal 50")],
)
def test_endings_in_words(code: int, said: str) -> None:
    assert said in render.program_message(report(exit_code=code))


def test_compile_messages() -> None:
    errors = "cell.cpp:2:1: error: a\ncell.cpp:3:1: error: b\n"
    assert "found 2 errors" in render.compile_message(report(ok=False, diagnostics=errors))
    rust = "\x1b[1m\x1b[91merror[E0308]\x1b[0m\x1b[1m: mismatched types\x1b[0m\n --> cell.rs:1:24\n"
    assert "found 1 error " in render.compile_message(report(ok=False, diagnostics=rust))
    missing = "/usr/bin/ld: x: undefined reference to `main'\n"
    assert "has no main function" in render.compile_message(report(ok=False, diagnostics=missing))


def test_colours_become_spans() -> None:
    page = render.ansi_html("\x1b[01;31m\x1b[Kerror:\x1b[m\x1b[K <x>")
    assert '<span style="font-weight:bold;color:var(--jp-error-color1' in page
    assert "&lt;x&gt;" in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0.00 ms"), (0.42, "0.42 ms"), (5.25, "5.2 ms"), (38.4, "38 ms"), (1240.0, "1.24 s")]
)
def test_milliseconds(value: float, shown: str) -> None:
    assert render.milliseconds(value) == shown


def test_status_says_the_same_in_both_forms_and_when_there_is_none() -> None:
    status = Status(state="ready", pid=7, version="1", hits=3, misses=1, errors=("12:00:00 <odd>",))
    for name, value in status.rows():
        assert name in render.status_html(status)
        assert value.partition("\n")[0] in render.status_text(status)
    assert "75% (3 hits, 1 miss)" in render.status_text(status)
    assert "&lt;odd&gt;" in render.status_html(status)
    assert "next cell starts one" in render.status_html(None)


def test_a_running_card_says_so_in_both_forms() -> None:
    made = report(exit_code=None)
    for form in (render.text(made, running=True), render.html(made, running=True)):
        assert "running…" in form
        assert "not run" not in form
