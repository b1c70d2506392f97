"""How the daemon comes to be: bind first, load later.

The launcher (or systemd) has bound the endpoint and hands the listening socket
over, so clients connect from that moment on and wait in the backlog. `bind` is
for starting by hand. Then the start report is written, then requests are
answered. Nothing of the cache is touched before the endpoint answers.

The launch lock is held until then, by whoever binds and by what he hands it to:
a daemon that is just starting is silent, and must not be taken for a dead one.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from zcnb import journal, transport
from zcnb.config import Config
from zcnb.daemon.server import serve
from zcnb.daemon.service import Service
from zcnb.errors import EndpointError
from zcnb.journal import How
from zcnb.model.address import parse_address
from zcnb.osdep import FileLock, endpoint_folder
from zcnb.runner.assign import slots
from zcnb.runner.log import log_path
from zcnb.runner.places import read_secret
from zcnb.runner.plan import BATCH_IDLE_S, Crew, Plan, cores

SYSTEMD_FIRST = 3
"""`SD_LISTEN_FDS_START`: where systemd puts the first socket it hands over."""

LOCK_S = 10.0
"""Somebody else who starts a daemon at this endpoint has ended, or has succeeded, by then."""


class BindFailure(Enum):
    """Why the endpoint cannot be listened at (row B4)."""

    INVALID = "invalid endpoint"
    TAKEN = "already bound"
    IO = "I/O"
    OTHER = "other"


class BindError(EndpointError):
    """`bind` failed; `kind` tells programs why."""

    def __init__(self, kind: BindFailure, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Listening:
    """A listening socket, and how this process came by it."""

    sock: socket.socket
    endpoint: Path
    how: How


def bind(endpoint: Path) -> socket.socket:
    """Listen at `endpoint`: gets the endpoint and nothing else. Raises `BindError`."""
    if "\0" in str(endpoint):
        raise BindError(BindFailure.INVALID, f"{str(endpoint)!r} cannot be a path")
    try:
        if transport.probe(endpoint):
            raise BindError(BindFailure.TAKEN, f"{endpoint} is already served by a running daemon")
        return transport.bind(endpoint)
    except BindError:
        raise
    except (EndpointError, OSError, ValueError) as error:
        raise BindError(kind_of(error), str(error)) from error


def kind_of(error: Exception) -> BindFailure:
    """What sort of failure to bind `error` is."""
    cause = error.__cause__ if isinstance(error, EndpointError) else error
    if isinstance(cause, OSError):
        return BindFailure.TAKEN if cause.errno == errno.EADDRINUSE else BindFailure.IO
    return BindFailure.INVALID if isinstance(error, EndpointError) else BindFailure.OTHER


def listen(endpoint: Path, environ: MutableMapping[str, str]) -> Listening:
    """The handed-over socket if there is one, else a freshly bound one. Raises `EndpointError`.

    What was handed over is taken out of `environ`: it is not for the tools that the daemon starts.
    """
    launched = environ.pop("ZCNB_LISTEN_FD", "")
    count, pid = environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_PID", "")
    environ.pop("LISTEN_FDNAMES", None)
    if launched:
        return Listening(transport.adopt(int(launched)), endpoint, "launched")
    if count == "1" and pid == str(os.getpid()):  # another process's sockets are none of ours
        sock = transport.adopt(SYSTEMD_FIRST)
        return Listening(sock, Path(os.fsdecode(sock.getsockname())), "systemd")
    return Listening(bind(endpoint), endpoint, "by hand")


def bootstrap(config: Config) -> int:
    """Bind, report, serve until the end; the exit code. A bind failure propagates, and nothing is served."""
    lock = _launch_lock(config.endpoint, os.environ)
    try:
        return _serve(listen(config.endpoint, os.environ), config, lock)
    finally:
        lock.release()


def _serve(listening: Listening, config: Config, lock: FileLock) -> int:
    """Report and serve; the launch lock is let go of once requests are answered."""
    os.umask(0o077)
    plan = plan_of(config, log_path(listening.endpoint))
    report = journal.write_report(listening.endpoint, listening.how)
    journal.note(listening.endpoint, "start", started=report.started, version=report.version, how=report.how)
    service = Service(
        listening.endpoint, config.cache_dir, config.max_size, config.idle_timeout, plan, inotify=config.inotify
    )
    asyncio.run(serve(listening.sock, service, owned=listening.how != "systemd", ready=lock.release))
    journal.note_stop(listening.endpoint, report, service.lifecycle.reason)
    return 0


def plan_of(config: Config, log: Path) -> Plan:
    """The pool that the settings ask for. Raises `ConfigError` for a secret that cannot be used.

    One tool at a time where a person looks on, and where somebody else's runner does the work.
    """
    address = parse_address(config.runner_address) if config.runner_address else None
    one = config.debug or address is not None
    return Plan(
        interactive=Crew(
            slots=slots(config.interactive_slots, cores(), one=one),
            nice=config.interactive_nice,
            memory=config.interactive_memory,
        ),
        batch=Crew(
            slots=slots(config.batch_slots, cores(), one=one),
            nice=config.batch_nice,
            memory=config.batch_memory,
            idle=BATCH_IDLE_S,
        ),
        tool_timeout=config.tool_timeout,
        grace=config.shutdown_term_grace,
        address=address,
        secret=b"" if config.runner_secret is None else read_secret(config.runner_secret),
        log=log,
        debug=config.debug,
    )


def _launch_lock(endpoint: Path, environ: MutableMapping[str, str]) -> FileLock:
    """The launch lock, held: as it was handed over, or taken. Raises `EndpointError`."""
    inherited = environ.pop("ZCNB_LOCK_FD", "")
    lock = FileLock(endpoint.with_suffix(".lock"))
    if inherited:
        lock.inherit(int(inherited))
        return lock
    try:
        endpoint_folder(endpoint)
        if not lock.acquire_within(LOCK_S):
            raise BindError(BindFailure.TAKEN, f"another daemon is being started at {endpoint}")
    except OSError as error:
        raise BindError(BindFailure.IO, f"cannot listen at {endpoint}: {error.strerror}") from error
    return lock
