"""The mount table: rows read from text, the file system under a descriptor, and whether anything was mounted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.osdep.mounting import mounted
from zcnb.osdep.mounts import Mount, MountTable, mount_id_in, mounts_in

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the table is Linux's")

TABLE = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
31 27 0:40 / /srv/my\040files rw shared:5 master:2 - nfs4 server:/files rw,vers=4.2
32 27 0:41 / /var/lib/x rw,relatime shared:7 - overlay overlay rw,lowerdir=/a - b,upperdir=/c
33 27 254:0 /etc/x.h /usr/include/x.h rw - ext4 /dev/vda rw
34 27 0:43 / /mnt/back\134slash rw - fuse.sshfs host:/ rw
"""


def test_rows_are_read() -> None:
    assert mounts_in(TABLE) == [
        Mount(22, "/proc", "proc"),
        Mount(27, "/", "ext4"),
        Mount(31, "/srv/my files", "nfs4"),
        Mount(32, "/var/lib/x", "overlay"),
        Mount(33, "/usr/include/x.h", "ext4"),
        Mount(34, "/mnt/back\\slash", "fuse.sshfs"),
    ]


@pytest.mark.parametrize(
    "row", ["", "nonsense", "27 1 254:0 / / rw", "27 1 254:0 / - ext4", "x 1 0:1 / / rw - xfs a b"]
)
def test_what_is_no_row_is_left_out(row: str) -> None:
    assert mounts_in(f"{row}\n{TABLE}") == mounts_in(TABLE)


@pytest.mark.parametrize(
    ("text", "number"),
    [("pos:\t0\nflags:\t02\nmnt_id:\t27\nino:\t5\n", 27), ("mnt_id: 9", 9), ("pos:\t0\n", None), ("", None)],
)
def test_the_mount_of_a_descriptor(text: str, number: int | None) -> None:
    assert mount_id_in(text) == number


@pytest.fixture
def table() -> Iterator[MountTable]:
    made = MountTable()
    yield made
    made.close()


def kind(table: MountTable, folder: Path) -> str:
    fd = os.open(folder, os.O_PATH)
    try:
        return table.kind(fd)
    finally:
        os.close(fd)


def test_the_kind_of_real_folders(table: MountTable, tmp_path: Path) -> None:
    assert kind(table, Path("/proc/self")) == "proc"
    said = subprocess.run(["stat", "-f", "-c", "%T", tmp_path], capture_output=True, text=True, check=True).stdout
    assert kind(table, tmp_path)[:3] == {"ext2/ext3": "ext"}.get(said.strip(), said.strip())[:3]
    assert table.kind(-1) == ""


def test_what_is_mounted_later_is_known(table: MountTable, tmp_path: Path) -> None:
    assert not table.changed()
    with mounted(tmp_path, "-t", "tmpfs", "none"):
        assert table.changed()
        assert not table.changed()
        assert kind(table, tmp_path) == "tmpfs"
        assert str(tmp_path) in table.points
    assert table.changed()
    assert str(tmp_path) not in table.points
