"""One request to the daemon and its answer, with nothing imported but a socket: see `zcnb.cli.wrap`."""

from __future__ import annotations

import _socket
import os
from time import monotonic, sleep

from zcnb.vitals import activity, at_work
from zcnb.wire.small import TAGGED, frame, pack, unpack

CONNECT_S = 1.0
SEND_S = 10.0

QUIET_S = 1.0
"""Without an answer for so long, the daemon is asked how far it is; it answers that from its loop."""

ALIVE_S = 0.5
"""For that. It decides nothing: who does not answer in time is looked after by `zcnb.client.rescue`."""

WEDGED_S = 180.0
"""Of the daemon's being busy with itself, and not with a tool: `ZCNB_WEDGE_RECV_TIMEOUT_SECS`, 0 for no limit."""

TOOL_PHASES = ("compile", "link")
REQUEST, QUESTION = 1, 2

_CHUNK = 1 << 16


class Trouble(Exception):
    """The daemon cannot be had like this. `kind` is `absent`, `cut` (while sending), `closed`, `quiet` or `refused`."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def exchange(
    endpoint: str, kind: str, fields: dict[str, object], budget: float = WEDGED_S
) -> tuple[str, dict[str, object]]:
    """One request and its answer, on a connection of its own. Raises `Trouble`."""
    sock = _connect(endpoint)
    trouble = "cut"
    try:
        _send(sock, REQUEST, kind, fields)
        trouble = "closed"
        answer = _receive(sock, budget)
    except OSError as error:
        raise Trouble(trouble, f"{error.strerror or error}") from None
    finally:
        sock.close()
    found, said = str(answer.get("kind")), answer.get("fields")
    if not isinstance(said, dict):
        raise Trouble("closed", "an answer that makes no sense")
    if found not in ("tool-done", "pass-through"):
        raise Trouble("refused", f"{said.get('message', found)}")
    return found, said


def _connect(endpoint: str) -> _socket.socket:
    """Raises `Trouble` if nothing of this user's listens there, or its backlog stays full."""
    if not hasattr(_socket, "SO_PEERCRED"):
        raise Trouble("absent", "this system checks peers in another way")
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    sock.settimeout(CONNECT_S)
    try:
        for _ in range(int(CONNECT_S / 0.005)):
            try:
                sock.connect(endpoint)
                break
            except BlockingIOError:  # the backlog is full
                sleep(0.005)
        else:
            raise Trouble("quiet", "it accepts nobody")
        peer = sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    except OSError as error:
        sock.close()
        raise Trouble("absent", f"{error.strerror or error}") from None
    except Trouble:
        sock.close()
        raise
    if int.from_bytes(peer[4:8], "little") != os.getuid():
        sock.close()
        raise Trouble("absent", "another user serves it")
    return sock


def _send(sock: _socket.socket, number: int, kind: str, fields: dict[str, object]) -> None:
    sock.settimeout(SEND_S)
    sock.sendall(frame(TAGGED, pack({"id": number, "kind": kind, "fields": fields})))


def _receive(sock: _socket.socket, budget: float) -> dict[object, object]:
    """The answer to the request. While there is none, the daemon is asked for a sign of life."""
    data = bytearray()
    peer, before = _pid(sock), 0
    worked, asked = monotonic(), False
    while True:
        sock.settimeout(ALIVE_S if asked else QUIET_S)
        try:
            chunk = sock.recv(_CHUNK)
        except TimeoutError:
            done = activity(peer)
            stuck = asked and done == before and not at_work(peer)
            if stuck or (budget and monotonic() - worked > budget):
                raise Trouble("quiet", "it gives no sign of life") from None
            if not asked:
                _send(sock, QUESTION, "get-progress", {"request": REQUEST})
            asked, before = True, done
            continue
        if not chunk:
            raise Trouble("closed", "it closed the connection before it answered")
        data += chunk
        for message in _messages(data):
            if message.get("id") == REQUEST:
                return message
            asked, said = False, message.get("fields")
            if isinstance(said, dict) and said.get("phase") in TOOL_PHASES:
                worked = monotonic()


def _messages(data: bytearray) -> list[dict[object, object]]:
    """The whole messages at the start of `data`, which are taken out of it."""
    found = []
    while len(data) >= 8 and len(data) >= (end := 4 + int.from_bytes(data[:4], "little")):
        try:
            message = unpack(bytes(data[8:end]))
        except ValueError as error:
            raise Trouble("closed", f"{error}") from None
        if not isinstance(message, dict):  # a plain error: it does not understand us
            raise Trouble("refused", f"{message}")
        found.append(message)
        del data[:end]
    return found


def _pid(sock: _socket.socket) -> int:
    """Who listens at the other end."""
    return int.from_bytes(sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)[:4], "little")
