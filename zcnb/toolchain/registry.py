"""Which compilers there are, and which one a name stands for."""

from __future__ import annotations

import os
from collections.abc import Mapping

from zcnb.errors import CompilerNotFound
from zcnb.model.spec import Language
from zcnb.places import SHIMS
from zcnb.toolchain.base import Toolchain
from zcnb.toolchain.clang import Clang
from zcnb.toolchain.gcc import Gcc
from zcnb.toolchain.rustc import Rustc

GCC, CLANG, RUSTC = Gcc(), Clang(), Rustc()
ALL: tuple[Toolchain, ...] = (GCC, CLANG, RUSTC)

INSTALL: dict[Language, str] = {
    "c++": "No C++ compiler was found on PATH. Install one: `sudo apt install g++` (Debian, Ubuntu), "
    "`sudo dnf install gcc-c++` (Fedora), `xcode-select --install` (macOS).",
    "c": "No C compiler was found on PATH. Install one: `sudo apt install gcc` (Debian, Ubuntu), "
    "`sudo dnf install gcc` (Fedora), `xcode-select --install` (macOS).",
    "rust": "No Rust compiler was found on PATH. Install one: `sudo apt install rustc` (Debian, Ubuntu), "
    "`sudo dnf install rust` (Fedora), or see https://rustup.rs.",
}


def find(language: Language, asked: str, *, cwd: str, env: Mapping[str, str]) -> tuple[str, str]:
    """`(name, path)` of the compiler that `asked` (a name, a path, or empty for the default) stands for.

    Raises `CompilerNotFound` with one sentence that says what to install.
    """
    search = env.get("PATH", os.defpath)
    if asked:
        for name in (asked, *_versions(asked)):
            path = which(name, search, cwd)
            if path is not None:
                return name, path
        raise CompilerNotFound(f"The compiler {asked!r} was not found on PATH.")
    for toolchain in ALL:
        for name in toolchain.candidates(language) if language in toolchain.languages else ():
            path = which(name, search, cwd)
            if path is not None:
                return name, path
    raise CompilerNotFound(INSTALL[language])


def _versions(asked: str) -> list[str]:
    """The names with a version that a bare one may be installed under, the latest first: Debian's `clang++-19`."""
    return [name for toolchain in ALL for language in toolchain.languages for name in toolchain.candidates(language)
            if name.startswith(f"{asked}-")]  # fmt: skip


def which(name: str, search: str, cwd: str) -> str | None:
    """The executable that `name` stands for in `cwd`: a path as it is, else the first on `search` that is no shim.

    As `shutil.which`, in a third of its time: every hit asks three times.
    """
    if os.sep in name:
        candidates = [os.path.join(cwd, os.path.expanduser(name))]
    else:
        folders = [folder for folder in search.split(os.pathsep) if folder and not folder.endswith(SHIMS)]
        candidates = [os.path.join(cwd, folder, name) for folder in folders]
    for path in candidates:
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def classify(language: Language, version_text: str) -> Toolchain:
    """The adapter for a compiler that answers `version_text` to `--version` (`cc` may be gcc or clang)."""
    if language == "rust":
        return RUSTC
    return CLANG if "clang" in version_text else GCC
