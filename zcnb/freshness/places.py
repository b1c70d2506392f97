"""Which folders belong to toolchain and system, so that nobody edits in them while cells run. Pure.

By path: below one of the system's roots, but neither below a home nor below
the folder that the request works in. By what lies there: owned by root and
writable by nobody else, on a file system that is known to tell of all writes.
In doubt a folder is none of the system's, and what is in it is stat'ed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

ROOTS = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store")

LOCAL = frozenset(
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "bcachefs", "f2fs", "jfs", "zfs", "tmpfs", "ramfs", "squashfs", "erofs",
    }
)  # fmt: skip
"""File systems that only this machine writes to, each write through a name that the kernel knows. Overlays are
none: what is below them can be written to unseen. Nor are network and FUSE ones."""

NOT_OURS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Places:
    """The rule, with what it depends on."""

    roots: tuple[str, ...] = ROOTS
    homes: tuple[str, ...] = ()
    """Below these people edit, wherever they lie."""
    owner: int = 0
    """Whose files the system's are."""

    def may_hold(self, path: str, cwd: str = "") -> bool:
        """Whether the absolute `path`, as it is spelled, is in a place of the system's for a request in `cwd`."""
        plain = os.path.normpath(path)
        edited = (*self.homes, cwd) if cwd else self.homes
        return any(_below(plain, root) for root in self.roots) and not any(_below(plain, place) for place in edited)

    def owned(self, facts: os.stat_result) -> bool:
        """Whether a file or a folder is the owner's, and nobody else may write to it."""
        return facts.st_uid == self.owner and not facts.st_mode & NOT_OURS

    def against(self, real: str, facts: os.stat_result, kind: str) -> str:
        """Why the folder that really lies at `real`, on a file system of this kind, is not watched; empty if it
        is to be."""
        if kind not in LOCAL:
            return f"{kind or 'unknown'} file system"
        if not self.may_hold(real):
            return "a link that leads elsewhere"
        return "" if self.owned(facts) else "writable by others than root"


def places_of_this_machine() -> Places:
    """The rule for the user who runs this process."""
    home = os.path.expanduser("~")
    return Places(homes=(os.path.normpath(home), os.path.realpath(home)))


def _below(path: str, folder: str) -> bool:
    folder = os.path.normpath(folder)
    return folder == os.sep or path == folder or path.startswith(folder + os.sep)
