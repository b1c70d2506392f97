"""Flags sorted, refused or found uncacheable; and where the preprocessor looks, from its own words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.errors import UsageError
from zcnb.model.digest import Digest
from zcnb.model.mentions import Mentions
from zcnb.model.outcome import CompilerInfo
from zcnb.model.spec import BuildSpec
from zcnb.toolchain.base import Compiler, named_paths
from zcnb.toolchain.gnu_like import (
    SearchPath,
    header_probes,
    leaks_cwd,
    library_path,
    library_probes,
    mentions_native,
    search_path,
    split_flags,
    why_uncacheable,
)


@pytest.mark.parametrize(
    ("flags", "compiling", "linking"),
    [
        ("", "", ""),
        ("-O2 -Wall", "-O2 -Wall", "-O2 -Wall"),
        ("-DV=1 -UV -DV=2", "-DV=1 -UV -DV=2", "-DV=1 -UV -DV=2"),
        ("-I a -isystem b -include c.h", "-I a -isystem b -include c.h", "-I a -isystem b -include c.h"),
        ("-lm", "", "-lm"),
        ("-l m -L lib -Llib", "", "-l m -L lib -Llib"),
        ("-Wl,-rpath,/x -Wall", "-Wall", "-Wl,-rpath,/x -Wall"),
        ("-fuse-ld=mold", "", "-fuse-ld=mold"),
        ("-static -rdynamic -s -no-pie", "", "-static -rdynamic -s -no-pie"),
        ("-Xlinker --gc-sections", "", "-Xlinker --gc-sections"),
        ("-T script.ld", "", "-T script.ld"),
        ("a.o libx.a liby.so liby.so.1 -O1", "-O1", "a.o libx.a liby.so liby.so.1 -O1"),
        ("-pthread -fsanitize=address -flto", "-pthread -fsanitize=address -flto", "-pthread -fsanitize=address -flto"),
        ("-x c++", "-x c++", "-x c++"),
        ("@args", "@args", "@args"),
        ("--param max-inline-insns-auto=5", "--param max-inline-insns-auto=5", "--param max-inline-insns-auto=5"),
        ("-fopenmp", "-fopenmp", "-fopenmp"),
    ],
)
def test_split_flags(flags: str, compiling: str, linking: str) -> None:
    split = split_flags(flags.split())
    assert (split.compiling, split.linking) == (tuple(compiling.split()), tuple(linking.split()))


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("-c", "whole program"),
        ("-S", "whole program"),
        ("-E", "whole program"),
        ("-M", "whole program"),
        ("-fsyntax-only", "--no-run"),
        ("-o prog", "where the program lies"),
        ("-oprog", "where the program lies"),
        ("-", "the cell's text"),
        ("--help", "terminal"),
        ("main.cpp", "only options"),
        ("-I", "its value is missing"),
        ("-O2 -include", "its value is missing"),
    ],
)
def test_refused_with_a_reason(flags: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        split_flags(flags.split())
    assert flags.split()[-1 if "missing" in why else 0] in str(caught.value)


@pytest.mark.parametrize(
    "flags",
    [
        "-O2", "-Wall -Wextra -Werror", "-std=c++20", "-g", "-I inc", "-march=native", "-fsanitize=address",
        "-lm -Llib", "-Wl,-rpath,/x", "-Wl,--gc-sections,-O1", "-pthread", "-DNAME=value", "-fopenmp", "-flto",
        "-Wl,--version-script=v.map", "-include x.h", "-fdiagnostics-color=never", "-w", "-Wmissing-include-dirs",
    ],
)  # fmt: skip
def test_cacheable(flags: str) -> None:
    assert why_uncacheable(flags.split()) == ""


@pytest.mark.parametrize(
    "flags",
    [
        "-fplugin=p.so", "-specs=my.specs", "-Btools", "-B tools", "-wrapper gdb", "-fmodules-ts", "@args",
        "-fprofile-generate", "-fprofile-use=p", "--coverage", "-coverage", "-ftest-coverage", "-save-temps",
        "--save-temps", "-save-temps=obj", "-gsplit-dwarf", "-fdump-tree-all", "-dA", "-fstack-usage",
        "-fcallgraph-info", "-MMD", "-MF x.d", "-Wa,-a=list", "-Wp,-MD,x.d", "-ftime-trace", "-fopt-info-vec=f",
        "-fsave-optimization-record", "-Wl,-Map=x.map", "-Wl,-Map,x.map", "-Wl,--cref", "-Wl,--out-implib=x",
        "-Xlinker -Map=x.map", "-Xclang -load -Xclang p.so", "-fpass-plugin=p.so", "--specs=my.specs",
        "-Wl,-plugin,p.so", "-Xassembler -a=list", "-Xpreprocessor -MD", "-fdiagnostics-format=json-file",
    ],
)  # fmt: skip
def test_uncacheable(flags: str) -> None:
    why = why_uncacheable(flags.split())
    assert why.startswith(tuple(f"{flag} " for flag in flags.split())), why


@pytest.mark.parametrize(
    ("flag", "leaks"), [("-g", True), ("-g3", True), ("-ggdb", True), ("-g0", False), ("-O2", False)]
)
def test_leaks_cwd(flag: str, leaks: bool) -> None:
    assert leaks_cwd(["-O2", flag]) is leaks


@pytest.mark.parametrize(
    ("flag", "native"), [("-march=native", True), ("-mtune=native", True), ("-march=x86-64", False)]
)
def test_mentions_native(flag: str, native: bool) -> None:
    assert mentions_native(["-O2", flag]) is native


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("-Wl,--version-script=v.map", "v.map"),
        ("-Wl,-T,script.ld", "script.ld"),
        ("-fsanitize-ignorelist=list", "list"),
        ("-Tscript.ld", "script.ld"),
        ("helper.o", "helper.o"),
        ("-includex.h", "x.h"),
        ("-Wl,--just-symbols=/a b/s", "/a b/s"),
    ],
)
def test_named_paths(word: str, path: str) -> None:
    assert path in named_paths((word,))


VERBOSE = """\
ignoring nonexistent directory "nope"
ignoring nonexistent directory "/usr/x86_64-linux-gnu/include"
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
        ("nope", "/usr/x86_64-linux-gnu/include"),
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
        (("a/x.h",), {"": Mentions(angled=("x.h",))}, {"./x.h", "b/x.h"}),
        (("/usr/include/sys/s/x.h",), {"": Mentions(angled=("s/x.h",))}, {"./s/x.h", "b/s/x.h", "a/s/x.h"}),
        (("a/x.h",), {"": Mentions(quoted=("x.h",))}, {"./x.h", "b/x.h"}),
        (("/usr/include/sys/x.h",), {"": Mentions()}, set()),  # nobody asked for it under that name
        (("a/x.h",), {"": Mentions()}, {"./x.h", "b/x.h"}),  # but people's own headers count under any
        (("a/x.h",), {"": Mentions(computed=True)}, {"./x.h", "b/x.h"}),
        (("a/t.h", "a/x.h"), {"": Mentions(angled=("t.h",)), "a/t.h": Mentions(quoted=("x.h",))},
         {"./t.h", "b/t.h", "./x.h", "b/x.h"}),
        (("s/t.h", "a/x.h"), {"": Mentions(), "s/t.h": Mentions(quoted=("x.h",))}, {"s/x.h", "./x.h", "b/x.h"}),
        ((), {"": Mentions(asked=("o.h",))}, {"./o.h", "b/o.h", "a/o.h", "/usr/include/sys/o.h"}),
        (("a/o.h",), {"": Mentions(asked=("o.h",))}, {"./o.h", "b/o.h", "/usr/include/sys/o.h"}),
        ((), {"": Mentions(asked=("/abs/o.h",))}, {"/abs/o.h"}),
    ],
)  # fmt: skip
def test_header_probes(inputs: tuple[str, ...], mentions: dict[str, Mentions], probes: set[str]) -> None:
    assert set(header_probes(PATH, inputs, mentions)) == probes | {"later"}


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
    spec = BuildSpec(language="c++", source=b"", cwd="/", env={"LIBRARY_PATH": "three:four"}, flags=flags)
    assert library_path(spec, compiler) == ("one", "two", "three", "four", "/own")


def test_library_probes_cover_both_forms_in_every_folder() -> None:
    probes = library_probes(("a/libx.a", "/lib/libc.so.6", "cell.o", "crt1.o"), ("a/", "b"))
    both = {f"{folder}/lib{name}{form}" for folder in "ab" for name in "xc" for form in (".a", ".so")}
    assert set(probes) == both | {"a/crt1.o", "b/crt1.o"}
