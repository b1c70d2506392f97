"""Whether a silent process is stuck, or merely has no turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb import vitals


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield process
    process.kill()
    process.wait()


def test_who_computes_is_at_work_until_it_is_stopped(busy: subprocess.Popen[bytes]) -> None:
    before = vitals.activity(busy.pid)
    assert vitals.at_work(busy.pid)
    assert wait_until(lambda: vitals.activity(busy.pid) > before, 10)
    busy.send_signal(signal.SIGSTOP)
    assert wait_until(lambda: not vitals.at_work(busy.pid), 10)
    still = vitals.activity(busy.pid)
    assert still > 0
    assert vitals.activity(busy.pid) == still


def test_who_waits_or_is_gone_is_not() -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        assert wait_until(lambda: not vitals.at_work(sleeper.pid), 10)
        sleeper.kill()
        sleeper.wait()
        assert not vitals.at_work(sleeper.pid)
        assert vitals.activity(sleeper.pid) == 0


def test_a_signature_is_the_last_ones(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert vitals.signer(str(path)) == 0
    path.write_text("1234567890")
    assert vitals.signer(str(path)) == 1234567890
    with path.open("r+b") as file:
        vitals.sign(file.fileno())
    assert vitals.signer(str(path)) == os.getpid()


def test_what_cannot_be_written_or_read_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("somebody")
    with path.open("rb") as file:
        vitals.sign(file.fileno())
    assert vitals.signer(str(path)) == 0
