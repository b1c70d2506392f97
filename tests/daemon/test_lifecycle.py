"""When the daemon ends, and what it remembers of its troubles."""

from __future__ import annotations

import asyncio
import re

import pytest

from zcnb.daemon.lifecycle import Health, Lifecycle


def test_the_latest_few_errors_are_kept_with_their_time() -> None:
    health = Health()
    for number in range(25):
        health.note_error(f"error {number}")
    assert [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in health.errors] == [f"error {n}" for n in range(15, 25)]


@pytest.mark.parametrize(("counts", "ends"), [(True, False), (False, True)])
def test_only_what_counts_keeps_an_idle_daemon(counts: bool, ends: bool) -> None:
    async def story() -> bool:
        lifecycle = Lifecycle(0.05)
        lifecycle.begin(counts=counts)
        try:
            await asyncio.wait_for(lifecycle.wait(), 0.5)
        except TimeoutError:
            assert not lifecycle.ending
            return False
        return lifecycle.ending

    assert asyncio.run(story()) is ends


@pytest.mark.parametrize("counts", [True, False])
def test_the_first_answer_is_told_whatever_it_was(counts: bool) -> None:
    async def story() -> None:
        lifecycle = Lifecycle(0)
        lifecycle.begin(counts=counts)
        assert not lifecycle.answered.is_set()
        lifecycle.finish(counts=counts)
        assert lifecycle.answered.is_set()

    asyncio.run(story())


def test_a_daemon_without_idle_timeout_ends_when_asked() -> None:
    async def story() -> None:
        lifecycle = Lifecycle(0)
        waiting = asyncio.create_task(lifecycle.wait())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        lifecycle.end("asked to")
        await asyncio.wait_for(waiting, 5)

    asyncio.run(story())
