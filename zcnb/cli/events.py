"""`zcnb events`: what became of the daemon and of those who talked to it."""

from __future__ import annotations

import argparse
import json
import os
import sys

from zcnb import journal
from zcnb.config import Config
from zcnb.journal import Row

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

KNOWN = ("time", "unix_ms", "event", "pid", "endpoint")
LEFT_OUT = (*KNOWN, "started", "client_pid")
"""What the readable line shows in its own place, or not at all."""


def events(config: Config, options: argparse.Namespace) -> int:
    """Print the lifecycle log, oldest first; with `--follow` go on until Ctrl-C."""
    rows = journal.follow(config.endpoint) if options.follow else journal.read(config.endpoint)
    try:
        for row in rows:
            print(json.dumps(row) if options.json else readable(row), flush=True)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `zcnb events | head`: and nothing more is to be flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def readable(row: Row) -> str:
    """One line for people: `2026-11-21 09:45:29  stop                 pid 4711  reason: idle, version: 0.1.0`."""
    when = str(row["time"])[:19].replace("T", " ")
    facts = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.items() if name not in LEFT_OUT)
    return f"{when}  {row['event']!s:<20} pid {row['pid']}  {facts}".rstrip().replace("\n", " ")
