"""Telling the three lanes apart from eight bytes."""

from __future__ import annotations

import pytest

from zcnb.errors import ProtocolError
from zcnb.wire.lanes import PEEK, Lane, detect
from zcnb.wire.versions import MAX_LENGTH


@pytest.mark.parametrize(
    ("head", "lane"),
    [
        (b"\x0b\0\0\0\x01\0\0\0", Lane.PLAIN),
        (b"\x0b\0\0\0\x02\0\0\0", Lane.TAGGED),
        (b"\x01\x07\0\0\0\x92\xa4p", Lane.ENVELOPE),
        (b"\x01\0\0\0\x01\0\0\0", Lane.PLAIN),  # a length that ends in 1 does not make an envelope
        (b"\x01\x01\0\0\x02\0\0\0", Lane.TAGGED),
        (b"\x01\x01\0\0\0\0\0\0", Lane.ENVELOPE),
    ],
)
def test_lane(head: bytes, lane: Lane) -> None:
    assert detect(head) is lane
    assert detect(bytearray(head) + b"more") is lane


@pytest.mark.parametrize(
    "head", [bytes(8), b"\x0b\0\0\0\x03\0\0\0", b"\x02\x07\0\0\0\x92\xa4p", b"GET / HT", b"\xff" * 8]
)
def test_anything_else_is_refused_and_shown(head: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        detect(head)
    assert head.hex(" ") in str(caught.value)


@pytest.mark.parametrize("length", [3, 255, 65_536, MAX_LENGTH - 1, MAX_LENGTH])
@pytest.mark.parametrize("first", [0x80, 0x8F, 0xDE, 0xDF])
def test_no_envelope_within_the_limit_looks_like_another_lane(length: int, first: int) -> None:
    """Every body is a msgpack map, whose first byte is one of `first`'s kinds."""
    head = b"\x01" + length.to_bytes(4, "little") + bytes([first, 0, 0])
    assert len(head) == PEEK
    assert detect(head) is Lane.ENVELOPE


def test_lanes_are_called_what_zcnb_wire_calls_them() -> None:
    assert [lane.value for lane in Lane] == ["plain", "tagged", "envelope"]
