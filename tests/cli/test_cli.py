"""The command `zcnb`: what it says and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from zcnb.client.control import running_status
from zcnb.config import Config


def zcnb(config: Config, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the settings of `config`."""
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket), "COLUMNS": "200"}
    argv = [sys.executable, "-m", "zcnb", *words]
    return subprocess.run(
        argv, env={**os.environ, **own, **env}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_day_of_the_daemon(config: Config) -> None:
    assert zcnb(config, "status").returncode == 3
    assert json.loads(zcnb(config, "status", "--json").stdout) == {"running": False}
    started = zcnb(config, "start")
    assert started.returncode == 0
    status = running_status(config)
    assert status is not None
    assert f"pid {status.pid}" in started.stdout
    shown = zcnb(config, "status")
    assert shown.returncode == 0
    assert "hit rate" in shown.stdout
    found = json.loads(zcnb(config, "status", "--json").stdout)
    assert found["running"] is True
    assert found["pid"] == status.pid
    assert found["cache_dir"] == str(config.cache_dir)
    assert "The cache is empty" in zcnb(config, "clear").stdout
    assert "has ended" in zcnb(config, "stop").stdout
    stopped = zcnb(config, "stop")
    assert stopped.returncode == 0
    assert "No daemon was running" in stopped.stdout


def test_doctor_finds_everything_well(config: Config) -> None:
    done = zcnb(config, "doctor")
    assert done.returncode == 0, done.stdout
    for what in (
        "C++ compiler",
        "C compiler",
        "Rust compiler",
        "cache folder",
        "free space",
        "daemon",
        str(config.socket),
    ):
        assert what in done.stdout


def test_doctor_says_what_is_wrong_and_how_to_mend_it(config: Config) -> None:
    config.cache_dir.parent.mkdir(exist_ok=True)
    config.cache_dir.write_text("a file is in the way")
    done = zcnb(config, "doctor", PATH="/nonexistent")
    assert done.returncode == 1
    assert "apt install g++" in done.stdout
    assert "is not a folder" in done.stdout
    assert "ZCNB_CACHE_DIR" in done.stdout


def test_doctor_tries_instead_of_asking(config: Config) -> None:
    done = zcnb(config, "doctor", ZCNB_CACHE_DIR="/proc/nowhere")
    assert done.returncode == 1
    assert "/proc/nowhere cannot be written to" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("words", [(), ("status", "--nonsense"), ("--nonsense",)])
def test_words_that_make_no_sense(config: Config, words: tuple[str, ...]) -> None:
    done = zcnb(config, *words)
    assert done.returncode == 2
    assert "usage: zcnb" in done.stderr


def test_a_word_that_is_neither_verb_nor_tool(config: Config) -> None:
    done = zcnb(config, "nonsense")
    assert done.returncode == 127
    assert "nonsense: no such command" in done.stderr


def test_a_bad_setting_names_its_source(config: Config) -> None:
    done = zcnb(config, "status", ZCNB_MAX_SIZE="plenty")
    assert done.returncode == 1
    assert "ZCNB_MAX_SIZE is 'plenty', but must be a size" in done.stderr
