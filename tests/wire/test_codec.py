"""Messages as msgpack: every type is checked, unknown fields are ignored, odd paths survive."""

from __future__ import annotations

import os
import time
import tracemalloc
from typing import Any

import msgpack
import pytest

from zcnb.errors import ProtocolError, UsageError
from zcnb.model.health import Progress, Status
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb.model.spec import BuildSpec
from zcnb.wire.codec import MessageError, fields_of, message_from, pack, unpack
from zcnb.wire.messages import (
    KIND_OF,
    KINDS,
    Backpressure,
    Build,
    BuildDone,
    Clear,
    Cleared,
    Error,
    Message,
    Ping,
    Pong,
)
from zcnb.wire.versions import MAX_ITEMS, MAX_LENGTH

SPEC = {"language": "c++", "source": b"int main() {}", "cwd": "/here", "env": {"PATH": "/bin"}}
COMPILER = {"name": "g++", "path": "/usr/bin/g++", "version": "13.2"}
STATUS = {"state": "ready", "pid": 1, "version": "0.1.0"}


def test_kinds_and_classes_belong_together_one_to_one() -> None:
    assert {KINDS[kind]: kind for kind in KINDS} == KIND_OF
    assert len(KINDS) == len(KIND_OF)


@pytest.mark.parametrize(
    ("kind", "raw", "message"),
    [
        ("ping", {}, Ping()),
        ("pong", {}, Pong(0)),
        ("pong", {"pid": 7}, Pong(7)),
        ("error", {"code": "c", "message": "m"}, Error("c", "m", "")),
        ("progress", {"phase": "link", "elapsed_ms": 3, "expected_ms": 2.5}, Progress("link", 3, 2.5)),
        ("build", {"spec": SPEC}, Build(BuildSpec(language="c++", source=b"int main() {}", cwd="/here",
                                                  env={"PATH": "/bin"}))),
        ("build", {"spec": SPEC | {"flags": ["-O2", "-g"]}},
         Build(BuildSpec(language="c++", source=b"int main() {}", cwd="/here", env={"PATH": "/bin"},
                         flags=("-O2", "-g")))),
        ("build-done", {"built": {"ok": True, "compiler": COMPILER, "steps": [{"step": "link", "cache": "hit"}]}},
         BuildDone(Built(ok=True, compiler=CompilerInfo(name="g++", path="/usr/bin/g++", version="13.2"),
                         steps=(StepReport(step="link", cache="hit"),)))),
        ("status", STATUS | {"uncached_reasons": {"why": 2}},
         Status("ready", 1, "0.1.0", uncached_reasons={"why": 2})),
    ],
)  # fmt: skip
def test_defaults_fill_what_was_left_out(kind: str, raw: dict[str, Any], message: Message) -> None:
    assert message_from(kind, raw) == message


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        ("pang", {}, "unknown message kind 'pang'"),
        (None, {}, "unknown message kind None"),
        (7, {}, "unknown message kind 7"),
        (["ping"], {}, "unknown message kind"),
        ("ping", None, "must be a map"),
        ("ping", [], "must be a map"),
        ("hello", {"client_version": "1", "pid": 1}, "'protocol' is missing"),
        ("hello", {"client_version": "1", "pid": "1", "protocol": "p"}, "'pid': expected int, got str"),
        ("hello", {"client_version": "1", "pid": True, "protocol": "p"}, "'pid': expected int, got bool"),
        ("hello", {"client_version": "1", "pid": 1.0, "protocol": "p"}, "'pid': expected int, got float"),
        ("hello", {"client_version": b"1", "pid": 1, "protocol": "p"}, "expected str, got bytes"),
        ("hello", {"client_version": None, "pid": 1, "protocol": "p"}, "expected str, got NoneType"),
        ("progress", {"elapsed_ms": "1"}, "'elapsed_ms': expected float, got str"),
        ("progress", {"elapsed_ms": False}, "'elapsed_ms': expected float, got bool"),
        ("build", {}, "'spec' is missing"),
        ("build", {"spec": []}, "BuildSpec must be a map"),
        ("build", {"spec": {k: v for k, v in SPEC.items() if k != "cwd"}}, "'cwd' is missing"),
        ("build", {"spec": SPEC | {"source": "text"}}, "'source': expected bytes, got str"),
        ("build", {"spec": SPEC | {"language": "cobol"}}, "'cobol' is not one of 'c', 'c++', 'rust'"),
        ("build", {"spec": SPEC | {"language": ["c"]}}, "is not one of"),
        ("build", {"spec": SPEC | {"flags": "-O2"}}, "'flags': expected a list, got str"),
        ("build", {"spec": SPEC | {"flags": ["-O2", 2]}}, "'flags': expected str, got int"),
        ("build", {"spec": SPEC | {"env": []}}, "'env': expected a map with string keys"),
        ("build", {"spec": SPEC | {"env": {b"A": "1"}}}, "'env': expected a map with string keys"),
        ("build", {"spec": SPEC | {"env": {"A": 1}}}, "'env': expected str, got int"),
        ("build", {"spec": SPEC | {"use_cache": 1}}, "'use_cache': expected bool, got int"),
        ("build-done", {"built": {"ok": True, "compiler": {}}}, "'built': field 'compiler': field 'name' is missing"),
        ("build-done", {"built": {"ok": True, "compiler": COMPILER, "steps": [{"step": "run", "cache": "hit"}]}},
         "'run' is not one of 'compile', 'link'"),
        ("status", STATUS | {"uncached_reasons": {"why": "2"}}, "expected int, got str"),
    ],
)  # fmt: skip
def test_an_unusable_message_says_what_is_wrong(kind: object, raw: object, said: str) -> None:
    with pytest.raises(MessageError) as caught:
        message_from(kind, raw)
    assert said in str(caught.value)
    assert isinstance(caught.value, UsageError)


def test_unknown_fields_are_ignored_at_every_depth() -> None:
    assert message_from("ping", {"new": [1, {"a": 2}]}) == Ping()
    assert message_from("build", {"spec": SPEC | {"new": 1}, "newer": None}) == message_from("build", {"spec": SPEC})


@pytest.mark.parametrize("path", [b"/tmp/\xff\xfe.h", "/tmp/Grüße 😀".encode(), b"\x80", b"/a\nb"])
def test_a_path_in_any_encoding_survives(path: bytes) -> None:
    text = os.fsdecode(path)
    kind, fields = fields_of(Error("code", text, hint=text))
    message = message_from(kind, unpack(pack(fields)))
    assert isinstance(message, Error)
    assert os.fsencode(message.message) == os.fsencode(message.hint) == path


def test_bytes_are_bytes_and_text_is_text() -> None:
    raw = unpack(pack({"source": b"\xff\0", "text": "\0"}))
    assert raw == {"source": b"\xff\0", "text": "\0"}
    assert isinstance(raw["source"], bytes)


def test_dataclasses_go_as_maps_by_field_name() -> None:
    kind, fields = fields_of(Cleared(3, 4))
    assert (kind, fields) == ("cleared", {"entries": 3, "bytes": 4})
    assert unpack(pack(Progress("link", 1.0, 2.0))) == {"phase": "link", "elapsed_ms": 1.0, "expected_ms": 2.0}
    assert fields_of(Clear()) == ("clear", {})


@pytest.mark.parametrize("value", [{1, 2}, object(), Backpressure, {"a": [range(3)]}])
def test_what_is_no_plain_data_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x92\xa4ping",  # a list that ends too early
        b"\x80\x80",  # more than one value
        b"\xc1",  # never used by msgpack
        b"\x81\x01\x02",  # a key that is no string
        b"\x81\x90\x02",
        b"\xd4\x05\x00",  # an extension
        b"\xd6\xff\0\0\0\0",  # a time stamp
        b"\xdf\xff\xff\xff\xff",  # a map of 4 G entries
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 2000,
    ],
)
def test_broken_msgpack_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not valid msgpack"):
        unpack(body)


def counted(values: int, form: str) -> object:
    """Something that is made of so many values, itself and all keys included."""
    rest = values - 1
    if form == "list":
        return [0] * rest
    if form == "map":
        assert rest % 2 == 0
        return dict.fromkeys(map(str, range(rest // 2)))
    inner = 99
    return [[0] * inner for _ in range(rest // (inner + 1))] + [0] * (rest % (inner + 1))


@pytest.mark.parametrize("form", ["list", "map", "nested"])
@pytest.mark.parametrize("beyond", [0, 1, 2])
def test_a_message_has_a_limit_of_values(form: str, beyond: int) -> None:
    if form == "map":  # keys and values come in pairs, so the map itself makes an odd number
        large = counted(MAX_ITEMS - 1 + beyond, form) if beyond != 1 else [counted(MAX_ITEMS - 1, form), 0]
    else:
        large = counted(MAX_ITEMS + beyond, form)
    body = msgpack.packb(large)
    if beyond:
        with pytest.raises(ProtocolError, match=f"more than {MAX_ITEMS} values"):
            unpack(body)
    else:
        assert unpack(body) == large


def head(code: int, length: int, size: int = 2) -> bytes:
    return bytes([code]) + length.to_bytes(size, "big")


LISTS = head(0xDC, 1020) + (head(0xDC, 1020) + (b"\x9f" + b"\x90" * 15) * 1020) * 1020
MAPS = head(0xDC, 4000) + (head(0xDC, 1000) + b"\x81\xa1a\x80" * 1000) * 4000
DEEP = head(0xDC, 60_000) + (b"\x91" * 270 + b"\xc0") * 60_000
LONG = head(0xDC, 80) + (head(0xDD, MAX_ITEMS - 1, 4) + b"\x90" * (MAX_ITEMS - 1)) * 80


@pytest.mark.parametrize("body", [LISTS, MAPS, DEEP, LONG], ids=["lists", "maps", "deep", "long"])
def test_lists_in_lists_cost_neither_time_nor_memory(body: bytes) -> None:
    """Each of them is short enough. Together they would take a hundred times the bytes of the frame."""
    assert len(body) < MAX_LENGTH
    begin = time.monotonic()
    with pytest.raises(ProtocolError, match=f"more than {MAX_ITEMS} values"):
        unpack(body)
    assert time.monotonic() - begin < 1
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            unpack(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "value",
    [
        "é" * (4 << 20),
        b"\x90" * (8 << 20),
        ["x" * 80] * 100_000,
        {"source": b"\xff" * (8 << 20), "env": {f"V{number}": "y" * 1000 for number in range(1000)}},
    ],
    ids=["text", "bytes", "many texts", "a call"],
)
def test_text_and_bytes_count_as_one_value(value: object) -> None:
    body = pack(value)
    assert len(body) >= 8_000_000
    begin = time.monotonic()
    assert unpack(body) == value
    assert time.monotonic() - begin < 1


def test_a_source_of_8_mb_goes_through() -> None:
    build = Build(BuildSpec(language="c++", source=b"[" * (8 << 20), cwd="/here", env={}))
    kind, fields = fields_of(build)
    assert message_from(kind, unpack(pack(fields))) == build
