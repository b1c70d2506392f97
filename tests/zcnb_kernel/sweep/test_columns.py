"""The table as text and as Markdown."""

from __future__ import annotations

from tests.zcnb_kernel.sweep.conftest import broken, row, sweep
from zcnb_kernel.sweep.columns import columns_of, ending, summary


def titles(*args: object, **fields: object) -> list[str]:
    return [column.title for column in columns_of(sweep(*args, **fields))]  # type: ignore[arg-type]


def test_columns_that_say_nothing_are_left_out() -> None:
    assert titles(row(0), row(1)) == [
        "#", "flags", "compile ms", "cached", "text B", "data B", "min ms", "median ms", "spread ms", "exit",
        "same output",
    ]  # fmt: skip
    assert "flags" not in titles(row(0, flags=()))
    assert "compiler" in titles(row(0), row(1, compiler="clang++ 19"))
    assert not {"min ms", "median ms", "spread ms", "same output"} & {*titles(row(0), repeat=0)}


def test_text_has_every_fact_and_lines_up() -> None:
    made = sweep(row(0), row(1, cache="hit", same_output=False), broken(2), notices=("something to know",))
    head, notice, titles_, first, second, third, why = repr(made).splitlines()
    assert (
        head == "[zcnb] sweep of In[3]: 3 variants × 3 runs · g++ 12.2.0 · 1 from the cache · 1 compiled · 1 not built"
    )
    assert notice == "  something to know"
    assert first.split() == ["0", "-O0", "100", "miss", "2,000", "600", "1.00", "2.00", "1.00", "0", "yes"]
    assert second.split()[-1] == "no"
    assert third.split() == ["2", "-fnope", "not", "built"]
    assert why == "  2: In[3]:3:1: error: what?"
    ends = titles_.index("median ms") + len("median ms")
    assert first[:ends].endswith("2.00")
    assert second[:ends].endswith("3.00")


def test_markdown_is_a_table() -> None:
    text = sweep(row(0, flags=("-DA|B",)), broken(1)).to_markdown()
    head, rule, first, second = text.splitlines()
    assert head.startswith("| # | flags | compile ms |")
    assert rule.startswith("| --: | :-- | --: |")
    assert first.startswith("| 0 | `'-DA\\|B'` | 100 | miss |")
    assert second.count("|") == head.count("|")


def test_how_it_ended() -> None:
    assert ending(row(exit_code=3)) == "3"
    assert ending(row(exit_code=-11)) == "SIGSEGV"
    assert ending(row(exit_code=-9, timed_out=True)) == "timed out"
    assert ending(broken(0)) == "not built"
    assert ending(row(exit_code=None)) == ""


def test_output_that_changes_from_run_to_run_is_called_so() -> None:
    assert "varies" in repr(sweep(row(0, same_output=False, steady=False)))


def test_what_was_stopped_says_so() -> None:
    assert summary(sweep(row(0), interrupted=True)).endswith(" · stopped")
    assert summary(sweep(row(0), flags=("-std=c++20",))).split(" · ")[2] == "-std=c++20"
