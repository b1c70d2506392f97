"""What client and daemon write down beside the endpoint: who serves it, and what became of whom.

`<endpoint>.json` is the start report, `<endpoint>.events.jsonl` the lifecycle
log. Rules: writing never raises (a full disk must not fail a build), reading
skips what is damaged, and a process is known by its pid *and* its start: a pid
that was given out again is somebody else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import zcnb
from zcnb.osdep import append_line, process_alive, process_start, write_whole

LIMIT = 1024 * 1024
"""Bytes of a log before it is moved aside: some 4,000 rows."""

LONGEST_TEXT = 500
"""Characters of one value in a row: an error may quote a whole path list."""

FOLLOW_S = 0.2
"""Between two looks for new rows."""

How = Literal["launched", "systemd", "by hand"]
Event = Literal["start", "stop", "death", "client-disconnected", "handover", "wedge"]
Value = str | int | float | bool | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class StartReport:
    """Who serves an endpoint (row B3). Written before the first request is answered."""

    pid: int
    started: int
    """In clock ticks since boot; 0 where the system does not tell."""
    version: str
    unix: float
    how: str
    """`launched` (socket and all by a client), `systemd` (which keeps the socket), or `by hand`."""

    @property
    def alive(self) -> bool:
        """Whether this very process runs. `False` in doubt: nobody is ended on a guess."""
        return process_alive(self.pid) and self.started != 0 and process_start(self.pid) == self.started


def report_path(endpoint: Path) -> Path:
    """Where the start report lies."""
    return endpoint.with_suffix(".json")


def events_path(endpoint: Path) -> Path:
    """Where the lifecycle log lies."""
    return endpoint.with_suffix(".events.jsonl")


def older_path(endpoint: Path) -> Path:
    """Where the log before the present one lies."""
    return endpoint.with_suffix(".events.1.jsonl")


def write_report(endpoint: Path, how: How) -> StartReport:
    """Report that this process serves `endpoint` from now on."""
    pid = os.getpid()
    report = StartReport(pid, process_start(pid), zcnb.__version__, time.time(), how)
    with contextlib.suppress(OSError):
        write_whole(report_path(endpoint), json.dumps(dataclasses.asdict(report)).encode())
    return report


def read_report(endpoint: Path) -> StartReport | None:
    """The latest start report; `None` if there is none, or it makes no sense."""
    try:
        found = json.loads(report_path(endpoint).read_bytes())
        report = StartReport(**found)
    except (OSError, ValueError, TypeError):
        return None
    sound = isinstance(report.pid, int) and isinstance(report.started, int) and isinstance(report.version, str)
    return report if sound and 1 < report.pid < 2**31 else None


def note(endpoint: Path, event: Event, *, pid: int = 0, **facts: Value) -> None:
    """Append one row. `pid` is whom it is about; 0 for this process."""
    now = time.time()
    row: Row = {
        "time": datetime.datetime.fromtimestamp(now).astimezone().isoformat(timespec="milliseconds"),
        "unix_ms": int(now * 1000),
        "event": event,
        "pid": pid or os.getpid(),
        "endpoint": str(endpoint),
    }
    row |= {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in facts.items()}
    with contextlib.suppress(OSError):
        append_line(events_path(endpoint), json.dumps(row).encode(), LIMIT, older_path(endpoint))


def note_stop(endpoint: Path, report: StartReport, reason: str) -> None:
    """The daemon of `report` ends by its own will."""
    note(endpoint, "stop", pid=report.pid, started=report.started, version=report.version, reason=reason)


def note_death(endpoint: Path) -> None:
    """Write down, once, that the daemon of the start report is gone and had not said that it would go."""
    report = read_report(endpoint)
    if report is None or report.alive:
        return
    for row in read(endpoint):
        ended = row["event"] in {"stop", "death"}
        if ended and (row["pid"], row.get("started")) == (report.pid, report.started):
            return
    note(endpoint, "death", pid=report.pid, started=report.started, version=report.version, how=report.how)


def read(endpoint: Path) -> list[Row]:
    """All rows there are, oldest first."""
    rows: list[Row] = []
    for path in (older_path(endpoint), events_path(endpoint)):
        with contextlib.suppress(OSError):
            rows += _parsed(path.read_bytes().splitlines())
    return rows


def follow(endpoint: Path) -> Iterator[Row]:
    """The rows there are, then every new one as it is written, for ever.

    The log may not exist yet, and may be moved aside meanwhile: what was written to it is told first.
    """
    path, rest = events_path(endpoint), b""
    file: BinaryIO | None = None
    with contextlib.suppress(OSError):
        yield from _parsed(older_path(endpoint).read_bytes().splitlines())
    try:
        while True:
            moved = file is None or not _is_still(file, path)  # asked before reading: nothing is missed between
            if file is not None:
                *lines, rest = (rest + file.read()).split(b"\n")
                yield from _parsed(lines)
            if not moved:
                time.sleep(FOLLOW_S)
                continue
            if file is not None:
                file.close()
            file, rest = _opened(path), b""
            if file is None:
                time.sleep(FOLLOW_S)
    finally:
        if file is not None:
            file.close()


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except OSError:
        return None


def _is_still(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except OSError:
        return False


def _parsed(lines: list[bytes]) -> Iterator[Row]:
    """The rows in `lines`; a damaged line is none."""
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and {"time", "unix_ms", "event", "pid", "endpoint"} <= row.keys():
            yield row
