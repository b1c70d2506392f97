"""Two versions at once (S4): a newer client replaces an older daemon, which finishes what is under way; a newer
daemon serves older clients. Real processes of two copies of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import alive, wait_until
from zcnb import __version__, journal
from zcnb.client.control import running_status
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

Make = Callable[..., BuildSpec]
ROOT = Path(__file__).parent.parent.parent
NEWER = "99.10.0"

CLIENT = """
import json, os, sys, time
from pathlib import Path
from zcnb import __version__
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec
cache, socket, cwd, code = sys.argv[1:]
spec = BuildSpec(
    language="c++", source=b"int main() { return %s; }" % code.encode(), flags=(), cwd=cwd, env=dict(os.environ)
)
with Session(Config(cache_dir=Path(cache), socket=Path(socket))) as session:
    begin = time.monotonic()
    session.ping()
    took = time.monotonic() - begin
    built = session.build(spec)
    said = os.waitstatus_to_exitcode(os.system(built.program))
    status = session.status()
print(json.dumps([__version__, status.version, status.pid, built.cache, said, took, built.notices]))
"""


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import path with a newer zcnb."""
    root = tmp_path_factory.mktemp("newer")
    shutil.copytree(ROOT / "zcnb", root / "zcnb", ignore=shutil.ignore_patterns("__pycache__"))
    init = root / "zcnb" / "__init__.py"
    init.write_text(init.read_text().replace(f'__version__ = "{__version__}"', f'__version__ = "{NEWER}"'))
    return root


def client(config: Config, project: Path, path: Path, code: int) -> subprocess.Popen[str]:
    """A client from the package at `path`."""
    argv = [sys.executable, "-c", CLIENT, str(config.cache_dir), str(config.endpoint), str(project), str(code)]
    env = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.Popen(argv, cwd=path, env=env, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> tuple[str, str, int, str, int, float, list[str]]:
    """Own version, daemon's version, its pid, cache, the program's code, seconds to the first answer, notices."""
    out = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    own, daemon, pid, cache, code, took, notices = json.loads(out)
    return own, daemon, pid, cache, code, took, notices


def ends(config: Config) -> list[journal.Value]:
    return [row["reason"] for row in journal.read(config.endpoint) if row["event"] == "stop"]


def test_a_newer_client_replaces_an_older_daemon(config: Config, project: Path, newer: Path) -> None:
    with Session(config) as session:
        old = session.status().pid
        own, version, pid, cache, code, took, notices = said(client(config, project, newer, 3))
        print(f"first answer after {took:.2f} s")
        assert (own, version, cache, code, notices) == (NEWER, NEWER, "miss", 3, [])
        assert took < 5
        assert wait_until(lambda: not alive(old))
        assert session.status().pid == pid
    assert ends(config) == [f"replaced by version {NEWER}"]
    [handover] = [row for row in journal.read(config.endpoint) if row["event"] == "handover"]
    assert (handover["old_pid"], handover["old_version"], handover["version"]) == (old, __version__, NEWER)


def test_a_newer_daemon_serves_older_clients(config: Config, project: Path, newer: Path) -> None:
    first = said(client(config, project, newer, 4))
    second = said(client(config, project, ROOT, 4))
    assert second[:5] == (__version__, NEWER, first[2], "hit", 4)
    assert second[5] < 5
    assert ends(config) == []


def test_the_older_daemon_finishes_its_builds_and_takes_no_new_ones(
    config: Config, project: Path, newer: Path, make_spec: Make
) -> None:
    slow, begun = project / "slow++", project / "begun"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *" -c "*) echo >> {begun}; sleep 13;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    with (
        Session(config) as session,
        Session(config) as other,
        subprocess.Popen(["sleep", "60"], process_group=0) as program,
        ThreadPoolExecutor(1) as pool,
    ):
        old = other.status().pid
        other.guard(program.pid)  # may run for days: it must not hold the older daemon
        waiting = pool.submit(session.build, make_spec("int main() {}", compiler=str(slow)))
        assert wait_until(begun.exists)
        assert said(client(config, project, newer, 5))[1] == NEWER
        assert alive(old)
        built = other.build(make_spec("int main() { return 6; }"))
        assert (built.cache, built.notices) == ("miss", ())
        assert other.status().version == NEWER
        answer = waiting.result()
        assert (answer.cache, answer.ok, answer.notices, begun.read_text()) == ("miss", True, (), "\n")
        assert wait_until(lambda: not alive(old), 5)
        assert program.poll() is None
        program.kill()
    assert ends(config) == [f"replaced by version {NEWER}"]
    status = running_status(config)
    assert status is not None
    assert status.version == NEWER


@pytest.mark.parametrize("running", [True, False], ids=["older daemon", "no daemon"])
def test_twenty_mixed_clients_get_one_answer_each_and_leave_one_newer_daemon(
    config: Config, project: Path, newer: Path, running: bool
) -> None:
    if running:
        with Session(config) as session:
            session.ping()
    clients = [client(config, project, newer if number % 2 else ROOT, number) for number in range(20)]
    found = [said(process) for process in clients]
    assert [row[4] for row in found] == list(range(20))
    assert [row[6] for row in found] == [[]] * 20
    assert {row[3] for row in found} == {"miss"}
    starts = [row for row in journal.read(config.endpoint) if row["event"] == "start"]
    assert starts[-1]["version"] == NEWER
    assert wait_until(lambda: [row["pid"] for row in starts if alive(int(str(row["pid"])))] == [starts[-1]["pid"]])
    assert len(starts) <= 2
    status = running_status(config)
    assert status is not None
    assert (status.version, status.pid) == (NEWER, starts[-1]["pid"])
