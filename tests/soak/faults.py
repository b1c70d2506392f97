"""The n-th system call of a kind fails in the daemon, for n = 1, 2, ... until it makes no more of them.

strace is attached to the daemon, all its threads included, and leaves the tools that it starts alone. See also
`tests/store/faults.py`, which does the same to the store by itself, with kills in the middle of writes.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import need
from tests.soak.compiles import Compiles
from tests.soak.daemons import Daemons

WRITES = ("write", "pwrite64", "openat", "rename", "mkdir", "unlink", "chmod", "ftruncate", "fdatasync", "sendmsg")
READS = ("read", "pread64", "newfstatat", "getdents64", "fcntl")
FAULTS = [
    *((call, error, again) for call in WRITES for error in ("ENOSPC", "EIO") for again in (False, True)),
    *((call, "EIO", False) for call in READS),
    *((call, "EINTR", False) for call in ("openat", "write", "fdatasync")),
]
"""System call, error, and whether all later calls fail as well."""
SHORT = [("rename", "ENOSPC", False), ("pwrite64", "EIO", True)]
MOST = 400


def faults(root: Path, runtime: Path, kinds: list[tuple[str, str, bool]]) -> Counter[str]:
    """Let compiles (a miss, then one that could be a hit) meet each fault of `kinds` at each place.

    Returns what was counted. Raises `AssertionError` for a compile that failed or left a wrong object. Skips the
    test where there is no strace, or where it may not attach.
    """
    need("strace")
    daemons, counts, marks = Daemons(root, runtime, []), Counter[str](), itertools.count()
    compiles = Compiles(root / "faults", daemons.configs[0])
    try:
        for call, error, again in kinds:
            for place in range(1, MOST):
                daemons.ensure(0)
                log = root / "strace.txt"
                with _injecting(daemons.pid(0), f"{call}:error={error}:when={place}{'+' * again}", log):
                    mark = next(marks)
                    compiles.same([mark])
                    compiles.same([mark])
                counts["faults"] += (injected := log.read_text().count("(INJECTED)"))
                if not injected:
                    break
            else:
                raise AssertionError(f"{call} has no end")
            counts["kinds of faults"] += 1
    finally:
        daemons.close()
    return counts


@contextmanager
def _injecting(pid: int, what: str, log: Path) -> Iterator[None]:
    call = what.partition(":")[0]
    argv = [
        "strace",
        "-f",
        "--detach-on=execve",
        "-o",
        str(log),
        "-e",
        f"trace={call}",
        "-e",
        f"inject={what}",
        "-p",
        str(pid),
    ]
    strace = subprocess.Popen(argv, stderr=subprocess.PIPE)
    assert strace.stderr is not None
    try:
        said = strace.stderr.readline()
        assert b"attached" in said, said
        yield
    finally:
        strace.send_signal(signal.SIGINT)
        strace.communicate(timeout=30)
