"""The blobs that there are, by size and last use. The order of use is counted, not timed: a clock that jumps does
not change it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from zcnb.model.digest import Digest
from zcnb.store.damage import whole

TABLES = """
CREATE TABLE blobs (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_use ON blobs (used);
"""

_NEXT = "(SELECT COALESCE(MAX(used), 0) + 1 FROM blobs)"


class Aged(NamedTuple):
    """A blob in the order of last use. `used` grows with each use of any blob."""

    digest: Digest
    size: int
    used: int


def note(db: sqlite3.Connection, digest: Digest, size: int) -> None:
    """This blob is there, and is the one used last."""
    db.execute(
        f"INSERT INTO blobs VALUES (?, ?, {_NEXT}) ON CONFLICT (digest)"
        " DO UPDATE SET size = excluded.size, used = excluded.used",
        (digest, size),
    )


def touch(db: sqlite3.Connection, used: Iterable[Digest]) -> None:
    """Note uses, the latest last."""
    db.executemany(f"UPDATE blobs SET used = {_NEXT} WHERE digest = ?", [(digest,) for digest in used])


def oldest(db: sqlite3.Connection, most: int, after: int = 0) -> list[Aged]:
    """The least recently used blobs, `most` of them, of those used later than `after`."""
    rows = db.execute(
        "SELECT digest, size, used FROM blobs WHERE used > ? ORDER BY used LIMIT ?", (after, most)
    ).fetchall()
    return [Aged(Digest(digest), whole(size), whole(used)) for digest, size, used in rows]


def latest(db: sqlite3.Connection) -> int:
    """The number of the last use; 0 without blobs."""
    return whole(db.execute("SELECT COALESCE(MAX(used), 0) FROM blobs").fetchone()[0])


def blobs_in(db: sqlite3.Connection, shard: str) -> set[Digest]:
    """The blobs whose digest begins with `shard`."""
    rows = db.execute("SELECT digest FROM blobs WHERE digest BETWEEN ? AND ?", (shard, f"{shard}g"))
    return {Digest(digest) for (digest,) in rows}
