"""Connect to the daemon; start it first if there is none.

The launcher binds and listens itself and hands the socket over, under a lock:
whoever comes second finds the endpoint alive. A connection works from the
moment of the bind; requests wait in the backlog until the daemon is up.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import zcnb
from zcnb import transport
from zcnb.config import Config
from zcnb.errors import EndpointError, TransportIOError
from zcnb.osdep import FileLock, private_folder, runtime_folder, spawn_detached
from zcnb.transport import Stream

KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "LD_LIBRARY_PATH")
"""What the daemon itself needs of the environment. Tools run in the environment of each request."""

LOG_LIMIT = 1024 * 1024
"""A log that grew beyond this many bytes is begun anew at the next start."""


def connect(config: Config) -> Stream:
    """A connection to the running daemon. Raises `EndpointError` if there is none."""
    return transport.connect(config.endpoint)


def connect_or_launch(config: Config) -> Stream:
    """A connection to the daemon, started if need be. Raises `EndpointError` or `TransportIOError`.

    A daemon that was just started may still die before its first answer; `why_dead` tells what it said.
    """
    try:
        return connect(config)
    except EndpointError:
        return _launch(config)


def log_path(config: Config) -> Path:
    """Where the daemon's own output goes; it writes only when something is wrong."""
    return config.endpoint.with_suffix(".log")


def why_dead(config: Config) -> str:
    """One sentence for a daemon that closes connections instead of answering, with the log's last line."""
    try:
        last = log_path(config).read_text(errors="replace").strip().rpartition("\n")[2]
    except OSError:
        last = ""
    said = f" Its last words: {last}" if last else ""
    return f"the daemon started but does not answer; its log is {log_path(config)}.{said}"


def _launch(config: Config) -> Stream:
    endpoint = config.endpoint
    if endpoint.parent == runtime_folder():
        private_folder(endpoint.parent)
    try:
        endpoint.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(endpoint.with_suffix(".lock")):
            if not transport.probe(endpoint):
                _spawn(config)
    except OSError as error:
        raise TransportIOError(f"The daemon cannot be started: {error.strerror} ({error.filename}).") from error
    return connect(config)


def _spawn(config: Config) -> None:
    log = log_path(config)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.unlink()
    with transport.bind(config.endpoint) as listener:
        script = Path(zcnb.__file__).parent / "daemon" / "__main__.py"
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= {name: value for name, value in os.environ.items() if name.startswith("ZCNB_")}
        env |= {
            "ZCNB_CACHE_DIR": str(config.cache_dir),
            "ZCNB_SOCKET": str(config.endpoint),
            "ZCNB_DETACH": "1",
            "ZCNB_LISTEN_FD": str(listener.fileno()),
            "ZCNB_IMPORT_PATH": os.pathsep.join(_import_path()),
        }
        argv = [sys.executable, "-I", "-S", str(script)]
        spawn_detached(argv, pass_fd=listener.fileno(), log=log, env=env)


def _import_path() -> list[str]:
    """Where the daemon finds the packages that this process finds."""
    own = str(Path(zcnb.__file__).parent.parent)
    return [own, *(path for path in sys.path if path and os.path.isdir(path) and path != own)]
