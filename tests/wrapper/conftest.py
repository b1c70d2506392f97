"""Oracles for the tests of the wrapper."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import end_daemon, need
from tests.wrapper.oracle import Oracle
from zcnb.config import Config


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The settings of one daemon for the whole module: tests mark their sources where it matters."""
    runtime = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    settings = Config(cache_dir=tmp_path_factory.mktemp("cache") / "cache", socket=runtime / "s.sock")
    yield settings
    end_daemon(settings)
    shutil.rmtree(runtime, ignore_errors=True)


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
