"""Small compiles without end, each unlike the others, for the soaks that are about the daemon and not the project."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.soak.judge import WRAPPER
from tests.wrapper.oracle import TIMEOUT_S, Manner, Oracle, without_extra_line
from zcnb.config import Config


class Compiles:
    """Compile number n has `-DMARK=n`. Its object is compared with the bare compiler's."""

    def __init__(self, folder: Path, config: Config) -> None:
        self._oracle = Oracle(folder, config)
        self._oracle.write("m.c", '#include "m.h"\nint mark = MARK;\n')
        self._oracle.write("m.h", "#pragma once\n")
        self._bare: dict[int, bytes] = {}

    def same(self, numbers: Sequence[int]) -> None:
        """All these compiles at once. Raises `AssertionError` if one fails, says more than it may (one line about
        the daemon), or leaves another object."""
        env = self._oracle.wrapped_env(Manner())
        running = [(n, self._started([*WRAPPER, *self._argv(n)], env)) for n in numbers]
        for n, process in running:
            out, err = process.communicate(timeout=TIMEOUT_S)
            assert (process.returncode, out, without_extra_line(b"", err)) == (0, b"", b""), (n, err)
            assert self._object(n) == self._expected(n), f"compile {n} left a wrong object"

    def _expected(self, n: int) -> bytes:
        if n not in self._bare:
            process = self._started(self._argv(n), self._oracle.bare_env())
            process.communicate(timeout=TIMEOUT_S)
            self._bare[n] = self._object(n)
        return self._bare[n]

    def _object(self, n: int) -> bytes:
        """The object, which is gone afterwards."""
        path = self._oracle.path(f"{n}.o")
        data = path.read_bytes()
        path.unlink()
        return data

    def _started(self, argv: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv, cwd=self._oracle.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def _argv(self, n: int) -> list[str]:
        return ["gcc", f"-DMARK={n}", "-c", "m.c", "-o", f"{n}.o"]
