"""One cell's output area: its card, a progress bar while it compiles, and the program's output.

Rules. A hit builds no widget before its program has started. The card stands
above the output: output is held back until the card is shown, `HOLD_S` at most,
so that a short program's card is shown once, in its final state. Everything is
`display_data`; compiler messages never use the stderr stream (graders give no
points for text there).
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from typing import Any

from zcnb.model.health import Progress
from zcnb_kernel import render
from zcnb_kernel.program import StreamName
from zcnb_kernel.report import Report

HOLD_S = 0.03
"""A program that ends within this time shows its card once. Nobody sees a delay this short."""

SETTLE_S = 1.0
"""A finished card stays a widget for this long; then it is published once more as plain data."""

UNKNOWN_MS = 1000.0
"""Half way after this long, when nobody knows how long it will take."""


class Screen:
    """Where a cell shows what it does. `widgets` off means display data alone."""

    def __init__(self, language: str, *, widgets: bool, capture: frozenset[StreamName]) -> None:
        self._language = language
        self._widgets = widgets
        self._captured: dict[StreamName, list[str]] = {name: [] for name in capture}
        self._held: list[tuple[StreamName, str]] = []
        self._id = uuid.uuid4().hex
        self._shown = False
        self._card: Any = None
        self._bar: Any = None
        self._box: Any = None
        self._running: Report | None = None
        self._since = 0.0

    def progress(self, progress: Progress) -> None:
        """The cell compiles, and has for a while."""
        if not self._widgets:
            return
        import ipywidgets

        if self._bar is None:
            self._bar = ipywidgets.FloatProgress(min=0.0, max=1.0, layout={"width": "20em", "height": "1em"})
            self._card = ipywidgets.HTML()
            self._box = ipywidgets.HBox([self._bar, self._card], layout={"align_items": "center"})
            language = render.LANGUAGES.get(self._language, self._language)
            self._publish({"text/plain": f"[zcnb] compiling {language} …"}, {}, self._box)
        expected = progress.expected_ms or progress.elapsed_ms + UNKNOWN_MS
        self._bar.value = min(progress.elapsed_ms / expected, 0.97)
        self._card.value = render.progress_html(progress, self._language)

    def started(self, report: Report) -> None:
        """The program runs from now on; `report` is what is known so far."""
        self._running, self._since = report, time.monotonic()
        if self._bar is None:
            self._widget("")  # built while the program starts on the other core

    def write(self, stream: StreamName, text: str) -> None:
        """The program's output."""
        if stream in self._captured:
            self._captured[stream].append(text)
        elif self._running is not None:  # the card is not up yet
            self._held.append((stream, text))
        else:
            self._emit(stream, text)
            self._flush()

    def tick(self) -> None:
        """Time goes by: a program that takes longer gets its card now."""
        if self._running is not None and time.monotonic() - self._since > HOLD_S:
            report, self._running = self._running, None
            self._show(report, running=True)
            self._release()
            self._flush()

    def finish(self, report: Report) -> None:
        """The last word: the card in its final state, and any output that was held back."""
        self._running = None
        self._show(report, running=False)
        self._release()
        if self._card is not None:
            timer = threading.Timer(SETTLE_S, self._settle, (report,))
            timer.daemon = True
            timer.start()

    def give_up(self) -> None:
        """No report will come (an interrupt, an error): leave no progress bar behind."""
        if self._bar is not None:
            said = "[zcnb] stopped while compiling"
            self._publish({"text/plain": said, "text/html": f"<div>{said}</div>"}, {}, None)
            self._close_widgets()

    def captured(self, stream: StreamName) -> str:
        """All that a captured stream wrote."""
        return "".join(self._captured[stream])

    def _settle(self, report: Report) -> None:
        """Leave plain data behind: nothing changes any more, and a notebook that is opened without this kernel
        shows an error in a widget's place, although the same facts lie beside it."""
        self._publish(*_forms(report), None)
        self._close_widgets()

    def _close_widgets(self) -> None:
        for widget in (self._box, self._bar, self._card):
            if widget is not None:
                widget.close()

    def _release(self) -> None:
        held, self._held = self._held, []
        for stream, text in held:
            self._emit(stream, text)

    @staticmethod
    def _emit(stream: StreamName, text: str) -> None:
        (sys.stdout if stream == "stdout" else sys.stderr).write(text)

    @staticmethod
    def _flush() -> None:
        """Without it ipykernel waits 200 ms; at the end of a cell it flushes by itself."""
        sys.stdout.flush()
        sys.stderr.flush()

    def _show(self, report: Report, *, running: bool) -> None:
        data, metadata = _forms(report, running=running)
        self._publish(data, metadata, self._widget(data["text/html"]))

    def _widget(self, page: str) -> Any:
        if not self._widgets:
            return None
        import ipywidgets

        if self._bar is not None:
            self._card.value = page
            self._box.children = (self._card,)
            return self._box
        if self._card is None:
            self._card = ipywidgets.HTML(page)
        else:
            self._card.value = page
        return self._card

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any], widget: Any) -> None:
        publish(data, metadata, widget, transient={"display_id": self._id}, update=self._shown)
        self._shown = True


class Terminal(Screen):
    """IPython in a terminal: output as it comes, and one line at the end."""

    def __init__(self, language: str, capture: frozenset[StreamName]) -> None:
        super().__init__(language, widgets=False, capture=capture)

    def started(self, report: Report) -> None:
        pass

    def _show(self, report: Report, *, running: bool) -> None:
        print(render.text(report), flush=True)


def _forms(report: Report, *, running: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card as data and metadata of a display."""
    data = {"text/plain": render.text(report, running=running), "text/html": render.html(report, running=running)}
    return data, {"zcnb": render.facts(report)}


def publish(data: dict[str, Any], metadata: dict[str, Any], widget: Any, **how: Any) -> None:
    """Display `data` with `widget` (or `None`) as its richest form; front ends without widgets take the next."""
    from IPython.display import publish_display_data

    if widget is not None:
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        data = {**data, "application/vnd.jupyter.widget-view+json": view}
    publish_display_data(data, metadata, **how)  # type: ignore[no-untyped-call]  # IPython has no annotations here
