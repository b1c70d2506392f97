"""What was counted over all daemons' lives, by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

TABLES = "CREATE TABLE counters (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;\n"


def counted(db: sqlite3.Connection) -> dict[str, float]:
    """All of them."""
    return dict(db.execute("SELECT name, value FROM counters").fetchall())


def add(db: sqlite3.Connection, more: Mapping[str, float]) -> None:
    """Add to counters; those that do not exist begin at 0."""
    db.executemany(
        "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2", more.items()
    )


def zero(db: sqlite3.Connection) -> None:
    """Begin counting anew."""
    db.execute("DELETE FROM counters")
