"""Linux and macOS: private folders, locks, logs, detached processes, process groups."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import stat
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

from zcnb import vitals
from zcnb.errors import EndpointError
from zcnb.places import runtime_path


def runtime_folder() -> Path:
    """The folder of all endpoints that nobody chose otherwise; see `zcnb.places`."""
    return Path(runtime_path())


def private_folder(path: Path) -> Path:
    """Create `path` with mode 0700 if need be and check that only this user can use it.

    Raises `EndpointError` for a link, another owner, or a path that cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.lstat()
    except OSError as error:
        raise EndpointError(f"The runtime folder {path} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(facts.st_mode):
        raise EndpointError(f"{path} is not a folder (a link or a file lies there); remove it and try again.")
    if facts.st_uid != os.getuid():
        raise EndpointError(f"{path} belongs to another user (uid {facts.st_uid}); zcnb will not use it.")
    if stat.S_IMODE(facts.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def endpoint_folder(endpoint: Path) -> None:
    """Make the folder that `endpoint` is to lie in. The runtime folder must be this user's alone; a folder
    that the person chose by `ZCNB_SOCKET` is the person's business. Raises `EndpointError` or `OSError`."""
    if endpoint.parent == runtime_folder():
        private_folder(endpoint.parent)
    endpoint.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


LOCK_POLL_S = 0.01


class FileLock:
    """An advisory lock on a file, held until `release` or the process's end (the kernel lets go by itself,
    so a stale lock file means nothing)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take the lock; `False` if `blocking` is off and somebody holds it. Raises `OSError`."""
        assert self._fd < 0, "held already"
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(fd)
            return False
        except BaseException:
            os.close(fd)
            raise
        vitals.sign(fd)
        self._fd = fd
        return True

    def acquire_within(self, seconds: float) -> bool:
        """Take the lock; `False` if somebody still holds it after `seconds`. Raises `OSError`."""
        deadline = time.monotonic() + seconds
        while not self.acquire(blocking=False):
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOCK_POLL_S)
        return True

    def inherit(self, fd: int) -> None:
        """Hold the lock that another process took and handed over as descriptor `fd`; children do not get it."""
        assert self._fd < 0, "held already"
        os.set_inheritable(fd, False)
        self._fd = fd

    def taken(self) -> bool:
        """Whether somebody holds the lock right now. Those who only ask do not meet each other."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(fd)
        return False

    def holder(self) -> int:
        """The process that has the lock, as far as it could write that down; 0 for none."""
        return vitals.signer(str(self._path)) if self.taken() else 0

    def fileno(self) -> int:
        """The held lock as a descriptor: a process that inherits it holds the lock too, until both let go."""
        assert self._fd >= 0, "not held"
        return self._fd

    def release(self) -> None:
        """Let go. Harmless when not held."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def append_line(path: Path, line: bytes, limit: int, aside: Path) -> None:
    """Append `line` to the log `path` (mode 0600) with one write, so that writers do not mix.

    A log of `limit` bytes or more is first moved to `aside`, which holds the one before. A piece of a line
    that a full disk left at the end does not spoil this one. Raises `OSError`.
    """
    fd = _open_log(path)
    try:
        if os.fstat(fd).st_size >= limit and _moved_aside(fd, path, aside):
            os.close(fd)
            fd = _open_log(path)
        os.write(fd, b"\n" * _torn(fd) + line + b"\n")
    finally:
        os.close(fd)


def _open_log(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _torn(fd: int) -> bool:
    """Whether the log ends in the middle of a line, for good: a write under way shows so for some microseconds."""
    for _ in range(2):
        size = os.fstat(fd).st_size
        if size == 0 or os.pread(fd, 1, size - 1) == b"\n":
            return False
        time.sleep(0.001)
    return True


def _moved_aside(fd: int, path: Path, aside: Path) -> bool:
    """Move the log that `fd` is, unless another writer has done so: the fresh log must not follow the full one."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.stat(path), os.fstat(fd)):
            os.rename(path, aside)
    return True


def write_whole(path: Path, data: bytes) -> None:
    """Put a file of mode 0600 at `path`, or leave what was there: nobody sees half of it. Raises `OSError`."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        os.rename(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def spawn_detached(argv: Sequence[str], *, pass_fds: Sequence[int], log: Path, env: Mapping[str, str]) -> None:
    """Start `argv` as nobody's child: own session, cwd `/`, `pass_fds` kept under their numbers, output to `log`.

    The program itself forks once more before it does anything (see `daemon.__main__`), so it is no
    descendant of the caller: VS Code interrupts every descendant of a kernel. Raises `OSError`.
    """
    with log.open("ab") as sink:
        launcher = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd="/",
            env=dict(env),
            pass_fds=pass_fds,
            start_new_session=True,
        )
        launcher.wait()


def peer_uid(sock: socket.socket) -> int:
    """The user id at the other end of a Unix socket. Raises `OSError`."""
    if hasattr(socket, "SO_PEERCRED"):
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[1])
    raw = sock.getsockopt(0, 1, 76)  # macOS: SOL_LOCAL, LOCAL_PEERCRED, struct xucred {u32 version; uid_t uid; ...}
    return int(struct.unpack_from("=II", raw)[1])


def kill_group(pgid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal to a process group; `False` when there is no such group (any more).

    0 and 1 mean "my own" and "everybody" to the system, and are never meant.
    """
    if pgid <= 1:
        return False
    try:
        os.killpg(pgid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """An interrupt meanwhile comes afterwards: one in the middle of `Popen` would leave a process nobody knows."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    former = signal.signal(signal.SIGINT, lambda *call: came.append(call))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if came and callable(former):
        former(*came[0])


def open_terminal(columns: int) -> tuple[int, int]:
    """A new pseudo-terminal `columns` wide: (our end, the tool's end). It passes bytes on as they are (no `\\r`
    before `\\n`): the terminal that they end up in adds that itself. Raises `OSError`."""
    ours, theirs = os.openpty()
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    return ours, theirs


def file_identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`, a link not followed; `None` if there is none. A name may be a successor's by now."""
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def process_alive(pid: int) -> bool:
    """Whether a process `pid` runs, whoever it belongs to. One that ended but was not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _stat_fields(pid)[:1] not in (["Z"], ["X"])


def process_start(pid: int) -> int:
    """When `pid` started, in clock ticks since boot; 0 when it cannot be told. Tells a reused pid apart."""
    try:
        return int(_stat_fields(pid)[19])
    except (ValueError, IndexError):
        return 0


def _stat_fields(pid: int) -> list[str]:
    """Of `/proc/<pid>/stat`, from the state on; none without `/proc`."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


END_POLL_S = 0.01
KILLED_S = 2.0
"""Until a killed process is gone; longer only while the system writes its memory out."""


def end_process(pid: int, started: int, grace: float) -> bool:
    """Send TERM, and KILL after `grace` seconds, to the process `pid` that started at `started` (clock ticks).

    Whether it is gone then. A process whose start differs, or cannot be told, is not touched: a reused
    pid is somebody else.
    """
    with _held(pid) as send:
        if pid <= 1 or not started or process_start(pid) != started:
            return False
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, KILLED_S)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                send(number)
            deadline = time.monotonic() + seconds
            while process_alive(pid) and process_start(pid) == started:
                if time.monotonic() >= deadline:
                    break
                time.sleep(END_POLL_S)
            else:
                return True
    return False


@contextlib.contextmanager
def _held(pid: int) -> Iterator[Callable[[int], None]]:
    """How to signal `pid`. Through a descriptor of it where the system has them (Linux): whoever takes the pid
    over between the look at it and the signal does not get the signal."""
    try:
        fd = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield lambda number: os.kill(pid, number)
        return
    try:
        yield lambda number: signal.pidfd_send_signal(fd, number)
    finally:
        os.close(fd)
