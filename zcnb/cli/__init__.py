"""The command `zcnb`: its own verbs, and any compiler's name (`zcnb g++ -c a.cpp`)."""

from __future__ import annotations

import sys

VERBS = ("start", "stop", "status", "stats", "events", "clear", "doctor", "shims")
"""What is not the name of a tool. `zcnb wrap start` runs a tool with such a name."""


def main(argv: list[str] | None = None) -> int:
    """Run a verb or a wrapped tool; the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] not in VERBS and not words[0].startswith("-"):
        from zcnb.cli.wrap import wrap

        named = words[1:] if words[0] == "wrap" else words
        if named:
            return wrap(named)
    from zcnb.cli.main import run

    return run(words)
