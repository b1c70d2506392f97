"""Messages to msgpack and back. The only module that knows msgpack.

Strings use `surrogateescape`, so a path that is not UTF-8 survives the way.
Decoding checks every value against the dataclass's annotations: what comes out
of here has the types it says it has.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgpack

from zcnb.errors import ProtocolError, UsageError
from zcnb.wire.messages import KIND_OF, KINDS, Message
from zcnb.wire.small import more_values_than
from zcnb.wire.versions import MAX_ITEMS, MAX_LENGTH

Decoder = Callable[[Any], Any]


class MessageError(UsageError):
    """One message is not usable (unknown kind, missing field, wrong type); the stream goes on."""


def pack(value: object) -> bytes:
    """msgpack bytes of plain data and dataclasses (dataclasses as maps by field name)."""
    packed: bytes = msgpack.packb(value, default=_plain, unicode_errors="surrogateescape")
    return packed


def unpack(body: bytes) -> Any:
    """Plain data from msgpack, decoded with limits. Raises `ProtocolError`."""
    if len(body) > MAX_ITEMS and more_values_than(body, MAX_ITEMS):
        raise ProtocolError(f"a message of more than {MAX_ITEMS} values")
    try:
        return msgpack.unpackb(
            body,
            unicode_errors="surrogateescape",
            use_list=True,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            max_str_len=MAX_LENGTH,
            max_bin_len=MAX_LENGTH,
            max_ext_len=0,
        )
    except (ValueError, msgpack.UnpackException, RecursionError, TypeError) as error:
        raise ProtocolError(f"a frame's body is not valid msgpack: {error}") from None


def fields_of(message: Message) -> tuple[str, dict[str, Any]]:
    """`(kind, fields)` as they go on the wire."""
    return KIND_OF[type(message)], _plain(message)


def message_from(kind: object, raw: object) -> Message:
    """The message for `(kind, fields)`. Raises `MessageError`."""
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise MessageError(f"unknown message kind {shown(kind)}; known are: {', '.join(KINDS)}")
    try:
        message: Message = _DECODERS[cls](raw)
    except (ValueError, TypeError) as error:
        raise MessageError(f"message {shown(kind)}: {error}") from None
    return message


def shown(value: object) -> str:
    """A short form of a peer's value for an error message: it may be megabytes long or nested a thousand deep."""
    return reprlib.repr(value)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _field_names(type(value))}
    raise TypeError(f"{type(value).__name__} cannot go on the wire")


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(cls))


def _dataclass_decoder(cls: Any) -> Decoder:
    hints = get_type_hints(cls)
    decoders = {name: _decoder(hints[name]) for name in _field_names(cls)}
    required = {f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING}

    def decode(raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            raise ValueError(f"{cls.__name__} must be a map of fields, not {type(raw).__name__}")
        missing = required - raw.keys()
        if missing:
            raise ValueError(f"field {sorted(missing)[0]!r} is missing")
        values = {}
        for name, decoder in decoders.items():
            if name in raw:
                try:
                    values[name] = decoder(raw[name])
                except ValueError as error:
                    raise ValueError(f"field {name!r}: {error}") from None
        return cls(**values)

    return decode


def _decoder(hint: Any) -> Decoder:
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_decoder(hint)
    if origin is Literal:
        return _one_of(args)
    if origin is tuple:
        return _tuple_of(_decoder(args[0]))
    if origin is dict:
        return _dict_of(_decoder(args[1]))
    return _exactly(hint)


def _exactly(cls: type) -> Decoder:
    accepted: tuple[type, ...] = (float, int) if cls is float else (cls,)

    def decode(raw: Any) -> Any:
        if not isinstance(raw, accepted) or (isinstance(raw, bool) and cls is not bool):
            raise ValueError(f"expected {cls.__name__}, got {type(raw).__name__}")
        return raw

    return decode


def _one_of(choices: tuple[Any, ...]) -> Decoder:
    def decode(raw: Any) -> Any:
        if raw not in choices:
            raise ValueError(f"{shown(raw)} is not one of {', '.join(map(repr, choices))}")
        return raw

    return decode


def _tuple_of(item: Decoder) -> Decoder:
    def decode(raw: Any) -> Any:
        if not isinstance(raw, list):
            raise ValueError(f"expected a list, got {type(raw).__name__}")
        return tuple(map(item, raw))

    return decode


def _dict_of(item: Decoder) -> Decoder:
    def decode(raw: Any) -> Any:
        if not isinstance(raw, dict) or not all(isinstance(name, str) for name in raw):
            raise ValueError("expected a map with string keys")
        return {name: item(value) for name, value in raw.items()}

    return decode


_DECODERS: dict[type[Message], Decoder] = {cls: _dataclass_decoder(cls) for cls in KINDS.values()}
