"""The SQLite index: entries by key, blobs by size and last use, durations by slot,
and the digests of large files (hashing a Rust toolchain takes most of a second).

An index that SQLite calls damaged is put aside and begun anew: losing it costs
time, trusting it could cost a wrong answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.osdep.signature import Signature

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, manifest TEXT NOT NULL, outputs TEXT NOT NULL,
    said TEXT NOT NULL, ms REAL NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_key ON entries (key, id);
CREATE TABLE IF NOT EXISTS holds (entry INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (entry, digest));
CREATE INDEX IF NOT EXISTS holds_by_digest ON holds (digest);
CREATE TRIGGER IF NOT EXISTS entry_gone AFTER DELETE ON entries
    BEGIN DELETE FROM holds WHERE entry = OLD.id; END;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value REAL NOT NULL);
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, used_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS durations (slot TEXT PRIMARY KEY, ms REAL NOT NULL);
CREATE TABLE IF NOT EXISTS digests (path TEXT PRIMARY KEY, signature TEXT NOT NULL, digest TEXT NOT NULL);
"""

FORMAT = 4
"""Kept in the file as `user_version`; a file of another format is put aside like a damaged one."""

ENTRIES_PER_KEY = 16
"""Versions kept of what one key gave with different headers: changing a header back is a hit again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded result. `id` grows with time."""

    id: int
    manifest: Manifest
    outputs: tuple[Output, ...]
    stdout: str
    stderr: str
    """Both as the tool wrote them, decoded with `surrogateescape`."""
    ms: float


class _OtherFormatError(sqlite3.DatabaseError):
    """The file was written by another version."""


class Index:
    """All methods raise `StoreError` when the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            if not self._damaged(error):
                raise StoreError(f"The cache index {self._path} cannot be opened: {error}.") from error
        self._put_aside()
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"The cache index {self._path} cannot be made: {error}.") from error

    @staticmethod
    def _damaged(error: sqlite3.DatabaseError) -> bool:
        if isinstance(error, _OtherFormatError):
            return True
        return getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

    def _put_aside(self) -> None:
        with contextlib.suppress(OSError):
            os.replace(self._path, self._path.with_suffix(".damaged"))
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.unlink(f"{self._path}{suffix}")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._db:
                yield self._db
        except (sqlite3.Error, ValueError) as error:
            if isinstance(error, sqlite3.DatabaseError) and self._damaged(error):
                self._db.close()
                self._put_aside()
                self._db = self._open()
            raise StoreError(f"The cache index {self._path} failed: {error}.") from error

    def entries(self, key: Digest) -> list[Entry]:
        """What is recorded under `key`, newest first."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, manifest, outputs, said, ms FROM entries WHERE key = ? ORDER BY id DESC",
                (key,),
            ).fetchall()
            found = [_entry(row) for row in rows]
            db.executemany(
                "DELETE FROM entries WHERE id = ?", [(r[0],) for r, e in zip(rows, found, strict=True) if not e]
            )
            return [entry for entry in found if entry is not None]

    def add(
        self, key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str, ms: float
    ) -> None:
        """Record one result and its blobs, in one transaction."""
        now = time.time_ns()
        held, said = json.dumps(list(map(astuple, outputs))), json.dumps([stdout, stderr])
        with self._transaction() as db:
            entry = db.execute(
                "INSERT INTO entries (key, manifest, outputs, said, ms) VALUES (?, ?, ?, ?, ?)",
                (key, _manifest_text(manifest), held, said, ms),
            ).lastrowid
            for output in outputs:
                db.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", (output.digest, output.size, now))
                db.execute("INSERT OR IGNORE INTO holds VALUES (?, ?)", (entry, output.digest))
            db.execute(
                "DELETE FROM entries WHERE key = ?1 AND id NOT IN"
                " (SELECT id FROM entries WHERE key = ?1 ORDER BY id DESC LIMIT ?2)",
                (key, ENTRIES_PER_KEY),
            )

    def add_blob(self, digest: Digest, size: int) -> None:
        """Note a blob that no entry leads to."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", (digest, size, time.time_ns()))

    def forget(self, entry: Entry, gone: Digest) -> None:
        """Drop an entry, and its blob that is gone."""
        with self._transaction() as db:
            db.execute("DELETE FROM entries WHERE id = ?", (entry.id,))
            db.execute("DELETE FROM blobs WHERE digest = ?", (gone,))

    def touch(self, uses: dict[Digest, int]) -> None:
        """Note last uses: digest -> wall clock in nanoseconds."""
        with self._transaction() as db:
            db.executemany("UPDATE blobs SET used_ns = ?2 WHERE digest = ?1", uses.items())

    def blobs(self) -> list[tuple[Digest, int, int]]:
        """(digest, size, last use) of all blobs."""
        with self._transaction() as db:
            return [(Digest(d), size, used) for d, size, used in db.execute("SELECT digest, size, used_ns FROM blobs")]

    def drop_blobs(self, digests: list[Digest]) -> None:
        """Forget blobs and the entries that lead to them."""
        with self._transaction() as db:
            rows = [(digest,) for digest in digests]
            db.executemany("DELETE FROM blobs WHERE digest = ?", rows)
            db.executemany("DELETE FROM entries WHERE id IN (SELECT entry FROM holds WHERE digest = ?)", rows)

    def totals(self) -> tuple[int, int]:
        """(bytes in blobs, number of entries)."""
        with self._transaction() as db:
            size = db.execute("SELECT COALESCE(SUM(size), 0) FROM blobs").fetchone()[0]
            return size, db.execute("SELECT COUNT(*) FROM entries").fetchone()[0]

    def duration(self, slot: str) -> float:
        """How long the last miss in `slot` took, in ms; 0 if there was none."""
        with self._transaction() as db:
            row = db.execute("SELECT ms FROM durations WHERE slot = ?", (slot,)).fetchone()
            return float(row[0]) if row else 0.0

    def set_duration(self, slot: str, ms: float) -> None:
        """Remember how long a miss in `slot` took."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO durations VALUES (?, ?)", (slot, ms))

    def digests(self) -> list[tuple[str, Signature, Digest]]:
        """Kept readings of large files: (path, signature, digest)."""
        with self._transaction() as db:
            rows = db.execute("SELECT path, signature, digest FROM digests").fetchall()
            return [(path, Signature(*json.loads(state)), Digest(digest)) for path, state, digest in rows]

    def keep_digests(self, rows: list[tuple[str, Signature, Digest]]) -> None:
        """Keep readings of large files."""
        with self._transaction() as db:
            packed = [(path, json.dumps(state), digest) for path, state, digest in rows]
            db.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", packed)

    def counters(self) -> dict[str, float]:
        """What was counted, by name."""
        with self._transaction() as db:
            return dict(db.execute("SELECT name, value FROM counters").fetchall())

    def add_counters(self, more: Mapping[str, float]) -> None:
        """Add to counters; those that do not exist begin at 0."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2", more.items()
            )

    def zero_counters(self) -> None:
        """Begin counting anew."""
        with self._transaction() as db:
            db.execute("DELETE FROM counters")

    def clear(self) -> None:
        """Forget all entries and blobs."""
        with self._transaction() as db:
            db.execute("DELETE FROM entries")
            db.execute("DELETE FROM blobs")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Opened in a thread, so that health is answered meanwhile; used from the event loop only, after that.
    db = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    try:
        # WAL + NORMAL: a commit costs 9 us instead of 94. A power cut may lose the last commits, never
        # damage the file; a lost entry is a miss.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if db.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
            raise _OtherFormatError("written by another version of zcnb")
        db.executescript(_TABLES)
        db.execute(f"PRAGMA user_version={FORMAT}")
    except BaseException:
        db.close()
        raise
    return db


def _entry(row: tuple[int, str, str, str, float]) -> Entry | None:
    """One row, or `None` if it cannot be read."""
    number, text, outputs, said, ms = row
    try:
        stdout, stderr = json.loads(said)
        return Entry(number, _manifest(text), tuple(Output(*o) for o in json.loads(outputs)), stdout, stderr, ms)
    except (ValueError, TypeError, AttributeError):
        return None


def _manifest_text(manifest: Manifest) -> str:
    """JSON. Probes are grouped by folder: there may be two thousand of them, in thirty folders."""
    folders: dict[str, tuple[list[str], list[str]]] = {}
    for path, existed in manifest.probes:
        folder, slash, name = path.rpartition("/")
        folders.setdefault(folder + slash, ([], []))[existed].append(name)
    return json.dumps([manifest.inputs, folders, manifest.env])


def _manifest(text: str) -> Manifest:
    inputs, folders, env = json.loads(text)
    return Manifest(
        tuple((path, Digest(digest)) for path, digest in inputs),
        tuple(
            (folder + name, existed)
            for folder, groups in folders.items()
            for existed, names in zip((False, True), groups, strict=True)
            for name in names
        ),
        tuple((name, value) for name, value in env),
    )
