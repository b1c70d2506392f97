"""Ending a runner with all that it started.

A runner leads a session, and each of its tools a process group in it. So what a
runner left behind, however it ended, is found by asking which groups the
session has; no list of them could be kept so well, because a runner may be
killed between starting a tool and telling about it.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path

from zcnb.osdep import kill_group, process_alive

KILLED_S = 2.0
"""Until killed processes are gone; longer only while the system writes their memory out."""

POLL_S = 0.005


def groups_of(session: int) -> set[int]:
    """The process groups of a session that have a living process. None without `/proc`."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, _, group, its_session, *_ = stat.read_text().rpartition(")")[2].split()
            if int(its_session) == session and state not in "ZX":
                found.add(int(group))
    return found


def end_session(process: subprocess.Popen[bytes], grace: float) -> int | None:
    """End `process`, which leads a session, and everything in it; its exit status, `None` if it cannot be ended.

    TERM to its group, and after `grace` seconds KILL to every group that is left, also when the leader is not;
    0 kills at once. Blocks. The leader is collected last: until then nobody else can have its number.
    """
    if process.returncode is not None:
        return process.returncode
    deadline = time.monotonic() + grace
    if grace:
        kill_group(process.pid, signal.SIGTERM)
    while process_alive(process.pid) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    deadline = time.monotonic() + KILLED_S
    kill_group(process.pid, signal.SIGKILL)
    while (left := groups_of(process.pid)) and time.monotonic() < deadline:
        for group in left:
            kill_group(group, signal.SIGKILL)
        time.sleep(POLL_S)
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(KILLED_S)
    return None
