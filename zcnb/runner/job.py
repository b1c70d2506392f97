"""One run of a tool, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolJob:
    """Run `argv` in `cwd` with exactly `env`; no shell, no input."""

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """`exit_code` is -N when signal N ended the tool. Texts are decoded with `surrogateescape`."""

    exit_code: int
    stdout: str
    stderr: str
    ms: float
