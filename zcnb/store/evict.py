"""Which blobs go when the cache is over its limit. Pure.

Rules. The least recently used go first. Never: what was handed out a moment
ago and may not have been started yet, and what a process runs from. (Removing
the file of a running program would not harm it, and what is built again under
its name has the same bytes; but it may want to start itself once more.) Once
the limit is crossed, blobs go in batches, one with each new result, until
`LOW_WATER`; a result waits for more than one batch only while the cache is
over its limit.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from zcnb.model.digest import Digest

LOW_WATER = 0.8
"""Evict down to this share of the limit, so that eviction is rare."""


def excess(total: int, limit: int, *, evicting: bool) -> int:
    """Bytes that are to go when the cache holds `total`; 0 if none are.

    `evicting` says whether the limit was crossed since low water was last reached.
    """
    return max(0, total - int(limit * LOW_WATER)) if evicting or total > limit else 0


def choose_evicted(oldest: Iterable[tuple[Digest, int]], excess: int, spared: Container[Digest]) -> list[Digest]:
    """The first of `oldest` (digest, size; in the order of their last use) that make up `excess` bytes, without
    those `spared`."""
    chosen = []
    for digest, size in oldest:
        if excess <= 0:
            break
        if digest not in spared:
            chosen.append(digest)
            excess -= size
    return chosen
