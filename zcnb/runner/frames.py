"""What the daemon and a runner say to each other: tagged frames of the wire, each with one small map.

A request is `{id, job, kind, fields}`: `id` counts the requests of one
connection, `job` is the daemon's own number of the job. The answer repeats
both. The small codec serves both ends: a runner is up some 10 ms sooner
without msgpack.

| from the daemon | fields | answer |
|---|---|---|
| `hello` | `secret` | `ready` with `pid`; nothing but a closed connection if the secret is wrong |
| `run` | a job | `done` with a result, `failed` with `errno`, `strerror`, `filename`, or `cancelled` |
| `cancel` | `id` is the request's that is to end | the request's own, once its tool is gone |
| `ping` | – | `pong` |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zcnb.errors import ProtocolError
from zcnb.wire import small
from zcnb.wire.framing import FrameReader, encode
from zcnb.wire.lanes import Lane

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `id` is 0 where it belongs to no request."""

    kind: str
    id: int = 0
    job: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)


def frame_of(kind: str, number: int = 0, job: int = 0, fields: Mapping[str, object] = NOTHING) -> bytes:
    """The frame that says it. Raises `ProtocolError` if it would be over 16 MiB."""
    return encode(Lane.TAGGED, small.pack({"id": number, "job": job, "kind": kind, "fields": dict(fields)}))


class Inbox:
    """Cuts what arrives into messages."""

    def __init__(self) -> None:
        self._reader = FrameReader()

    def take(self, data: bytes) -> Iterator[Said]:
        """The messages that `data` completes. Raises `ProtocolError` for what is none, is empty or over 16 MiB."""
        self._reader.feed(data)
        while (frame := self._reader.next_frame()) is not None:
            if frame.lane is not Lane.TAGGED:
                raise ProtocolError(f"a {frame.lane.value} frame among runners")
            yield _said(frame.body)


def _said(body: bytes) -> Said:
    try:
        found = small.unpack(body)
    except ValueError as error:
        raise ProtocolError(f"a runner's frame: {error}") from None
    match found:
        case {"kind": str(kind), "fields": dict(fields), **rest}:
            number, job = rest.get("id", 0), rest.get("job", 0)
            if type(number) is int and type(job) is int:
                return Said(kind, number, job, fields)
    raise ProtocolError("a runner's frame must be {id, job, kind, fields}")
