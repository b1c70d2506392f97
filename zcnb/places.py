"""Where things lie. Imports nothing but `os`: the wrapper is started hundreds of times by one build."""

from __future__ import annotations

import os

SHIMS = "zcnb-shims"
"""Name of the folders that hold shims: passed over when the real tool is looked for."""

_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def runtime_path() -> str:
    """`/tmp/zcnb-<uid>`: local disk, short (socket paths end at about 104 bytes), the same for every
    process of this user.

    Not `XDG_RUNTIME_DIR`: it is deleted at logout, inherited wrongly through `su`, unset on clusters,
    and differs between a hub's kernels and a terminal (jupyter_core gave it up for these reasons).
    """
    return f"/tmp/zcnb-{os.getuid()}"


def endpoint_of(cache_dir: str) -> str:
    """The socket of the cache folder's daemon: two cache folders are two daemons."""
    return f"{runtime_path()}/{name_of(os.fsencode(os.path.realpath(cache_dir)))}.sock"


def feed_of(endpoint: str) -> str:
    """Where the daemon at `endpoint` publishes what happens, for monitors: a ZeroMQ socket beside it."""
    return f"{os.path.splitext(endpoint)[0]}.feed"


def name_of(data: bytes) -> str:
    """16 hexadecimal digits (FNV-1a, 64 bits). It tells a user's few folders apart and guards nothing: whoever
    answers at the endpoint is checked. Of the hashes it is the one that costs no import."""
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
