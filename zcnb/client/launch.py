"""Connect to the daemon; start it first if there is none.

The launcher binds and listens itself and hands the socket over, under a lock:
whoever comes second finds the endpoint alive. A connection works from the
moment of the bind; requests wait in the backlog until the daemon is up.

The lock is handed over too, and the daemon lets go of it when it answers. So
"locked" means "being started", and a daemon that is silent because it starts,
however slow the machine, is told from one that is stuck.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import zcnb
from zcnb import journal, transport, vitals
from zcnb.config import Config
from zcnb.errors import EndpointError, TransportIOError
from zcnb.osdep import FileLock, endpoint_folder, spawn_detached
from zcnb.transport import Stream

KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "LD_LIBRARY_PATH")
"""What the daemon itself needs of the environment. Tools run in the environment of each request."""

LOG_LIMIT = 1024 * 1024
"""A log that grew beyond this many bytes is begun anew at the next start."""

CONNECT_S = 1.0
"""Until a daemon whose backlog is full has accepted somebody: it does that from its loop, 100 at a time."""

LAUNCH_S = 10.0
"""Until whoever holds the launch lock has a daemon that can be connected to."""

MOST_S = 120.0
"""The most that a start is waited for on a machine so slow that it goes on all the time."""

LAUNCH_POLL_S = 0.01


def connect(config: Config, timeout: float = CONNECT_S) -> Stream:
    """A connection to the running daemon. Raises `EndpointError` if there is none, `Timeout` if it accepts nobody."""
    return transport.connect(config.endpoint, timeout)


def connect_or_launch(config: Config) -> Stream:
    """A connection to the daemon, started if need be. Raises `EndpointError`, `Timeout` or `TransportIOError`.

    A daemon that was just started may still die before its first answer; `why_dead` tells what it said.
    """
    begin = time.monotonic()
    while True:
        try:
            return connect(config)
        except EndpointError:
            if not _patient(config, begin, LAUNCH_S):
                raise
        if _launch(config):
            return connect(config)
        time.sleep(LAUNCH_POLL_S)


def starting(config: Config) -> bool:
    """Whether a daemon is being started, or replaced, at this moment."""
    return _lock(config).taken()


def at_work(config: Config) -> bool:
    """Whether the daemon, or whoever starts or replaces one, would go on if it were given a processor."""
    report = journal.read_report(config.endpoint)
    pids = {report.pid if report is not None and report.alive else 0, _lock(config).holder()} - {0, os.getpid()}
    return any(map(vitals.at_work, pids))


def _patient(config: Config, begin: float, seconds: float) -> bool:
    """Whether to wait on: for `seconds` since `begin` in any case, and longer while there is work going on."""
    waited = time.monotonic() - begin
    return waited < seconds or (waited < MOST_S and at_work(config))


@contextlib.contextmanager
def locked(config: Config, seconds: float) -> Iterator[FileLock]:
    """Nobody else starts or replaces a daemon meanwhile. Raises `TransportError` if it cannot be had in `seconds`,
    or in however long those who have it go on."""
    lock = _lock(config)
    with _translated():
        endpoint_folder(config.endpoint)
        begin = time.monotonic()
        while not lock.acquire_within(seconds):
            if not _patient(config, begin, seconds):
                waited = time.monotonic() - begin
                raise EndpointError(f"somebody else has been starting a daemon at {config.endpoint} for {waited:.0f} s")
    try:
        yield lock
    finally:
        lock.release()


def take_over(config: Config, lock: FileLock) -> None:
    """Start a daemon in place of whatever listens at the endpoint: that one merely loses the name.

    The name is never without a listener, so nobody who comes meanwhile starts another. The caller holds
    `lock`. Raises `TransportError`.
    """
    endpoint, beside = config.endpoint, config.endpoint.with_suffix(".new")
    if endpoint.is_symlink() or (endpoint.exists() and not endpoint.is_socket()):
        raise EndpointError(f"{endpoint} is in the way: it is not a socket")
    with _translated(), transport.bind(beside) as listener:
        os.rename(beside, endpoint)
        _spawn(config, listener, lock)


def log_path(config: Config) -> Path:
    """Where the daemon's own output goes; it writes only when something is wrong."""
    return config.endpoint.with_suffix(".log")


def why_dead(config: Config) -> str:
    """One sentence for a daemon that closes connections instead of answering, with the log's last line."""
    try:
        last = log_path(config).read_text(errors="replace").strip().rpartition("\n")[2]
    except OSError:
        last = ""
    said = f" Its last words: {last}" if last else ""
    return f"the daemon started but does not answer; its log is {log_path(config)}.{said}"


def _lock(config: Config) -> FileLock:
    return FileLock(config.endpoint.with_suffix(".lock"))


def _launch(config: Config) -> bool:
    """Start the daemon unless somebody does so already; whether it was us. Raises `TransportError`."""
    lock = _lock(config)
    with _translated():
        endpoint_folder(config.endpoint)
        if not lock.acquire(blocking=False):
            return False
        try:
            if transport.probe(config.endpoint):
                return False
            journal.note_death(config.endpoint)
            with transport.bind(config.endpoint) as listener:
                _spawn(config, listener, lock)
        finally:
            lock.release()
    return True


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransportIOError(f"The daemon cannot be started: {error.strerror} ({error.filename}).") from error


def _spawn(config: Config, listener: socket, lock: FileLock) -> None:
    log = log_path(config)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.unlink()
    script = Path(zcnb.__file__).parent / "daemon" / "__main__.py"
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {name: value for name, value in os.environ.items() if name.startswith("ZCNB_")}
    env |= {
        "ZCNB_CACHE_DIR": str(config.cache_dir),
        "ZCNB_SOCKET": str(config.endpoint),
        "ZCNB_DETACH": "1",
        "ZCNB_LISTEN_FD": str(listener.fileno()),
        "ZCNB_LOCK_FD": str(lock.fileno()),
        "ZCNB_IMPORT_PATH": os.pathsep.join(_import_path()),
    }
    argv = [sys.executable, "-I", "-S", str(script)]
    spawn_detached(argv, pass_fds=(listener.fileno(), lock.fileno()), log=log, env=env)


def _import_path() -> list[str]:
    """Where the daemon finds the packages that this process finds."""
    own = str(Path(zcnb.__file__).parent.parent)
    return [own, *(path for path in sys.path if path and os.path.isdir(path) and path != own)]
