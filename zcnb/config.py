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
from zcnb.places import endpoint_of

GIB = 1024**3
LARGEST = 2**62
"""Bytes: as good as no limit, and still a number that SQLite and msgpack can hold."""

LARGEST_POOL = 1024
"""Instances of a pipe: all are made while the daemon starts."""

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


def _instances(text: str) -> int:
    match = re.fullmatch(r"[0-9]{1,4}", str(text).strip())
    if not match or int(match[0]) > LARGEST_POOL:
        raise ValueError(f"a whole number from 0 to {LARGEST_POOL}")
    return int(match[0])


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
    _Setting("pipe_pool_size", "ZCNB_PIPE_POOL_SIZE", _instances),
    _Setting("wedge_recv_timeout", "ZCNB_WEDGE_RECV_TIMEOUT_SECS", _seconds),
    _Setting("wedge_probe_budget", "ZCNB_WEDGE_PROBE_BUDGET_MS", _milliseconds),
    _Setting("disable_link_retry", "ZCNB_DISABLE_LINK_RETRY", _switch),
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
    return replace(Config(), **values)


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
