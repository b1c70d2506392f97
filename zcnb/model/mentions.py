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
    """An include or a question whose name is a macro."""
    clock: bool = False
    embed: bool = False
    asm: bool = False
    pastes: bool = False
    """Has `##`, which can put together a name that the text does not show."""
