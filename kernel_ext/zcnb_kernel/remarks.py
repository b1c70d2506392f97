"""What the optimizer said it did, taken out of the compilers' messages. Pure.

gcc     cell.cpp:5:3: optimized: loop vectorized using 16 byte vectors
clang   cell.cpp:5:3: remark: vectorized loop (...) [-Rpass=loop-vectorize]
rustc   note: cell.rs:5:3 loop-vectorize (success): vectorized loop (...)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["vectorized", "inlined", "missed", "analysis", "optimized"]
KINDS: tuple[Kind, ...] = ("vectorized", "inlined", "optimized", "missed", "analysis")

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PLACE = r"(?P<file>\S.*?|<[^>]*>):(?P<line>\d{1,9}):(?P<column>\d{1,9})"
_GCC = re.compile(rf"(?:{_PLACE}: )?(?P<verdict>optimized|missed): *(?P<message>.*)")
_CLANG = re.compile(
    rf"(?:{_PLACE}: )?remark: (?P<message>.*?) ?\[-Rpass(?P<verdict>-missed|-analysis)?=(?P<pass>[\w-]+)\]$"
)
_RUSTC = re.compile(rf"note: (?:{_PLACE} )?(?P<pass>[\w-]+) \((?P<verdict>[\w-]+)\): (?P<message>.*)")
_REALLY = re.compile(rf"(?P<given>\S.*): note: could not determine the original source location for {_PLACE}")
"""What clang adds where it does not know the file by the name that debug information calls it (ours is mapped): the
place that a remark is really about. It says so before the remark and once more after it, old versions only after."""

_INCLUDED = re.compile(r"In file included from |\s+from \S+:\d+[:,]$")
_CALLSITE = re.compile(r" at callsite .*")
_NODE = re.compile(r"(?<=\S)/\d+(?=[ .,]|->|$)")
"""The number of a function among gcc's own."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark. `line` and `column` as the editor numbers them; 0 where none was said."""

    file: str
    line: int
    column: int
    kind: Kind
    message: str


def parse(diagnostics: str, unit: str) -> tuple[list[Remark], str]:
    """The remarks in a tool's messages, each once, those of the file `unit` first and by line; and the rest of the
    text as it was."""
    sorter = _Sorter()
    for line in diagnostics.splitlines(keepends=True):
        sorter.take(line, _ANSI.sub("", line).rstrip())
    return sorted(sorter.found, key=lambda remark: _place(remark, unit)), "".join((*sorter.rest, *sorter.held))


class _Sorter:
    """Tells remarks and all that belongs to them from other messages, line by line."""

    def __init__(self) -> None:
        self.found: dict[Remark, None] = {}
        self.rest: list[str] = []
        self.held: list[str] = []
        """Lines that lead to a message: they go where it goes."""
        self._inside = False
        """Whether the last message was no other than a remark: what is indented below it belongs to it."""
        self._last: Remark | None = None
        """The last remark, while its place may turn out to be another."""
        self._really: re.Match[str] | None = None
        """The place of the next remark."""
        self._repeated = False
        """Whether the last remark's place is going to be said once more."""

    def take(self, line: str, text: str) -> None:
        """One line, as it is and as it reads."""
        remark, really = _remark(text), _REALLY.fullmatch(text)
        if remark is not None:
            self._remark(remark)
        elif really is not None:
            self._place(really)
        elif _INCLUDED.match(text):
            self._inside = False
            self.held.append(line)
        elif not self._inside or (text and not text[0].isspace()):
            self._inside, self._last, self._really, self._repeated = False, None, None, False
            self.rest += [*self.held, line]
            self.held.clear()

    def _remark(self, remark: Remark) -> None:
        self._inside, self._repeated = True, self._really is not None
        self.held.clear()
        self._last = None if self._really else remark
        self.found[_moved(remark, self._really) if self._really else remark] = None
        self._really = None

    def _place(self, really: re.Match[str]) -> None:
        self._inside = True
        self.held.clear()
        last = self._last
        if self._repeated:
            self._repeated = False
        elif last is not None and really["given"] == f"{last.file}:{last.line}:{last.column}":
            del self.found[last]
            self.found[_moved(last, really)] = None
            self._last = None
        else:
            self._really = really


def _moved(remark: Remark, really: re.Match[str]) -> Remark:
    return replace(remark, file=really["file"], line=int(really["line"]), column=int(really["column"]))


def _place(remark: Remark, unit: str) -> tuple[bool, str, int, int]:
    return remark.file != unit, remark.file, remark.line, KINDS.index(remark.kind)


def own(remarks: Iterable[Remark], unit: str) -> dict[int, list[Remark]]:
    """Those at lines of `unit`, by line."""
    by_line: dict[int, list[Remark]] = {}
    for remark in remarks:
        if remark.file == unit and remark.line:
            by_line.setdefault(remark.line, []).append(remark)
    return by_line


def others(remarks: Iterable[Remark], unit: str) -> str:
    """How many there are elsewhere, by kind, in words; empty for none."""
    count = Counter(remark.kind for remark in remarks if remark.file != unit or not remark.line)
    named = ", ".join(f"{count[kind]} {kind}" for kind in KINDS if count[kind])
    return f"{count.total()} more in headers and libraries: {named}" if named else ""


def _remark(text: str) -> Remark | None:
    found = _GCC.fullmatch(text) or _CLANG.fullmatch(text) or _RUSTC.fullmatch(text)
    if found is None:
        return None
    said = found.groupdict()
    message = _NODE.sub("", _CALLSITE.sub("", said["message"])).strip().rstrip(";")
    kind = _kind(said.get("pass") or "", said["verdict"] or "", message)
    return Remark(said["file"] or "", int(said["line"] or 0), int(said["column"] or 0), kind, message)


def _kind(optimization: str, verdict: str, message: str) -> Kind:
    if "missed" in verdict:
        return "missed"
    if "analysis" in verdict:
        return "analysis"
    if "vector" in optimization or "vectorized" in message:
        return "vectorized"
    return "inlined" if "inline" in optimization or message.startswith("Inlin") else "optimized"


def counted(remarks: Sequence[Remark]) -> list[tuple[Remark, int]]:
    """Remarks of one line with how often each was made there, whatever the column."""
    first = {(remark.kind, remark.message): remark for remark in reversed(remarks)}
    times = Counter((remark.kind, remark.message) for remark in remarks)
    return [(remark, times[key]) for key, remark in reversed(first.items())]
