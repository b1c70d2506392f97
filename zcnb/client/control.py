"""Steering the daemon that runs, without starting one."""

from __future__ import annotations

import time
from typing import TypeVar

from zcnb import journal
from zcnb.client import launch, rescue
from zcnb.client.identity import identify
from zcnb.client.line import Line
from zcnb.client.recovery import patience
from zcnb.client.session import SHORT_S
from zcnb.config import Config
from zcnb.errors import EndpointError, ProtocolError, Timeout, ZcnbError
from zcnb.model.health import Status
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Explain, Explained, GetStatus, Identity, Message, Shutdown

M = TypeVar("M", bound=Message)


def stop(config: Config) -> bool:
    """Ask a running daemon to end and wait until its endpoint is gone; `False` if none was running.

    A stuck one is ended by force, if a start report names it. Raises `TransportError` if it does not end.
    """
    report = journal.read_report(config.endpoint)
    try:
        line = Line(launch.connect(config), Lane(config.wire))
        try:
            line.request(Shutdown(), patience(config.wedge_probe_budget, 1))
        finally:
            line.close()
    except EndpointError:
        return False
    except Timeout:
        rescue.end_stuck(config)
        return True
    deadline = time.monotonic() + SHORT_S
    while time.monotonic() < deadline:
        if not config.endpoint.exists() or (report is not None and not report.alive):
            return True
        time.sleep(0.01)
    raise Timeout(SHORT_S)


def who_listens(config: Config) -> Identity | None:
    """Who is at the endpoint; `None` if nobody is. Raises `EndpointError` if it is no daemon of ours (row T7)."""
    try:
        stream = launch.connect(config)
    except EndpointError:
        return None
    try:
        return identify(stream, SHORT_S)
    finally:
        stream.close()


def running_status(config: Config) -> Status | None:
    """The health of the daemon that runs now; `None` if none does. Starts nothing. Raises `TransportError`."""
    return _asked(config, GetStatus(), Status)


def last_run(config: Config, cwd: str, name: str = "") -> Explained | None:
    """The last run in the folder `cwd`, or of the file `name` (both absolute); `None` if none is known or no daemon
    runs. Starts nothing. Raises `TransportError`, `DaemonError`."""
    found = _asked(config, Explain(cwd, name), Explained)
    return found if found is not None and found.title else None


def _asked(config: Config, message: Message, expected: type[M]) -> M | None:
    """The running daemon's answer; `None` if none runs."""
    try:
        line = Line(launch.connect(config), Lane(config.wire))
    except ZcnbError:
        return None
    try:
        reply = line.request(message, SHORT_S)
    finally:
        line.close()
    if not isinstance(reply, expected):
        raise ProtocolError(f"the daemon answered with {type(reply).__name__}")
    return reply
