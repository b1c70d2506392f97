"""Edits while the compiler runs, and requests at the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.conftest import alive
from tests.daemon.hits.desk import (
    ANGLED,
    CALLS,
    Desk,
    appears,
    keeping_times,
    output,
    shows,
    tick,
)
from zcnb.model.outcome import Built


def slow(desk: Desk, before: float = 0.0, after: float = 0.0) -> str:
    """A compiler that takes its time, for the compile only; the second wait comes when all is read.

    It gives its signs in a folder of their own: the cell's folder must look untouched.
    """
    desk.path("signs").mkdir(exist_ok=True)
    body = (
        f'case " $* " in *" -c "*) ;; *) exec /usr/bin/g++ "$@";; esac\ntouch {desk.folder}/signs/started\n'
        f'sleep {before}\n/usr/bin/g++ "$@"\ncode=$?\ntouch {desk.folder}/signs/compiled\nsleep {after}\nexit $code'
    )
    desk.script("tools/slow/g++", body)
    return "./tools/slow/g++"


def test_slow_compiler_alone_does_not_forbid_storing(plain: Desk) -> None:
    plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain))
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")


def test_header_edited_while_the_compiler_runs_and_put_back(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, before=0.4, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/started"))
        header.write_text("#define V 2\n")
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 1\n")
        return await task

    assert output(plain.shop.run(story())) == "2"  # what the compiler saw
    tick()
    assert cell.look() == ("miss", "1")


def test_header_edited_after_it_was_read(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 2\n")
        return await task

    assert output(plain.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")


def test_header_edited_with_its_mtime_put_back_while_the_compiler_runs(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        keeping_times(header, lambda: header.write_text("#define V 2\n"))
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_link_retargeted_while_the_compiler_runs(plain: Desk) -> None:
    """Neither header changes; only which of the two the name stands for."""
    plain.value("deps/v1/x.h", 1)
    plain.value("deps/v2/x.h", 2)
    plain.link("deps/cur", "v1")
    cell = plain.cell(ANGLED, "-Ideps/cur", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.link("deps/cur", "v2")
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_link_retargeted_while_the_compiler_runs_and_put_back(plain: Desk) -> None:
    plain.value("deps/v1/x.h", 1)
    plain.value("deps/v2/x.h", 2)
    plain.link("deps/cur", "v1")
    cell = plain.cell(ANGLED, "-Ideps/cur", compiler=slow(plain, before=0.4, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/started"))
        plain.link("deps/cur", "v2")
        await appears(plain.path("signs/compiled"))
        plain.link("deps/cur", "v1")
        return await task

    assert output(plain.shop.run(story())) == "2"
    assert cell.look() == ("miss", "1")


def test_folder_renamed_while_the_compiler_runs(plain: Desk) -> None:
    plain.value("deps/inc/x.h", 1)
    plain.value("deps/new/x.h", 2)
    cell = plain.cell(ANGLED, "-Ideps/inc", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.path("deps/inc").rename(plain.path("deps/old"))
        plain.path("deps/new").rename(plain.path("deps/inc"))
        return await task

    assert output(plain.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")


def test_header_appears_while_the_compiler_runs(plain: Desk) -> None:
    plain.value("a/x.h", 1)
    plain.path("b").mkdir()
    tick()
    cell = plain.cell(ANGLED, "-Ib", "-Ia", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        plain.value("b/x.h", 2)
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def in_front_linked(desk: Desk) -> None:
    desk.link("link", "new")


def in_front_renamed(desk: Desk) -> None:
    desk.path("early").rename(desk.path("old"))
    desk.path("new").rename(desk.path("early"))


def above_renamed(desk: Desk) -> None:
    desk.path("deps").rename(desk.path("old"))
    desk.path("newdeps").rename(desk.path("deps"))


@pytest.mark.parametrize(
    ("folder", "change"), [("link", in_front_linked), ("early", in_front_renamed), ("deps/early", above_renamed)]
)
def test_folder_in_front_is_exchanged_while_the_compiler_runs(
    plain: Desk, folder: str, change: Callable[[Desk], None]
) -> None:
    """The folder that is there now holds the header, and held it before the compiler started; the one that the
    compiler looked into did not."""
    plain.value("late/x.h", 1)
    for name in ("early/other.h", "deps/early/other.h"):
        plain.value(name, 0)
    for name in ("new/x.h", "newdeps/early/x.h"):
        plain.value(name, 2)
    plain.link("link", "early")
    cell = plain.cell(ANGLED, f"-I{folder}", "-Ilate", compiler=slow(plain, after=0.3))

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        change(plain)
        return await task

    assert output(plain.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")


def test_library_changed_while_the_linker_runs(plain: Desk) -> None:
    plain.path("signs").mkdir()
    plain.script(
        "tools/slow/g++",
        f'/usr/bin/g++ "$@" || exit 1\ncase " $* " in *" -lx "*) touch {plain.folder}/signs/linked; sleep 0.3;; esac',
    )
    plain.library("libx.a", 1)
    cell = plain.cell(CALLS, "-L.", "-lx", compiler="./tools/slow/g++")

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("signs/linked"))
        plain.library("libx.a", 2)
        return await task

    assert output(plain.shop.run(story())) == "1"
    assert cell.look() == ("miss", "2")


def test_later_request_does_not_get_an_earlier_ones_stale_result(plain: Desk) -> None:
    header = plain.value("inc/x.h", 1)
    cell = plain.cell(ANGLED, "-Iinc", compiler=slow(plain, after=0.3))

    async def story() -> tuple[Built, Built]:
        first = asyncio.create_task(cell.building())
        await appears(plain.path("signs/compiled"))
        header.write_text("#define V 2\n")
        second = asyncio.create_task(cell.building())
        return await first, await second

    first, second = plain.shop.run(story())
    assert (output(first), output(second)) == ("1", "2")


def test_equal_requests_at_once_compile_once(plain: Desk) -> None:
    body = f'case " $* " in *" -c "*) echo run >>{plain.folder}/log; sleep 0.2;; esac\nexec /usr/bin/g++ "$@"'
    plain.script("tools/g++", body)
    cell = plain.cell(shows("1"), compiler="./tools/g++")

    async def story() -> list[Built]:
        return list(await asyncio.gather(*(cell.building() for _ in range(4))))

    built = plain.shop.run(story())
    assert [output(one) for one in built] == ["1"] * 4
    assert plain.path("log").read_text() == "run\n"
    assert sorted(one.cache for one in built) == ["hit", "hit", "hit", "miss"]


def test_cancelling_kills_the_compiler_and_its_children(plain: Desk) -> None:
    body = (
        f'case " $* " in *" -c "*) sleep 987 & echo $$ $! >{plain.folder}/pids.tmp; '
        f'mv {plain.folder}/pids.tmp {plain.folder}/pids; wait;; esac\nexec /usr/bin/g++ "$@"'
    )
    plain.script("tools/g++", body)
    cell = plain.cell(shows("1"), compiler="./tools/g++")

    async def story() -> list[int]:
        task = asyncio.create_task(cell.building())
        await appears(plain.path("pids"))
        pids = [int(word) for word in plain.path("pids").read_text().split()]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pids

    pids = plain.shop.run(story())
    deadline = time.monotonic() + 5
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if alive(pid)] == []


def test_cancelled_build_leaves_the_key_free(plain: Desk) -> None:
    plain.path("go").touch()
    body = f'case " $* " in *" -c "*) while [ ! -e {plain.folder}/go ]; do sleep 0.02; done;; esac\nexec g++ "$@"'
    plain.script("tools/slow/g++", body.replace("exec g++", "exec /usr/bin/g++"))
    cell = plain.cell(shows("1"), compiler="./tools/slow/g++")
    plain.remove("go")

    async def story() -> None:
        task = asyncio.create_task(cell.building())
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    plain.shop.run(story())
    plain.path("go").touch()
    assert cell.look() == ("miss", "1")


def test_headers_saved_just_before_the_run_are_no_reason_not_to_store(desk: Desk) -> None:
    """Kernels stamp files with a coarse clock or, from 6.13 on, with the exact one: either lies before the run."""
    names = [f"h{number}.h" for number in range(10)]
    cell = desk.cell("".join(f'#include "{name}"\n' for name in names) + "int main() {}\n")
    for turn in range(10):
        for name in names:
            desk.path(name).write_text(f"// {turn}\n")
        assert cell.build().steps[0].unstored == ""
