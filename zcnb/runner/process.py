"""Where a runner comes from: a child of the daemon, or somebody else's process that it connects to.

A child gets one end of a socket pair: it has no address, so nobody else can
reach it, there is no port to be taken, and the first request can be sent while
it still starts.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import zcnb
from zcnb.errors import RunnerError
from zcnb.model.address import RunnerAddress
from zcnb.osdep import peer_uid, process_alive
from zcnb.runner.assign import CONNECT_DELAYS_S, RESTART_DELAYS_S, START_TRIES, delays
from zcnb.runner.groups import POLL_S, end_session
from zcnb.runner.link import Link, Lost
from zcnb.runner.log import Tap
from zcnb.runner.places import family_of
from zcnb.runner.plan import Crew, Plan

START_S = 10.0
"""Until a runner is ready: 0.05 s on an idle machine."""

LAST_WORDS_S = 1.0
"""For a runner that hung up to end by itself, with its own exit status, and for what it printed to be written."""

SCRIPT = Path(__file__).with_name("__main__.py")


class Source(Protocol):
    """How a connection to a runner is made and ended."""

    async def open(self) -> Link:
        """A connection to a runner that is ready. Raises `RunnerError`."""
        ...

    async def end(self, grace: float) -> None:
        """End the runner and all it started, as far as it is ours to end."""
        ...


class Child:
    """A runner that the daemon starts."""

    def __init__(self, name: str, crew: Crew, plan: Plan) -> None:
        self._name, self._crew, self._plan = name, crew, plan
        self._process: subprocess.Popen[bytes] | None = None
        self._tap: Tap | None = None
        self._ended = False

    async def open(self) -> Link:
        for attempt, delay in enumerate(delays(*RESTART_DELAYS_S), start=1):
            try:
                return await self._open()
            except RunnerError:
                if attempt == START_TRIES or self._ended:
                    raise
            await asyncio.sleep(delay)
        raise AssertionError("delays go on for ever")

    async def end(self, grace: float) -> None:
        self._ended = True
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(end_session, process, grace)
        if self._tap is not None:
            await asyncio.to_thread(self._tap.join, LAST_WORDS_S)

    async def _open(self) -> Link:
        try:
            process, sock = await asyncio.to_thread(self._spawn)
        except OSError as error:
            raise RunnerError(f"No process can be started for compiling: {error.strerror}.") from error
        _, link = await asyncio.get_running_loop().create_unix_connection(Link, sock=sock)
        link.greet(b"")
        try:
            await _ready(link)
        except RunnerError as error:
            status = await asyncio.to_thread(_last_status, process)
            raise RunnerError(f"{error} Its exit status is {status}.") from error
        return link

    def _spawn(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Start it; with our end of the connection. In a thread: starting a process takes milliseconds."""
        ours, theirs = socket.socketpair()
        words = {
            "socket": theirs.fileno(), "nice": self._crew.nice, "memory": self._crew.memory,
            "debug": int(self._plan.debug), "name": self._name,
        }  # fmt: skip
        logged = subprocess.DEVNULL if self._plan.log is None else subprocess.PIPE
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SCRIPT), *(f"{name}={value}" for name, value in words.items())],
                stdin=subprocess.DEVNULL,
                stdout=logged,
                stderr=logged,
                cwd="/",
                env={**os.environ, "ZCNB_IMPORT_PATH": str(Path(zcnb.__file__).parent.parent)},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                bufsize=0,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process = process
        if self._plan.log is not None and process.stdout is not None and process.stderr is not None:
            self._tap = Tap(self._plan.log, self._name, process.stdout, process.stderr)
        ours.setblocking(False)
        return process, ours


class External:
    """A runner that somebody else started. It is connected to, and never ended."""

    def __init__(self, address: RunnerAddress, secret: bytes) -> None:
        self._address, self._secret = address, secret
        self._link: Link | None = None

    async def open(self) -> Link:
        deadline = time.monotonic() + START_S
        for delay in delays(*CONNECT_DELAYS_S):
            try:
                self._link = await self._connected()
                break
            except OSError as error:
                if time.monotonic() + delay >= deadline:
                    raise RunnerError(
                        f"No runner listens at {self._address} (ZCNB_RUNNER_ADDRESS): {error.strerror or error}."
                    ) from error
            await asyncio.sleep(delay)
        assert self._link is not None
        self._link.greet(self._secret)
        await _ready(self._link)
        return self._link

    async def end(self, grace: float) -> None:
        if self._link is not None:
            self._link.close("it is not needed any more")

    async def _connected(self) -> Link:
        loop, address = asyncio.get_running_loop(), self._address
        if address.path:
            transport, link = await loop.create_unix_connection(Link, address.path)
            if peer_uid(transport.get_extra_info("socket")) != os.getuid():
                transport.abort()
                raise OSError(f"{address.path} is served by another user")
            return link
        for port in address.ports:
            try:
                _, link = await loop.create_connection(Link, address.host, port, family=family_of(address.host))
            except ConnectionRefusedError:
                if port == address.ports[-1]:
                    raise
            else:
                return link
        raise ConnectionRefusedError


def _last_status(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status of a runner that was never ready: its own, if it is about to end. Blocks."""
    deadline = time.monotonic() + LAST_WORDS_S
    while process_alive(process.pid) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return end_session(process, 0)


async def _ready(link: Link) -> None:
    try:
        async with asyncio.timeout(START_S):
            await asyncio.shield(link.ready)
    except TimeoutError:
        link.close("it was not ready in time")
        raise RunnerError(f"A runner was not ready within {START_S:g} s.") from None
    except Lost as error:
        raise RunnerError(f"A runner ended before it was ready ({error}).") from None
