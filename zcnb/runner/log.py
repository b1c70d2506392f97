"""What runners print, written down: `<endpoint>.runners.jsonl`, one event a line.

A thread for each runner reads all that it prints, so a flood never blocks it.
How much of that is kept in a second is bounded, and so is the log, so a flood
does not fill the disk either.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import select
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import IO, Literal

from zcnb.osdep import append_line

Stream = Literal["stdout", "stderr"]
LEVELS: Mapping[Stream, str] = {"stdout": "INFO", "stderr": "ERROR"}

LIMIT = 1024 * 1024
"""Bytes of a log before it is moved aside."""

LONGEST_LINE = 8192
"""Bytes kept of one line."""

MOST_A_SECOND = 100
"""Lines kept; a crash prints some dozens."""

CHUNK = 65536


def log_path(endpoint: Path) -> Path:
    """Where the log of an endpoint's runners lies."""
    return endpoint.with_suffix(".runners.jsonl")


def event(line: bytes, runner: str, stream: Stream, now: float) -> dict[str, object]:
    """One printed line as an event: a JSON object keeps its fields, anything else becomes `message`.

    `timestamp` and `level` are added unless it has its own; `runner` and `stream` are always ours. `now` is in
    seconds since 1970.
    """
    text = line.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    stamp = datetime.datetime.fromtimestamp(now).astimezone().isoformat(timespec="milliseconds")
    own = found if isinstance(found, dict) else {"message": text}
    return {"timestamp": stamp, "level": LEVELS[stream], **own, "runner": runner, "stream": stream}


class Lines:
    """Cuts what a stream brings into lines, the overlong ones off at `LONGEST_LINE`."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes; with no data, the one that is left."""
        *whole, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: LONGEST_LINE + 1]
        if not data and rest:
            whole, self._rest = [rest], b""
        return [line[:LONGEST_LINE] for line in whole if line]


class Tap:
    """Writes down what one runner prints, until it ends."""

    def __init__(self, path: Path, runner: str, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._path, self._runner = path, runner
        self._streams: dict[int, tuple[Stream, IO[bytes], Lines]] = {
            stdout.fileno(): ("stdout", stdout, Lines()),
            stderr.fileno(): ("stderr", stderr, Lines()),
        }
        self._second, self._kept, self._dropped = 0, 0, 0
        self._thread = Thread(target=self._drain, name=f"log of {runner}", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait until all is written that the runner printed."""
        self._thread.join(seconds)

    def _drain(self) -> None:
        poll = select.poll()
        for fd in self._streams:
            poll.register(fd, select.POLLIN)
        while self._streams:
            for fd, _ in poll.poll():
                stream, file, lines = self._streams[fd]
                data = os.read(fd, CHUNK)
                for line in lines.take(data):
                    self._note(line, stream)
                if not data:
                    poll.unregister(fd)
                    file.close()
                    del self._streams[fd]

    def _note(self, line: bytes, stream: Stream) -> None:
        now = time.time()
        if int(now) != self._second:
            dropped, self._second, self._kept, self._dropped = self._dropped, int(now), 0, 0
            if dropped:
                self._write(f"{dropped} lines of a flood were left out".encode(), "stderr", now)
        if self._kept == MOST_A_SECOND:
            self._dropped += 1
            return
        self._kept += 1
        self._write(line, stream, now)

    def _write(self, line: bytes, stream: Stream, now: float) -> None:
        row = json.dumps(event(line, self._runner, stream, now)).encode()
        with contextlib.suppress(OSError):  # a full disk must not block a runner
            append_line(self._path, row, LIMIT, self._path.with_suffix(".1.jsonl"))
