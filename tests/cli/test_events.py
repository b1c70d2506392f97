"""`zcnb events`: lines for people, lines for programs, and following until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import alive, wait_until
from zcnb import journal
from zcnb.cli.events import readable
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.config import Config


def start(config: Config, *words: str) -> subprocess.Popen[str]:
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
    argv = [sys.executable, "-m", "zcnb", "events", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, env={**os.environ, **own}, stdout=pipe, stderr=pipe, text=True)


def run(config: Config, *words: str) -> str:
    process = start(config, *words)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out


def test_a_row_reads_as_one_line() -> None:
    row: journal.Row = {
        "time": "2026-11-21T09:45:29.123+00:00", "unix_ms": 1, "event": "stop", "pid": 4711, "endpoint": "/tmp/s",
        "started": 99, "version": "0.1.0", "reason": "two\nlines", "old_pid": 7,
    }  # fmt: skip
    assert readable(row) == (
        "2026-11-21 09:45:29  stop                 pid 4711  version: 0.1.0, reason: two lines, old pid: 7"
    )
    assert readable({name: row[name] for name in ("time", "event", "pid")}).endswith("pid 4711")


def test_a_daemons_life(config: Config) -> None:
    assert run(config) == ""
    with Session(config) as session:
        pid = session.status().pid
    assert stop(config)
    with Session(config) as session:
        killed = session.status().pid
        os.kill(killed, signal.SIGKILL)
        assert wait_until(lambda: not alive(killed))
        session.ping()
    lines = run(config).splitlines()
    assert [line[21:36].strip() for line in lines] == ["start", "stop", "start", "death", "start"]
    assert f"pid {pid}  " in lines[0]
    assert "how: launched" in lines[0]
    assert "reason: asked to" in lines[1]
    rows = [json.loads(line) for line in run(config, "--json").splitlines()]
    assert rows == journal.read(config.endpoint)


def test_following_ends_with_ctrl_c(config: Config) -> None:
    process = start(config, "--follow", "--json")
    assert process.stdout is not None
    journal.note(config.endpoint, "wedge", number=1)
    assert json.loads(process.stdout.readline())["number"] == 1
    journal.note(config.endpoint, "wedge", number=2)
    assert json.loads(process.stdout.readline())["number"] == 2
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize("words", [(), ("--follow",)], ids=["once", "following"])
def test_a_reader_that_has_seen_enough(config: Config, words: tuple[str, ...]) -> None:
    for number in range(3000):
        journal.note(config.endpoint, "wedge", number=number)
    process = start(config, *words)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.wait(20), process.stderr.read()) == (0, "")
    process.stderr.close()


def test_the_endpoint_decides_whose_events(config: Config, tmp_path: Path) -> None:
    journal.note(tmp_path / "other.sock", "wedge")
    assert run(config) == ""
