"""Mutated golden frames: nothing but `ProtocolError`, always an end, never more than a frame in memory."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zcnb.errors import ProtocolError
from zcnb.wire import framing
from zcnb.wire.connection import Connection, Refused
from zcnb.wire.lanes import PEEK

FRAMES = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "golden").glob("*.bin"))]
LIMIT = 4096
"""The limit on lengths in this file: golden frames are below it, mutated lengths soon are not."""

RANDOM_S = 2.0
STEADY = settings(
    derandomize=True, database=None, max_examples=400, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True, scope="module")
def small_limit() -> Iterator[None]:
    """Make the limit so small that reaching it costs nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "MAX_LENGTH", LIMIT)
        yield


def endure(data: bytes, step: int) -> int:
    """Feed `data` in pieces of `step` bytes and pull all events, as a server would; the number of good messages."""
    connection, good, left = Connection(), 0, len(data)
    try:
        for start in range(0, len(data), step):
            connection.receive(data[start : start + step])
            while (event := connection.next_event()) is not None:
                assert connection._reader.buffered < left, "an event consumed nothing"
                left = connection._reader.buffered + len(data) - start
                good += not isinstance(event, Refused)
                if isinstance(event, Refused):
                    connection.send(event.tag, event.error)
            assert connection._reader.buffered <= LIMIT + PEEK
    except ProtocolError:
        assert connection._reader.buffered <= LIMIT + PEEK + step
    return good


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """One to three golden frames with some bytes changed, cut, doubled or put in between."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(FRAMES), min_size=1, max_size=3))))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, min(len(data), draw(st.sampled_from([16, 64, 4096])))))
        match draw(st.sampled_from(["change", "cut", "insert", "double"])):
            case "change":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "cut":
                del data[at : at + draw(st.integers(1, 9))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=9))
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
    return bytes(data)


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_untouched_frames_are_all_good(step: int) -> None:
    assert endure(b"".join(FRAMES), step) == len(FRAMES) > 10


@STEADY
@given(mutated(), st.sampled_from([1, 3, 64, 100_000]))
@example(b"\x01\0\0\0\x01\0\0\0", 1)
def test_mutated_frames(data: bytes, step: int) -> None:
    endure(data, step)


@STEADY
@given(mutated())
def test_mutated_frames_and_then_a_flood(data: bytes) -> None:
    """Whatever length the mutation left in the header: the buffer stays below the limit, or it is an error."""
    endure(data + b"\x80" * (3 * LIMIT), 512)


@STEADY
@given(st.binary(max_size=200), st.sampled_from([1, 64]))
def test_noise(data: bytes, step: int) -> None:
    endure(data, step)


@STEADY
@given(st.sampled_from([b"\x01", b"\x02"]), st.binary(min_size=1, max_size=300))
def test_noise_in_a_sound_frame(version: bytes, body: bytes) -> None:
    endure((len(body) + 4).to_bytes(4, "little") + version + b"\0\0\0" + body, 100_000)


def test_random_mutations_for_a_while() -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    end = time.monotonic() + RANDOM_S
    rounds = 0
    while time.monotonic() < end:
        data = bytearray(dice.choice(FRAMES) + dice.choice(FRAMES))
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(min(len(data), dice.choice([9, 40, 1000])))
            data[at : at + dice.choice([0, 1, 1, 1, 5])] = dice.randbytes(dice.choice([0, 1, 1, 1, 5]))
        try:
            endure(bytes(data), dice.choice([1, 50, 100_000]))
        except BaseException as error:
            error.add_note(f"seed {seed}, round {rounds}: {bytes(data)!r}")
            raise
        rounds += 1
    assert rounds > 100
