"""What the daemon tells about itself and about a build under way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """`phase` is `lookup`, `compile`, `link` or empty (not known, or done already).

    `expected_ms` is how long the whole build took the last time in this slot, 0 if never.
    """

    phase: str = ""
    elapsed_ms: float = 0.0
    expected_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters of one cache folder, kept over daemons' lives. Requests are cells and tool calls alike."""

    hits: int = 0
    misses: int = 0
    uncached: int = 0
    """Results that were made but not stored; part of the misses."""
    passed: int = 0
    """Tool calls that the client ran by itself."""
    saved_ms: float = 0.0
    """What the hits had taken when they were misses."""
    since_unix: float = 0.0
    """When counting began, in seconds."""
    uncached_reasons: dict[str, int] = field(default_factory=dict)
    passed_reasons: dict[str, int] = field(default_factory=dict)

    @property
    def hit_rate(self) -> float:
        """Hits among all that went through the cache, 0..1; 0 when there was nothing."""
        return _rate(self.hits, self.misses)

    def rows(self) -> list[tuple[str, str]]:
        """(name, value) as people read it, in order."""
        return [
            ("since", time.strftime("%Y-%m-%d %H:%M", time.localtime(self.since_unix))),
            ("hits", str(self.hits)),
            ("misses", str(self.misses)),
            ("hit rate", f"{self.hit_rate:.0%}"),
            ("time spared", _duration(self.saved_ms / 1000)),
            ("not stored", _counted(self.uncached_reasons)),
            ("passed through", _counted(self.passed_reasons)),
        ]


@dataclass(frozen=True, slots=True)
class SessionStats:
    """What was counted in one session: a notebook, with all that it started."""

    id: str
    hits: int = 0
    misses: int = 0
    passed: int = 0
    saved_ms: float = 0.0

    def __str__(self) -> str:
        spared = _duration(self.saved_ms / 1000) if self.saved_ms >= 1000 else f"{self.saved_ms:.0f} ms"
        hits, misses = _count(self.hits, "hit", "hits"), _count(self.misses, "miss", "misses")
        return f"This session: {hits} ({spared} spared), {misses}, {self.passed} passed through to the tools."


@dataclass(frozen=True, slots=True)
class Status:
    """The daemon's health. Times in seconds, sizes in bytes."""

    state: str
    """`loading`, `ready`, `ending`, or `no cache` (the cache folder cannot be used)."""
    pid: int
    version: str
    uptime_s: float = 0.0
    hits: int = 0
    misses: int = 0
    uncached: int = 0
    cache_bytes: int = 0
    cache_limit: int = 0
    programs: int = 0
    in_flight: int = 0
    connections: int = 0
    endpoint: str = ""
    cache_dir: str = ""
    errors: tuple[str, ...] = ()
    """The latest few, newest last, each with its time of day."""
    uncached_reasons: dict[str, int] = field(default_factory=dict)
    passed: int = 0
    """Tool calls that clients ran by themselves."""
    passed_reasons: dict[str, int] = field(default_factory=dict)
    runners: str = ""
    """The processes that run compilers, by queue."""
    freshness: str = ""
    """How it is found out whether inputs changed: which folders are watched, and why others are not."""

    @property
    def hit_rate(self) -> float:
        """Hits among all builds, 0..1; 0 when there were none."""
        return _rate(self.hits, self.misses)

    def rows(self) -> list[tuple[str, str]]:
        """(name, value) as people read it, in order."""
        return [
            ("state", self.state),
            ("pid", str(self.pid)),
            ("version", self.version),
            ("uptime", _duration(self.uptime_s)),
            (
                "hit rate",
                f"{self.hit_rate:.0%} ({_count(self.hits, 'hit', 'hits')}, {_count(self.misses, 'miss', 'misses')})",
            ),
            ("not stored", _counted(self.uncached_reasons)),
            ("passed through", _counted(self.passed_reasons)),
            ("cache", f"{size(self.cache_bytes)} of {size(self.cache_limit)}, {self.programs} results"),
            ("in flight", str(self.in_flight)),
            ("runners", self.runners or "none"),
            ("freshness", self.freshness or "not known"),
            ("connections", str(self.connections)),
            ("cache folder", self.cache_dir),
            ("socket", self.endpoint),
            ("recent errors", "\n".join(self.errors) or "none"),
        ]


def size(value: float) -> str:
    """Bytes for people: `512 B`, `4.2 MB`."""
    if value < 1000:
        return f"{value:.0f} B"
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 999.95:  # what would be shown as 1000.0 belongs to the next unit
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} GB"


def _rate(hits: int, misses: int) -> float:
    return hits / (hits + misses) if hits else 0.0


def _counted(reasons: dict[str, int]) -> str:
    """`3 × reason`, the most frequent first, one a line."""
    rows = sorted(reasons.items(), key=lambda row: -row[1])
    return "\n".join(f"{count} × {reason}" for reason, count in rows) or "none"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
