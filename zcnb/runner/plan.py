"""What a pool is to be: its queues and their limits. Frozen; the daemon makes it of the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from zcnb.model.address import RunnerAddress
from zcnb.model.job import Queue
from zcnb.runner.assign import MOST_SLOTS, slots

BATCH_NICE = 10
BATCH_IDLE_S = 60.0


def cores() -> int:
    """How many tools make sense at once."""
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The runners of one queue."""

    slots: int = field(default_factory=lambda: slots(None, cores(), one=False))
    """Tools at once."""
    nice: int = 0
    memory: int = 0
    """Bytes of address space of each of its processes; 0 is no limit."""
    idle: float = 0.0
    """A runner without work for this many seconds ends; 0 keeps it."""

    def __post_init__(self) -> None:
        if not 1 <= self.slots <= MOST_SLOTS:
            raise ValueError(f"{self.slots} slots; a queue has 1 to {MOST_SLOTS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it. Times in seconds."""

    interactive: Crew = field(default_factory=Crew)
    batch: Crew = field(default_factory=lambda: Crew(nice=BATCH_NICE, idle=BATCH_IDLE_S))
    tool_timeout: float = 0.0
    """A tool that takes longer is ended; 0 lets it run."""
    grace: float = 1.0
    """Between TERM and KILL for a runner that is to end; 0 kills at once."""
    address: RunnerAddress | None = None
    """External mode: the runner is there already, and none is ever started."""
    secret: bytes = field(default=b"", repr=False)
    log: Path | None = None
    """Where what runners print is written down."""
    debug: bool = False
    """Runners write down each tool that they ran."""

    def crew(self, queue: Queue) -> Crew:
        """Who does the work of `queue`."""
        return self.interactive if queue == "interactive" else self.batch
