"""One connection, as an asyncio protocol: bytes to requests, replies to bytes.

Rules. A plain request is answered before the next plain one starts; tagged and
enveloped ones run side by side, at most `MAX_IN_FLIGHT`, beyond which
`backpressure` is the answer. A peer that does not read its replies is not read
from. When the connection ends, its builds are cancelled and its programs killed.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import deque

from zcnb.daemon.handlers import Caller, answer
from zcnb.daemon.service import Service
from zcnb.errors import ProtocolError
from zcnb.osdep import peer_uid
from zcnb.wire.connection import Connection, Event, Received, Refused, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Backpressure, Error, GetStatus, Hello, Message, Ping

MAX_IN_FLIGHT = 64
"""Requests of one connection at once; a kernel has two or three."""

MAX_QUEUED = 64
"""Plain requests that may wait for their turn; then reading stops until one is done."""

RETRY_AFTER_MS = 50
FRAME_TIME_S = 30.0
"""A started frame must be complete by then: a peer that sends byte by byte is cut off."""

WATCHING = (GetStatus, Ping, Hello)
"""Requests that do not keep an idle daemon alive: a health view left open must not."""


class Peer(asyncio.Protocol):
    """Made by the server for every connection."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._caller = Caller(service)
        self._caller.cancel = self._cancel
        self._connection = Connection()
        self._tasks: dict[tuple[Lane, int], asyncio.Task[None]] = {}
        self._queue: deque[Event] = deque()
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._reading = True
        self._writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._service.connections += 1
        sock = transport.get_extra_info("socket")
        if sock.family == socket.AF_UNIX and peer_uid(sock) != os.getuid():
            self._refuse("This daemon belongs to another user; start your own with `zcnb start`.")

    def data_received(self, data: bytes) -> None:
        self._connection.receive(data)
        self._pull()
        self._watch_frame()

    def pause_writing(self) -> None:
        self._writable = False
        self._update_reading()

    def resume_writing(self) -> None:
        self._writable = True
        self._update_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.connections -= 1
        self._transport = None
        if self._deadline is not None:
            self._deadline.cancel()
        self._queue.clear()
        for task in list(self._tasks.values()):
            task.cancel()
        self._caller.gone()

    def _pull(self) -> None:
        try:
            while self._transport is not None and (event := self._connection.next_event()) is not None:
                self._accept(event)
        except ProtocolError as error:
            self._refuse(str(error))

    def _accept(self, event: Event) -> None:
        if isinstance(event, Refused):
            self._send(event.tag, event.error)
        elif event.tag.lane is Lane.PLAIN and (Lane.PLAIN, 0) in self._tasks:
            self._queue.append(event)
            self._update_reading()
        elif (event.tag.lane, event.tag.id) in self._tasks:
            self._send(event.tag, Error("bad-message", f"Request {event.tag.id} is already under way."))
        elif len(self._tasks) >= MAX_IN_FLIGHT:
            self._send(event.tag, Backpressure(RETRY_AFTER_MS))
        else:
            self._start(event)

    def _start(self, event: Received) -> None:
        key = (event.tag.lane, event.tag.id)
        self._service.lifecycle.begin(counts=not isinstance(event.message, WATCHING))
        self._tasks[key] = asyncio.get_running_loop().create_task(self._serve(key, event))

    async def _serve(self, key: tuple[Lane, int], event: Received) -> None:
        try:
            async with asyncio.timeout(_seconds_left(event.tag)):
                reply = await answer(self._caller, event.message, event.tag.id)
        except TimeoutError:
            reply = Error("deadline", "The request's deadline went by.")
        except asyncio.CancelledError:
            reply = Error("cancelled", "The request was cancelled.")
        finally:
            del self._tasks[key]
            self._service.lifecycle.finish(counts=not isinstance(event.message, WATCHING))
        self._send(event.tag, reply)
        if self._queue and (Lane.PLAIN, 0) not in self._tasks:
            self._accept(self._queue.popleft())
            self._update_reading()

    def _cancel(self, number: int) -> bool:
        task = self._tasks.get((Lane.TAGGED, number))
        return task is not None and task.cancel()

    def _send(self, tag: Tag, reply: Message) -> None:
        if self._transport is None:
            return
        try:
            frame = self._connection.send(tag, reply)
        except ProtocolError as error:
            frame = self._connection.send(tag, Error("too-large", f"The reply cannot be sent: {error}"))
        self._transport.write(frame)

    def _refuse(self, why: str) -> None:
        """One error reply, then the end: the stream cannot be trusted any more."""
        self._service.health.note_error(f"a connection was closed: {why}")
        self._send(Tag(Lane.PLAIN), Error("protocol", why))
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _update_reading(self) -> None:
        wanted = self._writable and len(self._queue) < MAX_QUEUED
        if self._transport is not None and wanted != self._reading:
            self._reading = wanted
            if wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _watch_frame(self) -> None:
        """A frame that was begun must be finished in time; between frames there is no limit."""
        if not self._connection.mid_frame or self._transport is None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(FRAME_TIME_S, self._refuse, f"a frame took longer than {FRAME_TIME_S:g} s")


def _seconds_left(tag: Tag) -> float | None:
    """Until the envelope's deadline; `None` for none."""
    return max(0.0, tag.deadline_unix_ms / 1000 - time.time()) if tag.deadline_unix_ms else None
