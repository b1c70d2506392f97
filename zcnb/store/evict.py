"""Which blobs go when the cache is over its limit. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from zcnb.model.digest import Digest

LOW_WATER = 0.8
"""Evict down to this share of the limit, so that eviction is rare."""


def choose_evicted(blobs: Iterable[tuple[Digest, int, int]], limit: int) -> list[Digest]:
    """The least recently used of `blobs` (digest, size, last use) whose going brings the total under
    `LOW_WATER * limit`; none if the total is within `limit`. The one used last always stays."""
    ordered = sorted(blobs, key=lambda blob: blob[2])
    total = sum(size for _, size, _ in ordered)
    if total <= limit:
        return []
    chosen = []
    for digest, size, _ in ordered[:-1]:
        if total <= limit * LOW_WATER:
            break
        chosen.append(digest)
        total -= size
    return chosen
