"""All tables of the index. Each stands in the module that reads and writes it, as that module's `TABLES`.

To add one: a module with `TABLES` and with functions that take the connection first, a place in `PARTS`, and a
higher `FORMAT`.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3

from zcnb.store import counters, durations, history, readings, recipes, results, sums, uses
from zcnb.store.damage import UnusableError, whole

PARTS = (results, recipes, uses, sums, counters, durations, readings, history)
"""In the order in which they can be made: a trigger needs the tables that it is about."""

FORMAT = 7
"""Kept in the file as `user_version`; a file of another format is put aside like a damaged one."""

_TABLES = "".join(part.TABLES for part in PARTS)


def make_tables(db: sqlite3.Connection) -> None:
    """All of them in a new file, in one transaction; else see that they are there. Raises `sqlite3.Error`."""
    if is_new(db):
        db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={FORMAT}; COMMIT;")
    check_tables(db)


def version_of(db: sqlite3.Connection) -> int:
    """The format that the file says it has; 0 for a new file."""
    return whole(db.execute("PRAGMA user_version").fetchone()[0])


def is_new(db: sqlite3.Connection) -> bool:
    """Whether nothing was written into the file yet: a daemon may have been killed just then."""
    return not db.execute("SELECT 1 FROM sqlite_master").fetchone() and version_of(db) == 0


def check_tables(db: sqlite3.Connection) -> None:
    """Raises `sqlite3.Error` unless this is an index of our format."""
    if (version := version_of(db)) != FORMAT:
        raise UnusableError(f"it has format {version}, and this zcnb writes {FORMAT}")
    if _schema(db) != _right_schema():
        raise UnusableError("its tables are not those that they should be")


def _schema(db: sqlite3.Connection) -> list[str]:
    return sorted(sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


@functools.cache
def _right_schema() -> list[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        return _schema(db)
