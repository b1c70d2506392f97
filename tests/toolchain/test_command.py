"""Command lines taken apart, and what is refused; response files and names as real compilers have them."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.toolchain.command import (
    MOST_NESTED,
    MOST_WORDS,
    Command,
    Depfile,
    Refusal,
    Role,
    depfile_name,
    expanded,
    object_name,
    parse,
    response_words,
)

COMPILERS = pytest.mark.parametrize("compiler", ["g++", "clang++-19"])
C_LOCALE = {**os.environ, "LC_ALL": "C"}
NO_SUCH_FILE = re.compile(
    r"(?:ld: cannot find |: error: )(?!no such)(.*?): No such file or directory\n"  # GNU ld, or g++ itself
    r"|error: no such file or directory: '(.*?)'(?:; did you mean '[^\n]*)?\n(?=clang|\Z)",
    re.DOTALL,
)
SEPARATOR = "zt-next-zt"


def as_written(word: str) -> str:
    """A word that clang complains about: it shows odd characters as `<U+2028>`."""
    return re.sub(r"<U\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), word)


def cut_by(compiler: str, texts: list[str], folder: Path) -> list[list[str]]:
    """The words of each text, from the compiler's complaints that there are no such files."""
    words = []
    for number, text in enumerate(texts):
        (folder / f"r{number}").write_bytes(text.encode())
        words += [f"@r{number}", SEPARATOR]
    argv = [need(compiler), *words]
    said = subprocess.run(argv, cwd=folder, env=C_LOCALE, capture_output=True, check=False).stderr.decode()
    found: list[list[str]] = [[]]
    for match in NO_SUCH_FILE.finditer(said):
        word = match[1] if match[1] is not None else as_written(match[2])
        if word == SEPARATOR:
            found.append([])
        else:
            found[-1].append(word)
    assert found.pop() == [], said
    assert len(found) == len(texts), said
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t\r\n", []),
        ("-c a.cpp\n-O2", ["-c", "a.cpp", "-O2"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("-DX='a b'\"c\"d", ["-DX=a bcd"]),
        ("''  \"\"", ["", ""]),
        (r"a\ b \"c\" \\", ["a b", '"c"', "\\"]),
        (r"'a\'b' \"", ["a'b", '"']),
        ('"it\'s" \'say "x"\'', ["it's", 'say "x"']),
        ("a\\\nb", ["a\nb"]),
        ("'never closed", ["never closed"]),
    ],
)
def test_response_words(text: str, words: list[str]) -> None:
    assert response_words(text) == words


@COMPILERS
def test_response_files_are_cut_as_compilers_cut_them(tmp_path: Path, compiler: str) -> None:
    """Any text of words, quotes of both kinds, backslashes and white space. (A backslash at the very end is in
    the next test.)"""
    choose = random.Random(1)
    texts = ["".join(choose.choices("zqüz'\"\\ \n\t\r", k=choose.randrange(1, 16))) + "z" for _ in range(400)]
    unseen = [""] if compiler.startswith("clang") else []  # it does not complain about empty words
    ours = [[word for word in response_words(text) if word not in unseen] for text in texts]
    assert ours == cut_by(compiler, texts, tmp_path)


@COMPILERS
@pytest.mark.parametrize(
    "text", ["a\u00a0b", "a\u3000b", "a\u2028b", "a\x85b", "a\x1cb", "a\vb", "a\fb", "a\\"], ids=ascii
)
def test_odd_response_files_are_cut_as_the_compiler_cuts_them_or_refused(
    tmp_path: Path, compiler: str, text: str
) -> None:
    """Other white space, such as the wide space of a Japanese folder's name; a backslash with nothing after it."""
    theirs = cut_by(compiler, [text], tmp_path)[0]
    try:
        ours = response_words(text)
    except Refusal:
        return
    assert ours == theirs


def expand(files: Mapping[str, str], *argv: str) -> tuple[str, ...]:
    return expanded(argv, files.get)


def test_response_files_are_replaced_by_their_words_in_place() -> None:
    files = {"r": "-O2 @inner 'a b'", "inner": "-DX", "sp ace": "-g"}
    assert expand(files, "-c", "@r", "x.c", "@sp ace") == ("-c", "-O2", "-DX", "a b", "x.c", "-g")


@pytest.mark.parametrize("word", ["@missing", "@", "a@r", "-I@r"])
def test_words_that_name_no_response_file_stay(word: str) -> None:
    assert expand({"r": "-O2"}, word) == (word,)


def test_the_same_file_may_be_named_twice() -> None:
    assert expand({"r": "-O2", "twice": "@r @r"}, "@twice", "@r") == ("-O2",) * 3


def test_response_files_may_be_nested_so_deeply() -> None:
    files = {str(number): f"@{number + 1}" for number in range(MOST_NESTED - 2)} | {str(MOST_NESTED - 2): "-c"}
    assert expand(files, "@0") == ("-c",)


def test_a_response_file_in_itself_is_refused() -> None:
    with pytest.raises(Refusal, match="nested too deeply"):
        expand({"r": "-O2 @r"}, "@r")


def test_very_long_command_lines_are_refused_without_reading_all_of_them() -> None:
    files = {str(number): f"@{number + 1} @{number + 1}" for number in range(40)} | {"40": "-c"}
    with pytest.raises(Refusal, match="very long"):
        expand(files, "@0")
    assert len(expand({"r": "a " * MOST_WORDS}, "@r")) == MOST_WORDS


def parsed(line: str, *, cxx_driver: bool = True) -> Command:
    return parse(line.split(), cxx_driver=cxx_driver)


def spelled(command: Command) -> dict[str, str]:
    """The parts by role, with the language of each source in front."""
    return {
        "options": " ".join(command.words(Role.OPTION)),
        "sources": " ".join(f"{part.language}:{''.join(part.words)}" for part in command.sources),
        "linked": " ".join(command.words(Role.LINKED)),
    }


@pytest.mark.parametrize(
    ("line", "options", "sources", "linked"),
    [
        ("-c a.cpp", "", "c++:a.cpp", ""),
        ("-O2 -c a.cpp -Wall", "-O2 -Wall", "c++:a.cpp", ""),
        ("a.cpp b.cc -lm", "-lm", "c++:a.cpp c++:b.cc", ""),
        ("a.o libx.a y.so z.so.1.2 w.lo v.obj", "", "", "a.o libx.a y.so z.so.1.2 w.lo v.obj"),
        ("x.o a.cpp y.o -l m", "-l m", "c++:a.cpp", "x.o y.o"),
        ("-I inc -D X=1 -include f.h -isystem s -c a.cpp", "-I inc -D X=1 -include f.h -isystem s", "c++:a.cpp", ""),
        ("-include a.c -I b.o -c a.cpp", "-include a.c -I b.o", "c++:a.cpp", ""),  # values are no files to compile
        ("-Xlinker x.o -u s.c -T t.o a.o", "-Xlinker x.o -u s.c -T t.o", "", "a.o"),
        ("-x c -c a.cpp", "-x c", "c:a.cpp", ""),
        ("-xc++ -c a.h", "-x c++", "c++:a.h", ""),
        ("-x c++ a.txt -x none b.c c.o", "-x c++ -x none", "c++:a.txt c++:b.c", "c.o"),
        ("-x c++ b.o", "-x c++", "c++:b.o", ""),  # as compilers have it, whatever its name
        ("-x c++ -c -", "-x c++", "c++:-", ""),
        ("a.c.o", "", "", "a.c.o"),
        ("--std=c++20 --param x=1 -c a.cpp", "--std=c++20 --param x=1", "c++:a.cpp", ""),
        ("-shared -fPIC -Wl,-soname,x a.o", "-shared -fPIC -Wl,-soname,x", "", "a.o"),
        ("-c /home/eva/dev/a.cpp -I/srv/proc/inc", "-I/srv/proc/inc", "c++:/home/eva/dev/a.cpp", ""),
    ],
)  # fmt: skip
def test_parts(line: str, options: str, sources: str, linked: str) -> None:
    command = parsed(line)
    assert spelled(command) == {"options": options, "sources": sources, "linked": linked}
    assert command.compile_only is ("-c" in line.split())


def test_parts_keep_their_order() -> None:
    command = parsed("-O1 x.o -DA a.cpp -lm b.cpp -O2")
    assert command.words(*Role) == ("-O1", "x.o", "-DA", "a.cpp", "-lm", "b.cpp", "-O2")


@pytest.mark.parametrize("suffix", ["cc", "cp", "cxx", "cpp", "CPP", "c++", "C"])
@pytest.mark.parametrize("cxx_driver", [False, True])
def test_cxx_suffixes(suffix: str, cxx_driver: bool) -> None:
    assert spelled(parsed(f"-c a.{suffix}", cxx_driver=cxx_driver))["sources"] == f"c++:a.{suffix}"


@pytest.mark.parametrize(("cxx_driver", "language"), [(False, "c"), (True, "c++")])
def test_c_is_cxx_to_a_cxx_driver(cxx_driver: bool, language: str) -> None:
    assert parsed("-c a.c", cxx_driver=cxx_driver).sources[0].language == language
    assert parsed("-x c -c a.c", cxx_driver=cxx_driver).sources[0].language == "c"


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("-c a.cpp", ""),
        ("-c a.cpp -o b.o", "b.o"),
        ("-ob.o -c a.cpp", "b.o"),
        ("a.cpp -o sub/prog", "sub/prog"),
        ("-o -x.o -c a.cpp", "-x.o"),  # the next word is the value, whatever it is
    ],
)
def test_output(line: str, output: str) -> None:
    assert parsed(line).output == output


@pytest.mark.parametrize(
    ("words", "depfile", "targeted"),
    [
        ("-MD", Depfile(True, "", ()), False),
        ("-MMD", Depfile(False, "", ()), False),
        ("-MD -MF x.d", Depfile(True, "x.d", ()), False),
        ("-MFx.d -MMD", Depfile(False, "x.d", ()), False),
        ("-MD -MP", Depfile(True, "", ("-MP",)), False),
        ("-MD -MT x -MQ y -MTz", Depfile(True, "", ("-MT", "x", "-MQ", "y", "-MT", "z")), True),
        ("-MP -MMD -MF x.d -MT a.o", Depfile(False, "x.d", ("-MP", "-MT", "a.o")), True),
    ],
)
def test_depfile(words: str, depfile: Depfile, targeted: bool) -> None:
    command = parsed(f"-O2 {words} -c a.cpp -o a.o")
    assert (command.depfile, depfile.targeted) == (depfile, targeted)
    assert command.words(*Role) == ("-O2", "a.cpp")


def test_without_a_list_there_is_no_depfile() -> None:
    assert parsed("-c a.cpp").depfile is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-c a.cpp -o /dev/null", "/dev/...: a device"),
        ("-c a.cpp -o/dev/null", "/dev/...: a device"),
        ("-c a.cpp -MD -MF/dev/fd/3", "/dev/...: a device"),
        ("-x c++ -c /dev/stdin", "/dev/...: a device"),
        ("-include /dev/stdin -c a.cpp", "/dev/...: a device"),
        ("-c /proc/self/fd/0", "/proc/...: a device"),
        *((f"{word} -c a.cpp", f"{word}: a question to the compiler") for word in (
            "--version", "--help", "--help=warnings", "-dumpversion", "-dumpmachine", "-dumpspecs",
            "-dumpfullversion", "-print-search-dirs", "-print-file-name=x", "--target-help", "-###", "-v",
        )),
        ("-E a.cpp", "-E: preprocessing only"),
        ("-S a.cpp", "-S: assembly output"),
        ("-M a.cpp", "-M: a list of inputs only"),
        ("-MM a.cpp", "-MM: a list of inputs only"),
        ("-MD -MG -c a.cpp", "-MG: headers that do not exist yet"),
        ("-fsyntax-only a.cpp", "-fsyntax-only: a check only"),
        ("--analyze a.cpp", "--analyze: a check only"),
        ("-Xclang -x -c a.cpp", "-Xclang: an option for the compiler proper"),
        *((f"{word} -c a.cpp", f"{word}: another output") for word in (
            "-emit-ast", "-emit-llvm", "-emit-pch", "--precompile",
        )),
        ("-traditional-cpp -c a.cpp", "-traditional-cpp: an old preprocessor"),
        ("--sysroot /r -c a.cpp", "--sysroot: a long option"),
        ("--sysroot=/r -c a.cpp", "--sysroot=/r reads files that are not tracked"),
        ("--target=x -c a.cpp", "--target=x reads files that are not tracked"),
        ("--gcc-toolchain=/t -c a.cpp", "--gcc-toolchain=/t reads files that are not tracked"),
        ("--output=x -c a.cpp", "--output: a long option"),
        ("--include-directory=x -c a.cpp", "--include-directory: a long option"),
        ("-MD -MJ x.json -c a.cpp", "-MJ: an option about lists"),
        ("-MV -MD -c a.cpp", "-MV: an option about lists"),
        ("-MD -MT a:b -c a.cpp", "a colon or white space"),
        ("-x assembler -c a.s", "-x assembler: another language"),
        ("-xobjective-c -c a.m", "-x objective-c: another language"),
        ("-x c++-header -c a.h", "-x c++-header: another language"),
        ("-c a.s", ".s: another kind of input"),
        ("-c a.S", ".S: another kind of input"),
        ("-c a.ii", ".ii: another kind of input"),
        ("-c a.h", ".h: another kind of input"),
        ("-c a.m", ".m: another kind of input"),
        ("a.ld", ".ld: another kind of input"),
        ("-c Makefile", "a file without suffix: another kind of input"),
        ("-c .cpp", "a file without suffix: another kind of input"),
        ("-c -", "-: no -x"),
        ("", "no input files"),
        ("-c", "no input files"),
        ("-O2 -lm", "no input files"),
        ("-c a.o", "no input files"),
        ("-c a.cpp -o a.o -o b.o", "-o more than once"),
        ("-c a.cpp -MD -MMD", "-MD more than once"),
        ("-c a.cpp -MD -MF a -MF b", "-MF more than once"),
        ("-c a.cpp -o -", "output to the terminal"),
        ("-c a.cpp -MD -MF -", "output to the terminal"),
        *((f"-c a.cpp {word}", "without -MD") for word in ("-MF x", "-MT x", "-MQ x", "-MP")),
        ("a.cpp -MD", "-MD with a link, or with several sources"),
        ("-c a.cpp b.cpp -MMD", "-MD with a link, or with several sources"),
        ("-x c++ -c - -MD", "-MD with standard input"),
        ("-c a.cpp b.cpp -o x.o", "-o with -c and several sources"),
        *((f"-c a.cpp {word}", f"{word} without its value") for word in (
            "-o", "-x", "-I", "-D", "-include", "--param", "-Xlinker", "-MF", "-MT", "-MQ",
        )),
        *((f"{line}", "a response file that cannot be read") for line in (
            "-c a.cpp @missing", "-c @missing", "@missing a.o", "-x c -c @missing", "-c a.cpp @a.o",
        )),
        *((f"-c a.cpp {word}", f"{word.partition('=')[0]}: a long option") for word in (
            "--coverage", "--save-temps", "--save-temps=obj", "--specs=x", "--config=x", "--optimize", "--debug",
        )),
        # What the line is comes first, and then what its options do.
        ("-fplugin=p.so -c", "no input files"),
        ("-MD -fplugin=p.so -c a.cpp -o -", "output to the terminal"),
        ("-c a.cpp -coverage", "-coverage reads or writes files"),
        ("-c a.cpp -fplugin=p.so", "-fplugin=p.so reads files"),
        ("-c a.cpp -Wa,-a=list", "-Wa,-a=list reads or writes files"),
        ("-c a.cpp -Wp,-MD,x.d", "-Wp,-MD,x.d reads or writes files"),
        ("a.o -Wl,-Map,x.map", "-Wl,-Map,x.map reads or writes files besides the program"),
        ("a.o -Wl,@words", "-Wl,@words reads or writes files besides the program"),
        ("a.o -Xlinker --Map=x.map", "--Map=x.map reads or writes files besides the program"),
        *((f"{word} -c a.cpp", "a warning that zcnb needs for itself") for word in (
            "-Wdate-time", "-Wno-date-time", "-Werror=date-time", "-Wno-error=date-time",
        )),
        ("-flto a.o", "-flto: the linker compiles, out of sight"),
        ("-c a.cpp -frecord-gcc-switches", "-frecord-gcc-switches reads or writes files"),
        ("-c a.cpp -gsplit-dwarf", "-gsplit-dwarf reads or writes files"),
    ],
)  # fmt: skip
def test_refusals(line: str, why: str) -> None:
    with pytest.raises(Refusal) as caught:
        parsed(line)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "a.o -Xlinker -Map=x.map", "a.o -Xlinker -Map -Xlinker x.map", "a.o -Xlinker --dependency-file=x.d",
        "a.o -Wl,--Map=x.map", "a.o -Wl,@words", "-c a.cpp -Xpreprocessor -MD -Xpreprocessor x.d", "-c a.cpp -time=log",
    ],
)  # fmt: skip
def test_what_writes_other_files_in_a_roundabout_way_is_refused(line: str) -> None:
    with pytest.raises(Refusal):
        parsed(line)


def test_a_target_with_white_space_is_refused() -> None:
    with pytest.raises(Refusal, match="colon or white space"):
        parse(["-MD", "-MT", "a b", "-c", "a.cpp"], cxx_driver=True)


def written_by(compiler: str, folder: Path, *words: str, stdin: bytes = b"") -> set[str]:
    """The files that the compiler writes in a folder of its own."""
    own = folder / "own"
    for name in ("sub.x", "sub"):
        (own / name).mkdir(parents=True, exist_ok=True)
    subprocess.run([need(compiler), *words], cwd=own, input=stdin, check=True, capture_output=True)
    return {str(path.relative_to(own)) for path in own.rglob("*") if path.is_file()}


@COMPILERS
@pytest.mark.parametrize(
    "source", ["a.cpp", "a.b.cpp", "deep/c.cc", "deep.x/d.C", "sp ace.c++", "ü.cxx", "a..cpp", "-"]
)
def test_names_without_output(tmp_path: Path, compiler: str, source: str) -> None:
    path = tmp_path / source
    path.parent.mkdir(exist_ok=True)
    if source == "-":
        assert written_by(compiler, tmp_path, "-x", "c++", "-c", "-", stdin=b"int x;") == {object_name("-")}
        return
    path.write_text("int x;\n")
    command = parse(["-MD", "-c", f"../{source}"], cxx_driver=True)
    expected = {object_name(f"../{source}"), depfile_name(command)}
    assert written_by(compiler, tmp_path, "-MD", "-c", f"../{source}") == expected


@COMPILERS
@pytest.mark.parametrize(
    "output",
    [
        "x.o", "x", "x.y.o", "x.", "x..o", "sub/x.o", "sub.x/x", "sub.x/x.o", "sp ace.o", ".x.o", "./x.o", "../own/x.o",
        ".o", "sub/.x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [(), ("-MF", "y.dep")], ids=["", "with -MF"])
def test_names_with_output(tmp_path: Path, compiler: str, output: str, more: tuple[str, ...]) -> None:
    (tmp_path / "a.cpp").write_text("int x;\n")
    words = ("-MMD", "-c", "../a.cpp", "-o", output, *more)
    listed = depfile_name(parse(words, cxx_driver=True))
    expected = {os.path.relpath(os.path.join("/own", name), "/own") for name in (output, listed)}
    assert written_by(compiler, tmp_path, *words) == expected
