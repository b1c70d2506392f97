"""`%zcnb status`: the daemon's health, as a widget that updates by itself or as a table in a terminal."""

from __future__ import annotations

import threading
import time
from typing import Any

from zcnb.client.control import running_status
from zcnb.config import Config
from zcnb.errors import ZcnbError
from zcnb.model.health import Status
from zcnb_kernel import render
from zcnb_kernel.screen import publish

REFRESH_S = 2.0
"""A look costs the daemon 0.1 ms; people see a change within two seconds."""


class HealthView:
    """One live view; showing another ends the former's updates."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._stop = threading.Event()
        self._widget: Any = None

    def show(self) -> None:
        """Display the view and keep it up to date until `close`."""
        import ipywidgets

        status = current(self._config)
        page = render.status_html(status, time.strftime("at %H:%M:%S"))
        self._widget = ipywidgets.HTML(page)
        publish({"text/plain": render.status_text(status), "text/html": page}, {}, self._widget)
        threading.Thread(target=self._refresh, name="zcnb-health", daemon=True).start()

    def close(self) -> None:
        """No more updates; what is shown stays."""
        self._stop.set()

    def _refresh(self) -> None:
        while not self._stop.wait(REFRESH_S):
            if self._widget.comm is None:  # closed in the notebook
                return
            self._widget.value = render.status_html(current(self._config), time.strftime("at %H:%M:%S"))


def current(config: Config) -> Status | None:
    """The running daemon's health; `None` if none runs or it does not answer."""
    try:
        return running_status(config)
    except ZcnbError:
        return None


def print_status(config: Config) -> None:
    """The same facts in a terminal."""
    from rich.console import Console
    from rich.table import Table

    status = current(config)
    if status is None:
        Console().print(render.status_text(None))
        return
    table = Table(title="zcnb daemon", show_header=False)
    for name, value in status.rows():
        table.add_row(name, value)
    Console().print(table)
