"""Settings: frozen, read once. Defaults < site and user file (`zcnb_config.toml`) < environment.

Nobody else reads `ZCNB_*` from the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from zcnb.errors import ConfigError
from zcnb.model.address import parse_address
from zcnb.places import endpoint_of

GIB = 1024**3
LARGEST = 2**62
"""Bytes: as good as no limit, and still a number that SQLite and msgpack can hold."""

LARGEST_POOL = 1024
"""Instances of a pipe: all are made while the daemon starts."""

MOST_SLOTS = 128
"""Tools of one queue at once: two runners of 64."""

LEAST_MEMORY = 256 * 1024**2
"""Bytes: below that not even a runner starts."""

BATCH_MEMORY = 8 * GIB
"""Address space, of which a compiler uses a part: the largest C++ sources take two or three."""

_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": GIB, "t": 1024 * GIB}
LANES = ("plain", "tagged", "envelope")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings, checked. Times in seconds, sizes in bytes."""

    cache_dir: Path = field(default_factory=lambda: platformdirs.user_cache_path("zcnb"))
    socket: Path | None = None
    """`ZCNB_SOCKET`: another endpoint than the one that belongs to the cache folder."""
    max_size: int = 0
    """Limit of the cache; 0 means 5 GiB or a tenth of the disk, whichever is less."""
    idle_timeout: float = 1800.0
    """The daemon ends after this long without a request; 0 keeps it for ever."""
    wire: str = "tagged"
    disable: bool = False
    """Compile directly, with neither daemon nor cache."""
    fallback: bool = True
    """Compile directly when the daemon cannot be had."""
    pipe_pool_size: int = 0
    """On Windows, how many instances of the daemon's pipe wait for clients; 0 means 4 for each core, 16 to 128."""
    wedge_recv_timeout: float = 180.0
    """A request without a sign of life for this long is stuck; 0 waits for ever."""
    wedge_probe_budget: float = 3.0
    """What a daemon that seems stuck has for showing that it is alive, before it is replaced; 0 does not ask
    it. (The variable gives milliseconds.)"""
    disable_link_retry: bool = False
    """Do not try again after the connection failed."""
    interactive_slots: int | None = None
    """Tools that run at once for cells and tool calls; as many as there are cores if not given."""
    batch_slots: int | None = None
    """The same for jobs in the background."""
    interactive_nice: int = 0
    """Niceness on top of the daemon's."""
    batch_nice: int = 10
    interactive_memory: int = 0
    """Address space of each tool in bytes; 0 is no limit."""
    batch_memory: int = BATCH_MEMORY
    tool_timeout: float = 0.0
    """A compile or a link that takes longer is stopped, and fails; 0 lets it run."""
    shutdown_term_grace: float = 1.0
    """What a runner that is to end has between TERM and KILL; 0 kills at once."""
    runner_address: str = ""
    """A runner that somebody else started (external mode): a socket's path, `host:port` or `host:first-last`."""
    runner_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    """Hosts that `runner_address` may name."""
    runner_secret: Path | None = None
    """The file with what such a runner must be told first; needed for a host."""
    inotify: bool = True
    """Have the system tell of changes in the folders of toolchain and system; off looks at each file every time."""
    debug: bool = False
    """One tool at a time, and a line for each in the runners' log."""
    cpp: str = ""
    """Default C++ compiler; empty looks for g++, then c++, then clang++."""
    c: str = ""
    rust: str = ""
    widgets: bool = True
    """Show cells' results as widgets; off gives display data alone."""

    @property
    def endpoint(self) -> Path:
        """Where this cache folder's daemon listens: two cache folders are two daemons."""
        if self.socket is not None:
            return self.socket
        return Path(endpoint_of(str(self.cache_dir)))


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", str(text).strip().lower())
    if not match:
        raise ValueError("a size such as 500M or 5G")
    value = float(match[1]) * _UNITS[match[2]]
    if value > LARGEST:
        raise ValueError("a size such as 500M or 5G")
    return int(value)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise ValueError("a number of seconds, 0 or more")
    return value


def _milliseconds(text: str) -> float:
    try:
        return _seconds(text) / 1000
    except ValueError:
        raise ValueError("a number of milliseconds, 0 or more") from None


def _switch(text: str) -> bool:
    word = str(text).strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ValueError("on or off")
    return word in {"1", "true", "yes", "on"}


def _lane(text: str) -> str:
    if text not in LANES:
        raise ValueError("one of " + ", ".join(LANES))
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        match = re.fullmatch(r"[0-9]{1,9}", str(text).strip())
        if not match or not least <= int(match[0]) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(match[0])

    return parse


def _memory(text: str) -> int:
    value = _size(text)
    if 0 < value < LEAST_MEMORY:
        raise ValueError("0 for no limit, or a size from 256M on")
    return value


def _address(text: str) -> str:
    if text:
        parse_address(text)
    return text


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(str(text).replace(",", " ").split())


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("a folder")
    return Path(os.path.abspath(os.path.expanduser(text)))


@dataclass(frozen=True, slots=True)
class _Setting:
    """One row of the table: where a setting is read from, and how its text becomes a value."""

    name: str
    variable: str | None
    parse: Callable[[str], Any]


SETTINGS = (
    _Setting("cache_dir", "ZCNB_CACHE_DIR", _folder),
    _Setting("socket", "ZCNB_SOCKET", _folder),
    _Setting("max_size", "ZCNB_MAX_SIZE", _size),
    _Setting("idle_timeout", "ZCNB_IDLE_TIMEOUT_SECS", _seconds),
    _Setting("wire", "ZCNB_WIRE", _lane),
    _Setting("disable", "ZCNB_DISABLE", _switch),
    _Setting("fallback", "ZCNB_FALLBACK", _switch),
    _Setting("pipe_pool_size", "ZCNB_PIPE_POOL_SIZE", _number(0, LARGEST_POOL)),
    _Setting("wedge_recv_timeout", "ZCNB_WEDGE_RECV_TIMEOUT_SECS", _seconds),
    _Setting("wedge_probe_budget", "ZCNB_WEDGE_PROBE_BUDGET_MS", _milliseconds),
    _Setting("disable_link_retry", "ZCNB_DISABLE_LINK_RETRY", _switch),
    _Setting("interactive_slots", "ZCNB_INTERACTIVE_SLOTS", _number(1, MOST_SLOTS)),
    _Setting("batch_slots", "ZCNB_BATCH_SLOTS", _number(1, MOST_SLOTS)),
    _Setting("interactive_nice", "ZCNB_INTERACTIVE_NICE", _number(0, 19)),
    _Setting("batch_nice", "ZCNB_BATCH_NICE", _number(0, 19)),
    _Setting("interactive_memory", "ZCNB_INTERACTIVE_MEMORY", _memory),
    _Setting("batch_memory", "ZCNB_BATCH_MEMORY", _memory),
    _Setting("tool_timeout", "ZCNB_TOOL_TIMEOUT_SECS", _seconds),
    _Setting("shutdown_term_grace", "ZCNB_SHUTDOWN_TERM_GRACE_SECS", _seconds),
    _Setting("runner_address", "ZCNB_RUNNER_ADDRESS", _address),
    _Setting("runner_hosts", "ZCNB_RUNNER_HOSTS", _hosts),
    _Setting("runner_secret", "ZCNB_RUNNER_SECRET", _folder),
    _Setting("inotify", "ZCNB_INOTIFY", _switch),
    _Setting("debug", "ZCNB_DEBUG", _switch),
    _Setting("cpp", None, str),
    _Setting("c", None, str),
    _Setting("rust", None, str),
    _Setting("widgets", None, _switch),
)


def config_files() -> list[Path]:
    """Where `zcnb_config.toml` is looked for: site first, then user (whose values win)."""
    site = [Path(p) for p in platformdirs.site_config_dir("zcnb", multipath=True).split(os.pathsep)]
    return [folder / "zcnb_config.toml" for folder in (*reversed(site), platformdirs.user_config_path("zcnb"))]


def load(environ: Mapping[str, str] | None = None, files: list[Path] | None = None) -> Config:
    """The settings in force. Raises `ConfigError`, which names the file or the variable and what it expects."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for path in config_files() if files is None else files:
        values |= _from_file(path)
    for setting in SETTINGS:
        text = environ.get(setting.variable) if setting.variable else None
        if text:
            values[setting.name] = _parsed(setting, text, setting.variable or "")
    return _checked(replace(Config(), **values))


def _checked(config: Config) -> Config:
    """`config`, whose settings agree with each other. Raises `ConfigError`."""
    host = parse_address(config.runner_address).host if config.runner_address else ""
    if host and host not in config.runner_hosts:
        raise ConfigError(
            f"runner_address names the host {host}, but runner_hosts (ZCNB_RUNNER_HOSTS) allows just "
            f"{', '.join(config.runner_hosts) or 'none'}"
        )
    if host and config.runner_secret is None:
        raise ConfigError(
            "runner_address is a TCP port, which is open to every user of its machine: set runner_secret "
            "(ZCNB_RUNNER_SECRET) to a file that only you can read"
        )
    return config


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    known = {setting.name: setting for setting in SETTINGS}
    unknown = sorted(table.keys() - known.keys())
    if unknown:
        raise ConfigError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(known)}")
    return {name: _parsed(known[name], str(value), f"{path}: {name}") for name, value in table.items()}


def _parsed(setting: _Setting, text: str, source: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        raise ConfigError(f"{source} is {text!r}, but must be {error}") from None
