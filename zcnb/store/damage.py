"""What it looks like when the index is not what was written, as against locked, full or forbidden."""

from __future__ import annotations

import sqlite3


class UnusableError(sqlite3.DatabaseError):
    """SQLite can read it, and yet it is not our index."""


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file itself is bad, and not that it is locked, full or forbidden."""
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes the damage, and Python cannot read the quotation
        return True
    code = getattr(error, "sqlite_errorcode", 0)
    damage = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return isinstance(error, UnusableError) or code & 0xFF in damage or code == sqlite3.SQLITE_IOERR_SHORT_READ


def whole(value: object) -> int:
    """`value`, which is an integer in an index that can be used. Raises `UnusableError`."""
    if not isinstance(value, int):
        raise UnusableError("a number is none")
    return value
