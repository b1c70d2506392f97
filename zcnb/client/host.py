"""`HostLine`: a kernel's end of the host pipe. A thread of its own reads what the daemon says unasked.

Rules. The connection is made anew by itself, under the same name, until `close`. Callbacks run in the thread, one
at a time; after `close` none is begun. Requests go out from any thread; that thread hands their
replies over.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from zcnb import __version__
from zcnb.client import launch
from zcnb.client.line import Line, unwrapped
from zcnb.config import Config
from zcnb.errors import ConnectionClosed, DaemonError, ProtocolError, Timeout, TransportError
from zcnb.model.health import Status
from zcnb.transport import Stream
from zcnb.wire.connection import Event, Received
from zcnb.wire.messages import Health, Hello, HostRegistered, Message, Ping, Push, RegisterHost
from zcnb.wire.versions import PROTOCOL

GREETING_S = 10.0
"""For the first two answers on a connection; a daemon may just be starting."""

WAKE_S = 0.25
"""How soon the thread notices that it is to end."""

CLOSE_S = 1.0
"""`close` waits so long for the thread, which may be in the middle of connecting."""

QUIET_S = 10.0
"""A daemon that said nothing for so long is asked whether it lives; after as long again it is lost."""

BACK_OFF_S = (0.05, 2.0)
"""Before the first try to connect again, and the most there is, in doubling steps."""


class HostLine:
    """One registration that is kept up. `host` is nobody else's: who registers last under a name gets all."""

    def __init__(
        self,
        config: Config,
        host: str,
        on_push: Callable[[Push], None],
        *,
        on_change: Callable[[bool], None] = lambda connected: None,
        health_ms: int = 0,
        may_launch: bool = True,
        session: str = "",
    ) -> None:
        """Connects in the background; `on_change` is told when that worked, and when the daemon was lost.

        `may_launch`: whether a daemon is started if there is none. `session`: what builds asked for here count under.
        """
        self._config, self._may_launch = config, may_launch
        self._hello = Hello(__version__, os.getpid(), PROTOCOL, session)
        self._register = RegisterHost(host, health_ms)
        self._on_push, self._on_change = on_push, on_change
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._replies: dict[int, Future[Message]] = {}
        self._lost_at = time.monotonic()
        self.failure: TransportError | DaemonError | None = None
        """Why the latest try to connect failed, or the connection ended."""
        self._thread = threading.Thread(target=self._run, name="zcnb-host", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<HostLine {self._register.host} {'connected' if self.connected else 'away'}>"

    @property
    def connected(self) -> bool:
        """Whether the daemon knows this host, as far as is known."""
        return self._line is not None

    @property
    def away_s(self) -> float:
        """Seconds without a connection; 0 with one."""
        return 0.0 if self.connected else time.monotonic() - self._lost_at

    def request(self, message: Message, timeout: float) -> Message:
        """Send a request and wait for its reply, `timeout` seconds at most; from any thread but the callbacks'.

        Raises `TransportError`, also while there is no connection, and `DaemonError` for an error reply.
        """
        waiting: Future[Message] = Future()
        with self._lock:
            if self._line is None:
                raise ConnectionClosed(f"the daemon is not connected ({self.failure})")
            try:
                tag = self._line.send(message)
            except BaseException:
                self._line = None  # half a frame may be out: the thread hangs up and connects anew
                raise
            self._replies[tag.id] = waiting
        try:
            return waiting.result(timeout)
        except FutureTimeout:
            raise Timeout(timeout) from None

    def close(self) -> None:
        """Hang up for good. What the daemon keeps for this host, it keeps for a while."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        pause = BACK_OFF_S[0]
        while not self._stop.is_set():
            try:
                line = self._greeted()
                pause = BACK_OFF_S[0]
                self._serve(line)
            except (TransportError, DaemonError) as error:
                self.failure = error
            if self._stop.wait(pause):
                return
            pause = min(pause * 2, BACK_OFF_S[1])

    def _greeted(self) -> Line:
        """A fresh connection that the daemon knows as this host's."""
        stream: Stream = (launch.connect_or_launch if self._may_launch else launch.connect)(self._config)
        line = Line(stream)
        try:
            line.request(self._hello, GREETING_S)
            reply = line.request(self._register, GREETING_S)
            if not isinstance(reply, HostRegistered):
                raise ProtocolError(f"the daemon answered with {type(reply).__name__}")
        except BaseException:
            line.close()
            raise
        return line

    def _serve(self, line: Line) -> None:
        """Take what comes until the connection ends. Raises `TransportError`."""
        with self._lock:
            self._line = line
        try:
            if not self._stop.is_set():
                self._on_change(True)
            self._listen(line)
        finally:
            self._hang_up(line)

    def _hang_up(self, line: Line) -> None:
        with self._lock:
            replies, self._replies, self._line = self._replies, {}, None
            self._lost_at = time.monotonic()
        line.close()
        for waiting in replies.values():
            waiting.set_exception(ConnectionClosed("the daemon closed the connection before it answered"))
        if not self._stop.is_set():
            self._on_change(False)

    def _listen(self, line: Line) -> None:
        heard, asked = time.monotonic(), False
        while not self._stop.is_set():
            if self._line is None:
                raise ConnectionClosed("a request was interrupted while it was sent")
            try:
                event = line.receive(WAKE_S)
            except Timeout:
                quiet = time.monotonic() - heard
                if quiet > 2 * QUIET_S:
                    raise
                if quiet > QUIET_S and not asked:
                    asked = True
                    with self._lock:
                        line.send(Ping())
                continue
            if event is None:
                raise ConnectionClosed("the daemon closed the connection")
            heard, asked = time.monotonic(), False
            self._take(event)

    def _take(self, event: Event) -> None:
        if event.tag.id:
            with self._lock:
                waiting = self._replies.pop(event.tag.id, None)
            if waiting is not None:
                _answer(waiting, event)
        elif isinstance(event, Received) and isinstance(event.message, Push):
            self._on_push(event.message)


def _answer(waiting: Future[Message], event: Event) -> None:
    try:
        waiting.set_result(unwrapped(event))
    except DaemonError as error:
        waiting.set_exception(error)


def watch_health(config: Config, host: str, on_status: Callable[[Status | None], None], every_s: float) -> HostLine:
    """A line that tells the daemon's health every so many seconds, and `None` when there is no daemon (any more).

    It never starts one. `on_status` is called in a thread.
    """

    def on_push(message: Push) -> None:
        if isinstance(message, Health):
            on_status(message.status)

    def on_change(connected: bool) -> None:
        if not connected:
            on_status(None)

    health_ms = int(every_s * 1000)
    return HostLine(config, host, on_push, on_change=on_change, health_ms=health_ms, may_launch=False)
