"""Blobs: what is handed out is what the name says, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.osdep import process_start
from zcnb.store.blobs import Blobs

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


def test_remove_and_clear(blobs: Blobs) -> None:
    one, two = put(blobs), put(blobs, b"two")
    blobs.remove(one)
    blobs.remove(one)
    assert blobs.verified(one) is None
    assert blobs.verified(two) is not None
    blobs.clear()
    assert blobs.verified(two) is None
    assert put(blobs, b"two") == two
    assert blobs.verified(two) is not None


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
