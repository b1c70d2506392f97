"""The SQLite index: entries by key, blobs by size and last use, durations by slot,
and the digests of large files (hashing a Rust toolchain takes most of a second).

Rules. An index that is damaged, or of another version, is put aside and begun
anew: losing it costs time, trusting it could cost a wrong answer. That is done
under a lock, because two daemons may use one cache folder and the files beside
the index (`-wal`, `-shm`) must never be taken from under a sound one. The order
of use is counted, not timed, so a clock that jumps does not change it. The sums
of sizes are kept by triggers: nothing is ever added up on the way of a request.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.osdep import FileLock
from zcnb.osdep.signature import Signature
from zcnb.store.files import remove
from zcnb.store.rows import Entry, Row, pack, unpack

_TABLES = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, manifest TEXT NOT NULL, outputs TEXT NOT NULL,
    said TEXT NOT NULL, ms REAL NOT NULL, seal TEXT NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE INDEX entries_by_key ON entries (key, id);
CREATE TABLE holds (entry INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (entry, digest)) STRICT;
CREATE INDEX holds_by_digest ON holds (digest);
CREATE TABLE blobs (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;
CREATE INDEX blobs_by_use ON blobs (used);
CREATE TABLE sums (bytes INTEGER NOT NULL, entries INTEGER NOT NULL) STRICT;
INSERT INTO sums VALUES (0, 0);
CREATE TRIGGER entry_added AFTER INSERT ON entries
    BEGIN UPDATE sums SET bytes = bytes + NEW.size, entries = entries + 1; END;
CREATE TRIGGER entry_gone AFTER DELETE ON entries
    BEGIN DELETE FROM holds WHERE entry = OLD.id;
          UPDATE sums SET bytes = bytes - OLD.size, entries = entries - 1; END;
CREATE TRIGGER blob_added AFTER INSERT ON blobs BEGIN UPDATE sums SET bytes = bytes + NEW.size; END;
CREATE TRIGGER blob_resized AFTER UPDATE OF size ON blobs
    BEGIN UPDATE sums SET bytes = bytes + NEW.size - OLD.size; END;
CREATE TRIGGER blob_gone AFTER DELETE ON blobs BEGIN UPDATE sums SET bytes = bytes - OLD.size; END;
CREATE TABLE counters (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;
CREATE TABLE durations (slot TEXT PRIMARY KEY, ms REAL NOT NULL) STRICT;
CREATE TABLE digests (path TEXT PRIMARY KEY, signature TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE history (
    place TEXT PRIMARY KEY, folder TEXT NOT NULL, names TEXT NOT NULL, run TEXT NOT NULL, seal TEXT NOT NULL,
    used INTEGER NOT NULL) STRICT;
CREATE INDEX history_by_use ON history (used);
"""

SUMS = (
    "SELECT (SELECT COALESCE(SUM(size), 0) FROM blobs) + (SELECT COALESCE(SUM(size), 0) FROM entries),"
    " (SELECT COUNT(*) FROM entries)"
)
"""What the one row of `sums` has to hold."""

FORMAT = 6
"""Kept in the file as `user_version`; a file of another format is put aside like a damaged one."""

ENTRIES_PER_KEY = 16
"""Versions kept of what one key gave with different headers: changing a header back is a hit again."""

LOCK_S = 10.0
"""How long to wait while another process opens the index or puts it aside; twice what SQLite waits."""

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class Aged(NamedTuple):
    """A blob in the order of last use. `used` grows with each use of any blob."""

    digest: Digest
    size: int
    used: int


class _UnusableError(sqlite3.DatabaseError):
    """SQLite can read it, and yet it is not our index."""


class _BegunAnewError(StoreError):
    """The index was damaged. By now there is a new, empty one."""


def _once_more(method: Callable[Concatenate[Index, P], T]) -> Callable[Concatenate[Index, P], T]:
    """`method`, done again on the new index if the old one turned out to be damaged."""

    @functools.wraps(method)
    def done(self: Index, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except _BegunAnewError:
            return method(self, *args, **kwargs)

    return done


class Index:
    """All methods raise `StoreError` when the file cannot be used. `note` is told, in one sentence, of an index that
    was put aside; what is asked of it then has the answer of an empty one."""

    def __init__(self, path: Path, note: Callable[[str], None] = lambda text: None) -> None:
        self._path, self._note = path, note
        self._db, self._identity = self._open()

    def _open(self) -> tuple[sqlite3.Connection, tuple[int, int]]:
        """A connection, and device and inode of the file behind it."""
        try:
            with _exclusively(self._path):
                return self._connected()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise StoreError(f"The cache index {self._path} cannot be opened: {error}.") from error

    def _connected(self) -> tuple[sqlite3.Connection, tuple[int, int]]:
        try:
            db = _connect(self._path)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not (is_damage(error) or _is_in_the_way(self._path)):
                raise
            put_aside(self._path)
            self._note(_said(self._path, error))
            db = _connect(self._path)
        facts = os.stat(self._path)
        return db, (facts.st_dev, facts.st_ino)

    def _begin_anew(self, error: Exception) -> None:
        """Put the damaged file aside, unless another process did so already, and open a new one."""
        try:
            with _exclusively(self._path):
                if not self.moved:
                    put_aside(self._path)
                    self._note(_said(self._path, error))
        except OSError as trouble:
            raise StoreError(f"The cache index {self._path} is damaged and cannot be put aside: {trouble}.") from error
        self.reopen()

    @property
    def moved(self) -> bool:
        """Whether the file is not where it was any more: deleted, or put aside by another process."""
        try:
            facts = os.stat(self._path)
        except OSError:
            return True
        return (facts.st_dev, facts.st_ino) != self._identity

    def reopen(self) -> None:
        """Leave the file that is open, for the one that lies in its place."""
        self._db.close()
        self._identity = (0, 0)  # should it fail: it is tried again
        self._db, self._identity = self._open()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._db:
                yield self._db
        except (sqlite3.Error, ValueError) as error:
            if is_damage(error):
                self._begin_anew(error)
                raise _BegunAnewError(_said(self._path, error)) from error
            raise StoreError(f"The cache index {self._path} failed: {error}.") from error

    @_once_more
    def entries(self, key: Digest) -> list[Entry]:
        """What is recorded under `key`, newest first. A row that cannot be trusted goes."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, manifest, outputs, said, ms, seal FROM entries WHERE key = ? ORDER BY id DESC", (key,)
            ).fetchall()
        found = [(number, unpack(number, key, Row(*row))) for number, *row in rows]
        if bad := [number for number, entry in found if entry is None]:
            self.drop_entries(bad)
        return [entry for _, entry in found if entry is not None]

    @_once_more
    def add(
        self, key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str, ms: float
    ) -> None:
        """Record one result and its blobs, in one transaction."""
        row = pack(key, manifest, outputs, stdout=stdout, stderr=stderr, ms=ms)
        with self._transaction() as db:
            entry = db.execute(
                "INSERT INTO entries (key, manifest, outputs, said, ms, seal, size) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, *row, row.size),
            ).lastrowid
            for output in outputs:
                _note_blob(db, output.digest, output.size)
                db.execute("INSERT OR IGNORE INTO holds VALUES (?, ?)", (entry, output.digest))
            db.execute(
                "DELETE FROM entries WHERE key = ?1 AND id NOT IN"
                " (SELECT id FROM entries WHERE key = ?1 ORDER BY id DESC LIMIT ?2)",
                (key, ENTRIES_PER_KEY),
            )

    @_once_more
    def add_blob(self, digest: Digest, size: int) -> None:
        """Note a blob that no entry leads to."""
        with self._transaction() as db:
            _note_blob(db, digest, size)

    @_once_more
    def touch(self, used: Iterable[Digest]) -> None:
        """Note uses, the latest last."""
        with self._transaction() as db:
            db.executemany(f"UPDATE blobs SET used = {_NEXT_USE} WHERE digest = ?", [(digest,) for digest in used])

    @_once_more
    def oldest(self, most: int, after: int = 0) -> list[Aged]:
        """The least recently used blobs, `most` of them, of those used later than `after`."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT digest, size, used FROM blobs WHERE used > ? ORDER BY used LIMIT ?", (after, most)
            ).fetchall()
            return [Aged(Digest(digest), _whole(size), _whole(used)) for digest, size, used in rows]

    @_once_more
    def blobs_in(self, shard: str) -> dict[Digest, int]:
        """Digest and size of the blobs whose digest begins with `shard`."""
        with self._transaction() as db:
            rows = db.execute("SELECT digest, size FROM blobs WHERE digest BETWEEN ? AND ?", (shard, f"{shard}g"))
            return {Digest(digest): _whole(size) for digest, size in rows}

    @_once_more
    def drop_blobs(self, digests: Iterable[Digest]) -> None:
        """Forget blobs and the entries that lead to them."""
        with self._transaction() as db:
            rows = [(digest,) for digest in digests]
            db.executemany("DELETE FROM blobs WHERE digest = ?", rows)
            db.executemany("DELETE FROM entries WHERE id IN (SELECT entry FROM holds WHERE digest = ?)", rows)

    @_once_more
    def drop_entries(self, numbers: Iterable[int]) -> None:
        """Forget entries by their ids; their blobs stay until they are evicted."""
        with self._transaction() as db:
            db.executemany("DELETE FROM entries WHERE id = ?", [(number,) for number in numbers])

    @_once_more
    def sum_up(self) -> None:
        """Make the sums right by adding everything up. For repairs: it reads all rows."""
        with self._transaction() as db:
            db.execute("DELETE FROM sums")
            db.execute(f"INSERT INTO sums {SUMS}")

    @_once_more
    def totals(self) -> tuple[int, int]:
        """(bytes of blobs and of what is written about them, number of entries)."""
        with self._transaction() as db:
            size, entries = db.execute("SELECT bytes, entries FROM sums").fetchone() or (None, None)
            return _whole(size), _whole(entries)

    @_once_more
    def duration(self, slot: str) -> float:
        """How long the last miss in `slot` took, in ms; 0 if there was none."""
        with self._transaction() as db:
            row = db.execute("SELECT ms FROM durations WHERE slot = ?", (slot,)).fetchone()
            return float(row[0]) if row else 0.0

    @_once_more
    def set_duration(self, slot: str, ms: float) -> None:
        """Remember how long a miss in `slot` took."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO durations VALUES (?, ?)", (slot, ms))

    @_once_more
    def digests(self) -> list[tuple[str, Signature, Digest]]:
        """Kept readings of large files: (path, signature, digest)."""
        with self._transaction() as db:
            rows = db.execute("SELECT path, signature, digest FROM digests").fetchall()
            return [reading for row in rows if (reading := _reading(*row)) is not None]

    @_once_more
    def keep_digests(self, rows: list[tuple[str, Signature, Digest]]) -> None:
        """Keep readings of large files."""
        with self._transaction() as db:
            packed = [(path, json.dumps(state), digest) for path, state, digest in rows]
            db.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", packed)

    @_once_more
    def counters(self) -> dict[str, float]:
        """What was counted, by name."""
        with self._transaction() as db:
            return dict(db.execute("SELECT name, value FROM counters").fetchall())

    @_once_more
    def add_counters(self, more: Mapping[str, float]) -> None:
        """Add to counters; those that do not exist begin at 0."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2", more.items()
            )

    @_once_more
    def zero_counters(self) -> None:
        """Begin counting anew."""
        with self._transaction() as db:
            db.execute("DELETE FROM counters")

    @_once_more
    def clear(self) -> None:
        """Forget all entries and blobs."""
        with self._transaction() as db:
            db.execute("DELETE FROM entries")
            db.execute("DELETE FROM blobs")

    @_once_more
    def do(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """What `work` makes of the file, in one transaction; it is called again if the index had to be begun anew."""
        with self._transaction() as db:
            return work(db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _reading(path: str, state: str, digest: str) -> tuple[str, Signature, Digest] | None:
    """A kept reading; `None` if the row cannot be read. A wrong digest would cost a miss."""
    try:
        return path, Signature(*map(_whole, json.loads(state))), Digest(digest)
    except (ValueError, TypeError, sqlite3.Error):
        return None


_NEXT_USE = "(SELECT COALESCE(MAX(used), 0) + 1 FROM blobs)"


def _note_blob(db: sqlite3.Connection, digest: Digest, size: int) -> None:
    """This blob is there, and is the one used last."""
    db.execute(
        f"INSERT INTO blobs VALUES (?, ?, {_NEXT_USE}) ON CONFLICT (digest)"
        " DO UPDATE SET size = excluded.size, used = excluded.used",
        (digest, size),
    )


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file itself is bad, and not that it is locked, full or forbidden."""
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes the damage, and Python cannot read the quotation
        return True
    code = getattr(error, "sqlite_errorcode", 0)
    damage = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return isinstance(error, _UnusableError) or code & 0xFF in damage or code == sqlite3.SQLITE_IOERR_SHORT_READ


def begin_anew(path: Path) -> None:
    """Put the index aside, if there is one, and make an empty one. A daemon that has the old one open notices
    within a few seconds. Raises `OSError`, `StoreError`."""
    with _exclusively(path):
        put_aside(path)
    Index(path).close()


def put_aside(path: Path) -> None:
    """Move the index out of the way; one that was put aside before goes. Raises `OSError`."""
    for suffix in ("-wal", "-shm"):
        remove(Path(f"{path}{suffix}"))
    if os.path.lexists(path):
        remove(aside(path))
        os.replace(path, aside(path))


def aside(path: Path) -> Path:
    """Where an index that cannot be used is kept, for those who want to know why."""
    return path.with_suffix(".damaged")


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    """Nobody else opens the index or puts it aside meanwhile. Raises `OSError`."""
    lock = FileLock(path.with_suffix(".lock"))
    if not lock.acquire_within(LOCK_S):
        raise TimeoutError("another process is opening it")
    try:
        yield
    finally:
        lock.release()


def _is_in_the_way(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return not stat.S_ISREG(os.lstat(path).st_mode)
    return False


def _said(path: Path, error: Exception) -> str:
    return f"The cache index {path} cannot be used ({error}). It is kept as {aside(path).name}; the cache begins anew."


def _connect(path: Path) -> sqlite3.Connection:
    # Opened in a thread, so that health is answered meanwhile; used from the event loop only, after that.
    db = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    db.text_factory = _text
    try:
        # WAL + NORMAL: a commit costs 9 us instead of 94. A power cut may lose the last commits, never
        # damage the file; a lost entry is a miss.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        _make_tables(db)
    except BaseException:
        db.close()
        raise
    return db


def _make_tables(db: sqlite3.Connection) -> None:
    """All of them in a new file, in one transaction; else see that they are there."""
    if is_new(db):
        db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={FORMAT}; COMMIT;")
    check_tables(db)


def version_of(db: sqlite3.Connection) -> int:
    """The format that the file says it has; 0 for a new file."""
    return _whole(db.execute("PRAGMA user_version").fetchone()[0])


def is_new(db: sqlite3.Connection) -> bool:
    """Whether nothing was written into the file yet: a daemon may have been killed just then."""
    return not db.execute("SELECT 1 FROM sqlite_master").fetchone() and version_of(db) == 0


def check_tables(db: sqlite3.Connection) -> None:
    """Raises `sqlite3.Error` unless this is an index of our format."""
    if (version := version_of(db)) != FORMAT:
        raise _UnusableError(f"it has format {version}, and this zcnb writes {FORMAT}")
    if _schema(db) != _right_schema():
        raise _UnusableError("its tables are not those that they should be")


def _schema(db: sqlite3.Connection) -> list[str]:
    return sorted(sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


@functools.cache
def _right_schema() -> list[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        return _schema(db)


def _text(raw: bytes) -> str:
    """Damage may break the encoding; that must not break more than the row."""
    return raw.decode("utf-8", "surrogateescape")


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise _UnusableError("a number is none")
    return value
