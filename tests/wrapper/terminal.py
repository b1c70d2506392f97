"""Calls whose stderr is a terminal."""

from __future__ import annotations

import os
import subprocess
import termios
import threading
from typing import Any

SIZE = (24, 100)
"""Rows and columns: compilers cut their excerpts at the width."""


def run_on_terminal(argv: list[str], stdin: bytes, timeout: float, **options: Any) -> tuple[int, bytes, bytes]:
    """(exit code, stdout, what the terminal showed)."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, SIZE)
    shown: list[bytes] = []

    def read() -> None:
        try:
            while piece := os.read(master, 65536):
                shown.append(piece)
        except OSError:
            return  # EIO: nobody has the other end open any more

    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=slave, **options) as process:
        os.close(slave)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            out, _ = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        reader.join(10)
    assert not reader.is_alive(), "somebody keeps the caller's terminal open"
    os.close(master)
    return process.returncode, out, b"".join(shown)
