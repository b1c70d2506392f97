"""Two texts side by side, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Literal

Mark = Literal[" ", "|", "<", ">"]
"""Equal, changed, only on the left, only on the right (as `diff --side-by-side` has it)."""

WIDTH = 58
"""Characters of each side in the text form; two sides fit into 120 columns."""

_COLOURS: dict[Mark, tuple[str, str]] = {
    " ": ("", ""),
    "|": ("rgba(230,160,0,.18)", "rgba(230,160,0,.18)"),
    "<": ("rgba(220,60,60,.18)", ""),
    ">": ("", "rgba(50,160,70,.18)"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: a line of each side, or nothing."""

    mark: Mark
    left: str = ""
    right: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """Two texts, shown side by side with what differs marked."""

    titles: tuple[str, str]
    left: tuple[str, ...]
    right: tuple[str, ...]

    def pairs(self) -> Iterator[Pair]:
        """The rows from top to bottom."""
        matcher = SequenceMatcher(None, self.left, self.right)  # its junk rule keeps long texts affordable
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            left, right = self.left[i1:i2], self.right[j1:j2]
            both = min(len(left), len(right))
            for one, other in zip(left, right, strict=False):
                yield Pair(" " if kind == "equal" else "|", one, other)
            yield from (Pair("<", line) for line in left[both:])
            yield from (Pair(">", "", line) for line in right[both:])

    def __repr__(self) -> str:
        rows = [_text(Pair(" ", *self.titles)), "-" * (2 * WIDTH + 3)]
        return "\n".join([*rows, *(_text(pair) for pair in self.pairs())])

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="{_CELL};font-weight:bold">{escape(title)}</th>' for title in self.titles)
        rows = "".join(_html(pair) for pair in self.pairs())
        return (
            '<div class="zcnb"><table style="border:none;font-size:12px;margin:0;table-layout:fixed;width:100%">'
            f'<thead><tr style="background:none">{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        )


_CELL = (
    "text-align:left;white-space:pre-wrap;overflow-wrap:anywhere;padding:0 1em;line-height:1.35;vertical-align:top;"
    "max-width:none"
)
"""Long lines go on below themselves: one of them must not push the other side out of sight."""


def _text(pair: Pair) -> str:
    left, right = pair.left.expandtabs(8)[:WIDTH], pair.right.expandtabs(8)[:WIDTH]
    return f"{left:<{WIDTH}} {pair.mark} {right}".rstrip()


def _html(pair: Pair) -> str:
    cells = zip(_COLOURS[pair.mark], (pair.left, pair.right), strict=True)
    body = "".join(
        f'<td style="{_CELL};font-family:var(--jp-code-font-family,monospace)'
        f'{f";background:{colour}" if colour else ""}">{escape(line)}</td>'
        for colour, line in cells
    )
    return f'<tr style="background:none">{body}</tr>'
