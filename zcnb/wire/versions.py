"""Numbers that both ends must agree on, each with its reason."""

from __future__ import annotations

import re

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
"""Most values in one message: far above any real one, far below what hurts."""

NONCE_LENGTH = 32
"""Bytes of an identity probe's nonce."""


LONGEST_VERSION = 100
"""Characters: the number of a version comes from another process, and is read as numbers."""


def older(version: str, other: str) -> bool:
    """Whether `version` is older than `other`. Numbers are compared as numbers; what cannot be read is never older."""
    mine, theirs = _release(version), _release(other)
    return mine is not None and theirs is not None and mine < theirs


def _release(version: str) -> tuple[int, ...] | None:
    """`1.2.0rc1` -> (1, 2): the numbers without trailing zeros; suffixes do not count."""
    match = re.match(r"\d+(\.\d+)*", version[:LONGEST_VERSION], re.ASCII)
    if match is None:
        return None
    numbers = [int(part) for part in match[0].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
