"""Events are read right from bytes, and a change in a folder is in the queue when the call that makes it returns."""

from __future__ import annotations

import errno
import mmap
import os
import resource
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zcnb.osdep.inotify import (
    IN_ATTRIB,
    IN_CLOSE_WRITE,
    IN_CREATE,
    IN_DELETE,
    IN_DELETE_SELF,
    IN_IGNORED,
    IN_MODIFY,
    IN_MOVE_SELF,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_Q_OVERFLOW,
    Event,
    Inotify,
    events_in,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def raw(watch: int, mask: int, name: bytes = b"") -> bytes:
    """An event as the kernel writes it: the name is padded with zeros to a multiple of 16."""
    padded = name + b"\0" * (-len(name) % 16) if name else b""
    return struct.pack("=iIII", watch, mask, 0, len(padded)) + padded


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"", []),
        (raw(1, IN_MODIFY), [Event(1, IN_MODIFY)]),
        (raw(7, IN_CREATE, b"x.h"), [Event(7, IN_CREATE)]),
        (
            raw(1, IN_MODIFY, b"a" * 16) + raw(2, IN_DELETE_SELF) + raw(1, IN_CREATE, b"b" * 255),
            [Event(1, IN_MODIFY), Event(2, IN_DELETE_SELF), Event(1, IN_CREATE)],
        ),
        (raw(-1, IN_Q_OVERFLOW) + raw(3, IN_IGNORED), [Event(-1, IN_Q_OVERFLOW), Event(3, IN_IGNORED)]),
    ],
)
def test_events_are_read_from_bytes(data: bytes, events: list[Event]) -> None:
    assert list(events_in(data)) == events


class Desk:
    """A watched folder with a file in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "x.h"
        self.file.write_bytes(b"one")
        self.queue = Inotify()
        self.watch = self.add(folder)

    def add(self, folder: Path) -> int:
        fd = os.open(folder, os.O_PATH)
        try:
            return self.queue.add(fd)
        finally:
            os.close(fd)

    def masks(self) -> int:
        """All bits that came for the folder."""
        found = 0
        for event in self.queue.drain():
            assert event.watch == self.watch
            found |= event.mask
        return found


@pytest.fixture
def desk(project: Path) -> Iterator[Desk]:
    made = Desk(project)
    yield made
    made.queue.close()


def write_mapped(desk: Desk) -> None:
    with desk.file.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        data[:] = b"two"


CHANGES: dict[str, tuple[Callable[[Desk], object], int]] = {
    "write": (lambda desk: desk.file.write_bytes(b"two"), IN_MODIFY | IN_CLOSE_WRITE),
    "write through a map": (write_mapped, IN_CLOSE_WRITE),
    "truncate": (lambda desk: os.truncate(desk.file, 1), IN_MODIFY),
    "utime": (lambda desk: os.utime(desk.file, ns=(1, 1)), IN_ATTRIB),
    "chmod": (lambda desk: desk.file.chmod(0o600), IN_ATTRIB),
    "create": (lambda desk: (desk.folder / "new").touch(), IN_CREATE),
    "make a folder": (lambda desk: (desk.folder / "new").mkdir(), IN_CREATE),
    "make a link": (lambda desk: (desk.folder / "new").symlink_to("x.h"), IN_CREATE),
    "delete": (lambda desk: desk.file.unlink(), IN_DELETE),
    "rename in the folder": (lambda desk: desk.file.rename(desk.folder / "y"), IN_MOVED_FROM | IN_MOVED_TO),
    "rename out of it": (lambda desk: desk.file.rename(desk.folder.parent / "y"), IN_MOVED_FROM),
    "rename the folder": (lambda desk: desk.folder.rename(desk.folder.parent / "moved"), IN_MOVE_SELF),
    "chmod the folder": (lambda desk: desk.folder.chmod(0o700), IN_ATTRIB),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_in_the_queue_at_once(desk: Desk, name: str) -> None:
    change, expected = CHANGES[name]
    assert desk.masks() == 0
    change(desk)
    assert desk.masks() & expected == expected
    assert desk.masks() == 0


def test_a_write_is_seen_before_the_file_is_closed(desk: Desk) -> None:
    with desk.file.open("wb", buffering=0) as file:
        assert desk.masks() == IN_MODIFY  # it was truncated
        file.write(b"two")
        assert desk.masks() == IN_MODIFY
    assert desk.masks() == IN_CLOSE_WRITE


def test_a_deleted_folder_says_so_and_its_watch_is_gone(desk: Desk) -> None:
    desk.file.unlink()
    desk.folder.rmdir()
    assert desk.masks() & (IN_DELETE_SELF | IN_IGNORED) == IN_DELETE_SELF | IN_IGNORED
    desk.queue.remove(desk.watch)
    assert desk.queue.drain() == []


def test_reading_is_no_change(desk: Desk) -> None:
    desk.file.read_bytes()
    os.listdir(desk.folder)
    desk.file.stat()
    assert desk.masks() == 0


def test_the_same_folder_has_one_watch_however_it_is_reached(desk: Desk) -> None:
    link = desk.folder.parent / "link"
    link.symlink_to(desk.folder)
    fd = os.open(link, os.O_PATH | os.O_DIRECTORY)
    assert desk.queue.add(fd) == desk.watch
    os.close(fd)


def test_it_is_the_opened_folder_that_is_watched_not_its_successor(desk: Desk) -> None:
    other = desk.folder.parent / "other"
    other.mkdir()
    fd = os.open(other, os.O_PATH)
    other.rename(desk.folder.parent / "moved")
    other.mkdir()
    watch = desk.queue.add(fd)
    os.close(fd)
    (other / "a").touch()
    assert desk.queue.drain() == []
    (desk.folder.parent / "moved" / "b").touch()
    assert Event(watch, IN_CREATE) in desk.queue.drain()


def test_a_removed_watch_tells_no_more(desk: Desk) -> None:
    desk.queue.remove(desk.watch)
    desk.file.write_bytes(b"two")
    assert {event.mask for event in desk.queue.drain()} == {IN_IGNORED}
    assert desk.add(desk.folder) != desk.watch


def test_a_file_is_refused(desk: Desk) -> None:
    with pytest.raises(NotADirectoryError):
        desk.add(desk.file)


def test_more_events_than_the_queue_holds(desk: Desk) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip(f"{most} events would take too long")
    other = desk.folder / "y.h"
    other.touch()
    for number in range(most):  # equal events in a row would become one
        os.utime((desk.file, other)[number % 2])
    assert Event(-1, IN_Q_OVERFLOW) in desk.queue.drain()
    assert desk.queue.drain() == []


def test_no_descriptor_left(project: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(project, os.O_PATH)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        with pytest.raises(OSError) as caught:
            Inotify()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert caught.value.errno == errno.EMFILE


def test_a_system_without_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *args, **kwargs: object())
    with pytest.raises(OSError) as caught:
        Inotify()
    assert caught.value.errno == errno.ENOSYS


def test_a_child_does_not_inherit_the_queue(desk: Desk) -> None:
    argv = ["ls", "-l", "/proc/self/fd"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, close_fds=False)
    assert "/proc/" in done.stdout
    assert "inotify" not in done.stdout
