"""Which files below a folder do processes run from?"""

from __future__ import annotations

import os
from pathlib import Path


def running_below(folder: Path) -> set[Path]:
    """The executables below `folder` of this user's processes, as real paths.

    Read from `/proc`; where there is none the answer is empty. Takes some microseconds for each process.
    """
    top = os.path.realpath(folder) + os.sep
    found = set()
    try:
        numbers = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return set()
    for number in numbers:
        try:
            executable = os.readlink(f"/proc/{number}/exe")
        except OSError:
            continue  # it ended, is a thread of the kernel, or somebody else's
        if executable.startswith(top):
            found.add(Path(executable))
    return found
