"""The event loop around a listening socket, from the first answer to the last."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path

from zcnb.daemon.peer import Peer
from zcnb.daemon.service import Service
from zcnb.errors import StoreError

FLUSH_EVERY_S = 5.0
"""How often last uses are written down; losing them costs nothing but the order of eviction."""


async def serve(listener: socket.socket, service: Service) -> None:
    """Answer clients at `listener` until it is time to end; then drain, and remove the socket file."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, service.lifecycle.end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = await loop.create_unix_server(lambda: Peer(service), sock=listener)
    identity = _identity(service.endpoint)
    try:
        async with asyncio.TaskGroup() as tasks:
            flusher = tasks.create_task(_flush(service))
            await service.lifecycle.wait()
            if _identity(service.endpoint) == identity:
                service.endpoint.unlink(missing_ok=True)
            await service.lifecycle.drain()
            flusher.cancel()
    finally:
        server.close()
        service.close()


async def _flush(service: Service) -> None:
    while True:
        await asyncio.sleep(FLUSH_EVERY_S)
        with contextlib.suppress(StoreError):
            service.flush()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`: a successor's socket must not be removed."""
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
