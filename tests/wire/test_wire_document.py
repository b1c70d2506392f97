"""WIRE.md tells all: every message, every field with its type and default, every error code, every limit.

The document is read as a peer's author would: headings name messages and parts of them, tables name fields.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import zcnb
from zcnb.cli.wrap import MOST_STDIN
from zcnb.client import identity
from zcnb.config import Config
from zcnb.daemon import handlers, hostpipe, jobs, lifecycle, peer, server, tally
from zcnb.model.call import Placed, ToolOutcome
from zcnb.model.job import MOST_REPEATS, MOST_VARIANTS
from zcnb.places import name_of
from zcnb.transport import unix
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import KIND_OF, KINDS, CompileEphemeral, Message, Ping, Push, Reply, Request, ToolDone
from zcnb.wire.small import unpack
from zcnb.wire.versions import MAX_ITEMS, MAX_LENGTH, NONCE_LENGTH, PAYLOAD_ENCODING, PROTOCOL

SOURCES = Path(zcnb.__file__).parent
TEXT = (SOURCES.parent / "share" / "doc" / "zcnb" / "WIRE.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"^#{1,4} ", TEXT, flags=re.M)[1:]}


def rows(section: str) -> list[list[str]]:
    """The cells of the tables in a section, without the first two lines of each."""
    table = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    heads = {number for number, row in enumerate(cells) if set("".join(row)) == {"-"}}
    return [row for number, row in enumerate(cells) if number not in heads and number + 1 not in heads]


def named(section: str, column: int = 0) -> list[str]:
    """What stands in backquotes in one column of a section's tables."""
    return [name for row in rows(section) for name in re.findall(r"`([^`]+)`", row[column])]


def spelled(hint: Any) -> str:
    """A type as the document spells it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(args)
    if origin in (tuple, dict):
        return f"{'list' if origin is tuple else 'map'} of {spelled(args[0] if origin is tuple else args[1])}"
    name = getattr(hint, "__supertype__", hint).__name__
    return "bin" if name == "bytes" else str(name)


def default(field: Field[Any]) -> str:
    """A default as the document spells it."""
    value = field.default if field.default_factory is MISSING else field.default_factory()
    match value:
        case bool():
            return str(value).lower()
        case str() | bytes():
            return f'`"{value if isinstance(value, str) else value.decode()}"`'
        case tuple() | dict():
            assert not value
            return "`[]`" if isinstance(value, tuple) else "`{}`"
        case int() | float():
            return f"{value:g}"
    assert value is MISSING
    return "required"


def inner(hint: Any) -> Iterator[type]:
    """The dataclasses that a type is made of, at every depth."""
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for part in get_type_hints(hint).values():
            yield from inner(part)
    for part in get_args(hint):
        yield from inner(part)


PARTS = {
    cls.__name__: cls for message in KINDS.values() for cls in inner(message) if cls not in KIND_OF
}  # what messages are made of
DESCRIBED: dict[str, type[Any]] = {**KINDS, **PARTS}


def test_parts_are_found() -> None:
    assert PARTS.keys() >= {"ToolCall", "ToolOutcome", "Placed", "BuildSpec", "Built", "StepReport", "CompilerInfo"}


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_field_has_a_row_with_its_type_and_default(name: str) -> None:
    assert name in SECTIONS, "no heading"
    cls = DESCRIBED[name]
    hints = get_type_hints(cls)
    expected = [[f"`{field.name}`", spelled(hints[field.name]), default(field)] for field in fields(cls)]
    assert [row[:3] for row in rows(name)] == expected
    assert all(row[3] for row in rows(name)), "a field without a meaning"
    assert expected or "No fields." in SECTIONS[name]


def test_nothing_is_described_that_is_not_there() -> None:
    messages = TEXT.split("\n## Messages\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^### (.+)$", messages, flags=re.M)) == DESCRIBED.keys()


def test_every_request_has_its_replies() -> None:
    requests = {KIND_OF[cls] for cls in get_args(Request)}
    replies = {KIND_OF[cls] for cls in get_args(Reply)}
    assert named("Requests and replies") == sorted(requests, key=named("Requests and replies").index)
    assert set(named("Requests and replies", 1)) | {"error", "backpressure"} == replies
    pushes = {KIND_OF[cls] for cls in get_args(Push)}
    assert set(named("Pushes")) == pushes
    assert requests | replies | pushes == KINDS.keys()
    assert {KIND_OF[cls] for cls in handlers.TABLE} <= requests


def codes_in(path: Path) -> set[str]:
    """The first word of every `Error(...)` in a module."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    errors = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Error" and call.args]
    assert all(isinstance(call.args[0], ast.Constant) for call in errors), f"a code that is not written out in {path}"
    return {call.args[0].value for call in errors if isinstance(call.args[0], ast.Constant)}  # type: ignore[misc]


def test_every_error_code_is_listed() -> None:
    used = [codes_in(path) for folder in ("daemon", "wire") for path in (SOURCES / folder).glob("*.py")]
    assert set(named("Error codes")) & set().union(*used) >= {"ending", "internal", "protocol", "foreign-protocol"}
    assert {row[0].strip("`") for row in rows("Error codes")} == set().union(*used)


LIMITS = {
    "`length` of a frame": f"{MAX_LENGTH} bytes ({MAX_LENGTH >> 20} MiB)",
    "values in a message": str(MAX_ITEMS),
    "from a frame's first byte to its last": f"{peer.FRAME_TIME_S:g} s",
    "requests under way on a connection": str(peer.MAX_IN_FLIGHT),
    "plain requests that wait for their turn": str(peer.MAX_QUEUED),
    "connections that wait to be accepted": f"{unix.BACKLOG} (or the system's limit)",
    "connections": f"{server.MOST_CONNECTIONS} (fewer if descriptors are scarce)",
    "requests in memory, of all connections": f"{peer.MAX_HELD} bytes ({peer.MAX_HELD >> 20} MiB)",
    "a reply that nobody reads": f"{peer.UNREAD_TIME_S:g} s",
    "path of the socket": f"{unix.LONGEST_PATH} bytes",
    "sessions remembered": str(tally.MOST_SESSIONS),
    "commands that wait for a kernel that is away": str(hostpipe.BUFFERED),
    "a kernel that is away": f"{hostpipe.AWAY_S:g} s",
    "jobs of a kernel at once": str(jobs.MOST_JOBS),
    "variants of a job": str(MOST_VARIANTS),
    "timed runs of a variant": str(MOST_REPEATS),
    "ended jobs remembered": str(jobs.REMEMBERED),
    "requests under way when the daemon ends": f"{lifecycle.DRAIN_S:g} s",
}
"""What stands in the table, in its order."""


def test_no_limit_is_listed_twice_or_unchecked() -> None:
    assert [row[0] for row in rows("Limits")] == list(LIMITS)


@pytest.mark.parametrize(("what", "limit"), LIMITS.items())
def test_limits_are_those_in_force(what: str, limit: str) -> None:
    assert [row[1] for row in rows("Limits") if row[0] == what] == [limit]


def test_other_numbers_are_those_in_force() -> None:
    assert f"At most {tally.MOST_REASONS} reasons" in SECTIONS["stats"]
    assert f"has {lifecycle.DRAIN_S:g} s" in SECTIONS["The end of a daemon"]
    assert f"begins with `{lifecycle.REPLACED}`" in SECTIONS["The end of a daemon"]
    assert f"Exactly {NONCE_LENGTH} random bytes" in SECTIONS["identify"]
    assert f"shorter than {identity.MAX_ANSWER} bytes" in SECTIONS["Identity"]
    assert f"after {Config().idle_timeout / 60:g} minutes without a request" in SECTIONS["The endpoint"]
    assert f"longer than {MOST_STDIN >> 20} MiB" in SECTIONS["Tool calls"]
    assert f"at most {jobs.LONGEST_DIAGNOSTICS} characters" in SECTIONS["Hosts and jobs"]
    assert f"more often than every {handlers.LEAST_HEALTH_S * 1000:g} ms" in SECTIONS["Hosts and jobs"]
    assert all(f"1 to {jobs.LONGEST_NAME} characters" in SECTIONS[name] for name in ("register-host", "JobSpec"))
    assert all(f"`{why}`" in TEXT for why in (hostpipe.OVERFLOW, hostpipe.UNREACHABLE))
    assert f"`{PROTOCOL}`; anything else" in TEXT
    assert f"`{PAYLOAD_ENCODING}`; anything else" in TEXT


def test_every_field_of_an_envelope_is_listed() -> None:
    frame = Connection().send(Tag(Lane.ENVELOPE), Ping())
    body = unpack(frame[5:])
    assert isinstance(body, dict)
    assert [row[0] for row in rows("Lanes") if len(row) == 4] == [f"`{name}`" for name in body]


def test_the_name_of_the_example_folder_is_right() -> None:
    found = re.search(r"`(/[^`]+)` gives `([0-9a-f]{16})`", TEXT)
    assert found is not None
    assert name_of(found[1].encode()) == found[2]


def test_the_exchange_is_real_to_the_byte() -> None:
    dumps = re.findall(r"```\n(0000 .+?)```", SECTIONS["One exchange, byte by byte"], flags=re.S)
    frames = [bytes.fromhex("".join(line[6:53] for line in dump.splitlines())) for dump in dumps]
    request, reply = map(decoded, frames)
    assert isinstance(request, CompileEphemeral)
    assert request.call.argv == ("g++", "-c", "a.cpp")
    assert isinstance(reply, ToolDone)
    assert reply.outcome == ToolOutcome(
        exit_code=0, stderr=b"a.cpp:1: warning\n", cache="hit",
        outputs=(
            Placed(
                path="/home/eva/.cache/zcnb/v1/ab/cd", destination="a.o", executable=False, digest="ab" * 32, size=1104
            ),
        ),
    )  # fmt: skip
    assert Connection().send(Tag(Lane.PLAIN), reply) == frames[1], "a reply is sent with all its fields"
    assert all(dumped(frame) == dump for frame, dump in zip(frames, dumps, strict=True))


def decoded(frame: bytes) -> Message:
    connection = Connection()
    connection.receive(frame)
    event = connection.next_event()
    assert isinstance(event, Received)
    assert event.tag == Tag(Lane.PLAIN)
    assert not connection.mid_frame
    return event.message


def dumped(data: bytes) -> str:
    """As `hexdump -C` would show it, nearly."""
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:04x}  {part.hex(' '):<47}  {shown}\n")
    return "".join(lines)
