"""Lay a step out in the private folder it runs in: the daemon and the direct compile do it alike."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from zcnb.toolchain.base import OBJECT, WORK, Step


def lay_out(step: Step, work: Path, cwd: str) -> None:
    """Write the step's files into `work`, and links to what lies beside the cell if it may read that.

    Raises `OSError`.
    """
    for name, data in step.files.items():
        (work / name).write_bytes(data)
    for entry in os.scandir(cwd) if step.beside else ():
        if entry.name not in step.files:
            os.symlink(entry.path, work / entry.name)


def placed(argv: Iterable[str], work: Path, obj: Path | None) -> tuple[str, ...]:
    """The arguments with the private paths in place."""
    return tuple(word.replace(WORK, str(work)).replace(OBJECT, str(obj)) for word in argv)
