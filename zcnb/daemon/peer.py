"""One connection, as an asyncio protocol: bytes to requests, replies and pushes to bytes.

Rules. A plain request is answered before the next plain one starts; tagged and
enveloped ones run side by side, at most `MAX_IN_FLIGHT`, beyond which
`backpressure` is the answer. A peer that does not read its replies is not read
from, and cut off in the end. When the connection ends, its builds are cancelled
and its programs killed.

What all connections share is bounded by `Peers`: how many there are, what they
hold in memory, and how many of their builds have files and pipes open.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import deque

from zcnb.daemon.handlers import Caller, answer
from zcnb.daemon.hostpipe import Command, WriteFailed
from zcnb.daemon.hostpipe import Event as HostEvent
from zcnb.daemon.service import Service
from zcnb.errors import ProtocolError
from zcnb.osdep import peer_uid
from zcnb.wire.connection import Connection, Event, Received, Refused, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Backpressure,
    Build,
    Compile,
    CompileEphemeral,
    Error,
    Explain,
    GetJob,
    GetSessionStats,
    GetStats,
    GetStatus,
    Hello,
    Identify,
    LinkEphemeral,
    Message,
    Ping,
    RegisterHost,
)

PUSHED = Tag(Lane.TAGGED, 0)
"""What comes unasked."""

MAX_IN_FLIGHT = 64
"""Requests of one connection at once; a kernel has two or three."""

MAX_QUEUED = 64
"""Plain requests that may wait for their turn; then reading stops until one is done."""

MAX_HELD = 64 * 1024 * 1024
"""Bytes of requests in memory, over all peers: four of the largest frames, a thousand times what real ones hold."""

RETRY_AFTER_MS = 50
FRAME_TIME_S = 30.0
"""A started frame must be complete by then: a peer that sends byte by byte is cut off."""

UNREAD_TIME_S = 30.0
"""A peer for which something is waiting to be written, and that reads nothing for so long, is cut off."""

GRACE_S = 0.5
"""A connection is not idle before: its client just got an answer and is about to ask the next question."""

AT_ONCE = 100
"""Requests of one connection taken up in one turn of the loop (2 ms); then the others' turn comes."""

LOOK_AGAIN_S = 0.05
"""Until the next look for a connection to close, when all have something going on."""

WATCHING = (GetStatus, GetStats, GetSessionStats, GetJob, Explain, RegisterHost, Ping, Hello, Identify)
"""Requests that do not keep an idle daemon alive: a health view left open must not."""

WITH_TOOLS = (Build, Compile, CompileEphemeral, LinkEphemeral)
"""Requests that start tools, whose pipes and files take descriptors."""


class Peers:
    """All connections of the daemon. Invariant: `held` is the sum of what each of them holds."""

    def __init__(self, most: int, builds: int) -> None:
        self._all: set[Peer] = set()
        self._most = most
        self.turns = asyncio.Semaphore(builds)
        """For requests that start tools."""
        self.held = 0

    def __repr__(self) -> str:
        return f"<Peers {len(self._all)} of {self._most}, {self.held} bytes held>"

    def add(self, peer: Peer) -> None:
        """A connection was made."""
        self._all.add(peer)

    def discard(self, peer: Peer) -> None:
        """A connection ended, and its descriptor is free."""
        self._all.discard(peer)

    def hold(self, more: int) -> None:
        """Some peer holds `more` bytes (or less, if negative). Beyond `MAX_HELD`, who holds the most is refused."""
        self.held += more
        while self.held > MAX_HELD:
            max(self._all, key=lambda peer: peer.held).refuse("The daemon is out of room for requests.")

    async def room(self) -> None:
        """Return when one more may come in. The one that came in beyond the limit takes an idle one's place."""
        while len(self._all) > self._most:
            if not await self.give_up_one():
                await asyncio.sleep(LOOK_AGAIN_S)

    async def give_up_one(self) -> bool:
        """Close the connection that has been idle longest; `False` if none is idle."""
        now = time.monotonic()
        idle = [peer for peer in self._all if peer.idle and now - peer.since >= GRACE_S]
        if not idle:
            return False
        longest = min(idle, key=lambda peer: peer.since)
        for _ in range(2):  # turns of the loop, in which what it had sent by now is read
            await asyncio.sleep(0)
        if longest.idle and now - longest.since >= GRACE_S:
            longest.close()
            await asyncio.sleep(0)  # until it is lost
        return True


class Peer(asyncio.Protocol):
    """Made by the server for every connection. Invariant: `held` counts in `Peers.held` until it is lost."""

    def __init__(self, service: Service, peers: Peers) -> None:
        self._service, self._peers = service, peers
        self._caller = Caller(service, self)
        self._caller.cancel = self._cancel
        self._connection = Connection()
        self._tasks: dict[tuple[Lane, int], asyncio.Task[None]] = {}
        self._queue: deque[tuple[Event, int]] = deque()
        self._transport: asyncio.Transport | None = None
        self._frame_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._reading = self._writable = True
        self._yielding = False
        self._written = 0
        self._accepted = 0
        self.held = 0
        """Bytes of its requests in memory: begun, waiting and under way."""
        self.since = time.monotonic()
        """When it last came or was answered."""

    def __repr__(self) -> str:
        state = "open" if self._transport else "closed"
        return f"<Peer {state}, {len(self._tasks)} under way, {len(self._queue)} waiting, {self.held} bytes held>"

    @property
    def idle(self) -> bool:
        """Whether nobody would miss anything if the connection were closed now."""
        going_on = self._tasks or self._queue or self._connection.mid_frame or self._caller.needed
        return self._transport is not None and self._writable and not going_on

    @property
    def writable(self) -> bool:
        """Whether a push may be written: the connection is open, and nothing waits to be read by its client."""
        return self._transport is not None and self._writable

    def write(self, message: HostEvent | Command) -> None:
        """Push something to a kernel, as one whole frame. Raises `WriteFailed`."""
        transport = self._transport
        self._send(PUSHED, message)
        if transport is None or transport.is_closing():
            raise WriteFailed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=0)  # `pause_writing` as soon as anything waits
        self._transport = transport
        self._service.connections += 1
        self._peers.add(self)
        if _foreign(transport.get_extra_info("socket")):
            self.refuse("This daemon belongs to another user; start your own with `zcnb start`.")

    def data_received(self, data: bytes) -> None:
        self._connection.receive(data)
        self._go_on()

    def pause_writing(self) -> None:
        self._writable = False
        assert self._transport is not None, "nothing is written to a connection that ended"
        self._watch_unread(self._transport)
        self._update_reading()

    def resume_writing(self) -> None:
        self._writable = True
        _stop(self._unread_timer)
        self._caller.resumed()
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.connections -= 1
        self._leave()
        _stop(self._unread_timer)
        self._peers.discard(self)
        self._caller.gone()

    def refuse(self, why: str) -> None:
        """One error reply, then the end: the stream cannot be trusted any more."""
        self._service.health.note_error(f"a connection was closed: {why}")
        self._send(Tag(Lane.PLAIN), Error("protocol", why))
        self.close()

    def close(self) -> None:
        """End the connection once what was written has been read; what it asked for is dropped."""
        if self._transport is not None:
            self._transport.close()
        self._leave()

    @property
    def _ready(self) -> bool:
        """Whether it may ask for more."""
        unhindered = self._writable and not self._yielding and len(self._queue) < MAX_QUEUED
        return self._transport is not None and unhindered

    def _leave(self) -> None:
        self._transport = None
        self._queue.clear()
        for task in list(self._tasks.values()):
            task.cancel()
        self._connection = Connection()
        self._settle(progress=True)

    def _go_on(self) -> None:
        """Take up what was received, as far as the peer may go."""
        self._settle(progress=self._pull())

    def _pull(self) -> bool:
        """Whether any request was complete."""
        taken = 0
        try:
            while self._ready and taken < AT_ONCE:
                before = self._connection.buffered
                event = self._connection.next_event()
                if event is None:
                    break
                taken += 1
                self._accept(event, before - self._connection.buffered)
        except ProtocolError as error:
            self.refuse(str(error))
        if taken == AT_ONCE:
            self._yielding = True
            asyncio.get_running_loop().call_soon(self._take_turn)
        return taken > 0

    def _take_turn(self) -> None:
        self._yielding = False
        self._go_on()

    def _settle(self, *, progress: bool) -> None:
        """Bring up to date what follows from the state: memory counted, reading on or off, the frame's timer."""
        self._weigh()
        self._update_reading()
        waiting = self._ready and self._connection.mid_frame
        if progress or not waiting:
            _stop(self._frame_timer)
            self._frame_timer = None
        if waiting and self._frame_timer is None:
            why = f"a frame took longer than {FRAME_TIME_S:g} s"
            self._frame_timer = asyncio.get_running_loop().call_later(FRAME_TIME_S, self.refuse, why)

    def _weigh(self) -> None:
        now = 0 if self._transport is None else self._connection.buffered + self._accepted
        more, self.held = now - self.held, now
        self._peers.hold(more)

    def _update_reading(self) -> None:
        if self._transport is not None and self._ready != self._reading:
            self._reading = self._ready
            if self._reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _accept(self, event: Event, size: int) -> None:
        if event.tag.lane is Lane.PLAIN and (Lane.PLAIN, 0) in self._tasks:
            self._queue.append((event, size))
            self._accepted += size
        elif isinstance(event, Refused):
            self._send(event.tag, event.error)
        elif (event.tag.lane, event.tag.id) in self._tasks:
            self._send(event.tag, Error("bad-message", f"Request {event.tag.id} is already under way."))
        elif len(self._tasks) >= MAX_IN_FLIGHT:
            self._send(event.tag, Backpressure(RETRY_AFTER_MS))
        else:
            self._start(event, size)

    def _start(self, event: Received, size: int) -> None:
        self._accepted += size
        self._service.lifecycle.begin(counts=not isinstance(event.message, WATCHING))
        task = asyncio.get_running_loop().create_task(self._serve(event))
        self._tasks[event.tag.lane, event.tag.id] = task
        # Not at the end of `_serve`: a task that is cancelled before its first step never gets there.
        task.add_done_callback(lambda _: self._finished(event, size))

    async def _serve(self, event: Received) -> None:
        try:
            async with asyncio.timeout(_seconds_left(event.tag)):
                reply = await self._answer(event)
        except TimeoutError:
            reply = Error("deadline", "The request's deadline went by.")
        except asyncio.CancelledError:
            reply = Error("cancelled", "The request was cancelled.")
        self._send(event.tag, reply)

    async def _answer(self, event: Received) -> Message:
        if not isinstance(event.message, WITH_TOOLS):
            return await answer(self._caller, event.message, event.tag.id)
        async with self._peers.turns:
            return await answer(self._caller, event.message, event.tag.id)

    def _finished(self, event: Received, size: int) -> None:
        del self._tasks[event.tag.lane, event.tag.id]
        self._service.lifecycle.finish(counts=not isinstance(event.message, WATCHING))
        self._accepted -= size
        self.since = time.monotonic()
        while self._queue and (Lane.PLAIN, 0) not in self._tasks:
            following, length = self._queue.popleft()
            self._accepted -= length
            self._accept(following, length)
        self._go_on()

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
        self._written += len(frame)
        self._transport.write(frame)

    def _watch_unread(self, transport: asyncio.Transport) -> None:
        """Have the peer cut off unless the system takes some of what waits for it in the meantime."""
        taken = self._written - transport.get_write_buffer_size()
        self._unread_timer = asyncio.get_running_loop().call_later(UNREAD_TIME_S, self._check_unread, transport, taken)

    def _check_unread(self, transport: asyncio.Transport, taken: int) -> None:
        if self._written - transport.get_write_buffer_size() == taken:
            self._service.health.note_error(f"a connection was closed: nothing was read for {UNREAD_TIME_S:g} s")
            transport.abort()
        else:
            self._watch_unread(transport)


def _foreign(sock: socket.socket) -> bool:
    """Whether somebody else connected, or it cannot be told."""
    try:
        return peer_uid(sock) != os.getuid()
    except OSError:
        return True


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _seconds_left(tag: Tag) -> float | None:
    """Until the envelope's deadline; `None` for none."""
    return max(0.0, tag.deadline_unix_ms / 1000 - time.time()) if tag.deadline_unix_ms else None
