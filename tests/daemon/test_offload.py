"""Large files are read in threads, and an answer still rests on a look at the disk within its own request."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zcnb.daemon.offload import BATCH_THREADS, ROUND, Threads, asking, piecemeal
from zcnb.freshness import memo as memos
from zcnb.freshness.check import Reader, first_change, watch
from zcnb.freshness.memo import LARGE, FileMemo
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Change, Manifest

BIG = b"x" * (LARGE + 1)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that read files."""
    found: list[str] = []
    hashed = memos._hashed

    def noted(path: str, size: int) -> Digest:
        found.append(threading.current_thread().name)
        return hashed(path, size)

    monkeypatch.setattr(memos, "_hashed", noted)
    return found


def files(folder: Path, *contents: bytes) -> list[str]:
    paths = [folder / f"file{number}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return [str(path) for path in paths]


def test_small_files_are_read_on_the_loop_and_large_ones_are_not(tmp_path: Path, readers: list[str]) -> None:
    paths = files(tmp_path, b"small", BIG, b"tiny", BIG + b"y")
    found = asyncio.run(asking(FileMemo(), lambda reader: [reader.digest(path) for path in paths]))
    assert found == [digest_bytes(Path(path).read_bytes()) for path in paths]
    on_the_loop = [name for name in readers if name == "MainThread"]
    assert len(readers) - len(on_the_loop) == 2, "each large one once, though none of them is settled"
    assert len(on_the_loop) >= 2


def test_each_question_reads_anew_what_is_not_settled(tmp_path: Path, readers: list[str]) -> None:
    (path,) = files(tmp_path, BIG)
    memo = FileMemo()

    async def digest() -> Digest | None:
        return await asking(memo, lambda reader: reader.digest(path))

    async def story() -> None:
        first = await digest()
        Path(path).write_bytes(BIG[:-1] + b"y")
        assert await digest() != first
        assert len(readers) == 2
        os.unlink(path)
        assert await digest() is None

    asyncio.run(story())


def test_a_manifest_with_a_large_input_is_held_against_the_disk(tmp_path: Path, readers: list[str]) -> None:
    small, large = files(tmp_path, b"small", BIG)
    manifest = Manifest(((small, digest_bytes(b"small")), (large, digest_bytes(BIG))), (), ())
    watched = watch(manifest, "/")
    memo = FileMemo()

    def question(reader: Reader) -> Change | None:
        return first_change(watched, reader, {})

    async def story() -> None:
        assert await asking(memo, question) is None
        assert len([name for name in readers if name != "MainThread"]) == 1
        Path(large).write_bytes(BIG[:-1] + b"y")
        assert await asking(memo, question) == Change("changed", large)
        os.unlink(large)
        assert await asking(memo, question) == Change("gone", large)

    asyncio.run(story())


def test_the_loop_goes_on_while_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = files(tmp_path, BIG)
    go = threading.Event()
    hashed = memos._hashed

    def slowly(name: str, size: int) -> Digest:
        assert go.wait(20), "nobody else had a turn"
        return hashed(name, size)

    monkeypatch.setattr(memos, "_hashed", slowly)

    async def story() -> Digest | None:
        task = asyncio.create_task(asking(FileMemo(), lambda reader: reader.digest(path)))
        await asyncio.sleep(0.05)
        assert not task.done()
        go.set()
        return await task

    assert asyncio.run(story()) == digest_bytes(BIG)


def test_batch_work_in_its_threads_holds_up_no_cell() -> None:
    async def story() -> None:
        threads, go = Threads(), threading.Event()
        sweep = [asyncio.create_task(threads.run("batch", go.wait, 20)) for _ in range(20 * BATCH_THREADS)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(10):
            assert await threads.run("interactive", lambda: "cell") == "cell"
        assert not any(task.done() for task in sweep)
        go.set()
        assert all(await asyncio.gather(*sweep))
        threads.close()

    asyncio.run(story())


def test_what_fails_in_a_thread_fails_for_who_asked() -> None:
    def fail() -> None:
        raise OSError(5, "broken")

    async def story() -> None:
        threads = Threads()
        for queue in ("interactive", "batch"):
            with pytest.raises(OSError, match="broken"):
                await threads.run(queue, fail)
        threads.close()

    begin = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - begin < 10


def test_pieces_of_work_let_others_on_and_catch_up_in_rounds() -> None:
    seen: list[str] = []

    def pieces() -> Iterator[None]:
        for _ in range(2 * ROUND + 1):
            seen.append("piece")
            yield

    async def other() -> None:
        while True:
            seen.append("other")
            await asyncio.sleep(0)

    async def story() -> None:
        task = asyncio.create_task(other())
        await piecemeal(pieces(), lambda: seen.append("catch up"))
        task.cancel()

    asyncio.run(story())
    alone = [index for index, word in enumerate(seen[:-1]) if word == seen[index + 1] == "piece"]
    assert alone == [], "somebody else is served between two pieces"
    told = [word for word in seen if word != "other"]
    assert [index for index, word in enumerate(told) if word == "catch up"] == [ROUND, 2 * ROUND + 1]
