"""How much the cache holds. Triggers keep the sums: nothing is ever added up on the way of a request."""

from __future__ import annotations

import sqlite3

from zcnb.store.damage import whole

TABLES = """
CREATE TABLE sums (bytes INTEGER NOT NULL, entries INTEGER NOT NULL) STRICT;
INSERT INTO sums VALUES (0, 0);
CREATE TRIGGER sum_entry_added AFTER INSERT ON entries
    BEGIN UPDATE sums SET bytes = bytes + NEW.size, entries = entries + 1; END;
CREATE TRIGGER sum_entry_gone AFTER DELETE ON entries
    BEGIN UPDATE sums SET bytes = bytes - OLD.size, entries = entries - 1; END;
CREATE TRIGGER sum_blob_added AFTER INSERT ON blobs BEGIN UPDATE sums SET bytes = bytes + NEW.size; END;
CREATE TRIGGER sum_blob_resized AFTER UPDATE OF size ON blobs
    BEGIN UPDATE sums SET bytes = bytes + NEW.size - OLD.size; END;
CREATE TRIGGER sum_blob_gone AFTER DELETE ON blobs BEGIN UPDATE sums SET bytes = bytes - OLD.size; END;
"""

_RIGHT = (
    "SELECT (SELECT COALESCE(SUM(size), 0) FROM blobs) + (SELECT COALESCE(SUM(size), 0) FROM entries),"
    " (SELECT COUNT(*) FROM entries)"
)


def totals(db: sqlite3.Connection) -> tuple[int, int]:
    """(bytes of blobs and of what is written about them, number of results)."""
    size, entries = db.execute("SELECT bytes, entries FROM sums").fetchone() or (None, None)
    return whole(size), whole(entries)


def are_right(db: sqlite3.Connection) -> bool:
    """Whether the sums are what adding up gives. For checks: it reads all rows."""
    return db.execute("SELECT bytes, entries FROM sums").fetchall() == db.execute(_RIGHT).fetchall()


def sum_up(db: sqlite3.Connection) -> None:
    """Make the sums right by adding everything up. For repairs: it reads all rows."""
    db.execute("DELETE FROM sums")
    db.execute(f"INSERT INTO sums {_RIGHT}")
