"""Who listens there? Row T7, clause by clause, against a daemon played by hand and a real one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.client.test_line import Far
from zcnb import __version__, transport
from zcnb.client import launch
from zcnb.client.identity import MAX_ANSWER, identify
from zcnb.client.line import Line
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import EndpointError
from zcnb.osdep import process_start
from zcnb.transport import Stream
from zcnb.wire.connection import Received, Tag
from zcnb.wire.framing import encode
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Error, Identify, Identity, Ping, Pong
from zcnb.wire.versions import MAX_LENGTH, NONCE_LENGTH, PROTOCOL

Ends = tuple[Stream, Far]
Answer = Callable[[Far, Tag, Identity], bytes]


@pytest.fixture(params=["memory", "unix"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ends]:
    """A client's stream, and the other end."""
    if request.param == "memory":
        near, far = transport.pair()
    else:
        near, far = unix_pair(Path(request.getfixturevalue("config").endpoint).with_name("own.sock"))
    yield near, Far(far)
    near.close()
    far.close()


def unix_pair(path: Path) -> tuple[Stream, Stream]:
    with transport.bind(path) as listener:
        near = transport.connect(path)
        return near, transport.unix.UnixStream(listener.accept()[0])


def played(ends: Ends, answer: Answer, timeout: float = 10.0) -> Identity:
    """What `identify` makes of the bytes that `answer` gives (if any)."""
    near, far = ends

    def serve() -> None:
        event = far.request()
        assert isinstance(event, Received)
        assert isinstance(event.message, Identify)
        reply = answer(far, event.tag, Identity(event.message.nonce, 4711, "0.1.0", PROTOCOL, 99))
        if reply:
            far.stream.send(reply)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        return identify(near, timeout)
    finally:
        serving.join(10)


def test_a_nonce_of_32_bytes_goes_out_in_an_envelope(ends: Ends) -> None:
    seen: list[tuple[Lane, int, bytes]] = []

    def answer(far: Far, tag: Tag, identity: Identity) -> bytes:
        seen.append((tag.lane, tag.id, identity.nonce))
        return far.frame(tag, identity)

    played(ends, answer)
    [(lane, number, nonce)] = seen
    assert (lane, number, len(nonce)) == (Lane.ENVELOPE, 1, NONCE_LENGTH)


def test_the_identity_comes_back(ends: Ends) -> None:
    found = played(ends, lambda far, tag, identity: far.frame(tag, identity))
    assert replace(found, nonce=b"") == Identity(b"", 4711, "0.1.0", PROTOCOL, 99)


def test_nonces_do_not_repeat() -> None:
    nonces = set()
    for _ in range(3):
        near, far = transport.pair()
        nonces.add(played((near, Far(far)), lambda far, tag, identity: far.frame(tag, identity)).nonce)
    assert len(nonces) == 3


def foreign(far: Far, tag: Tag, identity: Identity) -> bytes:
    return far.frame(tag, identity).replace(b"payload_protocol\xa6zcnb/1", b"payload_protocol\xa6zcnb/9")


def test_a_foreign_payload_protocol_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match=r"another protocol than zcnb/1"):
        played(ends, foreign)


def without_nonce(far: Far, tag: Tag, identity: Identity) -> bytes:
    return far.frame(tag, identity).replace(b"\xa5nonce", b"\xa5nancy")


def test_an_answer_without_nonce_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="'nonce' is missing"):
        played(ends, without_nonce)


@pytest.mark.parametrize("nonce", [b"", bytes(32), bytes(31)])
def test_another_nonce_is_an_endpoint_error(ends: Ends, nonce: bytes) -> None:
    with pytest.raises(EndpointError, match="another nonce"):
        played(ends, lambda far, tag, identity: far.frame(tag, replace(identity, nonce=nonce)))


def test_a_cut_nonce_is_another_nonce(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="another nonce"):
        played(ends, lambda far, tag, identity: far.frame(tag, replace(identity, nonce=identity.nonce[:-1])))


def test_an_answer_to_another_question_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="another question"):
        played(ends, lambda far, tag, identity: far.frame(replace(tag, id=tag.id + 1), identity))


def test_an_answer_in_another_lane_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="another question"):
        played(ends, lambda far, tag, identity: far.frame(Tag(Lane.TAGGED, tag.id), identity))


def test_an_answer_of_another_kind_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="answered with Pong"):
        played(ends, lambda far, tag, identity: far.frame(tag, Pong(1)))


@pytest.mark.parametrize("lane", [Lane.ENVELOPE, Lane.PLAIN])
def test_an_error_reply_is_an_endpoint_error_with_its_words(ends: Ends, lane: Lane) -> None:
    """In the plain lane: what a daemon says before it hangs up."""
    with pytest.raises(EndpointError, match="belongs to another user"):
        played(
            ends,
            lambda far, tag, identity: far.frame(replace(tag, lane=lane), Error("protocol", "belongs to another user")),
        )


def test_a_length_beyond_all_frames_is_an_endpoint_error(ends: Ends) -> None:
    with pytest.raises(EndpointError, match="frame length"):
        played(ends, lambda far, tag, identity: b"\x01" + b"\xff" * 4 + bytes(100))


def test_an_oversized_answer_is_an_endpoint_error_before_it_is_complete(ends: Ends) -> None:
    """Nothing more comes after these bytes: it must not wait for the frame's end."""
    begin = time.monotonic()
    with pytest.raises(EndpointError, match="longer than 4096"):
        played(ends, lambda far, tag, identity: b"\x01" + MAX_LENGTH.to_bytes(4, "little") + bytes(MAX_ANSWER), 60)
    assert time.monotonic() - begin < 30


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        bytes(64),
        encode(Lane.ENVELOPE, b"\xc1\xc1\xc1"),
        encode(Lane.ENVELOPE, b"\x93\1\2\3"),
    ],
    ids=["http", "zeros", "no msgpack", "no envelope"],
)
def test_an_undecodable_answer_is_an_endpoint_error(ends: Ends, answer: bytes) -> None:
    with pytest.raises(EndpointError, match="no zcnb daemon"):
        played(ends, lambda far, tag, identity: answer)


def test_more_than_was_asked_for_is_an_endpoint_error(ends: Ends) -> None:
    """The caller goes on with the stream: nothing that came over it may be lost unseen."""
    with pytest.raises(EndpointError, match="more came back"):
        played(ends, lambda far, tag, identity: far.frame(tag, identity) + b"x")


def test_a_silent_peer_is_an_endpoint_error_when_the_budget_is_spent(ends: Ends) -> None:
    begin = time.monotonic()
    with pytest.raises(EndpointError, match=r"within 0\.2 s"):
        identify(ends[0], 0.2)
    assert 0.19 < time.monotonic() - begin < 10


def test_bytes_that_trickle_do_not_stretch_the_budget(ends: Ends) -> None:
    near, far = ends
    stop = threading.Event()

    def trickle() -> None:
        far.stream.send(b"\x01" + (2000).to_bytes(4, "little"))
        while not stop.wait(0.02):
            far.stream.send(b"\x80")

    trickling = threading.Thread(target=trickle)
    trickling.start()
    begin = time.monotonic()
    try:
        with pytest.raises(EndpointError, match=r"within 0\.5 s"):
            identify(near, 0.5)
    finally:
        stop.set()
        trickling.join(10)
    assert time.monotonic() - begin < 10, "at this pace the frame would take 40 s"


def test_a_flood_does_not_stretch_the_budget(ends: Ends) -> None:
    near, far = ends
    far.stream.send(far.frame(Tag(Lane.TAGGED, 7), Pong(1)) * 1000)  # it fits in the socket's buffer
    with pytest.raises(EndpointError):
        identify(near, 20)


@pytest.mark.parametrize("cut", [0, 3, 40])
def test_a_closed_connection_is_an_endpoint_error(ends: Ends, cut: int) -> None:
    def answer(far: Far, tag: Tag, identity: Identity) -> bytes:
        far.stream.send(far.frame(tag, identity)[:cut])
        far.stream.close()
        return b""

    with pytest.raises(EndpointError, match="closed before"):
        played(ends, answer)


def test_a_closed_stream_is_an_endpoint_error(ends: Ends) -> None:
    ends[0].close()
    with pytest.raises(EndpointError, match="ended before"):
        identify(ends[0], 1)


def test_the_daemon_says_who_it_is_and_the_stream_goes_on(session: Session, config: Config) -> None:
    pid = session.status().pid
    stream = launch.connect(config)
    found = identify(stream, 10)
    assert (found.pid, found.version, found.protocol) == (pid, __version__, PROTOCOL)
    assert found.started == process_start(pid) > 0
    assert Line(stream).request(Ping(), 10) == Pong(pid)
    stream.close()


def test_a_daemon_that_is_starting_answers_within_the_budget(config: Config) -> None:
    stream = launch.connect_or_launch(config)
    assert identify(stream, 30).pid not in {0, os.getpid()}
    stream.close()
