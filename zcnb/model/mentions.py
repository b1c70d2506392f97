"""What a source file's text hints at and its list of inputs does not tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mentions:
    """One file. Names are as written between quotes or angle brackets."""

    quoted: tuple[str, ...] = ()
    angled: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """Names given to `__has_include`."""
    computed: bool = False
    """An include whose name is a macro."""
    hidden: str = ""
    """What in the text depends on a file that nobody can name; empty for nothing."""
    clock: bool = False
    clock_pieces: bool = False
    """Pieces from which `##` could put together the name of a clock."""
    asked_aside: bool = False
    """The same for `__has_include`, or another name for it."""
    asm: bool = False
    once: bool = False
    """A file that is to be read once, whatever its names: `#pragma once` or `#import`."""
