"""A sweep while it lasts: a table that grows in a notebook, a line that changes in a terminal.

In a notebook the table is one display that is published anew: no widget, which a
saved notebook could not show. When the cell returns its result, that is shown as
`Out[n]` and takes this display's place.
"""

from __future__ import annotations

import shutil
import sys
import time
import uuid

from zcnb_kernel.screen import publish
from zcnb_kernel.sweep import page
from zcnb_kernel.sweep.driver import snapshot
from zcnb_kernel.sweep.record import Record
from zcnb_kernel.sweep.result import Sweep

FIRST_S = 0.1
"""A sweep that takes less shows its result at once."""

EVERY_S = 0.2
"""Between two pictures: five in a second look alive, and are few among what Jupyter's server lets through."""


class _Paced:
    """Says when it is time to show something."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._next = self._begin + FIRST_S

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + EVERY_S
        return True

    def _said(self, record: Record) -> str:
        return f"{record.said()} · {time.monotonic() - self._begin:.0f} s"


class LiveTable(_Paced):
    """In a notebook."""

    def __init__(self) -> None:
        super().__init__()
        self._id = uuid.uuid4().hex
        self._shown = False

    def changed(self, record: Record, cell: str) -> None:
        """Show the table as it is now, unless it was shown just before."""
        if self._due():
            said = self._said(record)
            table = page.live(snapshot(record, cell), record.fraction(), said)
            self._publish(f"[zcnb] sweep of {cell}: {said}", table)

    def finish(self, sweep: Sweep) -> None:
        """Leave the result behind, or make room for it where the cell returns it."""
        if self._shown or sweep.interrupted:
            self._publish(repr(sweep), page.html(sweep))
        if not sweep.interrupted:
            from IPython.display import clear_output

            # The moment the result comes, so that nothing flickers.
            clear_output(wait=True)  # type: ignore[no-untyped-call]  # IPython has no annotations here

    def _publish(self, text: str, html: str) -> None:
        data = {"text/plain": text, "text/html": html}
        publish(data, {}, None, transient={"display_id": self._id}, update=self._shown)
        self._shown = True


class LiveLine(_Paced):
    """In a terminal; where stdout is none, nothing is said before the end."""

    def changed(self, record: Record, cell: str) -> None:
        """Show how far it is, unless that was done just before."""
        if sys.stdout.isatty() and self._due():
            self._write(f"[zcnb] sweep of {cell}: {self._said(record)}")

    def finish(self, sweep: Sweep) -> None:
        """Take the line away; a result that is not returned is printed."""
        if sys.stdout.isatty():
            self._write("")
        if sweep.interrupted:
            print(sweep)

    @staticmethod
    def _write(line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}\r", end="", flush=True)
