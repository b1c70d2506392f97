"""What clang says about itself, and what would make it another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.errors import CompilerNotFound
from zcnb.toolchain.registry import CLANG

VERBOSE = """\
Debian clang version 19.1.7 (3~deb12u1)
Target: x86_64-pc-linux-gnu
InstalledDir: /opt/clang/bin
System configuration file directory: /etc/clang
Found candidate GCC installation: /usr/lib/gcc/x86_64-linux-gnu/12
Selected GCC installation: /usr/lib/gcc/x86_64-linux-gnu/12
"""


def test_what_would_make_it_another() -> None:
    said = CLANG.identify("/opt/clang/bin/clang++", "c++", {"version": VERBOSE, "selected": VERBOSE})
    assert said.version == "19.1.7"
    for path in (
        "/opt/clang/bin/clang++.cfg",
        "/etc/clang/clang++.cfg",
        "/etc/clang/x86_64-pc-linux-gnu-clang++.cfg",
        "/usr/lib/gcc/x86_64-linux-gnu",
        "/usr/lib/gcc",
    ):
        assert path in said.context


def test_a_real_clang() -> None:
    path = need("clang++-19")
    probes = CLANG.identity_probes(path, "c++")
    answers = {}
    for name, argv in probes.items():
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        answers[name] = done.stdout + done.stderr
    said = CLANG.identify(path, "c++", answers)
    assert said.version.startswith("19.")
    assert any(entry.endswith("/clang++.cfg") for entry in said.context)
    assert any(Path(entry).is_dir() for entry in said.context)
    assert said.library_dirs


def test_what_is_not_clang() -> None:
    with pytest.raises(CompilerNotFound):
        CLANG.identify("/bin/true", "c++", {"version": ""})
