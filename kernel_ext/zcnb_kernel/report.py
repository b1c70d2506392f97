"""What one cell did, as an object: `%zcnb last` returns it, `--report VAR` keeps it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from functools import cached_property

from zcnb.model.outcome import Built, StepCache
from zcnb.model.spec import Emit
from zcnb.model.timings import Timings
from zcnb.model.why import details, headline, sentence
from zcnb_kernel import remarks
from zcnb_kernel.assembly import Listing, listing
from zcnb_kernel.remarks import Remark
from zcnb_kernel.symbols import demangled


@dataclass(frozen=True, kw_only=True)
class Report:
    """The last cell. Shown as the cell's own card."""

    built: Built
    cell: str
    """What the cell is called in messages: `In[7]`."""
    language: str
    timings_ms: Timings = field(default_factory=Timings)
    exit_code: int | None = None
    """The program's: negative (-N) when signal N ended it; `None` if it did not run."""
    timed_out: bool = False
    interrupted: bool = False
    emit: Emit = "program"
    emitted: str = ""
    """The whole text that `--emit` asked for, as the compiler wrote it; empty for a program."""
    unit: str = ""
    """The cell's name for the compiler: `cell.cpp`."""
    source: str = ""
    """The cell as the compiler saw it: line 1 is the magic line's, and empty."""
    remarked: bool = False
    """Whether `--remarks` was given."""

    @property
    def cache(self) -> StepCache:
        """`"hit"`, `"miss"` or `"direct"` (compiled without the daemon)."""
        return self.built.cache

    @property
    def timings(self) -> dict[str, float]:
        """Milliseconds by phase: lookup, compile, link, run, total; 0 for what did not happen."""
        return self.timings_ms.as_dict()

    @property
    def compiler(self) -> str:
        """Name and version, such as `g++ 12.2.0`."""
        return str(self.built.compiler)

    @property
    def command(self) -> str:
        """The commands as one would type them, one a line."""
        return "\n".join(shlex.join(step.argv) for step in self.built.steps)

    @property
    def inputs(self) -> list[str]:
        """All files that were read: headers, libraries, modules (not the cell itself)."""
        return list(self.built.inputs)

    @property
    def diagnostics(self) -> str:
        """The compiler's and linker's messages, with terminal colours."""
        return self.built.diagnostics

    @property
    def messages(self) -> str:
        """The diagnostics without the remarks that were asked for."""
        return self._sorted[1]

    @property
    def remarks(self) -> list[Remark]:
        """What the optimizer said, about the cell's lines first; empty without `--remarks`."""
        return self._sorted[0]

    @cached_property
    def _sorted(self) -> tuple[list[Remark], str]:
        if not self.remarked:
            return [], self.diagnostics
        found, rest = remarks.parse(self.diagnostics, self.unit)
        messages = demangled("\n".join(remark.message for remark in found)).split("\n")
        return [replace(remark, message=text) for remark, text in zip(found, messages, strict=False)], rest

    @cached_property
    def listing(self) -> Listing:
        """The assembly as it is shown; empty if something else was asked for."""
        return listing(self.emitted, self.unit).renamed(demangled) if self.emit == "asm" else Listing()

    @property
    def saved_ms(self) -> float:
        """What the steps answered from the cache had taken when they ran."""
        return sum(step.saved_ms for step in self.built.steps)

    @property
    def why(self) -> str:
        """What made it a miss, in a few words: `flag -O2 -> -O3`; empty for a hit, and without the cache."""
        return headline(self.built.steps) if self.cache == "miss" else ""

    @property
    def details(self) -> list[str]:
        """All that is known about the misses, in lines."""
        return list(details(self.built.steps))

    @property
    def explanation(self) -> str:
        """A sentence about where the result came from, and why."""
        return sentence(self.cell, self.cache, self.built.steps)

    @property
    def reasons(self) -> list[str]:
        """Why steps were misses, and why results were not stored."""
        return [f"{step.step}: {step.why}" for step in self.built.steps if step.why]

    @property
    def further(self) -> list[str]:
        """Those of the `reasons` that say something else than `why`."""
        return [f"{step.step}: {step.why}" for step in self.built.steps if step.why not in ("", self.why)]

    def __repr__(self) -> str:
        from zcnb_kernel.render import text

        return text(self)

    def _repr_html_(self) -> str:
        from zcnb_kernel.render import html

        return html(self)
