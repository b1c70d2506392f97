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

_PROGRAMS = ("cc1", "cc1plus", "collect2", "as", "ld", "lto1", "lto-wrapper")


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
            **{f"tool:{program}": [path, f"-print-prog-name={program}"] for program in wanted},
            "tool:plugin": [path, "-print-file-name=liblto_plugin.so"],
            "tool:specs": [path, "-print-file-name=specs"],
        }

    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        version = re.search(r"(\d+\.\d+(?:\.\d+)?)(?:\s|$)", _after_vendor(answers.get("version", "")))
        if version is None:
            raise CompilerNotFound(f"{path} does not answer to --version as a compiler does; is it one?")
        tools = [answers[name].strip() for name in sorted(answers) if name.startswith("tool:")]
        return Identified(
            executable=path,
            version=version[1],
            tools=(path, *(tool for tool in tools if tool not in {"", "specs"})),
            library_dirs=library_dirs(answers.get("dirs", "")),
            context=tuple(os.path.join(folder, "specs") for folder in _installed(answers.get("dirs", ""))),
            facts=(answers["version"], answers.get("machine", "")),
        )


def _after_vendor(text: str) -> str:
    """The first line without what stands in brackets (the vendor's own version)."""
    return re.sub(r"\([^()]*\)", "", text.partition("\n")[0])


def library_dirs(text: str) -> tuple[str, ...]:
    """The folders in the `libraries:` line of `-print-search-dirs`."""
    match = re.search(r"^libraries: =?(.*)$", text, re.MULTILINE)
    return tuple(folder for folder in match[1].split(":") if folder) if match else ()


def _installed(text: str) -> list[str]:
    """The folder in the `install:` line of `-print-search-dirs`: a file `specs` in it changes what gcc does."""
    return re.findall(r"^install: (.+)$", text, re.MULTILINE)
