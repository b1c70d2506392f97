"""Tool calls with all means: what the wrapper's fast path could not settle in one exchange."""

from __future__ import annotations

import os
import random
import sys
import time
from typing import Any

from zcnb import __version__, config, journal
from zcnb.client.recovery import RETRY_DELAY_S
from zcnb.client.session import BUSY, Session, Unavailable
from zcnb.config import Config
from zcnb.errors import ConfigError, ConnectionClosed, ZcnbError
from zcnb.wire import codec
from zcnb.wire.messages import Compile, CompileEphemeral, LinkEphemeral

CAUSES = {"cut": "pipe-closed-mid-write", "closed": "comm-error"}

Answer = tuple[str, dict[str, Any]]
"""Kind and fields of a reply, as plain data. Kind `failed` is ours: its `message` is all that is left to say."""


def rescued(kind: str, detail: str, request_kind: str, fields: dict[str, object]) -> Answer:
    """The answer to a request that failed as `kind` says (see `zcnb.cli.exchange.Trouble`).

    When nothing helps, a line on stderr says so, and the answer is to run the tool.
    """
    try:
        settings = config.load()
    except ConfigError as error:
        return _given_up(str(error))
    try:
        return _answer(settings, kind, detail, request_kind, fields)
    except ZcnbError as error:
        why = str(error) if isinstance(error, Unavailable) else f"[C]: {error}"
        if not settings.fallback:
            return "failed", {"message": f"zcnb {why}"}
        return _given_up(why)


def _answer(settings: Config, kind: str, detail: str, request_kind: str, fields: dict[str, object]) -> Answer:
    if settings.disable:
        return "pass-through", {"reason": "zcnb is disabled"}
    request = codec.message_from(request_kind, fields)
    assert isinstance(request, (Compile, CompileEphemeral, LinkEphemeral))
    with Session(settings) as session:
        tried = 0
        if kind in ("cut", "closed"):
            tried = 1
            journal.note(
                settings.endpoint, "client-disconnected", client_pid=os.getpid(), client_version=__version__,
                client_binary=sys.executable, cause=CAUSES[kind], detail=detail,
            )  # fmt: skip
            if settings.disable_link_retry:
                raise Unavailable("S" if kind == "cut" else "R", ConnectionClosed(detail))
            time.sleep(random.uniform(*RETRY_DELAY_S))
        elif kind == "quiet":
            tried = 1
            _tell(session.rescue(watched=True))
        reply, notices = session.call(request, tried)
        _tell(notices)
    name, plain = codec.fields_of(reply)
    return name, codec.unpack(codec.pack(plain))


def _tell(notices: tuple[str, ...]) -> None:
    """Say what was done to the daemon; that it had much to do is no news in a build."""
    for notice in notices:
        if notice != BUSY:
            print(f"zcnb {notice}", file=sys.stderr, flush=True)


def _given_up(why: str) -> Answer:
    print(f"zcnb {why}; running the tool without the cache", file=sys.stderr, flush=True)
    return "pass-through", {"reason": why}
