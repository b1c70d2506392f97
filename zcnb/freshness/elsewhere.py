"""Scans large texts in a process of their own.

A regular expression holds all threads of a Python program up while it looks
through a text: 70 ms for each MB. A large one is looked through elsewhere.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from zcnb.freshness.scan import scan
from zcnb.model.mentions import Mentions

HERE = str(Path(__file__).resolve().parents[2])


def scan_elsewhere(data: bytes) -> Mentions:
    """As `scan`. Blocks for that long, but no other thread; where no process can be had, it does hold them up."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from zcnb.freshness import elsewhere; elsewhere.main()"
    argv = [sys.executable, "-I", "-S", "-c", code, HERE]
    try:
        done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", check=True)
    except (OSError, subprocess.CalledProcessError):
        return scan(data)
    found = json.loads(done.stdout)
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}
    return Mentions(**fields)


def main() -> None:
    """The other process: a text comes in, what it mentions goes out."""
    print(json.dumps(dataclasses.asdict(scan(sys.stdin.buffer.read()))))
