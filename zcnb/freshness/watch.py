"""Folders of the system under inotify: hundreds of inputs hold without a look at each of them.

Strategy. A folder is watched from before the first look at its files until the
first event in it. For that time a `Trust` stands for it: the digests of its
files, each found by stat and hash after the watch was in place. Whatever
happens ends the trust, and the next one begins with looking at each file
again. So a watch only ever takes trust away.

A hit drains the queue, then stats each folder, and asks whether its trust is
still the one under which all inputs were as recorded. The kernel queues an
event inside the call that writes, so an edit that was done before the request
came in is in the queue by then.

What a folder's watch does not see, and who does:
- the folder was moved, with those above it, or another was mounted there: the
  stat at each request finds another folder at its path;
- something was mounted over one of its files: the mount table tells of changes;
- writes to a link's target, or through another hard link: such files are left
  to whoever asks, as are large ones and those that others may write to;
- stores through a memory map that is still open, or through a hard link that
  was made later: the audit, which reads a few files at a time. Only root can do
  that to a file of the system's. Once it finds anything, nothing is watched any
  more in this daemon's life.

When events were lost, all trust ends. A folder that cannot be watched has none.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from zcnb.freshness.memo import LARGE, FileMemo
from zcnb.freshness.places import Places
from zcnb.model.digest import Digest
from zcnb.osdep.inotify import IN_Q_OVERFLOW, Inotify
from zcnb.osdep.mounts import MountTable
from zcnb.osdep.signature import Signature, signature, signature_in

MOST = 4096
"""Folders watched at once; each costs the kernel about a kilobyte. A large C++ library has hundreds."""

AUDITED = 64
"""Files read at each audit, which takes two milliseconds."""

AGAIN = 12
"""Audits until a folder that is none of the system's is looked at again: a minute, as each look takes 50 us.
A limit may be out of the way at the next."""

QUEUED_S = 0.05
"""A write under way has put its event into the queue by then."""

LIMITS = {
    errno.ENOSYS: "no inotify on this system",
    errno.EMFILE: "no inotify instance or file descriptor left",
    errno.ENFILE: "no file descriptor left",
    errno.ENOSPC: "inotify watch limit reached",
}
"""What people read for an error; others stand for themselves."""


class Trust:
    """What is known about the files of one folder for as long as nothing happens there.

    Compared by identity: another object means that something may have happened.
    """

    __slots__ = ("_digests", "_memo", "_mounted", "_places")

    def __init__(self, memo: FileMemo, places: Places, mounted: Collection[str] = ()) -> None:
        self._memo, self._places, self._mounted = memo, places, mounted
        self._digests: dict[str, Digest] = {}

    def digest(self, path: str) -> Digest | None:
        """What `path`, a file of the folder, holds; `None` if the folder's watch cannot vouch for that file."""
        known = self._digests.get(path)
        if known is None and self.vouches_for(path):
            known = self._memo.digest(path)
            if known is not None:
                self._digests[path] = known
        return known

    @property
    def files(self) -> Iterable[str]:
        """The paths of all that is vouched for."""
        return self._digests

    def vouches_for(self, path: str) -> bool:
        """Whether all that can happen to the file happens in the folder."""
        try:
            facts = os.lstat(path)
        except (OSError, ValueError):
            return False
        return (
            stat.S_ISREG(facts.st_mode)
            and facts.st_nlink == 1
            and facts.st_size <= LARGE
            and self._places.owned(facts)
            and os.path.basename(path) not in self._mounted
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A watched folder, as it was when its watch was in place."""

    watch: int
    state: Signature
    trust: Trust


class _Refused(Exception):
    """A folder is not watched; `str()` is why."""


class Watcher:
    """The watched folders of one daemon; used from the event loop only. Nothing is opened before it is needed."""

    def __init__(self, memo: FileMemo, places: Places, *, off: str = "") -> None:
        """`off` says why nothing is to be watched at all."""
        self._memo, self._places, self._off = memo, places, off
        self._queue: Inotify | None = None
        self._mounts: MountTable | None = None
        self._placed: dict[str, _Place] = {}
        self._paths: dict[int, list[str]] = {}
        """Watch -> the paths that lead to its folder."""
        self._refused: dict[str, tuple[str, int]] = {}
        """Folder -> why it is not watched, and how many audits there must have been for another try."""
        self._audits = 0
        self._overflows = 0
        self._unaudited: list[tuple[str, Trust, str]] = []

    def is_system(self, path: str, cwd: str) -> bool:
        """Whether `path` may lie in a folder that can be watched, for a request in `cwd`."""
        return not self._off and self._places.may_hold(path, cwd)

    def drain(self) -> None:
        """End the trust in every folder that something happened in. Called before any trust is asked for; does
        not block."""
        if self._queue is None or self._mounts is None:
            return
        if self._mounts.changed():
            self.close()  # another file or folder may lie at any path
            return
        for event in self._queue.drain():
            if event.mask & IN_Q_OVERFLOW:
                self._overflows += 1
                self.close()
                return
            self._forget(event.watch)

    def trust(self, folder: str) -> Trust | None:
        """The trust in what `folder` holds, which is a fresh one if anything happened; `None` if it is not watched."""
        if self._off:
            return None
        place = self._placed.get(folder)
        if place is None:
            return self._begin(folder)
        if place.state == signature(folder):
            return place.trust
        self._forget(place.watch)
        return self._begin(folder)

    def audit(self) -> str:
        """Read the next few files that are vouched for; empty, or what was not as it should be: then nothing is
        watched any more. Called every few seconds."""
        self.drain()
        self._audits += 1
        if not self._unaudited:
            self._unaudited = [
                (folder, place.trust, path) for folder, place in self._placed.items() for path in place.trust.files
            ]
        batch, self._unaudited = self._unaudited[:AUDITED], self._unaudited[AUDITED:]
        for folder, trust, path in batch:
            if self._changed_unseen(folder, trust, path):
                self.close()
                self._off = f"{path} changed without an event"
                return f"{self._off}; system files are stat'ed from now on"
        return ""

    def describe(self) -> str:
        """How freshness is found out, for people."""
        self.drain()
        if self._off:
            return f"stat ({self._off})"
        return described(len(self._placed), Counter(why for why, _ in self._refused.values()), self._overflows)

    def close(self) -> None:
        """Watch nothing, and give everything back. Whatever is asked for later begins anew."""
        self._placed.clear()
        self._paths.clear()
        self._refused.clear()
        self._unaudited.clear()
        for held in (self._queue, self._mounts):
            if held is not None:
                held.close()
        self._queue = self._mounts = None

    def _changed_unseen(self, folder: str, trust: Trust, path: str) -> bool:
        """Whether a file is not what `trust` says, although nothing took that trust away. What can no longer be
        vouched for, such as a file with a second hard link by now, ends it."""
        if self.trust(folder) is not trust:
            return False
        if FileMemo().digest(path) == trust.digest(path):
            if not trust.vouches_for(path):
                self._forget(self._placed[folder].watch)
            return False
        time.sleep(QUEUED_S)
        self.drain()
        return self.trust(folder) is trust

    def _forget(self, watch: int) -> None:
        """End the trust in a folder, under all of its paths. Its watch goes too: after a move it is of no use."""
        paths = self._paths.pop(watch, [])
        for path in paths:
            del self._placed[path]
        if paths and self._queue is not None:
            self._queue.remove(watch)

    def _begin(self, folder: str) -> Trust | None:
        if self._refused.get(folder, ("", 0))[1] > self._audits:
            return None
        if len(self._refused) >= MOST:
            self._refused.clear()
        self._refused.pop(folder, None)
        try:
            place = self._place(folder)
        except (FileNotFoundError, NotADirectoryError):
            return None  # nothing is there to be trusted or not
        except _Refused as reason:
            self._refused[folder] = str(reason), self._audits + AGAIN
            return None
        except OSError as error:
            self._refused[folder] = LIMITS.get(error.errno or 0, error.strerror or str(error)), self._audits + 1
            return None
        self._placed[folder] = place
        self._paths.setdefault(place.watch, []).append(folder)
        return place.trust

    def _place(self, folder: str) -> _Place:
        """Watch `folder`. All is asked of one descriptor, so that it is about one folder whatever is renamed
        meanwhile. Raises `_Refused`, `OSError`."""
        queue, mounts = self._open()
        if len(self._placed) >= MOST:
            raise _Refused("too many folders")
        fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            real = os.readlink(f"/proc/self/fd/{fd}")
            if reason := self._places.against(real, os.fstat(fd), mounts.kind(fd)):
                raise _Refused(reason)
            watch = queue.add(fd)
            state = signature_in(os.fstat(fd))  # after `add`: what changes from here on is in the queue
        finally:
            os.close(fd)
        mounted = {os.path.basename(point) for point in mounts.points if os.path.dirname(point) == real}
        return _Place(watch, state, Trust(self._memo, self._places, mounted))

    def _open(self) -> tuple[Inotify, MountTable]:
        if self._queue is None or self._mounts is None:
            with contextlib.ExitStack() as undo:
                queue = Inotify()
                undo.callback(queue.close)
                try:
                    self._mounts = MountTable()
                except FileNotFoundError:
                    raise _Refused("no /proc") from None
                undo.pop_all()
            self._queue = queue
        return self._queue, self._mounts


def described(watched: int, refused: Counter[str], overflows: int) -> str:
    """`inotify: 12 folders; stat: 3 (overlay file system), 1 (...)`, the most frequent reason first."""
    said = [f"inotify: {watched} {'folder' if watched == 1 else 'folders'}"]
    if refused:
        said.append("stat: " + ", ".join(f"{number} ({why})" for why, number in refused.most_common()))
    if overflows:
        said.append(f"events lost: {overflows} {'time' if overflows == 1 else 'times'}")
    return "; ".join(said)
