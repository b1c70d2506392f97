"""Runs a built program: live output, stdout and stderr apart, arguments, interrupt, time limit.

`run` is for people who watch: stdout is a pseudo-terminal, so that C's and C++'s
own buffering sends each line when it is complete (`isatty(1)` is true for the
program); stderr is a pipe, which nobody buffers. `measure` is for the time: two
pipes, emptied at once, and nothing is shown. Bytes pass unchanged. stdin is
empty. The program leads its own session: signals go to all it started. One
thread does it all, because only the main thread's output finds its cell in
every version of ipykernel.
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
from zcnb.osdep import interrupts_held, kill_group

StreamName = Literal["stdout", "stderr"]
UTF8 = codecs.getincrementaldecoder("utf-8")
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


class Taker(Protocol):
    """Where a program's bytes go, cut anywhere. Called from the main thread only."""

    def take(self, stream: StreamName, data: bytes) -> None:
        """Some bytes, in order within their stream."""

    def tick(self) -> None:
        """Time goes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended. `exit_code` is -N for signal N.

    `ms` is from just before the process is made until its end is seen: what is left to read afterwards, and
    children that stay, do not count. Making a process is 0.2 ms of it.
    """

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
    text = _Text(sink)
    with _Running(_Start(program, argv, cwd, env), _line_buffered(), text, PACE_S) as running:
        on_start()
        ended = _to_end(running, timeout, on_lasting)
        text.end()
    return ended


def measure(
    program: str,
    *,
    argv: Sequence[str],
    cwd: str,
    env: Mapping[str, str],
    taker: Taker,
    timeout: float | None = None,
    on_lasting: Callable[[int], None] = lambda pgid: None,
) -> Ended:
    """As `run`, but nothing slows the program down or hides its end: stdout is a pipe, and output is taken as
    fast as it comes."""
    with _Running(_Start(program, argv, cwd, env), os.pipe(), taker, 0.0) as running:
        return _to_end(running, timeout, on_lasting)


def _to_end(running: _Running, timeout: float | None, on_lasting: Callable[[int], None]) -> Ended:
    deadline = None if timeout is None else running.begin + timeout
    timed_out = interrupted = False
    try:
        soon = running.begin + LASTING_S
        if not running.pump(soon if deadline is None else min(soon, deadline)):
            on_lasting(running.pid)
        if not running.pump(deadline):
            timed_out = True
            running.end((signal.SIGTERM, signal.SIGKILL))
    except KeyboardInterrupt:
        interrupted = True
        running.end((signal.SIGINT, signal.SIGTERM, signal.SIGKILL))
    code = running.finish()
    return Ended(exit_code=code, ms=running.lasted_ms, timed_out=timed_out, interrupted=interrupted)


class _Text:
    """Bytes as text for a `Sink`; a character that was cut in two is put together."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoders: dict[StreamName, codecs.IncrementalDecoder] = {
            "stdout": UTF8("replace"),
            "stderr": UTF8("replace"),
        }

    def take(self, stream: StreamName, data: bytes) -> None:
        self._write(stream, self._decoders[stream].decode(data))

    def tick(self) -> None:
        self._sink.tick()

    def end(self) -> None:
        """Half a character at the end is shown as one that is not valid."""
        for stream, decoder in self._decoders.items():
            self._write(stream, decoder.decode(b"", final=True))

    def _write(self, stream: StreamName, text: str) -> None:
        if text:
            self._sink.write(stream, text)


@dataclass(frozen=True, slots=True)
class _Start:
    """What is started, and how."""

    program: str
    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]


class _Running:
    """A started program and its two streams; `stdout` holds our end and the program's, both are closed here."""

    def __init__(self, start: _Start, stdout: tuple[int, int], taker: Taker, pace: float) -> None:
        self._start, self._stdout, self._taker, self._pace_s = start, stdout, taker, pace
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, StreamName] = {}
        self._exit = -1
        self._last_write = 0.0
        self._process: subprocess.Popen[bytes]
        self.pid = 0
        self.begin = 0.0
        self._ended: float | None = None

    def __enter__(self) -> _Running:
        try:
            with interrupts_held():
                self._launch()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            kill_group(self.pid, signal.SIGKILL)
            self._process.wait()
        for fd in list(self._open):
            self._close(fd)
        if self._exit >= 0:
            os.close(self._exit)
        self._selector.close()

    def _launch(self) -> None:
        output, inner = self._stdout
        errors, inner_errors = os.pipe()
        self._watch(output, "stdout")
        self._watch(errors, "stderr")
        try:
            self._process, self.begin = _started(self._start, inner, inner_errors)
        finally:
            os.close(inner)
            os.close(inner_errors)
        self.pid = self._process.pid
        self._exit = _exit_descriptor(self.pid)
        if self._exit >= 0:
            self._selector.register(self._exit, selectors.EVENT_READ)

    def _watch(self, fd: int, stream: StreamName) -> None:
        os.set_blocking(fd, False)
        self._open[fd] = stream
        self._selector.register(fd, selectors.EVENT_READ)

    @property
    def lasted_ms(self) -> float:
        """How long the program has run; once its end was seen, until then."""
        return ((self._ended or time.monotonic()) - self.begin) * 1000

    def pump(self, deadline: float | None) -> bool:
        """Pass output on until the program ended; `False` if `deadline` (monotonic) came first."""
        while self._process.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            self._pass_on(TICK_S if deadline is None else min(TICK_S, max(0.0, deadline - time.monotonic())))
        self._ended = self._ended or time.monotonic()
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
        return self._process.wait()

    def _pass_on(self, timeout: float) -> None:
        ready = self._selector.select(timeout)
        now = time.monotonic()  # before anything is done with the output, which may take its time
        self._taker.tick()
        wrote = False
        for key, _ in ready:
            if key.fd == self._exit:
                self._ended = now
                self._selector.unregister(self._exit)
            elif key.fd in self._open:
                wrote |= self._read(key.fd)
        if wrote and self._pace_s:
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
        if data:
            self._taker.take(stream, data)
        return bool(data)

    def _close(self, fd: int) -> None:
        del self._open[fd]
        self._selector.unregister(fd)
        os.close(fd)

    def _pace(self) -> None:
        """Let output gather, so that a flood becomes few large messages."""
        if time.monotonic() - self._last_write < self._pace_s and self._process.poll() is None:
            time.sleep(self._pace_s)
        self._last_write = time.monotonic()


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


def _started(start: _Start, output: int, errors: int) -> tuple[subprocess.Popen[bytes], float]:
    """The process, and the moment (monotonic) just before it was made."""
    argv, env = list(start.argv), dict(start.env)
    for attempt in range(20):
        begin = time.monotonic()
        try:
            process = subprocess.Popen(
                argv, executable=start.program, cwd=start.cwd, env=env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=errors, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            if error.errno == errno.ETXTBSY and attempt < 19:
                time.sleep(0.005)  # somebody's fork still holds the file open for writing
            elif error.errno == errno.ENOENT and not os.path.exists(start.program):
                raise Vanished(start.program) from error
            else:
                raise ProgramError(_why_not_started(start.program, start.cwd, error), exit_code=126) from error
        else:
            return process, begin
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
