"""Frames: cutting a byte stream into bodies, and putting bodies into frames.

The reader is a pull machine: `feed` bytes, then `next_frame` until it returns
`None`. A length is checked before its body is buffered, so a hostile header
costs nothing. After a `ProtocolError` the reader is of no further use.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from zcnb.errors import ProtocolError
from zcnb.wire.lanes import PEEK, Lane, detect
from zcnb.wire.versions import ENVELOPE_VERSION, MAX_LENGTH, PLAIN_VERSION, TAGGED_VERSION

_VERSIONED = struct.Struct("<II")
_ENVELOPE = struct.Struct("<BI")
_VERSION_OF = {Lane.PLAIN: PLAIN_VERSION, Lane.TAGGED: TAGGED_VERSION}


@dataclass(frozen=True, slots=True)
class Frame:
    """One body and the lane it came in."""

    lane: Lane
    body: bytes


def encode(lane: Lane, body: bytes) -> bytes:
    """The whole frame for `body`. Raises `ProtocolError` when it would be over the limit."""
    counted = len(body) + (0 if lane is Lane.ENVELOPE else 4)
    if counted > MAX_LENGTH:
        raise ProtocolError(f"a message of {counted} bytes is over the limit of {MAX_LENGTH}")
    if lane is Lane.ENVELOPE:
        return _ENVELOPE.pack(ENVELOPE_VERSION, counted) + body
    return _VERSIONED.pack(counted, _VERSION_OF[lane]) + body


class FrameReader:
    """Invariant: the buffer never holds more than one incomplete frame plus what one `feed` brought."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def __repr__(self) -> str:
        return f"<FrameReader {len(self._buffer)} bytes buffered>"

    def feed(self, data: bytes) -> None:
        """Add bytes as they came from the peer."""
        self._buffer += data

    @property
    def buffered(self) -> int:
        """Bytes waiting; 0 at a frame's boundary."""
        return len(self._buffer)

    def next_frame(self) -> Frame | None:
        """The next whole frame, or `None` if more bytes are needed. Raises `ProtocolError`."""
        if len(self._buffer) < PEEK:
            return None
        lane = detect(self._buffer)
        start, end = self._bounds(lane)
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[start:end])
        del self._buffer[:end]
        return Frame(lane, body)

    def _bounds(self, lane: Lane) -> tuple[int, int]:
        """Where the body starts and ends in the buffer, from the header alone."""
        if lane is Lane.ENVELOPE:
            _, length = _ENVELOPE.unpack_from(self._buffer)
            header, start, least = _ENVELOPE.size, _ENVELOPE.size, PEEK - _ENVELOPE.size
        else:
            length, _ = _VERSIONED.unpack_from(self._buffer)
            header, start, least = 4, _VERSIONED.size, 5
        if not least <= length <= MAX_LENGTH:
            raise ProtocolError(f"frame length {length} is outside {least}..{MAX_LENGTH}")
        return start, header + length
