"""The words for a miss. What comes out of real runs is in tests/daemon/test_why.py."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zcnb.model.digest import Digest, digest_of
from zcnb.model.manifest import Change
from zcnb.model.outcome import StepReport
from zcnb.model.why import (
    CLEARED,
    EVICTED,
    FIRST_TIME,
    MOST_DETAILS,
    MOST_LINES,
    MOST_TEXT,
    Facts,
    Missed,
    Past,
    Run,
    StepRun,
    Why,
    asked_for,
    changed_lines,
    details,
    differences,
    explain,
    finished,
    headline,
    lines_of,
    sentence,
    uncacheable,
)

NOW = Facts(
    step="compile", title="cell.cpp", key=Digest("k1"), language="c++", compiler="g++ 12.2.0", path="/usr/bin/g++",
    identity=Digest("i1"), makes="cell.o", flags=("-O2", "cell.cpp"), words=("-Wdate-time", "-O2", "cell.cpp"),
    env={"LANG": "C"}, fed={"source": Digest("s1")}, lines=(1, 2, 3), tools="t1", meaning=Digest("m1"),
    folder="/a", terminal={"width": "80"},
)  # fmt: skip
MISS = StepReport(step="compile", cache="miss")
OTHERS: dict[str, Any] = {
    "language": "c", "compiler": "g++ 13.1.0", "path": "/opt/g++", "identity": "i2", "makes": "cell.s",
    "flags": ("-O3", "cell.cpp"), "words": ("-Wdate-time", "-O3", "cell.cpp"), "env": {"LANG": "de"},
    "fed": {"source": "s2"}, "tools": "t2", "meaning": "m2", "folder": "/b",
}  # fmt: skip
"""Another value for each field that differences may be told by."""


def past(facts: Facts | None = NOW, *, cleared: bool = False, **step: Any) -> Past:
    """A run of one step, at some time."""
    made = StepRun(**{"report": MISS, "facts": facts, **step})
    return Past(Run(title="cell.cpp", cwd="/a", when=1_700_000_000.0, cache="miss", steps=(made,)), cleared)


def differing(**fields: Any) -> str:
    """The headline for a run that differs from the last in `fields`."""
    return explain(replace(NOW, key=Digest("k2"), **fields), past(), Missed()).headline


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"compiler": "g++ 13.1"}, "compiler changed (g++ 12.2.0 -> 13.1)"),
        ({"compiler": "clang++ 19.1.7"}, "compiler changed (g++ 12.2.0 -> clang++ 19.1.7)"),
        ({"path": "/opt/bin/g++"}, "compiler changed (same version, another place)"),
        ({"identity": Digest("i2")}, "compiler changed (same version, other bytes)"),
        ({"identity": Digest("i2"), "env": {}}, "environment variable LANG changed"),
        ({"makes": "cell.s"}, "cell.s was asked for, not cell.o"),
        ({"words": ("-Wdate-time", "-O3", "cell.cpp")}, "flag -O2 -> -O3"),
        ({"words": ("-Wdate-time", "cell.cpp")}, "flags: -O2 removed"),
        ({"words": ("-O2", "-Wdate-time", "cell.cpp")}, "flags: another order"),
        ({"words": ("-I", "x", *NOW.words, "-g", "-g")}, "flags: -I x added, -g added, ..."),
        ({"compiler": "clang++ 19", "words": ("-O2",)}, "compiler changed (g++ 12.2.0 -> clang++ 19)"),
        ({"fed": {"source": Digest("s2")}}, "source changed"),
        ({"fed": {"source": Digest("s2")}, "lines": (1, 7, 3)}, "source changed (line 2)"),
        ({"fed": {"source": Digest("s2")}, "lines": ()}, "source changed"),
        ({"fed": {"source": Digest("s1"), "b.o": Digest("b")}}, "other files"),
        ({"env": {"LANG": "C", "CPATH": "/x"}}, "environment variable CPATH changed"),
        ({"tools": "t2"}, "linker changed"),
        ({"meaning": Digest("m2")}, "the flags mean something else on this machine"),
        ({"folder": "/b"}, "folder changed"),
        ({}, "zcnb calls the compiler in another way"),
    ],
)
def test_one_difference(fields: dict[str, Any], said: str) -> None:
    assert differing(**fields) == said


def test_the_flags_of_a_link_are_called_so() -> None:
    before = replace(NOW, step="link", words=("-lm",))
    for words, said in ((("-lz",), "linker flag -lm -> -lz"), (("-lm", "-s"), "linker flags: -s added")):
        assert explain(replace(before, key=Digest("k2"), words=words), past(before), Missed()).headline == said


def test_private_files_of_a_run_are_not_shown() -> None:
    before = replace(NOW, step="link", flags=("-O2", "{zcnb:object:0}"), words=("-O2", "{zcnb:object:0}"))
    now = replace(before, key=Digest("k2"), flags=("-O3", "{zcnb:object:0}"), words=("-O3", "{zcnb:object:0}"))
    assert explain(now, past(before), Missed()).details[:2] == ("flags before: -O2", "flags now: -O3")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sub/a.o", "object a.o changed"),
        ("libm.so", "library libm.so changed"),
        ("/lib/libm.so.6", "library libm.so.6 changed"),
        ("libf.a", "library libf.a changed"),
        ("sub/a.cpp", "source a.cpp changed"),
        ("the object", "the object changed"),
        ("script.ld", "file script.ld changed"),
    ],
)
def test_what_goes_into_a_link(name: str, said: str) -> None:
    before = replace(NOW, step="link", fed={name: Digest("1")})
    now = replace(before, key=Digest("k2"), fed={name: Digest("2")})
    assert explain(now, past(before), Missed()).headline == said


@pytest.mark.parametrize(
    ("change", "inputs", "said"),
    [
        (Change("changed", "/p/shapes.hpp"), (), "header shapes.hpp changed"),
        (Change("gone", "/p/shapes.hpp"), (), "header shapes.hpp is gone"),
        (Change("appeared", "/p/x.hpp"), ("/p/y/x.hpp",), "header x.hpp appeared (found before y/x.hpp)"),
        (Change("appeared", "/p/x.hpp"), ("/p/y/z.hpp",), "header x.hpp appeared"),
        (Change("appeared", "/p/folder"), (), "folder appeared"),
        (Change("changed", "/usr/include/c++/12/vector"), (), "header vector changed"),
        (Change("changed", "/p/data.txt"), (), "file data.txt changed"),
        (Change("changed", "/lib/libm.so.6"), (), "library libm.so.6 changed"),
        (Change("variable", "ZT"), (), "environment variable ZT changed"),
    ],
)
def test_a_result_that_does_not_hold(change: Change, inputs: tuple[str, ...], said: str) -> None:
    why = explain(NOW, past(), Missed(change=change, inputs=inputs))
    assert why.headline == said
    assert change.name in why.details[0]


def test_all_changes_are_counted_and_their_lines_bounded() -> None:
    others = tuple(Change("changed", f"/p/{number}.h") for number in range(MOST_DETAILS + 9))
    why = explain(NOW, past(), Missed(Change("changed", "/p/x.h"), others))
    assert why.headline == f"header x.h changed + {len(others)} more"
    assert why.details[MOST_DETAILS - 1] == f"/p/{MOST_DETAILS - 2}.h changed."
    assert why.details[MOST_DETAILS] == "... and 10 lines more."


def test_in_rust_there_are_no_headers() -> None:
    now = replace(NOW, language="rust")
    assert explain(now, None, Missed(change=Change("changed", "/p/plain"))).headline == "file plain changed"


@pytest.mark.parametrize(
    ("before", "missed", "said"),
    [
        (None, Missed(), FIRST_TIME),
        (past(replace(NOW, title="other.cpp")), Missed(), FIRST_TIME),
        (past(replace(NOW, step="link")), Missed(), FIRST_TIME),
        (past(), Missed(), EVICTED),
        (past(), Missed(evicted=True), EVICTED),
        (None, Missed(evicted=True), EVICTED),
        (past(cleared=True), Missed(), CLEARED),
        (past(skipped="--no-cache"), Missed(), "not stored last time: --no-cache"),
        (past(report=replace(MISS, unstored="a.h moved"), cleared=True), Missed(), "not stored last time: a.h moved"),
        (past(replace(NOW, terminal={"width": "100"}), spoke=True), Missed(), "terminal changed"),
        (past(replace(NOW, terminal={"width": "100"})), Missed(), EVICTED),
    ],
)
def test_nothing_differs_and_yet_there_is_no_result(before: Past | None, missed: Missed, said: str) -> None:
    assert explain(NOW, before, missed).headline == said


def test_the_time_of_the_earlier_run_is_told_if_it_is_known() -> None:
    assert explain(NOW, past(), Missed()).details[-1].startswith("Compared with the run of 2023-11-1")
    assert explain(NOW, None, Missed()).details == ("No earlier run of this is remembered.",)


def test_the_most_telling_one_is_named_and_the_others_are_counted() -> None:
    now = replace(NOW, key=Digest("k2"), env={}, fed={"source": Digest("s2")}, words=("-O3",), flags=("-O3",))
    why = explain(now, past(), Missed(change=Change("changed", "/p/x.h")))
    assert why.headline == "header x.h changed + 3 more"
    assert why.details[:-1] == (
        "/p/x.h changed.", "flags before: -O2 cell.cpp", "flags now: -O3", "source changed.", "LANG: C -> not set",
    )  # fmt: skip


def test_every_part_of_the_key_is_told_by_its_own_words() -> None:
    told = {name: differences(NOW, replace(NOW, key=Digest("k2"), **{name: value})) for name, value in OTHERS.items()}
    silent = {name for name, found in told.items() if found[0].short.startswith("zcnb calls")}
    assert silent == {"language", "flags"}, "they stand in the words, too"
    assert {entry.name for entry in fields(Facts)} - OTHERS.keys() == {"step", "title", "key", "lines", "terminal"}


@given(st.fixed_dictionaries({}, optional={name: st.just(value) for name, value in OTHERS.items()}), st.booleans())
@settings(derandomize=True, database=None, max_examples=100, deadline=None)
def test_whatever_differs_there_is_one_line_and_nothing_is_claimed_for_one_key(
    changed: dict[str, Any], same_key: bool
) -> None:
    now = replace(NOW, **changed, key=NOW.key if same_key else digest_of(sorted(changed)))
    why = explain(now, past(), Missed())
    assert why.headline
    assert "\n" not in why.headline
    assert (why.headline == EVICTED) is same_key


def test_refused_twice_in_a_row_is_what_made_it_a_miss() -> None:
    why = explain(replace(NOW, key=Digest("k2"), tools="t2"), past(), Missed())
    assert finished(why, "uses the time of day") is why, "stored before"
    again = replace(why, unstored="uses the time of day")
    assert finished(again, "") is again
    assert finished(again, "uses X").headline == "uncacheable: uses X"
    assert finished(again, "uses X").details[1:] == why.details


def test_a_run_that_the_cache_had_no_part_in_is_compared_with_nothing() -> None:
    assert explain(NOW, past(facts=None), Missed()).headline == FIRST_TIME


def test_what_is_known_beforehand() -> None:
    assert asked_for().headline == "--no-cache"
    assert uncacheable("-pg writes files").headline == "uncacheable: -pg writes files"
    assert isinstance(asked_for(), Why)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("abc", "abc", ""),
        ("abc", "axc", "line 2"),
        ("abc", "axyc", "lines 2-3"),
        ("abc", "ac", "after line 1"),
        ("abc", "bc", "after line 0"),
        ("abcdef", "xbcyef", "line 1, line 4"),
        ("abcdefgh", "1b2d3f4h", "lines 1-7"),
        ("a" + "b" * 200 + "c", "a" + "bd" * 100 + "c", "lines 3-201"),
        ("b" * 300, "b" * 310, "lines 301-310"),
        ("aab", "ab", "after line 1"),
        ("", "ab", "lines 1-2"),
    ],
)
def test_changed_lines(before: str, now: str, said: str) -> None:
    assert changed_lines([*map(ord, before)], [*map(ord, now)]) == said


def test_long_sources_have_no_lines() -> None:
    assert len(lines_of(b"a\nb\na")) == 3
    assert lines_of(b"a\nb\na")[0] == lines_of(b"a\nb\na")[2] != lines_of(b"a\nb\na")[1]
    assert len(lines_of(b"\n" * (MOST_LINES - 1))) == MOST_LINES
    assert lines_of(b"\n" * MOST_LINES) == ()
    assert lines_of(b"a" * (MOST_TEXT + 1)) == ()


HIT = StepReport(step="compile", cache="hit")
LINKED = StepReport(step="link", cache="miss", reason="the object changed", details=("cell.o changed.",))
EDITED = StepReport(step="compile", cache="miss", reason="source changed", unstored="odd", details=("line 2",))


def test_a_run_is_told_by_its_first_miss() -> None:
    assert headline([HIT, HIT]) == ""
    assert headline([HIT, LINKED]) == "the object changed"
    assert headline([EDITED, LINKED]) == "source changed; not stored: odd"
    assert details([EDITED, LINKED]) == (
        "compile: source changed; not stored: odd", "  line 2", "link: the object changed", "  cell.o changed.",
    )  # fmt: skip
    assert details([HIT]) == ()


def test_sentences() -> None:
    direct = replace(HIT, cache="direct", reason="ZCNB_DISABLE is set")
    assert sentence("a.o", "miss", [LINKED]) == "a.o had to be built: the object changed."
    assert sentence("a.o", "hit", [HIT]) == "a.o came out of the cache: nothing had changed since it was made."
    assert sentence("In[3]", "direct", [direct]) == "The cache had no part in In[3]: ZCNB_DISABLE is set."
    assert details([direct]) == ()
