"""`start`, `stop`, `status`, `stats`, `clear`, `check`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys

from rich.console import Console
from rich.table import Table

from zcnb.client import control
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.health import size

NOT_RUNNING = 3
"""As `systemctl status` has it."""


def start(config: Config, options: argparse.Namespace) -> int:
    """Start the daemon, or find it running."""
    with Session(config) as client:
        status = client.status()
    Console().print(f"The daemon runs: pid {status.pid}, version {status.version}, cache {status.cache_dir}.")
    return 0


def stop(config: Config, options: argparse.Namespace) -> int:
    """End the daemon."""
    Console().print("The daemon has ended." if control.stop(config) else "No daemon was running.")
    return 0


def status(config: Config, options: argparse.Namespace) -> int:
    """Show the daemon's health."""
    found = control.running_status(config)
    if options.json:
        print(json.dumps({"running": found is not None, **(dataclasses.asdict(found) if found else {})}))
    elif found is None:
        Console().print("No daemon is running; the next cell starts one.")
    else:
        table = Table(title="zcnb daemon", show_header=False)
        for name, value in found.rows():
            table.add_row(name, value)
        Console().print(table)
    return 0 if found else NOT_RUNNING


def stats(config: Config, options: argparse.Namespace) -> int:
    """Show what was counted in this cache folder, over all daemons' lives."""
    with Session(config) as client:
        found = client.stats(zero=options.zero)
    if options.json:
        print(json.dumps(dataclasses.asdict(found)))
        return 0
    table = Table(title="zcnb statistics", show_header=False)
    for name, value in found.rows():
        table.add_row(name, value)
    Console().print(table)
    return 0


def clear(config: Config, options: argparse.Namespace) -> int:
    """Empty the cache."""
    with Session(config) as client:
        gone = client.clear()
    Console().print(f"The cache is empty: {gone.entries} results, {size(gone.bytes)} went.")
    return 0


def check(config: Config, options: argparse.Namespace) -> int:
    """Hold the cache folder against itself. A program of the store's does it, as clients load no part of the daemon."""
    words = ["--repair"] if options.repair else []
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    argv = [sys.executable, "-P", "-m", "zcnb.store", str(config.cache_dir), *words]
    return subprocess.run(argv, env=env, check=False).returncode
