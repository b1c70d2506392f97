"""A runner: the process that starts tools for the daemon. No event loop: a thread for each tool.

Rules. What it starts ends with it: when the connection that asked for a tool
ends, the tool's group is killed, and a runner that the daemon started then ends
itself. Its start is felt by whoever waits for the first compile, so it imports
little. Whoever connects must say the secret first.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from zcnb.errors import ConfigError, ProtocolError
from zcnb.osdep import peer_uid
from zcnb.runner.frames import Inbox, Said, frame_of
from zcnb.runner.job import job_from, result_fields
from zcnb.runner.tool import CHUNK, Hold, Killed, run_tool

HELLO_S = 10.0
"""Until the first frame of a connection is there."""

ENDING_S = 5.0
"""Until the threads of killed tools are through."""


class Conversation:
    """One connection: its requests, each in a thread, and their tools."""

    def __init__(self, sock: socket.socket, secret: bytes = b"", *, debug: bool = False) -> None:
        self._sock, self._secret, self._debug = sock, secret, debug
        self._sending = threading.Lock()
        self._tools: dict[int, tuple[Hold, threading.Thread]] = {}

    def serve(self) -> None:
        """Answer until the peer hangs up, breaks the rules, or this process is told to end."""
        try:
            said = self._said()
            self._sock.settimeout(HELLO_S)
            if self._welcome(next(said, None)):
                self._sock.settimeout(None)
                for request in said:
                    self._take(request)
        except (OSError, ProtocolError) as error:
            if not isinstance(error, ConnectionError):
                print(f"a connection was closed: {error}", file=sys.stderr, flush=True)
        finally:
            self.end()

    def end(self) -> None:
        """Kill all tools, and wait for their threads: one that is just starting its tool must still kill it."""
        for hold, _ in list(self._tools.values()):
            hold.kill()
        deadline = time.monotonic() + ENDING_S
        for _, thread in list(self._tools.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._sock.close()

    def _said(self) -> Iterator[Said]:
        inbox = Inbox()
        while data := self._sock.recv(CHUNK):
            yield from inbox.take(data)

    def _welcome(self, hello: Said | None) -> bool:
        if hello is None:
            return False
        secret = hello.fields.get("secret")
        if hello.kind != "hello" or not isinstance(secret, bytes) or not _equal(secret, self._secret):
            raise ProtocolError("the first words were not the secret")
        self._send("ready", fields={"pid": os.getpid()})
        return True

    def _take(self, request: Said) -> None:
        if request.kind == "ping":
            self._send("pong")
        elif request.kind == "cancel":
            with contextlib.suppress(KeyError):  # it has just ended by itself
                self._tools[request.id][0].kill()
        elif request.kind == "run" and request.id > 0 and request.id not in self._tools:
            self._start(request)
        else:
            raise ProtocolError(f"no request: {request.kind} {request.id}")

    def _start(self, request: Said) -> None:
        hold = Hold()
        thread = threading.Thread(target=self._run, args=(request, hold), daemon=True)
        self._tools[request.id] = hold, thread
        try:
            thread.start()
        except RuntimeError:  # no process left for this user
            del self._tools[request.id]
            self._send("failed", request, _told(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))))

    def _run(self, request: Said, hold: Hold) -> None:
        kind, fields = self._outcome(request, hold)
        del self._tools[request.id]
        with contextlib.suppress(OSError):  # nobody is there to hear it
            self._send(kind, request, fields)

    def _outcome(self, request: Said, hold: Hold) -> tuple[str, Mapping[str, object]]:
        try:
            job = job_from(request.fields)
            result = run_tool(job, hold)
        except Killed:
            return "cancelled", {}
        except OSError as error:
            return "failed", _told(error)
        except (ValueError, KeyError, MemoryError) as error:  # a NUL in an argument; no job; the memory limit
            return "failed", _told(OSError(errno.EINVAL, f"{type(error).__name__}: {error}"))
        if self._debug:
            import json  # as in `main`: not on the way to a runner's first tool

            print(json.dumps({"message": "ran", "tool": job.argv[0], "ms": round(result.ms, 1)}), flush=True)
        return "done", result_fields(result)

    def _send(self, kind: str, request: Said | None = None, fields: Mapping[str, object] | None = None) -> None:
        number, job = (request.id, request.job) if request else (0, 0)
        frame = frame_of(kind, number, job, fields or {})
        with self._sending:
            self._sock.sendall(frame)


def _equal(said: bytes, secret: bytes) -> bool:
    """Whether `said` is the secret, in a time that does not depend on how much of it is right."""
    if not secret:
        return not said
    import hmac  # 3 ms, for external mode only

    return hmac.compare_digest(said, secret)


def _told(error: OSError) -> dict[str, object]:
    filename = error.filename if isinstance(error.filename, str) else ""
    return {"errno": error.errno or errno.EIO, "strerror": error.strerror or str(error), "filename": filename}


def limit(nice: int, memory: int) -> None:
    """Hold this process, and so all its tools, to a niceness and to `memory` bytes each; 0 is no limit."""
    if nice:
        os.nice(nice)
    if memory:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main(words: Sequence[str]) -> int:
    """Serve as `words` (`name=value`) say; the exit code.

    `socket` is a connection to the daemon that started us; without it, `listen` is an address and `secret` a
    file. `nice`, `memory` and `debug` apply to both. Raises `ConfigError` and `EndpointError`.
    """
    orders = dict(word.partition("=")[::2] for word in words)
    try:
        limit(int(orders.get("nice") or 0), int(orders.get("memory") or 0))
    except ValueError as error:
        raise ConfigError(f"nice or memory: {error}") from error
    signal.signal(signal.SIGTERM, _end)
    debug = orders.get("debug") == "1"
    if "socket" in orders:
        sock = socket.socket(fileno=int(orders["socket"]))
        os.set_inheritable(sock.fileno(), False)
        Conversation(sock, debug=debug).serve()
        return 0
    return _external(orders, debug=debug)


def _external(orders: Mapping[str, str], *, debug: bool) -> int:
    from zcnb.model.address import parse_address
    from zcnb.runner.places import listen, read_secret

    try:
        address = parse_address(orders.get("listen", ""))
    except ValueError as error:
        raise ConfigError(f"listen must be {error}.") from error
    if address.host and "secret" not in orders:
        raise ConfigError("A TCP port is open to every user of this machine: give secret=FILE.")
    secret = read_secret(Path(orders["secret"])) if "secret" in orders else b""
    with listen(address) as listener:
        print(f"listening at {listener.getsockname()}", flush=True)
        _serve_all(listener, secret, debug=debug)
    return 0


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)


def _serve_all(listener: socket.socket, secret: bytes, *, debug: bool) -> None:
    """Serve whoever connects, until told to end."""
    open_now: list[tuple[Conversation, threading.Thread]] = []
    try:
        while True:
            sock, _ = listener.accept()
            if sock.family == socket.AF_UNIX and peer_uid(sock) != os.getuid():
                sock.close()
                continue
            one = Conversation(sock, secret, debug=debug)
            thread = threading.Thread(target=one.serve, daemon=True)
            thread.start()
            open_now = [(other, its) for other, its in open_now if its.is_alive()] + [(one, thread)]
    finally:
        for one, _ in open_now:
            one.end()
