"""What the compiler is told: flags and environment."""

from __future__ import annotations

import time

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    ANGLED,
    C_PRINT,
    INCLUDES,
    Desk,
    bare,
    follows,
    output,
    shows,
    told,
)
from zcnb.daemon.steps import Underway
from zcnb.model.spec import BuildSpec


def test_order_of_definitions(desk: Desk) -> None:
    cell = desk.cell(shows("V", "#ifndef V\n#define V 2\n#endif"), "-UV", "-DV=1")
    follows(cell, lambda: cell.change(flags=("-DV=1", "-UV")), lambda: cell.change(flags=("-UV", "-DV=1")))


def test_flag(desk: Desk) -> None:
    cell = desk.cell(shows("V"), "-DV=1")
    follows(cell, lambda: cell.change(flags=("-DV=2",)), lambda: cell.change(flags=("-DV=1",)))


def test_flag_that_is_not_about_macros(both: Desk) -> None:
    cell = both.cell(shows("__cplusplus >= 202002L ? 2 : 1"), "-std=c++17")
    follows(cell, lambda: cell.change(flags=("-std=c++20",)), lambda: cell.change(flags=("-std=c++17",)))


def test_order_of_folders(both: Desk) -> None:
    both.value("a/x.h", 1)
    both.value("b/x.h", 2)
    cell = both.cell(ANGLED, "-Ia", "-Ib")
    follows(cell, lambda: cell.change(flags=("-Ib", "-Ia")), lambda: cell.change(flags=("-Ia", "-Ib")))


def test_clock_shows_the_time_of_each_build(plain: Desk) -> None:
    cell = plain.cell(shows("__TIME__", form="%s"))
    first = output(cell.build())
    time.sleep(1.01)
    assert output(cell.build()) > first


def test_compiler(plain: Desk) -> None:
    need("clang++-19")
    cell = plain.cell(shows("V", "#ifdef __clang__\n#define V 2\n#else\n#define V 1\n#endif"))
    follows(cell, lambda: cell.change(compiler="clang++-19"), lambda: cell.change(compiler="g++"))


def test_line_offset_is_seen(plain: Desk) -> None:
    cell = plain.cell(shows("__LINE__"))
    spec = cell.spec()
    moved = BuildSpec(**{name: getattr(spec, name) for name in spec.__slots__} | {"line_offset": 5})
    first = told(plain.shop.run(plain.shop.builder.build(spec, Underway())))
    second = told(plain.shop.run(plain.shop.builder.build(moved, Underway())))
    assert (first, second) == (("miss", "4"), ("miss", "8"))


@pytest.mark.parametrize("variable", ["CPATH", "CPLUS_INCLUDE_PATH"])
def test_include_path_in_the_environment(desk: Desk, variable: str) -> None:
    desk.value("one/x.h", 1)
    desk.value("two/x.h", 2)
    cell = desk.cell(ANGLED)
    cell.env[variable] = "one"
    follows(cell, lambda: cell.env.update({variable: "two"}), lambda: cell.env.update({variable: "one"}))


def test_include_path_in_the_environment_shadowed(both: Desk) -> None:
    both.value("one/x.h", 1)
    cell = both.cell(ANGLED, CPATH="zero:one")
    follows(cell, lambda: both.value("zero/x.h", 2), lambda: both.remove("zero"))


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_include_path_in_the_environment_for_c(plain: Desk, compiler: str) -> None:
    need(compiler)
    plain.value("one/x.h", 1)
    plain.value("two/x.h", 2)
    source = f'{C_PRINT}#include <x.h>\nint main(void) {{ printf("%d", V); return 0; }}\n'
    cell = plain.cell(source, language="c", compiler=compiler, C_INCLUDE_PATH="one")
    follows(cell, lambda: cell.env.update(C_INCLUDE_PATH="two"), lambda: cell.env.update(C_INCLUDE_PATH="one"))


def test_source_date_epoch(plain: Desk) -> None:
    cell = plain.cell(shows("__DATE__", form="%s"), SOURCE_DATE_EPOCH="0")
    assert output(cell.build()) == "Jan  1 1970"
    cell.env["SOURCE_DATE_EPOCH"] = "86400"
    assert output(cell.build()) == "Jan  2 1970"


def test_user_quote_folder_does_not_hide_what_is_beside_the_cell(both: Desk) -> None:
    both.value("b/x.h", 1)
    both.value("x.h", 2)
    assert both.cell(INCLUDES, "-iquote", "b").look()[1] == bare(both, INCLUDES, "-iquote", "b")
