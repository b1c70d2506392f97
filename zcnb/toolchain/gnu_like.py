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
from collections.abc import Callable, Mapping, Sequence

from zcnb.model.digest import Digest
from zcnb.model.key import spec_digest
from zcnb.model.mentions import Mentions
from zcnb.model.spec import BuildSpec, Emit, Language
from zcnb.toolchain.base import WORK, Compiler, Form, Lookups, Reading, Step, Toolchain, form_of, object_word
from zcnb.toolchain.depfile import prerequisites
from zcnb.toolchain.flags import (
    forced_includes,
    leaks_cwd,
    library_flags,
    linker_tools,
    mentions_native,
    split_flags,
    why_uncacheable,
)
from zcnb.toolchain.search import (
    PREDEFINED,
    SearchPath,
    asked_probes,
    header_probes,
    included,
    is_system,
    library_probes,
    search_path,
    twin_probes,
)

_DATE_TIME = re.compile(r"\[-W(?:error[=,](?:-W)?)?date-time\]")
COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")


class GnuLike(Toolchain):
    """gcc's command line. Subclasses differ in names, in how they are identified and in small options."""

    languages = ("c", "c++")
    forms: Mapping[Emit, Form] = {
        "program": Form(".o", ("-c",)),
        # -fno-lto: otherwise the text is what the linker's compiler reads.
        "asm": Form(".s", ("-fno-lto", "-S"), debug=("-g1",), intel=("-masm=intel",)),
        "preprocessed": Form(".i", ("-E",)),
    }
    remarks: tuple[str, ...] = ()
    """Makes the optimizer say what it did."""
    compile_extra: tuple[str, ...] = ()
    link_extra: tuple[str, ...] = ()
    assembler_lists_inputs = False
    quiet_words: tuple[str, ...] = ()
    """Keeps a driver from complaining about words that are for the other half of a compile and link."""
    removes_output = False
    """Whether an older object goes when a compile fails."""

    def standard(self, language: Language, version: str) -> str:
        """The default `-std=`: C++20 where the compiler has it, else C++17; C as the compiler likes it."""
        if language == "c":
            return ""
        return "-std=c++20" if int(version.partition(".")[0]) >= 10 else "-std=c++17"

    def compile_step(self, spec: BuildSpec, compiler: Compiler) -> Step:
        form = form_of(self, spec.emit)
        flags = self._compile_flags(spec, compiler)
        ours = (*form.added(flags), *(self.remarks if spec.remarks else ()))
        unit, stem = spec.filename, spec.unit
        output = f"{stem}{form.suffix}"
        reason = why_uncacheable(spec.flags)
        assembles = self.assembler_lists_inputs and spec.emit == "program"
        lists = (f"{stem}.d", *((f"{stem}.as.d",) if assembles else ()))
        listing = ["-MD", "-MF", f"{WORK}/{stem}.d", "-MT", stem]
        if assembles and not reason:
            listing.append(f"-Wa,--MD,{WORK}/{stem}.as.d")
        argv = (
            compiler.executable, "-fdiagnostics-color=always", *self.compile_extra, "-Wdate-time", "-iquote", ".",
            *ours, *flags, f"-ffile-prefix-map={WORK}/=", *listing, *form.words, f"{WORK}/{unit}",
            "-o", f"{WORK}/{output}",
        )  # fmt: skip
        return Step(
            name="compile",
            language=spec.language,
            argv=argv,
            shown=(compiler.info.name, *ours, *flags, *form.words, unit, "-o", output),
            outputs=(output,),
            text=spec.emit != "program",
            flags=flags,
            source=spec.source,
            search=search_question(compiler.executable, ("-iquote", ".", *flags), spec.language),
            files={unit: spec.text},
            side_files=lists,
            material=(spec_digest(spec),),
            expansion=expansion_question(compiler, compiler.executable, flags, spec.language),
            leaks_cwd=leaks_cwd((*ours, *flags)),
            uncacheable=reason,
        )

    def _compile_flags(self, spec: BuildSpec, compiler: Compiler) -> tuple[str, ...]:
        flags = split_flags(spec.flags).compiling
        standard = self.standard(spec.language, compiler.info.version)
        chosen = any(f.startswith(("-std=", "-ansi")) for f in flags)
        return flags if chosen or not standard else (standard, *flags)

    def link_step(self, spec: BuildSpec, compiler: Compiler, obj: Digest) -> Step | None:
        if spec.emit != "program":
            return None
        flags = split_flags(spec.flags).linking
        argv = (
            compiler.executable, "-fdiagnostics-color=always", *self.link_extra, object_word(0), *flags,
            f"-Wl,--dependency-file={WORK}/link.d", "-o", f"{WORK}/{spec.unit}",
        )  # fmt: skip
        return Step(
            name="link",
            language=spec.language,
            argv=argv,
            shown=(compiler.info.name, f"{spec.unit}.o", *flags, "-o", spec.unit),
            outputs=(spec.unit,),
            flags=flags,
            side_files=("link.d",),
            material=(obj,),
            tools=linker_tools(flags, compiler),
            uncacheable=why_uncacheable(spec.flags),
        )

    def reading(self, step: Step, side: Mapping[str, str], stderr: str) -> Reading:
        if _DATE_TIME.search(COLOUR.sub("", stderr)) and "-Wdate-time" in step.argv:
            return Reading(uncacheable="uses the time of day", retry_without=("-Wdate-time",))
        if step.name == "link" and "dependency-file" in stderr:
            ours = next(a for a in step.argv if a.startswith("-Wl,--dependency-file="))
            return Reading(uncacheable="the linker does not list its inputs", retry_without=(ours,))
        lists = [prerequisites(text) for text in side.values()]
        inputs = [path for paths in lists for path in paths if not _private(path)]
        # The assembler also lists what `.file` says: the source's name without its folder.
        unit = os.path.basename(inputs[0]) if inputs and step.name == "compile" else ""
        perhaps = (unit,) if unit and unit != inputs[0] and any(unit in paths for paths in lists[1:]) else ()
        return Reading(inputs=tuple(path for path in dict.fromkeys(inputs) if path not in perhaps), perhaps=perhaps)

    def lookups(
        self, step: Step, compiler: Compiler, env: Mapping[str, str], reading: Reading,
        mentions: Mapping[str, Mentions], search: str,
    ) -> Lookups:  # fmt: skip
        if step.name != "compile":
            path = library_path(step.flags, env, compiler)
            return Lookups(library_probes(reading.inputs, path, step.flags))
        return self._header_lookups(step, env, reading, mentions, search)

    def _header_lookups(
        self, step: Step, env: Mapping[str, str], reading: Reading, mentions: Mapping[str, Mentions], search: str
    ) -> Lookups:
        flags = step.flags
        path = search_path(search)
        reason = self._unseen(mentions, flags) or _completed(env, reading.inputs, path)
        if not path.angled:
            reason = reason or "the compiler does not say where it looks for headers"
        if path.ambiguous:
            reason = reason or "one folder is searched under two names"
        forced = forced_includes(flags)
        unit, said = _unit(step, mentions)
        folders = (os.path.dirname(unit) or ".", *path.quoted, *path.angled)
        # A header may stand in its precompiled form alone.
        unasked = tuple({PREDEFINED}.intersection(map(os.path.basename, reading.inputs)))
        own = (f"{folder}/{name}" for folder in folders for name in (*included(said), *forced, *unasked))
        precompiled = tuple(f"{file}{form}" for file in (*reading.inputs, *forced, *own) for form in (".gch", ".pch"))
        asked = asked_probes(path, mentions)
        probes = (*header_probes(path, reading.inputs, mentions, forced), *asked)
        return Lookups(probes, twin_probes(path, mentions), asked, precompiled, reason)

    def search_holds(self, search: str, is_folder: Callable[[str], bool]) -> bool:
        path = search_path(search)
        return (
            not path.ambiguous
            and all(map(is_folder, (*path.quoted, *path.angled)))
            and not any(map(is_folder, path.missing))
        )

    def _unseen(self, mentions: Mapping[str, Mentions], flags: Sequence[str]) -> str:
        """Why the texts themselves forbid storing; empty if they do not."""
        once = any(said.once for path, said in mentions.items() if not is_system(path))
        for path, said in mentions.items():
            if said.clock:
                return "uses __DATE__, __TIME__ or __TIMESTAMP__"
            if said.clock_pieces and not is_system(path):
                return "holds pieces of __DATE__ or __TIME__, which ## could put together"
            if said.asked_aside and not is_system(path):
                return "holds pieces of __has_include, which ## could put together, or another name for it"
            if said.hidden:
                return f"uses {said.hidden}"
            if said.computed and once and not is_system(path):
                return "a header is to be read once, and one is included by a macro's name"
            if any("\\" in name for name in included(said)):
                return "a header's name holds a backslash, which the compiler writes as a slash"
        if any("\\" in name for name in forced_includes(flags)):
            return "a header's name holds a backslash, which the compiler writes as a slash"
        if "-w" in flags or any("date-time" in flag for flag in flags):
            return "with this flag the compiler does not tell whether the time of day is used"
        if not self.assembler_lists_inputs and any(m.asm for path, m in mentions.items() if not is_system(path)):
            return "uses inline assembly, which may include files"
        return ""


def _private(path: str) -> bool:
    """Our own files and the driver's temporary ones."""
    return "/cc" in path and path.endswith(".s")


def _completed(env: Mapping[str, str], inputs: Sequence[str], path: SearchPath) -> str:
    """Why a variable forbids storing: gcc completes the names of headers in relative system folders where that makes
    them shorter, and the key does not hold the folder that it completes them with."""
    absolute = tuple(f"{folder.rstrip('/')}/" for folder in (*path.quoted, *path.angled) if folder.startswith("/"))
    strange = any(name.startswith("/") and not name.startswith(absolute) for name in inputs)
    for name in ("C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH") if strange else ():
        if not all(folder.startswith("/") for folder in env.get(name, "/").split(":")):
            return f"{name} names a folder that is not absolute"
    return ""


def library_path(flags: Sequence[str], env: Mapping[str, str], compiler: Compiler) -> tuple[str, ...]:
    """The folders where `-l` looks, in order: those of the flags, `LIBRARY_PATH`, the compiler's own."""
    variable = [folder for folder in env.get("LIBRARY_PATH", "").split(":") if folder]
    return (*library_flags(flags), *variable, *compiler.library_dirs)


def search_question(driver: str, flags: Sequence[str], language: Language) -> tuple[str, ...]:
    """A command that prints where headers are looked for."""
    return (driver, *flags, "-E", "-v", "-x", language, os.devnull)


def expansion_question(compiler: Compiler, driver: str, flags: Sequence[str], language: Language) -> tuple[str, ...]:
    """A command that prints what the flags mean on this machine; empty where they mean what they say."""
    if not (mentions_native(flags) or compiler.script):
        return ()
    return (driver, *flags, "-###", "-E", "-x", language, os.devnull)


def _unit(step: Step, mentions: Mapping[str, Mentions]) -> tuple[str, Mentions]:
    """The unit's path and what it mentions: a cell's text (which has none), or the first of the files that were
    read."""
    files = ((path, said) for path, said in mentions.items() if path)
    return ("", mentions[""]) if step.source or step.stdin else next(files, ("", mentions[""]))
