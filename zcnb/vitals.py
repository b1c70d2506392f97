"""Whether a silent process is stuck, or merely has no turn. Imports nothing but `os`: the wrapper asks this too."""

from __future__ import annotations

import os

_AT_WORK = b"RD"
"""States of a thread that has something to do: on a processor or waiting for one, or for a disk."""


def activity(pid: int) -> int:
    """A number that grows while `pid` does anything: its processor time in ticks and how often its main thread
    gave the processor up. 0 when it cannot be told. A stopped or deadlocked process stands still."""
    try:
        counts = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[11:13]
        for line in _read(f"/proc/{pid}/status").splitlines():
            name, _, value = line.partition(b":")
            if name.endswith(b"ctxt_switches"):
                counts.append(value)
    except OSError:
        return 0
    return sum(map(int, counts))


def at_work(pid: int) -> bool:
    """Whether a thread of `pid` would go on if it were given a processor. On a machine with hundreds of processes
    it may wait seconds for its turn, and stands still meanwhile; a stopped or deadlocked one wants none."""
    try:
        return any(_state(f"/proc/{pid}/task/{thread}/stat") in _AT_WORK for thread in os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return False


def sign(fd: int) -> None:
    """Write into the file behind `fd` that this process is at it, for `signer`. Best effort."""
    try:
        os.pwrite(fd, b"%-10d" % os.getpid(), 0)
    except OSError:
        pass


def signer(path: str) -> int:
    """The process that last signed the file; 0 for none."""
    try:
        return int(_read(path) or b"0")
    except (OSError, ValueError):
        return 0


def _state(path: str) -> bytes:
    """The state's letter; a dead one's for a thread that ended."""
    try:
        return _read(path).rpartition(b")")[2].split()[0]
    except OSError:
        return b"X"


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
