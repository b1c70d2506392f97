"""What differs between operating systems, besides transports. Chosen once, here."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    raise ImportError("zcnb runs on Linux and macOS so far; on Windows use it inside WSL")
from zcnb.osdep.posix import (
    FileLock,
    append_line,
    end_process,
    endpoint_folder,
    file_identity,
    interrupts_held,
    kill_group,
    open_terminal,
    peer_uid,
    private_folder,
    process_alive,
    process_start,
    runtime_folder,
    spawn_detached,
    write_whole,
)

__all__ = [
    "FileLock",
    "append_line",
    "end_process",
    "endpoint_folder",
    "file_identity",
    "interrupts_held",
    "kill_group",
    "open_terminal",
    "peer_uid",
    "private_folder",
    "process_alive",
    "process_start",
    "runtime_folder",
    "spawn_detached",
    "write_whole",
]
