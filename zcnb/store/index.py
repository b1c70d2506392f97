"""The SQLite index: the file, and how it is begun anew when it is damaged. What stands in it is told by the modules
that `schema` names.

Rules. An index that is damaged, or of another version, is put aside and begun
anew: losing it costs time, trusting it could cost a wrong answer. That is done
under a lock, because two daemons may use one cache folder and the files beside
the index (`-wal`, `-shm`) must never be taken from under a sound one. Whatever
is asked or changed is a function that takes the connection first, and is done
by `Index.run` in one transaction.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from zcnb.errors import StoreError
from zcnb.osdep import FileLock
from zcnb.store.damage import is_damage
from zcnb.store.files import remove
from zcnb.store.schema import make_tables

LOCK_S = 10.0
"""How long to wait while another process opens the index or puts it aside; twice what SQLite waits."""

LOG_SIZE = 16 * 1024 * 1024
"""Bytes that SQLite's log may keep once it was copied."""

P = ParamSpec("P")
T = TypeVar("T")


class _BegunAnewError(StoreError):
    """The index was damaged. By now there is a new, empty one."""


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

    def run(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work(connection, ...)` returns, in one transaction; done again on the new index if the old one turned
        out to be damaged. Raises `StoreError`."""
        try:
            return self._once(work, *args, **kwargs)
        except _BegunAnewError:
            return self._once(work, *args, **kwargs)

    def _once(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with self._db:
                return work(self._db, *args, **kwargs)
        except (sqlite3.Error, ValueError) as error:
            if is_damage(error):
                self._begin_anew(error)
                raise _BegunAnewError(_said(self._path, error)) from error
            raise StoreError(f"The cache index {self._path} failed: {error}.") from error

    def checkpoint(self) -> None:
        """Copy what was written lately from the log into the file, which takes a sync of the disk. From any thread, on
        a connection of its own; waits for nobody and holds nobody up. What fails is done by the next one."""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(existing(self._path)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


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


def existing(path: Path) -> sqlite3.Connection:
    """A connection to an index that is there: it makes no file. Raises `sqlite3.Error`."""
    # Not mode=ro: SQLite must be able to roll back what a killed daemon had begun.
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=5.0, isolation_level=None)


def _connect(path: Path) -> sqlite3.Connection:
    # Opened in a thread, so that health is answered meanwhile; used from the event loop only, after that.
    db = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    db.text_factory = _text
    try:
        # WAL + NORMAL: a commit costs 9 us instead of 94. A power cut may lose the last commits, never
        # damage the file; a lost entry is a miss.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        # Debian's SQLite would overwrite what is deleted, which makes eviction several times as long.
        db.execute("PRAGMA secure_delete=OFF")
        # Or every thousandth page that is written would hold its writer up for a sync: see `checkpoint`.
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute(f"PRAGMA journal_size_limit={LOG_SIZE}")
        make_tables(db)
    except BaseException:
        db.close()
        raise
    return db


def _text(raw: bytes) -> str:
    """Damage may break the encoding; that must not break more than the row."""
    return raw.decode("utf-8", "surrogateescape")
