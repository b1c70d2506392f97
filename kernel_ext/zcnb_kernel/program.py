"""Runs a built program: live output, stdout and stderr apart, arguments, interrupt, time limit.

stdout is a pseudo-terminal, so that C's and C++'s own buffering sends each line
when it is complete (`isatty(1)` is true for the program); stderr is a pipe,
which nobody buffers. Bytes pass unchanged. stdin is empty. The program leads
its own session: signals go to all it started. One thread does it all, because
only the main thread's output finds its cell in every version of ipykernel.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import pty
import selectors
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from zcnb.errors import ProgramError
from zcnb.osdep import kill_group

StreamName = Literal["stdout", "stderr"]
CHUNK = 65536
TICK_S = 0.03
"""How often the sink is called while the program is silent."""

PACE_S = 0.01
"""Least time between two writes: at most 100 messages a second, a tenth of what Jupyter's server lets through."""

LASTING_S = 0.02
"""Programs that end sooner are not worth telling the daemon about. Less than `screen.HOLD_S`: whoever has
seen output of a program knows that it is guarded."""

GRACE_S = 1.0
"""Between INT, TERM and KILL: time for a sanitizer's or a profiler's exit handler."""

LINGER_S = 0.1
"""How long output is still awaited from children that outlive the program."""


class Sink(Protocol):
    """Where output goes. Called from the main thread only."""

    def write(self, stream: StreamName, text: str) -> None:
        """Some text, in order within its stream."""

    def tick(self) -> None:
        """Time goes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended. `exit_code` is -N for signal N; `ms` is from start to end."""

    exit_code: int
    ms: float
    timed_out: bool = False
    interrupted: bool = False


class Vanished(Exception):
    """The program's file is not there (any more): it was evicted between the answer and the start."""


def run(
    program: str,
    *,
    argv: Sequence[str],
    cwd: str,
    env: Mapping[str, str],
    sink: Sink,
    timeout: float | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_lasting: Callable[[int], None] = lambda pgid: None,
) -> Ended:
    """Run `program` to its end. `on_start` is called at once, `on_lasting` with the process group once it
    has run for `LASTING_S`.

    `argv[0]` is the name it sees. An interrupt ends it and is noted, not raised. Raises `Vanished`, and
    `ProgramError` if it cannot be started.
    """
    begin = time.monotonic()
    with _Running(program, argv, cwd, env, sink) as running:
        on_start()
        deadline = None if timeout is None else begin + timeout
        timed_out = interrupted = False
        try:
            soon = begin + LASTING_S
            if not running.pump(soon if deadline is None else min(soon, deadline)):
                on_lasting(running.pid)
            if not running.pump(deadline):
                timed_out = True
                running.end((signal.SIGTERM, signal.SIGKILL))
        except KeyboardInterrupt:
            interrupted = True
            running.end((signal.SIGINT, signal.SIGTERM, signal.SIGKILL))
        code = running.finish()
    ms = (time.monotonic() - begin) * 1000
    return Ended(exit_code=code, ms=ms, timed_out=timed_out, interrupted=interrupted)


class _Running:
    """A started program and its two streams."""

    def __init__(self, program: str, argv: Sequence[str], cwd: str, env: Mapping[str, str], sink: Sink) -> None:
        self._sink = sink
        self._decoders = {n: codecs.getincrementaldecoder("utf-8")("replace") for n in ("stdout", "stderr")}
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, StreamName] = {}
        self._last_write = 0.0
        output, inner = _line_buffered()
        errors, inner_errors = os.pipe()
        try:
            self._process = _start(program, argv, cwd, env, inner, inner_errors)
        except BaseException:
            os.close(output)
            os.close(errors)
            raise
        finally:
            os.close(inner)
            os.close(inner_errors)
        self.pid = self._process.pid
        self._watch(output, "stdout")
        self._watch(errors, "stderr")
        self._exit = _exit_descriptor(self.pid)
        if self._exit >= 0:
            self._selector.register(self._exit, selectors.EVENT_READ)

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        kill_group(self.pid, signal.SIGKILL)
        self._process.wait()
        for fd in list(self._open):
            self._close(fd)
        if self._exit >= 0:
            os.close(self._exit)
        self._selector.close()

    def _watch(self, fd: int, stream: StreamName) -> None:
        os.set_blocking(fd, False)
        self._open[fd] = stream
        self._selector.register(fd, selectors.EVENT_READ)

    def pump(self, deadline: float | None) -> bool:
        """Pass output on until the program ended; `False` if `deadline` (monotonic) came first."""
        while self._process.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            self._pass_on(TICK_S if deadline is None else min(TICK_S, max(0.0, deadline - time.monotonic())))
        return True

    def end(self, signals: Sequence[signal.Signals]) -> None:
        """Send one signal after the other until the program is gone; a second interrupt means the last one."""
        for number in signals:
            kill_group(self.pid, number)
            try:
                if self.pump(time.monotonic() + GRACE_S):
                    return
            except KeyboardInterrupt:
                kill_group(self.pid, signals[-1])

    def finish(self) -> int:
        """Pass on what is left and return the exit code. Children of the program's that still run are killed."""
        last = time.monotonic() + LINGER_S
        while self._open and time.monotonic() < last:
            self._pass_on(max(0.0, last - time.monotonic()))
        for stream, decoder in self._decoders.items():
            rest = decoder.decode(b"", final=True)
            if rest:
                self._sink.write("stdout" if stream == "stdout" else "stderr", rest)
        return self._process.wait()

    def _pass_on(self, timeout: float) -> None:
        ready = self._selector.select(timeout)
        self._sink.tick()
        wrote = False
        for key, _ in ready:
            if key.fd == self._exit:
                self._selector.unregister(self._exit)
            elif key.fd in self._open:
                wrote |= self._read(key.fd)
        if wrote:
            self._pace()

    def _read(self, fd: int) -> bool:
        stream = self._open[fd]
        data = b""
        with contextlib.suppress(BlockingIOError):
            while len(data) < CHUNK:
                chunk = _read_or_end(fd)
                if not chunk:
                    self._close(fd)
                    break
                data += chunk
        text = self._decoders[stream].decode(data)
        if text:
            self._sink.write(stream, text)
        return bool(text)

    def _close(self, fd: int) -> None:
        del self._open[fd]
        self._selector.unregister(fd)
        os.close(fd)

    def _pace(self) -> None:
        """Let output gather, so that a flood becomes few large messages."""
        now = time.monotonic()
        if now - self._last_write < PACE_S and self._process.poll() is None:
            time.sleep(PACE_S)
        self._last_write = now


def _line_buffered() -> tuple[int, int]:
    """Our end and the program's end of a terminal that changes no byte; a pipe where there are no terminals."""
    try:
        output, inner = pty.openpty()
    except OSError:
        return os.pipe()
    settings = termios.tcgetattr(inner)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(inner, termios.TCSANOW, settings)
    return output, inner


def _start(
    program: str, argv: Sequence[str], cwd: str, env: Mapping[str, str], output: int, errors: int
) -> subprocess.Popen[bytes]:
    for attempt in range(20):
        try:
            return subprocess.Popen(
                list(argv), executable=program, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL,
                stdout=output, stderr=errors, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            if error.errno == errno.ETXTBSY and attempt < 19:
                time.sleep(0.005)  # somebody's fork still holds the file open for writing
            elif error.errno == errno.ENOENT and not os.path.exists(program):
                raise Vanished(program) from error
            else:
                raise ProgramError(_why_not_started(program, cwd, error), exit_code=126) from error
    raise AssertionError("unreachable")


def _why_not_started(program: str, cwd: str, error: OSError) -> str:
    if not os.path.isdir(cwd):
        return f"The program cannot be started: the folder {cwd} does not exist (any more)."
    if error.errno == errno.EACCES and os.access(program, os.R_OK):
        return (
            f"The program cannot be started: {program} lies on a file system that forbids running programs "
            "(noexec). Set ZCNB_CACHE_DIR to a folder elsewhere."
        )
    return f"The program cannot be started: {error.strerror}."


def _exit_descriptor(pid: int) -> int:
    """Readable when the process ends; -1 where there is no such thing (then `TICK_S` is how soon it is seen)."""
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return -1


def _read_or_end(fd: int) -> bytes:
    try:
        return os.read(fd, CHUNK)
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal whose other end is closed
            return b""
        raise
