"""Clang: clang++ and clang, also under a version's name (clang++-19) or as Apple's cc."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from zcnb.errors import CompilerNotFound
from zcnb.model.spec import Emit, Language
from zcnb.toolchain.base import Form, Identified
from zcnb.toolchain.gcc import library_dirs, tool_dirs
from zcnb.toolchain.gnu_like import GnuLike

NEWEST = 25
OLDEST = 11
"""Versions looked for under names such as clang++-19, which is what distributions install."""

_GCC_FOLDERS = tuple(f"{lib}/{name}" for lib in ("lib", "lib32", "lib64") for name in ("gcc", "gcc-cross"))
_DISTRIBUTION = ("/etc/lsb-release", "/etc/redhat-release", "/etc/debian_version", "/etc/os-release")


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
            "linker": ["ld", "--verbose"],
            "runtime": [path, "-print-resource-dir"],
        }

    def identify(self, path: str, language: Language, answers: Mapping[str, str]) -> Identified:
        text = answers.get("version", "")
        version = re.search(r"clang version (\d+(?:\.\d+)*)", text)
        if version is None:
            raise CompilerNotFound(f"{path} does not answer to --version as clang does; is it clang?")
        configured = re.findall(r"^Configuration file: (.+)$", text, re.MULTILINE)
        selected, dirs, runtime = (answers.get(name, "").strip() for name in ("selected", "dirs", "runtime"))
        return Identified(
            executable=path,
            version=version[1],
            tools=(path, *_programs(selected, tool_dirs(dirs)), *configured),
            library_dirs=library_dirs(dirs, answers.get("linker", "")),
            tool_dirs=tool_dirs(dirs),
            tool_prefix=f"{_target(selected)}-",
            context=(*_configuration(path, selected), *tool_dirs(dirs), *_choices(selected, runtime)),
            facts=(text, selected, runtime),
        )


def _target(verbose: str) -> str:
    found = re.search(r"^Target: (\S+)$", verbose, re.MULTILINE)
    return found[1] if found else ""


def _programs(verbose: str, folders: Sequence[str]) -> list[str]:
    """The linker and the assembler for `-fno-integrated-as`, by all names under which clang looks for them in its own
    `folders` and on PATH."""
    names = [name for tool in ("ld", "as") for name in (f"{_target(verbose)}-{tool}", tool)]
    return [*(f"{folder}/{name}" for folder in folders for name in names), *names]


def _configuration(path: str, verbose: str) -> list[str]:
    """Where this clang reads its configuration from, if something lies there."""
    places = r"^(?:InstalledDir|(?:System|User) configuration file directory): (.+)$"
    folders = re.findall(places, verbose, re.MULTILINE)
    names = {os.path.basename(path), "clang", "clang++"}
    if target := _target(verbose):
        names |= {target, *(f"{target}-{name}" for name in tuple(names))}
    return [os.path.join(folder, f"{name}.cfg") for folder in folders for name in sorted(names)]


def _choices(verbose: str, runtime: str) -> list[str]:
    """The folders among whose entries clang chooses: the newest GCC, for its C++ library and start files, and which
    runtime of its own. And the files that tell it the distribution, whose defaults it takes on."""
    selected = re.search(r"^Selected GCC installation: (.+)$", verbose, re.MULTILINE)
    installed = re.search(r"^InstalledDir: (.+)$", verbose, re.MULTILINE)
    prefixes = ["/usr", *([os.path.dirname(installed[1])] if installed else [])]
    found = [os.path.normpath(f"{selected[1]}/{above}") for above in (".", "..", "../..")] if selected else []
    found += [f"{prefix}/{folder}" for prefix in prefixes for folder in _GCC_FOLDERS]
    found += [f"{prefix}{lib}" for prefix in prefixes for lib in ("", "/lib", "/lib64")]
    found += [runtime, *(f"{runtime}/{folder}" for folder in ("lib", "lib/linux", "share"))] if runtime else []
    return [*found, "/opt/rh", "/etc/env.d/gcc", *_DISTRIBUTION]
