"""Eviction: least recently used first, down to low water, and never the last used."""

from __future__ import annotations

import pytest

from zcnb.model.digest import Digest
from zcnb.store.evict import LOW_WATER, choose_evicted

A, B, C, D, E = (Digest(letter) for letter in "abcde")


@pytest.mark.parametrize(
    ("blobs", "limit", "gone"),
    [
        ([], 10, []),
        ([(A, 10, 1)], 10, []),
        ([(A, 5, 1), (B, 5, 2)], 10, []),  # exactly full is not over
        ([(A, 5, 1), (B, 6, 2)], 10, [A]),
        ([(A, 6, 2), (B, 5, 1)], 10, [B]),  # by last use, not by place or size
        ([(A, 1, 1), (B, 1, 2), (C, 9, 3)], 10, [A, B]),  # 11 -> 10 is within the limit, but over low water
        ([(A, 2, 4), (B, 2, 3), (C, 2, 2), (D, 2, 1), (E, 3, 5)], 10, [D, C]),  # 11 -> 9 -> 7
        ([(A, 3, 1), (B, 8, 2)], 10, [A]),  # 8 is low water itself
        ([(A, 100, 1)], 10, []),  # one program over the limit stays: it is about to run
        ([(A, 100, 1), (B, 100, 2)], 10, [A]),
        ([(A, 0, 1), (B, 11, 2)], 10, [A]),
    ],
)
def test_table(blobs: list[tuple[Digest, int, int]], limit: int, gone: list[Digest]) -> None:
    assert choose_evicted(blobs, limit) == gone


def test_it_is_pure() -> None:
    blobs = [(A, 6, 2), (B, 5, 1)]
    assert choose_evicted(iter(blobs), 10) == choose_evicted(blobs, 10)
    assert blobs == [(A, 6, 2), (B, 5, 1)]


def test_many_end_between_low_water_and_one_blob_below_it() -> None:
    blobs = [(Digest(f"{number:03}"), 7, number) for number in range(200)]
    gone = choose_evicted(blobs, 1000)
    left = 7 * (200 - len(gone))
    assert 1000 * LOW_WATER - 7 < left <= 1000 * LOW_WATER
    assert gone == [Digest(f"{number:03}") for number in range(len(gone))]
