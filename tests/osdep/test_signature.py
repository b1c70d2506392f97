"""What lies at a path. (How far a signature can be trusted is tested with `freshness`.)"""

from __future__ import annotations

import os
from pathlib import Path

from zcnb.osdep.signature import kind


def test_kinds(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    names = ("file", "link", "dangling", "gone", "pipe", "file/x", "loop", "loop/x", "")
    found = {name: kind(str(tmp_path / name)) for name in names}
    assert found == {
        "file": "file", "link": "file", "dangling": "nothing", "gone": "nothing", "pipe": "other", "file/x": "nothing",
        "loop": "other", "loop/x": "other", "": "folder",
    }  # fmt: skip
    assert kind("a\0b") == "nothing"
