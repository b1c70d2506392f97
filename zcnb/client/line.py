"""A blocking conversation: the sans-I/O `Connection` driven over a `Stream`.

Replies are matched by id; those nobody waits for any more are dropped.
"""

from __future__ import annotations

import time

from zcnb.errors import ConnectionClosed, DaemonError, ProtocolError, Timeout, TransportError
from zcnb.transport import Stream
from zcnb.wire.connection import Connection, Event, Refused, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Error, Message

DEFAULT_CLIENT_RECV_TIMEOUT = 300.0
"""Seconds. For callers that want a limit on every receive and have no better one; nobody gets it unasked."""


class Line:
    """One connection of this process. Not thread safe."""

    def __init__(self, stream: Stream, lane: Lane = Lane.TAGGED, recv_timeout: float | None = None) -> None:
        self._stream = stream
        self._connection = Connection(lane)
        self.lane = lane
        self.recv_timeout = recv_timeout
        """Default for `receive`, in seconds, to be set and read; `None` clears it, and waits for ever."""

    def __repr__(self) -> str:
        return f"<Line {self._connection!r}>"

    def send(self, message: Message) -> Tag:
        """Send a request; its tag. Raises `TransportError`."""
        tag, frame = self._connection.request(message)
        self._stream.send(frame)
        return tag

    def receive(self, timeout: float | None = None) -> Event | None:
        """The next message: first from the buffer, then from the stream; `None` at a clean end.

        `timeout` (seconds) overrides the default for this call. Raises `Timeout` (no byte is lost: call
        again), `ConnectionClosed` in the middle of a frame, `ProtocolError`, `TransportIOError`.
        """
        limit = self.recv_timeout if timeout is None else timeout
        deadline = None if limit is None else time.monotonic() + limit
        while (event := self._connection.next_event()) is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                data = self._stream.receive(left)
            except Timeout:
                raise Timeout(limit or 0.0) from None
            if not data:
                if self._connection.mid_frame:
                    raise ConnectionClosed("the daemon closed the connection in the middle of a message")
                return None
            self._connection.receive(data)
        return event

    def request(self, message: Message, timeout: float | None = None) -> Message:
        """Send a request and wait for its reply. Raises `DaemonError` for an error reply, `TransportError`."""
        return self.reply(self.send(message), timeout)

    def reply(self, tag: Tag, timeout: float | None = None) -> Message:
        """Wait for the reply to `tag`; after a `Timeout` it may be waited for again. Raises as `request` does."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                event = self.receive(None if deadline is None else max(0.0, deadline - time.monotonic()))
            except Timeout as error:
                raise Timeout(error.seconds if timeout is None else timeout) from None
            if event is None:
                raise ConnectionClosed("the daemon closed the connection before it answered")
            if self.answers(event, tag):
                return unwrapped(event)

    def answers(self, event: Event, tag: Tag) -> bool:
        """Whether `event` is the reply to `tag`. A plain error reply to another lane breaks the connection."""
        if event.tag.lane is Lane.PLAIN and self.lane is not Lane.PLAIN:
            message = event.error if isinstance(event, Refused) else event.message
            raise ProtocolError(f"the daemon closed the connection: {message}")
        return event.tag.id == tag.id

    def open(self) -> bool:
        """Whether the peer has not hung up while nobody was looking. Late replies are dropped."""
        try:
            while self.receive(0) is not None:
                pass
        except Timeout:
            return True
        except TransportError:
            return False
        return False

    def close(self) -> None:
        """Close the connection; the daemon cancels what it was doing for it."""
        self._stream.close()


def unwrapped(event: Event) -> Message:
    """The reply in `event`. Raises `DaemonError` if it is an error."""
    message: Message = event.error if isinstance(event, Refused) else event.message
    if isinstance(message, Error):
        raise DaemonError(message.code, message.message, message.hint)
    return message
