"""Listening as a runner in external mode, and the secret that a TCP port needs: it is open to every local user."""

from __future__ import annotations

import errno
import os
import socket
import stat
import time
from pathlib import Path

from zcnb import transport
from zcnb.errors import ConfigError, EndpointError
from zcnb.model.address import RunnerAddress

PORT_TRIES = 5
PORT_PAUSE_S = 0.05
"""A runner that is started anew finds its port taken until the system has done away with the one before."""

LEAST_SECRET = 32
"""Bytes: nobody guesses that."""


def listen(address: RunnerAddress) -> socket.socket:
    """A socket that listens at `address`: of a range, at the first port that is free. Raises `EndpointError`."""
    if address.path:
        return transport.bind(Path(address.path))
    for attempt in range(PORT_TRIES):
        for port in address.ports:
            try:
                return socket.create_server((address.host, port), family=family_of(address.host))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise EndpointError(f"cannot listen at {address}: {error.strerror or error}") from error
        time.sleep(PORT_PAUSE_S * (attempt + 1 < PORT_TRIES))
    raise EndpointError(f"cannot listen at {address}: every port is taken")


def family_of(host: str) -> socket.AddressFamily:
    """IPv6 for an address with colons, else IPv4."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def read_secret(path: Path) -> bytes:
    """What the daemon must say first. Raises `ConfigError` for a file that others can read, or too short a one."""
    try:
        facts = path.stat()
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"The runner's secret {path} cannot be read: {error.strerror}.") from error
    if facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise ConfigError(f"Others can read the runner's secret {path}; mend it with `chmod 600 {path}`.")
    if len(secret) < LEAST_SECRET:
        raise ConfigError(
            f"The runner's secret {path} is shorter than {LEAST_SECRET} bytes; make one with "
            f"`head -c 32 /dev/urandom | base64 > {path}`."
        )
    return secret
