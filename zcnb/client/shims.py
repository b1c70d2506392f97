"""Shims: files with a tool's name that run the wrapper, for the front of PATH (masquerading, as ccache has it).

Each starts this Python without `site`, which is most of what a wrapped call costs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import zcnb
from zcnb.errors import StoreError
from zcnb.places import SHIMS

WRAPPED = ("g++", "gcc", "c++", "cc", "clang++", "clang", "rustc", "ar")
NAMES = (*WRAPPED, "zcnb")
"""`zcnb` is the command itself, started in 0.6 of the time of the one that pip installs."""

LONGEST_SHEBANG = 127
"""Bytes of a first line that every kernel takes; beyond it, and with spaces, `sh` helps."""

_BODY = """\
import sys
sys.path.insert(0, {root!r})
from zcnb.cli import shim
raise SystemExit(shim({name!r}))
"""


def make_shims(cache_dir: Path) -> Path:
    """The folder of shims below the cache folder, made or brought up to date. Raises `StoreError`."""
    try:
        return _made(cache_dir / SHIMS)
    except OSError as error:
        raise StoreError(f"The shims cannot be made in {cache_dir}: {error.strerror}. Set ZCNB_CACHE_DIR.") from error


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in NAMES:
        text = shim_text(sys.executable, str(Path(zcnb.__file__).parent.parent), name)
        path = folder / name
        if not path.is_file() or path.read_text() != text:
            fresh = folder / f".{name}.{os.getpid()}"
            fresh.write_text(text)
            fresh.chmod(0o755)
            fresh.rename(path)
    return folder


def shim_text(python: str, root: str, name: str) -> str:
    """What a shim for `name` holds: run by `python`, with zcnb below `root`."""
    line = f"#!{python} -IS"
    if len(os.fsencode(line)) > LONGEST_SHEBANG or " " in python:
        line = f"#!/bin/sh\n'''exec' \"{python}\" -IS \"$0\" \"$@\"\n' '''"
    return f"{line}\n{_BODY.format(root=root, name=name)}"
