"""What a tool read, and where it looked: the conditions under which its output may be used again.

Paths stand as the tool saw them: relative ones count from the request's
folder, so an entry made in one folder answers in another exactly when the
files there are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zcnb.model.digest import Digest

Kind = Literal["nothing", "file", "folder", "other"]
"""What lies at a place, seen through links. A compiler passes over a folder that is called like a header."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`inputs` hold the same content, at `probes` lies what lay there, `env` has the same values."""

    inputs: tuple[tuple[str, Digest], ...] = ()
    probes: tuple[tuple[str, Kind], ...] = ()
    """Every place that was looked at besides the inputs: (path, what was there)."""
    env: tuple[tuple[str, str | None], ...] = ()
    """Variables that the source itself asked for (`env!`), with `None` for unset."""


@dataclass(frozen=True, slots=True)
class Change:
    """Why a manifest no longer holds. `str()` is the sentence a person reads."""

    what: str
    """`changed`, `gone`, `appeared` or `variable`."""
    name: str

    def __str__(self) -> str:
        match self.what:
            case "variable":
                return f"environment variable {self.name} changed"
            case "gone":
                return f"{self.name} is gone"
            case "appeared":
                return f"{self.name} appeared"
            case _:
                return f"{self.name} changed"
