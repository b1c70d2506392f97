"""Equal requests at the same time compile once.

The later ones do not take the first one's result: they wait until it is
recorded and then look it up themselves, with their own look at the inputs. A
header may have been edited after the first compile began, and its result would
then be stale for whoever asked after the edit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable


class SingleFlight:
    """One lock for each key that is under way; none for the others."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    async def acquire(self, key: Hashable) -> bool:
        """Hold `key` until `release`; whether somebody else held it first, so that another look is due."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        waited = lock.locked()
        try:
            await lock.acquire()
        except BaseException:
            self._leave(key)
            raise
        return waited

    def release(self, key: Hashable) -> None:
        """Let the next one in. Called exactly once for each `acquire` that returned."""
        self._locks[key][0].release()
        self._leave(key)

    def _leave(self, key: Hashable) -> None:
        lock, users = self._locks.pop(key)
        if users > 1:
            self._locks[key] = (lock, users - 1)
