"""Readings are trusted exactly as long as a settled signature vouches for them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from zcnb.freshness import memo as module
from zcnb.freshness.memo import LARGE, FileMemo
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.mentions import Mentions
from zcnb.osdep import signature as signatures
from zcnb.osdep.signature import coarse_now_ns, signature

SHORT_NS = 15_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.h"
    path.write_bytes(b"one")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were really read, in order."""
    seen: list[str] = []
    hashed, scanned = module._hashed, module._scanned

    def counted(path: str, size: int) -> Digest:
        seen.append(path)
        return hashed(path, size)

    def counted_scan(path: str, size: int, whole: bool) -> object:
        seen.append(path)
        return scanned(path, size, whole)

    monkeypatch.setattr(module, "_hashed", counted)
    monkeypatch.setattr(module, "_scanned", counted_scan)
    return seen


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Files grow old in 15 ms; call it to wait that long."""
    monkeypatch.setattr(signatures, "GRACE_NS", SHORT_NS)
    return lambda: time.sleep(2 * SHORT_NS / 1e9)


def edit_keeping_times(path: Path, data: bytes) -> None:
    before = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_digest_is_of_the_content(file: Path) -> None:
    assert FileMemo().digest(str(file)) == digest_bytes(b"one")


def test_large_files_have_the_same_digest(tmp_path: Path) -> None:
    data = os.urandom(LARGE + 12345)
    (tmp_path / "big").write_bytes(data)
    assert FileMemo().digest(str(tmp_path / "big")) == digest_bytes(data)


def test_what_is_no_readable_file_has_no_digest(tmp_path: Path) -> None:
    memo = FileMemo()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to("nothing")
    for name in ("absent", "", "pipe", "dangling", "a\0b"):
        assert memo.digest(str(tmp_path / name)) is None
        assert memo.facts(str(tmp_path / name)) is None


def test_young_file_is_read_every_time(file: Path, reads: list[str]) -> None:
    memo = FileMemo()
    for _ in range(3):
        memo.digest(str(file))
    assert reads == [str(file)] * 3


def test_settled_file_is_read_once(file: Path, reads: list[str], short_grace: Callable[[], None]) -> None:
    memo = FileMemo()
    short_grace()
    for _ in range(3):
        assert memo.digest(str(file)) == digest_bytes(b"one")
    assert reads == [str(file)]


def test_file_with_an_old_mtime_but_a_young_ctime_is_read_again(file: Path, reads: list[str]) -> None:
    os.utime(file, ns=(1, 1))
    memo = FileMemo()
    memo.digest(str(file))
    memo.digest(str(file))
    assert len(reads) == 2


def test_file_from_the_future_is_never_trusted(file: Path, reads: list[str], short_grace: Callable[[], None]) -> None:
    later = time.time_ns() + 3600 * 10**9
    os.utime(file, ns=(later, later))
    short_grace()
    memo = FileMemo()
    memo.digest(str(file))
    memo.digest(str(file))
    assert len(reads) == 2


@pytest.mark.parametrize("settled", [False, True])
def test_edit_of_the_same_size_and_time_is_noticed(file: Path, short_grace: Callable[[], None], settled: bool) -> None:
    memo = FileMemo()
    if settled:
        short_grace()
    assert memo.digest(str(file)) == digest_bytes(b"one")
    edit_keeping_times(file, b"two")
    assert memo.digest(str(file)) == digest_bytes(b"two")


def test_file_replaced_by_one_of_the_same_size_and_time_is_noticed(file: Path, short_grace: Callable[[], None]) -> None:
    other = file.with_name("other")
    other.write_bytes(b"two")
    shutil.copystat(file, other)
    short_grace()
    memo = FileMemo()
    assert memo.digest(str(file)) == digest_bytes(b"one")
    other.replace(file)
    assert memo.digest(str(file)) == digest_bytes(b"two")


def test_edits_in_quick_succession_are_all_noticed(file: Path) -> None:
    memo = FileMemo()
    for number in range(200):
        data = b"%03d" % number
        file.write_bytes(data)
        assert memo.digest(str(file)) == digest_bytes(data)


def test_link_retargeted_is_noticed(file: Path, short_grace: Callable[[], None]) -> None:
    other = file.with_name("other")
    other.write_bytes(b"two")
    link = file.with_name("link")
    link.symlink_to(file)
    short_grace()
    memo = FileMemo()
    assert memo.digest(str(link)) == digest_bytes(b"one")
    link.unlink()
    link.symlink_to(other)
    assert memo.digest(str(link)) == digest_bytes(b"two")


def test_file_that_goes_and_comes_back(file: Path, short_grace: Callable[[], None]) -> None:
    short_grace()
    memo = FileMemo()
    assert memo.digest(str(file)) is not None
    file.unlink()
    assert memo.digest(str(file)) is None
    file.write_bytes(b"new")
    assert memo.digest(str(file)) == digest_bytes(b"new")


def test_facts_scan_once_and_serve_digests_too(file: Path, reads: list[str], short_grace: Callable[[], None]) -> None:
    file.write_bytes(b'#include "y.h"\n')
    short_grace()
    memo = FileMemo()
    assert memo.digest(str(file)) is not None
    for _ in range(2):
        facts = memo.facts(str(file))
        assert facts is not None
        assert facts.mentions is not None
        assert facts.mentions.quoted == ("y.h",)
    memo.digest(str(file))
    assert len(reads) == 2  # once hashed, once hashed and scanned


def test_recalled_reading_holds_while_the_signature_does(file: Path, reads: list[str]) -> None:
    state = signature(str(file))
    assert state is not None
    memo = FileMemo()
    memo.recall(str(file), state, digest_bytes(b"one"))
    assert memo.digest(str(file)) == digest_bytes(b"one")
    assert reads == []
    edit_keeping_times(file, b"two")
    assert memo.digest(str(file)) == digest_bytes(b"two")


def test_large_settled_readings_are_offered_for_keeping(tmp_path: Path, short_grace: Callable[[], None]) -> None:
    memo = FileMemo()
    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(b"x" * (LARGE + 1))
    small.write_bytes(b"x")
    memo.digest(str(big))
    assert memo.large == {}
    short_grace()
    memo.digest(str(big))
    memo.digest(str(small))
    assert list(memo.large) == [str(big)]


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    memo = FileMemo()
    for number in range(25):
        (tmp_path / str(number)).write_bytes(b"%d" % number)
        assert memo.digest(str(tmp_path / str(number))) == digest_bytes(b"%d" % number)
    assert len(memo) <= 10


def test_file_clock_is_never_later_than_the_stamp_of_a_later_change(tmp_path: Path) -> None:
    """Or an edit made just after a compiler's start would look older than it."""
    late = []
    for number in range(300):
        before = coarse_now_ns()
        fd = os.open(tmp_path / str(number), os.O_CREAT | os.O_WRONLY)  # no fstat, which would make the stamp finer
        os.write(fd, b"x")
        os.close(fd)
        late.append(before - (tmp_path / str(number)).stat().st_ctime_ns)
    assert max(late) <= 0, f"{sum(ns > 0 for ns in late)} of 300 changes are stamped earlier, by up to {max(late)} ns"


def test_what_is_not_as_large_as_it_says_has_no_digest() -> None:
    """The system makes it up while it is read."""
    for path in ("/proc/uptime", "/proc/self/status"):
        if os.path.exists(path):
            assert FileMemo().digest(path) is None
            assert FileMemo().facts(path) is None


def test_a_text_of_which_not_all_was_looked_at_is_read_again(file: Path, short_grace: Callable[[], None]) -> None:
    file.write_text('#include "x.h"\nasm("nop"); CAT(__TI, ME__)\n')
    short_grace()
    memo = FileMemo()
    some, all_of_it, again = (memo.facts(str(file), whole=whole) for whole in (False, True, False))
    assert some is not None
    assert some.mentions == Mentions(quoted=("x.h",))
    assert all_of_it is not None
    assert all_of_it.mentions == Mentions(quoted=("x.h",), asm=True, clock_pieces=True)
    assert again is all_of_it
