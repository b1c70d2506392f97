"""What is remembered of runs: the last one at each place, bounded, beyond the daemon's life."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from zcnb.model.digest import Digest, digest_of
from zcnb.model.outcome import StepReport
from zcnb.model.why import Facts, Run, StepRun
from zcnb.store import history
from zcnb.store.history import BATCH, LONGEST, History, pack, unpack
from zcnb.store.index import Index
from zcnb.store.store import Store

FACTS = Facts(
    step="compile", title="a.cpp", key=Digest("k"), language="c++", compiler="g++ 12", path="/usr/bin/g++",
    identity=Digest("i"), makes="a.o", flags=("-O2", "-I/tmp/\udcff"), words=("-O2",), env={"LANG": "C"},
    fed={"a.cpp": Digest("s")}, lines=(1, 2), folder="/p", terminal={"width": "80"},
)  # fmt: skip
REPORT = StepReport(step="compile", cache="miss", argv=("g++", "a.cpp"), reason="first time", details=("one", "two"))
RUN = Run(
    title="a.o", cwd="/p", when=12.5, cache="miss", names=("/p/a.o", "/p/\udcff.cpp"),
    steps=(StepRun(report=REPORT, facts=FACTS, skipped="it failed", spoke=True),),
)  # fmt: skip
PLACE = digest_of("place")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as made:
        yield made


@pytest.fixture
def memory(index: Index) -> History:
    return History(index)


def rows(tmp_path: Path) -> int:
    with closing(sqlite3.connect(tmp_path / "index.db")) as db:
        return int(db.execute("SELECT COUNT(*) FROM history").fetchone()[0])


def last(memory: History, place: Digest = PLACE) -> Run | None:
    past = memory.last(place)
    return past.run if past else None


def test_a_run_comes_back_as_it_was() -> None:
    assert unpack(pack(PLACE, RUN)) == RUN


def test_it_is_there_at_once_and_written_down_later(memory: History, index: Index, tmp_path: Path) -> None:
    assert memory.last(PLACE) is None
    memory.note(PLACE, RUN)
    assert (last(memory), rows(tmp_path)) == (RUN, 0)
    memory.flush()
    assert (last(memory), last(History(index)), rows(tmp_path)) == (RUN, RUN, 1)


def test_the_last_run_counts(memory: History, index: Index, tmp_path: Path) -> None:
    later = replace(RUN, when=13.5)
    for run in (RUN, later):
        memory.note(PLACE, run)
        memory.flush()
    memory.note(digest_of("other"), RUN)
    memory.flush()
    assert (last(History(index)), rows(tmp_path)) == (later, 2)


def test_a_run_that_comes_while_another_is_written_stays(memory: History) -> None:
    memory.note(PLACE, RUN)
    memory.flush()
    later = replace(RUN, when=13.5)
    memory.note(PLACE, later)
    assert last(memory) == later


@pytest.mark.parametrize("written", [True, False], ids=["written", "pending"])
def test_finding(memory: History, written: bool) -> None:
    for number, cwd in enumerate(("/p", "/p", "/q")):
        run = replace(RUN, cwd=cwd, title=f"{number}", names=(f"{cwd}/{number}.o", f"{cwd}/same.cpp"))
        memory.note(digest_of(number), run)
    if written:
        memory.flush()

    def title(cwd: str, name: str = "", place: Digest | None = None) -> str:
        found = memory.find(cwd=cwd, name=name, place=place)
        return found.title if found else "none"

    assert (title("/p"), title("/q"), title("/r")) == ("1", "2", "none")
    assert (title("/q", "/p/0.o"), title("/q", "/p/same.cpp"), title("/p", "/p/9.o")) == ("0", "1", "none")
    assert (title("/r", place=digest_of(0)), title("/p", place=digest_of(9))) == ("0", "none")


@pytest.mark.parametrize("written", [True, False], ids=["written", "pending"])
def test_a_cache_that_was_cleared(memory: History, index: Index, written: bool) -> None:
    memory.note(PLACE, RUN)
    if written:
        memory.flush()
    memory.note_cleared()
    for remembered in (memory, History(index)):
        past = remembered.last(PLACE)
        assert past is not None
        assert (past.run, past.cleared) == (RUN, True)
    memory.note(PLACE, RUN)
    memory.flush()
    past = memory.last(PLACE)
    assert past is not None
    assert not past.cleared


def test_the_oldest_places_go(memory: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_PLACES", 5)
    for number in range(20):
        memory.note(digest_of(number), RUN)
        if number % 3 == 0:
            memory.flush()
    memory.flush()
    assert rows(tmp_path) == 5
    assert [number for number in range(20) if memory.last(digest_of(number))] == [15, 16, 17, 18, 19]


def test_what_waits_is_bounded_and_written_in_parts(
    memory: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_PENDING", 6)
    for number in range(9):
        memory.note(digest_of(number), RUN)
    assert [number for number in range(9) if memory.last(digest_of(number))] == [3, 4, 5, 6, 7, 8]
    memory.flush(4)
    assert rows(tmp_path) == 4
    memory.flush(4)
    assert rows(tmp_path) == 6


def test_a_run_that_is_too_long_is_forgotten_and_so_is_the_one_before(memory: History, tmp_path: Path) -> None:
    memory.note(PLACE, RUN)
    memory.flush()
    memory.note(PLACE, replace(RUN, title="a" * LONGEST))
    assert (last(memory), memory.find(cwd="/p")) == (None, RUN), "not written yet"
    memory.flush()
    assert (last(memory), rows(tmp_path)) == (None, 0)


@pytest.mark.parametrize("column", ["folder", "names", "run", "seal"])
def test_a_damaged_row_is_none(memory: History, tmp_path: Path, column: str) -> None:
    memory.note(PLACE, RUN)
    memory.flush()
    with closing(sqlite3.connect(tmp_path / "index.db")) as db:
        db.execute(f"UPDATE history SET {column} = replace({column}, 'a', 'b')")
        db.commit()
    assert memory.last(PLACE) is None
    assert memory.find(cwd="/p") is None


def test_a_row_of_another_make_is_none() -> None:
    place, folder, names, run, _ = pack(PLACE, RUN)
    for text in ("", "[]", "null", "{}", json.dumps({**json.loads(run), "more": 1})):
        assert unpack((place, folder, names, text, digest_of([place, folder, names, text]))) is None


def test_a_store_writes_all_of_them_down_at_its_end(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    for number in range(BATCH + 1):
        store.history.note(digest_of(number), RUN)
    store.close()
    with closing(Index(tmp_path / "cache" / "v1" / "index.db")) as index:
        assert [History(index).last(digest_of(number)) is None for number in (0, BATCH)] == [False, False]
