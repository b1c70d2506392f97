"""How large a program is, by kind: read from its section headers (ELF), as binutils' `size` counts."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_WRITE, _ALLOC = 1, 2
_NOBITS = 8
"""A section of zeros, which takes no place in the file (`.bss`)."""

_SHOFF = {1: (0x20, "I", 0x2E), 2: (0x28, "Q", 0x3A)}
"""By class (32 or 64 bit): where the table's offset stands, its format, where the entry size stands."""

_ENTRY = {1: "IIIIII", 2: "IIQQQQ"}
"""The start of one header: name, type, flags, address, offset, size."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes. `text`: code and constants; `data`: variables with an initial value."""

    text: int
    data: int


def sizes_of(path: str) -> Sizes | None:
    """The sizes of the program at `path`; `None` if it is gone, or not ELF with section headers."""
    try:
        return _parsed(Path(path).read_bytes())
    except (OSError, struct.error, IndexError, KeyError):
        return None


def _parsed(file: bytes) -> Sizes | None:
    if file[:4] != b"\x7fELF":
        return None
    width, order = file[4], "<" if file[5] == 1 else ">"
    at, word, counts_at = _SHOFF[width]
    (table,) = struct.unpack_from(order + word, file, at)
    entry, count = struct.unpack_from(order + "HH", file, counts_at)
    text = data = 0
    for number in range(count):
        _, kind, flags, _, _, size = struct.unpack_from(order + _ENTRY[width], file, table + number * entry)
        if flags & _ALLOC and flags & _WRITE:
            data += size if kind != _NOBITS else 0
        elif flags & _ALLOC:
            text += size
    return Sizes(text, data) if count else None
