"""One run of a tool, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zcnb.model.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolJob:
    """Run `argv` as `scene` says, with exactly its environment; no shell."""

    argv: tuple[str, ...]
    scene: Scene
    program: str = ""
    """What is run, where that is not `argv[0]`."""
    stdin: bytes = b""
    """All that the tool can read; empty is the end at once."""
    more_env: Mapping[str, str] = field(default_factory=dict)
    """Variables of ours on top of the scene's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """`exit_code` is -N when signal N ended the tool. Texts are decoded with `surrogateescape`."""

    exit_code: int
    stdout: str
    stderr: str
    ms: float
    truncated: bool = False
    """Whether it printed more than is kept."""
