"""Every write of the store going wrong, one after the other: no wrong result, nothing that stays broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import need

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
STORIES = ("begin", "record", "replace", "evict", "clear", "tidy", "damaged index", "repair")
FAULTS = (
    "killed before", "killed half-way", "disk full once", "disk full from then on", "bad disk once",
    "read-only from then on",
)  # fmt: skip
EVERYWHERE = ("killed half-way", "disk full from then on")
"""The rest is tried where results are recorded."""

EXTENT = os.environ.get("FAULTS_EXTENT", "some")
"""`all`: also each of the writes that SQLite does in a row."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """faults.c as a library to preload."""
    built = str(tmp_path_factory.mktemp("faults") / "faults.so")
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-shared"]
    subprocess.run([need("gcc"), *flags, str(HERE / "faults.c"), "-o", built, "-ldl"], check=True)
    return built


def tried(library: str, folder: Path, story: str, fault: str, extent: str = EXTENT) -> list[str]:
    """The names of the steps that were made to fail. Asserts that nothing was wrong afterwards."""
    env = {**os.environ, "LD_PRELOAD": library, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, str(HERE / "faults.py"), story, fault, extent, str(folder)]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=170, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    *wrong, last = done.stdout.splitlines()
    assert wrong == []
    assert last.startswith("steps: ")
    return last.removeprefix("steps: ").split()


@pytest.mark.parametrize(
    ("story", "fault"), [(s, f) for s in STORIES for f in FAULTS if f in EVERYWHERE or s == "record"]
)
def test_nothing_stays_broken(library: str, tmp_path: Path, story: str, fault: str) -> None:
    assert len(tried(library, tmp_path, story, fault)) > 20


def test_all_kinds_of_writes_are_seen(library: str, tmp_path: Path) -> None:
    """The store's own (folders, files, modes, moves) and SQLite's."""
    steps = set(tried(library, tmp_path, "evict", "killed before", "none"))
    own = {"mkdir", "write", "chmod", "rename", "unlink", "rmdir"}
    assert own <= steps
    assert steps & {"pwrite64", "pwrite"}
    assert steps & {"fdatasync", "fsync"}
    assert steps & {"open64", "openat64", "open", "openat"}
