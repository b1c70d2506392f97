"""The digests of large files, kept for later daemons: hashing a Rust toolchain takes most of a second."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from zcnb.model.digest import Digest
from zcnb.osdep.signature import Signature
from zcnb.store.damage import whole

TABLES = "CREATE TABLE digests (path TEXT PRIMARY KEY, signature TEXT NOT NULL, digest TEXT NOT NULL) STRICT;\n"

MOST = 10_000
"""Readings that are kept: those that were made last."""

Reading = tuple[str, Signature, Digest]
"""A path, the signature that the file had when it was read, and the digest of what was in it."""


def kept(db: sqlite3.Connection) -> list[Reading]:
    """All of them but those that cannot be read."""
    rows = db.execute("SELECT path, signature, digest FROM digests").fetchall()
    return [reading for row in rows if (reading := _reading(*row)) is not None]


def keep(db: sqlite3.Connection, readings: Iterable[Reading]) -> None:
    """Add some, or put them in the place of older ones."""
    packed = [(path, json.dumps(state), digest) for path, state, digest in readings]
    db.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", packed)  # with new, higher rowids
    db.execute("DELETE FROM digests WHERE rowid <= (SELECT MAX(rowid) FROM digests) - ?", (MOST,))


def _reading(path: str, state: str, digest: str) -> Reading | None:
    """A kept reading; `None` if the row cannot be read. A wrong digest would cost a miss."""
    try:
        return path, Signature(*map(whole, json.loads(state))), Digest(digest)
    except (ValueError, TypeError, sqlite3.Error):
        return None
