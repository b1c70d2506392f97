"""What the words on the magic line mean to gcc and clang. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zcnb.toolchain.base import refuse

TAKES_VALUE = frozenset({
    "-I", "-D", "-U", "-L", "-l", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix",
    "-iwithprefix", "-iwithprefixbefore", "-isysroot", "-imultilib", "-x", "-T", "-u", "-z", "-e", "-A",
    "-Xlinker", "-Xassembler", "-Xpreprocessor", "-Xclang", "-mllvm", "-target", "-arch", "-framework",
    "-aux-info", "-wrapper", "--param", "-B",
})  # fmt: skip
"""Options whose value may be the next word."""

LINK_ONLY = ("-l", "-L", "-Wl,", "-fuse-ld=", "-static-lib", "-shared-lib")
LINK_ONLY_WORDS = frozenset({
    "-Xlinker", "-T", "-u", "-z", "-e", "-rdynamic", "-static", "-static-pie", "-shared", "-pie", "-no-pie",
    "-s", "-nostdlib", "-nostdlib++", "-nostartfiles", "-nodefaultlibs", "-nolibc", "-framework",
})  # fmt: skip

REFUSED = {
    "-c": "a cell is a whole program",
    "-S": "a cell is a whole program",
    "-E": "a cell is a whole program",
    "-M": "a cell is a whole program",
    "-MM": "a cell is a whole program",
    "-fsyntax-only": "a cell is a whole program (--no-run compiles without running)",
    "-": "the cell's text is the program",
    "-o": "zcnb chooses where the program lies",
    "--help": "run the compiler in a terminal for that",
}

SIDE_FILES = (
    "-coverage", "--coverage", "--save-temps", "-Xassembler", "-fprofile",
    "-fauto-profile", "-ftest-coverage", "-fcoverage-mapping", "-save-temps", "-gsplit-dwarf",
    "-fdump", "-fstack-usage", "-fcallgraph-info", "-M", "-Wa,", "-Wp,", "-ftime-trace", "-fopt-record",
    "-fsave-optimization-record", "-foptimization-record", "-fdiagnostics-add-output", "-dumpdir", "-aux-info",
    "-fcrash-diagnostics", "-gen-reproducer", "-fdiagnostics-format=sarif-file", "-fdiagnostics-format=json-file",
    "-fmem-report-file", "-fdeps-", "-fbuiltin-module-map", "-time", "-fproc-stat-report", "-fbranch-probabilities",
    "-frecord-gcc-switches", "-frecord-command-line", "-grecord-command-line", "-Xpreprocessor", "-fuse-profile",
)  # fmt: skip
"""Options that read or write files which no list of inputs names."""

UNTRACKED = (
    "-fplugin",
    "-fpass-plugin",
    "-specs",
    "-B",
    "-wrapper",
    "-fmodule",
    "-fprebuilt",
    "-include-pch",
    "@",
    "-load",
    "--specs",
    "--config",
)
LINK_SIDE_FILES = frozenset({
    "Map", "dependency-file", "out-implib", "plugin", "print-map", "M", "cref", "trace", "t", "lto-obj-path",
    "save-temps", "thinlto-index-only", "print-archive-stats", "repro", "reproduce", "time-trace", "why-extract",
})  # fmt: skip
"""Options of linkers that read or write files which no list of inputs names, without their dashes."""

HARMLESS = ("-Wp,-D", "-Wp,-U", "-Wa,--noexecstack", "-Wa,--compress-debug-sections")
"""What distributions build with, among options that are refused because nobody can tell what they do."""

_NATIVE = re.compile(r"=native$")
_OBJECT_FILE = re.compile(r"\.(?:o|obj|a|lo)$|\.so(?:\.\d+)*$|\.dylib$")


@dataclass(frozen=True, slots=True)
class SplitFlags:
    """The user's words, sorted by who needs them; each list keeps their order."""

    compiling: tuple[str, ...]
    linking: tuple[str, ...]


def split_flags(flags: Sequence[str]) -> SplitFlags:
    """Raises `UsageError` for words that have no place on the magic line."""
    compiling: list[str] = []
    linking: list[str] = []
    for option in options(flags):
        word = option[0]
        if word in REFUSED:
            raise refuse(word, REFUSED[word])
        if not word.startswith(("-", "@")):
            if not _OBJECT_FILE.search(word):
                raise refuse(word, "only options, object files and libraries can stand on the magic line")
            linking += option
            continue
        if word.startswith("-o") and not word.startswith("-openmp"):
            raise refuse(word, REFUSED["-o"])
        linking += option
        if not (word.startswith(LINK_ONLY) or word in LINK_ONLY_WORDS):
            compiling += option
    return SplitFlags(tuple(compiling), tuple(linking))


def options(flags: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words in groups: an option together with its separate value."""
    words = iter(flags)
    for word in words:
        if word in TAKES_VALUE:
            value = next(words, None)
            if value is None:
                raise refuse(word, "its value is missing")
            yield word, value
        else:
            yield (word,)


def why_uncacheable(flags: Sequence[str]) -> str:
    """The reason a compile with these flags must not be stored; empty if it may."""
    for flag in flags:
        if flag.startswith(HARMLESS):
            continue
        if flag.startswith(UNTRACKED):
            return f"{flag} reads files that are not tracked"
        if flag.startswith(SIDE_FILES) or re.match(r"-d[A-Za-z]", flag) or re.match(r"-fopt-info.*=", flag):
            return f"{flag} reads or writes files besides the program"
        if flag.startswith("-flto"):
            return f"{flag}: the linker compiles, out of sight"
    for before, flag in pairwise(("", *flags)):
        handed = [flag] if before == "-Xlinker" else flag.split(",")[1:] if flag.startswith("-Wl,") else []
        if any(word.startswith("@") or word.partition("=")[0].lstrip("-") in LINK_SIDE_FILES for word in handed):
            return f"{flag} reads or writes files besides the program"
    return ""


def leaks_cwd(flags: Iterable[str]) -> bool:
    """Whether the working folder's name gets into the object (debug information does that)."""
    return any(
        f.startswith(("-g", "-fdebug", "-frecord", "-fprofile", "-fsanitize", "-pg")) and f != "-g0" for f in flags
    )


def mentions_native(flags: Iterable[str]) -> bool:
    """Whether some flag means "this machine's processor"."""
    return any(_NATIVE.search(flag) for flag in flags)


def forced_includes(flags: Sequence[str]) -> tuple[str, ...]:
    """The names given to `-include` and `-imacros`: looked for as if in quotes, first in the client's folder."""
    return tuple(option[1] for option in options(flags) if option[0] in {"-include", "-imacros"})


def library_flags(words: Sequence[str]) -> tuple[str, ...]:
    """The folders given with `-L`, also those given to the linker (`-Wl,-Lb`, `-Xlinker -Lb`)."""
    plain: list[str] = []
    for word in words:
        if word != "-Xlinker":
            plain += word.removeprefix("-Wl,").split(",") if word.startswith("-Wl,") else [word]
    found = []
    for word, following in pairwise((*plain, "")):
        if word in {"-L", "--library-path", "-library-path"}:
            found.append(following)
        elif word.startswith(("--library-path=", "-library-path=")):
            found.append(word.partition("=")[2])
        elif word.startswith("-L"):
            found.append(word[2:])
    return tuple(found)


def exact_libraries(flags: Sequence[str]) -> tuple[str, ...]:
    """The file names asked for with `-l:NAME`."""
    joined = ("".join(option) for option in options(flags) if option[0].startswith("-l"))
    return tuple(word.removeprefix("-l:") for word in joined if word.startswith("-l:"))
