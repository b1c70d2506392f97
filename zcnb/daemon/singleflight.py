"""Equal requests at the same time compile once.

The later ones do not take the first one's result: they wait until it is
recorded and then look it up themselves, with their own look at the inputs. A
header may have been edited after the first compile began, and its result would
then be stale for whoever asked after the edit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from zcnb.model.digest import Digest


class SingleFlight:
    """One lock for each key that is under way; none for the others."""

    def __init__(self) -> None:
        self._locks: dict[Digest, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def claim(self, key: Digest) -> AsyncIterator[bool]:
        """Hold `key`; yields whether somebody else held it first, so that a look at the store is due."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        waited = lock.locked()
        try:
            async with lock:
                yield waited
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)
