"""`%zcnb status`: the daemon's health, as a widget that updates by itself or as a table in a terminal."""

from __future__ import annotations

import secrets
import time
from typing import Any

from zcnb.client.control import running_status
from zcnb.client.host import HostLine, watch_health
from zcnb.config import Config
from zcnb.errors import ZcnbError
from zcnb.model.health import Status
from zcnb_kernel import render
from zcnb_kernel.screen import publish

REFRESH_S = 2.0
"""The daemon tells its health so often, which costs it 0.1 ms; people see a change within two seconds."""


class HealthView:
    """One live view; showing another ends the former's updates. It never starts a daemon."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._widget: Any = None
        self._line: HostLine | None = None

    def show(self) -> None:
        """Display the view and keep it up to date until `close`."""
        import ipywidgets

        status = current(self._config)
        self._widget = ipywidgets.HTML(_page(status))
        data = {"text/plain": render.status_text(status), "text/html": self._widget.value}
        publish(data, {}, self._widget)
        host = f"health-{secrets.token_hex(8)}"  # a host of its own: a job's line has another health, none
        self._line = watch_health(self._config, host, self._update, REFRESH_S)

    def close(self) -> None:
        """No more updates; what is shown stays."""
        if self._line is not None:
            self._line.close()

    def _update(self, status: Status | None) -> None:
        """In the line's thread."""
        if self._widget.comm is None:  # closed in the notebook
            self.close()
        else:
            self._widget.value = _page(status)


def _page(status: Status | None) -> str:
    return render.status_html(status, time.strftime("at %H:%M:%S"))


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
