"""Both ends of a conversation in memory: events, tags, refusals, and what breaks a stream."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgpack
import pytest

from zcnb.errors import ProtocolError
from zcnb.wire import codec
from zcnb.wire.connection import MAX_REQUEST_ID, Connection, Event, Received, Refused, Tag
from zcnb.wire.framing import encode
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import KINDS, Backpressure, Build, Done, Error, GetProgress, Message, Ping, Pong
from zcnb.wire.versions import MAX_LENGTH

LANES = pytest.mark.parametrize("lane", Lane)
TRACED = Tag(Lane.ENVELOPE, 7, "00-4bf9-00f0-01", "vendor=1", 1_700_000_000_000)
ENVELOPE: dict[str, Any] = {
    "envelope_version": 1, "kind": "ping", "payload_protocol": "zcnb/1", "payload": b"\x80", "request_id": 7,
    "payload_encoding": "msgpack", "deadline_unix_ms": 0, "traceparent": "", "tracestate": "",
}  # fmt: skip
ODD = object()
DEEP = msgpack.unpackb(b"\x91" * 1015 + b"\xc0")


def events(connection: Connection, data: bytes = b"") -> list[Event]:
    connection.receive(data)
    return list(iter(connection.next_event, None))


def frame(lane: Lane, body: object) -> bytes:
    return encode(lane, msgpack.packb(body))


def enveloped(**changed: object) -> bytes:
    return frame(Lane.ENVELOPE, {k: v for k, v in (ENVELOPE | changed).items() if v is not ...})


def sample(cls: Any) -> Any:
    """An instance in which every field holds something else than its default."""
    hints = get_type_hints(cls)
    made = cls(**{entry.name: value_of(hints[entry.name], entry.default) for entry in fields(cls)})
    for entry in fields(cls):
        assert entry.default is MISSING or getattr(made, entry.name) != entry.default, entry.name
    return made


def value_of(hint: Any, default: object) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return sample(hint)
    if origin is Literal:
        return args[-1]
    if origin is tuple:
        return (value_of(args[0], MISSING),) * 2
    if origin is dict:
        return {"a\udcffb": value_of(args[1], MISSING), "": value_of(args[1], MISSING)}
    return {bool: default is not True, int: 2**40 + 1, float: 0.1, str: "Grüße \udce9\0\n", bytes: b"\xff\0"}[hint]


@LANES
@pytest.mark.parametrize("kind", KINDS)
def test_every_message_goes_through_every_lane(lane: Lane, kind: str) -> None:
    message = sample(KINDS[kind])
    tag, data = Connection(lane).request(message)
    assert tag.lane is lane
    assert events(Connection(), data) == [Received(tag, message)]


@LANES
@pytest.mark.parametrize("kind", KINDS)
def test_byte_by_byte_and_with_more_behind(lane: Lane, kind: str) -> None:
    near, far = Connection(lane), Connection()
    message = sample(KINDS[kind])
    tag, data = near.request(message)
    for byte in data[:-1]:
        assert events(far, bytes([byte])) == []
        assert far.mid_frame
    _, more = near.request(Ping())
    assert events(far, data[-1:] + more[:9]) == [Received(tag, message)]
    assert far.mid_frame
    assert [event.tag.lane for event in events(far, more[9:])] == [lane]
    assert not far.mid_frame


@LANES
def test_a_conversation(lane: Lane) -> None:
    near, far = Connection(lane), Connection()
    for count in (1, 2, 3):
        asked, data = near.request(GetProgress(count))
        [request] = events(far, data)
        assert request == Received(asked, GetProgress(count))
        assert events(near, far.send(request.tag, Pong(count))) == [Received(asked, Pong(count))]


def test_ids_start_at_one_count_up_and_wrap() -> None:
    for lane in (Lane.TAGGED, Lane.ENVELOPE):
        connection = Connection(lane)
        assert [connection.request(Ping())[0].id for _ in range(3)] == [1, 2, 3]
        connection._last_id = MAX_REQUEST_ID - 1
        assert [connection.request(Ping())[0].id for _ in range(3)] == [MAX_REQUEST_ID, 1, 2]


def test_the_largest_id_goes_over_the_wire_and_back() -> None:
    connection = Connection(Lane.TAGGED)
    connection._last_id = MAX_REQUEST_ID - 1
    tag, data = connection.request(Ping())
    assert events(Connection(), data) == [Received(tag, Ping())]


def test_plain_requests_carry_no_id() -> None:
    connection = Connection(Lane.PLAIN)
    assert connection.request(Ping()) == (Tag(Lane.PLAIN), encode(Lane.PLAIN, b"\x92\xa4ping\x80"))
    assert connection.request(Ping())[0] == Tag(Lane.PLAIN)


@pytest.mark.parametrize("reply", [Done(), Error("code", "message"), Backpressure(5)])
def test_an_envelope_echoes_id_and_tracing(reply: Message) -> None:
    far = Connection()
    [request] = events(far, Connection().send(TRACED, Ping()))
    assert request.tag == TRACED
    raw = msgpack.unpackb(far.send(request.tag, reply)[5:])
    echoed = (raw["request_id"], raw["traceparent"], raw["tracestate"], raw["deadline_unix_ms"])
    assert echoed == (7, "00-4bf9-00f0-01", "vendor=1", 1_700_000_000_000)
    assert (raw["envelope_version"], raw["payload_protocol"], raw["payload_encoding"]) == (1, "zcnb/1", "msgpack")


def test_an_envelope_may_leave_id_deadline_and_tracing_out() -> None:
    data = enveloped(request_id=..., deadline_unix_ms=..., traceparent=..., tracestate=...)
    assert events(Connection(), data) == [Received(Tag(Lane.ENVELOPE), Ping())]


@LANES
@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        ("pang", {}, "unknown message kind 'pang'"),
        (None, {}, "unknown message kind None"),
        (3, {}, "unknown message kind 3"),
        ("get-progress", {}, "'request' is missing"),
        ("get-progress", {"request": "1"}, "expected int"),
        ("ping", None, "must be a map"),
    ],
)
def test_a_bad_message_is_refused_alone(lane: Lane, kind: object, raw: object, said: str) -> None:
    body: dict[Lane, object] = {
        Lane.PLAIN: [kind, raw],
        Lane.TAGGED: {"id": 5, "kind": kind, "fields": raw},
        Lane.ENVELOPE: ENVELOPE | {"kind": kind, "payload": msgpack.packb(raw), "request_id": 5},
    }
    far = Connection()
    good, data = Connection(lane).request(Ping())
    [before, refused, after] = events(far, data + frame(lane, body[lane]) + data)
    assert before == after == Received(good, Ping())
    assert isinstance(refused, Refused)
    assert refused.tag == Tag(lane, 0 if lane is Lane.PLAIN else 5)
    assert refused.error.code == "bad-message"
    assert said in refused.error.message


@LANES
def test_unknown_fields_are_ignored(lane: Lane) -> None:
    body: dict[Lane, object] = {
        Lane.PLAIN: ["pong", {"pid": 3, "new": 1}],
        Lane.TAGGED: {"id": 7, "kind": "pong", "fields": {"pid": 3, "new": 1}, "new": {}},
        Lane.ENVELOPE: ENVELOPE | {"kind": "pong", "payload": msgpack.packb({"pid": 3, "new": 1}), "new": []},
    }
    [event] = events(Connection(), frame(lane, body[lane]))
    assert event == Received(Tag(lane, 0 if lane is Lane.PLAIN else 7), Pong(3))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"payload_protocol": "other/9"}, "foreign-protocol"),
        ({"payload_protocol": ...}, "foreign-protocol"),
        ({"payload_protocol": 1}, "foreign-protocol"),
        ({"payload_encoding": "json", "payload": b"{}"}, "foreign-protocol"),
        ({"payload": ...}, "bad-message"),
        ({"payload": {}}, "bad-message"),
    ],
)
def test_a_foreign_envelope_is_refused_with_its_own_id(changed: dict[str, object], code: str) -> None:
    far = Connection()
    [event, after] = events(far, enveloped(traceparent="t", **changed) + enveloped())
    assert isinstance(event, Refused)
    assert (event.tag, event.error.code) == (Tag(Lane.ENVELOPE, 7, "t"), code)
    assert isinstance(after, Received)


@pytest.mark.parametrize(
    "data",
    [
        frame(Lane.PLAIN, ["ping"]),
        frame(Lane.PLAIN, ["ping", {}, 1]),
        frame(Lane.PLAIN, {"kind": "ping"}),
        frame(Lane.TAGGED, ["ping", {}]),
        frame(Lane.TAGGED, {"kind": "ping", "fields": {}}),
        frame(Lane.TAGGED, {"id": -1, "kind": "ping", "fields": {}}),
        frame(Lane.TAGGED, {"id": True, "kind": "ping", "fields": {}}),
        frame(Lane.TAGGED, {"id": "1", "kind": "ping", "fields": {}}),
        enveloped(envelope_version=2),
        enveloped(envelope_version=...),
        enveloped(request_id=-1),
        enveloped(request_id=None),
        enveloped(deadline_unix_ms="soon"),
        enveloped(traceparent=1),
        enveloped(tracestate=b""),
        enveloped(payload=b"\xc1"),
        encode(Lane.PLAIN, b"\xc1"),
        encode(Lane.TAGGED, b"\x80\x80"),
        struct.pack("<II", 5, 9) + b"\0",
        b"GET / HTTP/1.1\r\n",
    ],
)
def test_a_broken_stream_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        events(Connection(), data)


@pytest.mark.parametrize("lane", [Lane.PLAIN, Lane.TAGGED, Lane.ENVELOPE])
def test_a_huge_length_is_refused_at_its_header(lane: Lane) -> None:
    heads = {Lane.PLAIN: b"\xff\xff\xff\xff\x01\0\0\0", Lane.TAGGED: b"\xff\xff\xff\xff\x02\0\0\0"}
    far = Connection()
    far.receive(heads.get(lane, b"\x01\xff\xff\xff\xff\x80\x80\x80"))
    with pytest.raises(ProtocolError, match="length"):
        far.next_event()


@LANES
def test_a_message_that_is_too_large_is_not_sent(lane: Lane) -> None:
    with pytest.raises(ProtocolError, match="over the limit"):
        Connection(lane).request(Error("code", "x" * MAX_LENGTH))


@pytest.mark.parametrize(
    "data",
    [
        frame(Lane.PLAIN, [DEEP, {}]),
        frame(Lane.TAGGED, {"id": 1, "kind": DEEP, "fields": {}}),
        enveloped(payload_protocol=DEEP),
        frame(Lane.PLAIN, ["build", {"spec": {"language": DEEP, "source": b"", "cwd": "", "env": {}}}]),
    ],
)
def test_a_deeply_nested_value_is_refused_like_any_other(data: bytes) -> None:
    try:
        [event] = events(Connection(), data)
    except ProtocolError:
        return
    assert isinstance(event, Refused)


@LANES
def test_the_answer_to_a_refused_message_fits_in_a_frame(lane: Lane) -> None:
    kind = "\0" * (MAX_LENGTH // 2)
    body: dict[Lane, object] = {
        Lane.PLAIN: [kind, {}],
        Lane.TAGGED: {"id": 1, "kind": kind, "fields": {}},
        Lane.ENVELOPE: ENVELOPE | {"kind": kind},
    }
    far = Connection()
    [event] = events(far, frame(lane, body[lane]))
    assert isinstance(event, Refused)
    assert len(far.send(event.tag, event.error)) <= MAX_LENGTH


def test_repr_shows_lane_id_and_buffer() -> None:
    connection = Connection(Lane.ENVELOPE)
    connection.request(Ping())
    connection.receive(b"abc")
    assert repr(connection) == "<Connection envelope last id 1, 3 bytes buffered>"


def spoiled(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`raw` with one value, at any depth, replaced by one that fits no field."""
    for name, value in raw.items():
        yield raw | {name: ODD}
        if isinstance(value, dict):
            yield from (raw | {name: inner} for inner in spoiled(value))
        if isinstance(value, list):
            yield raw | {name: [*value, ODD]}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if fields(KINDS[kind])])
def test_no_field_goes_unchecked(kind: str) -> None:
    raw = codec.unpack(codec.pack(sample(KINDS[kind])))
    assert codec.message_from(kind, raw) == sample(KINDS[kind])
    for bad in spoiled(raw):
        with pytest.raises(codec.MessageError):
            codec.message_from(kind, bad)


def test_the_source_of_a_build_may_be_any_bytes() -> None:
    message = sample(Build)
    assert message.spec.source == b"\xff\0"
    assert message.spec.env["a\udcffb"].endswith("\udce9\0\n")
