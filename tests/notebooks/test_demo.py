"""The demo as a newcomer runs it, with and without a Rust compiler."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from zcnb.config import Config

ROOT = Path(__file__).resolve().parents[2]


def demo(config: Config, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `notebooks/demo.py` on a private cache."""
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket), "COLUMNS": "120"}
    argv = [sys.executable, str(ROOT / "notebooks" / "demo.py")]
    return subprocess.run(
        argv, env={**os.environ, **own, **env}, capture_output=True, text=True, timeout=170, check=False
    )


@pytest.mark.kernel
def test_second_pass_is_all_hits_and_an_export_is_left(config: Config) -> None:
    done = demo(config)
    assert done.returncode == 0, done.stdout + done.stderr
    first, _, second = done.stdout.partition("Second pass")
    assert first.count("│ miss") == len(re.findall(r"│ (?:c\+\+|c|rust) ", first))
    assert second.count("│ hit") >= 8
    assert "Hello from Rust: [1, 4" in second.replace("\n", " ") or "Hello from Rust" in second
    page = Path(re.search(r"as a page: (\S+)", done.stdout).group(1))  # type: ignore[union-attr]
    text = page.read_text(encoding="utf-8")
    assert "Hello from C++ 202002" in text
    assert "●" in text


@pytest.mark.kernel
def test_without_rustc_the_rest_goes_on(config: Config, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for tool in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if not tool.name.startswith(("rust", "cargo")) and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    done = demo(config, PATH=str(tools))
    assert done.returncode == 0, done.stdout + done.stderr
    plain = re.sub(r"[│\s]+", " ", done.stdout)
    assert "CompilerNotFound: No Rust compiler was found" in plain
    assert "The answer is 42" in plain
