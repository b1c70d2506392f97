"""The recorded results: rows under keys, and which blobs each of them leads to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store import recipes, uses
from zcnb.store.damage import whole
from zcnb.store.rows import Entry, Row, pack, unpack

TABLES = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, manifest TEXT NOT NULL, outputs TEXT NOT NULL,
    said TEXT NOT NULL, ms REAL NOT NULL, seal TEXT NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE INDEX entries_by_key ON entries (key, id);
CREATE TABLE holds (entry INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (entry, digest)) STRICT, WITHOUT ROWID;
CREATE INDEX holds_by_digest ON holds (digest);
CREATE TRIGGER entry_gone AFTER DELETE ON entries BEGIN DELETE FROM holds WHERE entry = OLD.id; END;
"""

_ROW = "SELECT id, key, manifest, outputs, said, ms, seal FROM entries"

PER_KEY = 16
"""Versions kept of what one key gave with different headers: changing a header back is a hit again."""


def under(db: sqlite3.Connection, key: Digest) -> list[Entry]:
    """What is recorded under `key`, newest first. A row that cannot be trusted goes."""
    rows = db.execute(f"{_ROW} WHERE key = ? ORDER BY id DESC", (key,)).fetchall()
    found = [(number, unpack(number, key, Row(*row))) for number, _, *row in rows]
    if bad := [number for number, entry in found if entry is None]:
        drop(db, bad)
    return [entry for _, entry in found if entry is not None]


def following(db: sqlite3.Connection, key: str, number: int) -> tuple[Digest, Entry | None, int] | None:
    """The next result after `number` of `key` in the order of keys (which are digests, so no order at all): its key,
    itself if it can be trusted, and its number. `None` if there is no further one."""
    row = db.execute(f"{_ROW} WHERE (key, id) > (?, ?) ORDER BY key, id LIMIT 1", (key, number)).fetchone()
    if row is None:
        return None
    found, at, *values = row
    return Digest(at), unpack(found, Digest(at), Row(*values)), found


def add(
    db: sqlite3.Connection, key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str,
    ms: float, recipe: bytes = b"",
) -> None:  # fmt: skip
    """Record one result, its blobs, and how it was made."""
    row = pack(key, manifest, outputs, stdout=stdout, stderr=stderr, ms=ms)
    entry = db.execute(
        "INSERT INTO entries (key, manifest, outputs, said, ms, seal, size) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, *row, row.size + len(recipe)),
    ).lastrowid
    assert entry is not None
    for output in outputs:
        uses.note(db, output.digest, output.size)
        db.execute("INSERT OR IGNORE INTO holds VALUES (?, ?)", (entry, output.digest))
    if recipe:
        recipes.keep(db, entry, key, recipe)
    db.execute(
        "DELETE FROM entries WHERE key = ?1 AND id NOT IN"
        " (SELECT id FROM entries WHERE key = ?1 ORDER BY id DESC LIMIT ?2)",
        (key, PER_KEY),
    )


def drop(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Forget results by their ids; their blobs stay until they are evicted."""
    db.executemany("DELETE FROM entries WHERE id = ?", [(number,) for number in numbers])


def latest(db: sqlite3.Connection) -> int:
    """The id of the newest result; 0 without results."""
    return whole(db.execute("SELECT COALESCE(MAX(id), 0) FROM entries").fetchone()[0])


def drop_until(db: sqlite3.Connection, number: int) -> None:
    """Forget all results with ids up to `number`."""
    db.execute("DELETE FROM entries WHERE id <= ?", (number,))


def drop_blobs(db: sqlite3.Connection, digests: Iterable[Digest]) -> None:
    """Forget blobs and the results that lead to them."""
    rows = [(digest,) for digest in digests]
    db.executemany("DELETE FROM blobs WHERE digest = ?", rows)
    db.executemany("DELETE FROM entries WHERE id IN (SELECT entry FROM holds WHERE digest = ?)", rows)


def bad(db: sqlite3.Connection) -> list[int]:
    """The ids of results that are not what was written, or whose blobs are others. For checks: it reads all rows."""
    return [
        number
        for number, key, *values in db.execute(_ROW)
        if (entry := unpack(number, key, Row(*values))) is None
        or {output.digest for output in entry.outputs} != _held(db, number)
        or recipes.find(db, number, key) is None
    ]


def without_blob(db: sqlite3.Connection) -> list[int]:
    """The ids of results that lead to blobs which nobody knows."""
    query = "SELECT DISTINCT entry FROM holds WHERE digest NOT IN (SELECT digest FROM blobs)"
    return [number for (number,) in db.execute(query)]


def _held(db: sqlite3.Connection, number: int) -> set[str]:
    return {digest for (digest,) in db.execute("SELECT digest FROM holds WHERE entry = ?", (number,))}
