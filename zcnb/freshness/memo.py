"""What is in a file: its digest, and what its text mentions, remembered while its signature holds.

A file that holds more or less than its size says is none: the system makes up what is read from `/proc` and
`/sys`, and no signature stands for it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from blake3 import blake3

from zcnb.freshness.elsewhere import scan_elsewhere
from zcnb.freshness.scan import scan
from zcnb.model.digest import Digest
from zcnb.model.mentions import Mentions
from zcnb.osdep.signature import Signature, signature

LARGE = 1024 * 1024
"""Files over this many bytes are hashed through a memory map by several threads: compilers, libraries."""

MOST = 50_000
"""Files remembered at once (about 400 bytes each). Past it the oldest half is forgotten."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One reading of a file. `settled` says whether `signature` vouches for it from now on."""

    signature: Signature
    digest: Digest
    mentions: Mentions | None
    """`None` until somebody asks: libraries are hashed, but never scanned."""
    settled: bool
    whole: bool = False
    """Whether `mentions` holds all that the text mentions, see `scan`."""


class MustRead(Exception):
    """A question about a file that is so large that reading it would hold others up; `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class FileMemo:
    """Facts by path. Any number of threads may ask; the worst that happens is that one file is read twice."""

    def __init__(self) -> None:
        self._known: dict[str, FileFacts] = {}
        self.large: dict[str, FileFacts] = {}
        """Settled readings of large files made by this process, for keeping them beyond its life."""

    def __len__(self) -> int:
        return len(self._known)

    def digest(self, path: str) -> Digest | None:
        """The digest of what `path` holds now; `None` if it is gone, no regular file, or unreadable."""
        facts = self._settled(path) or self._read(path, scanned=False)
        return None if facts is None else facts.digest

    def quick_digest(self, path: str) -> Digest | None:
        """As `digest`, but raises `MustRead` where that would mean reading a large file."""
        facts = self._settled(path)
        if facts is not None:
            return facts.digest
        state = signature(path)
        if state is not None and state.size > LARGE:
            raise MustRead(path)
        return self.digest(path)

    def facts(self, path: str, *, whole: bool = True) -> FileFacts | None:
        """Digest and `mentions` of what `path` holds now, `whole` or as the system's files need it; `None` as for
        `digest`."""
        known = self._settled(path)
        enough = known and known.mentions and (known.whole or not whole)
        return known if enough else self._read(path, scanned=True, whole=whole)

    def recall(self, path: str, state: Signature, digest: Digest) -> None:
        """Take over an earlier process's settled reading. It vouches for nothing unless the signature holds."""
        self._known.setdefault(path, FileFacts(state, digest, None, True))

    def _settled(self, path: str) -> FileFacts | None:
        known = self._known.get(path)
        return known if known and known.settled and signature(path) == known.signature else None

    def _read(self, path: str, *, scanned: bool, whole: bool = True) -> FileFacts | None:
        now = time.time_ns()
        before = signature(path)
        if before is None or not os.path.isfile(path):
            return None
        try:
            digest, mentions = _scanned(path, before.size, whole) if scanned else (_hashed(path, before.size), None)
        except (OSError, ValueError):
            return None
        steady = signature(path) == before
        facts = FileFacts(before, digest, mentions, steady and before.settled(now), scanned and whole)
        if len(self._known) >= MOST:
            self._known = dict(list(self._known.items())[MOST // 2 :])
        self._known[path] = facts
        if facts.settled and before.size > LARGE:
            self.large[path] = facts
        return facts


def _content(path: str, size: int) -> bytes:
    """Raises `ValueError` for a file that is not as large as it says."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) != size:
        raise ValueError(path)
    return data


def _hashed(path: str, size: int) -> Digest:
    if size > LARGE:
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update_mmap(path)
        return Digest(hasher.hexdigest())
    return Digest(blake3(_content(path, size)).hexdigest())


def _scanned(path: str, size: int, whole: bool) -> tuple[Digest, Mentions]:
    """Both from one reading, so that they are about the same bytes."""
    data = _content(path, size)
    mentions = scan_elsewhere(data) if len(data) > LARGE else scan(data, whole=whole)
    return Digest(blake3(data).hexdigest()), mentions
