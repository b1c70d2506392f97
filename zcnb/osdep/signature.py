"""What `stat` tells about a file, and how far it can be trusted.

Rule: a signature stands for content only if the file was already old when its
content was read. A file changed within `GRACE_NS` before that might be changed
again without its times moving (coarse clocks, coarse file systems), so it is
read anew at every request until it has aged. Size and mtime alone are never
enough: ctime cannot be set back by a program, and the inode tells a replaced
file.
"""

from __future__ import annotations

import os
import stat
import time
from typing import Literal, NamedTuple

GRACE_NS = 2_000_000_000
"""Two seconds: the coarsest granularity of a file system in use (FAT)."""


class Signature(NamedTuple):
    """Device, inode, size and the two times in nanoseconds, through links.

    A tuple, because a hit makes and compares 250 of them (0.4 us each instead of 1.3 for a dataclass).
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    def settled(self, now_ns: int) -> bool:
        """Whether content read at `now_ns` (wall clock) may be trusted while this signature holds.

        A time in the future (a clock set back) is never settled.
        """
        return max(self.mtime_ns, self.ctime_ns) + GRACE_NS < now_ns


def signature(path: str) -> Signature | None:
    """The signature of what `path` leads to, or `None` if nothing is there. Raises no error."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return signature_in(facts)


def signature_in(facts: os.stat_result) -> Signature:
    """The signature that a look at a file found."""
    return Signature(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def kind(path: str) -> Literal["nothing", "file", "folder", "other"]:
    """What `path` leads to; `other` also for what cannot be read or not even be looked at (a link that leads to
    itself, a closed folder): whoever opens it gets an error, and not the answer that nothing is there."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "nothing"
    except OSError:
        return "other"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) and os.access(path, os.R_OK) else "other"


_LINUX_REALTIME_COARSE = 5
"""From <linux/time.h>; Python's `time` does not name it."""

FILE_CLOCK = _LINUX_REALTIME_COARSE if hasattr(time, "CLOCK_BOOTTIME") else time.CLOCK_REALTIME
"""Linux stamps files with a clock that moves on once a tick (1 to 10 ms), so the exact time would be too late."""


def coarse_now_ns() -> int:
    """The clock that the kernel stamps files with: never later than the stamp of a change made afterwards."""
    return time.clock_gettime_ns(FILE_CLOCK)
