"""The event loop around a listening socket, from the first answer to the last."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zcnb.daemon.handlers import Service
from zcnb.daemon.lifecycle import ENDPOINT_LOST, SIGNAL, Lifecycle
from zcnb.daemon.peer import Peer
from zcnb.errors import StoreError

FLUSH_EVERY_S = 5.0
"""How often last uses are written down; losing them costs nothing but the order of eviction."""

ENDPOINT_CHECK_S = 2.0
"""How often the daemon looks whether clients can still find it."""

KEEP_FILE: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""From 3.13 on a server removes its socket file by itself: systemd's must stay, and ours may be a successor's."""


async def serve(
    listener: socket.socket, service: Service, *, owned: bool = True, ready: Callable[[], None] = lambda: None
) -> None:
    """Answer clients at `listener` until it is time to end; then drain, and remove the socket file.

    `ready` is called once requests are answered. A socket that is not `owned` (systemd's) keeps its file.
    """
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, service.lifecycle.end, SIGNAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = await loop.create_unix_server(lambda: Peer(service), sock=listener, **KEEP_FILE)
    identity = _identity(service.endpoint) if owned else None
    ready()
    try:
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(_flush(service))]
            if owned:
                background.append(tasks.create_task(_watch_endpoint(service.endpoint, identity, service.lifecycle)))
            await service.lifecycle.wait()
            if identity is not None and _identity(service.endpoint) == identity:
                service.endpoint.unlink(missing_ok=True)
            await service.lifecycle.drain()
            for task in background:
                task.cancel()
    finally:
        server.close()
        service.close()


async def _flush(service: Service) -> None:
    while True:
        await asyncio.sleep(FLUSH_EVERY_S)
        with contextlib.suppress(StoreError):
            service.flush()


async def _watch_endpoint(endpoint: Path, identity: tuple[int, int] | None, lifecycle: Lifecycle) -> None:
    """End when nobody can find this daemon any more: its socket file is gone, or is somebody else's."""
    while identity is not None and _identity(endpoint) == identity:
        await asyncio.sleep(ENDPOINT_CHECK_S)
    lifecycle.end(ENDPOINT_LOST)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`: a successor's socket must not be removed."""
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
