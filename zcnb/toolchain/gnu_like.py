"""What gcc and clang share: flags, argv, depfiles, and where headers are looked for.

The cell is compiled from a private folder under the name `cell.cpp`, in the
client's own folder (`cwd`), so relative `-I` work. `-iquote .` makes quoted
includes start beside the notebook, `-ffile-prefix-map` keeps the private folder
out of `__FILE__`, debug information and `assert`. None of our options leaves a
trace in the object.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zcnb.model.digest import Digest
from zcnb.model.key import spec_digest
from zcnb.model.mentions import Mentions
from zcnb.model.spec import BuildSpec, Language
from zcnb.toolchain.base import OBJECT, WORK, Compiler, Lookups, Reading, Step, Toolchain, refuse
from zcnb.toolchain.depfile import prerequisites

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
    "-fmem-report-file", "-fdeps-", "-fbuiltin-module-map",
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
LINK_SIDE_FILES = (
    "-Map",
    "--dependency-file",
    "--out-implib",
    "-plugin",
    "--print-map",
    "-M",
    "--cref",
    "--trace",
    "-t",
)

_NATIVE = re.compile(r"=native$")
_DATE_TIME = re.compile(r"\[-W(?:error[=,](?:-W)?)?date-time\]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_LIBRARY_FILE = re.compile(r"lib(.+?)\.(?:so|a|dylib|tbd)(?:\.[\d.]+)?$")
_START_FILE = re.compile(r"[A-Za-z]?crt\w*\.o$")
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
    for option in _options(flags):
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


def _options(flags: Sequence[str]) -> Iterator[tuple[str, ...]]:
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
        if flag.startswith(UNTRACKED):
            return f"{flag} reads files that are not tracked"
        if flag.startswith(SIDE_FILES) or re.match(r"-d[A-Za-z]", flag) or re.match(r"-fopt-info.*=", flag):
            return f"{flag} reads or writes files besides the program"
        if flag.startswith("-Wl,") and any(p.split("=")[0] in LINK_SIDE_FILES for p in flag.split(",")[1:]):
            return f"{flag} writes files besides the program"
    return ""


def leaks_cwd(flags: Iterable[str]) -> bool:
    """Whether the working folder's name gets into the object (debug information does that)."""
    return any(
        f.startswith(("-g", "-fdebug", "-frecord", "-fprofile", "-fsanitize", "-pg")) and f != "-g0" for f in flags
    )


def mentions_native(flags: Iterable[str]) -> bool:
    """Whether some flag means "this machine's processor"."""
    return any(_NATIVE.search(flag) for flag in flags)


class GnuLike(Toolchain):
    """gcc's command line. Subclasses differ in names, in how they are identified and in small options."""

    languages = ("c", "c++")
    compile_extra: tuple[str, ...] = ()
    link_extra: tuple[str, ...] = ()
    assembler_lists_inputs = False

    def standard(self, language: Language, version: str) -> str:
        """The default `-std=`: C++20 where the compiler has it, else C++17; C as the compiler likes it."""
        if language == "c":
            return ""
        major = int(re.match(r"\d*", version).group() or 0)  # type: ignore[union-attr]  # \d* always matches
        return "-std=c++20" if major >= 10 else "-std=c++17"

    def compile_step(self, spec: BuildSpec, compiler: Compiler) -> Step:
        flags = self._compile_flags(spec, compiler)
        unit, stem = spec.filename, spec.unit
        lists = (f"{stem}.d", *((f"{stem}.as.d",) if self.assembler_lists_inputs else ()))
        listing = ["-MD", "-MF", f"{WORK}/{stem}.d", "-MT", stem]
        if self.assembler_lists_inputs:
            listing.append(f"-Wa,--MD,{WORK}/{stem}.as.d")
        argv = (
            compiler.executable, "-fdiagnostics-color=always", *self.compile_extra, "-Wdate-time", "-iquote", ".",
            *flags, f"-ffile-prefix-map={WORK}/=", *listing, "-c", f"{WORK}/{unit}", "-o", f"{WORK}/{stem}.o",
        )  # fmt: skip
        return Step(
            name="compile",
            argv=argv,
            shown=(compiler.info.name, *flags, "-c", unit, "-o", f"{stem}.o"),
            output=f"{stem}.o",
            executable=False,
            files={unit: spec.text},
            side_files=lists,
            material=(spec_digest(spec),),
            expansion=(
                (compiler.executable, *flags, "-###", "-E", "-x", spec.language, os.devnull)
                if mentions_native(flags) or compiler.script
                else ()
            ),
            leaks_cwd=leaks_cwd(flags),
            uncacheable=why_uncacheable(spec.flags),
        )

    def _compile_flags(self, spec: BuildSpec, compiler: Compiler) -> tuple[str, ...]:
        flags = split_flags(spec.flags).compiling
        standard = self.standard(spec.language, compiler.info.version)
        chosen = any(f.startswith(("-std=", "-ansi")) for f in flags)
        return flags if chosen or not standard else (standard, *flags)

    def link_step(self, spec: BuildSpec, compiler: Compiler, obj: Digest) -> Step:
        flags = split_flags(spec.flags).linking
        linkers = [f.removeprefix("-fuse-ld=") for f in flags if f.startswith("-fuse-ld=")]
        argv = (
            compiler.executable, "-fdiagnostics-color=always", *self.link_extra, OBJECT, *flags,
            f"-Wl,--dependency-file={WORK}/link.d", "-o", f"{WORK}/{spec.unit}",
        )  # fmt: skip
        return Step(
            name="link",
            argv=argv,
            shown=(compiler.info.name, f"{spec.unit}.o", *flags, "-o", spec.unit),
            output=spec.unit,
            executable=True,
            side_files=("link.d",),
            material=(obj,),
            tools=tuple(t for name in linkers for t in (f"ld.{name}", name)),
            uncacheable=why_uncacheable(spec.flags),
        )

    def reading(self, step: Step, side: Mapping[str, str], stderr: str) -> Reading:
        if _DATE_TIME.search(_COLOUR.sub("", stderr)) and "-Wdate-time" in step.argv:
            return Reading(uncacheable="uses the time of day", retry_without=("-Wdate-time",))
        if step.name == "link" and "dependency-file" in stderr:
            ours = next(a for a in step.argv if a.startswith("-Wl,--dependency-file="))
            return Reading(uncacheable="the linker does not list its inputs", retry_without=(ours,))
        inputs = [path for text in side.values() for path in prerequisites(text)]
        return Reading(inputs=tuple(p for p in dict.fromkeys(inputs) if not _private(p)))

    def search_probe(self, spec: BuildSpec, compiler: Compiler) -> tuple[str, ...]:
        flags = split_flags(spec.flags).compiling
        return (compiler.executable, "-iquote", ".", *flags, "-E", "-v", "-x", spec.language, os.devnull)

    def lookups(
        self, spec: BuildSpec, compiler: Compiler, step: Step, reading: Reading,
        mentions: Mapping[str, Mentions], search: str,
    ) -> Lookups:  # fmt: skip
        if step.name == "link":
            return Lookups(library_probes(reading.inputs, library_path(spec, compiler), exact_libraries(spec.flags)))
        flags = split_flags(spec.flags).compiling
        reason = self._unseen(mentions, flags)
        path = search_path(search)
        if not path.angled:
            reason = reason or "the compiler does not say where it looks for headers"
        if not {_plain(folder) for folder in path.doubled} <= {_plain(f) for f in (*path.quoted, *path.angled)}:
            reason = reason or "one folder is searched under two names"
        forced = forced_includes(flags)
        own = (f"{folder}/{name}" for folder in (*path.quoted, *path.angled) for name in _included(mentions[""]))
        precompiled = tuple(f"{file}{form}" for file in (*reading.inputs, *forced, *own) for form in (".gch", ".pch"))
        return Lookups(header_probes(path, reading.inputs, mentions, forced), precompiled, reason)

    def search_holds(self, search: str, is_folder: Callable[[str], bool]) -> bool:
        path = search_path(search)
        return (
            not path.doubled
            and all(map(is_folder, (*path.quoted, *path.angled)))
            and not any(map(is_folder, path.missing))
        )

    def _unseen(self, mentions: Mapping[str, Mentions], flags: Sequence[str]) -> str:
        """Why the texts themselves forbid storing; empty if they do not."""
        for path, said in mentions.items():
            if said.clock:
                return "uses __DATE__, __TIME__ or __TIMESTAMP__"
            if said.clock_pieces and not _system(path):
                return "holds pieces of __DATE__ or __TIME__, which ## could put together"
            if said.hidden:
                return f"uses {said.hidden}"
        if "-w" in flags or any("date-time" in flag for flag in flags):
            return "with this flag the compiler does not tell whether the time of day is used"
        if not self.assembler_lists_inputs and any(m.asm for path, m in mentions.items() if not _system(path)):
            return "uses inline assembly, which may include files"
        return ""


def _private(path: str) -> bool:
    """Our own files and the driver's temporary ones."""
    return "/cc" in path and path.endswith(".s")


def _included(said: Mentions) -> tuple[str, ...]:
    return (*said.quoted, *said.angled)


def _system(path: str) -> bool:
    """Whether a header came with the system: people do not write there, not even as root."""
    return os.path.normpath(path).startswith(("/usr/include/", "/usr/lib", "/lib"))


def _plain(path: str) -> str:
    """A path without what compilers add or leave out: `./` in front, doubled and trailing slashes. Not `..`:
    through a link it is not what it seems."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return ("/" if path.startswith("/") else "") + "/".join(parts)


@dataclass(frozen=True, slots=True)
class SearchPath:
    """Where headers are looked for, in order; folders as the compiler spells them."""

    quoted: tuple[str, ...]
    angled: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Folders on the path that do not exist (yet)."""
    doubled: tuple[str, ...] = ()
    """Folders left out because they are others on the path, perhaps by a link."""


def search_path(verbose: str) -> SearchPath:
    """The search path in the output of `-E -v` (in the C locale)."""
    quoted: list[str] = []
    angled: list[str] = []
    missing: list[str] = []
    doubled: list[str] = []
    current: list[str] | None = None
    for line in verbose.splitlines():
        if line.startswith("ignoring nonexistent directory"):
            missing.append(line.partition('"')[2].rstrip('"'))
        elif line.startswith("ignoring duplicate directory"):
            doubled.append(line.partition('"')[2].rstrip('"'))
        elif line.startswith('#include "..."'):
            current = quoted
        elif line.startswith("#include <...>"):
            current = angled
        elif line.startswith("End of search list"):
            current = None
        elif current is not None and line.startswith(" "):
            current.append(line[1:].removesuffix(" (framework directory)"))
    return SearchPath(tuple(quoted), tuple(angled), tuple(missing), tuple(doubled))


def forced_includes(flags: Sequence[str]) -> tuple[str, ...]:
    """The names given to `-include` and `-imacros`: looked for as if in quotes, first in the client's folder."""
    return tuple(option[1] for option in _options(flags) if option[0] in {"-include", "-imacros"})


def header_probes(
    path: SearchPath, inputs: Sequence[str], mentions: Mapping[str, Mentions], forced: Sequence[str] = ()
) -> tuple[str, ...]:
    """Every place whose existence the preprocessor took into account besides the inputs themselves.

    For a header found in the n-th folder under a name that some input mentions: the n-1 folders before
    it. For names in quotes: also the folder of the file that mentions them. For names that
    `__has_include` asked about: all folders. A name that is itself a macro could be any: then every way
    to spell every input counts, also beside the file that uses the macro. So it does for headers outside
    the system's folders: they are few, and people write them.
    """
    folders = (*path.quoted, *path.angled)
    computing = [os.path.dirname(file) for file, said in mentions.items() if said.computed and file]
    any_name = any(said.computed for said in mentions.values())
    mentioned = (name for said in mentions.values() for name in _included(said))
    names = {_plain(name) for name in (*mentioned, *forced)}
    found: dict[str, None] = dict.fromkeys(path.missing)
    plain = [_plain(folder) for folder in folders]
    for file in (_plain(file) for file in (*inputs, *forced)):
        for index, folder in enumerate(plain):
            name = file.removeprefix(f"{folder}/") if folder else file
            inside = name != file or (not folder and not file.startswith("/"))
            if inside and (any_name or name in names or not _system(file)):
                found.update(dict.fromkeys(f"{earlier}/{name}" for earlier in (*folders[:index], *computing)))
    for file, said in mentions.items():
        own = os.path.dirname(file) if file else ""
        for name in (*said.quoted, *said.asked):
            if own:
                found[f"{own}/{name}"] = None
        for name in said.asked:
            found.update(dict.fromkeys(name if name.startswith("/") else f"{folder}/{name}" for folder in folders))
    known = {_plain(file) for file in inputs}
    return tuple(probe for probe in found if _plain(probe) not in known)


def library_path(spec: BuildSpec, compiler: Compiler) -> tuple[str, ...]:
    """The folders where `-l` looks, in order: those of the flags, `LIBRARY_PATH`, the compiler's own."""
    words = [word for option in _options(split_flags(spec.flags).linking) for word in option]
    variable = [folder for folder in spec.env.get("LIBRARY_PATH", "").split(":") if folder]
    return (*library_flags(words), *variable, *compiler.library_dirs)


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
    joined = ("".join(option) for option in _options(split_flags(flags).linking) if option[0].startswith("-l"))
    return tuple(word.removeprefix("-l:") for word in joined if word.startswith("-l:"))


def library_probes(inputs: Sequence[str], folders: Sequence[str], exact: Sequence[str] = ()) -> tuple[str, ...]:
    """Both forms of every library that was linked, and the start files, in every folder: one that appears
    or goes anywhere on the path means linking again."""
    files = set(exact)
    for path in inputs:
        name = os.path.basename(path)
        library = _LIBRARY_FILE.match(name)
        if library:
            files |= {f"lib{library[1]}.so", f"lib{library[1]}.a"}
        elif _START_FILE.match(name):
            files.add(name)
    spelled = dict.fromkeys(folder.rstrip("/") or "/" for folder in folders)
    return tuple(f"{folder}/{name}" for folder in spelled for name in sorted(files))
