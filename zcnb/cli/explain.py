"""`zcnb explain`: why the last run was a miss."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os

from zcnb.cli.verbs import NOT_RUNNING
from zcnb.client import control
from zcnb.config import Config
from zcnb.model import why
from zcnb.wire.messages import Explained

UNKNOWN = "No run is remembered here. A cell or a call such as `zcnb g++ -c a.cpp` has to go through a running daemon."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can stand after `zcnb explain`."""
    parser.add_argument("file", nargs="?", default="", help="the last call that compiled or wrote this file")
    parser.add_argument("-o", dest="output", default="", metavar="FILE", help="the same, as a compiler is told")
    parser.add_argument("--details", action="store_true", help="every difference, with paths in full")


def explain(config: Config, options: argparse.Namespace) -> int:
    """Print why the last run in this folder, or of one file, was a miss."""
    file = options.output or options.file
    found = control.last_run(config, os.getcwd(), os.path.abspath(file) if file else "")
    if options.json:
        print(json.dumps(facts(found)))
    elif found is None:
        print(UNKNOWN)
    else:
        lines = why.details(found.steps) if options.details else ()
        print("\n".join((told(found), *(f"  {line}" for line in lines))))
    return 0 if found else NOT_RUNNING


def facts(found: Explained | None) -> dict[str, object]:
    """The same for programs."""
    if found is None:
        return {"known": False}
    return {"known": True, "headline": why.headline(found.steps), **dataclasses.asdict(found)}


def told(found: Explained) -> str:
    """One line: when, and why."""
    return f"{why.clock(found.unix_s)}  {why.sentence(found.title, found.cache, found.steps)}"
