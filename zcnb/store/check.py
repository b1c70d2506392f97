"""Is the cache folder what it should be? Every file and every row is looked at; what is wrong can be repaired.

Rules. Looking changes nothing. A repair never makes a result up: it removes
what cannot be trusted, and costs a compile at worst. A daemon may be at work
meanwhile: what looks wrong is looked at again before it is said, and a file
that no row knows is left alone while it is young and a daemon lives, which may
be about to record it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.store import results, sums, uses
from zcnb.store.blobs import SHARDS, in_use
from zcnb.store.damage import is_damage
from zcnb.store.files import read_digest, remove
from zcnb.store.index import Index, begin_anew, existing
from zcnb.store.schema import check_tables, is_new
from zcnb.store.store import FORMAT, STRANGE_S

KINDS: dict[str, tuple[str, str]] = {
    "not a folder": ("something else lies where a folder belongs", "removed"),
    "index missing": ("there are blobs, but no index that leads to them", "begun anew"),
    "index unusable": ("the index cannot be read, or has another format", "put aside and begun anew"),
    "sums wrong": ("the index counts bytes or results that it does not have", "counted anew"),
    "result unreadable": ("what the index holds about a result is not what was written", "forgotten"),
    "result without output": ("the index leads to a blob that it does not know", "forgotten"),
    "blob missing": ("the index leads to a file that is not there", "forgotten"),
    "blob damaged": ("its bytes are not those that its name stands for", "removed"),
    "blob no file": ("a folder, a link or the like lies in its place", "removed"),
    "blob writable": ("its mode is not that of a blob", "made read-only"),
    "blob unknown": ("no row of the index leads to it: a daemon was killed", "removed"),
    "stray": ("it is no blob", "removed"),
    "left behind": ("a killed daemon's private folder", "removed"),
}
"""Every kind of damage: what it means, and what a repair does. All of them cost nothing but a compile."""

_MODES = (0o444, 0o555)


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong. `kind` is one of `KINDS`."""

    kind: str
    place: str
    detail: str = ""
    mended: bool = False
    failure: str = ""
    """Why it could not be repaired."""

    def __str__(self) -> str:
        meaning, cure = KINDS[self.kind]
        detail = f" ({self.detail})" if self.detail else ""
        done = f" [{cure}]" if self.mended else f" [not repaired: {self.failure}]" if self.failure else ""
        return f"{self.kind}: {self.place}: {meaning}{detail}{done}"


Found = tuple[Damage, Callable[[], None]]
"""What is wrong, and how to mend it."""


def check(cache_dir: Path, *, repair: bool = False) -> Iterator[Damage]:
    """What is wrong with the cache folder, mended if `repair`. Reads everything; takes seconds for each GB.

    Raises `StoreError` if it cannot be read at all.
    """
    with closing(_Checker(cache_dir / FORMAT)) as checker:
        try:
            for look in (checker.folders, checker.index, checker.entries, checker.blobs, checker.work):
                for damage, mend in look():
                    yield _mended(damage, mend) if repair else damage
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreError(f"The cache folder {cache_dir} cannot be read: {error}.") from error


def _mended(damage: Damage, mend: Callable[[], None]) -> Damage:
    try:
        mend()
    except (OSError, StoreError) as error:
        return replace(damage, failure=str(error))
    return replace(damage, mended=True)


class _Checker:
    def __init__(self, root: Path) -> None:
        self._root, self._folder, self._path = root, root / "blobs", root / "index.db"
        self._rows: sqlite3.Connection | None = None
        """The index to hold the files against; `None` while there is none that can be used."""

    def folders(self) -> Iterator[Found]:
        """What lies where the folders belong, and in them."""
        for own in (self._root, self._folder, self._root / "work"):
            if os.path.lexists(own) and not own.is_dir():
                yield _removable("not a folder", own)
        for place in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            if place.name not in SHARDS:
                yield _removable("stray", place)
            elif not place.is_dir():
                yield _removable("not a folder", place)

    def index(self) -> Iterator[Found]:
        """The index as a whole. Where it is not repaired, the files cannot be held against it."""
        trouble = self._trouble()
        if trouble is None:
            if any(self._shard(prefix) for prefix in SHARDS):
                yield Damage("index missing", str(self._path)), lambda: begin_anew(self._path)
        elif trouble:
            yield Damage("index unusable", str(self._path), trouble), lambda: begin_anew(self._path)
        if trouble == "" or self._trouble() == "":  # it was sound, or is now
            self._rows = _reader(self._path)

    def close(self) -> None:
        """Let go of the index."""
        if self._rows is not None:
            self._rows.close()

    def _trouble(self) -> str | None:
        """What SQLite says is wrong with the index; empty if nothing is, `None` if there is none yet."""
        if not os.path.lexists(self._path):
            return None
        if not self._path.is_file() or self._path.is_symlink():
            return "it is no file"
        try:
            with closing(_reader(self._path)) as db:
                if is_new(db):
                    return None
                check_tables(db)
                said = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
                return "" if said == "ok" else said
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damage(error):
                raise
            return str(error)

    def entries(self) -> Iterator[Found]:
        """The rows, each by itself and against the others."""
        db = self._rows
        if db is None:
            return
        db.execute("BEGIN")  # one state of the index, whatever a daemon does meanwhile
        try:
            bad = results.bad(db)
            lost = sorted(set(results.without_blob(db)) - set(bad))
            right = sums.are_right(db)
        finally:
            db.execute("ROLLBACK")
        yield from (self._entry("result unreadable", number) for number in bad)
        yield from (self._entry("result without output", number) for number in lost)
        if not right:
            yield Damage("sums wrong", str(self._path)), lambda: self._on_index(sums.sum_up)

    def _entry(self, kind: str, number: int) -> Found:
        damage = Damage(kind, f"{self._path}, row {number}")
        return damage, lambda: self._on_index(lambda db: results.drop(db, [number]))

    def blobs(self) -> Iterator[Found]:
        """The files against their names, and against the rows."""
        for prefix in SHARDS:
            known = self._known(prefix)
            there = {}
            for file in self._shard(prefix):
                if _is_blob_name(file.name):
                    there[Digest(prefix + file.name)] = Path(file.path)
                else:
                    yield _removable("stray", Path(file.path))
            for digest, path in sorted(there.items()):
                yield from self._blob(digest, path, known=digest in known)
            for digest in sorted(known - there.keys()):
                path = self._folder / digest[:2] / digest[2:]
                if not os.path.lexists(path) and digest in self._known(prefix):
                    yield Damage("blob missing", str(path)), self._dropping(digest)

    def _blob(self, digest: Digest, path: Path, *, known: bool) -> Iterator[Found]:
        """What is wrong with one file; nothing if it went meanwhile, or is being replaced."""
        try:
            facts = path.lstat()
            if not stat.S_ISREG(facts.st_mode):
                yield self._bad_blob("blob no file", digest, path)
                return
            read = read_digest(path)
        except FileNotFoundError:
            return
        if read is not None and read[0] != digest:
            yield self._bad_blob("blob damaged", digest, path)
        elif self._rows is not None and not known and self._is_nobodys(facts) and digest not in self._known(digest[:2]):
            yield _removable("blob unknown", path)
        elif stat.S_IMODE(facts.st_mode) not in _MODES:
            mode = _MODES[bool(facts.st_mode & 0o111)]
            yield Damage("blob writable", str(path), f"{stat.S_IMODE(facts.st_mode):o}"), lambda: os.chmod(path, mode)

    def _bad_blob(self, kind: str, digest: Digest, path: Path) -> Found:
        damage, away = _removable(kind, path)
        drop = self._dropping(digest)

        def mend() -> None:
            away()
            drop()

        return damage, mend

    def _dropping(self, digest: Digest) -> Callable[[], None]:
        return lambda: self._on_index(lambda db: results.drop_blobs(db, [digest]))

    def _is_nobodys(self, facts: os.stat_result) -> bool:
        """Whether no daemon can be about to record this file."""
        return facts.st_ctime < time.time() - STRANGE_S or not any(in_use(place.name) for place in self._workplaces())

    def work(self) -> Iterator[Found]:
        """Private folders of daemons that live no more."""
        for place in self._workplaces():
            if not in_use(place.name):
                yield _removable("left behind", place)

    def _workplaces(self) -> list[Path]:
        work = self._root / "work"
        return sorted(work.iterdir()) if work.is_dir() else []

    def _shard(self, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._folder / prefix) as files:
                return sorted(files, key=lambda file: file.name)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _known(self, prefix: str) -> set[Digest]:
        """The blobs that the index has rows for, as of now; none without an index that can be used."""
        if self._rows is None:
            return set()
        return uses.blobs_in(self._rows, prefix)

    def _on_index(self, mend: Callable[[sqlite3.Connection], None]) -> None:
        with closing(Index(self._path)) as index:
            index.run(mend)


def _reader(path: Path) -> sqlite3.Connection:
    db = existing(path)
    db.execute("PRAGMA query_only=ON")
    return db


def _is_blob_name(name: str) -> bool:
    return len(name) == 62 and not set(name) - set("0123456789abcdef")


def _removable(kind: str, path: Path) -> Found:
    def away() -> None:
        remove(path)
        if os.path.lexists(path):
            raise OSError(f"{path} cannot be removed")

    return Damage(kind, str(path)), away
