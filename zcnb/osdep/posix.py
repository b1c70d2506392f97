"""Linux and macOS: private folders, locks, detached processes, process groups."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

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
        self._fd = fd
        return True

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


def spawn_detached(argv: Sequence[str], *, pass_fd: int, log: Path, env: Mapping[str, str]) -> None:
    """Start `argv` as nobody's child: own session, cwd `/`, `pass_fd` kept under its number, output to `log`.

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
            pass_fds=(pass_fd,),
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


def open_terminal(columns: int) -> tuple[int, int]:
    """A new pseudo-terminal `columns` wide: (our end, the tool's end). It passes bytes on as they are (no `\\r`
    before `\\n`): the terminal that they end up in adds that itself. Raises `OSError`."""
    ours, theirs = os.openpty()
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    return ours, theirs


def process_alive(pid: int) -> bool:
    """Whether there is a process `pid`, whoever it belongs to."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def process_start(pid: int) -> int:
    """When `pid` started, in clock ticks since boot; 0 when it cannot be told. Tells a reused pid apart."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
