"""`zcnb explain`: one line, details, JSON, and an exit code for "nothing is known"."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_cli import zcnb
from tests.conftest import need
from tests.daemon.hits.desk import tick
from zcnb.client.control import running_status
from zcnb.config import Config


@pytest.fixture
def folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with `a.cpp` in it."""
    need("g++")
    (project / "a.cpp").write_text("int main() { return 0; }\n")
    tick()
    monkeypatch.chdir(project)
    return project


def line(config: Config, *words: str) -> str:
    """What is said, without the time."""
    done = zcnb(config, "explain", *words)
    assert (done.returncode, done.stderr) == (0, "")
    found = re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  (.+)\n", done.stdout)
    assert found is not None, done.stdout
    return found[1]


def test_without_a_daemon_and_without_a_run(config: Config, folder: Path) -> None:
    done = zcnb(config, "explain")
    assert (done.returncode, done.stderr) == (3, "")
    assert "No run is remembered here" in done.stdout
    assert running_status(config) is None, "it starts none"
    zcnb(config, "start")
    assert zcnb(config, "explain").returncode == 3
    assert json.loads(zcnb(config, "explain", "--json").stdout) == {"known": False}


def test_a_persons_day(config: Config, folder: Path) -> None:
    zcnb(config, "g++", "-O2", "-c", "a.cpp")
    assert line(config) == "a.o had to be built: first time."
    zcnb(config, "g++", "-O2", "-c", "a.cpp")
    assert line(config) == "a.o came out of the cache: nothing had changed since it was made."
    zcnb(config, "g++", "-O3", "-c", "a.cpp")
    assert line(config) == line(config, "a.cpp") == line(config, "-o", "./a.o")
    assert line(config, "a.o") == "a.o had to be built: flag -O2 -> -O3."
    zcnb(config, "g++", "-E", "a.cpp", "-o", "a.i")
    assert line(config) == "The cache had no part in g++ -E a.cpp -o a.i: -E: preprocessing only."
    assert zcnb(config, "explain", "b.cpp").returncode == 3


def test_details_and_json(config: Config, folder: Path) -> None:
    zcnb(config, "g++", "-O2", "-c", "a.cpp")
    zcnb(config, "g++", "-O3", "-c", "a.cpp")
    lines = zcnb(config, "explain", "--details").stdout.splitlines()
    assert lines[1:4] == [
        "  compile: flag -O2 -> -O3", "    flags before: -O2 a.cpp -c", "    flags now: -O3 a.cpp -c",
    ]  # fmt: skip
    assert "Compared with the run of 20" in lines[4]
    found = json.loads(zcnb(config, "explain", "--json").stdout)
    assert {name: found[name] for name in ("known", "headline", "title", "cwd", "cache")} == {
        "known": True, "headline": "flag -O2 -> -O3", "title": "a.o", "cwd": str(folder), "cache": "miss",
    }  # fmt: skip
    assert found["steps"][0]["details"][0] == "flags before: -O2 a.cpp -c"


def test_it_is_asked_from_elsewhere_by_path(config: Config, folder: Path, tmp_path: Path) -> None:
    zcnb(config, "g++", "-c", "a.cpp")
    assert zcnb(config, "explain", str(folder / "a.o")).returncode == 0
    assert zcnb(config, "explain", "sub/../a.o").returncode == 0
