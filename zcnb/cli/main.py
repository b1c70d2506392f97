"""zcnb's own verbs: one short function for each, honest exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from zcnb import __version__, config
from zcnb.cli import doctor, events, explain, shims, top, verbs, verify
from zcnb.config import Config
from zcnb.errors import ZcnbError

Verb = Callable[[Config, argparse.Namespace], int]

VERBS: dict[str, tuple[Verb, str]] = {
    "start": (verbs.start, "start the daemon (cells do that by themselves)"),
    "stop": (verbs.stop, "end the daemon once it has finished what is under way"),
    "status": (verbs.status, "how the daemon is; exit code 3 if none runs"),
    "stats": (verbs.stats, "what was counted in this cache folder: hits, misses, calls passed through"),
    "explain": (explain.explain, "why the last run in this folder was a miss; exit code 3 if none is known"),
    "clear": (verbs.clear, "empty the cache"),
    "check": (verbs.check, "look for damage in the cache folder; exit code 1 if there is some that was not repaired"),
    "verify": (verify.verify, "compile stored results again and compare; exit code 1 if one was different"),
    "events": (events.events, "what became of the daemon and of those who talked to it"),
    "top": (top.top, "what the daemon does, as it happens: its health, builds and jobs"),
    "shims": (shims.shims, "a folder to put first on PATH: g++, rustc and the like, wrapped"),
    "doctor": (doctor.doctor, "what is installed, what is wrong, and how to mend it; exit code 1 if something is"),
}
WITH_JSON = ("status", "stats", "events", "explain", "verify")


def run(argv: Sequence[str]) -> int:
    """Run one verb; the exit code. 2 for words that make no sense, 1 for what could not be done."""
    parser = _parser()
    options = parser.parse_args(argv)
    verb, _ = VERBS[options.verb]
    try:
        return verb(config.load(), options)
    except ZcnbError as error:
        print(f"zcnb: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zcnb",
        description="C++ and Rust cells in Jupyter, and their compile cache.",
        epilog="Any other word is a tool to run through the cache: zcnb g++ -c a.cpp (or: zcnb wrap g++ -c a.cpp).",
    )
    parser.add_argument("--version", action="version", version=f"zcnb {__version__}")
    verbs_parser = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (_, text) in VERBS.items():
        verb = verbs_parser.add_parser(name, help=text, description=text)
        if name in WITH_JSON:
            verb.add_argument("--json", action="store_true", help="for programs: JSON")
        if name == "explain":
            explain.add_arguments(verb)
        if name == "events":
            verb.add_argument("--follow", action="store_true", help="go on with what happens, until Ctrl-C")
        if name == "check":
            verb.add_argument("--repair", action="store_true", help="remove what is damaged; it is compiled again")
        if name == "verify":
            many = verb.add_mutually_exclusive_group()
            many.add_argument(
                "--sample", type=_count, default=verify.SAMPLE, metavar="N",
                help=f"how many, chosen at random (default: {verify.SAMPLE})",
            )  # fmt: skip
            many.add_argument("--all", action="store_true", help="all of them: about as long as compiling them took")
        if name == "top":
            verb.add_argument("--once", action="store_true", help="one frame, then end")
        if name == "stats":
            verb.add_argument("--zero", action="store_true", help="begin to count anew, after showing")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of results: 1 or more")
    return int(text)
