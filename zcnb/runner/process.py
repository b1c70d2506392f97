"""Run one tool in its own process group, with bounded output, killed as a whole when cancelled."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from zcnb.model.scene import Scene
from zcnb.osdep import kill_group, open_terminal
from zcnb.runner.job import ToolJob, ToolResult

MOST_OUTPUT = 4 * 1024 * 1024
"""Bytes kept of each stream: a template error can print without end, and a frame ends at 16 MiB."""

NESTED = {"ZCNB_NESTED": "1"}
"""In the environment of every tool: a wrapper that it calls runs the bare tool, or both would wait for a slot."""

CUT = b"\n[zcnb: the rest of the tool's output was cut off]\n"


async def run_tool(job: ToolJob) -> ToolResult:
    """The result of `job`, whatever its exit code. Raises `OSError` if it cannot be started.

    Cancelling kills the tool and all it started, and waits until the leader is gone.
    """
    started = time.monotonic()
    with _Streams(job.scene) as streams:
        # Shielded: cancelled in the middle of a start, asyncio would leave what the tool started behind.
        starting = asyncio.ensure_future(_start(job, streams))
        try:
            process = await asyncio.shield(starting)
            (stdout, stderr), code = await asyncio.gather(streams.read(process), process.wait())
        except asyncio.CancelledError:
            process = await starting
            kill_group(process.pid, signal.SIGKILL)
            await process.wait()
            raise
    return ToolResult(
        exit_code=code,
        stdout=stdout[:MOST_OUTPUT].decode("utf-8", "surrogateescape") + _cut(stdout),
        stderr=stderr[:MOST_OUTPUT].decode("utf-8", "surrogateescape") + _cut(stderr),
        ms=(time.monotonic() - started) * 1000,
        truncated=max(len(stdout), len(stderr)) > MOST_OUTPUT,
    )


def _cut(kept: bytes) -> str:
    return CUT.decode() if len(kept) > MOST_OUTPUT else ""


async def _start(job: ToolJob, streams: _Streams) -> Process:
    argv, program = _niced(job.argv, job.program or job.argv[0], job.scene)
    with _input(job.stdin) as stdin:
        process = await asyncio.create_subprocess_exec(
            *argv,
            executable=program,
            stdin=stdin,
            stdout=streams.ends[0],
            stderr=streams.ends[1],
            cwd=job.scene.cwd,
            env={**job.scene.env, **NESTED, **job.more_env},
            process_group=0,
            umask=-1 if job.scene.umask is None else job.scene.umask,
        )
    streams.started()
    return process


def _niced(argv: tuple[str, ...], program: str, scene: Scene) -> tuple[tuple[str, ...], str]:
    """The command that runs `argv` at the client's niceness: through `nice` where ours is lower, because code
    between fork and exec (`preexec_fn`) is not safe in a process with threads."""
    more = 0 if scene.nice is None else scene.nice - os.getpriority(os.PRIO_PROCESS, 0)
    nice = shutil.which("nice") if more > 0 else None
    if nice and not shutil.which(os.path.join(scene.cwd, program) if "/" in program else program):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)  # not `nice`'s own exit code
    return (("nice", "-n", str(more), program, *argv[1:]), nice) if nice else (argv, program)


@contextmanager
def _input(data: bytes) -> Iterator[int | IO[bytes]]:
    """A file to read from: no pipe to fill, and nobody who must be there to fill it."""
    if not data:
        yield asyncio.subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


class _Streams:
    """The tool's stdout and stderr: each a pipe, or a terminal where its client's is one."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ours: list[int] = [-1, -1]
        self.ends: list[int] = [asyncio.subprocess.PIPE, asyncio.subprocess.PIPE]
        """What the tool gets."""

    def __enter__(self) -> _Streams:
        try:
            for index, wanted in enumerate((self._scene.stdout_tty, self._scene.stderr_tty)):
                if wanted:
                    self._ours[index], self.ends[index] = open_terminal(self._scene.columns)
        except OSError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.started()
        for fd in self._ours:
            if fd >= 0:
                os.close(fd)

    def started(self) -> None:
        """Let go of the tool's ends, so that ours see it end."""
        for index, fd in enumerate(self.ends):
            if fd >= 0:
                os.close(fd)
                self.ends[index] = asyncio.subprocess.PIPE

    async def read(self, process: Process) -> tuple[bytes, bytes]:
        """All that the tool prints, up to a little over `MOST_OUTPUT` bytes each."""
        stdout, stderr = await asyncio.gather(
            _terminal(self._ours[0]) if process.stdout is None else _pipe(process.stdout),
            _terminal(self._ours[1]) if process.stderr is None else _pipe(process.stderr),
        )
        return stdout, stderr


async def _pipe(stream: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while chunk := await stream.read(65536):
        if len(kept) <= MOST_OUTPUT:
            kept += chunk
    return bytes(kept)


async def _terminal(fd: int) -> bytes:
    """What arrives at a terminal until its last other end is closed (then reading fails with EIO)."""
    loop, kept = asyncio.get_running_loop(), bytearray()
    ended: asyncio.Future[None] = loop.create_future()

    def readable() -> None:
        try:
            chunk = os.read(fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if len(kept) <= MOST_OUTPUT:
            kept.extend(chunk)
        if not chunk and not ended.done():
            ended.set_result(None)

    os.set_blocking(fd, False)
    loop.add_reader(fd, readable)
    try:
        await ended
    finally:
        loop.remove_reader(fd)
    return bytes(kept)
