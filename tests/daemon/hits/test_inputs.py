"""What the compiler reads: any change is a miss with the right output, and changing it back is a hit."""

from __future__ import annotations

import os
import threading

from tests.daemon.hits.desk import (
    ANGLED,
    INCLUDES,
    Desk,
    fails_then_holds,
    follows,
    keeping_times,
    shows,
    tick,
)


def test_source(desk: Desk) -> None:
    one, two = desk.cell(shows("1")).source, desk.cell(shows("2")).source
    cell = desk.cell(shows("1"))
    follows(cell, lambda: cell.change(source=two), lambda: cell.change(source=one))


def test_header_beside_the_cell(desk: Desk) -> None:
    desk.value("x.h", 1)
    follows(desk.cell(INCLUDES), lambda: desk.value("x.h", 2), lambda: desk.value("x.h", 1))


def test_header_edited_with_size_and_mtime_kept(desk: Desk) -> None:
    path = desk.value("x.h", 1)
    follows(
        desk.cell(INCLUDES),
        lambda: keeping_times(path, lambda: desk.value("x.h", 2)),
        lambda: keeping_times(path, lambda: desk.value("x.h", 1)),
    )


def test_header_replaced_by_an_older_one(desk: Desk) -> None:
    desk.value("x.h", 1)
    old = desk.value("old.h", 2)
    os.utime(old, ns=(1, 1))
    follows(desk.cell(INCLUDES), lambda: desk.tool("mv", "old.h", "x.h"), lambda: desk.value("x.h", 1))


def test_header_edited_in_quick_succession(plain: Desk) -> None:
    cell = plain.cell(INCLUDES)
    for number in range(5):
        plain.path("x.h").write_text(f"#define V {number}\n")  # no tick: as fast as a script edits
        assert cell.look() == ("miss", str(number))


def test_header_in_an_include_folder(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    cell = desk.cell(ANGLED, "-Iinc")
    follows(cell, lambda: desk.value("inc/x.h", 2), lambda: desk.value("inc/x.h", 1))


def test_header_of_a_header(desk: Desk) -> None:
    desk.write("inc/top.h", '#include "deep/x.h"\n')
    desk.value("inc/deep/x.h", 1)
    cell = desk.cell(shows("V", '#include "top.h"'), "-Iinc")
    follows(cell, lambda: desk.value("inc/deep/x.h", 2), lambda: desk.value("inc/deep/x.h", 1))


def test_header_in_a_system_folder(desk: Desk) -> None:
    desk.value("root/usr/include/x.h", 1)
    cell = desk.cell(ANGLED, "-isystem", "root/usr/include")
    follows(cell, lambda: desk.value("root/usr/include/x.h", 2), lambda: desk.value("root/usr/include/x.h", 1))


def test_header_deleted(desk: Desk) -> None:
    desk.value("x.h", 1)
    fails_then_holds(desk.cell(INCLUDES), lambda: desk.remove("x.h"), lambda: desk.value("x.h", 1))


def test_header_deleted_with_its_folder(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    fails_then_holds(desk.cell(ANGLED, "-Iinc"), lambda: desk.remove("inc"), lambda: desk.value("inc/x.h", 1))


def test_forced_include_changed(desk: Desk) -> None:
    desk.value("force.h", 1)
    cell = desk.cell(shows("V"), "-include", "force.h")
    follows(cell, lambda: desk.value("force.h", 2), lambda: desk.value("force.h", 1))


def test_symlinked_folder_retargeted(desk: Desk) -> None:
    desk.value("v1/x.h", 1)
    desk.value("v2/x.h", 2)
    desk.link("cur", "v1")
    follows(desk.cell(ANGLED, "-Icur"), lambda: desk.link("cur", "v2"), lambda: desk.link("cur", "v1"))


def test_symlinked_header_retargeted(desk: Desk) -> None:
    desk.value("one.h", 1)
    desk.value("two.h", 2)
    desk.link("x.h", "one.h")
    follows(desk.cell(INCLUDES), lambda: desk.link("x.h", "two.h"), lambda: desk.link("x.h", "one.h"))


def test_header_written_through_another_hard_link(desk: Desk) -> None:
    path = desk.value("x.h", 1)
    os.link(path, desk.path("alias.h"))
    tick()
    cell = desk.cell(INCLUDES)
    follows(cell, lambda: desk.value("alias.h", 2), lambda: desk.value("alias.h", 1))


def test_folders_swapped_by_renaming(desk: Desk) -> None:
    desk.value("inc/x.h", 1)
    desk.value("other/x.h", 2)

    def swap() -> None:
        desk.tool("mv", "inc", "aside")
        desk.tool("mv", "other", "inc")
        desk.tool("mv", "aside", "other")

    follows(desk.cell(ANGLED, "-Iinc"), swap, swap)


def test_header_that_the_kernel_makes(both: Desk) -> None:
    """`/proc/self` is another process's for each reader, and no signature tells that it changed."""
    cell = both.cell(shows("1", '#define Linux\n#include "/proc/sys/kernel/ostype"'))
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert cell.build().steps[0].unstored == "/proc/sys/kernel/ostype is no plain file"


def test_header_that_is_a_pipe(plain: Desk) -> None:
    """It can be read once: whoever reads it again waits for ever."""
    os.mkfifo(plain.path("x.h"))
    writer = threading.Thread(target=lambda: plain.path("x.h").write_text("#define V 1\n"))
    writer.start()
    built = plain.cell(INCLUDES).build()
    writer.join()
    assert built.ok
    assert built.steps[0].unstored == "x.h is no plain file"
