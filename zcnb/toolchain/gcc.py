"""GCC: g++ and gcc."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from zcnb.errors import CompilerNotFound
from zcnb.model.spec import Language
from zcnb.toolchain.base import Identified, Reading, Step
from zcnb.toolchain.gnu_like import COLOUR, GnuLike

_NO_INTEL_SYNTAX = re.compile(r"(?m)^[^\s:]+: .*-masm=")
"""The driver's or the compiler's own complaint, in any language: it names no line."""

_PROGRAMS = ("cc1", "cc1plus", "collect2", "as", "real-ld", "collect-ld", "ld", "lto1", "lto-wrapper")
"""What g++ drives; collect2 takes the first linker that goes by one of three names."""

_SPECS = ("specs", "libgomp.spec", "libitm.spec", "libsanitizer.spec")
"""Files that add to every command, or to those with `-fopenmp` and the like."""


class Gcc(GnuLike):
    """Diagnostics keep to plain text: hyperlinks to the manual (`-fdiagnostics-urls`) clutter notebooks."""

    name = "gcc"
    remarks = ("-fopt-info-vec-inline-optimized-missed",)
    compile_extra = ("-fdiagnostics-urls=never",)
    link_extra = ("-fdiagnostics-urls=never",)
    assembler_lists_inputs = True
    """GNU as lists every `.include` and `.incbin` with `--MD`, also when put together from pieces."""

    def reading(self, step: Step, side: Mapping[str, str], stderr: str) -> Reading:
        # Other processors than x86 have one syntax, and gcc for them does not know the option.
        ours = "-masm=intel"
        asked = step.text and ours in step.argv and ours not in step.flags
        if asked and _NO_INTEL_SYNTAX.search(COLOUR.sub("", stderr)):
            return Reading(retry_without=(ours,))
        return super().reading(step, side, stderr)

    def candidates(self, language: Language) -> tuple[str, ...]:
        return ("g++", "c++") if language == "c++" else ("gcc", "cc")

    def identity_probes(self, path: str, language: Language) -> dict[str, list[str]]:
        wanted = [p for p in _PROGRAMS if p != ("cc1" if language == "c++" else "cc1plus")]
        return {
            "version": [path, "--version"],
            "machine": [path, "-dumpmachine"],
            "dirs": [path, "-print-search-dirs"],
            "linker": ["ld", "--verbose"],
            **{f"tool:{program}": [path, f"-print-prog-name={program}"] for program in wanted},
            "tool:plugin": [path, "-print-file-name=liblto_plugin.so"],
            **{f"tool:{specs}": [path, f"-print-file-name={specs}"] for specs in _SPECS},
        }

    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        version = re.search(r"(\d+\.\d+(?:\.\d+)?)(?:\s|$)", _after_vendor(answers.get("version", "")))
        if version is None:
            raise CompilerNotFound(f"{path} does not answer to --version as a compiler does; is it one?")
        tools = [answers[name].strip() for name in sorted(answers) if name.startswith("tool:")]
        dirs = answers.get("dirs", "")
        return Identified(
            executable=path,
            version=version[1],
            tools=(path, *(tool for tool in tools if tool not in {"", *_SPECS})),
            library_dirs=library_dirs(dirs, answers.get("linker", "")),
            tool_dirs=tool_dirs(dirs),
            context=surroundings(dirs),
            facts=(answers["version"], answers.get("machine", "")),
        )


def _after_vendor(text: str) -> str:
    """The first line without what stands in brackets (the vendor's own version)."""
    return re.sub(r"\([^()]*\)", "", text.partition("\n")[0])


def library_dirs(dirs: str, linker: str) -> tuple[str, ...]:
    """Where libraries are looked for: the folders that the driver names in its answer to `-print-search-dirs`, and
    after them those that `ld --verbose` shows to be built into the linker."""
    built_in = re.findall(r'SEARCH_DIR\("=?([^"]+)"\)', linker)
    return tuple(dict.fromkeys((*_folders("libraries", dirs), *built_in)))


def tool_dirs(dirs: str) -> tuple[str, ...]:
    """Where the driver looks for the programs it drives, from its answer to `-print-search-dirs`."""
    return _folders("programs", dirs)


def surroundings(dirs: str) -> tuple[str, ...]:
    """What would make gcc another compiler if something came there: the folders of its programs (`COMPILER_PATH` is
    among them), and files of specs in the folders of its libraries."""
    specs = (os.path.join(folder, name) for folder in _folders("libraries", dirs) for name in _SPECS)
    return tuple(dict.fromkeys((*tool_dirs(dirs), *specs)))


def _folders(kind: str, dirs: str) -> tuple[str, ...]:
    """The folders in one line of the answer to `-print-search-dirs`, each once."""
    match = re.search(rf"^{kind}: =?(.*)$", dirs, re.MULTILINE)
    return tuple(dict.fromkeys(folder for folder in match[1].split(":") if folder)) if match else ()
