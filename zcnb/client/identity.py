"""Who listens at an endpoint? A nonce goes there, and comes back with the daemon's identity (row T7).

The probe is an envelope, which peers of every version can read. Whatever is not exactly the answer is an
`EndpointError`, and so is no answer: the budget is for the whole exchange, however the bytes come.
"""

from __future__ import annotations

import os
import time

from zcnb.errors import EndpointError, ProtocolError, Timeout, TransportError
from zcnb.transport import Stream
from zcnb.wire.connection import Connection, Event, Refused, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Error, Identify, Identity
from zcnb.wire.versions import NONCE_LENGTH, PROTOCOL

MAX_ANSWER = 4096
"""Bytes; a real answer has less than 300."""


def identify(stream: Stream, timeout: float) -> Identity:
    """The identity of the daemon at the other end of a fresh `stream`, within `timeout` seconds.

    The stream stays the caller's, to go on with or to close. Raises `EndpointError`.
    """
    connection = Connection(Lane.ENVELOPE)
    nonce = os.urandom(NONCE_LENGTH)
    tag, frame = connection.request(Identify(nonce))
    try:
        stream.send(frame)
        event = _answer(stream, connection, timeout)
    except Timeout:
        raise EndpointError(f"whoever listens there did not say who it is within {timeout:g} s") from None
    except ProtocolError as error:
        raise EndpointError(f"no zcnb daemon listens there: {error}") from error
    except TransportError as error:
        raise EndpointError(f"the connection ended before the daemon said who it is ({error})") from error
    return _checked(event, tag, nonce)


def _answer(stream: Stream, connection: Connection, timeout: float) -> Event:
    """The first message, and nothing after it. Raises `TransportError`, `EndpointError`."""
    deadline = time.monotonic() + timeout
    received = 0
    while (event := connection.next_event()) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Timeout(timeout)
        data = stream.receive(left)
        if not data:
            raise EndpointError("the connection was closed before the daemon said who it is")
        received += len(data)
        if received > MAX_ANSWER:
            raise EndpointError(f"the answer is longer than {MAX_ANSWER} bytes; that is no zcnb daemon")
        connection.receive(data)
    if connection.mid_frame:
        raise EndpointError("more came back than was asked for; that is no zcnb daemon")
    return event


def _checked(event: Event, tag: Tag, nonce: bytes) -> Identity:
    """The identity in `event`, if it answers this very probe. Raises `EndpointError`."""
    if isinstance(event, Refused):
        foreign = event.error.code == "foreign-protocol"
        why = f"speaks another protocol than {PROTOCOL}" if foreign else f"gave no usable answer: {event.error.message}"
        raise EndpointError(f"whoever listens there {why}")
    message = event.message
    if isinstance(message, Error):
        raise EndpointError(f"whoever listens there refused to say who it is: {message.message}")
    if event.tag.lane is not tag.lane or event.tag.id != tag.id:
        raise EndpointError("the answer belongs to another question")
    if not isinstance(message, Identity):
        raise EndpointError(f"the daemon answered with {type(message).__name__} instead of who it is")
    if message.nonce != nonce:
        raise EndpointError("the answer has another nonce: it may be a repetition of somebody else's")
    return message
