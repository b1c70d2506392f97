"""What the words on the magic line mean to gcc and clang. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zcnb.toolchain.base import Compiler, refuse

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
    "-config",
    "--gcc-",
    "-gcc-toolchain",
    "--sysroot",
    "-isysroot",
    "--target",
    "-target",
    "-resource-dir",
    "-ccc-",
    "-ivfsoverlay",
    "-vfsoverlay",
    "-working-directory",
    "-iplugindir",
    "-fimplicit-module",
    "-fapinotes",
)
"""Options that make a tool read files which no list names, or choose other files than `identity` knows of: the folders
among which clang picks a GCC, the libraries of another target, a whole other file system."""

_NUMBERS_AND_WORDS = frozenset({
    "abi-compat-version", "abi-version", "aligned-new", "align-functions", "align-jumps", "align-labels", "align-loops",
    "analyzer-checker", "analyzer-verbosity", "asan-shadow-offset", "binutils-version", "bracket-depth", "c++-abi",
    "caret-diagnostics-max-lines", "cf-protection", "checking", "clang-abi-compat", "color-diagnostics",
    "concepts-diagnostics-depth", "constexpr-backtrace-limit", "constexpr-cache-depth", "constexpr-depth",
    "constexpr-loop-limit", "constexpr-ops-limit", "constexpr-steps", "dbg-cnt", "debug-default-version",
    "debug-prefix-map", "debug-compilation-dir", "default-calling-conv", "denormal-fp-math", "denormal-fp-math-f32",
    "diagnostics-color", "diagnostics-column-origin", "diagnostics-column-unit", "diagnostics-escape-format",
    "diagnostics-format", "diagnostics-hotness-threshold", "diagnostics-minimum-margin-width",
    "diagnostics-path-format", "diagnostics-show-category", "diagnostics-show-location",
    "diagnostics-text-art-charset", "diagnostics-urls", "disable-tree", "emit-dwarf-unwind",
    "emit-struct-debug-detailed", "excess-precision", "exec-charset", "extend-arguments", "file-compilation-dir",
    "file-prefix-map", "fp-contract", "fp-eval-method", "fp-exception-behavior", "fp-model", "gnuc-version",
    "inline-limit", "inline-max-stacksize", "input-charset", "instrument-functions-exclude-function-list",
    "ira-algorithm", "ira-region", "ira-verbose", "lax-vector-conversions", "lifetime-dse", "live-patching",
    "macro-backtrace-limit", "macro-prefix-map", "max-errors", "max-include-depth", "max-tokens", "max-type-align",
    "message-length", "ms-compatibility-version", "msc-version", "new-alignment", "no-builtin", "no-sanitize",
    "no-sanitize-coverage", "no-sanitize-recover", "no-sanitize-trap", "openmp",
    "openmp-version", "operator-arrow-depth", "pack-struct", "patchable-function-entry",
    "permitted-flt-eval-methods", "random-seed", "randomize-layout-seed", "reorder-blocks-algorithm", "sanitize",
    "sanitize-address-destructor", "sanitize-address-field-padding", "sanitize-address-use-after-return",
    "sanitize-coverage", "sanitize-hwaddress-abi", "sanitize-memory-track-origins", "sanitize-memtag-mode",
    "sanitize-recover", "sanitize-sections", "sanitize-trap", "sanitize-undefined-strip-path-components",
    "sched-stalled-insns", "sched-stalled-insns-dep", "sched-verbose", "show-overloads", "simd-cost-model",
    "spell-checking-limit", "sso-struct", "stack-check", "stack-limit-register", "stack-limit-symbol", "stack-reuse",
    "strict-flex-arrays", "strong-eval-order", "strub", "tabstop", "template-backtrace-limit", "template-depth",
    "tls-model", "track-macro-expansion", "trap-function", "trapv-handler", "tree-parallelize-loops",
    "trivial-auto-var-init", "trivial-auto-var-init-max-size", "trivial-auto-var-init-stop-after", "use-ld", "veclib",
    "vect-cost-model", "visibility", "visibility-global-new-delete", "wide-exec-charset", "zero-call-used-regs",
})  # fmt: skip
"""The `-f...=` of gcc 12 to 15 and clang 19 whose values are numbers, words or names of folders to write down: with
any other, the value may name a file that is read or written."""

_LLVM_HARMLESS = re.compile(r"--?[\w-]+(?:=(?:\d+|true|false|att|intel))?$")
_LLVM_FILES = re.compile(r"dot|view|dump|file|path|dir|profile|report|stat|trace|record|json|output|save|write|load")
"""Among `-mllvm` options: the form that names no file, and words of those that write one all the same."""

LINK_SIDE_FILES = frozenset({
    "print-symbol-counts", "print-symbol-order", "separate-debug-file", "incremental", "incremental-full",
    "incremental-update", "incremental-changed", "incremental-unchanged", "incremental-unknown", "incremental-base",
    "opt-remarks-filename", "thinlto-cache-dir", "thinlto-index", "thinlto-emit-imports-files", "chroot",
    "error-handling-script", "remap-inputs-file", "sysroot", "Map", "dependency-file", "out-implib", "plugin",
    "print-map", "M", "cref", "trace", "t", "lto-obj-path", "save-temps", "thinlto-index-only", "print-archive-stats",
    "repro", "reproduce", "time-trace", "why-extract",
})  # fmt: skip
"""Options of linkers that read or write files which no list of inputs names, without their dashes."""

SYSTEM_FOLDERS = ("-isystem", "-idirafter", "-iwithprefix", "-iprefix")

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
        if _may_name_a_file(flag):
            return f"{flag} may read or write a file that is not tracked"
    for before, flag in pairwise(("", *flags)):
        if before == "-mllvm" and (_LLVM_FILES.search(flag) or not _LLVM_HARMLESS.match(flag)):
            return f"-mllvm {flag} may read or write a file that is not tracked"
        handed = [flag] if before == "-Xlinker" else flag.split(",")[1:] if flag.startswith("-Wl,") else []
        if any(word.startswith("@") or word.partition("=")[0].lstrip("-") in LINK_SIDE_FILES for word in handed):
            return f"{flag} reads or writes files besides the program"
    return ""


def _may_name_a_file(flag: str) -> bool:
    """Whether `-f...=VALUE`, or a `-m...=VALUE` that looks like a path, is none that is known to name no file."""
    name, equals, value = flag.partition("=")
    return bool(equals) and (
        (name.startswith("-f") and name[2:] not in _NUMBERS_AND_WORDS) or (name.startswith("-m") and "/" in value)
    )


def leaks_cwd(flags: Sequence[str]) -> bool:
    """Whether the working folder's name gets into the object. Debug information does that, and gcc completes the names
    of headers in relative system folders where that makes them shorter: `__FILE__` shows it."""
    traced = ("-g", "-fdebug", "-frecord", "-fprofile", "-fsanitize", "-pg")
    return any(f.startswith(traced) and f != "-g0" for f in flags) or any(map(_relative_system, options(flags)))


def _relative_system(option: tuple[str, ...]) -> bool:
    kind = next((kind for kind in SYSTEM_FOLDERS if option[0].startswith(kind)), "")
    return bool(kind) and not "".join(option).removeprefix(kind).startswith("/")


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


def linker_tools(words: Sequence[str], compiler: Compiler) -> tuple[str, ...]:
    """Every file that may be the linker chosen with `-fuse-ld=` or `--ld-path=`: drivers look into their own folders
    first, and then on PATH."""
    chosen = [word.partition("=")[2] for word in words if word.startswith(("-fuse-ld=", "--ld-path="))]
    names = [file for name in chosen for file in (f"ld.{name}", name)]
    bare = [f"{prefix}{name}" for prefix in {compiler.tool_prefix: 0, "": 0} for name in names if "/" not in name]
    inside = [f"{folder}/{name}" for folder in compiler.tool_dirs for name in bare]
    return tuple(dict.fromkeys((*names, *bare, *inside)))
