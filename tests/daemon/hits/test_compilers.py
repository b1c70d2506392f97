"""The compiler itself: known by content, wherever it lies and whatever calls it."""

from __future__ import annotations

import os
import shutil

from tests.conftest import need
from tests.daemon.hits.desk import (
    Cell,
    Desk,
    Shop,
    follows,
    keeping_times,
    shows,
)

SCRIPT = 'exec g++ -DX={value} "$@"'
PRINTS_X = shows("X")


def test_compiler_script_edited_in_place(plain: Desk) -> None:
    path = plain.script("tools/g++", SCRIPT.format(value=1).replace("g++", "/usr/bin/g++"))
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")

    def edit(value: int) -> None:
        keeping_times(path, lambda: path.write_text(f'#!/bin/sh\nexec /usr/bin/g++ -DX={value} "$@"\n'))

    follows(cell, lambda: edit(2), lambda: edit(1))


def test_compiler_found_elsewhere_on_path(plain: Desk) -> None:
    for value in (1, 2):
        plain.script(f"p{value}/g++", f'exec /usr/bin/g++ -DX={value} "$@"')
    paths = {value: f"{plain.path(f'p{value}')}:{os.environ['PATH']}" for value in (1, 2)}
    cell = plain.cell(PRINTS_X, PATH=paths[1])
    follows(cell, lambda: cell.env.update(PATH=paths[2]), lambda: cell.env.update(PATH=paths[1]))


def test_compiler_link_retargeted(plain: Desk) -> None:
    for value in (1, 2):
        plain.script(f"p{value}", f'exec /usr/bin/g++ -DX={value} "$@"')
    plain.link("tools/g++", "../p1")
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")
    follows(cell, lambda: plain.link("tools/g++", "../p2"), lambda: plain.link("tools/g++", "../p1"))


def test_compiler_appears_earlier_on_path(plain: Desk) -> None:
    plain.script("late/g++", 'exec /usr/bin/g++ -DX=1 "$@"')
    plain.path("early").mkdir()
    cell = plain.cell(PRINTS_X, PATH=f"early:late:{os.environ['PATH']}")
    follows(
        cell,
        lambda: plain.script("early/g++", 'exec /usr/bin/g++ -DX=2 "$@"'),
        lambda: plain.remove("early/g++"),
    )


def test_script_behind_the_compiler_script_edited(plain: Desk) -> None:
    inner = plain.script("tools/inner", 'exec /usr/bin/g++ -DX=1 "$@"')
    plain.script("tools/g++", f'exec {inner} "$@"')
    cell = plain.cell(PRINTS_X, compiler="./tools/g++")
    assert cell.look() == ("miss", "1")
    plain.script("tools/inner", 'exec /usr/bin/g++ -DX=2 "$@"')
    assert cell.look() == ("miss", "2")


def test_compiler_script_that_reads_a_variable(plain: Desk) -> None:
    """As mpicxx does with OMPI_CXXFLAGS."""
    plain.script("tools/mpicxx", 'exec /usr/bin/g++ $OMPI_CXXFLAGS "$@"')
    cell = plain.cell(PRINTS_X, compiler="./tools/mpicxx", OMPI_CXXFLAGS="-DX=1")
    assert cell.look() == ("miss", "1")
    cell.env["OMPI_CXXFLAGS"] = "-DX=2"
    assert cell.look() == ("miss", "2")


def test_assembler_on_path_appears(plain: Desk) -> None:
    cell = plain.cell(shows("1"), PATH=f"{plain.path('tools')}:{os.environ['PATH']}")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    plain.script("tools/as", 'exec /usr/bin/as "$@"')
    assert cell.build().steps[0].cache == "miss"


def test_clang_configuration_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("my.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config=./my.cfg", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("my.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_clang_configuration_behind_another_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("my.cfg", "@inner.cfg\n")
    plain.write("inner.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config=./my.cfg", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("inner.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_clang_configuration_found_in_a_folder_edited(plain: Desk) -> None:
    need("clang++-19")
    plain.write("conf/clang++.cfg", "-DX=1\n")
    cell = plain.cell(PRINTS_X, "--config-user-dir=conf", compiler="clang++-19")
    assert cell.look() == ("miss", "1")
    plain.write("conf/clang++.cfg", "-DX=2\n")
    assert cell.look() == ("miss", "2")


def test_response_file_edited(plain: Desk) -> None:
    plain.write("args", "-DX=1")
    cell = plain.cell(PRINTS_X, "@args")
    assert cell.look() == ("miss", "1")
    plain.write("args", "-DX=2")
    assert cell.look() == ("miss", "2")


def test_specs_file_edited(plain: Desk) -> None:
    plain.write("my.specs", "*cpp:\n+ -DX=1\n\n")
    cell = plain.cell(PRINTS_X, "-specs=my.specs")
    assert cell.look() == ("miss", "1")
    plain.write("my.specs", "*cpp:\n+ -DX=2\n\n")
    assert cell.look() == ("miss", "2")


def test_native_is_keyed_by_what_it_means_here(plain: Desk) -> None:
    """The same compiler and words on another processor: a wrapper that asks the machine, as the driver does."""
    body = (
        'case " $* " in *" -march=native "*) ;; *) exec /usr/bin/g++ "$@";; esac\n'
        f"cpu=$(cat {plain.path('cpu')})\n"
        'case "$*" in *"-###"*) echo "cc1plus -march=$cpu" >&2; exit 0;; esac\n'
        'exec /usr/bin/g++ "-DX=$cpu" "$@"'
    )
    plain.script("tools/g++", body)
    source = plain.cell(PRINTS_X, "-O2", "-march=native", compiler="./tools/g++")
    plain.write("cpu", "1")
    assert source.look() == ("miss", "1")
    assert source.look() == ("hit", "1")
    plain.write("cpu", "2")
    later = Shop(plain.folder / "later")  # a daemon asks once; the cache folder may be on another machine's disk
    shutil.copytree(plain.shop.cache, later.cache, dirs_exist_ok=True)
    later.store.close()
    later = Shop(plain.folder / "later")
    elsewhere = Desk(later, plain.folder)
    moved = Cell(elsewhere, source.source, source.flags, source.language, source.compiler)
    assert moved.look() == ("miss", "2")
    later.close()
