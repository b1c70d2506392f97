"""Oracles for the tests of the wrapper."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import need
from tests.wrapper.oracle import Oracle
from zcnb.config import Config


@pytest.fixture
def oracle(shared: Config, tmp_path: Path) -> Oracle:
    """A folder of the test's own in front of the module's daemon."""
    return Oracle(tmp_path / "p", shared)


@pytest.fixture
def alone(config: Config, tmp_path: Path) -> Oracle:
    """A folder and a daemon of the test's own, to be frozen, killed or started anew."""
    return Oracle(tmp_path / "p", config)


@pytest.fixture(params=["g++", "clang++-19"])
def compiler(request: pytest.FixtureRequest) -> str:
    """Both families."""
    need(request.param)
    return str(request.param)
