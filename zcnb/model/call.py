"""`ToolCall`: one command line of a compiler, a linker or `ar`, exactly as somebody typed it."""

from __future__ import annotations

from dataclasses import dataclass

from zcnb.model.outcome import StepCache
from zcnb.model.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """What a wrapper sends: enough to run the tool as its client would have."""

    tool: str
    """Absolute path of the tool, found on the client's PATH."""
    argv: tuple[str, ...]
    """All words; `argv[0]` as typed."""
    cwd: str
    env: dict[str, str]
    """The client's whole environment."""
    umask: int = 0o022
    nice: int = 0
    stdout_tty: bool = False
    stderr_tty: bool = False
    columns: int = 0
    """Width of the terminal, where there is one."""
    stdin: bytes = b""
    """Standard input, if the tool is to read its source from there."""
    client_version: str = ""
    """A daemon older than this refuses with code `older`, and is replaced."""

    @property
    def scene(self) -> Scene:
        """Where and how the client would have run the tool."""
        return Scene(
            cwd=self.cwd, env=self.env, umask=self.umask, nice=self.nice, stdout_tty=self.stdout_tty,
            stderr_tty=self.stderr_tty, columns=self.columns,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One file for the client to write: `path` in the store is copied to `destination`."""

    path: str
    destination: str
    """As the tool's words name it; relative ones count from the call's `cwd`."""
    executable: bool
    digest: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutcome:
    """What the tool did, or would have done again."""

    exit_code: int
    """-N when signal N ended the tool."""
    stdout: bytes = b""
    stderr: bytes = b""
    outputs: tuple[Placed, ...] = ()
    removed: tuple[str, ...] = ()
    """Files that the tool removes when it fails."""
    cache: StepCache = "miss"
    reason: str = ""
    """For a miss, why."""
    warning: str = ""
    """To be printed after the tool's own messages, as `zcnb warning: ...`."""
