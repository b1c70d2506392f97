"""Run one tool in its own process group, with bounded output, killed as a whole when cancelled."""

from __future__ import annotations

import asyncio
import signal
import time
from asyncio.subprocess import Process

from zcnb.osdep import kill_group
from zcnb.runner.job import ToolJob, ToolResult

MOST_OUTPUT = 4 * 1024 * 1024
"""Bytes kept of each stream: a template error can print without end, and a frame ends at 16 MiB."""


async def run_tool(job: ToolJob) -> ToolResult:
    """The result of `job`, whatever its exit code. Raises `OSError` if it cannot be started.

    Cancelling kills the tool and all it started, and waits until the leader is gone.
    """
    started = time.monotonic()
    # Shielded: cancelled in the middle of a start, asyncio would leave what the tool started behind.
    starting = asyncio.ensure_future(_start(job))
    try:
        process = await asyncio.shield(starting)
        stdout, stderr, code = await _finish(process)
    except asyncio.CancelledError:
        process = await starting
        kill_group(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return ToolResult(exit_code=code, stdout=stdout, stderr=stderr, ms=(time.monotonic() - started) * 1000)


async def _start(job: ToolJob) -> Process:
    return await asyncio.create_subprocess_exec(
        *job.argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=job.cwd,
        env=dict(job.env),
        process_group=0,
    )


async def _finish(process: Process) -> tuple[str, str, int]:
    assert process.stdout is not None
    assert process.stderr is not None
    return await asyncio.gather(_read(process.stdout), _read(process.stderr), process.wait())


async def _read(stream: asyncio.StreamReader) -> str:
    kept = bytearray()
    while chunk := await stream.read(65536):
        if len(kept) < MOST_OUTPUT:
            kept += chunk
    if len(kept) > MOST_OUTPUT:
        kept[MOST_OUTPUT:] = b"\n[zcnb: the rest of the tool's output was cut off]\n"
    return kept.decode("utf-8", "surrogateescape")
