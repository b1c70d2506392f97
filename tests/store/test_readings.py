"""Kept readings of large files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.store.shelf import OUT
from zcnb.osdep.signature import Signature
from zcnb.store import readings
from zcnb.store.index import Index


def test_an_unreadable_reading_is_left_out(path: Path, index: Index) -> None:
    """The store must open whatever stands in there; a compiler is read once more then."""
    state = Signature(1, 2, 3, 4, 5)
    index.run(readings.keep, [(name, state, OUT.digest) for name in ("/a", "/b", "/c", "/d")])
    with sqlite3.connect(path) as db:
        for name, text in (("/a", "[1, 2"), ("/b", "[1, 2]"), ("/c", '[1, 2, 3, 4, "5"]')):
            db.execute("UPDATE digests SET signature = ? WHERE path = ?", (text, name))
    db.close()
    assert index.run(readings.kept) == [("/d", state, OUT.digest)]


def test_the_latest_are_kept(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there ever were, a daemon reads no more than so many at its start."""
    monkeypatch.setattr(readings, "MOST", 3)
    for name in "abcdea":
        index.run(readings.keep, [(name, Signature(1, 2, 3, 4, 5), OUT.digest)])
    assert {path for path, *_ in index.run(readings.kept)} == {"d", "e", "a"}
