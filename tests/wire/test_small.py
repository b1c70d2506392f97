"""The wrapper's own few lines of msgpack, held to the package's bytes."""

from __future__ import annotations

import math
import time
import tracemalloc
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zcnb.wire.small import PLAIN, frame, more_values_than, pack, unpack
from zcnb.wire.versions import MAX_ITEMS, PLAIN_VERSION

GOLDEN = Path(__file__).parent.parent / "golden"
STEADY = settings(
    derandomize=True, database=None, max_examples=300, deadline=None, suppress_health_check=list(HealthCheck)
)
EDGES = sorted(
    {
        sign * 2**bits + near
        for bits in (0, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64)
        for near in (-1, 0, 1)
        for sign in (1, -1)
        if -(2**63) <= sign * 2**bits + near < 2**64
    }
)
"""Integers around every change of width."""

INTEGERS = st.integers(-(2**63), 2**64 - 1) | st.sampled_from(EDGES)
NAMES = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape")) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=40
)
"""Text as `os.fsdecode` makes it: what is no UTF-8 is a lone surrogate."""

SCALARS = st.none() | st.booleans() | INTEGERS | NAMES | st.binary(max_size=40)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=20) | st.dictionaries(NAMES, inner, max_size=20),
        max_leaves=40,
    )


def by_the_package(value: object) -> bytes:
    packed: bytes = msgpack.packb(value, unicode_errors="surrogateescape")
    return packed


def read_by_the_package(data: bytes) -> object:
    return msgpack.unpackb(data, unicode_errors="surrogateescape", strict_map_key=False)


def same(one: object, other: object) -> bool:
    """Equal in type as well, and a NaN equals a NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return same(list(one), list(other)) and all(map(same, one.values(), other.values()))
    return one == other


@STEADY
@given(nested(SCALARS))
@example("/tmp/\udcff\udc80")
@example({"\udcff": [None, True, False, b"\xff"]})
def test_the_same_bytes_as_the_package(value: object) -> None:
    packed = pack(value)
    assert packed == by_the_package(value)
    assert same(unpack(packed), value)


@pytest.mark.parametrize("value", EDGES)
def test_integers_at_every_change_of_width(value: int) -> None:
    assert pack(value) == by_the_package(value)
    assert same(unpack(pack(value)), value)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536])
def test_lengths_at_every_change_of_width(length: int) -> None:
    values: list[object] = [
        "a" * length, "é" * (length // 2), "\udcff" * length, b"\0" * length, [7] * length,
        {str(number): None for number in range(length)},
    ]  # fmt: skip
    for value in values:
        assert pack(value) == by_the_package(value)
        assert same(unpack(pack(value)), value)


def test_a_tuple_is_a_list() -> None:
    assert pack(("a", ("b",))) == by_the_package(["a", ["b"]])


@pytest.mark.parametrize("value", [1.5, {1}, object(), bytearray(b"a"), {"a": [1j]}])
def test_what_a_call_never_holds_is_not_packed(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800"])
def test_what_msgpack_cannot_hold_is_not_packed(value: object) -> None:
    with pytest.raises(ValueError):
        pack([value])


@STEADY
@given(nested(SCALARS | st.floats()))
@example([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324])
def test_whatever_the_package_packs_can_be_read(value: object) -> None:
    assert same(unpack(by_the_package(value)), value)


def test_a_reply_may_be_nested_deeper_than_any_is() -> None:
    data = b"\x91" * 100 + b"\xc0"
    assert unpack(data) == read_by_the_package(data)


@STEADY
@given(nested(SCALARS | st.floats()))
@example(["a" * 40, b"b" * 300, {"c" * 300: [1, 1000, 100_000, 2**40, -1000, 1.5]}, [0] * 20])
def test_every_truncation_is_an_error(value: object) -> None:
    data = by_the_package(value)
    for end in range(len(data)):
        with pytest.raises(ValueError):
            unpack(data[:end])
    with pytest.raises(ValueError, match="behind"):
        unpack(data + b"\xc0")


@STEADY
@given(st.binary(max_size=300))
def test_garbage_is_read_as_the_package_reads_it_or_an_error(data: bytes) -> None:
    try:
        value = unpack(data)
    except ValueError:
        return
    assert same(value, read_by_the_package(data))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xc7\x00\x05", b"\xd4\x05\x00", b"\xd6\xff\0\0\0\0", b"\x81\x90\x02"])
def test_what_no_daemon_sends_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)


@pytest.mark.parametrize("code", [0xC6, 0xDB, 0xDD, 0xDF])
@pytest.mark.parametrize("rest", [b"", b"\x01" * 1000])
def test_a_length_of_4_gib_costs_nothing(code: int, rest: bytes) -> None:
    data = bytes([code]) + b"\xff" * 4 + rest
    tracemalloc.start()
    begin = time.monotonic()
    try:
        with pytest.raises(ValueError):
            unpack(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("data", [b"\x91" * 1_000_000, b"\x81" * 1_000_000, b"\xdd\xff\xff\xff\xff" * 100_000])
def test_endless_nesting_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)


def count(value: object) -> int:
    """How many values there are, lists and maps and keys included."""
    if isinstance(value, list):
        return 1 + sum(map(count, value))
    if isinstance(value, dict):
        return 1 + sum(map(count, value)) + sum(map(count, value.values()))
    return 1


@STEADY
@given(nested(SCALARS | st.floats(width=32)), st.booleans())
@example(["a" * 40, b"b" * 300, {"c" * 300: [1, 1000, 100_000, 2**40, -1000, 1.5]}, [0] * 20], True)
@example(["a" * 70_000, b"b" * 70_000, [None] * 70_000, {str(number): -1 for number in range(70_000)}], False)
@example(EDGES, True)
def test_values_are_counted_exactly(value: object, single: bool) -> None:
    data = msgpack.packb(value, unicode_errors="surrogateescape", use_single_float=single)
    there = count(value)
    assert more_values_than(data, there - 1)
    assert not more_values_than(data, there)
    assert not more_values_than(data, there + 1)
    assert more_values_than(data, 0)


@STEADY
@given(nested(SCALARS), st.data())
def test_what_is_cut_short_holds_no_more_than_the_whole(value: object, data: st.DataObject) -> None:
    whole = by_the_package(value)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    assert not more_values_than(cut, count(value))


@pytest.mark.parametrize(
    "data",
    [
        b"\x90" * (16 << 20),
        b"\x91" * (16 << 20),
        b"\x81\xa1a" * (5 << 20),
        b"\xdd\xff\xff\xff\xff" * (3 << 20),
        b"\xc0" * (16 << 20),
        (b"\xa4abcd" + b"\xcb" + b"\0" * 8) * (1 << 20),
    ],
    ids=["lists", "deep", "maps", "long lists", "constants", "texts and floats"],
)
def test_counting_takes_no_longer_than_up_to_the_limit(data: bytes) -> None:
    begin = time.monotonic()
    assert more_values_than(data, MAX_ITEMS)
    assert time.monotonic() - begin < 1
    tracemalloc.start()
    try:
        assert more_values_than(data, MAX_ITEMS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize("code", [0xC6, 0xDB, 0xDD, 0xDF])
def test_a_length_that_is_not_there_is_not_counted(code: int) -> None:
    assert not more_values_than(bytes([code]) + b"\xff" * 4, 1)
    assert not more_values_than(b"", 0)


def test_a_frame_is_the_golden_one() -> None:
    assert frame(PLAIN, pack(["ping", {}])) == (GOLDEN / "ping-plain.bin").read_bytes()
    assert PLAIN == PLAIN_VERSION


@pytest.mark.parametrize(
    "name", ["compile-ephemeral-plain", "link-ephemeral-plain", "compile-plain", "tool-done-plain"]
)
def test_the_golden_frames_of_a_wrapper_are_the_same_both_ways(name: str) -> None:
    golden = (GOLDEN / f"{name}.bin").read_bytes()
    assert frame(PLAIN, pack(unpack(golden[8:]))) == golden
