"""What happens in the daemon, published for monitors: a ZeroMQ socket beside the endpoint (`FEED.md`).

Rules. Nobody waits for a subscriber: one that is slow loses events. The daemon is whole without a feed; why there
is none stands among its errors. The socket is made after the first answer, in a thread: loading ZeroMQ takes longer
than a hit. It is bound under a name of its own, made private, and then renamed, so nobody finds it half made. At the
end its file is removed, unless it is by then that of the daemon that took this one's place.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from zcnb.model.health import Status
from zcnb.model.job import Queue
from zcnb.osdep import file_identity
from zcnb.places import feed_of

if TYPE_CHECKING:
    import zmq

MOST_UNREAD = 1000
"""Events that wait for one subscriber (300 bytes each); beyond that they are dropped for it."""

SETTLED_S = 0.5
"""From the first answer until the feed is opened: what the daemon was started for goes first."""

SAMPLE_S = 1.0
"""Between two looks for subscribers, and between two `health.status` if there is one."""

HEALTH = "health.status"


LONGEST_TEXT = 200
"""Characters of a command that are published."""


@dataclass(slots=True)
class Outcome:
    """What became of a build: how it was answered (`hit`, `miss`, `passed`, `failed`), and whether it worked."""

    cache: str = "failed"
    ok: bool = False


class Feed:
    """One for each daemon; used from the event loop only. It publishes nothing while nobody listens."""

    def __init__(self, endpoint: Path) -> None:
        self.path = Path(feed_of(str(endpoint)))
        self._socket: zmq.Socket[bytes] | None = None
        self._identity: tuple[int, int] | None = None
        self._topics: set[bytes] = set()
        self._builds = count(1)

    def __repr__(self) -> str:
        state = "closed" if self._socket is None else "open"
        return f"<Feed {self.path} {state}, topics {sorted(self._topics)}>"

    async def serve(
        self, answered: asyncio.Event, status: Callable[[], Awaitable[Status]], note_error: Callable[[str], None],
        wanted: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Open the feed once `answered` is set, if it is still `wanted` then, and tell the health while somebody
        listens, until cancelled."""
        await answered.wait()
        await asyncio.sleep(SETTLED_S)
        if not wanted():
            return
        try:
            self._socket = await asyncio.to_thread(_bound, self.path)
            self._identity = file_identity(self.path)
        except Exception as error:  # noqa: BLE001  # ZeroMQ is missing, or says no, in ways of its own
            note_error(f"the event feed {self.path} cannot be opened: {error}")
            return
        while True:
            if self.listened_to(HEALTH):
                self.publish(HEALTH, **dataclasses.asdict(await status()))
            await asyncio.sleep(SAMPLE_S)

    def listened_to(self, topic: str) -> bool:
        """Whether anybody subscribed to `topic`, by its beginning."""
        if self._socket is None:
            return False
        self._hear(self._socket)
        return any(topic.encode().startswith(prefix) for prefix in self._topics)

    def publish(self, topic: str, **fields: object) -> None:
        """Tell those who listen. `fields` go as JSON; `unix_ms` is added."""
        if self._socket is None or not self.listened_to(topic):
            return
        from zmq import NOBLOCK

        body = json.dumps({"unix_ms": int(time.time() * 1000)} | fields)
        self._socket.send_multipart([topic.encode(), body.encode()], NOBLOCK)

    @contextmanager
    def build(self, what: str, queue: Queue) -> Iterator[Outcome]:
        """Tell of the beginning and of the end of a build; the outcome is filled in between."""
        facts: dict[str, object] = {"build": next(self._builds), "what": what[:LONGEST_TEXT], "queue": queue}
        outcome, begin = Outcome(), time.monotonic()
        self.publish("build.begin", **facts)
        try:
            yield outcome
        finally:
            ms = (time.monotonic() - begin) * 1000
            self.publish("build.done", **facts, cache=outcome.cache, ok=outcome.ok, ms=ms)

    def close(self) -> None:
        """Stop publishing and remove the socket file, unless it is a successor's by now."""
        if self._socket is None:
            return
        if file_identity(self.path) == self._identity:
            self.path.unlink(missing_ok=True)
        self._socket.context.destroy(linger=0)
        self._socket = None

    def _hear(self, socket: zmq.Socket[bytes]) -> None:
        """Take in who came and who went: a byte 1 or 0, and what the topic begins with."""
        from zmq import NOBLOCK, Again

        while True:
            try:
                told = socket.recv(NOBLOCK)
            except Again:
                return
            if told[:1] == b"\1":
                self._topics.add(told[1:])
            elif told[:1] == b"\0":
                self._topics.discard(told[1:])


def _bound(path: Path) -> zmq.Socket[bytes]:
    """A publishing socket at `path`, for this user alone. In a thread."""
    import zmq

    socket: zmq.Socket[bytes] = zmq.Context().socket(zmq.XPUB)
    own = path.with_name(f"feed.{os.getpid()}")
    try:
        socket.set(zmq.SNDHWM, MOST_UNREAD)
        socket.bind(f"ipc://{own}")
        own.chmod(0o600)
        own.rename(path)
    except BaseException:
        socket.context.destroy(linger=0)
        own.unlink(missing_ok=True)
        raise
    return socket
