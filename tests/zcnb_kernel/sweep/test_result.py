"""The object that a sweep leaves behind."""

from __future__ import annotations

import sys
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot
from matplotlib.container import ErrorbarContainer

from tests.zcnb_kernel.sweep.conftest import broken, row, sweep
from zcnb.errors import UsageError
from zcnb_kernel.sweep.compare import Comparison


def test_figures_of_a_row() -> None:
    made = row(runs_ms=(5.0, 1.0, 2.0, 3.0, 100.0))
    assert (made.min_ms, made.median_ms, made.spread_ms) == (1.0, 3.0, 3.0)
    assert made.quartiles_ms == (2.0, 5.0)
    one = row(runs_ms=(4.0,))
    assert (one.min_ms, one.median_ms, one.spread_ms) == (4.0, 4.0, 0.0)
    none = row(runs_ms=())
    assert none.min_ms is none.median_ms is none.spread_ms is None


def test_it_is_a_sequence_of_rows() -> None:
    made = sweep(row(0), row(1), broken(2))
    assert len(made) == 3
    assert [one.index for one in made] == [0, 1, 2]
    assert made[-1].ok is False
    assert made[:2] == (made[0], made[1])
    assert made[1] in made
    with pytest.raises(IndexError):
        made[3]


def test_the_best_has_the_least_median_among_those_that_did_right() -> None:
    made = sweep(
        row(0, runs_ms=(9.0,)),
        row(1, runs_ms=(5.0, 6.0, 7.0)),
        row(2, runs_ms=(1.0,), same_output=False),
        row(3, runs_ms=(2.0,), exit_code=3),
        row(4, runs_ms=(), exit_code=-11, same_output=False),
        broken(5),
    )
    assert made.best().index == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([broken(0)], "none has run"),
        ([row(0, exit_code=2)], "exit code 0"),
        ([row(0, same_output=False, steady=False)], "does the program print a time?"),
    ],
)
def test_there_may_be_no_best(rows: list[Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        sweep(*rows).best()
    assert said in str(caught.value)


def test_assembly_side_by_side() -> None:
    made = sweep(row(0), row(1), assembly=lambda number: f"main:\n\tmov {number}\n")
    compared = made.diff(0, -1)
    assert isinstance(compared, Comparison)
    assert compared.titles == ("0: -O0 g++ 12.2.0", "1: -O1 g++ 12.2.0")
    assert (compared.left, compared.right) == (("main:", "\tmov 0"), ("main:", "\tmov 1"))


def test_a_frame_has_a_column_for_each_field() -> None:
    frame = sweep(row(0), broken(1)).frame()
    assert list(frame.index) == [0, 1]
    assert list(frame["flags"]) == ["-O0", "-fnope"]
    assert frame.loc[0, "median_ms"] == 2.0
    assert frame.loc[0, "runs_ms"] == (3.0, 1.0, 2.0)
    assert frame["min_ms"].isna().tolist() == [False, True]
    assert frame["median_ms"].dtype.kind == "f"
    assert {"compile_ms", "cache", "text_bytes", "data_bytes", "spread_ms", "exit_code", "same_output"} <= {*frame}


def test_a_plot_has_a_bar_with_its_spread_for_each_variant_that_was_timed() -> None:
    matplotlib.use("Agg")
    axes = sweep(row(0), broken(1), row(2, runs_ms=(4.0, 6.0, 20.0))).plot()
    assert [bar.get_width() for bar in axes.patches] == [2.0, 6.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0: -O0 g++ 12.2.0", "2: -O2 g++ 12.2.0"]
    (spreads,) = (drawn for drawn in axes.containers if isinstance(drawn, ErrorbarContainer))
    low, high = spreads.lines[2][0].get_segments()[1][:, 0]
    assert (low, high) == (5.0, 13.0)
    assert axes.get_xlabel().endswith("ms")
    again = sweep(row(0)).plot(axes)
    assert again is axes
    pyplot.close(axes.figure)


def test_nothing_to_plot() -> None:
    with pytest.raises(UsageError, match="nothing to plot"):
        sweep(broken(0)).plot()


@pytest.mark.parametrize(("method", "package"), [("frame", "pandas"), ("plot", "matplotlib")])
def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, method: str, package: str) -> None:
    for name in (package, f"{package}.pyplot"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError) as caught:
        getattr(sweep(row(0)), method)()
    assert f"%pip install {package}" in str(caught.value)
