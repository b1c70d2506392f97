"""File work that would hold the event loop up, in threads.

Files are stat'ed and small ones read on the loop: that takes microseconds, and
a thread takes a hundred. A large file is read in a thread. What was read there
holds for the one question that needed it, so an answer still rests on a look at
the disk within its own request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from zcnb.freshness.check import Reader
from zcnb.freshness.memo import FileMemo, MustRead
from zcnb.model.digest import Digest
from zcnb.model.job import Queue

T = TypeVar("T")
P = ParamSpec("P")

BATCH_THREADS = 2
"""For the many builds of a sweep: their file work waits in its own line, so that a cell's does not."""

ROUND = 50
"""Pieces of work; 50 of the store's leave some 50 MB in SQLite's log."""


class _Read:
    """A memo with the large files that one question had read for it."""

    def __init__(self, memo: FileMemo) -> None:
        self._memo = memo
        self.found: dict[str, Digest | None] = {}

    def digest(self, path: str) -> Digest | None:
        """As `FileMemo.quick_digest`."""
        return self.found[path] if path in self.found else self._memo.quick_digest(path)


async def asking(memo: FileMemo, question: Callable[[Reader], T]) -> T:
    """The answer of `question`, which is asked anew after each large file that had to be read for it."""
    reader = _Read(memo)
    while True:
        try:
            return question(reader)
        except MustRead as large:
            reader.found[large.path] = await asyncio.to_thread(memo.digest, large.path)


async def piecemeal(pieces: Iterable[object], catch_up: Callable[[], None]) -> None:
    """Work that may only be done on the loop, in pieces between which others are served. After every `ROUND` of them
    `catch_up` is called in a thread and waited for, so that what it clears away does not pile up."""
    for number, _ in enumerate(pieces, 1):
        await asyncio.sleep(0)
        if number % ROUND == 0:
            await asyncio.to_thread(catch_up)


class Threads:
    """Threads for each queue."""

    def __init__(self) -> None:
        self._batch = ThreadPoolExecutor(BATCH_THREADS, thread_name_prefix="zcnb-batch")

    async def run(self, queue: Queue, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, in a thread of `queue`."""
        if queue == "interactive":
            return await asyncio.to_thread(work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._batch, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Let the threads go once they have finished."""
        self._batch.shutdown(wait=False, cancel_futures=True)
