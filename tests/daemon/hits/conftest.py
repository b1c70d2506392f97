"""Desks for the tests of hits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    SHORT_GRACE_NS,
    Desk,
    Shop,
)
from zcnb.osdep import signature


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.close()


@pytest.fixture
def plain(shop: Shop, project: Path) -> Desk:
    """g++, files as young as they are."""
    need("g++")
    return Desk(shop, project)


@pytest.fixture(params=["g++ settled", "clang++-19"])
def desk(request: pytest.FixtureRequest, shop: Shop, project: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Both families; for g++ with files that are trusted by signature, for clang with young ones."""
    compiler, _, settled = request.param.partition(" ")
    need(compiler)
    if settled:
        monkeypatch.setattr(signature, "GRACE_NS", SHORT_GRACE_NS)
    return Desk(shop, project, compiler, bool(settled))


@pytest.fixture(params=["g++", "clang++-19"])
def both(request: pytest.FixtureRequest, shop: Shop, project: Path) -> Desk:
    """Both families, young files."""
    need(request.param)
    return Desk(shop, project, request.param)
