"""Tool calls with all means: what the wrapper's fast path could not settle in one exchange."""

from __future__ import annotations

import sys
from typing import Any

from zcnb import config
from zcnb.client import launch
from zcnb.client.line import Line
from zcnb.config import Config
from zcnb.errors import ConfigError, ZcnbError
from zcnb.wire import codec
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Message

Answer = tuple[str, dict[str, Any]]
"""Kind and fields of a reply, as plain data."""


def rescued(kind: str, detail: str, request_kind: str, fields: dict[str, object]) -> Answer:
    """The answer to a request that failed as `kind` says (`absent`, `closed`, `quiet`).

    When nothing helps, a line on stderr says so, and the answer is to run the tool.
    """
    try:
        settings = config.load()
        message = codec.message_from(request_kind, fields)
        return _plain(_attempt(settings, message))
    except ConfigError as error:
        return _given_up(str(error))
    except ZcnbError as error:
        return _given_up(str(error))


def _attempt(settings: Config, message: Message) -> Message:
    line = Line(launch.connect_or_launch(settings), Lane(settings.wire))
    try:
        return line.request(message)
    finally:
        line.close()


def _plain(message: Message) -> Answer:
    kind, fields = codec.fields_of(message)
    return kind, codec.unpack(codec.pack(fields))


def _given_up(why: str) -> Answer:
    print(f"zcnb: {why}; running the tool without the cache", file=sys.stderr, flush=True)
    return "pass-through", {"reason": why}
