"""Three lanes on one endpoint, told apart from the first 8 bytes without consuming them.

    plain     u32 length | u32 1 | msgpack [kind, fields]           one in flight, answers in order
    tagged    u32 length | u32 2 | msgpack {id, kind, fields}       many in flight, answers by id
    envelope  u8 1 | u32 length | msgpack {envelope_version, ...}   readable by peers of every version

Little endian. Bytes 4..8 decide first, because an envelope whose bytes 4..8
read 1 or 2 would have to be 16 MiB long or more (its byte 4 is the top byte of
the length), which is above the limit.
"""

from __future__ import annotations

from enum import Enum

from zcnb.errors import ProtocolError
from zcnb.wire.versions import ENVELOPE_VERSION, PLAIN_VERSION, TAGGED_VERSION

PEEK = 8


class Lane(Enum):
    """How a frame is laid out. The value is what `ZCNB_WIRE` says."""

    PLAIN = "plain"
    TAGGED = "tagged"
    ENVELOPE = "envelope"


_BY_VERSION = {PLAIN_VERSION: Lane.PLAIN, TAGGED_VERSION: Lane.TAGGED}


def detect(head: bytes | bytearray) -> Lane:
    """The lane of the frame that starts with `head` (at least 8 bytes).

    Raises `ProtocolError` when it is none of ours.
    """
    version = int.from_bytes(head[4:8], "little")
    lane = _BY_VERSION.get(version)
    if lane is not None:
        return lane
    if head[0] == ENVELOPE_VERSION:
        return Lane.ENVELOPE
    raise ProtocolError(f"not a zcnb frame: it starts with {bytes(head[:PEEK]).hex(' ')}")
