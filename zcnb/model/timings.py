"""Milliseconds by phase, as shown to people and returned by `%zcnb last`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """All in milliseconds of wall time; 0 for a phase that did not happen.

    `total` is the cell from the magic's first line to its last, so it also holds
    what lies between the phases.
    """

    lookup: float = 0.0
    compile: float = 0.0
    link: float = 0.0
    run: float = 0.0
    total: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """Phase name -> milliseconds, in the order in which they happen."""
        return {
            "lookup": self.lookup,
            "compile": self.compile,
            "link": self.link,
            "run": self.run,
            "total": self.total,
        }
