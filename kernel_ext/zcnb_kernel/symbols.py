"""Names as people write them: `sum(std::vector<int> const&)` for `_Z3sumRKSt6vectorIiSaIiEE`."""

from __future__ import annotations

import re
import shutil
import subprocess

PATIENCE_S = 10.0
"""`c++filt` reads a megabyte in a tenth of a second."""

_RUST_HASH = re.compile(r"::h[0-9a-f]{16}\b|(?<=\w)\[[0-9a-f]{1,16}\](?=::)")
"""What rustc tells crates and instances apart by: `std[e28293b1]::env::args`, `cell::sum::h3f0296dd905ae33f`."""

_ARGUMENTS = re.compile(r"<(?!…>)(?:[^<>]|<…>)+>")


def demangled(text: str) -> str:
    """`text` with the names in it made readable, those of C++ and of Rust; as it is where `c++filt` (a part of
    binutils) is missing or fails."""
    tool = shutil.which("c++filt")
    if tool is None or not ("_Z" in text or "_R" in text):
        return text
    data = text.encode("utf-8", "surrogateescape")
    try:
        done = subprocess.run([tool], input=data, capture_output=True, timeout=PATIENCE_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return text
    return _RUST_HASH.sub("", done.stdout.decode("utf-8", "surrogateescape"))


def folded(text: str, most: int) -> str:
    """`text` in `most` characters, if need be with template arguments left out, innermost first."""
    while len(text) > most:
        shorter = _ARGUMENTS.sub("<…>", text)
        if shorter == text:
            return f"{text[: most - 1]}…"
        text = shorter
    return text
