"""Shims: what they hold, that they can be started wherever Python lies, and that they are kept up to date."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import zcnb
from zcnb.client.shims import LONGEST_SHEBANG, NAMES, WRAPPED, make_shims, shim_text
from zcnb.config import Config
from zcnb.errors import StoreError
from zcnb.places import SHIMS

ROOT = str(Path(zcnb.__file__).parent.parent)


@pytest.mark.parametrize("name", NAMES)
def test_a_shim_is_python_without_site(name: str) -> None:
    assert shim_text("/usr/bin/python3", "/opt/zcnb", name) == (
        "#!/usr/bin/python3 -IS\n"
        "import sys\n"
        "sys.path.insert(0, '/opt/zcnb')\n"
        "from zcnb.cli import shim\n"
        f"raise SystemExit(shim({name!r}))\n"
    )


@pytest.mark.parametrize(("length", "by_sh"), [(LONGEST_SHEBANG - 6, False), (LONGEST_SHEBANG - 5, True), (300, True)])
@pytest.mark.parametrize("letter", ["p", "ü"])
def test_a_long_path_goes_by_sh(length: int, by_sh: bool, letter: str) -> None:
    """Counted in bytes, as kernels do."""
    python = "/" + "p" * ((length - 1) % len(letter.encode())) + letter * ((length - 1) // len(letter.encode()))
    assert len(os.fsencode(python)) == length
    first = shim_text(python, ROOT, "g++").splitlines()[0]
    assert first == ("#!/bin/sh" if by_sh else f"#!{python} -IS")
    assert len(os.fsencode(first)) <= LONGEST_SHEBANG


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A stand-in for zcnb that tells how it was called."""
    package = tmp_path / 'ro\'ot "x" \\' / "zcnb" / "cli"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text(
        "import sys\ndef shim(name):\n"
        "    print([name, *sys.argv[1:], sys.flags.no_site, sys.flags.isolated])\n    return 7\n"
    )
    return package.parent.parent


@pytest.mark.parametrize(
    "folder",
    ["bin", "with space", "x" * 200, "ü" * 80, "a  b", "it's"],
    ids=["plain", "space", "long", "wide", "spaces", "quote"],
)
def test_a_shim_starts_wherever_python_lies(tmp_path: Path, root: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    python = tmp_path / folder / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    shim = tmp_path / "g++"
    shim.write_text(shim_text(str(python), str(root), "g++"))
    shim.chmod(0o755)
    words = ["-c", "a b.cpp", "", "it's", '"$x"', "*"]
    done = subprocess.run([shim, *words], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == (f"{['g++', *words, 1, 1]}\n", "")
    assert done.returncode == 7


def test_making_them(config: Config) -> None:
    folder = make_shims(config.cache_dir)
    assert folder == config.cache_dir / SHIMS
    assert {path.name for path in folder.iterdir()} == set(NAMES) == {*WRAPPED, "zcnb"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in NAMES:
        assert (folder / name).read_text() == shim_text(sys.executable, ROOT, name)
        assert os.access(folder / name, os.X_OK)


def test_making_them_again_leaves_them_and_mends_what_is_wrong(config: Config) -> None:
    folder = make_shims(config.cache_dir)
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert make_shims(config.cache_dir) == folder
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
    (folder / "g++").write_text("#!/old/python\n")
    (folder / "ar").unlink()
    make_shims(config.cache_dir)
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    for name in ("g++", "ar"):
        assert (folder / name).read_text() == shim_text(sys.executable, ROOT, name)
        assert os.access(folder / name, os.X_OK)


def test_they_cannot_be_made_below_a_file(config: Config) -> None:
    config.cache_dir.write_text("in the way")
    with pytest.raises(StoreError, match="The shims cannot be made"):
        make_shims(config.cache_dir)


@pytest.mark.parametrize("place", ["plain", "with space", "x" * 120], ids=["plain", "space", "long"])
def test_a_compile_through_a_shim(config: Config, tmp_path: Path, place: str) -> None:
    """The environment that zcnb is installed in may lie anywhere, such as in a user's deep folder with spaces."""
    folder = make_shims(config.cache_dir)
    environment = tmp_path / place
    environment.symlink_to(sys.prefix)
    shutil.rmtree(folder)
    folder.mkdir()
    for name in ("g++", "zcnb"):
        (folder / name).write_text(shim_text(str(environment / "bin" / "python"), ROOT, name))
        (folder / name).chmod(0o755)
    (tmp_path / "a.cpp").write_text("int main() { return 0; }\n")
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
    env = {**os.environ, **own, "PATH": f"{folder}:{os.environ['PATH']}"}
    for _ in range(2):
        done = subprocess.run(
            ["g++", "-c", "a.cpp"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (tmp_path / "a.o").stat().st_size
        (tmp_path / "a.o").unlink()
    said = subprocess.run(["zcnb", "stats"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert "50%" in said.stdout
