"""Linux's inotify: the kernel notes what happens in a folder, inside the very call that does it.

Only what the watching of folders needs. The queue is read without blocking;
whoever calls `write` finds its event in the queue when the call returns.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

IN_MODIFY = 0x2
IN_ATTRIB = 0x4
IN_CLOSE_WRITE = 0x8
IN_MOVED_FROM = 0x40
IN_MOVED_TO = 0x80
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_DELETE_SELF = 0x400
IN_MOVE_SELF = 0x800
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x1000000
"""From <sys/inotify.h>. The last events but `IN_ONLYDIR` come unasked."""

CHANGES = (
    IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF
    | IN_MOVE_SELF
)  # fmt: skip
"""Whatever may change what a name in the folder stands for. Reading is no change. `IN_CLOSE_WRITE` is the only
sign of stores through a memory map."""

_HEADER = struct.Struct("iIII")
"""Watch, mask, cookie, length of the name that follows (padded with zeros)."""

_PIECE = 256 * 1024
"""Bytes read at once; the longest event has 272."""


class Event(NamedTuple):
    """Something happened in the folder of `watch`; -1 stands for none (`IN_Q_OVERFLOW`)."""

    watch: int
    mask: int


def events_in(data: bytes) -> Iterator[Event]:
    """The events of one reading, in order. The kernel hands out whole events only."""
    at = 0
    while at < len(data):
        watch, mask, _, length = _HEADER.unpack_from(data, at)
        yield Event(watch, mask)
        at += _HEADER.size + length


class Inotify:
    """One queue of events. Raises `OSError`: ENOSYS where the system has none, EMFILE at the user's limit."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._libc, "inotify_init1"):
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        self._fd = _checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    def add(self, folder: int) -> int:
        """Watch the folder that the descriptor `folder` is open on, whatever lies at its path by now.

        The number of the watch; the same again for a folder that is watched already. Raises `OSError`: ENOSPC
        at the user's limit, EACCES for a folder that cannot be read.
        """
        path = f"/proc/self/fd/{folder}".encode()
        return _checked(self._libc.inotify_add_watch(self._fd, path, CHANGES | IN_ONLYDIR))

    def remove(self, watch: int) -> None:
        """Watch no more. Harmless for a watch that went with its folder."""
        self._libc.inotify_rm_watch(self._fd, watch)

    def drain(self) -> list[Event]:
        """All that happened since the last call. Does not block. Raises `OSError`."""
        found: list[Event] = []
        while True:
            try:
                found += events_in(os.read(self._fd, _PIECE))
            except BlockingIOError:
                return found

    def close(self) -> None:
        """Give queue and watches back."""
        os.close(self._fd)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
