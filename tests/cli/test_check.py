"""`zcnb check` beside a real daemon, and what that daemon does about damage by itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_cli import zcnb
from tests.conftest import alive, need, wait_until
from zcnb.client.control import running_status, stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

Make = Callable[..., BuildSpec]
HELLO = '#include <cstdio>\nint main() { std::puts("right"); }\n'


def said_by(program: str) -> str:
    return subprocess.run([program], capture_output=True, text=True, timeout=10, check=True).stdout


def built(session: Session, spec: BuildSpec) -> tuple[Path, str]:
    """The program and whether it was a hit."""
    done = session.build(spec)
    assert done.ok, done.diagnostics
    return Path(done.program), done.cache


def overwrite(path: Path) -> None:
    """The bytes of the program's text, changed in place; size and times stay."""
    times = path.stat()
    path.chmod(0o755)
    data = path.read_bytes()
    assert data.count(b"right") >= 1
    with path.open("r+b") as file:
        file.write(data.replace(b"right", b"wrong"))
    path.chmod(0o555)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_program_that_was_written_into_never_runs(session: Session, make_spec: Make, config: Config) -> None:
    """By the daemon that made it, and by the next one."""
    need("g++")
    for restart in (False, True):
        path, _ = built(session, make_spec(HELLO))
        assert said_by(str(path)) == "right\n"
        overwrite(path)
        assert said_by(str(path)) == "wrong\n", "the test does what it says"
        if restart:
            stop(config)
        again, cache = built(session, make_spec(HELLO))
        assert cache == "miss"
        assert said_by(str(again)) == "right\n"
        assert built(session, make_spec(HELLO)) == (again, "hit")


def test_check_and_repair_beside_a_daemon(session: Session, make_spec: Make, config: Config) -> None:
    need("g++")
    path, _ = built(session, make_spec(HELLO))
    clean = zcnb(config, "check")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "Nothing is wrong" in clean.stdout
    overwrite(path)
    for _ in range(2):
        found = zcnb(config, "check")
        assert (found.returncode, found.stderr) == (1, "")
        assert f"blob damaged: {path}: " in found.stdout
    repaired = zcnb(config, "check", "--repair")
    assert (repaired.returncode, repaired.stderr) == (0, "")
    assert "[removed]" in repaired.stdout
    assert zcnb(config, "check").returncode == 0
    again, cache = built(session, make_spec(HELLO))
    assert (again, cache) == (path, "miss")
    assert said_by(str(again)) == "right\n"
    assert zcnb(config, "check").returncode == 0


def test_check_needs_no_daemon_and_no_cache(config: Config, project: Path) -> None:
    done = zcnb(config, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert running_status(config) is None
    assert not config.cache_dir.exists()


def test_check_is_not_led_astray_by_the_folder_it_runs_in(
    config: Config, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sqlite3.py").write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(project)
    package = Path(__file__).parent.parent.parent
    done = zcnb(config, "check", PYTHONPATH=str(package), PYTHONSAFEPATH="1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("running", [False, True], ids=["at the start", "while it runs"])
def test_a_damaged_index_costs_no_build_and_is_told_once(
    session: Session, make_spec: Make, config: Config, running: bool
) -> None:
    need("g++")
    built(session, make_spec(HELLO))
    pid = session.status().pid
    if not running:
        stop(config)
        assert wait_until(lambda: not alive(pid))
    for file in sorted((config.cache_dir / "v1").glob("index.db*")):
        file.write_bytes(b"\xa5" * file.stat().st_size)
    for expected in ("miss", "hit"):
        path, cache = built(session, make_spec(HELLO, flags=("-O1",)))
        assert cache == expected
        assert said_by(str(path)) == "right\n"
    told = [text for text in session.status().errors if "index.damaged" in text]
    assert len(told) == 1
    assert str(config.cache_dir) in told[0]
