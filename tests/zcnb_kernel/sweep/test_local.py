"""The steps of a sweep without the daemon."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zcnb_kernel.sweep.conftest import MakePlan
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.wire.messages import JobEnded, RunVariant, VariantBuilt
from zcnb_kernel.program import Ended
from zcnb_kernel.sweep.capture import Capture
from zcnb_kernel.sweep.local import LocalSteps, build
from zcnb_kernel.sweep.record import Record


@pytest.fixture
def alone(config: Config) -> Iterator[Session]:
    """A session without a daemon."""
    with Session(dataclasses.replace(config, disable=True)) as made:
        yield made


def followed(steps: LocalSteps, record: Record, crash: int = -1) -> list[str]:
    """All steps in short form, as if every program ran; variant `crash` crashes."""
    seen: list[str] = []
    while True:
        step = steps.next(0.0)
        if isinstance(step, VariantBuilt):
            record.build_ended(step.variant, step.built)
            seen.append(f"built {step.variant}")
        elif isinstance(step, RunVariant):
            assert Path(step.program).exists()
            code = -11 if step.variant == crash else 0
            record.run_ended(step.variant, Ended(exit_code=code, ms=1.0), Capture())
            seen.append(f"run {step.variant}")
        elif isinstance(step, JobEnded):
            return seen


def test_all_steps_in_order(alone: Session, make_plan_of: MakePlan) -> None:
    record = Record(make_plan_of('--repeat 2 --sweep "-O0 -O1"', "int main() {}"))
    with LocalSteps(alone, record, lambda progress: None) as steps:
        assert followed(steps, record) == ["built 0", "built 1", *["run 0", "run 1"] * 2]


def test_what_crashed_does_not_run_again(alone: Session, make_plan_of: MakePlan) -> None:
    record = Record(make_plan_of('--repeat 3 --sweep "-O0 -fno-such-flag -O1"', "int main() {}"))
    with LocalSteps(alone, record, lambda progress: None) as steps:
        assert followed(steps, record, crash=0)[3:] == ["run 0", "run 2", "run 2", "run 2"]


def test_it_goes_on_from_what_was_done_before(session: Session, make_plan_of: MakePlan) -> None:
    plan = make_plan_of('--repeat 2 --sweep "-O0 -O1"', "int main() {}")
    record = Record(plan)
    record.build_ended(0, build(session, plan.job.spec(0)))
    record.run_ended(0, Ended(exit_code=0, ms=1.0), Capture())
    with LocalSteps(session, record, lambda progress: None) as steps:
        assert followed(steps, record) == ["built 1", "run 1", "run 0", "run 1"]


def test_programs_are_gone_afterwards(alone: Session, make_plan_of: MakePlan) -> None:
    record = Record(make_plan_of("--repeat 1", "int main() {}"))
    with LocalSteps(alone, record, lambda progress: None) as steps:
        followed(steps, record)
    built = record.built(0)
    assert built is not None
    assert not Path(built.program).exists()


def test_what_cannot_even_be_tried_is_a_build_that_failed(session: Session, make_plan_of: MakePlan) -> None:
    for line, said in (("--compiler no-such-compiler", "was not found"), ("-o x", "zcnb chooses")):
        built = build(session, make_plan_of(f"{line} --repeat 1", "int main() {}").job.spec(0))
        assert not built.ok
        assert said in built.diagnostics
