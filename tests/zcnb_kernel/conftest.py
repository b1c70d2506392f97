"""A real ipykernel with zcnb loaded, on a private daemon."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from zcnb.config import Config

TRIES = 3


@dataclass
class Ran:
    """What one execution put out, in order."""

    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def stream(self, name: str) -> str:
        """All text of one stream."""
        return "".join(c["text"] for kind, c in self.messages if kind == "stream" and c["name"] == name)

    @property
    def error(self) -> dict[str, Any] | None:
        """The error, if the cell raised one."""
        return next((content for kind, content in self.messages if kind == "error"), None)

    @property
    def displays(self) -> list[dict[str, Any]]:
        """Contents of displays and their updates."""
        return [c for kind, c in self.messages if kind in {"display_data", "update_display_data", "execute_result"}]

    @property
    def facts(self) -> dict[str, Any]:
        """zcnb's own facts in the last display that has some."""
        return next(d["metadata"]["zcnb"] for d in reversed(self.displays) if "zcnb" in d["metadata"])


class Kernel:
    """One kernel; `run` executes a cell and collects what it puts out."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def start(self, code: str, **metadata: Any) -> str:
        """Send a cell without waiting; its message id."""
        message = self.client.session.msg("execute_request", _content(code), metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def collect(self, request: str, until: str | None = None, timeout: float = 60) -> Ran:
        """Everything that `request` puts out, up to its end or the first stream text that holds `until`."""
        ran = Ran()
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            ran.messages.append((kind, content))
            if kind == "status" and content["execution_state"] == "idle":
                return ran
            if until is not None and kind == "stream" and until in content["text"]:
                return ran

    def run(self, code: str, **metadata: Any) -> Ran:
        """Execute a cell to its end."""
        return self.collect(self.start(code, **metadata))

    def value(self, expression: str) -> str:
        """`repr` of an expression in the kernel."""
        ran = self.run(f"print(repr({expression}))")
        assert ran.error is None, ran.error
        return ran.stream("stdout").strip()


def _content(code: str) -> dict[str, Any]:
    return {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}


def kernel_environment(config: Config) -> dict[str, str]:
    """The environment of a kernel that uses the daemon of `config`."""
    return {**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)}


def new_kernel(env: dict[str, str], cwd: Path) -> tuple[KernelManager, BlockingKernelClient]:
    """A kernel in `cwd`. Its ports are chosen some time before it binds them, and the other test process may take
    one in between: then it dies at once, and another is started."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(RuntimeError):
            return start_new_kernel(kernel_name="python3", env=env, cwd=str(cwd))
    return start_new_kernel(kernel_name="python3", env=env, cwd=str(cwd))


@pytest.fixture
def bare_kernel(config: Config, project: Path) -> Iterator[Kernel]:
    """A kernel in the project's folder, zcnb not loaded."""
    manager, client = new_kernel(kernel_environment(config), project)
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(bare_kernel: Kernel) -> Kernel:
    """The same with `%load_ext zcnb`."""
    assert bare_kernel.run("%load_ext zcnb").error is None
    return bare_kernel
