"""`Scene`: where and how a client would run a tool, so that the daemon can run it just so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Whatever a process inherits and a compiler may see."""

    cwd: str
    env: Mapping[str, str]
    umask: int | None = None
    """`None`: the daemon's own; nobody sees the files then."""
    nice: int | None = None
    """The client's niceness; `None` as above."""
    stdout_tty: bool = False
    stderr_tty: bool = False
    columns: int = 0
    """Width of the terminal; 0 where there is none."""

    def quiet(self) -> Scene:
        """The same for a question that nobody but the daemon hears."""
        return Scene(cwd=self.cwd, env=self.env)
