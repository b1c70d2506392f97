"""Run one tool in its own process group, with bounded output; a hold on it kills the whole group.

This is the part of a runner that blocks: each request has a thread of its own.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import threading
import time
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
CHUNK = 65536

KILLED_POLL_MS = 200
"""How often a reader looks whether its tool was killed: a process that left the group may keep the pipe open."""

_starting = threading.Lock()
"""One start at a time: it has eight descriptors open for a moment, a running tool two."""


class Killed(Exception):
    """The tool was killed by its hold."""


class Hold:
    """Ends a tool from another thread, whether it runs already or not yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pgid = 0
        self.killed = False

    def kill(self) -> None:
        """Kill the tool and all it started, now or as soon as it starts."""
        with self._lock:
            self.killed = True
            if self._pgid:
                kill_group(self._pgid, signal.SIGKILL)

    def started(self, pgid: int) -> None:
        """The tool runs as group `pgid`; 0 once it has ended."""
        with self._lock:
            self._pgid = pgid
            if self.killed and pgid:
                kill_group(pgid, signal.SIGKILL)


def run_tool(job: ToolJob, hold: Hold | None = None) -> ToolResult:
    """The result of `job`, whatever its exit code.

    Raises `OSError` if it cannot be started, and `Killed` once it is gone if `hold` was used.
    """
    hold = hold or Hold()
    begin = time.monotonic()
    with _Streams(job.scene) as streams:
        process = _start(job, streams, hold)
        try:
            stdout, stderr = streams.read(process, hold)
        finally:
            code = process.wait()
            hold.started(0)
    if hold.killed:
        raise Killed
    return ToolResult(
        exit_code=code,
        stdout=_text(stdout),
        stderr=_text(stderr),
        ms=(time.monotonic() - begin) * 1000,
        truncated=max(len(stdout), len(stderr)) > MOST_OUTPUT,
    )


def _text(kept: bytearray) -> str:
    cut = CUT.decode() if len(kept) > MOST_OUTPUT else ""
    return kept[:MOST_OUTPUT].decode("utf-8", "surrogateescape") + cut


def _start(job: ToolJob, streams: _Streams, hold: Hold) -> subprocess.Popen[bytes]:
    argv, program = _niced(job.argv, job.program or job.argv[0], job.scene)
    with _starting, _input(job.stdin) as stdin:
        process = subprocess.Popen(
            argv,
            executable=program,
            stdin=stdin,
            stdout=streams.ends[0],
            stderr=streams.ends[1],
            cwd=job.scene.cwd,
            env={**job.scene.env, **NESTED, **job.more_env},
            process_group=0,
            umask=-1 if job.scene.umask is None else job.scene.umask,
            bufsize=0,
        )
        streams.started()
    hold.started(process.pid)
    return process


def _niced(argv: tuple[str, ...], program: str, scene: Scene) -> tuple[tuple[str, ...], str]:
    """The command that runs `argv` at the client's niceness: through `nice` where ours is lower, because code
    between fork and exec (`preexec_fn`) is not safe in a process with threads."""
    more = 0 if scene.nice is None else scene.nice - os.getpriority(os.PRIO_PROCESS, 0)
    if more <= 0:
        return argv, program
    from shutil import which  # 3 ms of a runner's start, for a few of its tools

    nice = which("nice")
    if nice and not which(os.path.join(scene.cwd, program) if "/" in program else program):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)  # not `nice`'s own exit code
    return (("nice", "-n", str(more), program, *argv[1:]), nice) if nice else (argv, program)


@contextmanager
def _input(data: bytes) -> Iterator[int | IO[bytes]]:
    """A file to read from: no pipe to fill, and nobody who must be there to fill it."""
    if not data:
        yield subprocess.DEVNULL
        return
    from tempfile import TemporaryFile  # 4 ms, as above

    with TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


class _Streams:
    """The tool's stdout and stderr: each a pipe, or a terminal where its client's is one."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ours: list[int] = [-1, -1]
        self.ends: list[int] = [subprocess.PIPE, subprocess.PIPE]
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
                self.ends[index] = subprocess.PIPE

    def read(self, process: subprocess.Popen[bytes], hold: Hold) -> tuple[bytearray, bytearray]:
        """All that the tool prints, up to a little over `MOST_OUTPUT` bytes each, until it and all it started
        have let go of both, or it was killed."""
        pipes = (process.stdout, process.stderr)
        fds = [ours if pipe is None else pipe.fileno() for ours, pipe in zip(self._ours, pipes, strict=True)]
        kept = {fd: bytearray() for fd in fds}
        poll = select.poll()
        for fd in fds:
            poll.register(fd, select.POLLIN)
        open_ends = len(fds)
        try:
            while open_ends and not hold.killed:
                for fd, _ in poll.poll(KILLED_POLL_MS):
                    chunk = _read(fd)
                    if len(kept[fd]) <= MOST_OUTPUT:
                        kept[fd] += chunk
                    if not chunk:
                        poll.unregister(fd)
                        open_ends -= 1
        finally:
            for pipe in pipes:
                if pipe is not None:
                    pipe.close()
        return kept[fds[0]], kept[fds[1]]


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, CHUNK)
    except OSError:
        return b""  # EIO: a terminal whose last other end was closed
