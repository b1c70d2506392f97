"""Clang: clang++ and clang, also under a version's name (clang++-19) or as Apple's cc."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace

from zcnb.errors import CompilerNotFound
from zcnb.model.spec import Emit, Language
from zcnb.toolchain.base import Form, Identified
from zcnb.toolchain.gcc import library_dirs
from zcnb.toolchain.gnu_like import GnuLike

NEWEST = 25
OLDEST = 11
"""Versions looked for under names such as clang++-19, which is what distributions install."""


class Clang(GnuLike):
    """It complains about arguments that only matter to another step; a cell's flags go to both."""

    name = "clang"
    forms: Mapping[Emit, Form] = {
        **GnuLike.forms,
        # Not by -masm=intel, which would also make it read `asm` of the user's as Intel syntax.
        "asm": replace(GnuLike.forms["asm"], intel=("-mllvm", "--x86-asm-syntax=intel")),
        "llvm-ir": Form(".ll", ("-S", "-emit-llvm")),
    }
    remarks = tuple(f"-Rpass{kind}=vectorize|inline" for kind in ("", "-missed", "-analysis"))
    compile_extra = ("-Wno-unused-command-line-argument",)
    link_extra = ("-Wno-unused-command-line-argument",)
    quiet_words = ("-Qunused-arguments",)
    removes_output = True

    def candidates(self, language: Language) -> tuple[str, ...]:
        plain = "clang++" if language == "c++" else "clang"
        return (plain, *(f"{plain}-{number}" for number in range(NEWEST, OLDEST - 1, -1)))

    def identity_probes(self, path: str, language: Language) -> dict[str, list[str]]:
        return {
            "version": [path, "--version"],
            "selected": [path, "-v"],
            "dirs": [path, "-print-search-dirs"],
            "tool:ld": [path, "-print-prog-name=ld"],
            "runtime": [path, "-print-resource-dir"],
        }

    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        text = answers.get("version", "")
        version = re.search(r"clang version (\d+(?:\.\d+)*)", text)
        if version is None:
            raise CompilerNotFound(f"{path} does not answer to --version as clang does; is it clang?")
        configured = re.findall(r"^Configuration file: (.+)$", text, re.MULTILINE)
        selected = answers.get("selected", "")
        linker = answers.get("tool:ld", "").strip()
        return Identified(
            executable=path,
            version=version[1],
            tools=(path, *([linker] if linker else []), *configured),
            library_dirs=library_dirs(answers.get("dirs", "")),
            context=(*_configuration(path, selected), *_libraries_to_pick(selected)),
            facts=(text, selected, answers.get("runtime", "")),
        )


def _configuration(path: str, verbose: str) -> list[str]:
    """Where this clang reads its configuration from, if something lies there."""
    places = r"^(?:InstalledDir|(?:System|User) configuration file directory): (.+)$"
    folders = re.findall(places, verbose, re.MULTILINE)
    target = re.search(r"^Target: (\S+)$", verbose, re.MULTILINE)
    names = {os.path.basename(path), "clang", "clang++"}
    if target is not None:
        names |= {target[1], *(f"{target[1]}-{name}" for name in tuple(names))}
    return [os.path.join(folder, f"{name}.cfg") for folder in folders for name in sorted(names)]


def _libraries_to_pick(verbose: str) -> list[str]:
    """The folders among whose entries clang picks the newest GCC, for its C++ library."""
    found = re.search(r"^Selected GCC installation: (.+)$", verbose, re.MULTILINE)
    return [os.path.dirname(found[1]), os.path.dirname(os.path.dirname(found[1]))] if found else []
