"""What one run of a program wrote: its beginning, and a digest of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from zcnb_kernel.program import StreamName

KEPT = 64 * 1024
"""Bytes of each stream that are kept."""


class Capture:
    """Takes a program's output in bounded memory."""

    def __init__(self, on_tick: Callable[[], None] = lambda: None) -> None:
        """`on_tick` is called while the program runs, about thirty times a second."""
        self.tick = on_tick
        self._kept: dict[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._hashes = {name: hashlib.blake2b(digest_size=16) for name in self._kept}

    def take(self, stream: StreamName, data: bytes) -> None:
        """Some bytes of `stream`."""
        self._hashes[stream].update(data)
        kept = self._kept[stream]
        kept += data[: KEPT - len(kept)]

    @property
    def digest(self) -> str:
        """The same for two runs that wrote the same bytes to both streams."""
        return "".join(self._hashes[name].hexdigest() for name in sorted(self._hashes))

    def text(self, stream: StreamName) -> str:
        """The first 64 KiB of `stream`; bytes that are no UTF-8 are shown as such."""
        return self._kept[stream].decode("utf-8", "replace")
