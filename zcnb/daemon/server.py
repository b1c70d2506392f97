"""The event loop around a listening socket, from the first answer to the last.

Connections are accepted by a loop of our own, not by `create_unix_server`: it knows how many connections
this process can afford, and at that number a newcomer takes the place of whoever has been idle longest.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zcnb.daemon.lifecycle import ENDPOINT_LOST, SIGNAL, Lifecycle
from zcnb.daemon.peer import Peer, Peers
from zcnb.daemon.service import Service
from zcnb.errors import RunnerError, StoreError
from zcnb.osdep import file_identity
from zcnb.runner import assign
from zcnb.transport.unix import BACKLOG

FLUSH_EVERY_S = 5.0
"""How often last uses are written down; losing them costs nothing but the order of eviction."""

ENOUGH = 10_240
"""Descriptors asked for, if the hard limit allows: all connections, and 250 builds at once. Not the hard limit
itself, which tools inherit: it may be a billion, and macOS grants no more than this for sure."""

EXPIRE_EVERY_S = 1.0
"""How often kernels that are away too long are looked for."""

OWN = 16
"""Descriptors of the daemon itself: 0 to 2, the listener, the event loop's three, the index's three, spare ones."""

FEED = 16
"""Those of the event feed: seven, and one or two for each of a few monitors."""

FEED_FROM = 256
"""With fewer descriptors than this there is no feed: builds need them."""

RUNNERS = 2 * 3 * assign.RUNNERS
"""Descriptors for the runners of both queues: each has a connection and two streams."""

PER_BUILD = 24
"""Descriptors that a build has open at once, in a runner, which may open as many as the daemon: when it meets a
compiler for the first time it asks nine programs side by side, with two pipes each; and a start needs six more for
a moment. The daemon itself opens fewer for it."""

MOST_CONNECTIONS = 1024
"""More than a machine has notebooks; a search through all of them takes 0.1 ms."""

LEAST_CONNECTIONS = 4

SHORTAGE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What `accept` says when the process or the machine is out of something: it passes."""

SHORTAGE_S = 0.1
"""Until the next try, in which those who hold what is short may finish."""


@dataclass(frozen=True, slots=True)
class Room:
    """How the descriptors are shared out."""

    connections: int
    builds: int


def share_out(descriptors: int) -> Room:
    """Half of what the daemon can spare to connections, if that leaves enough for one build; the rest to builds."""
    spare = descriptors - OWN - RUNNERS - (FEED if descriptors >= FEED_FROM else 0)
    connections = max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, spare // 2, spare - PER_BUILD))
    return Room(connections, max(1, (spare - connections) // PER_BUILD))


def raise_descriptor_limit() -> int:
    """How many descriptors this process may open, now that the soft limit is as high as it is of use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft  # a sandbox forbids it
    return wanted


ENDPOINT_CHECK_S = 2.0
"""How often the daemon looks whether clients can still find it."""


async def serve(
    listener: socket.socket, service: Service, *, owned: bool = True, ready: Callable[[], None] = lambda: None
) -> None:
    """Answer clients at `listener` until it is time to end; then drain, and remove the socket file.

    `ready` is called once requests are answered. A socket that is not `owned` (systemd's) keeps its file.
    """
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, service.lifecycle.end, SIGNAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptors = raise_descriptor_limit()
    room = share_out(descriptors)
    peers = Peers(room.connections, room.builds)
    identity = file_identity(service.endpoint) if owned else None
    ready()
    try:
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(_flush(service)),
                tasks.create_task(_accept(listener, service, peers)),
                tasks.create_task(_prewarm(service)),
                tasks.create_task(_expire(service)),
            ]
            if descriptors >= FEED_FROM:
                background.append(tasks.create_task(_feed(service)))
            if owned:
                background.append(tasks.create_task(_watch_endpoint(service.endpoint, identity, service.lifecycle)))
            await service.lifecycle.wait()
            if identity is not None and file_identity(service.endpoint) == identity:
                service.endpoint.unlink(missing_ok=True)
            if not service.lifecycle.patient:
                service.jobs.close()
            await service.lifecycle.drain()
            for task in background:
                task.cancel()
    finally:
        listener.close()
        await service.pool.close()
        service.close()


async def _prewarm(service: Service) -> None:
    """Have a runner started before the first compile needs it, but not in the way of the first answer."""
    await service.lifecycle.answered.wait()
    with contextlib.suppress(RunnerError):  # whoever needs one will be told
        await service.pool.prewarm()


async def _accept(listener: socket.socket, service: Service, peers: Peers) -> None:
    """Take connections in as long as there is room; the others wait in the backlog."""
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    listener.listen(BACKLOG)  # again, in this process: clients see the last caller as who serves them
    while True:
        await peers.room()
        try:
            sock, _ = await loop.sock_accept(listener)
        except ConnectionAbortedError:
            continue
        except OSError as error:
            if error.errno not in SHORTAGE:
                raise
            await peers.give_up_one()
            await asyncio.sleep(SHORTAGE_S)
        else:
            await loop.connect_accepted_socket(lambda: Peer(service, peers), sock)


async def _flush(service: Service) -> None:
    while True:
        await asyncio.sleep(FLUSH_EVERY_S)
        with contextlib.suppress(StoreError):
            service.flush()
            await service.checkpoint()


async def _expire(service: Service) -> None:
    while True:
        await asyncio.sleep(EXPIRE_EVERY_S)
        service.jobs.hosts.expire()


async def _feed(service: Service) -> None:
    """Not that of a daemon whose name is another's already."""
    cycle = service.lifecycle
    await service.feed.serve(cycle.answered, service.status, service.health.note_error, lambda: not cycle.ending)


async def _watch_endpoint(endpoint: Path, identity: tuple[int, int] | None, lifecycle: Lifecycle) -> None:
    """End when nobody can find this daemon any more: its socket file is gone, or is somebody else's."""
    while identity is not None and file_identity(endpoint) == identity:
        await asyncio.sleep(ENDPOINT_CHECK_S)
    lifecycle.end(ENDPOINT_LOST)
