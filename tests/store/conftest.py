"""An index of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zcnb.store.index import Index


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the index lies, or will."""
    return tmp_path / "index.db"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    """An empty one."""
    made = Index(path)
    yield made
    made.close()
