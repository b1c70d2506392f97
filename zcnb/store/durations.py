"""How long the last miss in each slot took: what a progress bar goes by."""

from __future__ import annotations

import sqlite3

TABLES = "CREATE TABLE durations (slot TEXT PRIMARY KEY, ms REAL NOT NULL) STRICT;\n"


MOST = 10_000
"""Slots that are remembered: those that were built last."""


def duration(db: sqlite3.Connection, slot: str) -> float:
    """How long the last miss in `slot` took, in ms; 0 if there was none."""
    row = db.execute("SELECT ms FROM durations WHERE slot = ?", (slot,)).fetchone()
    return float(row[0]) if row else 0.0


def set_duration(db: sqlite3.Connection, slot: str, ms: float) -> None:
    """Remember how long a miss in `slot` took."""
    db.execute("INSERT OR REPLACE INTO durations VALUES (?, ?)", (slot, ms))  # with a new, higher rowid
    db.execute("DELETE FROM durations WHERE rowid <= (SELECT MAX(rowid) FROM durations) - ?", (MOST,))
