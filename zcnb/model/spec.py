"""`BuildSpec`: everything a cell's build is asked with.

Each field says whether it can change the artifact: `keyed()` fields enter the
key, `unkeyed(why)` fields do not and say why not. A field without either makes
`key.build_key` raise, so nobody can add one without choosing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from zcnb.model.scene import Scene

Language = Literal["c", "c++", "rust"]

Emit = Literal["program", "asm", "llvm-ir", "preprocessed", "mir"]
"""What a build is to end in: a program, or a text that says what the compiler made of the cell."""

SUFFIX: dict[Language, str] = {"c": ".c", "c++": ".cpp", "rust": ".rs"}
"""The unit's file suffix. The compiler sees `cell.cpp`, a name that does not change from run to run."""

KEYED = "keyed"


def keyed(**kwargs: Any) -> Any:
    """A field that can change what the compiler writes."""
    return field(metadata={KEYED: True}, **kwargs)


def unkeyed(why: str, **kwargs: Any) -> Any:
    """A field that must not enter the key, for the reason `why`."""
    return field(metadata={KEYED: False, "why": why}, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSpec:
    """One cell to build: a whole program in one translation unit."""

    language: Language = keyed()
    source: bytes = keyed()
    """The text under the magic line, UTF-8."""
    line_offset: int = keyed(default=1)
    """Lines above the text in the editor; 1 for the magic line itself. `__LINE__` sees it."""
    unit: str = keyed(default="cell")
    """The file's stem as the compiler sees it (`__FILE__`)."""
    flags: tuple[str, ...] = keyed(default=())
    """The user's compiler flags, in their order (never sorted: `-DV -UV` is not `-UV -DV`)."""
    edition: str = keyed(default="2021")
    """Rust only."""
    compiler: str = unkeyed("what it resolves to is keyed by content", default="")
    """A name or a path; empty means the language's default."""
    cwd: str = unkeyed("manifests hold paths relative to it; keyed by the adapter where it leaks")
    """Absolute path of the folder that relative paths and quoted includes start from."""
    env: dict[str, str] = unkeyed("the variables that tools read are keyed by the adapter")
    """The client's whole environment: the compiler runs in it."""
    emit: Emit = keyed(default="program")
    remarks: bool = keyed(default=False)
    """Whether the optimizer is to say what it did (vectorization, inlining) among the messages."""
    slot: str = unkeyed("names the place, whose last run is only compared with", default="")
    """The notebook cell's identity: the last miss here predicts how long the next takes, and tells why it is one."""
    use_cache: bool = unkeyed("says whether to look, not what to build", default=True)

    @property
    def scene(self) -> Scene:
        """Where the tools run. Nobody sees their files or hears them but the daemon, so the rest is its own."""
        return Scene(cwd=self.cwd, env=self.env)

    @property
    def filename(self) -> str:
        """What the compiler calls the translation unit, such as `cell.cpp`."""
        return self.unit + SUFFIX[self.language]

    @property
    def text(self) -> bytes:
        """The file's bytes: the cell's text, moved down so that lines count as in the editor."""
        return b"\n" * self.line_offset + self.source
