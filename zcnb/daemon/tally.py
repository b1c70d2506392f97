"""What the daemon counts: for its own life (status), for each session, and for good (`zcnb stats`)."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from zcnb.model.health import SessionStats, Stats

MOST_REASONS = 50
"""Told apart for each kind; the status that lists them stays readable, and the daemon small."""

MOST_SESSIONS = 256
"""Remembered at once; the one that was quiet longest is forgotten first."""

UNCACHED, PASSED = "uncached: ", "passed: "
"""Prefixes of the counters of reasons, beside the plain ones."""


@dataclass(slots=True)
class Tally:
    """Counters by name: `hits`, `misses`, `uncached`, `passed`, `saved_ms`, and one for each reason."""

    life: Counter[str] = field(default_factory=Counter)
    """Since the daemon's start."""
    unsaved: Counter[str] = field(default_factory=Counter)
    """Not yet added to those in the store."""
    sessions: OrderedDict[str, Counter[str]] = field(default_factory=OrderedDict)

    def note(self, session: str, *, hit: bool, saved_ms: float, unstored: tuple[str, ...] = ()) -> None:
        """One request was answered; `unstored` says why results of it were not kept."""
        self._add(session, {"hits" if hit else "misses": 1, "saved_ms": saved_ms if hit else 0})
        for reason in unstored:
            self._add(session, {"uncached": 1, self._told_apart(UNCACHED, reason): 1})

    def note_passed(self, session: str, reason: str) -> None:
        """One tool call is left to the client."""
        self._add(session, {"passed": 1, self._told_apart(PASSED, reason): 1})

    def start(self, session: str) -> Counter[str]:
        """The counters of `session`, which begins now if it is not known."""
        found = self.sessions.pop(session, None) or Counter()
        self.sessions[session] = found
        if len(self.sessions) > MOST_SESSIONS:
            self.sessions.popitem(last=False)
        return found

    def session_stats(self, session: str) -> SessionStats:
        """What was counted in `session`; nothing if it is not known."""
        found = self.sessions.get(session, Counter())
        return SessionStats(session, int(found["hits"]), int(found["misses"]), int(found["passed"]), found["saved_ms"])

    def reasons(self, prefix: str) -> dict[str, int]:
        """How often each reason came up in this daemon's life."""
        return _reasons(self.life, prefix)

    def _add(self, session: str, more: dict[str, float]) -> None:
        groups = [self.life, self.unsaved, *([self.start(session)] if session else [])]
        for group in groups:
            for name, value in more.items():
                group[name] += value  # type: ignore[assignment]  # milliseconds are floats

    def _told_apart(self, prefix: str, reason: str) -> str:
        """The counter for `reason`. Reasons may name files, so only so many are told apart."""
        name = prefix + reason
        known = sum(other.startswith(prefix) for other in self.life)
        return name if name in self.life or known < MOST_REASONS else f"{prefix}other reasons"


def stats_of(counters: dict[str, float]) -> Stats:
    """Counters by name as a message."""
    return Stats(
        hits=int(counters.get("hits", 0)),
        misses=int(counters.get("misses", 0)),
        uncached=int(counters.get("uncached", 0)),
        passed=int(counters.get("passed", 0)),
        saved_ms=counters.get("saved_ms", 0.0),
        since_unix=counters.get("since_unix", time.time()),
        uncached_reasons=_reasons(counters, UNCACHED),
        passed_reasons=_reasons(counters, PASSED),
    )


def _reasons(counters: dict[str, float] | Counter[str], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): int(n) for name, n in counters.items() if name.startswith(prefix)}
