"""Numbers that both ends must agree on, each with its reason."""

from __future__ import annotations

PLAIN_VERSION = 1
TAGGED_VERSION = 2
ENVELOPE_VERSION = 1

PROTOCOL = "zcnb/1"
"""`payload_protocol` of our envelopes, and what `hello` announces. Raised when an old peer could misread us."""

PAYLOAD_ENCODING = "msgpack"

MAX_LENGTH = 16 * 1024 * 1024
"""Largest value of a frame's length field, in bytes, as in the reference systems (rows R2, T13).
Programs travel as paths, so real frames stay below 100 KB."""

MAX_ITEMS = 200_000
"""Most items in one decoded list or map: far above any real message, far below what hurts."""


def older(version: str, other: str) -> bool:
    """Whether `version` is older than `other`. Numbers are compared as numbers; what cannot be read is never older."""
    mine, theirs = _numbers(version), _numbers(other)
    return bool(mine and theirs and mine < theirs)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
