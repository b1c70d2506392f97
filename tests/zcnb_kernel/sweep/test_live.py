"""A sweep while it lasts, in a terminal. In a notebook: `test_sweeps.py`."""

from __future__ import annotations

import sys

import pytest

from tests.zcnb_kernel.sweep.conftest import MakePlan, row, sweep
from zcnb_kernel.sweep.live import EVERY_S, LiveLine
from zcnb_kernel.sweep.record import Record


@pytest.fixture
def record(make_plan_of: MakePlan) -> Record:
    return Record(make_plan_of('--sweep "-O0 -O1"', "int main() {}"))


def test_a_line_that_changes_a_few_times_a_second(
    record: Record, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    now = [100.0]
    monkeypatch.setattr("zcnb_kernel.sweep.live.time.monotonic", lambda: now[0])
    line = LiveLine()
    for _ in range(200):
        now[0] += 0.01
        line.changed(record, "In[3]")
    shown = capsys.readouterr().out
    assert shown.count("sweep of In[3]: built 0 of 2") == round(2 / EVERY_S)
    assert "\n" not in shown
    line.finish(sweep(row(0)))
    assert capsys.readouterr().out.strip() == ""


def test_nothing_but_the_result_where_it_is_no_terminal(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    line = LiveLine()
    line.changed(record, "In[3]")
    line.finish(sweep(row(0)))
    assert capsys.readouterr().out == ""
    line.finish(sweep(row(0), interrupted=True))
    assert "stopped" in capsys.readouterr().out
