"""Folders as values: taken, compared name by name, and put back."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

RANDOM_NAMES = re.compile(
    rb"(?<=/)cc[A-Za-z0-9]{6}(?=[./ :\"'\n]|$)"  # gcc's temporary files, also ld's and collect2's
    rb"|(?<=-)[0-9a-f]{6,8}(?=\.(?:o|s|ii|i|out|bc|temp))"  # clang's: /tmp/a-5f3a2b.o
    rb"|(?<=/)rustc[A-Za-z0-9]{6}(?=[/\" ])"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the folder. `data` is a file's content or a link's target."""

    kind: str
    mode: int
    data: bytes
    links: int
    stamp: tuple[int, int] = field(compare=False)
    """(inode, mtime): changes when something is written, even the same bytes."""


Tree = dict[bytes, Entry]


def anonymous(text: bytes) -> bytes:
    """`text` with the random part of temporary names made equal."""
    return RANDOM_NAMES.sub(b"XXXXXX", text)


def snapshot(root: bytes) -> Tree:
    """All that is under `root`."""
    return dict(_entries(root, b""))


def restore(root: bytes, tree: Tree) -> None:
    """Make `root` what it was. What did not change is left alone, names of one file become that again."""
    now = snapshot(root)
    gone = {name for name in tree if name not in now or now[name] != tree[name]}
    inodes = {tree[name].stamp[0] for name in gone if tree[name].links > 1}
    gone |= {name for name in tree if tree[name].stamp[0] in inodes}
    for name in sorted(now.keys() - tree.keys() | (gone & now.keys()), reverse=True):
        if name not in tree or tree[name].kind != "folder" or now[name].kind != "folder":
            _remove(os.path.join(root, name))
    made: dict[int, bytes] = {}
    for name in sorted(gone):
        path = os.path.join(root, name)
        _make(path, tree[name], made.get(tree[name].stamp[0]))
        made[tree[name].stamp[0]] = path


def _entries(root: bytes, under: bytes) -> list[tuple[bytes, Entry]]:
    found: list[tuple[bytes, Entry]] = []
    for item in os.scandir(os.path.join(root, under)):
        name = os.path.join(under, item.name)
        info = item.stat(follow_symlinks=False)
        stamp = (info.st_ino, info.st_mtime_ns)
        mode = stat.S_IMODE(info.st_mode)
        if item.is_symlink():
            found.append((name, Entry("link", 0, os.readlink(item.path), 1, stamp)))
        elif item.is_dir():
            found.append((name, Entry("folder", mode, b"", 1, stamp)))
            found += _entries(root, name)
        elif item.is_file():
            data = Path(os.fsdecode(item.path)).read_bytes()
            shown = data if data.startswith(b"\x7fELF") else anonymous(data)
            found.append((name, Entry("file", mode, shown, info.st_nlink, stamp)))
        else:
            found.append((name, Entry("special", mode, b"", 1, stamp)))
    return found


def _remove(path: bytes) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _make(path: bytes, entry: Entry, twin: bytes | None) -> None:
    if entry.kind == "folder":
        os.makedirs(path, exist_ok=True)
        os.chmod(path, entry.mode)
    elif entry.kind == "link":
        os.symlink(entry.data, path)
    elif entry.kind == "special":
        os.mkfifo(path, entry.mode)
    elif twin is not None and entry.links > 1:
        os.link(twin, path)
    else:
        Path(os.fsdecode(path)).write_bytes(entry.data)
        os.chmod(path, entry.mode)
        os.utime(path, ns=(entry.stamp[1], entry.stamp[1]))
