"""WIRE.md is enough to write a client: one in C, in less than 80 lines, against a real daemon."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.health import Status

SOURCE = Path(__file__).with_name("client.c")
MOST_LINES, LONGEST_LINE = 79, 120
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The compiled client."""
    binary = str(tmp_path_factory.mktemp("client") / "client")
    subprocess.run([need("gcc"), *STRICT, str(SOURCE), "-o", binary], check=True)
    return binary


@pytest.fixture
def cxx() -> str:
    """The real compiler, by an absolute path."""
    return os.path.realpath(need("g++"))


@pytest.fixture
def daemon(config: Config) -> Config:
    """The settings of a daemon that runs."""
    with Session(config) as session:
        session.ping()
    return config


def run(*argv: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, argv)), cwd=cwd, capture_output=True, text=True, timeout=60)


def status(config: Config) -> Status:
    with Session(config) as session:
        return session.status()


def test_it_is_small_enough_to_read() -> None:
    lines = SOURCE.read_text().splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE


def test_ping_and_status(client: str, daemon: Config) -> None:
    pid = status(daemon).pid
    ping = run(client, daemon.endpoint, "ping")
    assert (ping.returncode, ping.stdout, ping.stderr) == (0, f"pid {pid}\n", "")
    told = run(client, daemon.endpoint, "status")
    assert (told.returncode, told.stderr) == (0, "")
    assert re.fullmatch(rf"state (loading|ready)\npid {pid}\n", told.stdout)


def test_a_compile_is_what_the_bare_compiler_makes_and_then_a_hit(
    client: str, cxx: str, daemon: Config, project: Path
) -> None:
    (project / "a.cpp").write_text("int f(int x) {\n#warning seen\n  return x + 1;\n}\n")
    words = [cxx, "-O1", "-c", "a.cpp", "-o"]
    bare = run(*words, "bare.o", cwd=project)
    target = project / "a.o"
    for hits, misses in [(0, 1), (1, 1)]:
        target.unlink(missing_ok=True)
        made = run(client, daemon.endpoint, "compile", *words, "a.o", cwd=project)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", bare.stderr)
        assert "#warning seen" in made.stderr
        assert target.read_bytes() == (project / "bare.o").read_bytes()
        assert target.stat().st_mode == (project / "bare.o").stat().st_mode
        now = status(daemon)
        assert (now.hits, now.misses, now.passed) == (hits, misses, 0)


def test_an_output_is_a_new_file(client: str, cxx: str, daemon: Config, project: Path) -> None:
    (project / "a.cpp").write_text("int f() { return 1; }\n")
    (project / "a.o").write_text("old")
    os.link(project / "a.o", project / "other")
    assert run(client, daemon.endpoint, "compile", cxx, "-c", "a.cpp", cwd=project).returncode == 0
    assert (project / "other").read_text() == "old"
    assert (project / "a.o").read_bytes().startswith(b"\x7fELF")


def test_a_program_is_executable(client: str, cxx: str, daemon: Config, project: Path) -> None:
    (project / "a.cpp").write_text("int main() { return 7; }\n")
    assert run(client, daemon.endpoint, "compile", cxx, "a.cpp", "-o", "a", cwd=project).returncode == 0
    assert status(daemon).misses == 1
    assert run(project / "a").returncode == 7


def test_a_compile_error_is_the_compilers_own(client: str, cxx: str, daemon: Config, project: Path) -> None:
    (project / "b.cpp").write_text("int f() { return missing; }\n")
    for name in ("bare.o", "b.o"):
        (project / name).write_text("old")
    bare = run(cxx, "-c", "b.cpp", "-o", "bare.o", cwd=project)
    made = run(client, daemon.endpoint, "compile", cxx, "-c", "b.cpp", "-o", "b.o", cwd=project)
    assert bare.returncode == 1
    assert "missing" in bare.stderr
    assert (made.returncode, made.stdout, made.stderr) == (bare.returncode, bare.stdout, bare.stderr)
    assert status(daemon).misses == 1
    assert (project / "b.o").exists() == (project / "bare.o").exists()


def test_the_tool_takes_over_when_the_cache_has_no_part_in_it(
    client: str, cxx: str, daemon: Config, project: Path
) -> None:
    made = run(client, daemon.endpoint, "compile", cxx, "--version", cwd=project)
    assert (made.returncode, made.stdout, made.stderr) == (0, run(cxx, "--version").stdout, "")
    assert status(daemon).passed == 1


def test_the_tool_takes_over_when_its_folder_is_gone(client: str, cxx: str, daemon: Config, project: Path) -> None:
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    made = run("/bin/sh", "-c", script, "sh", project, client, daemon.endpoint, "compile", cxx, "-c", "gone.cpp")
    assert made.returncode == 1
    assert "gone.cpp: No such file" in made.stderr
    assert status(daemon).passed == 1


def test_a_source_from_standard_input_is_left_to_the_tool(client: str, cxx: str, daemon: Config, project: Path) -> None:
    words = [client, str(daemon.endpoint), "compile", cxx, "-xc++", "-c", "-", "-o", "a.o"]
    subprocess.run(words, cwd=project, input=b"int from_stdin() { return 1; }\n", check=True, timeout=60)
    assert b"from_stdin" in (project / "a.o").read_bytes()
    assert status(daemon).misses == 0


@pytest.mark.parametrize("words", [["ping"], ["status"], ["compile", "/usr/bin/g++", "-c", "a.cpp"]])
def test_no_daemon(client: str, config: Config, words: list[str]) -> None:
    made = run(client, config.endpoint, *words)
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr == f"client: no daemon answers at {config.endpoint}: No such file or directory\n"


@pytest.mark.parametrize("words", [[], ["ping", "twice"]])
def test_words_that_make_no_sense(client: str, config: Config, words: list[str]) -> None:
    made = run(client, config.endpoint, *words)
    assert made.returncode == 2
    assert made.stderr == "client: usage: client SOCKET ping | status | compile TOOL ARGUMENTS...\n"
