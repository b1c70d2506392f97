"""rustc. One run compiles and links, so there is one step.

rustup's `rustc` is a proxy that picks a toolchain by folder and environment:
it is resolved to the toolchain's own binary, which is what is hashed and run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from zcnb.errors import CompilerNotFound
from zcnb.model.digest import Digest
from zcnb.model.key import spec_digest
from zcnb.model.mentions import Mentions
from zcnb.model.spec import BuildSpec, Emit, Language
from zcnb.toolchain.base import (
    WORK,
    Compiler,
    Form,
    Identified,
    Lookups,
    Reading,
    Step,
    Toolchain,
    form_of,
    refuse,
)
from zcnb.toolchain.depfile import prerequisites
from zcnb.toolchain.flags import library_flags, linker_tools
from zcnb.toolchain.flags import why_uncacheable as flags_of_linker
from zcnb.toolchain.gcc import library_dirs, surroundings, tool_dirs
from zcnb.toolchain.search import library_probes

TAKES_VALUE = frozenset({"-C", "-L", "-l", "-A", "-W", "-D", "-F", "-Z"})
REFUSED = {"-o": "zcnb chooses where the program lies", "-": "the cell's text is the program"}
UNTRACKED = (
    "incremental",
    "profile-",
    "save-temps",
    "linker=",
    "linker-flavor",
    "linker-plugin",
    "split-debuginfo",
    "remark",
)
LINES = ("-C", "debuginfo=1")
ONE_UNIT = ("-C", "codegen-units=1")
REMARKS = ("-C", "remark=loop-vectorize slp-vectorizer inline")

_READS_FILES = re.compile(rb"\bmod\b|\binclude|\bpath\b")
_ENV_DEP = re.compile(r"^# env-dep:([^=\n]+)(?:=(.*))?$", re.MULTILINE)
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\\\": "\\"}


class Rustc(Toolchain):
    """Edition 2021 unless the cell says otherwise; colours always, paths without the private folder."""

    name = "rustc"
    languages = ("rust",)
    forms: Mapping[Emit, Form] = {
        "program": Form("", ("link",)),
        "asm": Form(".s", ("asm",), debug=LINES, intel=("-C", "llvm-args=--x86-asm-syntax=intel")),
        "llvm-ir": Form(".ll", ("llvm-ir",)),
        "mir": Form(".mir", ("mir",)),
    }
    """By rustc's own names, for its `--emit`."""

    def candidates(self, language: Language) -> tuple[str, ...]:
        return ("rustc",)

    def identity_probes(self, path: str, language: Language) -> dict[str, list[str]]:
        return {
            "version": [path, "-vV"],
            "sysroot": [path, "--print", "sysroot"],
            "target-libdir": [path, "--print", "target-libdir"],
            "dirs": ["cc", "-print-search-dirs"],
            "linker": ["ld", "--verbose"],
            "tool:ld": ["cc", "-print-prog-name=ld"],
            "tool:collect2": ["cc", "-print-prog-name=collect2"],
        }

    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        text, sysroot = answers.get("version", ""), answers.get("sysroot", "").strip()
        version = re.search(r"^rustc (\d+\.\d+\.\d+\S*)", text, re.MULTILINE)
        if version is None or not sysroot:
            raise CompilerNotFound(f"{path} does not say its version: {text.strip() or 'it cannot be run'}")
        own = os.path.join(sysroot, "bin", "rustc")
        executable = own if os.access(own, os.X_OK) else path
        libdir = answers.get("target-libdir", "").strip()
        linkers = os.path.join(os.path.dirname(libdir), "bin")  # rust-lld, which recent toolchains link with
        tools = [answers.get(name, "").strip() for name in ("tool:ld", "tool:collect2")]
        folders = (libdir, os.path.join(sysroot, "lib"), linkers, os.path.join(linkers, "gcc-ld"))
        dirs = answers.get("dirs", "")
        return Identified(
            executable=executable,
            version=version[1],
            tools=(executable, "cc", *filter(None, tools), *(file for folder in folders for file in _files(folder))),
            library_dirs=library_dirs(dirs, answers.get("linker", "")),
            tool_dirs=tool_dirs(dirs),
            context=(sysroot, *folders, os.path.dirname(os.path.dirname(libdir)), *surroundings(dirs)),
            facts=(text, sysroot),
        )

    def context_files(self, cwd: str, env: Mapping[str, str]) -> tuple[str, ...]:
        home = env.get("RUSTUP_HOME") or os.path.join(env.get("HOME", "/"), ".rustup")
        folders = [cwd]
        while (above := os.path.dirname(folders[-1])) != folders[-1]:
            folders.append(above)
        chosen = [os.path.join(f, name) for f in folders for name in ("rust-toolchain", "rust-toolchain.toml")]
        return (os.path.join(home, "settings.toml"), *chosen)

    def compile_step(self, spec: BuildSpec, compiler: Compiler) -> Step:
        form = form_of(self, spec.emit)
        flags = checked_flags(spec.flags)
        ours = (*form.added(flags), *(_remarks(form) if spec.remarks else ()))
        unit, stem = spec.filename, spec.unit
        output = f"{stem}{form.suffix}"
        links = spec.emit == "program"
        reason = why_uncacheable(flags)
        listing = ("-C", f"link-arg=-Wl,--dependency-file={WORK}/link.d") if links and "linker" not in reason else ()
        # With several units of code generation there would be several texts.
        one = () if links else ONE_UNIT
        (kind,) = form.words
        argv = (
            compiler.executable, "--edition", spec.edition, "--crate-name", stem, "--crate-type", "bin",
            "--color=always", *ours, *flags, *one, f"--remap-path-prefix={WORK}=",
            "--out-dir", WORK, f"--emit={kind}={WORK}/{output},dep-info={WORK}/{stem}.d", *listing, f"{WORK}/{unit}",
        )  # fmt: skip
        asked = () if links else (f"--emit={kind}",)
        return Step(
            name="compile",
            language="rust",
            argv=argv,
            shown=(compiler.info.name, "--edition", spec.edition, *ours, *flags, *one, *asked, unit, "-o", output),
            outputs=(output,),
            text=not links,
            flags=flags,
            source=spec.source,
            files={unit: spec.text},
            beside=bool(_READS_FILES.search(spec.source)),
            private_tmp=False,
            side_files=(f"{stem}.d", *(("link.d",) if links else ())),
            material=(spec_digest(spec),),
            tools=linkers(flags, compiler),
            expansion=native_question(compiler, flags),
            leaks_cwd=any(flag == "-g" or "debuginfo" in flag for flag in (*ours, *flags)),
            uncacheable=reason,
        )

    def link_step(self, spec: BuildSpec, compiler: Compiler, obj: Digest) -> Step | None:
        return None

    def reading(self, step: Step, side: Mapping[str, str], stderr: str) -> Reading:
        sources, libraries = side.get(step.side_files[0], ""), side.get("link.d", "")
        if "dependency-file" in stderr and "unrecognized" in stderr:
            ours = next(a for a in step.argv if "--dependency-file=" in a)
            return Reading(uncacheable="the linker does not list its inputs", retry_without=("-C", ours))
        linked = [path for path in prerequisites(libraries) if not _private(path)]
        asked = [(name, None if not eq else _unescaped(value)) for name, eq, value in _env_deps(sources)]
        return Reading(inputs=(*prerequisites(sources), *linked), env=tuple(asked))

    def lookups(
        self, step: Step, compiler: Compiler, env: Mapping[str, str], reading: Reading,
        mentions: Mapping[str, Mentions], search: str,
    ) -> Lookups:  # fmt: skip
        modules = [_other_module_path(path) for path in reading.inputs if path.endswith(".rs")]
        variable = [folder for folder in env.get("LIBRARY_PATH", "").split(":") if folder]
        folders = (*library_flags(_link_arguments(step.flags)), *variable, *compiler.library_dirs)
        return Lookups((*modules, *library_probes(reading.inputs, folders, _link_arguments(step.flags))))


def _remarks(form: Form) -> tuple[str, ...]:
    """What makes the optimizer say what it did. Without line numbers remarks have no place, and of several units of
    code generation rustc passes few remarks on."""
    return (*(() if form.debug else LINES), *ONE_UNIT, *REMARKS)


def checked_flags(flags: Sequence[str]) -> tuple[str, ...]:
    """The flags as they are. Raises `UsageError` for words that have no place on the magic line."""
    words = iter(flags)
    for word in words:
        if word in REFUSED:
            raise refuse(word, REFUSED[word])
        if not word.startswith("-"):
            raise refuse(word, "only options can stand on the magic line")
        if word in TAKES_VALUE and next(words, None) is None:
            raise refuse(word, "its value is missing")
    return tuple(flags)


def codegen(flags: Sequence[str]) -> tuple[str, ...]:
    """The codegen options, however they are spelled: `-C x=y`, `-Cx=y`, `--codegen x=y`, `--codegen=x=y`."""
    found = []
    for flag, following in pairwise((*flags, "")):
        if flag in {"-C", "--codegen"}:
            found.append(following)
        elif flag.startswith("--codegen="):
            found.append(flag.partition("=")[2])
        elif flag.startswith("-C"):
            found.append(flag[2:])
    return tuple(found)


def _link_arguments(flags: Sequence[str]) -> list[str]:
    """What `-C link-arg` and `-C link-args` hand to the linker's driver."""
    options = (option for option in codegen(flags) if option.startswith("link-arg"))
    return [word for option in options for word in option.partition("=")[2].split()]


def native_question(compiler: Compiler, flags: Sequence[str]) -> tuple[str, ...]:
    """A command that prints what `target-cpu=native` means here; empty where nothing says so."""
    if not (any("native" in flag for flag in flags) or compiler.script):
        return ()
    return (compiler.executable, *flags, "--print", "cfg", "--print", "target-cpus")


def linkers(flags: Sequence[str], compiler: Compiler) -> tuple[str, ...]:
    """Every file that may be the linker chosen with `-C link-arg=-fuse-ld=...`."""
    return linker_tools(_link_arguments(flags), compiler)


def why_uncacheable(flags: Sequence[str]) -> str:
    """The reason a run with these flags must not be stored; empty if it may."""
    for option in codegen(flags):
        if option.startswith(UNTRACKED):
            return f"-C {option} reads or writes files that are not tracked"
    if reason := flags_of_linker(_link_arguments(flags)):
        return reason
    for flag in flags:
        if flag.startswith("-Z"):
            return f"{flag} is unstable"
        if flag.startswith(("-L", "--extern", "--sysroot", "@")):
            return f"{flag}: crates found there are not tracked"
        if flag.startswith("--emit"):
            return f"{flag} writes files besides the program"
    return ""


def _files(folder: str) -> list[str]:
    try:
        return sorted(entry.path for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        return []


def _private(path: str) -> bool:
    """Objects that rustc made for this one link and deleted after it."""
    return path.endswith(".rcgu.o") or ("/rustc" in path and path.endswith(("/symbols.o", "/rmeta.o", ".rlib.o")))


def _other_module_path(path: str) -> str:
    """The second place where `mod x;` is looked for; a file there is an error (E0761)."""
    folder, name = os.path.split(path)
    if name == "mod.rs":
        return f"{folder}.rs"
    return os.path.join(folder, name.removesuffix(".rs"), "mod.rs")


def _env_deps(text: str) -> list[tuple[str, bool, str]]:
    return [(m[1], m[2] is not None, m[2] or "") for m in _ENV_DEP.finditer(text)]


def _unescaped(value: str) -> str:
    return re.sub(r"\\[nr\\]", lambda match: _ESCAPES[match[0]], value)
