"""Verbs and tools: `zcnb stats`, `zcnb shims`, `zcnb wrap`, and words that are neither."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.test_cli import zcnb
from tests.conftest import need
from zcnb.cli import VERBS
from zcnb.cli.main import VERBS as PARSED
from zcnb.client.control import running_status
from zcnb.client.shims import NAMES
from zcnb.config import Config
from zcnb.model.health import Stats


@pytest.fixture
def source(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source in the current folder."""
    monkeypatch.chdir(project)
    path = project / "a.cpp"
    path.write_text("int main() { return 0; }\n")
    return path


def compiled(config: Config, *words: str) -> None:
    done = zcnb(config, *words, "-c", "a.cpp")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert Path("a.o").read_bytes()[:4] == b"\x7fELF"
    Path("a.o").unlink()


def stats(config: Config, *words: str) -> dict[str, object]:
    done = zcnb(config, "stats", "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_every_verb_is_known_to_both_halves() -> None:
    """Whatever the first does not know is taken for a tool."""
    assert set(VERBS) == set(PARSED)


def test_stats_of_an_unused_cache(config: Config) -> None:
    begin = time.time()
    found = stats(config)
    since = found.pop("since_unix")
    assert isinstance(since, float)
    assert begin - 1 <= since <= time.time() + 1
    assert Stats(**found) == Stats()  # type: ignore[arg-type]
    assert "0%" in zcnb(config, "stats").stdout


def test_stats_count_and_begin_anew(config: Config, source: Path) -> None:
    for _ in range(3):
        compiled(config, "g++")
    assert zcnb(config, "g++", "-E", "a.cpp").returncode == 0
    expected = {"hits": 2, "misses": 1, "passed": 1, "uncached": 0, "uncached_reasons": {}}
    expected["passed_reasons"] = {"-E: preprocessing only": 1}
    found = stats(config)
    assert {name: found[name] for name in expected} == expected
    assert isinstance(found["saved_ms"], float)
    assert found["saved_ms"] > 0
    shown = zcnb(config, "stats")
    assert (shown.returncode, shown.stderr) == (0, "")
    for text in ("since", "hits", "misses", "67%", "time spared", "not stored", "1 × -E: preprocessing only"):
        assert text in shown.stdout
    last = stats(config, "--zero")
    assert {name: last[name] for name in expected} == expected
    after = stats(config)
    assert (after["hits"], after["misses"], after["passed"], after["passed_reasons"]) == (0, 0, 0, {})
    assert isinstance(after["since_unix"], float)
    assert isinstance(found["since_unix"], float)
    assert after["since_unix"] > found["since_unix"]


def test_zero_shows_what_was_counted_until_then(config: Config, source: Path) -> None:
    compiled(config, "g++")
    shown = zcnb(config, "stats", "--zero")
    assert (shown.returncode, shown.stderr) == (0, "")
    row = next(line for line in shown.stdout.splitlines() if "misses" in line)
    assert "1" in row
    assert stats(config)["misses"] == 0


def test_stats_outlive_the_daemon(config: Config, source: Path) -> None:
    for _ in range(2):
        compiled(config, "g++")
    before = stats(config)
    assert zcnb(config, "stop").returncode == 0
    assert running_status(config) is None
    assert stats(config) == before
    assert (before["hits"], before["misses"]) == (1, 1)


def test_shims_prints_their_folder_and_nothing_else(config: Config, source: Path) -> None:
    for _ in range(2):
        done = zcnb(config, "shims")
        assert (done.returncode, done.stderr) == (0, "")
        folder = Path(done.stdout.removesuffix("\n"))
        assert {path.name for path in folder.iterdir()} == set(NAMES)
        assert folder.is_relative_to(config.cache_dir)
    assert running_status(config) is None, "no daemon is needed for that"


def test_shims_first_on_path_as_the_help_has_it(config: Config, source: Path) -> None:
    need("make")
    Path("Makefile").write_text("a.o: a.cpp\n\tg++ -c a.cpp\n")
    folder = zcnb(config, "shims").stdout.strip()
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
    for _ in range(2):
        env = {**os.environ, **own, "PATH": f"{folder}:{os.environ['PATH']}"}
        subprocess.run(["make", "a.o"], env=env, check=True, capture_output=True, timeout=60)
        Path("a.o").unlink()
    found = stats(config)
    assert (found["hits"], found["misses"]) == (1, 1)


def test_shims_that_cannot_be_made_are_one_sentence(config: Config) -> None:
    config.cache_dir.write_text("in the way")
    done = zcnb(config, "shims")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("zcnb: ")
    assert str(config.cache_dir) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("g++",), ("wrap", "g++"), ("wrap", "zcnb", "g++"), ("zcnb", "g++")])
def test_wrap_and_a_bare_name_are_the_same(config: Config, source: Path, words: tuple[str, ...]) -> None:
    compiled(config, "g++")
    compiled(config, *words)
    found = stats(config)
    assert (found["hits"], found["misses"]) == (1, 1)


@pytest.mark.parametrize("name", VERBS)
def test_wrap_runs_a_tool_with_the_name_of_a_verb(config: Config, project: Path, name: str) -> None:
    tool = project / "bin" / name
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "$0: $*"\nexit 5\n')
    tool.chmod(0o755)
    done = zcnb(config, "wrap", name, "--json", "x", PATH=f"{tool.parent}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout, done.stderr) == (5, f"{tool}: --json x\n", "")


def test_wrap_of_nothing(config: Config) -> None:
    done = zcnb(config, "wrap")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: zcnb" in done.stderr


@pytest.mark.parametrize(
    "words", [("nonsense",), ("wrap", "nonsense"), ("nonsense", "--help"), ("./nonsense",), ("/no/g++",)]
)
def test_what_is_neither_verb_nor_tool(config: Config, words: tuple[str, ...]) -> None:
    done = zcnb(config, *words)
    name = words[1] if words[0] == "wrap" else words[0]
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr.startswith(f"zcnb: {name}: no such command")
    assert len(done.stderr.splitlines()) == 1
    assert running_status(config) is None


def test_the_tools_own_exit_code_and_words(config: Config, source: Path) -> None:
    source.write_text("int main() { return nothing; }\n")
    done, bare = (
        zcnb(config, "g++", "-c", "a.cpp"),
        subprocess.run(["g++", "-c", "a.cpp"], capture_output=True, text=True),
    )
    assert (done.returncode, done.stdout, done.stderr) == (bare.returncode, bare.stdout, bare.stderr)
    assert done.returncode == 1


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help_tells_of_verbs_and_of_tools(config: Config, words: tuple[str, ...]) -> None:
    done = zcnb(config, *words)
    assert (done.returncode, done.stderr) == (0, "")
    for word in (*VERBS, "zcnb g++ -c a.cpp"):
        assert word in done.stdout


def test_a_file_can_switch_it_off(config: Config, source: Path, tmp_path: Path) -> None:
    (tmp_path / "zcnb").mkdir()
    (tmp_path / "zcnb" / "zcnb_config.toml").write_text("disable = true\n")
    done = zcnb(config, "g++", "-c", "a.cpp", XDG_CONFIG_HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("a.o").read_bytes()[:4] == b"\x7fELF"
    assert running_status(config) is None
