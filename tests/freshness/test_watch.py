"""Trust ends with whatever may have changed a file, and is never given to what a folder's watch cannot vouch for."""

from __future__ import annotations

import mmap
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.osdep.mounting import mounted
from zcnb.freshness import watch as module
from zcnb.freshness.memo import LARGE, FileMemo
from zcnb.freshness.places import Places
from zcnb.freshness.watch import Trust, Watcher, described
from zcnb.model.digest import Digest, digest_bytes
from zcnb.osdep import signature as signatures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
ONE, TWO = digest_bytes(b"one"), digest_bytes(b"two")


class Desk:
    """A folder of the system's with one header in it, and one that is not the system's."""

    def __init__(self, root: Path) -> None:
        self.root = root / "system"
        self.mine = root / "mine"
        self.folder = self.root / "deep" / "inc"
        for folder in (self.root, self.mine, self.folder.parent, self.folder):
            folder.mkdir(mode=0o755)
            folder.chmod(0o755)
        self.header = self.write("x.h", b"one")
        self.watcher = Watcher(FileMemo(), Places(roots=(str(self.root),), owner=os.getuid()))

    def write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def trust(self, folder: Path | None = None) -> Trust | None:
        """As a request would ask for it."""
        self.watcher.drain()
        return self.watcher.trust(str(folder or self.folder))

    def trusted(self) -> Trust:
        """The trust in the folder, which has seen the header. Another test's mount may end the first one."""
        for _ in range(10):
            trust = self.trust()
            assert trust is not None
            assert trust.digest(str(self.header)) == ONE
            if self.trust() is trust:
                return trust
        raise AssertionError("it is not trusted although nothing happens")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.watcher.close()


def test_known_files_are_not_looked_at_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what all of this is for."""
    trust = desk.trusted()

    def looked(path: str) -> object:
        raise AssertionError(f"{path} was looked at")

    monkeypatch.setattr(os, "lstat", looked)
    monkeypatch.setattr(FileMemo, "digest", lambda memo, path: looked(path))
    assert trust.digest(str(desk.header)) == ONE
    assert list(trust.files) == [str(desk.header)]


def exchange(one: Path, other: Path) -> None:
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)


def rewrite_quietly(desk: Desk) -> None:
    before = desk.header.stat()
    desk.header.write_bytes(b"two")
    os.utime(desk.header, ns=(before.st_atime_ns, before.st_mtime_ns))


def map_and_write(desk: Desk) -> None:
    with desk.header.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        data[:] = b"two"


def replace(desk: Desk) -> None:
    other = desk.mine / "x.h"
    other.write_bytes(b"two")
    other.chmod(0o644)
    shutil.copystat(desk.header, other)
    other.rename(desk.header)


def exchange_folder(desk: Desk, folder: Path) -> None:
    other = folder.with_name("new")
    shutil.copytree(folder, other)
    inside = other / desk.folder.relative_to(folder) / "x.h"
    inside.write_bytes(b"two")
    exchange(folder, other)


def move_edit_and_put_back(desk: Desk, folder: Path) -> None:
    """While the folder is elsewhere its file is edited under that name."""
    away = desk.mine / "away"
    folder.rename(away)
    (away / desk.header.relative_to(folder)).write_bytes(b"two")
    away.rename(folder)


def make_anew(desk: Desk) -> None:
    shutil.rmtree(desk.folder)
    desk.folder.mkdir()
    desk.folder.chmod(0o755)
    desk.write("x.h", b"two")


EDITS: dict[str, Callable[[Desk], object]] = {
    "written": lambda desk: desk.header.write_bytes(b"two"),
    "written, with its times kept": rewrite_quietly,
    "written through a map": map_and_write,
    "replaced by rename": replace,
    "folder exchanged": lambda desk: exchange_folder(desk, desk.folder),
    "folder above exchanged": lambda desk: exchange_folder(desk, desk.folder.parent),
    "folder moved away and back": lambda desk: move_edit_and_put_back(desk, desk.folder),
    "folder above moved away and back": lambda desk: move_edit_and_put_back(desk, desk.folder.parent),
    "folder removed and made anew": make_anew,
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_ends_the_trust_and_the_next_one_tells_what_is_there(desk: Desk, name: str) -> None:
    before = desk.trusted()
    EDITS[name](desk)
    after = desk.trust()
    assert after is not None
    assert after is not before
    assert after.digest(str(desk.header)) == TWO


def test_what_appears_or_goes_ends_the_trust(desk: Desk) -> None:
    before = desk.trusted()
    desk.write("y.h", b"")
    middle = desk.trusted()
    assert middle is not before
    desk.header.unlink()
    after = desk.trust()
    assert after is not None
    assert after is not middle
    assert after.digest(str(desk.header)) is None


def test_a_folder_that_is_gone_is_not_trusted_and_is_once_it_is_back(desk: Desk) -> None:
    desk.trusted()
    desk.folder.rename(desk.mine / "away")
    assert desk.trust() is None
    assert desk.watcher.describe() == "inotify: 0 folders"
    (desk.mine / "away").rename(desk.folder)
    desk.trusted()


def test_a_folder_reached_by_two_paths(desk: Desk) -> None:
    (desk.root / "link").symlink_to(desk.folder)
    desk.trusted()
    other = desk.trust(desk.root / "link")
    assert other is not None
    assert other.digest(str(desk.root / "link" / "x.h")) == ONE
    desk.header.write_bytes(b"two")
    assert desk.trust(desk.root / "link") is not other
    again = desk.trust()
    assert again is not None
    assert again.digest(str(desk.header)) == TWO


def test_a_linked_folder_that_is_retargeted(desk: Desk) -> None:
    link, other = desk.root / "cur", desk.root / "v2"
    link.symlink_to(desk.folder)
    before = desk.trust(link)
    assert before is not None
    assert before.digest(str(link / "x.h")) == ONE
    shutil.copytree(desk.folder, other)
    (other / "x.h").write_bytes(b"two")
    link.unlink()
    link.symlink_to(other)
    after = desk.trust(link)
    assert after is not None
    assert after is not before
    assert after.digest(str(link / "x.h")) == TWO


def as_link(desk: Desk) -> None:
    target = desk.mine / "target.h"
    desk.header.rename(target)
    desk.header.symlink_to(target)


def as_folder(desk: Desk) -> None:
    desk.header.unlink()
    desk.header.mkdir()


def as_pipe(desk: Desk) -> None:
    desk.header.unlink()
    os.mkfifo(desk.header)


UNVOUCHED: dict[str, Callable[[Desk], object]] = {
    "link": as_link,
    "second hard link": lambda desk: os.link(desk.header, desk.mine / "x.h"),
    "large": lambda desk: desk.header.write_bytes(b"x" * (LARGE + 1)),
    "writable by others": lambda desk: desk.header.chmod(0o666),
    "folder": as_folder,
    "pipe": as_pipe,
    "gone": lambda desk: desk.header.unlink(),
}


@pytest.mark.parametrize("name", UNVOUCHED)
def test_nobody_vouches_for(desk: Desk, name: str) -> None:
    UNVOUCHED[name](desk)
    trust = desk.trust()
    assert trust is not None
    assert trust.digest(str(desk.header)) is None
    assert list(trust.files) == []


@pytest.mark.parametrize("over", ["the file", "the folder", "the folder above"])
def test_something_is_mounted_over(desk: Desk, over: str) -> None:
    before = desk.trusted()
    place = {"the file": desk.header, "the folder": desk.folder, "the folder above": desk.folder.parent}[over]
    other = desk.mine / "other"
    shutil.copytree(place, other) if place.is_dir() else shutil.copy2(place, other)
    inside = other / desk.header.relative_to(place) if place.is_dir() else other
    inside.write_bytes(b"two")
    with mounted(place, "--bind", str(other)):
        during = desk.trust()
        assert during is not before
        found = None if during is None else during.digest(str(desk.header))
        assert found == (None if over == "the file" else TWO)
    desk.trusted()


def test_more_events_than_the_queue_holds(desk: Desk) -> None:
    """The edit's own event is lost; so is that of a folder that was exchanged."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip(f"{most} events would take too long")
    before = desk.trusted()
    other = desk.write("y.h", b"")
    for number in range(most):  # equal events in a row would become one
        os.utime((other, desk.folder)[number % 2], ns=(1, number))
    state = desk.folder.stat()
    rewrite_quietly(desk)
    assert desk.folder.stat().st_mtime_ns == state.st_mtime_ns
    after = desk.trust()
    assert after is not None
    assert after is not before
    assert after.digest(str(desk.header)) == TWO
    assert desk.watcher.describe() == "inotify: 1 folder; events lost: 1 time"


def test_another_file_system(desk: Desk) -> None:
    with mounted(desk.folder, "-t", "proc", "proc"):
        assert desk.trust() is None
        assert desk.watcher.describe() == "inotify: 0 folders; stat: 1 (proc file system)"
    desk.trusted()
    assert desk.watcher.describe() == "inotify: 1 folder"


def test_tmpfs_is_watched_like_a_disk(desk: Desk) -> None:
    with mounted(desk.folder, "-t", "tmpfs", "-o", "mode=755", "none"):
        desk.write("x.h", b"one")
        desk.trusted()
        rewrite_quietly(desk)
        after = desk.trust()
        assert after is not None
        assert after.digest(str(desk.header)) == TWO


def test_an_overlay_is_not_watched(desk: Desk) -> None:
    lower, upper, work = (desk.mine / name for name in ("lower", "upper", "work"))
    for folder in (lower, upper, work):
        folder.mkdir()
    (lower / "x.h").write_bytes(b"one")
    with mounted(desk.folder, "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}"):
        assert desk.trust() is None
        assert desk.watcher.describe() == "inotify: 0 folders; stat: 1 (overlay file system)"


def test_folders_that_others_write_to_are_not_watched_until_they_no_longer_can(desk: Desk) -> None:
    desk.folder.chmod(0o777)
    assert desk.trust() is None
    assert desk.watcher.describe() == "inotify: 0 folders; stat: 1 (writable by others than root)"
    desk.folder.chmod(0o755)
    for _ in range(module.AGAIN):
        assert desk.trust() is None, "not tried at each request"
        assert desk.watcher.audit() == ""
    desk.trusted()
    desk.folder.chmod(0o777)
    assert desk.trust() is None


def test_a_link_out_of_the_systems_folders(desk: Desk) -> None:
    (desk.root / "link").symlink_to(desk.mine)
    assert desk.trust(desk.root / "link") is None
    assert desk.watcher.describe() == "inotify: 0 folders; stat: 1 (a link that leads elsewhere)"


def test_too_many_folders(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    desk.trusted()
    assert desk.trust(desk.root) is None
    assert desk.watcher.describe() == "inotify: 1 folder; stat: 1 (too many folders)"


def test_no_descriptor_left_and_then_some_again(desk: Desk) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(desk.mine, os.O_PATH)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        assert desk.trust() is None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert desk.watcher.describe() == "inotify: 0 folders; stat: 1 (no inotify instance or file descriptor left)"
    assert desk.trust() is None, "not tried at each request"
    desk.watcher.audit()
    desk.trusted()
    assert desk.watcher.describe() == "inotify: 1 folder"


def test_switched_off(tmp_path: Path) -> None:
    watcher = Watcher(FileMemo(), Places(roots=(str(tmp_path),), owner=os.getuid()), off="inotify is switched off")
    tmp_path.chmod(0o755)
    assert not watcher.is_system(str(tmp_path / "x.h"), "/home/eva")
    assert watcher.trust(str(tmp_path)) is None
    watcher.drain()
    assert watcher.audit() == ""
    assert watcher.describe() == "stat (inotify is switched off)"


def test_nothing_is_held_after_the_end(desk: Desk) -> None:
    before = len(os.listdir("/proc/self/fd"))
    desk.trusted()
    assert len(os.listdir("/proc/self/fd")) == before + 2
    desk.watcher.close()
    assert len(os.listdir("/proc/self/fd")) == before


# The audit


def write_unseen(desk: Desk) -> None:
    """Through a hard link that was made after the folder was looked at: no event, as `watch` says."""
    other = desk.mine / "x.h"
    os.link(desk.header, other)
    other.write_bytes(b"two")


def test_the_audit_finds_what_no_event_told(desk: Desk) -> None:
    trust = desk.trusted()
    assert desk.watcher.audit() == ""
    write_unseen(desk)
    assert desk.trust() is trust, "if this is seen by now, the audit has less to do"
    said = f"{desk.header} changed without an event"
    assert desk.watcher.audit() == f"{said}; system files are stat'ed from now on"
    assert desk.trust() is None
    assert desk.watcher.describe() == f"stat ({said})"
    assert desk.watcher.audit() == ""


def test_the_audit_reads_a_file_even_if_its_times_hold(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a reading from before the edit would tell, if it were trusted."""
    monkeypatch.setattr(signatures, "GRACE_NS", 1)
    time.sleep(0.02)
    desk.trusted()
    looked: list[str] = []
    digest = FileMemo.digest

    def noted(memo: FileMemo, path: str) -> Digest | None:
        assert len(memo) == 0, "with an empty memory"
        looked.append(path)
        return digest(memo, path)

    monkeypatch.setattr(FileMemo, "digest", noted)
    assert desk.watcher.audit() == ""
    assert looked == [str(desk.header)]


def test_the_audit_takes_a_few_at_a_time_and_all_in_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AUDITED", 4)
    trust = desk.trust()
    paths = [str(desk.write(f"{number}.h", b"one")) for number in range(10)]
    trust = desk.trust()
    assert trust is not None
    assert [trust.digest(path) for path in paths] == [ONE] * 10
    os.link(paths[9], desk.mine / "y.h")
    (desk.mine / "y.h").write_bytes(b"two")
    assert [bool(desk.watcher.audit()) for _ in range(3)] == [False, False, True]


def test_an_edit_that_was_told_is_nothing_to_the_audit(desk: Desk) -> None:
    desk.trusted()
    desk.header.write_bytes(b"two")
    assert desk.watcher.audit() == ""
    assert desk.watcher.describe() == "inotify: 0 folders"


def test_a_folder_above_that_was_exchanged_is_nothing_to_the_audit(desk: Desk) -> None:
    desk.trusted()
    exchange_folder(desk, desk.folder.parent)
    assert desk.watcher.audit() == ""
    after = desk.trust()
    assert after is not None
    assert after.digest(str(desk.header)) == TWO


def test_the_audit_sees_a_second_hard_link(desk: Desk) -> None:
    before = desk.trusted()
    os.link(desk.header, desk.mine / "x.h")
    assert desk.trust() is before
    assert desk.watcher.audit() == ""
    after = desk.trust()
    assert after is not None
    assert after.digest(str(desk.header)) is None


# What people read


@pytest.mark.parametrize(
    ("watched", "refused", "overflows", "said"),
    [
        (0, {}, 0, "inotify: 0 folders"),
        (1, {}, 0, "inotify: 1 folder"),
        (12, {"overlay file system": 3}, 0, "inotify: 12 folders; stat: 3 (overlay file system)"),
        (0, {"a": 1, "b": 2}, 2, "inotify: 0 folders; stat: 2 (b), 1 (a); events lost: 2 times"),
    ],
)
def test_described(watched: int, refused: dict[str, int], overflows: int, said: str) -> None:
    assert described(watched, Counter(refused), overflows) == said


LIMITED = """
import os, sys
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.places import Places
from zcnb.freshness.watch import Watcher
watcher = Watcher(FileMemo(), Places(roots=(sys.argv[1],), owner=os.getuid()))
for folder in sys.argv[2:]:
    watcher.trust(folder)
print(watcher.describe())
"""


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("max_inotify_watches", 1, "inotify: 1 folder; stat: 1 (inotify watch limit reached)"),
        ("max_inotify_instances", 0, "inotify: 0 folders; stat: 2 (no inotify instance or file descriptor left)"),
    ],
)
def test_the_users_limits(desk: Desk, limit: str, value: int, said: str) -> None:
    """In a user namespace of its own, which can be given narrower ones."""
    script = f'echo {value} >/proc/sys/user/{limit} && exec "$@"'
    argv = [sys.executable, "-c", LIMITED, str(desk.root), str(desk.folder), str(desk.root)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *argv],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"no user namespaces here: {done.stderr.strip()}")
    assert done.stdout.strip() == said, done.stderr
