"""One end of a conversation, without I/O: `receive` bytes, pull `next_event`, get bytes from `send`.

The same class serves the blocking client in the kernel and the asyncio daemon.
Strategy: `next_event` returns a `Received`, a `Refused` (that one message is
bad; answer it and go on), or `None` for "more bytes, please". A broken stream
raises `ProtocolError`, after which nothing but closing is left.
"""

from __future__ import annotations

from dataclasses import dataclass

from zcnb.errors import ProtocolError
from zcnb.wire import codec
from zcnb.wire.framing import Frame, FrameReader, encode
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Error, Message
from zcnb.wire.versions import ENVELOPE_VERSION, PAYLOAD_ENCODING, PROTOCOL

MAX_REQUEST_ID = 2**63 - 1
"""Request ids count from 1 and wrap here (row T6): they fit a signed 64-bit integer in every language."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What an answer must carry to find its request: the lane, the id, and tracing fields to echo."""

    lane: Lane
    id: int = 0
    traceparent: str = ""
    tracestate: str = ""
    deadline_unix_ms: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """A good message."""

    tag: Tag
    message: Message


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be used; `error` is the answer to it. The stream itself is sound."""

    tag: Tag
    error: Error


Event = Received | Refused


class Connection:
    """Both directions of one connection. `lane` is the one that `request` uses."""

    def __init__(self, lane: Lane = Lane.TAGGED) -> None:
        self._reader = FrameReader()
        self._lane = lane
        self._last_id = 0

    def __repr__(self) -> str:
        return f"<Connection {self._lane.value} last id {self._last_id}, {self._reader.buffered} bytes buffered>"

    @property
    def buffered(self) -> int:
        """Bytes received that are not messages yet."""
        return self._reader.buffered

    @property
    def mid_frame(self) -> bool:
        """Whether an end of stream now would cut a frame in two."""
        return self.buffered > 0

    def receive(self, data: bytes) -> None:
        """Add bytes from the peer."""
        self._reader.feed(data)

    def next_event(self) -> Event | None:
        """The next message, or `None` if more bytes are needed. Raises `ProtocolError`."""
        frame = self._reader.next_frame()
        return None if frame is None else _DECODE[frame.lane](frame)

    def request(self, message: Message) -> tuple[Tag, bytes]:
        """A new request in this connection's lane: its tag, and the frame to send."""
        self._last_id = self._last_id % MAX_REQUEST_ID + 1
        tag = Tag(self._lane, 0 if self._lane is Lane.PLAIN else self._last_id)
        return tag, self.send(tag, message)

    def send(self, tag: Tag, message: Message) -> bytes:
        """The frame that carries `message` under `tag`. Raises `ProtocolError` when it is too large."""
        kind, fields = codec.fields_of(message)
        match tag.lane:
            case Lane.PLAIN:
                body: object = [kind, fields]
            case Lane.TAGGED:
                body = {"id": tag.id, "kind": kind, "fields": fields}
            case Lane.ENVELOPE:
                body = {
                    "envelope_version": ENVELOPE_VERSION,
                    "kind": kind,
                    "payload_protocol": PROTOCOL,
                    "payload": codec.pack(fields),
                    "request_id": tag.id,
                    "payload_encoding": PAYLOAD_ENCODING,
                    "deadline_unix_ms": tag.deadline_unix_ms,
                    "traceparent": tag.traceparent,
                    "tracestate": tag.tracestate,
                }
        return encode(tag.lane, codec.pack(body))


def _decode_plain(frame: Frame) -> Event:
    body = codec.unpack(frame.body)
    if not isinstance(body, list) or len(body) != 2:
        raise ProtocolError("a plain frame's body must be [kind, fields]")
    return _event(Tag(Lane.PLAIN), body[0], body[1])


def _decode_tagged(frame: Frame) -> Event:
    body = codec.unpack(frame.body)
    if not isinstance(body, dict) or not _is_id(body.get("id")):
        raise ProtocolError("a tagged frame's body must be {id, kind, fields} with an id of 0 or more")
    return _event(Tag(Lane.TAGGED, body["id"]), body.get("kind"), body.get("fields", {}))


def _decode_envelope(frame: Frame) -> Event:
    body = codec.unpack(frame.body)
    if not isinstance(body, dict) or body.get("envelope_version") != ENVELOPE_VERSION:
        raise ProtocolError(f"not an envelope of version {ENVELOPE_VERSION}")
    tag = _envelope_tag(body)
    if body.get("payload_protocol") != PROTOCOL or body.get("payload_encoding") != PAYLOAD_ENCODING:
        spoken = f"{codec.shown(body.get('payload_protocol'))} in {codec.shown(body.get('payload_encoding'))}"
        return Refused(
            tag, Error("foreign-protocol", f"This endpoint speaks {PROTOCOL} in {PAYLOAD_ENCODING}, not {spoken}.")
        )
    payload = body.get("payload")
    if not isinstance(payload, bytes):
        return Refused(tag, Error("bad-message", "The envelope has no payload."))
    return _event(tag, body.get("kind"), codec.unpack(payload))


def _envelope_tag(body: dict[str, object]) -> Tag:
    request_id, deadline = body.get("request_id", 0), body.get("deadline_unix_ms", 0)
    parent, state = body.get("traceparent", ""), body.get("tracestate", "")
    if not (_is_id(request_id) and _is_id(deadline) and isinstance(parent, str) and isinstance(state, str)):
        raise ProtocolError("an envelope's request_id, deadline or tracing fields have the wrong type")
    assert isinstance(request_id, int)
    assert isinstance(deadline, int)
    return Tag(Lane.ENVELOPE, request_id, parent, state, deadline)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _event(tag: Tag, kind: object, fields: object) -> Event:
    try:
        return Received(tag, codec.message_from(kind, fields))
    except codec.MessageError as error:
        return Refused(tag, Error("bad-message", str(error)))


_DECODE = {Lane.PLAIN: _decode_plain, Lane.TAGGED: _decode_tagged, Lane.ENVELOPE: _decode_envelope}
