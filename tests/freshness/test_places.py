"""Which folders are the system's: a table of paths, and of what lies there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from zcnb.freshness.places import LOCAL, Places, places_of_this_machine

EVA = Places(homes=("/home/eva", "/opt/homes/eva"))
NOTES = "/home/eva/notes"


@pytest.mark.parametrize(
    ("path", "cwd", "system"),
    [
        ("/usr/include/stdio.h", NOTES, True),
        ("/usr", NOTES, True),
        ("/usr/bin/../lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/vector", NOTES, True),
        ("/lib/x86_64-linux-gnu/libc.so.6", NOTES, True),
        ("/opt/gcc/include/c++/vector", NOTES, True),
        ("/nix/store/abc/include/x.h", NOTES, True),
        ("/usrlocal/include/x.h", NOTES, False),
        ("/usr/../home/eva/x.h", NOTES, False),
        ("/home/eva/notes/x.h", NOTES, False),
        ("/home/eva/.rustup/toolchains/stable/lib/x", NOTES, False),
        ("/home/bob/x.h", NOTES, False),
        ("/tmp/x.h", NOTES, False),
        ("/etc/x.h", NOTES, False),
        ("/opt/homes/eva/x.h", NOTES, False),
        ("/opt/homes/evander/x.h", NOTES, True),
        ("/usr/local/course/x.h", "/usr/local/course", False),
        ("/usr/local/course/lib/x.h", "/usr/local/course/", False),
        ("/usr/local/course2/x.h", "/usr/local/course", True),
        ("/usr/include/stdio.h", "/", False),
        ("usr/include/x.h", NOTES, False),
        ("", NOTES, False),
    ],
)
def test_by_path(path: str, cwd: str, system: bool) -> None:
    assert EVA.may_hold(path, cwd) is system


def facts(uid: int, mode: int) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, uid, 0, 0, 0, 0, 0))


FOLDER = stat.S_IFDIR | 0o755


@pytest.mark.parametrize(
    ("real", "uid", "mode", "kind", "reason"),
    [
        ("/usr/include", 0, FOLDER, "ext4", ""),
        ("/usr/include", 0, stat.S_IFDIR | 0o700, "tmpfs", ""),
        ("/usr/include", 0, FOLDER, "overlay", "overlay file system"),
        ("/usr/include", 0, FOLDER, "fuse.sshfs", "fuse.sshfs file system"),
        ("/usr/include", 0, FOLDER, "", "unknown file system"),
        ("/usr/include", 1000, FOLDER, "ext4", "writable by others than root"),
        ("/usr/local/include", 0, stat.S_IFDIR | 0o2775, "ext4", "writable by others than root"),
        ("/opt/shared", 0, stat.S_IFDIR | 0o1777, "ext4", "writable by others than root"),
        ("/home/eva/inc", 0, FOLDER, "ext4", "a link that leads elsewhere"),
        ("/srv/inc", 0, FOLDER, "ext4", "a link that leads elsewhere"),
    ],
)
def test_by_what_lies_there(real: str, uid: int, mode: int, kind: str, reason: str) -> None:
    assert EVA.against(real, facts(uid, mode), kind) == reason


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "fuse", "fuseblk", "fuse.sshfs", "overlay", "9p", "virtiofs", "ceph"],
)
def test_file_systems_that_others_write_to_are_not_trusted(kind: str) -> None:
    assert kind not in LOCAL


def test_the_rule_for_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "home").symlink_to("real")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    rule = Places(roots=(str(tmp_path),), homes=places_of_this_machine().homes)
    assert [rule.may_hold(str(tmp_path / name / "x.h")) for name in ("home", "real", "other")] == [False, False, True]
