"""A connected pair inside one process, for tests: no path, no daemon, the same contract."""

from __future__ import annotations

import queue

from zcnb.errors import ConnectionClosed, Timeout
from zcnb.transport.base import Stream


class MemoryStream(Stream):
    """One end of a pair. `b""` in the queue stands for the end of the stream."""

    def __init__(self, incoming: queue.SimpleQueue[bytes], outgoing: queue.SimpleQueue[bytes]) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._closed = False
        self._ended = False

    def send(self, data: bytes) -> None:
        if self._closed:
            raise ConnectionClosed("this end is closed")
        if data:
            self._outgoing.put(data)

    def receive(self, timeout: float | None) -> bytes:
        if self._closed:
            raise ConnectionClosed("this end is closed")
        if self._ended:
            return b""
        try:
            data = self._incoming.get(timeout=timeout)
        except queue.Empty:
            raise Timeout(timeout or 0.0) from None
        self._ended = data == b""
        return data

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._outgoing.put(b"")


def pair() -> tuple[Stream, Stream]:
    """Two connected streams."""
    one: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    two: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    return MemoryStream(one, two), MemoryStream(two, one)
