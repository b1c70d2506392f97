"""Where a runner that somebody else started listens: a Unix socket, or a TCP host with a range of ports."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_PORTS = 64
"""In one range: each is tried in turn."""

_TCP = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s/:\[\]]+)):(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class RunnerAddress:
    """A `path`, or a `host` with `ports`."""

    path: str = ""
    host: str = ""
    ports: range = range(0)

    def __str__(self) -> str:
        if self.path:
            return self.path
        host = f"[{self.host}]" if ":" in self.host else self.host
        last = f"-{self.ports[-1]}" if len(self.ports) > 1 else ""
        return f"{host}:{self.ports[0]}{last}"


def parse_address(text: str) -> RunnerAddress:
    """`/path/to.sock`, `host:port`, `host:first-last` or `[::1]:port`. Raises `ValueError`."""
    expected = "an absolute path, host:port, or host:first-last"
    if text.startswith("/"):
        return RunnerAddress(path=text)
    match = _TCP.fullmatch(text)
    if match is None:
        raise ValueError(expected)
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 0 < first <= last < 65536 or last - first >= MOST_PORTS:
        raise ValueError(f"{expected}, with {MOST_PORTS} ports at most, from 1 to 65535")
    return RunnerAddress(host=match["six"] or match["host"], ports=range(first, last + 1))
