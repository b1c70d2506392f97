"""What is known of each variant, from what happened to it."""

from __future__ import annotations

import sys

from tests.zcnb_kernel.sweep.conftest import MakePlan
from zcnb.errors import ProgramError
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb_kernel.program import Ended
from zcnb_kernel.sweep.capture import Capture
from zcnb_kernel.sweep.record import Record

GCC = CompilerInfo(name="g++", path="/usr/bin/g++", version="12.2.0")


def built(*steps: StepReport) -> Built:
    return Built(ok=True, program=sys.executable, compiler=GCC, steps=steps)


FAILED = Built(ok=False, compiler=GCC, diagnostics="error: no", exit_code=1)
MISS = built(StepReport(step="compile", cache="miss", ms=80.0), StepReport(step="link", cache="miss", ms=20.0))
HIT = built(StepReport(step="compile", cache="hit", saved_ms=75.0), StepReport(step="link", cache="hit", saved_ms=25.0))


def ran(record: Record, number: int, ms: float = 1.0, text: bytes = b"out", **fields: object) -> None:
    capture = Capture()
    capture.take("stdout", text)
    record.run_ended(number, Ended(**{"exit_code": 0, "ms": ms, **fields}), capture)  # type: ignore[arg-type]


def record_of(make_plan_of: MakePlan, count: int, *, line: str = "--repeat 3") -> Record:
    flags = " ".join(f"-DN={number}" for number in range(count))
    return Record(make_plan_of(f'{line} --sweep "{flags}"', "int main() {}"))


def test_from_nothing_to_a_row(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 2)
    assert [row.ok for row in record.rows()] == [None, None]
    assert record.missing() == [0, 1]
    record.build_ended(0, MISS)
    record.build_ended(1, HIT)
    first, second = record.rows()
    assert (first.cache, first.compile_ms, second.cache, second.compile_ms) == ("miss", 100.0, "hit", 100.0)
    assert first.text_bytes
    assert first.compiler == "g++ 12.2.0"
    ran(record, 0, 4.0)
    ran(record, 0, 2.0)
    assert record.rows()[0].runs_ms == (4.0, 2.0)
    assert record.rows()[0].stdout == "out"
    assert record.rows()[1].exit_code is None


def test_output_is_compared_with_the_first_that_ran(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 5)
    for number in range(5):
        record.build_ended(number, MISS)
    ran(record, 1, text=b"right")
    ran(record, 0, text=b"right")
    ran(record, 2, text=b"wrong")
    ran(record, 3, text=b"right", exit_code=1)
    ran(record, 0, text=b"right")
    assert [row.same_output for row in record.rows()] == [True, True, False, False, None]


def test_one_run_that_differs_is_enough(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 2)
    ran(record, 0, text=b"a")
    ran(record, 1, text=b"a")
    ran(record, 1, text=b"b")
    same, other = record.rows()
    assert (same.same_output, same.steady) == (True, True)
    assert (other.same_output, other.steady) == (False, False)


def test_what_crashed_or_was_stopped_is_not_due_again_and_is_no_measurement(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 5)
    for number in range(4):
        record.build_ended(number, MISS)
    record.build_ended(4, FAILED)
    ran(record, 0, 5.0)
    ran(record, 0, exit_code=-11)
    ran(record, 1, exit_code=-15, timed_out=True)
    ran(record, 2, 7.0, exit_code=3)
    record.not_started(3, ProgramError("cannot be started", exit_code=126))
    assert [record.due(number, 2) for number in range(5)] == [False, False, True, False, False]
    rows = record.rows()
    assert [row.exit_code for row in rows] == [-11, -15, 3, 126, None]
    assert [row.runs_ms for row in rows] == [(5.0,), (), (7.0,), (), ()]
    assert [row.failed for row in rows] == [False, False, False, True, True]
    assert "cannot be started" in rows[3].diagnostics


def test_turns(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 1)
    assert not record.due(0, 0)  # it is not built
    record.build_ended(0, MISS)
    assert record.due(0, 0)
    ran(record, 0)
    assert not record.due(0, 0)
    assert record.due(0, 1)


def test_progress_goes_from_nothing_to_all(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 2)
    seen = [record.fraction()]
    assert record.said() == "built 0 of 2"
    record.build_ended(0, MISS)
    seen.append(record.fraction())
    record.build_ended(1, FAILED)
    seen.append(record.fraction())
    assert record.said() == "ran 0 of 3"
    for _ in range(3):
        ran(record, 0)
        seen.append(record.fraction())
    assert seen == sorted(set(seen))
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_progress_of_compiling_only(make_plan_of: MakePlan) -> None:
    record = record_of(make_plan_of, 2, line="--no-run")
    record.build_ended(0, MISS)
    assert record.fraction() == 0.5
