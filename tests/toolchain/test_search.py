"""Where the preprocessor and the linker look, from their own words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.model.digest import Digest
from zcnb.model.mentions import Mentions
from zcnb.model.outcome import CompilerInfo
from zcnb.toolchain.base import Compiler
from zcnb.toolchain.gnu_like import library_path
from zcnb.toolchain.search import SearchPath, asked_probes, header_probes, library_probes, search_path

VERBOSE = """\
ignoring nonexistent directory "nope"
ignoring nonexistent directory "/usr/x86_64-linux-gnu/include"
cc1plus: warning: file: not a directory
ignoring duplicate directory "again"
#include "..." search starts here:
 .
 quo ted
#include <...> search starts here:
 a
 /usr/include/c++/12
 /System/Library/Frameworks (framework directory)
End of search list.
 not a folder
"""


def test_search_path_of_a_text() -> None:
    assert search_path(VERBOSE) == SearchPath(
        (".", "quo ted"),
        ("a", "/usr/include/c++/12", "/System/Library/Frameworks"),
        ("nope", "/usr/x86_64-linux-gnu/include", "file"),
        ("again",),
    )


def test_search_path_of_silence() -> None:
    assert search_path("") == SearchPath((), (), ())


@pytest.mark.parametrize("compiler", ["g++", "clang++-19"])
def test_search_path_of_real_compilers(tmp_path: Path, compiler: str) -> None:
    need(compiler)
    for name in ("a", "sp ace"):
        (tmp_path / name).mkdir()
    argv = [compiler, "-Ia", "-Inope", "-isystem", "sp ace", "-iquote", ".", "-E", "-v", "-x", "c++", os.devnull]
    env = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    path = search_path(done.stdout + done.stderr)
    assert path.quoted == (".",)
    assert path.angled[:2] == ("a", "sp ace")
    assert "nope" in path.missing
    assert "nope" not in path.angled
    for header in ("stddef.h", "vector", "stdio.h"):
        assert any((tmp_path / folder / header).is_file() for folder in path.angled), header


PATH = SearchPath((".",), ("b", "a", "/usr/include/sys"), ("later",))
CELL = {"": Mentions()}


@pytest.mark.parametrize(
    ("inputs", "mentions", "probes"),
    [
        ((), {"": Mentions()}, set()),
        (("/usr/include/sys/stdc-predef.h",), {"": Mentions()},
         {"./stdc-predef.h", "b/stdc-predef.h", "a/stdc-predef.h"}),  # gcc includes it unasked
        (("a/x.h",), {"": Mentions(angled=("x.h",))}, {"./x.h", "b/x.h"}),
        (("/usr/include/sys/s/x.h",), {"": Mentions(angled=("s/x.h",))}, {"./s/x.h", "b/s/x.h", "a/s/x.h"}),
        (("a/x.h",), {"": Mentions(quoted=("x.h",))}, {"./x.h", "b/x.h"}),
        (("/usr/include/sys/x.h",), {"": Mentions()}, set()),  # nobody asked for it under that name
        (("a/x.h",), {"": Mentions()}, {"./x.h", "b/x.h"}),  # but people's own headers count under any
        (("a/x.h",), {"": Mentions(computed=True)}, {"./x.h", "b/x.h"}),
        (("a/t.h", "a/x.h"), {"": Mentions(angled=("t.h",)), "a/t.h": Mentions(quoted=("x.h",))},
         {"./t.h", "b/t.h", "./x.h", "b/x.h"}),
        (("s/t.h", "a/x.h"), {"": Mentions(), "s/t.h": Mentions(quoted=("x.h",))}, {"s/x.h", "./x.h", "b/x.h"}),
        ((), {"": Mentions(asked=("o.h",))}, set()),  # `asked_probes` has those
    ],
)  # fmt: skip
def test_header_probes(inputs: tuple[str, ...], mentions: dict[str, Mentions], probes: set[str]) -> None:
    assert set(header_probes(PATH, inputs, mentions)) == probes | {"later", "later/."}


EVERYWHERE = ("./o.h", "b/o.h", "a/o.h", "/usr/include/sys/o.h")


@pytest.mark.parametrize(
    ("mentions", "probes"),
    [
        ({"": Mentions(quoted=("x.h",))}, ()),
        ({"": Mentions(asked=("o.h",))}, EVERYWHERE),
        ({"t.h": Mentions(asked=("o.h",))}, EVERYWHERE),
        ({"s/t.h": Mentions(asked=("o.h",))}, ("s/o.h", *EVERYWHERE)),
        ({"": Mentions(asked=("/abs/o.h",)), "s/t.h": Mentions(asked=("/abs/o.h",))}, ("/abs/o.h",)),
    ],
)
def test_asked_probes(mentions: dict[str, Mentions], probes: tuple[str, ...]) -> None:
    assert asked_probes(PATH, mentions) == probes


@pytest.mark.parametrize("folders", [("./b", "./a"), ("b/", "a/"), (".", "a")])
def test_header_probes_for_folders_spelled_otherwise(folders: tuple[str, ...]) -> None:
    """Compilers leave `./` out of their lists, and put no second slash after one."""
    found = header_probes(SearchPath((), folders, ()), ("a/x.h",), {"": Mentions(angled=("x.h",))})
    assert os.path.normpath(f"{folders[0]}/x.h") in {os.path.normpath(probe) for probe in found}


def test_library_path_is_what_the_linker_sees() -> None:
    compiler = Compiler(
        info=CompilerInfo(name="g++", path="/g++", version="12"),
        executable="/g++",
        identity=Digest(""),
        library_dirs=("/own",),
    )
    flags = ("-Lone", "-O2", "-L", "two", "-lx")
    assert library_path(flags, {"LIBRARY_PATH": "three:four"}, compiler) == ("one", "two", "three", "four", "/own")


def test_library_probes_cover_both_forms_in_every_folder() -> None:
    probes = set(library_probes(("a/libx.a", "/lib/libc.so.6", "cell.o", "/lib/crt1.o"), ("a/", "b"), ("cell.o",)))
    names = {"libx.a", "libx.so", "libc.a", "libc.so", "libc.so.6", "crt1.o"}
    assert probes == {f"{folder}/{name}" for folder in ("a", "b", ".", "/lib") for name in names} - {
        "a/libx.a", "/lib/libc.so.6", "/lib/crt1.o",
    }  # fmt: skip


def test_library_probes_cover_what_a_linker_script_names() -> None:
    """`INPUT(s/m.o)` of `lib/libx.so`, found in `late`."""
    probes = set(library_probes(("lib/libx.so", "late/s/m.o"), ("lib", "early", "late"), ("-lx",)))
    assert {"./s/m.o", "lib/s/m.o", "early/s/m.o", "late/m.o", "./m.o"} <= probes


def test_objects_that_were_given_are_looked_for_nowhere_else() -> None:
    assert library_probes(("one/m.o", "two/m.o"), ("lib",), ("one/m.o", "two/m.o")) == ()
