"""How the daemon comes to be: bind first, load later.

The launcher (or systemd, same convention) has bound the endpoint and hands the
listening socket over, so clients connect from that moment on
and wait in the backlog. `bind` is for starting by hand. Nothing of the cache
is touched before the endpoint answers.
"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from zcnb import transport
from zcnb.config import Config
from zcnb.daemon.server import serve
from zcnb.daemon.service import Service

SYSTEMD_FIRST = 3
"""`SD_LISTEN_FDS_START`: where systemd puts the first socket it hands over."""


def bind(endpoint: Path) -> socket.socket:
    """Listen at `endpoint`: gets the endpoint and nothing else. Raises `EndpointError`."""
    return transport.bind(endpoint)


def listener(endpoint: Path) -> socket.socket:
    """The handed-over socket if there is one, else a freshly bound one. Raises `EndpointError`."""
    handed_over = os.environ.pop("ZCNB_LISTEN_FD", "")
    if handed_over:
        return transport.adopt(int(handed_over))
    if os.environ.pop("LISTEN_FDS", "") == "1":
        return transport.adopt(SYSTEMD_FIRST)
    return bind(endpoint)


def bootstrap(config: Config) -> int:
    """Bind, then serve until the end; the exit code. A bind failure propagates, and nothing is served."""
    sock = listener(config.endpoint)
    os.umask(0o077)
    service = Service(config.endpoint, config.cache_dir, config.max_size, config.idle_timeout)
    asyncio.run(serve(sock, service))
    return 0
