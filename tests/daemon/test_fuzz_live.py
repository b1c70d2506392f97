"""A live daemon fed with mutated golden frames: the process stays, serves the next client and does not grow.

Frames that would ask it to shut down are left out, unless the mutation broke that very word.
"""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import wait_until
from tests.daemon.test_server import descriptors, dial, replies, resident_kb
from tests.wire.test_fuzz import FRAMES
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.places import feed_of
from zcnb.wire.connection import Connection
from zcnb.wire.messages import Ping, Pong

RANDOM_S = 10.0
GROWTH_KB = 8 * 1024
"""Over a whole test, after a warm-up."""

STEADY = settings(
    derandomize=True, database=None, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck)
)
SHUTDOWN = b"\xa8shutdown"
Mutation = Callable[[bytes, random.Random], bytes]


def flip(data: bytes, dice: random.Random) -> bytes:
    at = near_the_front(data, dice)
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, dice: random.Random) -> bytes:
    at = near_the_front(data, dice)
    return data[:at] + (b"" if dice.random() < 0.3 else data[at + dice.randrange(1, 9) :])


def duplicate(data: bytes, dice: random.Random) -> bytes:
    at = near_the_front(data, dice)
    return data[:at] + data[at : at + dice.randrange(1, 200)] * dice.randrange(2, 5) + data[at:]


def splice(data: bytes, dice: random.Random) -> bytes:
    other = dice.choice(FRAMES)
    return data[: near_the_front(data, dice)] + other[near_the_front(other, dice) :]


def change_length(data: bytes, dice: random.Random) -> bytes:
    at = 1 if data[0] == 1 and data[4:8] not in (b"\1\0\0\0", b"\2\0\0\0") else 0
    old = int.from_bytes(data[at : at + 4], "little")
    new = dice.choice([0, 1, 4, 5, old - 1, old + 1, 2 * old, 2**24, 2**24 + 1, 2**31, 2**32 - 1])
    return data[:at] + (new % 2**32).to_bytes(4, "little") + data[at + 4 :]


MUTATIONS: tuple[Mutation, ...] = (flip, cut, duplicate, splice, change_length)


def near_the_front(data: bytes, dice: random.Random) -> int:
    """A place in `data`, in headers and names more often than in bodies."""
    return dice.randrange(min(len(data), dice.choice([9, 40, 1000])))


def mutated(dice: random.Random) -> bytes:
    """One to three golden frames, one to five times damaged, that do not ask the daemon to end."""
    while True:
        data = b"".join(dice.choices(FRAMES, k=dice.randrange(1, 4)))
        for _ in range(dice.randrange(1, 6)):
            data = dice.choice(MUTATIONS)(data, dice) or data
        if SHUTDOWN not in data:
            return data


@dataclass(frozen=True)
class Victim:
    """The daemon, as it was before."""

    session: Session
    pid: int
    fds: int
    kb: int

    def feed(self, data: bytes) -> None:
        """Send `data` on a connection of its own, and read all that comes until the daemon hangs up."""
        with dial(self.session.config.endpoint) as sock, contextlib.suppress(ConnectionError):
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass

    def check(self) -> None:
        """Raises `AssertionError` unless it is as well as ever."""
        with dial(self.session.config.endpoint) as following:
            following.sendall(Connection().request(Ping())[1])
            assert replies(following, 1)[0][1] == Pong(self.pid), "the next client is served, by the same process"
        # SQLite keeps the descriptor that a checkpoint was made through for the next one.
        assert wait_until(lambda: descriptors(self.pid) <= self.fds + 1), "descriptors are left"
        assert resident_kb(self.pid) - self.kb <= GROWTH_KB


@pytest.fixture
def victim(session: Session, config: Config) -> Iterator[Victim]:
    """A daemon that has seen every golden frame, and 300 damaged ones."""
    pid = session.status().pid
    assert wait_until(Path(feed_of(str(config.endpoint))).exists), "its descriptors are not counted as lost"
    warming, dice = Victim(session, pid, 0, 0), random.Random(0)
    for frame in FRAMES:
        if SHUTDOWN not in frame:
            warming.feed(frame)
    for _ in range(300):
        warming.feed(mutated(dice))
    assert wait_until(lambda: session.status().connections == 1)
    made = Victim(session, pid, descriptors(pid), resident_kb(pid))
    yield made
    status = session.status()
    assert status.pid == pid
    assert status.in_flight == 0
    assert not [text for text in status.errors if "Error:" in text], "a request hit a bug in the daemon"


def test_each_mutation_changes_something() -> None:
    dice = random.Random(1)
    for mutation in MUTATIONS:
        assert sum(mutation(frame, dice) != frame for frame in FRAMES) > len(FRAMES) / 2


def test_untouched_frames_are_no_shutdown_but_one() -> None:
    assert [SHUTDOWN in frame for frame in FRAMES].count(True) == 1


def test_mutated_golden_frames(victim: Victim) -> None:
    @STEADY
    @given(st.lists(st.randoms(use_true_random=False), min_size=1, max_size=10))
    def feed(rolls: list[random.Random]) -> None:
        for dice in rolls:
            victim.feed(mutated(dice))
        victim.check()

    feed()


def test_random_mutations_for_a_while(victim: Victim) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    end, rounds = time.monotonic() + RANDOM_S, 0
    while time.monotonic() < end:
        batch = [mutated(dice) for _ in range(50)]
        try:
            for data in batch:
                victim.feed(data)
            victim.check()
        except BaseException as error:
            error.add_note(f"seed {seed}, batch {rounds}: {batch!r}")
            raise
        rounds += 1
    print(f"{rounds * 50} streams, RSS + {resident_kb(victim.pid) - victim.kb} KiB")
    assert rounds >= 2


def test_the_checks_see_a_descriptor_that_is_left(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.daemon.test_fuzz_live.wait_until", lambda condition: condition())
    path = victim.session.config.endpoint
    with dial(path), dial(path), pytest.raises(AssertionError, match="descriptors are left"):
        victim.check()
