"""BLAKE3 digests and the one canonical encoding that keys are made of.

Rule: a key is never put together by joining strings. `digest_of` writes every
value with its type and length, so `("ab", "c")` and `("a", "bc")` differ, and
`None`, `""` and `b""` differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NewType

from blake3 import blake3

Digest = NewType("Digest", str)
"""64 lower-case hexadecimal digits (32 bytes of BLAKE3)."""

Encodable = None | bool | int | str | bytes | Sequence["Encodable"] | Mapping[str, "Encodable"]


def digest_bytes(data: bytes) -> Digest:
    """The digest of `data` as it is, without any framing: what a blob is named by."""
    return Digest(blake3(data).hexdigest())


def digest_of(value: Encodable) -> Digest:
    """The digest of a value's canonical encoding. Mappings are taken in key order."""
    return digest_bytes(b"".join(_encode(value)))


def _encode(value: Encodable) -> Iterator[bytes]:
    match value:
        case None:
            yield b"n"
        case bool():
            yield b"t" if value else b"f"
        case int():
            yield b"i%d;" % value
        case str():
            raw = value.encode("utf-8", "surrogateescape")
            yield b"s%d:" % len(raw)
            yield raw
        case bytes():
            yield b"b%d:" % len(value)
            yield value
        case Mapping():
            yield b"m%d:" % len(value)
            for name in sorted(value):
                yield from _encode(name)
                yield from _encode(value[name])
        case Sequence():
            yield b"l%d:" % len(value)
            for item in value:
                yield from _encode(item)
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a key")
