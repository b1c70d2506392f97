"""The start report and the lifecycle log: what is written, what survives damage, races, rotation and a full disk."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb import __version__, journal
from zcnb.journal import Row, StartReport
from zcnb.osdep import process_start


@pytest.fixture
def endpoint(tmp_path: Path) -> Path:
    return tmp_path / "s.sock"


def log(endpoint: Path) -> Path:
    return endpoint.parent / "s.events.jsonl"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_start_report_comes_back(endpoint: Path) -> None:
    before = time.time()
    written = journal.write_report(endpoint, "by hand")
    assert journal.read_report(endpoint) == written
    assert (written.pid, written.started) == (os.getpid(), process_start(os.getpid()))
    assert (written.version, written.how) == (__version__, "by hand")
    assert before <= written.unix <= time.time()
    assert sorted(os.listdir(endpoint.parent)) == ["s.json"]
    assert mode(endpoint.parent / "s.json") == 0o600


def test_alive_means_this_very_process(endpoint: Path) -> None:
    own = journal.write_report(endpoint, "launched")
    assert own.alive
    assert not replace(own, started=own.started + 1).alive
    assert not replace(own, started=0).alive
    ended = subprocess.Popen(["true"])
    other = replace(own, pid=ended.pid, started=process_start(ended.pid))
    ended.wait()
    assert not other.alive


def test_a_process_that_nobody_collected_is_not_alive(endpoint: Path) -> None:
    child = subprocess.Popen(["sleep", "60"])
    report = StartReport(child.pid, process_start(child.pid), "1", 0.0, "launched")
    assert report.alive
    child.kill()
    assert wait_until(lambda: not report.alive, 5)
    assert child.wait() == -signal.SIGKILL


GOOD = {"pid": 4711, "started": 5, "version": "1", "unix": 1.5, "how": "launched"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '"x"', "{}", b"\xff", json.dumps(GOOD | {"more": 1})]
    + [json.dumps(GOOD | {name: wrong}) for name, wrong in (("pid", "4711"), ("started", None), ("version", 1))]
    + [json.dumps(GOOD | {"pid": pid}) for pid in (0, 1, -1, 2**40)],
)
def test_a_report_that_makes_no_sense_is_none(endpoint: Path, text: str | bytes) -> None:
    path = journal.report_path(endpoint)
    path.write_text(json.dumps(GOOD))
    assert journal.read_report(endpoint) == StartReport(4711, 5, "1", 1.5, "launched")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert journal.read_report(endpoint) is None


def test_a_row_has_what_every_row_has(endpoint: Path) -> None:
    before = time.time_ns() // 1_000_000
    journal.note(endpoint, "wedge", probe="TIMEOUT", count=3)
    [row] = journal.read(endpoint)
    assert list(row) == ["time", "unix_ms", "event", "pid", "endpoint", "probe", "count"]
    assert (row["event"], row["pid"], row["endpoint"]) == ("wedge", os.getpid(), str(endpoint))
    when = datetime.datetime.fromisoformat(str(row["time"]))
    assert when.utcoffset() is not None
    assert before <= int(str(row["unix_ms"])) <= time.time_ns() // 1_000_000
    assert abs(when.timestamp() * 1000 - int(str(row["unix_ms"]))) < 2
    assert mode(log(endpoint)) == 0o600


def test_a_row_is_one_short_line_whatever_is_in_it(endpoint: Path) -> None:
    journal.note(endpoint, "client-disconnected", detail="a\nb\u2028c\udcff" + "x" * 10_000)
    assert log(endpoint).read_bytes().count(b"\n") == 1
    assert log(endpoint).stat().st_size < 2000
    [row] = journal.read(endpoint)
    assert str(row["detail"]).startswith("a\nb\u2028c\udcff")


def test_damaged_lines_are_skipped_and_do_not_spoil_the_next(endpoint: Path) -> None:
    journal.note(endpoint, "start")
    with log(endpoint).open("ab") as file:
        file.write(b'\n{"time": \n[]\n7\n{"event": "stop"}\n\xff\xfe\n{"time": "torn by a full di')
    journal.note(endpoint, "stop")
    assert [row["event"] for row in journal.read(endpoint)] == ["start", "stop"]


@pytest.mark.parametrize("trouble", ["no folder", "a folder in the way", "a link", "full disk"])
def test_writing_never_raises(tmp_path: Path, endpoint: Path, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if trouble == "no folder":
        endpoint = tmp_path / "none" / "s.sock"
    elif trouble == "full disk":

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        monkeypatch.setattr(os, "rename", full)
    else:
        for path in (journal.report_path(endpoint), log(endpoint)):
            path.mkdir() if trouble == "a folder in the way" else path.symlink_to("elsewhere")
    journal.note(endpoint, "start")
    journal.write_report(endpoint, "launched")
    journal.note_death(endpoint)
    monkeypatch.undo()
    assert journal.read(endpoint) == []
    assert not (tmp_path / "elsewhere").exists()


def test_the_log_is_moved_aside_when_it_is_full(endpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 2000)
    for number in range(100):
        journal.note(endpoint, "wedge", number=number)
    numbers = [row["number"] for row in journal.read(endpoint)]
    assert numbers == list(range(100))[-len(numbers) :]
    assert 10 < len(numbers) < 40
    assert sorted(path.name for path in endpoint.parent.iterdir()) == ["s.events.1.jsonl", "s.events.jsonl"]
    assert all(path.stat().st_size < 2200 for path in endpoint.parent.iterdir())


def test_a_megabyte_is_the_limit() -> None:
    assert journal.LIMIT == 1024 * 1024


WRITER = """
import sys
from pathlib import Path
from zcnb import journal
journal.LIMIT = int(sys.argv[3])
for number in range(200):
    journal.note(Path(sys.argv[1]), "wedge", who=int(sys.argv[2]), number=number, text="x" * 300)
"""


@pytest.mark.parametrize("limit", [10**9, 120_000], ids=["one log", "moved aside"])
def test_many_writers_do_not_mix_their_rows(endpoint: Path, limit: int) -> None:
    """The limit is such that it is moved aside about three times: what is lost is lost in whole, oldest first."""
    argv = [sys.executable, "-c", WRITER, str(endpoint)]
    writers = [subprocess.Popen([*argv, str(who), str(limit)]) for who in range(6)]
    assert [writer.wait(60) for writer in writers] == [0] * 6
    rows = journal.read(endpoint)
    for who in range(6):
        numbers = [row["number"] for row in rows if row["who"] == who]
        assert numbers == list(range(200 - len(numbers), 200))
    assert len(rows) == 1200 if limit > 10**6 else 250 < len(rows) < 600
    lines = b"".join(path.read_bytes() for path in endpoint.parent.iterdir()).splitlines()
    assert len([line for line in lines if line]) == len(rows)  # on a slow disk, one or the other is empty


def test_a_death_is_written_once(endpoint: Path) -> None:
    journal.note_death(endpoint)
    report = journal.write_report(endpoint, "launched")
    journal.note_death(endpoint)
    assert journal.read(endpoint) == []
    forged = {"pid": report.pid, "started": report.started - 1, "version": "0", "unix": 0.0, "how": "launched"}
    journal.report_path(endpoint).write_text(json.dumps(forged))
    for _ in range(2):
        journal.note_death(endpoint)
    [row] = journal.read(endpoint)
    assert (row["event"], row["pid"], row["started"], row["version"]) == ("death", report.pid, report.started - 1, "0")


def test_who_said_that_he_goes_did_not_die(endpoint: Path) -> None:
    gone = StartReport(4711, 1, "0", 0.0, "launched")
    journal.report_path(endpoint).write_text(json.dumps(GOOD | {"pid": gone.pid, "started": gone.started}))
    journal.note_stop(endpoint, replace(gone, started=2), "idle")  # an earlier process of the same pid
    journal.note_death(endpoint)
    assert [row["event"] for row in journal.read(endpoint)] == ["stop", "death"]
    log(endpoint).unlink()
    journal.note_stop(endpoint, gone, "idle")
    journal.note_death(endpoint)
    assert [(row["event"], row["reason"]) for row in journal.read(endpoint)] == [("stop", "idle")]


class Follower:
    """What `follow` yields, read by a thread."""

    def __init__(self, endpoint: Path) -> None:
        self.seen: list[journal.Value] = []
        self._rows: Iterator[Row] = journal.follow(endpoint)
        self._count = threading.Thread(target=self._run, daemon=True)
        self._ended = False
        self._count.start()

    def _run(self) -> None:
        for row in self._rows:
            if self._ended or row.get("number") == "end":
                return
            self.seen.append(row["number"])

    def join(self) -> None:
        self._count.join(5)
        assert not self._count.is_alive()


def test_follow_waits_for_the_log_and_survives_its_moves(endpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 20_000)
    monkeypatch.setattr(journal, "FOLLOW_S", 0.001)
    shutil.rmtree(endpoint.parent)
    follower = Follower(endpoint)
    time.sleep(0.05)
    endpoint.parent.mkdir()
    for number in range(500):
        journal.note(endpoint, "wedge", number=number)
        time.sleep(0.001)
    assert wait_until(lambda: len(follower.seen) == 500, 5)
    assert follower.seen == list(range(500))
    journal.note(endpoint, "wedge", number="end")
    follower.join()
    assert (endpoint.parent / "s.events.1.jsonl").exists()


def test_follow_begins_with_what_is_there_and_waits_for_the_end_of_a_line(
    endpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LIMIT", 1000)
    monkeypatch.setattr(journal, "FOLLOW_S", 0.01)
    for number in range(8):
        journal.note(endpoint, "wedge", number=number)
    follower = Follower(endpoint)
    assert wait_until(lambda: len(follower.seen) == len(journal.read(endpoint)), 5)
    line = log(endpoint).read_bytes().splitlines()[-1].replace(b'"number": 7', b'"number": "late"') + b"\n"
    with log(endpoint).open("ab", buffering=0) as file:
        file.write(line[:40])
        time.sleep(0.1)
        file.write(line[40:])
    assert wait_until(lambda: follower.seen[-1] == "late", 5)
    journal.note(endpoint, "wedge", number="end")
    follower.join()


def test_a_long_log_is_read_in_a_moment(endpoint: Path) -> None:
    """It is read by the launcher, before a daemon is started."""
    journal.note(endpoint, "wedge", text="x" * 50)
    line = log(endpoint).read_bytes()
    log(endpoint).write_bytes(line * (journal.LIMIT // len(line)))
    begin = time.monotonic()
    assert len(journal.read(endpoint)) > 4000
    assert time.monotonic() - begin < 2
