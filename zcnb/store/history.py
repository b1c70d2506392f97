"""The last run at each place (a notebook's cell, what a tool call writes): what the next run is compared with.

Rules. It is for telling people why, and for nothing else: no answer depends on
it, so a row whose seal does not fit is ignored, and a daemon that is killed
loses the runs of its last seconds. A request only leaves its run here; `flush`
writes it down, off the way of requests. `MOST_PLACES` places are kept, the latest.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zcnb.model.digest import Digest, digest_of
from zcnb.model.outcome import StepReport
from zcnb.model.why import Facts, Past, Run, StepRun

if TYPE_CHECKING:
    from zcnb.store.index import Index

TABLES = """
CREATE TABLE history (
    place TEXT PRIMARY KEY, folder TEXT NOT NULL, names TEXT NOT NULL, run TEXT NOT NULL, seal TEXT NOT NULL,
    used INTEGER NOT NULL) STRICT;
CREATE INDEX history_by_use ON history (used);
"""

MOST_PLACES = 2000
"""Places that are remembered; some 3 kB each."""

MOST_PENDING = 1000
"""Runs that wait in memory for being written down. When more come in a few seconds the oldest are forgotten."""

LONGEST = 32 * 1024
"""Characters of a run, such as a link of some hundred objects. A longer one is not remembered."""

BATCH = 200
"""Runs written in one `flush`: 10 ms. A build with `make -j` leaves more, which go with the next ones."""

CLEARED = Digest("cleared")
"""Stands for a place, with the time (in runs) when the cache was emptied last."""


class History:
    """On the index's connection, and used from the same thread. Methods raise `StoreError`, but for `note`."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._pending: dict[Digest, Run | None] = {}
        """Not written down yet, the latest last; `None` where the last run was too long."""

    def note(self, place: Digest, run: Run) -> None:
        """From now on `run` is the last one at `place`. Writes nothing."""
        self._pending.pop(place, None)
        self._pending[place] = run if length(run) <= LONGEST else None
        if len(self._pending) > MOST_PENDING:
            del self._pending[next(iter(self._pending))]

    def last(self, place: Digest) -> Past | None:
        """The last run at `place`; `None` if none is remembered."""
        if place in self._pending:
            pending = self._pending[place]
            return Past(pending) if pending else None
        query = f"SELECT {_COLUMNS}, used < {_CLEARED_AT} FROM history WHERE place = ?"
        row = self._index.run(lambda db: db.execute(query, (place,)).fetchone())
        run = unpack(row[:-1]) if row else None
        return Past(run, cleared=bool(row[-1])) if run else None

    def find(self, *, cwd: str, name: str = "", place: Digest | None = None) -> Run | None:
        """The latest run at `place`; else about the file `name` (an absolute path); else in the folder `cwd`."""
        if place is not None:
            past = self.last(place)
            return past.run if past else None
        for run in reversed(self._pending.values()):
            if run and (name in run.names if name else run.cwd == cwd):
                return run
        where, value = ("instr(names, ?)", digest_of(name)) if name else ("folder = ?", digest_of(cwd))
        query = f"SELECT {_COLUMNS} FROM history WHERE {where} ORDER BY used DESC"
        rows = self._index.run(lambda db: db.execute(f"{query} LIMIT 9", (value,)).fetchall())
        return next(filter(None, map(unpack, rows)), None)

    def note_cleared(self) -> None:
        """The cache was emptied: no run until now has a result any more."""
        self.flush(MOST_PENDING)
        marker = (CLEARED, "", "", "", "")
        self._index.run(lambda db: db.execute(_PUT, marker))

    def flush(self, most: int = BATCH) -> None:
        """Write down up to `most` runs, the oldest first, and drop the places beyond `MOST_PLACES`."""
        written = list(itertools.islice(self._pending.items(), most))
        rows = [pack(place, run) for place, run in written if run]
        forgotten = [(place,) for place, run in written if not run]

        def write(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM history WHERE place = ?", forgotten)
            db.executemany(_PUT, rows)
            db.execute(f"DELETE FROM history WHERE used <= ({_FIRST_BEYOND})", (MOST_PLACES,))

        if written:
            self._index.run(write)
        for place, run in written:
            if self._pending.get(place) is run:
                del self._pending[place]


_COLUMNS = "place, folder, names, run, seal"
_CLEARED_AT = f"COALESCE((SELECT used FROM history WHERE place = '{CLEARED}'), 0)"
_NEXT_USE = "(SELECT COALESCE(MAX(used), 0) + 1 FROM history)"
_FIRST_BEYOND = "SELECT used FROM history ORDER BY used DESC LIMIT 1 OFFSET ?"
_PUT = f"INSERT OR REPLACE INTO history ({_COLUMNS}, used) VALUES (?, ?, ?, ?, ?, {_NEXT_USE})"


def length(run: Run) -> int:
    """Characters in the texts of `run` that may be many or long."""
    texts = [run.title, *run.names]
    for step in run.steps:
        texts += (*step.report.argv, *step.report.details)
        if step.facts:
            texts += (*step.facts.flags, *step.facts.words, *step.facts.env.values(), *step.facts.fed)
    return sum(map(len, texts))


def pack(place: Digest, run: Run) -> tuple[str, str, str, str, str]:
    """A run as a row: place, folder, names (both as digests, to be looked for), JSON in ASCII, seal."""
    names = " ".join(map(digest_of, run.names))
    columns = place, digest_of(run.cwd), names, json.dumps(run, default=_plain)
    return *columns, digest_of(columns)


def unpack(row: tuple[str, ...]) -> Run | None:
    """The run in a row; `None` if the row is not what was once packed."""
    *columns, seal = row
    try:
        if seal != digest_of(columns):
            return None
        return _run(json.loads(row[3]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _plain(value: Any) -> dict[str, Any]:
    """One of the dataclasses that a run is made of; not `asdict`, which copies all that is in it."""
    return {entry.name: getattr(value, entry.name) for entry in fields(value)}


def _run(raw: dict[str, Any]) -> Run:
    return Run(**{**_tuples(raw), "steps": tuple(map(_step, raw["steps"]))})


def _step(raw: dict[str, Any]) -> StepRun:
    facts = Facts(**_tuples(raw["facts"])) if raw["facts"] else None
    return StepRun(**{**raw, "report": StepReport(**_tuples(raw["report"])), "facts": facts})


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
