"""Calls of gcc and clang as steps: the user's own words, with the outputs moved into the work folder.

What the words do is left as it is, to the byte. We add where the list of inputs
goes, `-Wdate-time` (see `GnuLike.reading`), and for a compile and link in one
command what keeps the two halves as quiet as the whole would have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zcnb.toolchain.base import WORK, Compiler, Step, object_word
from zcnb.toolchain.command import Command, Part, Role, depfile_name, object_name
from zcnb.toolchain.flags import leaks_cwd, linker_tools
from zcnb.toolchain.gnu_like import GnuLike, expansion_question, search_question

OBJECT_FILE, DEPFILE, PROGRAM = "out.o", "user.d", "out"
FULL, ASSEMBLED, LINKED = "full.d", "as.d", "link.d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """How the tool was called, and what it turned out to be."""

    toolchain: GnuLike
    compiler: Compiler
    argv0: str
    stdin: bytes


def compile_alone(caller: Caller, command: Command) -> tuple[Step, dict[str, str]]:
    """`-c` of one source: the step, and which file each of its outputs is for."""
    source = command.sources[0]
    target = command.output or object_name(source.words[0])
    words, depfile = command.words(*Role), command.depfile
    if depfile is None:
        return _compile(caller, command, words, source, _FULL_LIST, FULL), {OBJECT_FILE: target}
    named = depfile.words if depfile.targeted else (*depfile.words, "-MQ", target)
    kind, side = ("-MD", DEPFILE) if depfile.system else ("-MMD", FULL)
    step = _compile(caller, command, words, source, (kind, "-MF", f"{WORK}/{DEPFILE}", *named), side)
    # Without the system's headers the list is not enough: the compiler is asked for the whole one beside.
    beside = () if depfile.system else (caller.argv0, *words, "-M", "-MF", f"{WORK}/{FULL}", "-MT", "x")
    step = replace(step, outputs=(OBJECT_FILE, DEPFILE), left_on_failure=(DEPFILE,), listing=beside)
    return step, {OBJECT_FILE: target, DEPFILE: depfile_name(command)}


def compile_part(caller: Caller, command: Command, source: Part) -> Step:
    """One source of several, or of a command that goes on to link."""
    options = [word for part in command.parts if _compiling(part) for word in part.words]
    named = ("-x", source.language) if "-x" in command.words(Role.OPTION) else ()
    quiet = () if command.compile_only else caller.toolchain.quiet_words
    return _compile(caller, command, (*quiet, *options, *named, *source.words), source, _FULL_LIST, FULL)


def link(caller: Caller, command: Command) -> tuple[Step, dict[str, str]]:
    """The link of what is there, or of the objects that the sources' steps made."""
    words: list[str] = []
    made = 0
    for part in command.parts:
        if part.role is Role.SOURCE:
            words.append(object_word(made))
            made += 1
        elif part.words[0] != "-x" or not command.sources:
            words += part.words
    quiet = caller.toolchain.quiet_words if made else ()
    step = Step(
        name="link",
        language="c++",
        argv=(caller.argv0, *quiet, *words, f"-Wl,--dependency-file={WORK}/{LINKED}", "-o", f"{WORK}/{PROGRAM}"),
        program=caller.compiler.executable,
        shown=(caller.argv0, *words),
        outputs=(PROGRAM,),
        flags=tuple(word for word in words if "{zcnb:" not in word),
        side_files=(LINKED,),
        tools=linker_tools(words, caller.compiler),
        expansion=expansion_question(caller.compiler, caller.compiler.executable, command.words(Role.OPTION), "c++"),
    )
    return step, {PROGRAM: command.output or "a.out"}


_FULL_LIST = ("-MD", "-MF", f"{WORK}/{FULL}", "-MT", "x")


def _compile(
    caller: Caller, command: Command, words: Sequence[str], source: Part, listing: Sequence[str], side: str
) -> Step:
    compiler, options = caller.compiler, command.words(Role.OPTION)
    assembled = (f"-Wa,--MD,{WORK}/{ASSEMBLED}",) if caller.toolchain.assembler_lists_inputs else ()
    return Step(
        name="compile",
        language=source.language,
        argv=(caller.argv0, "-Wdate-time", *words, *assembled, *listing, "-c", "-o", f"{WORK}/{OBJECT_FILE}"),
        program=compiler.executable,
        shown=(caller.argv0, *words, "-c"),
        outputs=(OBJECT_FILE,),
        flags=options,
        search=search_question(compiler.executable, options, source.language),
        stdin=caller.stdin if source.words == ("-",) else b"",
        side_files=(side, ASSEMBLED) if assembled else (side,),
        expansion=expansion_question(compiler, compiler.executable, options, source.language),
        leaks_cwd=leaks_cwd(options),
    )


def _compiling(part: Part) -> bool:
    """Whether a part of a command that also links has a say in its compiles. The driver warns of the others."""
    word = part.words[0]
    return part.role is Role.OPTION and word != "-x" and not word.startswith(("-l", "-Wl,", "-Xlinker"))
