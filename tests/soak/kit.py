"""What the soak's projects are furnished with, built once by the real tools: archives, shared libraries, compilers."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import need

HERE = Path(__file__).parent
NUMBERS = range(3)
TOOLS = range(1, 3)


@dataclass(frozen=True, slots=True)
class Kit:
    """Files as bytes, to be put into place without starting a tool."""

    archives: tuple[bytes, ...]
    """`libv.a` whose `v()` returns 0, 1, 2; all of one size."""
    shared: tuple[bytes, ...]
    """The same as `libv.so`."""
    compilers: dict[int, bytes]
    """gcc with `-DTOOL=1`, gcc with `-DTOOL=2`; of one size too."""


def build_kit(folder: Path) -> Kit:
    """Build everything in `folder`, which is empty. Skips the test where there is no gcc."""
    gcc = need("gcc")
    for number in NUMBERS:
        (folder / "v.c").write_text(f"int v(void) {{ return {number}; }}\n")
        _run(folder, gcc, "-c", "-fPIC", "v.c", "-o", "v.o")
        _run(folder, gcc, "-shared", "v.o", "-o", f"{number}.so")
        _run(folder, "ar", "rcD", f"{number}.a", "v.o")
    for number in TOOLS:
        words = (f'-DREAL="{gcc}"', f'-DVALUE="{number}"', str(HERE / "compiler.c"))
        _run(folder, gcc, "-O1", "-Wall", "-Wextra", "-Werror", *words, "-o", f"tool{number}")
    return Kit(
        archives=tuple((folder / f"{number}.a").read_bytes() for number in NUMBERS),
        shared=tuple((folder / f"{number}.so").read_bytes() for number in NUMBERS),
        compilers={number: (folder / f"tool{number}").read_bytes() for number in TOOLS},
    )


def _run(folder: Path, *argv: str) -> None:
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
