"""Blobs: what is handed out is what the name says, or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.osdep import process_start
from zcnb.osdep.signature import Signature
from zcnb.store.blobs import Blobs
from zcnb.store.files import read_digest

DATA = b"#!/bin/sh\necho right\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "v1"


@pytest.fixture
def blobs(root: Path) -> Blobs:
    made = Blobs(root)
    made.prepare()
    return made


def put(blobs: Blobs, data: bytes = DATA, *, executable: bool = True) -> Digest:
    with blobs.work_folder() as work:
        source = work / "out"
        source.write_bytes(data)
        return blobs.take(source, executable=executable)[0]


def test_take_moves_the_file_to_its_digest(blobs: Blobs) -> None:
    with blobs.work_folder() as work:
        (work / "out").write_bytes(DATA)
        taken = blobs.take(work / "out", executable=True)
        assert not (work / "out").exists()
    assert taken == (digest_bytes(DATA), len(DATA))
    path = blobs.verified(taken[0])
    assert path is not None
    assert path.read_bytes() == DATA
    assert path == blobs.path(taken[0])


def test_large_output_has_the_digest_of_all_its_bytes(blobs: Blobs) -> None:
    data = os.urandom((1 << 20) * 2 + 17)
    assert put(blobs, data) == digest_bytes(data)


@pytest.mark.parametrize(
    ("first", "second", "mode"), [(True, False, 0o555), (False, True, 0o555), (False, False, 0o444)]
)
def test_what_runs_goes_on_running(blobs: Blobs, first: bool, second: bool, mode: int) -> None:
    """The same bytes may come in as a program and as a plain file, in either order."""
    digest = put(blobs, executable=first)
    assert put(blobs, executable=second) == digest
    assert blobs.path(digest).stat().st_mode & 0o7777 == mode
    assert blobs.verified(digest) is not None


@pytest.mark.parametrize(("executable", "mode"), [(True, 0o555), (False, 0o444)])
def test_modes_are_read_only(blobs: Blobs, executable: bool, mode: int) -> None:
    digest = put(blobs, executable=executable)
    assert blobs.path(digest).stat().st_mode & 0o7777 == mode


def test_taken_program_runs_from_the_store(blobs: Blobs) -> None:
    said = subprocess.run([blobs.path(put(blobs))], capture_output=True, text=True, timeout=10, check=True)
    assert said.stdout == "right\n"


def test_taking_the_same_bytes_twice_is_one_blob(blobs: Blobs, root: Path) -> None:
    assert put(blobs) == put(blobs)
    assert len(list((root / "blobs").rglob("*/*"))) == 1


def test_absent_blob_is_nothing(blobs: Blobs) -> None:
    assert blobs.verified(digest_bytes(b"never seen")) is None


def flipped(data: bytes) -> bytes:
    return data[:5] + bytes([data[5] ^ 1]) + data[6:]


def truncated(data: bytes) -> bytes:
    return data[:-1]


def emptied(data: bytes) -> bytes:
    return b""


def extended(data: bytes) -> bytes:
    return data + b"\0"


@pytest.mark.parametrize("damage", [flipped, truncated, emptied, extended])
@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("replaced", [False, True])
def test_damaged_blob_is_never_handed_out_and_goes(
    blobs: Blobs, root: Path, damage: Callable[[bytes], bytes], fresh: bool, replaced: bool
) -> None:
    digest = put(blobs)
    path = blobs.path(digest)
    times = path.stat()
    if replaced:
        path.unlink()
    else:
        path.chmod(0o755)
    path.write_bytes(damage(DATA))
    path.chmod(0o555)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    looker = Blobs(root) if fresh else blobs
    assert looker.verified(digest) is None
    assert not path.exists()


def test_blob_of_an_earlier_process_is_hashed_before_its_first_use(blobs: Blobs, root: Path) -> None:
    digest = put(blobs)
    later = Blobs(root)
    later.prepare()
    assert later.verified(digest) == blobs.path(digest)


def test_remove(blobs: Blobs) -> None:
    one, two = put(blobs), put(blobs, b"two")
    blobs.remove(one)
    blobs.remove(one)
    assert blobs.verified(one) is None
    assert blobs.verified(two) is not None
    assert put(blobs) == one
    assert blobs.verified(one) is not None


def test_program_that_runs_survives_its_removal(blobs: Blobs) -> None:
    digest = put(blobs, Path(shutil.which("sleep") or "/bin/sleep").read_bytes())
    running = subprocess.Popen([blobs.path(digest), "0.2"])
    blobs.remove(digest)
    assert running.wait(timeout=10) == 0


def test_work_folder_is_private_and_gone_afterwards(blobs: Blobs) -> None:
    with blobs.work_folder() as work:
        assert work.stat().st_mode & 0o777 == 0o700
        (work / "deep").mkdir()
        (work / "deep" / "file").write_text("x")
    assert not work.exists()


def test_work_folder_goes_when_the_work_fails(blobs: Blobs) -> None:
    seen = []

    def failing() -> None:
        with blobs.work_folder() as work:
            seen.append(work)
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert not seen[0].exists()


def test_work_of_dead_daemons_is_swept_and_that_of_living_ones_kept(root: Path) -> None:
    alive = subprocess.Popen(["sleep", "30"])
    try:
        start = process_start(alive.pid)
        kept = [f"{alive.pid}-{start}"]
        swept = ["999999999-1", f"{alive.pid}-{start + 1}", "junk", "12-", f"{os.getpid()}-1"]
        for name in kept + swept:
            (root / "work" / name / "tmpx").mkdir(parents=True)
            (root / "work" / name / "tmpx" / "cell.o").write_text("x")
        Blobs(root).prepare()
        own = f"{os.getpid()}-{process_start(os.getpid())}"
        assert sorted(f.name for f in (root / "work").iterdir()) == sorted([*kept, own])
        assert (root / "work" / kept[0] / "tmpx" / "cell.o").exists()
    finally:
        alive.kill()
        alive.wait()


def test_file_in_the_work_folder_does_not_stop_the_sweep(root: Path) -> None:
    (root / "work").mkdir(parents=True)
    (root / "work" / "stray").write_text("x")
    Blobs(root).prepare()
    assert put(Blobs(root)) == digest_bytes(DATA)


def test_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=str(tmp_path / "file")):
        Blobs(tmp_path / "file" / "v1").prepare()


def test_taking_what_is_not_there_is_a_store_error(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        blobs.take(tmp_path / "nothing", executable=True)


def test_store_that_vanishes_is_a_store_error_not_a_crash(blobs: Blobs, root: Path) -> None:
    digest = put(blobs)
    shutil.rmtree(root)
    assert blobs.verified(digest) is None
    root.write_text("in the way")
    with pytest.raises(StoreError), blobs.work_folder():
        pass


def in_place(path: Path) -> None:
    path.chmod(0o755)
    with path.open("r+b") as file:
        file.write(b"#!/bin/sh\necho wrong\n"[: len(DATA)])
    path.chmod(0o555)


def in_place_with_its_old_times(path: Path) -> None:
    times = path.stat()
    in_place(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def through_a_hard_link(path: Path) -> None:
    os.link(path, path.parent.parent.parent / "outside")
    in_place_with_its_old_times(path.parent.parent.parent / "outside")


def by_rename(path: Path) -> None:
    other = path.with_suffix(".new")
    shutil.copy2(path, other)
    in_place_with_its_old_times(other)
    os.replace(other, path)


def by_a_link(path: Path) -> None:
    other = path.with_suffix(".new")
    path.rename(other)
    in_place(other)
    path.symlink_to(other)


MEDDLINGS = [in_place, in_place_with_its_old_times, through_a_hard_link, by_rename, by_a_link]


@pytest.mark.parametrize("meddle", MEDDLINGS)
@pytest.mark.parametrize("settled", [False, True], ids=["just made", "long in use"])
def test_nobody_can_change_a_later_run(blobs: Blobs, meddle: Callable[[Path], None], settled: bool) -> None:
    digest = put(blobs)
    if settled:
        assert wait_until(lambda: blobs.verified(digest) is not None and digest in blobs._verified)
    assert blobs.verified(digest, executable=True) is not None
    meddle(blobs.path(digest))
    assert blobs.verified(digest, executable=True) is None
    assert put(blobs) == digest
    path = blobs.verified(digest, executable=True)
    assert path is not None
    assert subprocess.run([path], capture_output=True, text=True, timeout=10, check=True).stdout == "right\n"


def test_a_settled_blob_is_not_read_again(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = put(blobs)
    reads = []

    def counted(path: Path) -> tuple[Digest, Signature] | None:
        reads.append(path)
        return read_digest(path)

    monkeypatch.setattr("zcnb.store.blobs.read_digest", counted)
    assert wait_until(lambda: blobs.verified(digest) is not None and digest in blobs._verified)
    before = len(reads)
    assert before > 1, "while it is young it is read at each use"
    for _ in range(100):
        assert blobs.verified(digest) == blobs.path(digest)
    assert len(reads) == before
    os.utime(blobs.path(digest), (1, 1))
    assert blobs.verified(digest) is not None
    assert len(reads) == before + 1


def test_times_in_the_future_are_never_trusted(blobs: Blobs) -> None:
    """The clock was set back: what the signature says can come true a second time."""
    digest = put(blobs)
    os.utime(blobs.path(digest), (2**33, 2**33))
    assert blobs.verified(digest) is not None
    assert digest not in blobs._verified


@pytest.mark.parametrize("executable", [False, True])
@pytest.mark.parametrize("mode", [0o000, 0o444, 0o644, 0o755, 0o777, 0o4755])
def test_modes_are_mended(blobs: Blobs, executable: bool, mode: int) -> None:
    digest = put(blobs, executable=executable)
    blobs.path(digest).chmod(mode)
    path = blobs.verified(digest, executable=executable)
    assert path is not None
    assert path.stat().st_mode & 0o7777 in ((0o555,) if executable else (0o444, 0o555))


def test_a_program_can_run_whoever_looked_at_it_before(blobs: Blobs) -> None:
    digest = put(blobs)
    blobs.path(digest).chmod(0o444)
    assert blobs.verified(digest) is not None
    assert wait_until(lambda: blobs.verified(digest) is not None and digest in blobs._verified)
    path = blobs.verified(digest, executable=True)
    assert path is not None
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("place", ["blob", "shard", "blobs"])
@pytest.mark.parametrize("obstacle", ["file", "folder", "dangling link"])
def test_what_is_in_the_way_goes(blobs: Blobs, root: Path, place: str, obstacle: str) -> None:
    digest = put(blobs)
    path = {"blob": blobs.path(digest), "shard": blobs.path(digest).parent, "blobs": root / "blobs"}[place]
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if obstacle == "folder":
        (path / "inside").mkdir(parents=True)
    elif obstacle == "file":
        path.write_text("in the way")
    else:
        path.symlink_to("nowhere")
    assert blobs.verified(digest) is None
    assert put(blobs) == digest
    assert blobs.verified(digest) == blobs.path(digest)


def test_an_output_that_is_a_link_is_refused(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(DATA)
    with blobs.work_folder() as work:
        (work / "out").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StoreError):
            blobs.take(work / "out", executable=True)


def test_memory_is_bounded(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zcnb.store.blobs.REMEMBERED", 10)
    digests = [put(blobs, b"%d" % number) for number in range(30)]
    assert wait_until(lambda: blobs.verified(digests[-1]) is not None and digests[-1] in blobs._verified)
    assert all(blobs.verified(digest) for digest in digests)
    assert list(blobs._verified) == digests[-10:]


def test_close_leaves_no_private_folder_behind(root: Path) -> None:
    made = Blobs(root)
    made.prepare()
    put(made)
    made.close()
    assert list((root / "work").iterdir()) == []
    made.close()


def test_taking_while_somebody_deletes(root: Path) -> None:
    """What comes in is whole, or gone; taking never fails because somebody deletes."""
    code = (
        "import shutil, sys; from pathlib import Path; print('ready', flush=True)\n"
        "while True: [shutil.rmtree(shard, ignore_errors=True) for shard in Path(sys.argv[1]).glob('blobs/*')]\n"
    )
    made = Blobs(root)
    made.prepare()
    with subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"ready\n"
            for number in range(300):
                data = b"%d" % number
                path = made.verified(put(made, data))
                with contextlib.suppress(FileNotFoundError):
                    assert path is None or path.read_bytes() == data
        finally:
            other.kill()
