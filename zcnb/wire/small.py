"""msgpack in a few lines, for the wrapper: importing the package costs more than the rest of a call.

It packs what a tool call holds and unpacks whatever a daemon may answer. The
same bytes as the package's, which a test holds it to. Anything else belongs
to `zcnb.wire.codec`.
"""

from __future__ import annotations

PLAIN, TAGGED = 1, 2
"""The versions that tell those lanes, as in `zcnb.wire.versions`."""


def frame(version: int, body: bytes) -> bytes:
    """A plain or tagged frame around a packed body."""
    return (len(body) + 4).to_bytes(4, "little") + version.to_bytes(4, "little") + body


def pack(value: object) -> bytes:
    """`value` (None, bool, int, str, bytes, list, tuple, dict) as msgpack."""
    out: list[bytes] = []
    _pack(value, out)
    return b"".join(out)


def _pack(value: object, out: list[bytes]) -> None:
    if value is None or value is True or value is False:
        out.append(b"\xc0" if value is None else b"\xc3" if value else b"\xc2")
    elif isinstance(value, int):
        out.append(_integer(value))
    elif isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        out += [_head(len(raw), 0xA0, 32, (0xD9, 0xDA, 0xDB)), raw]
    elif isinstance(value, bytes):
        out += [_head(len(value), 0, 0, (0xC4, 0xC5, 0xC6)), value]
    elif isinstance(value, (list, tuple)):
        out.append(_head(len(value), 0x90, 16, (0, 0xDC, 0xDD)))
        for item in value:
            _pack(item, out)
    elif isinstance(value, dict):
        out.append(_head(len(value), 0x80, 16, (0, 0xDE, 0xDF)))
        for name, item in value.items():
            _pack(name, out)
            _pack(item, out)
    else:
        raise TypeError(f"{type(value).__name__} is not for the small codec")


def _head(length: int, fix: int, below: int, codes: tuple[int, int, int]) -> bytes:
    """The start of a string, a list or a map: `codes` are those for lengths of 1, 2 and 4 bytes (0 for none)."""
    if length < below:
        return bytes([fix | length])
    for code, size in zip(codes, (1, 2, 4), strict=True):
        if code and length < 1 << (8 * size):
            return bytes([code]) + length.to_bytes(size, "big")
    raise ValueError("too long for msgpack")


def _integer(value: int) -> bytes:
    if -32 <= value < 128:
        return bytes([value & 0xFF])
    signed = value < 0
    for size in (1, 2, 4, 8):
        if (-1 << (8 * size - 1) <= value) if signed else (value < 1 << (8 * size)):
            code = (0xD0 if signed else 0xCC) + size.bit_length() - 1
            return bytes([code]) + value.to_bytes(size, "big", signed=signed)
    raise ValueError("too large for msgpack")


def unpack(data: bytes) -> object:
    """The value that `data` holds. Raises `ValueError` for what is cut, too long, or not msgpack."""
    try:
        value, end = _unpack(data, 0)
    except (IndexError, TypeError, RecursionError) as error:
        raise ValueError("not msgpack, or cut short") from error
    if end != len(data):
        raise ValueError("bytes behind the value")
    return value


def more_values_than(data: bytes, most: int) -> bool:
    """Whether `data` holds more than `most` values, counted over all lists and maps: each of them may be short
    enough, and all together take a hundred times the memory of their bytes. Takes time in proportion to `most`."""
    at = 0
    for _ in range(most):
        if at >= len(data):
            return False
        code = data[at]
        at += 1
        if 0xA0 <= code < 0xC0:
            at += code & 31
        elif code in _NUMBERS or code in (0xCA, 0xCB):
            at += _NUMBERS.get(code, (8 if code == 0xCB else 4, False))[0]
        elif code in _SIZED:
            size = _SIZED[code]
            length = int.from_bytes(data[at : at + size], "big")
            at += size + (length if code < 0xDC else 0)
    return at < len(data)


_CONSTANTS: dict[int, object] = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {0xCC: (1, False), 0xCD: (2, False), 0xCE: (4, False), 0xCF: (8, False),
            0xD0: (1, True), 0xD1: (2, True), 0xD2: (4, True), 0xD3: (8, True)}  # fmt: skip
_SIZED = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}


def _unpack(data: bytes, at: int) -> tuple[object, int]:
    code = data[at]
    at += 1
    if code < 0x80 or code >= 0xE0:
        return (code if code < 0x80 else code - 256), at
    if code < 0x90:
        return _map(data, at, code & 15)
    if code < 0xA0:
        return _list(data, at, code & 15)
    if code < 0xC0:
        return _text(data, at, code & 31)
    if code in _CONSTANTS:
        return _CONSTANTS[code], at
    if code in _NUMBERS:
        size, signed = _NUMBERS[code]
        return int.from_bytes(_cut(data, at, size), "big", signed=signed), at + size
    if code == 0xCB:
        from _struct import unpack_from

        return unpack_from(">d", _cut(data, at, 8))[0], at + 8
    length = int.from_bytes(_cut(data, at, _SIZED[code]), "big") if code in _SIZED else None
    if length is None:
        raise ValueError(f"msgpack code {code:#x} is not for the small codec")
    at += _SIZED[code]
    if code in (0xC4, 0xC5, 0xC6):
        return _cut(data, at, length), at + length
    return (_text if code < 0xDC else _list if code < 0xDE else _map)(data, at, length)


def _cut(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise ValueError("cut short")
    return data[at : at + length]


def _text(data: bytes, at: int, length: int) -> tuple[object, int]:
    return _cut(data, at, length).decode("utf-8", "surrogateescape"), at + length


def _list(data: bytes, at: int, length: int) -> tuple[object, int]:
    items = []
    for _ in range(length):
        item, at = _unpack(data, at)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, length: int) -> tuple[object, int]:
    found: dict[object, object] = {}
    for _ in range(length):
        name, at = _unpack(data, at)
        found[name], at = _unpack(data, at)
    return found, at
