"""Which file system a folder lies on, from `/proc/self/mountinfo`, and whether anything was mounted since."""

from __future__ import annotations

import os
import re
import select
from typing import NamedTuple

MOUNTINFO = "/proc/self/mountinfo"
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One row of the table."""

    id: int
    point: str
    """Where it is mounted: a folder, or a file."""
    kind: str
    """`ext4`, `overlay`, ..."""


def mounts_in(text: str) -> list[Mount]:
    """The rows of a mount table. A row that does not read like one is left out: nothing is known about it."""
    found = []
    for line in text.split("\n"):
        place, _, source = line.partition(" - ")
        fields, kinds = place.split(" "), source.split(" ")
        if len(fields) >= 6 and fields[0].isdecimal() and kinds[0]:
            point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
            found.append(Mount(int(fields[0]), point, kinds[0]))
    return found


def mount_id_in(fdinfo: str) -> int | None:
    """The mount that a descriptor was opened through, from its row in `/proc/self/fdinfo`; `None` if not told."""
    found = re.search(r"^mnt_id:\s*(\d+)$", fdinfo, re.MULTILINE)
    return int(found[1]) if found else None


class MountTable:
    """The mounts as this process sees them. Raises `OSError` where the system does not tell."""

    def __init__(self) -> None:
        self._fd = os.open(MOUNTINFO, os.O_RDONLY | os.O_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLPRI)
        self._read()

    def changed(self) -> bool:
        """Whether anything was mounted or unmounted since the last call; then the table is read anew."""
        if not self._poll.poll(0):
            return False
        self._read()
        return True

    def _read(self) -> None:
        os.lseek(self._fd, 0, os.SEEK_SET)
        text = b"".join(iter(lambda: os.read(self._fd, 65536), b""))
        rows = mounts_in(os.fsdecode(text))
        self._kinds = {mount.id: mount.kind for mount in rows}
        self.points = frozenset(mount.point for mount in rows)
        """Every path that something is mounted at."""

    def kind(self, fd: int) -> str:
        """The kind of file system that the descriptor `fd` was opened on; empty if it cannot be told."""
        try:
            with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as file:
                number = mount_id_in(file.read())
        except OSError:
            return ""
        return "" if number is None else self._kinds.get(number, "")

    def close(self) -> None:
        """Give the table back."""
        os.close(self._fd)
