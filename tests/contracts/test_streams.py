"""The conformance suite of `transport.base.Stream`: every implementation keeps the same contract."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transport.scripted_pipes import ScriptedPipes
from tests.transport.winapi_stand_in import NoSecurity, StandIn
from zcnb import transport
from zcnb.errors import ConnectionClosed, Timeout, TransportIOError
from zcnb.transport.base import Stream
from zcnb.transport.pipe_api import PipeApi
from zcnb.transport.unix import UnixStream
from zcnb.transport.win32 import Win32Api
from zcnb.transport.windows import listen, open_pipe

Pair = tuple[Stream, Stream]

LARGE = bytes(range(256)) * 16384
"""4 MiB: more than any socket buffer."""


@pytest.fixture(params=["memory", "unix", "unix, other end", "pipe", "pipe, other end", "win32", "win32, other end"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Two connected streams."""
    kind, _, end = request.param.partition(", ")
    one, two = {"memory": transport.pair, "unix": unix_pair, "pipe": pipe_pair, "win32": win32_pair}[kind]()
    yield (two, one) if end else (one, two)
    one.close()
    two.close()


def pipe_pair(api: PipeApi | None = None) -> Pair:
    """The Windows transport on scripted pipes."""
    api, name = api or ScriptedPipes(), "\\\\.\\pipe\\zcnb-test"
    with listen(api, name, 2) as listener:
        return open_pipe(api, name), listener.accept(0)


def win32_pair() -> Pair:
    """The same on `Win32Api`, with a stand-in for `_winapi`."""
    security: Any = NoSecurity()
    return pipe_pair(Win32Api(StandIn(), security))


def unix_pair() -> Pair:
    folder = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    try:
        with transport.bind(folder / "s") as listener:
            client = transport.connect(folder / "s")
            return client, UnixStream(listener.accept()[0])
    finally:
        shutil.rmtree(folder)


def read_all(stream: Stream, timeout: float | None = 10) -> bytes:
    """Everything up to the end of the stream."""
    return b"".join(iter(lambda: stream.receive(timeout), b""))


def read_exactly(stream: Stream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += stream.receive(10)
    return data


def test_bytes_go_both_ways_in_order(pair: Pair) -> None:
    for here, there in (pair, pair[::-1]):
        here.send(b"one")
        here.send(b"two")
        assert read_exactly(there, 6) == b"onetwo"


def test_a_read_returns_what_is_there_and_does_not_wait_for_more(pair: Pair) -> None:
    pair[0].send(b"x")
    assert pair[1].receive(None) == b"x"


def test_large_data_arrives_whole(pair: Pair) -> None:
    def send() -> None:
        pair[0].send(LARGE)
        pair[0].close()

    sender = threading.Thread(target=send)
    sender.start()
    got = read_all(pair[1])
    sender.join(10)
    assert got == LARGE


def test_a_long_exchange(pair: Pair) -> None:
    """One thread at each end, as the interface allows: pieces go there and come back turned round."""
    pieces = [LARGE[at : at + 50_000] for at in range(0, 2_000_000, 50_000)]

    def turn_round() -> None:
        for piece in pieces:
            pair[1].send(read_exactly(pair[1], len(piece))[::-1])

    thread = threading.Thread(target=turn_round)
    thread.start()
    for piece in pieces:
        pair[0].send(piece)
        assert read_exactly(pair[0], len(piece)) == piece[::-1]
    thread.join(10)


def test_one_thread_sends_while_another_receives(pair: Pair) -> None:
    """Both ways at once; the time limits of a reader are no business of who sends."""
    got: dict[int, bytes] = {}

    def read(end: int) -> None:
        data = bytearray()
        while len(data) < len(LARGE):
            try:
                data += pair[end].receive(0)
            except Timeout:
                continue
        got[end] = bytes(data)

    def send(end: int) -> None:
        for at in range(0, len(LARGE), 50_000):
            pair[end].send(LARGE[at : at + 50_000])

    threads = [threading.Thread(target=read, args=(end,)) for end in (0, 1)]
    threads += [threading.Thread(target=send, args=(end,)) for end in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert got == {0: LARGE, 1: LARGE}


def test_an_empty_send_is_nothing_and_no_end(pair: Pair) -> None:
    pair[0].send(b"")
    with pytest.raises(Timeout):
        pair[1].receive(0.01)
    pair[0].send(b"x")
    assert pair[1].receive(1) == b"x"


def test_the_end_comes_after_the_data_and_stays(pair: Pair) -> None:
    pair[0].send(b"last words")
    pair[0].close()
    assert read_all(pair[1]) == b"last words"
    assert pair[1].receive(None) == b""
    assert pair[1].receive(0) == b""


def test_a_timeout_is_that_long_and_carries_its_seconds(pair: Pair) -> None:
    begin = time.monotonic()
    with pytest.raises(Timeout) as caught:
        pair[1].receive(0.1)
    assert caught.value.seconds == 0.1
    assert 0.09 <= time.monotonic() - begin < 2


def test_zero_seconds_is_a_look(pair: Pair) -> None:
    with pytest.raises(Timeout) as caught:
        pair[1].receive(0)
    assert caught.value.seconds == 0
    pair[0].send(b"x")
    assert pair[1].receive(0) == b"x"


def test_a_timeout_loses_nothing_and_breaks_nothing(pair: Pair) -> None:
    for _ in range(3):
        with pytest.raises(Timeout):
            pair[1].receive(0.01)
        pair[0].send(b"late")
        assert read_exactly(pair[1], 4) == b"late"
    pair[1].send(LARGE[:1000])
    assert read_exactly(pair[0], 1000) == LARGE[:1000]


def test_a_short_read_timeout_does_not_cut_a_later_send(pair: Pair) -> None:
    """The timeout belongs to that one read: a send that takes longer goes through."""
    with pytest.raises(Timeout):
        pair[0].receive(0.001)
    got: list[bytes] = []

    def read_late() -> None:
        time.sleep(0.1)
        got.append(read_exactly(pair[1], len(LARGE)))

    reader = threading.Thread(target=read_late)
    reader.start()
    pair[0].send(LARGE)
    reader.join(10)
    assert got == [LARGE]


def test_a_waiting_read_wakes_when_data_comes(pair: Pair) -> None:
    later = threading.Timer(0.05, pair[0].send, (b"now",))
    later.start()
    assert pair[1].receive(None) == b"now"
    later.join()


def test_a_waiting_read_wakes_when_the_peer_closes(pair: Pair) -> None:
    later = threading.Timer(0.05, pair[0].close)
    later.start()
    assert pair[1].receive(None) == b""
    later.join()


def test_closing_twice_does_nothing(pair: Pair) -> None:
    pair[0].close()
    pair[0].close()
    assert pair[1].receive(1) == b""
    assert pair[1].receive(1) == b""


def test_both_ends_may_close(pair: Pair) -> None:
    for stream in (*pair, *pair):
        stream.close()


def test_nothing_works_on_a_closed_end(pair: Pair) -> None:
    pair[1].send(b"unread")
    pair[0].close()
    with pytest.raises(ConnectionClosed):
        pair[0].send(b"x")
    with pytest.raises(ConnectionClosed):
        pair[0].receive(1)


def test_sending_to_a_closed_peer_neither_hangs_nor_kills(pair: Pair, request: pytest.FixtureRequest) -> None:
    """A socket says so; in memory the bytes are dropped, as they may be by a network's first send."""
    pair[1].close()
    try:
        for _ in range(10):
            pair[0].send(LARGE)
    except (ConnectionClosed, TransportIOError):
        told = True
    else:
        told = False
    assert told or isinstance(pair[0], type(transport.pair()[0]))
    assert pair[0].receive(1) == b""


def test_a_peer_that_closes_without_reading_is_the_end_or_a_closed_connection(pair: Pair) -> None:
    pair[0].send(b"never read")
    pair[1].close()
    try:
        assert pair[0].receive(1) == b""
    except ConnectionClosed:
        pass  # a reset, as the interface allows
