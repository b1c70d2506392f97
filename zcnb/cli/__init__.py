"""The command `zcnb`: its own verbs, and any compiler's name (`zcnb g++ -c a.cpp`)."""

from __future__ import annotations

import os
import sys

from zcnb.cli.wrap import load_site, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

VERBS = ("start", "stop", "status", "stats", "explain", "events", "top", "clear", "check", "verify", "doctor", "shims")
"""What is not the name of a tool. `zcnb wrap start` runs a tool with such a name."""


def main(argv: list[str] | None = None) -> int:
    """Run a verb or a wrapped tool; the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] not in VERBS and not words[0].startswith("-"):
        named = words[1:] if words[0] == "wrap" else words
        if named:
            _leave(wrap(named))
    load_site()
    from zcnb.cli.main import run

    return run(words)


def shim(name: str) -> int:
    """What the shim `name` does: the tool that it is named after, wrapped; or all that `zcnb` does."""
    return main() if name == "zcnb" else _leave(wrap([name, *sys.argv[1:]]))


def _leave(code: int) -> NoReturn:
    """End at once: there is nothing to clean up, and taking the interpreter down costs a quarter of a call."""
    os._exit(code)
