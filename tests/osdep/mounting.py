"""Real mounts, for tests that may make them. Each ends all trust of every watcher on the machine, so that other
workers' tests that count looks keep them off for as long as they run."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LOCK = Path(tempfile.gettempdir()) / "zcnb-tests.mounts"


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """`mount OPTIONS FOLDER` for as long as the block runs; skips the test where that is not allowed."""
    with _locked(fcntl.LOCK_EX):
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        with _locked(fcntl.LOCK_EX):
            subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


@contextmanager
def nothing_mounted() -> Iterator[None]:
    """No other test mounts anything while the block runs."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(kind: int) -> Iterator[None]:
    with LOCK.open("a") as file:
        fcntl.flock(file, kind)
        yield
