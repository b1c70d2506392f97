"""What runners print, written down: a JSON line keeps its fields, a flood fills nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from zcnb.runner import log
from zcnb.runner.log import LIMIT, LONGEST_LINE, MOST_A_SECOND, Lines, Tap, event, log_path

NOW = 1_750_000_000.25


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def tapped(path: Path, code: str) -> float:
    """Seconds that a program took that prints what `code` makes it print."""
    begin = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    assert process.stderr is not None
    tap = Tap(path, "interactive-1", process.stdout, process.stderr)
    assert process.wait(60) == 0
    took = time.monotonic() - begin
    tap.join(20)
    return took


def test_a_plain_line_becomes_a_message() -> None:
    found = event(b"out of memory \xff", "batch-2", "stderr", NOW)
    stamp = found.pop("timestamp")
    assert found == {"message": "out of memory \ufffd", "level": "ERROR", "runner": "batch-2", "stream": "stderr"}
    assert str(stamp).startswith("2025-06-15T")
    assert event(b"x", "r", "stdout", NOW)["level"] == "INFO"


def test_a_json_line_keeps_its_fields_and_gains_ours() -> None:
    line = json.dumps({"message": "ran", "ms": 3, "level": "WARN", "runner": "me"}).encode()
    found = event(line, "interactive-1", "stdout", NOW)
    assert (found["message"], found["ms"], found["level"]) == ("ran", 3, "WARN")
    assert (found["runner"], found["stream"]) == ("interactive-1", "stdout")
    assert "timestamp" in found


@pytest.mark.parametrize("line", [b"[1]", b"3", b'"x"', b"null", b"{", b"[" * 8000])
def test_json_that_is_no_object_is_a_message(line: bytes) -> None:
    assert event(line, "r", "stdout", NOW)["message"] == line.decode()


def test_lines_are_cut_where_they_end_and_where_they_are_too_long() -> None:
    lines = Lines()
    assert lines.take(b"a\nb") == [b"a"]
    assert lines.take(b"c\n\nd\n") == [b"bc", b"d"]
    for _ in range(100):
        assert lines.take(b"x" * 10_000) == []
    assert lines.take(b"\ny") == [b"x" * LONGEST_LINE]
    assert lines.take(b"") == [b"y"]
    assert lines.take(b"") == []


def test_both_streams_are_written_down_line_by_line(tmp_path: Path) -> None:
    path = log_path(tmp_path / "d.sock")
    tapped(path, "import os; os.write(1, b'one\\ntwo\\n'); os.write(2, b'{\"a\": 1}\\nlast words')")
    found = rows(path)
    assert [row["message"] for row in found if row["stream"] == "stdout"] == ["one", "two"]
    assert [row.get("a", row.get("message")) for row in found if row["stream"] == "stderr"] == [1, "last words"]
    assert {row["runner"] for row in found} == {"interactive-1"}
    assert path.name == "d.runners.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_flood_neither_blocks_nor_fills_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "d.runners.jsonl"
    flood = "import os, sys\nfor _ in range(500): os.write(1, b'short line\\n' * 5000); os.write(2, b'x' * 50000)"
    took = tapped(path, flood)
    assert took < 30
    kept = rows(path)
    assert len(kept) <= (MOST_A_SECOND + 1) * (took + 2)
    assert sum(len(file.read_bytes()) for file in tmp_path.iterdir()) < 2 * LIMIT + 100_000


def test_what_a_flood_left_out_is_told(tmp_path: Path) -> None:
    path = tmp_path / "d.runners.jsonl"
    tapped(path, "import os, time; os.write(1, b'a\\n' * 1000); time.sleep(1.1); os.write(1, b'later\\n')")
    found = [row["message"] for row in rows(path)]
    assert found[-1] == "later"
    assert any("lines of a flood were left out" in message for message in found)


def test_the_log_is_moved_aside_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LIMIT", 1000)
    path = tmp_path / "d.runners.jsonl"
    tapped(path, "print('\\n'.join(f'line {n}' for n in range(50)))")
    assert sorted(os.listdir(tmp_path)) == ["d.runners.1.jsonl", "d.runners.jsonl"]
    assert rows(path)[-1]["message"] == "line 49"


def test_a_log_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert tapped(tmp_path / "gone" / "d.runners.jsonl", "print('x\\n' * 100000)") < 30
