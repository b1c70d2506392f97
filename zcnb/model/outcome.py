"""What comes back from a build. Frozen; travels over the wire as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zcnb.model.digest import Digest

StepName = Literal["compile", "link"]
StepCache = Literal["hit", "miss", "direct"]


@dataclass(frozen=True, slots=True)
class Output:
    """One file that a tool wrote, as it lies in the store. `size` in bytes."""

    name: str
    """Which of the step's outputs it is: its file name in the folder that the tool ran in."""
    digest: Digest
    size: int
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One tool run, or one saved. `ms` is 0 for a hit; `saved_ms` is what the stored run had taken."""

    step: StepName
    cache: StepCache
    ms: float = 0.0
    saved_ms: float = 0.0
    argv: tuple[str, ...] = ()
    """The command as it would be typed in the cell's folder (private paths shown by name)."""
    reason: str = ""
    """For a miss, why, in a few words."""
    unstored: str = ""
    """Why the result was not stored; empty if it was."""
    details: tuple[str, ...] = ()
    """All that is known about the reason, in lines."""

    @property
    def why(self) -> str:
        """Both reasons in one line, or the one if it names the other; empty if there is none."""
        stored = not self.unstored or self.unstored in self.reason
        return "; ".join(filter(None, (self.reason, "" if stored else f"not stored: {self.unstored}")))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerInfo:
    """Which compiler it was: its name as asked for, its resolved path and its own version line."""

    name: str
    path: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A program that can be run, or (with `ok` false) the diagnostics that say why there is none."""

    ok: bool
    program: str = ""
    """Absolute path of the executable; read-only, never to be written to."""
    emitted: str = ""
    """Absolute path of the text that was asked for in place of a program."""
    steps: tuple[StepReport, ...] = ()
    compiler: CompilerInfo
    lookup_ms: float = 0.0
    diagnostics: str = ""
    """The tools' own text with terminal colours; the unit is called by its file name."""
    exit_code: int = 0
    inputs: tuple[str, ...] = ()
    """Absolute paths of all files that were read."""
    notices: tuple[str, ...] = ()

    @property
    def cache(self) -> StepCache:
        """`hit` if every step was one, `direct` if the daemon had no part in it, else `miss`."""
        kinds = {step.cache for step in self.steps}
        if "direct" in kinds:
            return "direct"
        return "hit" if kinds == {"hit"} else "miss"
