"""Two daemons on one cache folder, and what can happen to them: stopped, killed, their files damaged.

Which one is meant is said by number: 0 has room, 1 has so little that it evicts all the time. As in `world.py`, what
cannot be done now is not done.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Literal

from tests.conftest import alive, end_daemon, wait_until
from tests.soak.world import told
from tests.wrapper.oracle import ROOT
from zcnb.client.control import running_status, stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import ZcnbError

HERE = Path(__file__).parent
LITTLE_ROOM = 40_000
"""Bytes: about ten of the soak's results."""

Damage = Literal["flip", "halve", "empty", "append", "remove"]

ROW_DAMAGES = (
    "UPDATE entries SET manifest = replace(manifest, 'far.h', 'fur.h')",
    "UPDATE entries SET outputs = (SELECT outputs FROM entries ORDER BY id LIMIT 1)",
    "UPDATE entries SET key = (SELECT key FROM entries ORDER BY id LIMIT 1)",
    "UPDATE entries SET said = replace(said, 'e', 'f')",
    "DELETE FROM blobs",
    "DELETE FROM holds",
)
"""What somebody's hand, or a bad disk, does to rows that SQLite still takes for sound."""


class Daemons:
    """The daemons of the cache folder below `root`. `LD_PRELOAD` and the like in `more_env` are for all of them."""

    def __init__(self, root: Path, runtime: Path, story: list[str], **more_env: str) -> None:
        self.cache, self.story, self._more_env = root / "cache", story, more_env
        self._log = root / "daemons.log"
        sizes = (0, LITTLE_ROOM)
        self.configs = tuple(
            Config(cache_dir=self.cache, socket=runtime / f"{number}.sock", max_size=size, idle_timeout=300.0)
            for number, size in enumerate(sizes)
        )
        self.sessions = tuple(map(Session, self.configs))
        self._children: list[subprocess.Popen[bytes]] = []

    def pid(self, number: int) -> int:
        """The daemon's process; 0 if none runs, or none that answers."""
        try:
            found = running_status(self.configs[number])
        except ZcnbError:
            return 0
        return found.pid if found else 0

    def ensure(self, number: int) -> None:
        """Start a quick daemon if none runs."""
        if self.pid(number):
            return
        config = self.configs[number]
        env = {
            **os.environ, **self._more_env, "PYTHONPATH": str(ROOT), "ZCNB_CACHE_DIR": str(config.cache_dir),
            "ZCNB_SOCKET": str(config.socket), "ZCNB_MAX_SIZE": str(config.max_size),
            "ZCNB_IDLE_TIMEOUT_SECS": str(config.idle_timeout),
        }  # fmt: skip
        with open(self._log, "ab") as log:
            argv = [sys.executable, str(HERE / "quick_daemon.py")]
            child = subprocess.Popen(argv, env=env, cwd="/", stdout=log, stderr=log)
        self._children.append(child)
        assert wait_until(lambda: self.pid(number) != 0 or child.poll() is not None), "no daemon came up"

    @told
    def stop(self, number: int, quick: bool) -> None:
        """`zcnb stop`; afterwards a quick daemon, or none: then the next client starts an ordinary one."""
        stop(self.configs[number])
        if quick:
            self.ensure(number)

    @told
    def kill(self, number: int, quick: bool) -> None:
        """kill -9; afterwards as for `stop`."""
        self.strike(number)
        if quick:
            self.ensure(number)

    def strike(self, number: int) -> None:
        """kill -9, and it is gone when this returns."""
        pid = self.pid(number)
        if pid:
            os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda: not alive(pid)), f"the daemon {pid} outlived kill -9"

    @told
    def clear(self, number: int) -> None:
        """`zcnb clear`."""
        self.sessions[number].clear()

    @told
    def damage_blob(self, number: int, damage: Damage) -> None:
        """Something happens to one of the stored files."""
        blobs = sorted(path for path in (self.cache / "v1" / "blobs").glob("*/*") if path.is_file())
        if blobs:
            harm(blobs[number % len(blobs)], damage)

    @told
    def damage_rows(self, statement: int, fresh: bool) -> None:
        """Rows of the index change, are lost, or vouch for another result. A daemon that runs may remember what they
        were; a `fresh` one reads them."""
        index = self.cache / "v1" / "index.db"
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"file:{index}?mode=rw", uri=True)) as db,
        ):
            db.execute(ROW_DAMAGES[statement])
            db.commit()
        if fresh:
            self.stop(0, True)

    @told
    def damage_index(self) -> None:
        """The middle of the index is overwritten under the daemons."""
        index = self.cache / "v1" / "index.db"
        if index.is_file():
            with open(index, "r+b") as file:
                file.seek(index.stat().st_size // 2)
                file.write(b"garbage" * 100)

    def close(self) -> None:
        """End them all."""
        for session, config in zip(self.sessions, self.configs, strict=True):
            session.close()
            end_daemon(config)
        for child in self._children:
            child.wait(30)


def harm(path: Path, damage: Damage) -> None:
    """Damage a stored file, behind its mode; size and time stay where they can."""
    if damage == "remove":
        path.unlink()
        return
    before, data = path.stat(), path.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes(255 - byte for byte in data[middle : middle + 1]) + data[middle + 1 :]
    path.chmod(before.st_mode | 0o200)
    path.write_bytes({"flip": flipped, "halve": data[:middle], "empty": b"", "append": data + b"x"}[damage])
    path.chmod(before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
