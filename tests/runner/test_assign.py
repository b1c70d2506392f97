"""The decisions of the pool, row by row."""

from __future__ import annotations

from itertools import islice

import pytest

from zcnb import config
from zcnb.runner.assign import (
    CONNECT_DELAYS_S,
    MOST_IN_FLIGHT,
    MOST_SLOTS,
    RESTART_DELAYS_S,
    Seat,
    after_timeout,
    choose,
    choose_any,
    delays,
    is_stuck,
    rooms,
    slots,
)

DOWN = Seat(2, up=False)


@pytest.mark.parametrize(
    ("asked", "cores", "one", "expected"),
    [(None, 2, False, 2), (None, 1, False, 1), (None, 500, False, 128), (5, 2, False, 5), (5, 8, True, 1)],
)  # fmt: skip
def test_slots(asked: int | None, cores: int, one: bool, expected: int) -> None:
    assert slots(asked, cores, one=one) == expected


def test_the_settings_and_the_pool_know_the_same_limit() -> None:
    assert config.MOST_SLOTS == MOST_SLOTS


@pytest.mark.parametrize(("total", "expected"), [(1, (1,)), (2, (1, 1)), (5, (3, 2)), (128, (64, 64))])
def test_slots_are_shared_out_among_runners(total: int, expected: tuple[int, ...]) -> None:
    assert rooms(total) == expected


@pytest.mark.parametrize("total", range(1, MOST_SLOTS + 1, 7))
def test_no_runner_has_more_than_a_connection_carries(total: int) -> None:
    assert sum(rooms(total)) == total
    assert 1 <= min(rooms(total)) <= max(rooms(total)) <= MOST_IN_FLIGHT


@pytest.mark.parametrize(
    ("seats", "last", "expected"),
    [
        ([Seat(2), Seat(2), Seat(2)], -1, 0),
        ([Seat(2), Seat(2), Seat(2)], 0, 1),
        ([Seat(2), Seat(2), Seat(2)], 2, 0),
        ([Seat(2), Seat(2, 2), Seat(2)], 0, 2),
        ([Seat(2, 2), Seat(2, 2)], 0, None),
        ([Seat(2, 1), DOWN], 0, 0),
        ([Seat(2, 2), DOWN], 0, 1),
        ([DOWN, Seat(2, 1)], 1, 1),
        ([DOWN, DOWN], -1, 0),
        ([Seat(2, 2, up=False), Seat(1, 1)], 0, None),
    ],
)
def test_in_turn_among_those_with_room_and_nobody_is_started_in_vain(
    seats: list[Seat], last: int, expected: int | None
) -> None:
    assert choose(seats, last) == expected


@pytest.mark.parametrize(
    ("seats", "last", "expected"),
    [([Seat(1, 1), Seat(1, 1)], 0, 1), ([Seat(1, 1), DOWN], 0, 0), ([DOWN, DOWN], 0, 1), ([DOWN], 0, 0)],
)
def test_questions_need_no_room(seats: list[Seat], last: int, expected: int) -> None:
    assert choose_any(seats, last) == expected


def test_tries_to_connect_come_after_10_ms_doubling_to_200() -> None:
    assert list(islice(delays(*CONNECT_DELAYS_S), 7)) == [0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2]


def test_tries_to_start_come_after_100_ms_doubling_to_2_s() -> None:
    assert list(islice(delays(*RESTART_DELAYS_S), 7)) == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_after_a_timeout_only_a_runner_that_nobody_else_uses_is_ended() -> None:
    assert [after_timeout(others) for others in range(3)] == ["end", "cancel", "cancel"]


@pytest.mark.parametrize(
    ("unanswered", "moved", "at_work", "expected"),
    [(3, False, False, True), (2, False, False, False), (3, True, False, False), (3, False, True, False)],
)
def test_silence_is_being_stuck_only_for_who_does_nothing(
    unanswered: int, moved: bool, at_work: bool, expected: bool
) -> None:
    assert is_stuck(unanswered, moved=moved, at_work=at_work) is expected
