"""What a person wants to see of a compiler's assembly, by the rules of Compiler Explorer. Pure.

The text falls into chunks: a function, or a piece of data, with the labels on
top of it. Functions all of whose lines come from other files (library code) are
left out, and so are directives, comments, and labels and data that nothing
shown refers to. What was inlined into the cell's functions stays; its lines
are those of other files, so it belongs to none of the cell's.

Any text gives a listing; one without line numbers shows all its functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

_COMMENT = re.compile(r"(?:#|//|;|@|/\*)")
_TRAILING = re.compile(r"\s+(?:#|//|@)\s.*$")
_LABEL = re.compile(r'("[^"]+"|[^\s:"#;]+):(?!:)')
_LOCAL = re.compile(r"\.|L(?:BB|tmp|func|JTI|CPI|loh|_)|\d+$")
"""Labels inside of functions, and of literals: `.L3`, `.LC0` (ELF), `LBB0_1` (Mach-O), `1` (inline assembly)."""

_FILE = re.compile(r'\.file\s+(\d{1,9})\s+"([^"]*)"(?:\s+"([^"]*)")?')
_LOC = re.compile(r"\.loc\s+(\d{1,9})\s+(\d{1,9})")
_GLOBAL = re.compile(r"\.globa?l\s+(\S+)")
_COMMON = re.compile(r"\.l?comm\s+([^\s,]+)")
_SECTION = re.compile(r'\.(?:push)?section\s+"?([^\s",]+)"?(?:\s*,\s*"?([^",]*))?')
_HIDDEN = re.compile(r"\.(?:debug|note|comment|eh_frame|gcc_except_table|stab|llvm)|__(?:DWARF|LD)")
_CODE = re.compile(r"\.(?:text|init$|fini$)|__TEXT$")
_DATA = re.compile(
    r"\.(?:string\d*|asciz|ascii|byte|[248]byte|word|hword|dword|xword|short|value|long|int|quad|octa|float|double"
    r"|single|zero|skip|space|fill|l?comm)\b"
)
_NAMES = re.compile(r'"([^"]+)"|([\w.$]+)')
_ADDED = frozenset({"__clang_call_terminate", "__rustc_debug_gdb_scripts_section__"})
"""In functions that the compiler adds: clang's by its name, rustc's entry by a mark that it reads for the line
numbers' sake, so that it is not even what the program has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a listing: a label, an instruction, or data."""

    text: str
    kind: Literal["label", "instruction", "data"] = "instruction"
    line: int = 0
    """The cell's line that it was made from, as the editor numbers them; 0 for none."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The assembly of one cell."""

    rows: tuple[Row, ...] = ()
    functions: tuple[str, ...] = ()
    """The labels of the functions among the rows."""

    def plain(self) -> str:
        """The assembly as text; a comment such as `; line 12` says where the instructions below it come from,
        `; elsewhere` that it is no line of the cell's."""
        shown: list[str] = []
        line = 0
        for row in self.rows:
            if row.kind == "instruction" and row.line != line:
                line = row.line
                shown.append(f"        ; line {line}" if line else "        ; elsewhere")
            shown.append(row.text)
        return "\n".join(shown)

    def renamed(self, rename: Callable[[str], str]) -> Listing:
        """The same with other names. `rename` gets all the text at once and must keep its lines; if it does not,
        nothing changes."""
        before = (*(row.text for row in self.rows), *self.functions)
        after = rename("\n".join(before)).split("\n")
        if len(after) != len(before):
            return self
        rows = tuple(replace(row, text=text) for row, text in zip(self.rows, after, strict=False))
        return Listing(rows, tuple(after[len(rows) :]))


def listing(text: str, unit: str) -> Listing:
    """What to show of `text`, the assembly of the file `unit` (such as `cell.cpp`), with names as the linker has
    them. Labels end in a colon."""
    reader = _Reader(unit)
    for line in text.split("\n"):
        reader.read(line)
    return _shown(reader.chunks, reader.public)


@dataclass(slots=True)
class _Chunk:
    """A function or a piece of data."""

    is_code: bool
    names: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """Inner labels among them, all of them still."""
    own: bool = False
    """Whether a part of it comes from the cell."""
    foreign: bool = False

    @property
    def mentions(self) -> Iterator[str]:
        """All names that its rows may refer to."""
        for row in self.rows:
            if row.kind != "label":
                yield from (quoted or bare for quoted, bare in _NAMES.findall(row.text))


class _Reader:
    """Sorts the lines into chunks."""

    def __init__(self, unit: str) -> None:
        self.chunks: list[_Chunk] = []
        self.public: set[str] = set()
        self._unit = unit
        self._files: dict[int, bool] = {}
        """By number: is it the cell?"""
        self._folder = ""
        self._code: _Chunk | None = None
        self._data: _Chunk | None = None
        self._section, self._outer = "code", ["code"]
        self._line = 0

    def read(self, line: str) -> None:
        """One more line."""
        text = line.strip()
        if not text or _COMMENT.match(text):
            return
        label = _LABEL.match(text)
        if label is not None:
            self._label(label[1].strip('"'), label[1])
            self.read(text[label.end() :])
        elif text.startswith("."):
            self._directive(text)
        elif self._section == "code":
            self._function().rows.append(Row(_instruction(text), line=self._line))

    def _label(self, name: str, written: str) -> None:
        if self._section == "hidden":
            return
        if self._section == "data":
            self._data = self._begun(self._data, is_code=False, name=name)
        elif _LOCAL.match(name):
            self._function().rows.append(Row(f"{written}:", "label"))
        else:
            self._code = self._begun(self._code, is_code=True, name=name)
            self._line = 0

    def _begun(self, last: _Chunk | None, *, is_code: bool, name: str) -> _Chunk:
        """The chunk under a label: a new one, or the last one if there are but labels yet."""
        if last is None or last.rows:
            last = _Chunk(is_code)
            self.chunks.append(last)
        last.names.append(name)
        return last

    def _function(self) -> _Chunk:
        if self._code is None:
            self._code = _Chunk(is_code=True)
            self.chunks.append(self._code)
        return self._code

    def _directive(self, text: str) -> None:
        if found := _LOC.match(text):
            self._place(int(found[1]), int(found[2]))
        elif found := _FILE.match(text):
            self._file(int(found[1]), found[2], found[3])
        elif found := _GLOBAL.match(text):
            self.public.add(found[1].strip('"'))
        elif found := _COMMON.match(text):
            self.chunks.append(_Chunk(is_code=False, names=[found[1]], rows=[Row(_instruction(text), "data")]))
        elif _DATA.match(text):
            self._datum(text)
        else:
            self._enter(text)

    def _place(self, file: int, line: int) -> None:
        own = self._files.get(file, False)
        self._line = line if own else 0
        if self._section == "code" and line:  # line 0 is the compiler's own
            chunk = self._function()
            chunk.own, chunk.foreign = chunk.own or own, chunk.foreign or not own

    def _file(self, number: int, first: str, second: str | None) -> None:
        """`.file 1 "name"` or `.file 1 "folder" "name"`; number 0 is the unit, in the folder it was compiled in."""
        folder, name = (first, second) if second is not None else ("", first)
        if number == 0:
            self._folder = folder
        self._files[number] = name == self._unit and folder in {"", self._folder}

    def _datum(self, text: str) -> None:
        row = Row(_instruction(text), "data")
        if self._section == "code":
            self._function().rows.append(row)
        elif self._section == "data" and self._data is not None:
            self._data.rows.append(row)

    def _enter(self, text: str) -> None:
        """Another section, perhaps."""
        if text.startswith((".popsection", ".previous")):
            self._section = self._outer.pop() if self._outer else "code"
            return
        if found := _SECTION.match(text):
            kind = _kind(found[1], found[2] or "")
        elif re.match(r"\.(?:text|data|bss)\b", text):
            kind = "code" if text.startswith(".text") else "data"
        else:
            return
        self._outer = [*self._outer[-20:], self._section]
        self._section = kind
        if kind == "data":
            self._data = None


def _kind(section: str, flags: str) -> str:
    if _HIDDEN.match(section):
        return "hidden"
    return "code" if _CODE.match(section) or "x" in flags else "data"


def _instruction(text: str) -> str:
    """Mnemonic and operands in columns, without a comment behind them."""
    if '"' not in text:
        text = _TRAILING.sub("", text)
    mnemonic, tab, operands = text.partition("\t")
    return f"        {mnemonic:<7} {operands.strip()}".rstrip() if tab else f"        {text}"


def _shown(chunks: Iterable[_Chunk], public: set[str]) -> Listing:
    kept, used = _kept([chunk for chunk in chunks if chunk.rows], public)
    rows: list[Row] = []
    for chunk in kept:
        rows += [Row(f"{name}:", "label") for name in chunk.names if chunk.is_code or name in used | public]
        rows += [row for row in chunk.rows if row.kind != "label" or _is_used(row.text[:-1], used)]
    return Listing(tuple(rows), tuple(f"{name}:" for chunk in kept if chunk.is_code for name in chunk.names))


def _kept(chunks: list[_Chunk], public: set[str]) -> tuple[list[_Chunk], set[str]]:
    """The chunks to show, in their order, and every name that they mention."""
    numbered = any(chunk.own for chunk in chunks)
    kept = [chunk for chunk in chunks if _is_own(chunk, public, numbered)]
    seen = {id(chunk) for chunk in kept}
    data = {name: chunk for chunk in chunks if not chunk.is_code for name in chunk.names}
    used: set[str] = set()
    for chunk in kept:  # grows while it is read
        for name in chunk.mentions:
            used.add(name)
            found = data.get(name)
            if found is not None and id(found) not in seen:
                seen.add(id(found))
                kept.append(found)
    return [chunk for chunk in chunks if id(chunk) in seen], used


def _is_own(chunk: _Chunk, public: set[str], numbered: bool) -> bool:
    """Whether a chunk is shown for its own sake. `numbered`: there are lines of the cell's at all."""
    if not chunk.is_code:
        return not public.isdisjoint(chunk.names)
    if not _ADDED.isdisjoint((*chunk.names, *chunk.mentions)) and not chunk.own:
        return False
    return chunk.own or not (chunk.foreign and numbered)


def _is_used(name: str, used: set[str]) -> bool:
    return name.isdigit() or name.strip('"') in used
