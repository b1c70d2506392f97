"""Content-addressed files: `blobs/ab/cdef...`, named by the BLAKE3 of their bytes.

Rules: a blob is written elsewhere on the same file system and renamed into
place, so it is there whole or not at all; it is never opened for writing once
it has its name; and it is hashed before its first use in this process and
again whenever its signature changed, so bytes that are not what the name says
are never handed out. As everywhere, a signature stands for content only once it
has settled: for two seconds after a blob came in, it is hashed at each use (a
millisecond for 4 MB). A blob is a plain file; a link or a folder in its place
is damage. A tool's output is moved in, not copied: a file that this process has
open for writing cannot be executed (ETXTBSY). Nothing is synced to the disk:
what a power cut spoils does not match its name, and is built again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.osdep import process_alive, process_start
from zcnb.osdep.signature import Signature, coarse_now_ns, signature_in
from zcnb.store.files import read_digest, remove
from zcnb.store.running import running_below

REMEMBERED = 16_384
"""Blobs whose signatures are kept in memory (about 0.5 KB each); one that was forgotten is hashed again."""

SHARDS = tuple(f"{number:02x}" for number in range(256))
"""The folders that blobs lie in."""


class Blobs:
    """The files under one cache folder. Raises `StoreError` when the folder cannot be used."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / "blobs"
        self._work = root / "work" / f"{os.getpid()}-{process_start(os.getpid())}"
        self._verified: OrderedDict[Digest, Signature] = OrderedDict()
        self._lock = threading.Lock()
        """For `_verified`: large blobs are read in threads."""

    def prepare(self) -> None:
        """Make the folders, and sweep what killed daemons left in `work`."""
        with _translated(self._root):
            for own in (self.folder, self._work.parent):
                if os.path.lexists(own) and not own.is_dir():
                    remove(own)
            for folder in (self._root, self.folder, self._work):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in self._work.parent.iterdir():
                if not in_use(folder.name):
                    shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """A private folder on the store's file system, gone afterwards."""
        with _translated(self._root):
            self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self._work))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, digest: Digest) -> Path:
        """Where a blob lies, or would."""
        return self.folder / digest[:2] / digest[2:]

    def take(self, source: Path, *, executable: bool) -> tuple[Digest, int]:
        """Move `source` in; its digest and its size in bytes."""
        with _translated(self._root):
            read = read_digest(source)
            if read is None:
                raise OSError(f"{source.name} is still being written to")
            digest, state = read
            target = self.path(digest)
            # What runs from here goes on running, also when the same bytes come in as a plain file.
            os.chmod(source, _mode(executable or (target.is_file() and target.stat().st_mode & 0o111)))
            self._move_in(source, target)
        return digest, state.size

    def _move_in(self, source: Path, target: Path) -> None:
        """Rename; whatever is in the way and no blob goes, and another daemon may be clearing the folder."""
        for last in (False, False, True):
            try:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.rename(source, target)
                return
            except FileNotFoundError:
                if last:
                    raise
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                if last:
                    raise
                for folder in (self.folder, target.parent):
                    if not folder.is_dir():
                        remove(folder)
                if target.is_dir():
                    remove(target)

    def verified(self, digest: Digest, *, executable: bool = False) -> Path | None:
        """The blob's path if it is there and holds what its name says; a damaged one is removed.

        Costs one `lstat` once it has been hashed under a signature that settled, and is left alone.
        """
        path = self.path(digest)
        try:
            facts = os.lstat(path)
        except OSError:
            return None
        if self._known(digest) == signature_in(facts) and (facts.st_mode & 0o100 or not executable):
            return path
        return path if self._is_sound(digest, facts, executable=executable) else None

    def _is_sound(self, digest: Digest, facts: os.stat_result, *, executable: bool) -> bool:
        """Hash it. When in doubt it is not, and only a blob that is surely damaged goes."""
        path = self.path(digest)
        if not stat.S_ISREG(facts.st_mode):
            self.remove(digest)
            return False
        try:
            if stat.S_IMODE(facts.st_mode) != (mode := _mode(executable or facts.st_mode & 0o111)):
                os.chmod(path, mode)
            now = coarse_now_ns()
            read = read_digest(path)
        except OSError:
            return False
        if read is None:
            return False
        found, state = read
        if found != digest:
            self.remove(digest)
            return False
        if state.settled(now):
            self._remember(digest, state)
        return True

    def _known(self, digest: Digest) -> Signature | None:
        with self._lock:
            if digest in self._verified:
                self._verified.move_to_end(digest)
            return self._verified.get(digest)

    def _remember(self, digest: Digest, state: Signature) -> None:
        with self._lock:
            self._verified[digest] = state
            self._verified.move_to_end(digest)
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)

    def is_verified(self, digest: Digest) -> bool:
        """Whether `verified` need not read the blob."""
        try:
            return self._known(digest) == signature_in(os.lstat(self.path(digest)))
        except OSError:
            return False

    def remove(self, digest: Digest) -> None:
        """Delete a blob. A program that runs from it goes on: its file lives until it ends."""
        with self._lock:
            self._verified.pop(digest, None)
        remove(self.path(digest))

    def close(self) -> None:
        """Leave no private folder behind, unless something is still being made in it."""
        with contextlib.suppress(OSError):
            self._work.rmdir()

    def shard(self, prefix: str) -> list[os.DirEntry[str]]:
        """What lies in one of the `SHARDS`, blob or not."""
        with _translated(self._root):
            try:
                with os.scandir(self.folder / prefix) as files:
                    return list(files)
            except FileNotFoundError:
                return []

    def running(self) -> set[Digest]:
        """The blobs that processes of this user run from."""
        return set(map(digest_at, running_below(self.folder)))


def digest_at(path: Path) -> Digest:
    """The digest of the blob that lies at `path`."""
    return Digest(path.parent.name + path.name)


def _mode(executable: int) -> int:
    return 0o555 if executable else 0o444


def in_use(name: str) -> bool:
    """Whether the daemon that the work folder `<pid>-<start>` belongs to still lives."""
    pid, _, start = name.partition("-")
    if not (pid.isdigit() and start.isdigit()):
        return False
    # One that was killed keeps its number until somebody collects it, which in a container may be never.
    return process_alive(int(pid)) and process_start(int(pid)) == int(start)


@contextmanager
def _translated(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"The cache folder {root} cannot be used: {error.strerror or error}.") from error
