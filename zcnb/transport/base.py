"""The interface of a blocking byte stream. `tests/contracts/test_streams.py` is its conformance suite."""

from __future__ import annotations

from abc import ABC, abstractmethod

CHUNK = 64 * 1024
"""Bytes asked for in one read: two of the largest ordinary replies."""


class Stream(ABC):
    """A connected, bidirectional stream of bytes. One thread may send while another receives; no more than that."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Write all of `data`. Raises `ConnectionClosed` or `TransportIOError`."""

    @abstractmethod
    def receive(self, timeout: float | None) -> bytes:
        """At least one byte, or `b""` at the end of the stream.

        `timeout` in seconds; `None` waits for ever. Raises `Timeout` (nothing is lost),
        `ConnectionClosed` (reset by the peer) or `TransportIOError`.
        """

    @abstractmethod
    def close(self) -> None:
        """Close both directions. Calling it again does nothing."""
