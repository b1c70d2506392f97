"""Makefile-style lists of inputs, as gcc, clang, GNU as, linkers and rustc write them."""

from __future__ import annotations

import re

_WORD = re.compile(r"(?:\\[ #:\\]|\$\$|[^\s\\]|\\(?!\r?\n))+")
_ESCAPE = re.compile(r"\\([ #:])|\$(\$)")


def prerequisites(text: str) -> tuple[str, ...]:
    """All names to the right of the first rule's colon, in order, each once. Phony rules that follow it
    (`header.h:`) and comment lines add nothing. Text without a colon gives none."""
    lines = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    rule = lines.replace("\\\r\n", " ").replace("\\\n", " ").partition("\n")[0]
    _, colon, names = _split_target(rule)
    if not colon:
        return ()
    found = (_ESCAPE.sub(r"\1\2", word) for word in _WORD.findall(names))
    return tuple(dict.fromkeys(found))


def _split_target(rule: str) -> tuple[str, str, str]:
    """Split at the first colon that ends a target: one followed by white space or the end."""
    match = re.search(r":(?=\s|$)", rule)
    if match is None:
        return rule, "", ""
    return rule[: match.start()], ":", rule[match.end() :]
