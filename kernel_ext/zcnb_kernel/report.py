"""What one cell did, as an object: `%zcnb last` returns it, `--report VAR` keeps it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from zcnb.model.outcome import Built, StepCache
from zcnb.model.timings import Timings


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
    def saved_ms(self) -> float:
        """What the steps answered from the cache had taken when they ran."""
        return sum(step.saved_ms for step in self.built.steps)

    @property
    def reasons(self) -> list[str]:
        """Why steps were misses, and why results were not stored."""
        return [f"{step.step}: {step.why}" for step in self.built.steps if step.why]

    def __repr__(self) -> str:
        from zcnb_kernel.render import text

        return text(self)

    def _repr_html_(self) -> str:
        from zcnb_kernel.render import html

        return html(self)
