"""As many tools at once as there are cores; the rest wait in order."""

from __future__ import annotations

import asyncio
import os

from zcnb.model.job import Queue
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.process import run_tool


class Pool:
    """`slots` tools run at once. Probes of a few milliseconds take no slot."""

    def __init__(self, slots: int | None = None) -> None:
        self._slots = asyncio.Semaphore(slots or os.cpu_count() or 1)

    async def run(self, job: ToolJob, queue: Queue = "interactive") -> ToolResult:
        """Run a compiler or a linker. Raises `OSError` if it cannot be started."""
        async with self._slots:
            return await run_tool(job)

    async def ask(self, job: ToolJob) -> ToolResult:
        """Run a short question such as `--version`."""
        return await run_tool(job)
