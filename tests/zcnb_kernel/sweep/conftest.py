"""Rows and sweeps made by hand, and plans for real ones."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from zcnb.model.spec import BuildSpec
from zcnb_kernel.options import parse
from zcnb_kernel.sweep.plan import Plan, make_plan
from zcnb_kernel.sweep.result import Row, Sweep

MakePlan = Callable[..., Plan]


def row(index: int = 0, **fields: Any) -> Row:
    """A variant that compiled and ran, unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "flags": (f"-O{index}",), "compiler": "g++ 12.2.0", "ok": True, "compile_ms": 100.0 + index, "cache": "miss",
        "text_bytes": 2000 - index, "data_bytes": 600, "runs_ms": (3.0 + index, 1.0 + index, 2.0 + index),
        "exit_code": 0, "same_output": True,
    }  # fmt: skip
    return Row(index=index, **{**values, **fields})


def broken(index: int, diagnostics: str = "cell.cpp:3:1: error: what?") -> Row:
    """A variant that does not compile."""
    return Row(index=index, flags=("-fnope",), compiler="g++ 12.2.0", ok=False, diagnostics=diagnostics)


def sweep(*rows: Row, **fields: Any) -> Sweep:
    """A sweep of `rows`."""
    return Sweep(**{"rows": rows, "cell": "In[3]", "language": "c++", "repeat": 3, **fields})


@pytest.fixture
def make_plan_of(make_spec: Callable[..., BuildSpec]) -> MakePlan:
    """`make_plan_of(line, source, language="c++")`: the sweep that a magic line with that cell asks for."""

    def made(line: str, source: str, language: str = "c++") -> Plan:
        options = parse(line)
        spec = make_spec(
            source, language=language, flags=options.flags, compiler=options.compiler, use_cache=options.cache
        )
        return make_plan(options, spec, secrets.token_hex(8))

    return made
