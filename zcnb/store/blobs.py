"""Content-addressed files: `blobs/ab/cdef...`, named by the BLAKE3 of their bytes.

Rules: a blob is written elsewhere on the same file system and renamed into
place, so it is there whole or not at all; it is never opened for writing once
it has its name; and it is hashed before its first use in this process and
again whenever its signature changed, so bytes that are not what the name says
are never handed out. A tool's output is moved in, not copied: a file that this
process has open for writing cannot be executed (ETXTBSY).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blake3 import blake3

from zcnb.errors import StoreError
from zcnb.model.digest import Digest
from zcnb.osdep import process_start
from zcnb.osdep.signature import Signature, signature


class Blobs:
    """The files under one cache folder. Raises `StoreError` when the folder cannot be used."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._work = root / "work" / f"{os.getpid()}-{process_start(os.getpid())}"
        self._verified: dict[Digest, Signature] = {}

    def prepare(self) -> None:
        """Make the folders, and sweep what killed daemons left in `work`."""
        with _translated(self._root):
            for folder in (self._root, self._root / "blobs", self._work):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in self._work.parent.iterdir():
                if not _in_use(folder.name):
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
        return self._root / "blobs" / digest[:2] / digest[2:]

    def take(self, source: Path, *, executable: bool) -> tuple[Digest, int]:
        """Move `source` in; its digest and its size in bytes."""
        with _translated(self._root):
            digest, size = _hash(source), source.stat().st_size
            target = self.path(digest)
            # What runs from here goes on running, also when the same bytes come in as a plain file.
            os.chmod(source, 0o555 if executable or (target.exists() and target.stat().st_mode & 0o111) else 0o444)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.rename(source, target)
            state = signature(str(target))
            if state is not None:
                self._verified[digest] = state
        return digest, size

    def verified(self, digest: Digest) -> Path | None:
        """The blob's path if it is there and holds what its name says; a damaged one is removed."""
        path = self.path(digest)
        state = signature(str(path))
        if state is None:
            return None
        if self._verified.get(digest) == state:
            return path
        try:
            sound = _hash(path) == digest
        except OSError:
            return None
        if not sound:
            self.remove(digest)
            return None
        self._verified[digest] = state
        return path

    def is_verified(self, digest: Digest) -> bool:
        """Whether `verified` need not read the blob."""
        return digest in self._verified and self._verified.get(digest) == signature(str(self.path(digest)))

    def remove(self, digest: Digest) -> None:
        """Delete a blob. A program that runs from it goes on: its file lives until it ends."""
        self._verified.pop(digest, None)
        with contextlib.suppress(OSError):
            self.path(digest).unlink()

    def clear(self) -> None:
        """Delete all blobs."""
        self._verified.clear()
        shutil.rmtree(self._root / "blobs", ignore_errors=True)
        with _translated(self._root):
            (self._root / "blobs").mkdir(mode=0o700, exist_ok=True)


def _in_use(name: str) -> bool:
    """Whether the daemon that the work folder `<pid>-<start>` belongs to still lives."""
    pid, _, start = name.partition("-")
    return pid.isdigit() and start.isdigit() and process_start(int(pid)) == int(start)


def _hash(path: Path) -> Digest:
    hasher = blake3(max_threads=1)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return Digest(hasher.hexdigest())


@contextmanager
def _translated(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"The cache folder {root} cannot be used: {error.strerror or error}.") from error
