"""The decisions of the pool. Pure: how much is going on goes in, what to do comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

MOST_IN_FLIGHT = 64
"""Requests that one connection carries at once."""

RUNNERS = 2
"""Processes for each queue. One would do for its tools, which cost it nothing while they run; while one of two is
started anew, the other serves."""

MOST_SLOTS = RUNNERS * MOST_IN_FLIGHT

START_TRIES = 3
CONNECT_DELAYS_S = (0.01, 0.2)
RESTART_DELAYS_S = (0.1, 2.0)

RUNS = 2
"""How often a tool is run that is lost with its runner, the first time included."""

UNANSWERED = 3
"""Pings without an answer before a runner is looked at."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What counts about one runner when a request is given out."""

    room: int
    """Tools that it may run at once."""
    busy: int = 0
    up: bool = True
    """Whether it is started, or being started."""


def slots(asked: int | None, cores: int, *, one: bool) -> int:
    """Tools of one queue that run at once: `one` whatever else holds, as `asked`, else one for each core."""
    return 1 if one else asked or max(1, min(cores, MOST_SLOTS))


def rooms(total: int) -> tuple[int, ...]:
    """How `total` slots are shared out among runners: 5 are 3 and 2."""
    count = min(RUNNERS, total)
    return tuple(total // count + (number < total % count) for number in range(count))


def choose(seats: Sequence[Seat], last: int) -> int | None:
    """Which runner gets the next tool: in turn after `last`, among those that are up and have room; one that must
    be started only if there is no other. `None` if all are busy."""
    order = [(last + 1 + step) % len(seats) for step in range(len(seats))]
    free = [number for number in order if seats[number].busy < seats[number].room]
    return next((number for number in free if seats[number].up), free[0] if free else None)


def choose_any(seats: Sequence[Seat], last: int) -> int:
    """Which runner gets the next question: in turn, whether it has room or not, but nobody is started for it
    while another is up."""
    return choose([Seat(1, 0, seat.up) for seat in seats], last) or 0


def delays(first: float, most: float) -> Iterator[float]:
    """Seconds between tries: `first`, then twice as long each time, `most` at most."""
    while True:
        yield first
        first = min(2 * first, most)


def after_timeout(others: int) -> Literal["cancel", "end"]:
    """What becomes of a runner whose tool took too long: it is ended, unless others use it."""
    return "cancel" if others else "end"


def is_stuck(unanswered: int, *, moved: bool, at_work: bool) -> bool:
    """Whether a runner that left so many pings unanswered is stuck, or merely has no turn on a busy machine."""
    return unanswered >= UNANSWERED and not moved and not at_work
