"""Calls of gcc and clang as steps: the user's words stay as they are, and what comes out is the bare tool's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.model.digest import Digest
from zcnb.model.outcome import CompilerInfo
from zcnb.toolchain.base import WORK, Compiler, Step, object_word
from zcnb.toolchain.clang import Clang
from zcnb.toolchain.command import Command, parse
from zcnb.toolchain.gcc import Gcc
from zcnb.toolchain.gnu_calls import Caller, compile_alone, compile_part, link
from zcnb.toolchain.layout import lay_out, placed

FULL, ASSEMBLED, USERS = f"{WORK}/full.d", f"{WORK}/as.d", f"{WORK}/user.d"
FULL_LIST = ("-MD", "-MF", FULL, "-MT", "x")
FAMILIES = pytest.mark.parametrize("compiler", ["g++", "clang++-19"])


def caller(compiler: str = "g++", executable: str = "/bin/g++", stdin: bytes = b"") -> Caller:
    info = CompilerInfo(name=compiler, path=executable, version="12")
    return Caller(
        toolchain=Clang() if "clang" in compiler else Gcc(),
        compiler=Compiler(info=info, executable=executable, identity=Digest("")),
        argv0=compiler,
        stdin=stdin,
    )


def command(line: str) -> Command:
    return parse(line.split(), cxx_driver=True)


@pytest.mark.parametrize(
    ("line", "argv", "places"),
    [
        ("-O2 -c a.cpp", ("-O2", "a.cpp", *FULL_LIST), {"out.o": "a.o"}),
        ("-c sub/a.b.cpp -DX -o sub/z.o", ("sub/a.b.cpp", "-DX", *FULL_LIST), {"out.o": "sub/z.o"}),
        ("-x c++ -c - -I inc", ("-x", "c++", "-", "-I", "inc", *FULL_LIST), {"out.o": "-.o"}),
        ("-c a.cpp -MD", ("a.cpp", "-MD", "-MF", USERS, "-MQ", "a.o"), {"out.o": "a.o", "user.d": "a.d"}),
        ("-c a.cpp -MMD -MP -o o/z.o", ("a.cpp", "-MMD", "-MF", USERS, "-MP", "-MQ", "o/z.o"),
         {"out.o": "o/z.o", "user.d": "o/z.d"}),
        ("-MD -MF dep -MT t -c a.cpp", ("a.cpp", "-MD", "-MF", USERS, "-MT", "t"), {"out.o": "a.o", "user.d": "dep"}),
    ],
)  # fmt: skip
@FAMILIES
def test_compile_alone(compiler: str, line: str, argv: tuple[str, ...], places: dict[str, str]) -> None:
    step, found = compile_alone(caller(compiler), command(line))
    assembler = (f"-Wa,--MD,{ASSEMBLED}",) if compiler == "g++" else ()
    ours = next(n for n, word in enumerate(argv) if word in ("-MD", "-MMD"))
    assert step.argv == (
        compiler, "-Wdate-time", *argv[:ours], *assembler, *argv[ours:], "-c", "-o", f"{WORK}/out.o",
    )  # fmt: skip
    assert found == places
    assert (step.name, step.language, step.program, step.outputs) == ("compile", "c++", "/bin/g++", tuple(places))
    assert step.shown == (compiler, *argv[:ours], "-c")


@pytest.mark.parametrize(
    ("line", "side_files", "left", "listing"),
    [
        ("-c a.cpp", ("full.d",), (), ()),
        ("-c a.cpp -MD", ("user.d",), ("user.d",), ()),
        # The system's headers are not in that list, so there is a second one, with the same words.
        ("-c a.cpp -O2 -MMD -MF x.d -MT t", ("full.d",), ("user.d",),
         ("g++", "a.cpp", "-O2", "-M", "-MF", FULL, "-MT", "x")),
    ],
)  # fmt: skip
def test_lists_of_inputs(
    line: str, side_files: tuple[str, ...], left: tuple[str, ...], listing: tuple[str, ...]
) -> None:
    step, _ = compile_alone(caller("g++"), command(line))
    assert (step.side_files, step.left_on_failure, step.listing) == ((*side_files, "as.d"), left, listing)
    assert compile_alone(caller("clang++-19"), command(line))[0].side_files == side_files


@pytest.mark.parametrize(("line", "stdin"), [("-x c -c -", b"int x;"), ("-c a.cpp", b"")])
def test_only_a_source_from_there_reads_standard_input(line: str, stdin: bytes) -> None:
    assert compile_alone(caller(stdin=b"int x;"), command(line))[0].stdin == stdin


@pytest.mark.parametrize(
    ("line", "leaks", "asked"),
    [("-c a.cpp", False, False), ("-c a.cpp -g", True, False), ("-march=native -c a.cpp", False, True)],
)
def test_what_the_key_needs(line: str, leaks: bool, asked: bool) -> None:
    step, _ = compile_alone(caller(), command(line))
    assert (step.leaks_cwd, bool(step.expansion)) == (leaks, asked)
    assert step.flags == tuple(word for word in line.split() if word not in ("-c", "a.cpp"))
    assert step.search == ("/bin/g++", *step.flags, "-E", "-v", "-x", "c++", "/dev/null")


def test_the_language_is_the_sources() -> None:
    step, _ = compile_alone(caller(), command("-x c -c a.cpp"))
    assert (step.language, step.search[-2]) == ("c", "c")


@pytest.mark.parametrize(
    ("line", "number", "words"),
    [
        ("-O2 a.cpp b.cpp -DX -o prog", 0, ("-O2", "-DX", "a.cpp")),
        ("-O2 a.cpp b.cpp -DX -o prog", 1, ("-O2", "-DX", "b.cpp")),
        # What is for the linker alone stays out: drivers warn about it.
        ("a.cpp -lm -l z -Wl,-O1 -Xlinker -s x.o -L lib -pthread", 0, ("-L", "lib", "-pthread", "a.cpp")),
        ("-x c a.h -x none b.cpp", 0, ("-x", "c", "a.h")),
        ("-x c a.h -x none b.cpp", 1, ("-x", "c++", "b.cpp")),
        ("-c a.cpp b.cc -Wall", 1, ("-Wall", "b.cc")),
    ],
)
def test_compile_part(line: str, number: int, words: tuple[str, ...]) -> None:
    whole = command(line)
    step = compile_part(caller(), whole, whole.sources[number])
    assembler = f"-Wa,--MD,{ASSEMBLED}"
    assert step.argv == ("g++", "-Wdate-time", *words, assembler, *FULL_LIST, "-c", "-o", f"{WORK}/out.o")
    assert step.outputs == ("out.o",)
    quiet = () if whole.compile_only else ("-Qunused-arguments",)
    step = compile_part(caller("clang++-19"), whole, whole.sources[number])
    assert step.argv == ("clang++-19", "-Wdate-time", *quiet, *words, *FULL_LIST, "-c", "-o", f"{WORK}/out.o")


@pytest.mark.parametrize(
    ("line", "words", "place"),
    [
        ("x.o liby.a -lm -o prog", ("x.o", "liby.a", "-lm"), "prog"),
        ("x.o", ("x.o",), "a.out"),
        # Objects stand where their sources stood: the order is the linker's.
        ("x.o a.cpp -lm b.cpp y.o -O2", ("x.o", object_word(0), "-lm", object_word(1), "y.o", "-O2"), "a.out"),
        ("-x c++ a.h -x none x.o -o p", (object_word(0), "x.o"), "p"),
        ("-shared -Xlinker -x a.cpp -o l.so", ("-shared", "-Xlinker", "-x", object_word(0)), "l.so"),
    ],
)
@FAMILIES
def test_link(compiler: str, line: str, words: tuple[str, ...], place: str) -> None:
    step, places = link(caller(compiler), command(line))
    compiles = any(word.startswith("{zcnb:") for word in words)
    quiet = ("-Qunused-arguments",) if compiles and "clang" in compiler else ()
    ours = (f"-Wl,--dependency-file={WORK}/link.d", "-o", f"{WORK}/out")
    assert step.argv == (compiler, *quiet, *words, *ours)
    assert places == {"out": place}
    assert (step.name, step.program, step.outputs, step.side_files) == ("link", "/bin/g++", ("out",), ("link.d",))
    assert step.flags == tuple(word for word in words if "{zcnb:" not in word)


def test_a_chosen_linker_is_a_tool() -> None:
    assert link(caller(), command("x.o -fuse-ld=mold"))[0].tools == ("ld.mold", "mold")
    assert link(caller(), command("x.o"))[0].tools == ()


def run(folder: Path, step: Step, work: Path, objects: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    """Run a step as the workshop does, in a private folder."""
    work.mkdir()
    lay_out(step, work, str(folder))
    argv = placed(step.argv, work, objects)
    return subprocess.run(argv, executable=step.program, cwd=folder, input=step.stdin, capture_output=True, check=False)


def bare(folder: Path, compiler: str, line: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    argv = [compiler, *line.split()]
    return subprocess.run(argv, cwd=folder, input=stdin, capture_output=True, check=False)


@pytest.fixture
def sources(project: Path) -> Path:
    (project / "sub").mkdir()
    (project / "inc $1").mkdir()
    (project / "x.h").write_text("inline int twice(int v) { return 2 * v; }\n")
    (project / "a.cpp").write_text(
        '#include <vector>\n#include "x.h"\nint unused;\nstatic int f() { return twice(1); }\n'
        "const char *file() { return __FILE__; }\n"
    )
    (project / "m.cpp").write_text('#include "x.h"\nint main() { int i; return twice(20); }\n')
    (project / "c.c").write_text("int c(int n) { return n; }\n")
    (project / "bad.cpp").write_text('#include "x.h"\nint f() { return nothing; }\n')
    (project / "sub" / "a#b.cpp").write_text('#include "../x.h"\n')
    return project


@pytest.mark.parametrize(
    "line",
    [
        "-c a.cpp", "-O2 -Wall -Wextra -c a.cpp -o sub/z.o", "-g -c a.cpp", "-c a.cpp -MD", "-c a.cpp -MMD -MP",
        "-c a.cpp -MD -MF z.d -o z.o", "-c a.cpp -MMD -MT t -MQ $x", "-c a.cpp -o sub/$a#b.o -MD", "-c sub/a#b.cpp -MD",
        "-c c.c -std=c++17", "-x c -c c.c -Wall", "-fdiagnostics-color=always -Wall -c a.cpp", "-Werror -Wall -c a.cpp",
        "-c bad.cpp", "-c bad.cpp -MD", "-c bad.cpp -MMD -MF z.d", "-DX=__DATE__ -c a.cpp",
    ],
)  # fmt: skip
@FAMILIES
def test_a_compile_leaves_what_the_bare_tool_leaves(compiler: str, sources: Path, tmp_path: Path, line: str) -> None:
    step, places = compile_alone(caller(compiler, need(compiler)), command(line))
    work = tmp_path / "work"
    ours, theirs = run(sources, step, work), bare(sources, compiler, line)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)
    written = {name for name in step.outputs if (work / name).exists()}
    assert written == set(step.outputs if ours.returncode == 0 else step.left_on_failure)
    for name in written:
        assert (work / name).read_bytes() == (sources / places[name]).read_bytes(), name


@FAMILIES
def test_a_compile_from_standard_input(compiler: str, sources: Path, tmp_path: Path) -> None:
    line, text = "-x c++ -c - -o z.o", b'#include "x.h"\nint x = __LINE__;\n'
    step, _ = compile_alone(caller(compiler, need(compiler), text), command(line))
    assert run(sources, step, tmp_path / "work").returncode == 0
    assert bare(sources, compiler, line, text).returncode == 0
    assert (tmp_path / "work" / "out.o").read_bytes() == (sources / "z.o").read_bytes()


@pytest.mark.parametrize(
    "line",
    ["m.cpp -o p", "-O1 m.cpp a.cpp c.c -Wl,-O1 -lm -o p", "-Wall -L sub m.cpp -pthread -o p", "-x c++ m.cpp -o p"],
)
@FAMILIES
def test_compiles_and_a_link_make_the_bare_tools_program(
    compiler: str, sources: Path, tmp_path: Path, line: str
) -> None:
    whole, by = command(line), caller(compiler, need(compiler))
    said, objects = b"", []
    for number, source in enumerate(whole.sources):
        done = run(sources, compile_part(by, whole, source), tmp_path / f"w{number}")
        assert done.returncode == 0, done.stderr
        said += done.stderr
        objects.append((tmp_path / f"w{number}" / "out.o").rename(tmp_path / f"blob{number}"))
    done = run(sources, link(by, whole)[0], tmp_path / "work", tuple(objects))
    assert done.returncode == 0, done.stderr
    theirs = bare(sources, compiler, line)
    assert (said + done.stderr, done.stdout) == (theirs.stderr, theirs.stdout)
    assert (tmp_path / "work" / "out").read_bytes() == (sources / "p").read_bytes()
