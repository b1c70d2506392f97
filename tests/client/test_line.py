"""A blocking conversation over a memory pair: buffer first, no byte lost, replies matched by id."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from zcnb import transport
from zcnb.client.line import Line, unwrapped
from zcnb.errors import ConnectionClosed, DaemonError, ProtocolError, Timeout
from zcnb.transport import Stream
from zcnb.wire.connection import Connection, Event, Received, Refused, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Done, Error, GetProgress, Message, Ping, Pong

LANES = pytest.mark.parametrize("lane", Lane)
Reply = Callable[[Event], list[tuple[Tag, Message]]]


class Far:
    """The daemon's end, driven by hand."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._connection = Connection()

    def frame(self, tag: Tag, message: Message) -> bytes:
        return self._connection.send(tag, message)

    def reply(self, tag: Tag, message: Message) -> None:
        self.stream.send(self.frame(tag, message))

    def request(self) -> Event:
        while (event := self._connection.next_event()) is None:
            self._connection.receive(self.stream.receive(5))
        return event

    def answer(self, reply: Reply) -> threading.Thread:
        """Answer the next request, in the background."""

        def serve() -> None:
            for tag, message in reply(self.request()):
                self.reply(tag, message)

        thread = threading.Thread(target=serve)
        thread.start()
        return thread


@pytest.fixture
def ends() -> Iterator[tuple[Line, Far]]:
    """A tagged line and what it talks to."""
    near, far = transport.pair()
    yield Line(near), Far(far)
    near.close()
    far.close()


def numbered(number: int) -> Tag:
    return Tag(Lane.TAGGED, number)


@LANES
def test_a_request_and_its_reply(lane: Lane) -> None:
    near, far = transport.pair()
    line = Line(near, lane)
    for number in (1, 2):
        serving = Far(far).answer(lambda event: [(event.tag, GetProgress(event.tag.id))])
        assert line.request(Ping(), 5) == GetProgress(0 if lane is Lane.PLAIN else number)
        serving.join()


def test_the_line_speaks_its_lane(ends: tuple[Line, Far]) -> None:
    line, far = ends
    assert line.send(Ping()) == numbered(1)
    assert line.send(GetProgress(1)) == numbered(2)
    assert [far.request(), far.request()] == [Received(numbered(1), Ping()), Received(numbered(2), GetProgress(1))]


def test_messages_come_from_the_buffer_before_the_stream_is_read(ends: tuple[Line, Far]) -> None:
    line, far = ends
    far.stream.send(b"".join(far.frame(numbered(n), Pong(n)) for n in (1, 2, 3)))
    far.stream.close()
    assert [line.receive(0) for _ in range(3)] == [Received(numbered(n), Pong(n)) for n in (1, 2, 3)]
    assert line.receive(0) is None


def test_the_buffer_answers_even_when_the_stream_is_gone() -> None:
    near, far = transport.pair()
    line = Line(near)
    far.send(Connection().send(numbered(1), Pong()) * 2)
    assert line.receive(1) == Received(numbered(1), Pong())
    near.close()
    assert line.receive(1) == Received(numbered(1), Pong())
    with pytest.raises(ConnectionClosed):
        line.receive(1)


@pytest.mark.parametrize("cut", [1, 7, 8, -1])
def test_a_timeout_loses_no_byte(ends: tuple[Line, Far], cut: int) -> None:
    line, far = ends
    data = far.frame(numbered(1), Pong(7))
    far.stream.send(data[:cut])
    for _ in range(2):
        with pytest.raises(Timeout) as caught:
            line.receive(0.02)
        assert caught.value.seconds == 0.02
    far.stream.send(data[cut:])
    assert line.receive(1) == Received(numbered(1), Pong(7))


def test_a_frame_that_trickles_does_not_stretch_the_timeout(ends: tuple[Line, Far]) -> None:
    line, far = ends
    stop = threading.Event()

    def trickle() -> None:
        for byte in far.frame(numbered(1), Error("code", "x" * 200)):
            if not stop.wait(0.01):
                far.stream.send(bytes([byte]))

    thread = threading.Thread(target=trickle)
    thread.start()
    begin = time.monotonic()
    with pytest.raises(Timeout) as caught:
        line.receive(0.2)
    took = time.monotonic() - begin
    stop.set()
    thread.join()
    assert caught.value.seconds == 0.2
    assert 0.15 < took < 1


def test_a_clean_end_is_none(ends: tuple[Line, Far]) -> None:
    line, far = ends
    far.stream.close()
    assert line.receive(1) is None
    assert line.receive(1) is None


@pytest.mark.parametrize("cut", [1, 4, 8, -1])
def test_an_end_in_the_middle_of_a_frame_is_a_closed_connection(ends: tuple[Line, Far], cut: int) -> None:
    line, far = ends
    far.stream.send(far.frame(numbered(1), Pong())[:cut])
    far.stream.close()
    with pytest.raises(ConnectionClosed, match="middle"):
        line.receive(1)


def test_the_default_timeout_is_set_read_and_cleared(ends: tuple[Line, Far]) -> None:
    line, far = ends
    assert line.recv_timeout is None
    line.recv_timeout = 0.05
    with pytest.raises(Timeout) as caught:
        line.receive()
    assert caught.value.seconds == 0.05
    line.recv_timeout = None
    later = threading.Timer(0.2, far.reply, (numbered(1), Pong()))
    later.start()
    assert line.receive() == Received(numbered(1), Pong())
    later.join()


def test_a_calls_own_timeout_is_independent_of_the_default(ends: tuple[Line, Far]) -> None:
    line, far = ends
    line.recv_timeout = 60.0
    with pytest.raises(Timeout) as caught:
        line.receive(0.01)
    assert caught.value.seconds == 0.01
    assert line.recv_timeout == 60.0
    line.recv_timeout = 0.01
    later = threading.Timer(0.1, far.reply, (numbered(1), Pong()))
    later.start()
    assert line.receive(5) == Received(numbered(1), Pong())
    later.join()
    with pytest.raises(Timeout):
        line.receive()


def test_zero_seconds_is_a_look_and_not_the_default(ends: tuple[Line, Far]) -> None:
    line, _ = ends
    line.recv_timeout = 60.0
    with pytest.raises(Timeout) as caught:
        line.receive(0)
    assert caught.value.seconds == 0


def test_a_requests_default_is_the_lines(ends: tuple[Line, Far]) -> None:
    line, _ = ends
    line.recv_timeout = 0.02
    with pytest.raises(Timeout) as caught:
        line.request(Ping())
    assert caught.value.seconds == 0.02


@pytest.mark.parametrize("stale", [0, 1])
def test_a_requests_timeout_carries_the_duration_asked_for(ends: tuple[Line, Far], stale: int) -> None:
    line, far = ends
    for number in range(stale):
        far.reply(numbered(90 + number), Done())
    with pytest.raises(Timeout) as caught:
        line.request(Ping(), 0.05)
    assert caught.value.seconds == 0.05


def test_stale_replies_are_dropped(ends: tuple[Line, Far]) -> None:
    line, far = ends
    with pytest.raises(Timeout):
        line.request(Ping(), 0.01)
    serving = far.answer(lambda event: [(numbered(1), Pong(1)), (numbered(77), Done()), (numbered(2), Pong(2))])
    assert line.request(Ping(), 5) == Pong(2)
    serving.join()


def test_a_stale_error_is_nobodys_failure(ends: tuple[Line, Far]) -> None:
    line, far = ends
    serving = far.answer(lambda event: [(numbered(9), Error("internal", "old")), (event.tag, Pong())])
    assert line.request(Ping(), 5) == Pong()
    serving.join()


def test_replies_may_come_in_any_order(ends: tuple[Line, Far]) -> None:
    line, far = ends
    first, second = line.send(Ping()), line.send(Ping())
    far.reply(second, Pong(2))
    far.reply(first, Pong(1))
    got = [line.receive(1), line.receive(1)]
    assert got == [Received(second, Pong(2)), Received(first, Pong(1))]
    assert [[line.answers(event, tag) for tag in (first, second)] for event in got if event] == [
        [False, True],
        [True, False],
    ]


def test_an_error_reply_is_raised(ends: tuple[Line, Far]) -> None:
    line, far = ends
    serving = far.answer(lambda event: [(event.tag, Error("store", "The disk is full.", "Free some space."))])
    with pytest.raises(DaemonError) as caught:
        line.request(Ping(), 5)
    serving.join()
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "store", "The disk is full.", "Free some space.",
    )  # fmt: skip
    assert str(caught.value) == "The disk is full. Free some space."


def test_a_plain_error_on_another_lane_says_the_stream_is_broken(ends: tuple[Line, Far]) -> None:
    """The daemon's last words to a peer whose frames it cannot read: they answer no request."""
    line, far = ends
    serving = far.answer(lambda event: [(Tag(Lane.PLAIN), Error("protocol", "not a zcnb frame"))])
    with pytest.raises(ProtocolError, match="not a zcnb frame"):
        line.request(Ping(), 5)
    serving.join()


def test_a_plain_error_on_the_plain_lane_is_the_answer() -> None:
    near, far = transport.pair()
    line = Line(near, Lane.PLAIN)
    serving = Far(far).answer(lambda event: [(event.tag, Error("usage", "no"))])
    with pytest.raises(DaemonError):
        line.request(Ping(), 5)
    serving.join()


def test_no_answer_before_the_end_is_a_closed_connection(ends: tuple[Line, Far]) -> None:
    line, far = ends
    far.stream.close()
    with pytest.raises(ConnectionClosed, match="before it answered"):
        line.request(Ping(), 5)


def test_garbage_is_a_protocol_error(ends: tuple[Line, Far]) -> None:
    line, far = ends
    far.stream.send(b"HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(ProtocolError):
        line.request(Ping(), 5)


def test_unwrapping() -> None:
    assert unwrapped(Received(Tag(Lane.PLAIN), Pong(3))) == Pong(3)
    for event in (Received(Tag(Lane.PLAIN), Error("c", "m", "h")), Refused(Tag(Lane.PLAIN), Error("c", "m", "h"))):
        with pytest.raises(DaemonError) as caught:
            unwrapped(event)
        assert caught.value.code == "c"


def test_closing_ends_the_peers_stream(ends: tuple[Line, Far]) -> None:
    line, far = ends
    line.close()
    line.close()
    assert far.stream.receive(1) == b""
    with pytest.raises(ConnectionClosed):
        line.send(Ping())


def test_repr_is_the_connections_state(ends: tuple[Line, Far]) -> None:
    line, _ = ends
    line.send(Ping())
    assert repr(line) == "<Line <Connection tagged last id 1, 0 bytes buffered>>"
