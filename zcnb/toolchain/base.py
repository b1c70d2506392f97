"""The adapter's interface and the frozen values it deals in.

`tests/contracts/test_toolchains.py` is its conformance suite: every adapter
whose compiler is installed compiles, links, reads inputs and fails through it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from zcnb.errors import UsageError
from zcnb.model.digest import Digest
from zcnb.model.mentions import Mentions
from zcnb.model.outcome import CompilerInfo, StepName
from zcnb.model.spec import BuildSpec, Emit, Language

WORK = "{zcnb:work}"
"""Stands in an argv for the private folder of one run, so that the key does not see it."""


def object_word(number: int) -> str:
    """Stands in a link's argv for the path in the store of the object made by an earlier step."""
    return f"{{zcnb:object:{number}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What the answers of a compiler to `identity_probes` say.

    `tools` are paths, or bare names to be looked up on the client's PATH; all of
    them, and the shared libraries they load, make up the compiler's identity.
    """

    executable: str
    version: str
    tools: tuple[str, ...]
    library_dirs: tuple[str, ...] = ()
    tool_dirs: tuple[str, ...] = ()
    """Where the driver looks for what it drives before it looks on PATH."""
    tool_prefix: str = ""
    """With this in front, a tool's name is tried first (clang: `x86_64-pc-linux-gnu-`)."""
    context: tuple[str, ...] = ()
    """Files and folders (there or not) whose appearing or changing makes the compiler another one: the
    configuration it would find, the folder in which it picks the newest of its helpers."""
    facts: tuple[str, ...] = ()
    """Anything else that tells two installations apart (target, specs, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """A compiler that was found, asked and hashed."""

    info: CompilerInfo
    executable: str
    """What is run: for a rustup proxy, the toolchain's own binary."""
    identity: Digest
    library_dirs: tuple[str, ...] = ()
    tool_dirs: tuple[str, ...] = ()
    tool_prefix: str = ""
    language: Language = "c++"
    """For which of its languages it was asked."""
    script: bool = False
    """A script that calls a compiler: what it adds must be asked for at every request."""


@dataclass(frozen=True, slots=True)
class Form:
    """One of the things that a compile can end in, and the words that ask for it."""

    suffix: str
    words: tuple[str, ...]
    """They follow the user's flags."""
    debug: tuple[str, ...] = ()
    """They come before the user's flags, which may say otherwise. Line numbers for a listing: compilers take care
    that debug information changes no instruction, only the directives around them, and those are not shown. (rustc
    reads a mark for gdb in the entry that it adds itself, which is not shown either.)"""
    intel: tuple[str, ...] = ()
    """They ask for Intel syntax, as on Compiler Explorer; left out where the user chose a syntax."""

    def added(self, flags: Sequence[str]) -> tuple[str, ...]:
        """What comes before the user's `flags`."""
        chosen = any("-masm=" in flag or "asm-syntax" in flag for flag in flags)
        return self.debug if chosen else (*self.debug, *self.intel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run of a tool. `argv` holds `WORK` and `object_word`s where private paths go."""

    name: StepName
    language: Language
    argv: tuple[str, ...]
    program: str = ""
    """What is run, where that is not `argv[0]`."""
    shown: tuple[str, ...]
    """The command as a person would type it."""
    outputs: tuple[str, ...]
    """File names of the results inside the work folder, the main one first."""
    text: bool = False
    """Whether the results are texts, in which the private folder may be named; it is taken out of them."""
    left_on_failure: tuple[str, ...] = ()
    """Those of them that the tool writes also when it fails."""
    flags: tuple[str, ...] = ()
    """The user's words that say where the tool looks for files."""
    source: bytes = b""
    """The unit's text, where it is in no file of the client's."""
    search: tuple[str, ...] = ()
    """A command that prints where headers are looked for; empty if that does not matter."""
    listing: tuple[str, ...] = ()
    """A command that writes the list of inputs, where the tool itself cannot; run beside it."""
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files to put into the work folder first."""
    beside: bool = False
    """Whether what lies in the client's folder must appear beside the unit, as links."""
    private_tmp: bool = True
    """Whether the tool's temporary files go to the work folder, or its own would make `/tmp` look changed."""
    side_files: tuple[str, ...] = ()
    """Files the tool writes for us: lists of inputs."""
    material: tuple[Digest, ...] = ()
    tools: tuple[str, ...] = ()
    """Tools used beyond the compiler's own (`-fuse-ld=mold`); hashed into the key."""
    expansion: tuple[str, ...] = ()
    """A command whose answer belongs to the key (what `-march=native` means here); empty for none."""
    leaks_cwd: bool = False
    uncacheable: str = ""
    """Why the result must not be stored; empty if it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a tool says it read: paths as it saw them, and variables the source asked for."""

    inputs: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    """Names that may be files which were read, or mean something else: inputs where they exist."""
    env: tuple[tuple[str, str | None], ...] = ()
    uncacheable: str = ""
    retry_without: tuple[str, ...] = ()
    """Arguments of ours that disturbed the run: run again without them."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Where else the tool looked: paths whose existence matters, or why that cannot be told."""

    probes: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    """Files that, where they exist, may have been read although no list names them: inputs then, and probes."""
    asked: tuple[str, ...] = ()
    """Those whose mere existence the source asks for (`__has_include`): nothing else would tell that they were
    there for a moment."""
    unwanted: tuple[str, ...] = ()
    """Files that, if they exist, may have been used in a way that no list tells (precompiled headers)."""
    uncacheable: str = ""


class Toolchain(ABC):
    """One family of compilers."""

    name: str
    languages: tuple[Language, ...]
    forms: Mapping[Emit, Form]
    """What it can make of a cell."""

    @abstractmethod
    def candidates(self, language: Language) -> tuple[str, ...]:
        """Names to look for on PATH, best first."""

    @abstractmethod
    def identity_probes(self, path: str, language: Language) -> dict[str, list[str]]:
        """Commands whose answers `identify` needs, by name."""

    @abstractmethod
    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        """Who this is. Raises `CompilerNotFound` if the answers make no sense."""

    def context_files(self, cwd: str, env: Mapping[str, str]) -> tuple[str, ...]:
        """Files (there or not) that decide which compiler a name stands for in `cwd`."""
        return ()

    @abstractmethod
    def compile_step(self, spec: BuildSpec, compiler: Compiler) -> Step:
        """The first step. Raises `UsageError` for flags that cannot be used in a cell, and for a form that this
        compiler does not make."""

    @abstractmethod
    def link_step(self, spec: BuildSpec, compiler: Compiler, obj: Digest) -> Step | None:
        """The second step, or `None` if the first one already made the program or the text that was asked for."""

    @abstractmethod
    def reading(self, step: Step, side: Mapping[str, str], stderr: str) -> Reading:
        """What a finished run read, from the contents of its `side_files` and its messages."""

    def search_holds(self, search: str, is_folder: Callable[[str], bool]) -> bool:
        """Whether an earlier answer to a step's `search` still describes the folders there are."""
        return True

    @abstractmethod
    def lookups(
        self, step: Step, compiler: Compiler, env: Mapping[str, str], reading: Reading,
        mentions: Mapping[str, Mentions], search: str,
    ) -> Lookups:  # fmt: skip
        """Where else the tool looked. `mentions` has one value for each input and for the step's own `source`
        (under the name ``""``); `search` is the answer to the step's question."""


_NOT_MADE: dict[Emit, str] = {
    "llvm-ir": "{name} is not built on LLVM. Add `--compiler clang++` (in C cells `--compiler clang`)",
    "mir": "MIR is rustc's own form of a program, so only Rust cells have it",
    "preprocessed": "Rust has no preprocessor",
}


def form_of(toolchain: Toolchain, emit: Emit) -> Form:
    """How `toolchain` is asked for `emit`. Raises `UsageError`, which says what can be had instead."""
    form = toolchain.forms.get(emit)
    if form is None:
        *known, last = (name for name in toolchain.forms if name != "program")
        why = _NOT_MADE[emit].format(name=toolchain.name)
        raise UsageError(
            f"--emit {emit} is not possible here: {why}. With {toolchain.name} it can be {', '.join(known)} or {last}."
        )
    return form


def refuse(flag: str, why: str) -> UsageError:
    """The error for a flag that makes no sense in a cell."""
    return UsageError(f"The flag {flag} cannot be used here: {why}.")


def named_paths(argv: Sequence[str]) -> tuple[str, ...]:
    """Every part of the arguments that could be a file's name: whole words, and what follows `=` or `,`.

    Those that are files are inputs (`-fsanitize-ignorelist=f`, `-Wl,--version-script=f`, `-T f`).
    """
    found: dict[str, None] = {}
    for word in argv:
        for part in (word, *word.split(","), *word.partition("=")[2:], *(p.partition("=")[2] for p in word.split(","))):
            if part and not part.startswith("-") and "{zcnb:" not in part:
                found[part] = None
        if word.startswith(("-T", "-include")) and len(word) > 2:
            found[word.removeprefix("-include").removeprefix("-T")] = None
    return tuple(found)
