"""Unix domain sockets."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import stat
import time
from pathlib import Path

from zcnb.errors import ConnectionClosed, EndpointError, Timeout, TransportError, TransportIOError
from zcnb.osdep import peer_uid
from zcnb.transport.base import CHUNK, Stream

BACKLOG = 512
"""Connections that may wait while the daemon starts, or has as many as it can hold: 300 clients at once (row F10)
and some to spare. The system may lower it (`net.core.somaxconn`, 4096 today, 128 once)."""

BACKLOG_FULL_S = 0.005
"""Between two tries while the backlog is full."""

LONGEST_PATH = 103
"""Bytes of a socket's path that fit everywhere (`sun_path` is 104 on macOS, 108 on Linux, with its NUL)."""


class UnixStream(Stream):
    """A connected Unix socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(True)  # for good: a time limit on the socket would hold for whoever sends meanwhile, too
        self._sock = sock

    def send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise _translated(error) from error

    def receive(self, timeout: float | None) -> bytes:
        try:
            if timeout is not None and not _readable(self._sock, timeout):
                raise Timeout(timeout)
            return self._sock.recv(CHUNK)
        except OSError as error:
            raise _translated(error) from error

    def close(self) -> None:
        self._sock.close()


def _readable(sock: socket.socket, timeout: float) -> bool:
    """Whether a read would not wait, within `timeout` seconds. That of a closed socket fails at once."""
    if sock.fileno() < 0:
        return True
    look = select.poll()
    look.register(sock, select.POLLIN)
    return bool(look.poll(timeout * 1000))


def _translated(error: OSError) -> TransportError:
    if isinstance(error, ConnectionError) or error.errno == 9:  # EBADF: closed by ourselves
        return ConnectionClosed(f"the peer closed the connection ({error.strerror})")
    return TransportIOError(error.strerror or str(error))


def connect(path: Path, timeout: float = 5.0) -> Stream:
    """Connect to a listening endpoint of this user.

    Raises `EndpointError` if nothing listens there or somebody else does, `Timeout` if the backlog stays full.
    """
    _check_length(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _connect(sock, path, timeout)
        owner = peer_uid(sock)
    except TimeoutError:
        sock.close()
        raise Timeout(timeout) from None
    except OSError as error:
        sock.close()
        raise EndpointError(f"nothing listens at {path} ({error.strerror})") from error
    if owner != os.getuid():
        sock.close()
        raise EndpointError(f"{path} is served by another user (uid {owner}); zcnb will not use it")
    return UnixStream(sock)


def _connect(sock: socket.socket, path: Path, timeout: float) -> None:
    """A connect with a time limit does not wait for room in the backlog but fails with EAGAIN: try again."""
    deadline = time.monotonic() + timeout
    sock.settimeout(timeout)
    while True:
        try:
            sock.connect(str(path))
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            time.sleep(BACKLOG_FULL_S)
        else:
            return


def probe(path: Path) -> bool:
    """Whether somebody accepts connections at `path` right now."""
    try:
        connect(path, timeout=1.0).close()
    except Timeout:
        return True
    except EndpointError:
        return False
    return True


def bind(path: Path) -> socket.socket:
    """Listen at `path` with mode 0600: replaces a dead socket of this user, never a live one.

    The caller holds the endpoint's launch lock. Raises `EndpointError`, also for a folder in which others
    could put their own socket in its place.
    """
    _check_length(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(path.parent)
        _check_place(path)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        sock.bind(str(path))
        path.chmod(0o600)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise EndpointError(f"cannot listen at {path}: {error.strerror}") from error
    except EndpointError:
        sock.close()
        raise
    return sock


def _check_folder(folder: Path) -> None:
    """Only this user and root may decide what lies in `folder`. Raises `EndpointError`, `OSError`."""
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        raise EndpointError(f"{folder} is a link; name the folder itself, or set ZCNB_SOCKET to another place")
    if facts.st_uid not in {os.getuid(), 0}:
        raise EndpointError(f"the folder {folder} belongs to another user (uid {facts.st_uid}); zcnb will not use it")
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not facts.st_mode & stat.S_ISVTX:
        raise EndpointError(f"others can write to the folder {folder}; mend it with `chmod go-w {folder}`")


def _check_place(path: Path) -> None:
    """Nothing lies at `path` but perhaps a dead socket of this user. Raises `EndpointError`, `OSError`."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(facts.st_mode):
        raise EndpointError(f"{path} is in the way: it is not a socket")
    if facts.st_uid != os.getuid():
        raise EndpointError(f"{path} is in the way: it belongs to another user (uid {facts.st_uid})")
    if probe(path):
        raise EndpointError(f"{path} is already served by a running daemon")


def adopt(fd: int) -> socket.socket:
    """The listening socket handed over as descriptor `fd`. Raises `EndpointError` if it is none; then the
    descriptor stays the caller's."""
    try:
        sock = socket.socket(fileno=fd)
    except (OSError, ValueError) as error:
        raise EndpointError(f"descriptor {fd} is not a socket: {error}") from error
    if sock.family != socket.AF_UNIX or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        sock.detach()
        raise EndpointError(f"descriptor {fd} is not a listening Unix socket")
    os.set_inheritable(fd, False)
    sock.listen(BACKLOG)  # again: peers are told the process that did so last, and look whether that one is at work
    return sock


def _check_length(path: Path) -> None:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise EndpointError(
            f"the socket path {path} is longer than {LONGEST_PATH} bytes; set ZCNB_SOCKET to a shorter one"
        )
