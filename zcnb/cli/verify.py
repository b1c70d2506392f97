"""`zcnb verify`: are stored results what their tools make today?"""

from __future__ import annotations

import argparse
import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.wire.messages import Verified

SAMPLE = 20
"""Results that are compared unless asked for otherwise: some seconds."""

MOST_REASONS = 10
"""Reasons for skipping that are listed."""

DIFFERENT = 1
"""Exit code if a result was not what its tool makes."""

ADVICE = (
    "What differs is forgotten, and will be compiled again. A tool that writes something else at each run (the time, "
    "random numbers) shows up here too. If yours does no such thing, please report this: no bug is worse."
)


@dataclass(slots=True)
class Tally:
    """What came of it."""

    equal: int = 0
    differs: list[Verified] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def note(self, found: Verified) -> None:
        """Count one verdict."""
        if found.verdict == "differs":
            self.differs.append(found)
        elif found.verdict == "skipped":
            self.skipped[found.detail] += 1
        else:
            self.equal += 1

    def __str__(self) -> str:
        counts = f"{self.equal} equal, {len(self.differs)} different, {self.skipped.total()} skipped"
        reasons = "".join(f"\n  skipped: {count} × {why}" for why, count in self.skipped.most_common(MOST_REASONS))
        return f"{counts}.{reasons}" + (f"\n{ADVICE}" if self.differs else "")


def verify(config: Config, options: argparse.Namespace) -> int:
    """Compile stored results again, and compare."""
    tally = Tally()
    with Session(config) as client:
        start = "" if options.all else secrets.token_hex(32)
        for found in sample(client.verify, start, None if options.all else options.sample):
            tally.note(found)
            if not options.json:
                print(f"{found.verdict}: {found}", flush=True)
    if options.json:
        differs = [asdict(found) for found in tally.differs]
        print(json.dumps({"equal": tally.equal, "differs": differs, "skipped": dict(tally.skipped)}))
    else:
        print(tally)
    return DIFFERENT if tally.differs else 0


def sample(ask: Callable[[str, int], Verified], start: str, most: int | None) -> Iterator[Verified]:
    """The verdicts about the results that follow the key `start`, once round, until `most` of them were compared."""
    key, entry, wrapped, compared = start, 0, False, 0
    while most is None or compared < most:
        found = ask(key, entry)
        if found.verdict == "none":
            if wrapped or not start:
                return
            key, entry, wrapped = "", 0, True
            continue
        if wrapped and found.key >= start:
            return
        key, entry = found.key, found.entry
        compared += found.verdict != "skipped"
        yield found
