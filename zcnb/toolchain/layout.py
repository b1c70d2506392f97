"""Lay a step out in the private folder it runs in: the daemon and the direct compile do it alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from zcnb.toolchain.base import WORK, Step, object_word


def lay_out(step: Step, work: Path, cwd: str) -> None:
    """Write the step's files into `work`, and links to what lies beside the cell if it may read that.

    Raises `OSError`.
    """
    for name, data in step.files.items():
        (work / name).write_bytes(data)
    for entry in os.scandir(cwd) if step.beside else ():
        if entry.name not in step.files:
            os.symlink(entry.path, work / entry.name)


def placed(argv: Iterable[str], work: Path, objects: Sequence[Path] = ()) -> tuple[str, ...]:
    """The arguments with the private paths in place: the work folder's, and those of earlier steps' objects."""
    paths = {WORK: str(work)} | {object_word(number): str(path) for number, path in enumerate(objects)}
    return tuple(_replaced(word, paths) if "{zcnb:" in word else word for word in argv)


def clean(step: Step, work: Path) -> None:
    """Take the name of `work` out of the texts that the step left there. Compilers write the unit's path as they
    got it into line markers and module names, whatever `-ffile-prefix-map` says.

    Raises `OSError`.
    """
    for name in step.outputs if step.text else ():
        if (work / name).is_file():
            (work / name).write_bytes((work / name).read_bytes().replace(os.fsencode(f"{work}/"), b""))


def _replaced(word: str, paths: Mapping[str, str]) -> str:
    for name, path in paths.items():
        word = word.replace(name, path)
    return word
