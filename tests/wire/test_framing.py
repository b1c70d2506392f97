"""Frames whole, byte by byte and with more behind them; lengths are judged before a body is buffered."""

from __future__ import annotations

import struct

import pytest

from zcnb.errors import ProtocolError
from zcnb.wire.framing import Frame, FrameReader, encode
from zcnb.wire.lanes import PEEK, Lane
from zcnb.wire.versions import MAX_LENGTH

BODY = b"\x92\xa4ping\x80"
BYTES = {
    Lane.PLAIN: b"\x0b\0\0\0\x01\0\0\0" + BODY,
    Lane.TAGGED: b"\x0b\0\0\0\x02\0\0\0" + BODY,
    Lane.ENVELOPE: b"\x01\x07\0\0\0" + BODY,
}
LANES = pytest.mark.parametrize("lane", Lane)
CHUNK = bytes(64 * 1024)


def header(lane: Lane, length: int) -> bytes:
    """The first eight bytes of a frame whose header says `length`; an envelope's body starts within them."""
    if lane is Lane.ENVELOPE:
        return struct.pack("<BI", 1, length) + b"\x8f\xa4k"
    return struct.pack("<II", length, 1 if lane is Lane.PLAIN else 2)


def frames(reader: FrameReader) -> list[Frame]:
    return list(iter(reader.next_frame, None))


@LANES
def test_a_frame_is_laid_out_as_the_design_says(lane: Lane) -> None:
    assert encode(lane, BODY) == BYTES[lane]


@LANES
def test_a_whole_frame(lane: Lane) -> None:
    reader = FrameReader()
    reader.feed(BYTES[lane])
    assert frames(reader) == [Frame(lane, BODY)]
    assert reader.buffered == 0


@LANES
def test_byte_by_byte_the_frame_comes_with_its_last_byte(lane: Lane) -> None:
    reader = FrameReader()
    for count, byte in enumerate(BYTES[lane][:-1], 1):
        reader.feed(bytes([byte]))
        assert reader.next_frame() is None
        assert reader.buffered == count
    reader.feed(BYTES[lane][-1:])
    assert frames(reader) == [Frame(lane, BODY)]


@LANES
@pytest.mark.parametrize("behind", [1, 4, 7, 8, 11])
def test_what_comes_behind_a_frame_stays_for_the_next(lane: Lane, behind: int) -> None:
    reader = FrameReader()
    reader.feed(BYTES[lane] + BYTES[lane][:behind])
    assert frames(reader) == [Frame(lane, BODY)]
    assert reader.buffered == behind
    reader.feed(BYTES[lane][behind:])
    assert frames(reader) == [Frame(lane, BODY)]


def test_lanes_take_turns_on_one_stream() -> None:
    reader = FrameReader()
    order = [Lane.ENVELOPE, Lane.PLAIN, Lane.TAGGED, Lane.PLAIN, Lane.ENVELOPE]
    reader.feed(b"".join(BYTES[lane] for lane in order))
    assert [frame.lane for frame in frames(reader)] == order


def test_a_look_at_the_frame_consumes_nothing() -> None:
    reader = FrameReader()
    reader.feed(BYTES[Lane.TAGGED][:PEEK])
    assert reader.next_frame() is None
    assert reader.next_frame() is None
    assert reader.buffered == PEEK
    assert repr(reader) == "<FrameReader 8 bytes buffered>"


@LANES
@pytest.mark.parametrize("length", [MAX_LENGTH + 2, 2**31, 2**32 - 1, 0])
def test_a_length_out_of_bounds_is_an_error_before_any_body(lane: Lane, length: int) -> None:
    reader = FrameReader()
    reader.feed(header(lane, length))
    with pytest.raises(ProtocolError):
        reader.next_frame()
    assert reader.buffered == PEEK


@pytest.mark.parametrize("lane", [Lane.PLAIN, Lane.TAGGED])
@pytest.mark.parametrize("length", [1, 4])
def test_a_versioned_frame_holds_more_than_its_version(lane: Lane, length: int) -> None:
    reader = FrameReader()
    reader.feed(header(lane, length))
    with pytest.raises(ProtocolError, match=f"{length} is outside 5"):
        reader.next_frame()


@LANES
def test_the_largest_length_is_waited_for(lane: Lane) -> None:
    reader = FrameReader()
    reader.feed(header(lane, MAX_LENGTH))
    assert reader.next_frame() is None


@LANES
def test_a_peer_that_never_stops_fills_no_more_than_one_frame(lane: Lane) -> None:
    reader = FrameReader()
    reader.feed(header(lane, MAX_LENGTH))
    for _ in range(MAX_LENGTH // len(CHUNK) - 1):
        reader.feed(CHUNK)
        assert reader.next_frame() is None
    reader.feed(CHUNK + CHUNK)
    assert reader.next_frame() is not None
    assert reader.buffered <= 2 * len(CHUNK)
    with pytest.raises(ProtocolError):  # the zeroes behind the one large frame are no frame
        reader.next_frame()


@LANES
def test_the_limit_holds_for_what_we_write(lane: Lane) -> None:
    room = MAX_LENGTH if lane is Lane.ENVELOPE else MAX_LENGTH - 4
    body = b"\x8f" + bytes(room - 1)
    reader = FrameReader()
    reader.feed(encode(lane, body))
    assert reader.next_frame() == Frame(lane, body)
    with pytest.raises(ProtocolError, match="over the limit"):
        encode(lane, body + b"\0")
