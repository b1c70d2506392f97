"""A real JupyterLab and a page of headless Chromium that shows it. For the browser tests and the README's picture.

The server has its own settings, data and runtime folders, the kernels have their
own daemon; nothing of the person's own Jupyter or cache is read or written, and
leaving the context ends all of it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect, sync_playwright

START_S = 60.0
"""JupyterLab needs two seconds to start, more on a busy machine."""

WAIT_MS = 20_000.0
"""How long a condition in the page is awaited."""

CHROMIUM_ARGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
SETTINGS: dict[str, dict[str, object]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    # All cells are in the page, also those out of sight; nothing is saved behind the test's back.
    "notebook-extension/tracker": {"windowingMode": "none", "recordTiming": False},
    "docmanager-extension/plugin": {"autosave": False},
}
_NUMBER = re.compile(r"^\[\d+\]:$")
DARK, LIGHT = "JupyterLab Dark", "JupyterLab Light"


def chromium() -> str | None:
    """The system's Chromium; none is ever downloaded."""
    return shutil.which("chromium")


@contextmanager
def browser_page(width: int = 1000, height: int = 900, scale: float = 1.0) -> Iterator[Page]:
    """A page of headless Chromium."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium's does not work for root
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium(), args=[*sandbox, *CHROMIUM_ARGS]) as browser,
    ):
        context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        expect.set_options(timeout=WAIT_MS)
        yield page


class Lab:
    """JupyterLab in a browser: `with Lab(folder) as lab: lab.open(["%load_ext zcnb"]); lab.run(0)`."""

    page: Page

    def __init__(self, folder: Path, *, width: int = 1000, height: int = 900, scale: float = 1.0) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self._size = (width, height, scale)
        self._run = Path(tempfile.mkdtemp(prefix="zl-", dir="/tmp"))  # short: a socket's path ends at 104 bytes
        self._token = secrets.token_hex(16)
        self._opened = 0
        self._cleanup: list[Callable[[], object]] = [lambda: shutil.rmtree(self._run, ignore_errors=True)]
        self.env = self._environment()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZCNB_", "JUPYTER"))}
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "XDG_CONFIG_HOME": "xdg",
            "ZCNB_CACHE_DIR": "cache",
        }
        return kept | {name: str(self.folder / path) for name, path in folders.items()} | {
            "ZCNB_SOCKET": str(self._run / "s.sock"),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self.notebooks.mkdir(parents=True, exist_ok=True)
            self._write_settings()
            self._start_server()
            self._start_browser()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End browser, server, kernels and daemon."""
        while self._cleanup:
            self._cleanup.pop()()

    def _write_settings(self) -> None:
        for name, values in SETTINGS.items():
            path = self.folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def _start_server(self) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        argv = [
            sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--expose-app-in-browser",
            "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self._token}",
            f"--ServerApp.root_dir={self.notebooks}", "--LabApp.news_url=", "--log-level=WARN",
        ]  # fmt: skip
        log = self.folder / "jupyterlab.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                argv, env=self.env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        stop = [sys.executable, "-m", "zcnb", "stop"]
        self._cleanup.append(lambda: subprocess.run(stop, env=self.env, stdout=subprocess.DEVNULL, check=False))
        self._cleanup.append(lambda: _end(server))
        deadline = time.monotonic() + START_S
        while not self._answers():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/api/status?token={self._token}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _start_browser(self) -> None:
        browser = ExitStack()
        self._cleanup.append(browser.close)
        self.page = browser.enter_context(browser_page(*self._size))

    def open(self, cells: Sequence[str]) -> Path:
        """Show a new notebook with these code cells and a kernel of its own; the former one's kernel is ended."""
        self.end_kernels()
        self._opened += 1
        path = self.notebooks / f"notebook{self._opened}.ipynb"
        path.write_text(json.dumps(_notebook(cells)))
        self.page.goto(f"{self.url}/doc/tree/{path.name}?reset&token={self._token}")
        self._ready(len(cells))
        return path

    def reload(self) -> None:
        """As a person reloads the page."""
        count = self.cells.count()
        self.page.reload()
        self._ready(count)

    def _ready(self, cells: int) -> None:
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")
        expect(self.cells).to_have_count(cells)
        self.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.ready; }")
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        expect(self.page.locator(".jp-NotebookPanel-toolbar [data-status=idle]")).to_be_visible()

    def end_kernels(self) -> None:
        """End all notebooks' kernels."""
        if self._opened:
            self.page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")

    @property
    def cells(self) -> Locator:
        """The notebook's cells."""
        return self.page.locator(".jp-Notebook .jp-CodeCell")

    def cell(self, index: int) -> Locator:
        """One cell."""
        return self.cells.nth(index)

    def output(self, index: int) -> Locator:
        """One cell's output area."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def prompt(self, index: int) -> str:
        """What stands beside a cell: `[3]:`, or `[*]:` while it runs or waits."""
        return (self.cell(index).locator(".jp-InputPrompt").text_content() or "").strip()

    def select(self, index: int) -> None:
        """Make a cell the active one, in edit mode."""
        self.cell(index).locator(".cm-content").click(position={"x": 2, "y": 4})
        expect(self.page.locator(".jp-Notebook.jp-mod-editMode")).to_be_visible()
        expect(self.cell(index).locator(".cm-focused")).to_be_visible()

    def start(self, index: int) -> None:
        """Run a cell by Ctrl+Enter; return when it has started or is over."""
        before = self.prompt(index)
        self.select(index)
        self.page.keyboard.press("Control+Enter")
        expect(self.cell(index).locator(".jp-InputPrompt")).not_to_have_text(before)

    def finished(self, index: int) -> None:
        """Wait until a started cell has its number."""
        expect(self.cell(index).locator(".jp-InputPrompt")).to_have_text(_NUMBER)

    def run(self, *indices: int) -> None:
        """Run cells one after the other, each to its end."""
        for index in indices:
            self.start(index)
            self.finished(index)

    def run_all(self) -> None:
        """Run all cells, until the kernel is idle or one has failed."""
        self.command("notebook:run-all-cells")
        self.idle()

    def interrupt(self) -> None:
        """By the keyboard: `i i` in command mode."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def save(self) -> None:
        """Save the notebook."""
        self.command("docmanager:save")

    def theme(self, name: str) -> None:
        """Change to `DARK` or `LIGHT`."""
        self.command("apputils:change-theme", {"theme": name})
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """One of JupyterLab's commands, awaited; for those whose key or menu is not what is tested."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }", [name, arguments or {}]
        )

    def picture(self, what: Locator, path: Path) -> None:
        """A screenshot of one element."""
        path.parent.mkdir(parents=True, exist_ok=True)
        what.screenshot(path=path, animations="disabled", caret="hide")


def _notebook(cells: Sequence[str]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "id": f"cell{number}",
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stop the server, which ends its kernels; by force if it does not."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
