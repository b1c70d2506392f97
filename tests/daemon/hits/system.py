"""A daemon that takes a folder of the tests' for the system's: real processes, sockets and inotify."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import wait_until
from zcnb.client.control import running_status
from zcnb.config import Config

SERVE = """
import asyncio, os, sys
from pathlib import Path
from zcnb.daemon.bootstrap import bind
from zcnb.daemon.server import serve
from zcnb.daemon.service import Service
from zcnb.freshness.places import Places
endpoint, cache, root, inotify = sys.argv[1:]
places = Places(roots=(root,), owner=os.getuid())
service = Service(Path(endpoint), Path(cache), 0, 0.0, inotify=inotify == "True", places=places)
asyncio.run(serve(bind(Path(endpoint)), service))
"""


@contextmanager
def system_daemon(
    config: Config, root: Path, *, inotify: bool = True, limit: tuple[str, int] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon at the endpoint of `config`, to which all below `root` is the system's and nothing else.

    With `limit`, a name below `/proc/sys/user` and a value, it lives in a user namespace with that limit.
    """
    argv = [sys.executable, "-c", SERVE, str(config.endpoint), str(config.cache_dir), str(root), str(inotify)]
    if limit is not None:
        script = f'echo {limit[1]} >/proc/sys/user/{limit[0]} && exec "$@"'
        argv = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *argv]
    env = {name: value for name, value in os.environ.items() if not name.startswith("ZCNB_")}
    with subprocess.Popen(argv, env=env, start_new_session=True) as process:
        try:
            assert wait_until(lambda: running_status(config) is not None), "the daemon did not start"
            yield process
        finally:
            process.terminate()
            process.wait(20)
