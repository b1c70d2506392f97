"""How each result was made, so that it can be made again: an opaque text of the daemon's for each entry.

A recipe is sealed as rows are, is written with its entry and goes with it. Nothing is ever answered from it.
"""

from __future__ import annotations

import sqlite3

from zcnb.model.digest import Digest, digest_of

TABLES = """
CREATE TABLE recipes (entry INTEGER PRIMARY KEY, recipe BLOB NOT NULL, seal TEXT NOT NULL) STRICT;
CREATE TRIGGER recipe_gone AFTER DELETE ON entries BEGIN DELETE FROM recipes WHERE entry = OLD.id; END;
"""


def keep(db: sqlite3.Connection, entry: int, key: Digest, recipe: bytes) -> None:
    """Write down how `entry`, which stands under `key`, was made."""
    db.execute("INSERT OR REPLACE INTO recipes VALUES (?, ?, ?)", (entry, recipe, _seal(key, recipe)))


def find(db: sqlite3.Connection, entry: int, key: Digest) -> bytes | None:
    """How `entry` was made; empty if nobody wrote it down, `None` if it is not what was written."""
    row = db.execute("SELECT recipe, seal FROM recipes WHERE entry = ?", (entry,)).fetchone()
    if row is None:
        return b""
    recipe, seal = row
    return recipe if isinstance(recipe, bytes) and seal == _seal(key, recipe) else None


def _seal(key: Digest, recipe: bytes) -> Digest:
    return digest_of([key, recipe])
