"""Which variables belong to every key."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.toolchain.environment import SIDE_EFFECTS, relevant

SEEN = (
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX",
    "GCC_COLORS", "GCC_COMPARE_DEBUG", "COLLECT_GCC", "SOURCE_DATE_EPOCH", "LANG", "LC_ALL", "LC_MESSAGES",
    "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_RUN_PATH", "LDEMULATION", "GNUTARGET", "CCC_OVERRIDE_OPTIONS",
    "CLANG_CONFIG_FILE_USER_DIR", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTFLAGS", "RUSTC_BOOTSTRAP", "SDKROOT",
    "LPATH", "LOCPATH", "GCONV_PATH", "RC_DEBUG_OPTIONS",
    "MACOSX_DEPLOYMENT_TARGET", "NO_COLOR", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES",
)  # fmt: skip
UNSEEN = (
    "PATH",
    "HOME",
    "TMPDIR",
    "USER",
    "TERM",
    "JPY_PARENT_PID",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "RUST_LIB_BACKTRACE",
)


@pytest.mark.parametrize("name", SEEN)
def test_seen(name: str) -> None:
    assert relevant({name: "x", "PATH": "/bin"}) == {name: "x"}


@pytest.mark.parametrize("name", UNSEEN)
def test_unseen(name: str) -> None:
    assert relevant({name: "x"}) == {}


def test_empty_is_not_unset() -> None:
    assert relevant({"CPATH": ""}) == {"CPATH": ""}


@pytest.mark.parametrize("name", SIDE_EFFECTS)
def test_side_effects_are_what_gcc_does(tmp_path: Path, name: str) -> None:
    (tmp_path / "cell.c").write_text("int x;")
    subprocess.run([need("gcc"), "-c", "cell.c"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", name: "deps"}, check=True)
    assert (tmp_path / "deps").exists()
