"""Eviction: least recently used first, as much as is needed, and never what is spared."""

from __future__ import annotations

import pytest

from zcnb.model.digest import Digest
from zcnb.store.evict import LOW_WATER, choose_evicted, excess

A, B, C, D = (Digest(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("total", "limit", "evicting", "more"),
    [
        (0, 10, False, 0),
        (10, 10, False, 0),  # exactly full is not over
        (11, 10, False, 3),  # down to low water at once, so that it is rare
        (9, 10, False, 0),
        (9, 10, True, 1),  # once begun, it goes on below the limit
        (8, 10, True, 0),
        (7, 10, True, 0),
        (11, 10, True, 3),
        (5, 0, False, 5),
        (-3, 10, True, 0),
    ],
)
def test_how_much_is_to_go(total: int, limit: int, evicting: bool, more: int) -> None:
    assert LOW_WATER == 0.8
    assert excess(total, limit, evicting=evicting) == more


@pytest.mark.parametrize(
    ("oldest", "more", "spared", "gone"),
    [
        ([], 5, "", []),
        ([(A, 5), (B, 5)], 0, "", []),
        ([(A, 5), (B, 5)], 1, "", [A]),
        ([(A, 5), (B, 5)], 5, "", [A]),
        ([(A, 5), (B, 5)], 6, "", [A, B]),
        ([(A, 1), (B, 9), (C, 1)], 2, "", [A, B]),  # by last use, not by size
        ([(A, 5), (B, 5)], 100, "", [A, B]),
        ([(A, 5), (B, 5), (C, 5)], 5, "a", [B]),  # what is spared frees nothing
        ([(A, 5), (B, 5), (C, 5)], 10, "b", [A, C]),
        ([(A, 5), (B, 5)], 5, "ab", []),
        ([(A, 0), (B, 5)], 1, "", [A, B]),
    ],
)
def test_which_go(oldest: list[tuple[Digest, int]], more: int, spared: str, gone: list[Digest]) -> None:
    assert choose_evicted(oldest, more, [Digest(letter) for letter in spared]) == gone


def test_it_reads_no_more_than_it_needs() -> None:
    source = iter([(A, 5), (B, 5), (C, 5), (D, 5)])
    assert choose_evicted(source, 6, set()) == [A, B]
    assert next(source)[0] == D, "one was looked at to see that it was enough"
