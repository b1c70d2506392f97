"""A sweep's result, as an object: what the cell returns, `%zcnb last` and `--report VAR` keep."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

from zcnb.errors import UsageError
from zcnb.model.outcome import StepCache
from zcnb_kernel.sweep.compare import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One variant. Times in milliseconds, sizes in bytes; `None` is not known."""

    index: int
    """Its number, from 0, as in `sweep[index]`."""
    flags: tuple[str, ...] = ()
    """What the sweep added to the flags of the line."""
    compiler: str = ""
    """Name and version; as it was asked for if it was not found."""
    ok: bool | None = None
    """Whether it compiled; `None` if the sweep was stopped before."""
    compile_ms: float | None = None
    """What compiling and linking took: this time, or (a hit) when it was done."""
    cache: StepCache | None = None
    """`"hit"`, `"miss"` or `"direct"` (built without the daemon)."""
    text_bytes: int | None = None
    """Code and constants."""
    data_bytes: int | None = None
    """Variables with an initial value."""
    runs_ms: tuple[float, ...] = ()
    """Wall time of each run that ended by itself, from before the process is made until it is gone."""
    exit_code: int | None = None
    """The first that was not 0, else 0; -N when signal N ended it; 126 if it could not be started; `None` if it
    did not run."""
    timed_out: bool = False
    same_output: bool | None = None
    """Whether all runs wrote what the first run of all wrote, to both streams, and ended alike."""
    steady: bool = True
    """Whether the runs of this variant did the same among themselves."""
    stdout: str = field(default="", repr=False)
    """Its first run's, the first 64 KiB."""
    stderr: str = field(default="", repr=False)
    diagnostics: str = field(default="", repr=False)
    """What compiler and linker said, or why there is no program. With terminal colours."""

    @property
    def min_ms(self) -> float | None:
        """The fastest run."""
        return min(self.runs_ms, default=None)

    @property
    def median_ms(self) -> float | None:
        """The run in the middle."""
        return statistics.median(self.runs_ms) if self.runs_ms else None

    @property
    def quartiles_ms(self) -> tuple[float, float] | None:
        """Between these two lies the middle half of the runs."""
        if len(self.runs_ms) < 2:
            return (self.runs_ms[0], self.runs_ms[0]) if self.runs_ms else None
        low, _, high = statistics.quantiles(self.runs_ms, n=4, method="inclusive")
        return low, high

    @property
    def spread_ms(self) -> float | None:
        """How wide the middle half of the runs is: unlike the range, one disturbed run does not change it."""
        return None if self.quartiles_ms is None else self.quartiles_ms[1] - self.quartiles_ms[0]

    @property
    def failed(self) -> bool:
        """Whether there is no program, or none that can be started; `diagnostics` says why."""
        return self.ok is False or (self.exit_code is not None and self.same_output is None)

    @property
    def label(self) -> str:
        """Its flags as one would type them; `(none)` for no flag."""
        return shlex.join(self.flags) or "(none)"


def _no_assembly(number: int) -> str:
    raise UsageError(f"The assembly of variant {number} is not known.")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Sweep(Sequence[Row]):
    """All variants, in the order of the magic line. Shown as a table that can be sorted."""

    rows: tuple[Row, ...]
    cell: str
    """What the cell is called in messages: `In[7]`."""
    language: str
    flags: tuple[str, ...] = ()
    """Those of the line, which all variants share."""
    repeat: int = 0
    """How often each variant was to run; 0 for compiling only."""
    notices: tuple[str, ...] = ()
    interrupted: bool = False
    """Whether it was stopped: what was done until then is there."""
    assembly: Callable[[int], str] = _no_assembly
    """The filtered assembly of a variant. Raises `UsageError` if it does not compile."""

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def best(self) -> Row:
        """The variant with the least median among those that exited with 0 and wrote what the first one wrote.

        Raises `UsageError` if there is none.
        """
        fit = [row for row in self.rows if row.exit_code == 0 and row.same_output and row.median_ms is not None]
        if not fit:
            raise UsageError(f"No variant can be called the best: {self._why_none_is_best()}")
        return min(fit, key=lambda row: row.median_ms or 0.0)

    def _why_none_is_best(self) -> str:
        ran = [row for row in self.rows if row.exit_code is not None]
        if not ran:
            return "none has run."
        if not all(row.steady for row in ran):
            return "the output is another at every run (does the program print a time?), so it cannot be compared."
        return "none ended with exit code 0."

    def diff(self, i: int, j: int) -> Comparison:
        """The assembly of the variants `i` and `j` side by side. Raises `UsageError` if one does not compile."""
        left, right = self[i], self[j]
        return Comparison(
            titles=(_title(left), _title(right)),
            left=tuple(self.assembly(left.index).splitlines()),
            right=tuple(self.assembly(right.index).splitlines()),
        )

    def frame(self) -> Any:
        """A pandas `DataFrame`: one row for each variant, one column for each field of `Row` but the output.

        Raises `UsageError` if pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise _not_installed("pandas", ".frame()") from None
        return pandas.DataFrame([self._record(row) for row in self.rows]).set_index("index")

    @staticmethod
    def _record(row: Row) -> dict[str, Any]:
        derived = {"min_ms": row.min_ms, "median_ms": row.median_ms, "spread_ms": row.spread_ms}
        fields = {name: value for name, value in asdict(row).items() if name not in {"stdout", "stderr"}}
        return fields | derived | {"flags": shlex.join(row.flags)}

    def plot(self, ax: Any = None) -> Any:
        """Bars of the medians, with the middle half of the runs as spread, on a matplotlib `Axes`, which is returned.

        Raises `UsageError` if matplotlib is not installed, or if nothing was timed.
        """
        try:
            from matplotlib import pyplot
        except ImportError:
            raise _not_installed("matplotlib", ".plot()") from None
        timed = [(row, row.median_ms, row.quartiles_ms) for row in self.rows]
        bars = [(row, median, quartiles) for row, median, quartiles in timed if median is not None and quartiles]
        if not bars:
            raise UsageError("There is nothing to plot: no variant was timed.")
        if ax is None:
            ax = pyplot.subplots(figsize=(7, 1 + 0.3 * len(bars)), layout="constrained")[1]
        medians = [median for _, median, _ in bars]
        below = [median - low for _, median, (low, _) in bars]
        above = [high - median for _, median, (_, high) in bars]
        ax.barh(range(len(bars)), medians, xerr=[below, above], capsize=3)
        ax.set_yticks(range(len(bars)), [_title(row) for row, _, _ in bars])
        ax.invert_yaxis()
        ax.set_xlabel("median of the runs, ms")
        return ax

    def to_markdown(self) -> str:
        """The table as Markdown, for a report."""
        from zcnb_kernel.sweep.columns import markdown

        return markdown(self)

    def __repr__(self) -> str:
        from zcnb_kernel.sweep.columns import text

        return text(self)

    def _repr_html_(self) -> str:
        from zcnb_kernel.sweep.page import html

        return html(self)


def _title(row: Row) -> str:
    return f"{row.index}: {row.label} {row.compiler}".strip()


def _not_installed(package: str, wanted_by: str) -> UsageError:
    return UsageError(f"{wanted_by} needs {package}, which is not installed here: run `%pip install {package}`.")
