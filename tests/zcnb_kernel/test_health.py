"""`%zcnb status` in a real kernel: fed by the daemon, through its comings and goings."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.conftest import wait_until
from tests.zcnb_kernel.conftest import Kernel
from zcnb.client.control import running_status, stop
from zcnb.config import Config

pytestmark = pytest.mark.kernel

HELLO = '%%cpp\n#include <cstdio>\nint main() { std::puts("hello"); }'


def comes(kernel: Kernel, text: str | Callable[[str], bool], seconds: float = 30) -> bool:
    """Whether the widget shows `text` within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = kernel.client.get_iopub_msg(timeout=seconds)
        value = str(message["content"].get("data", {}).get("state", {}).get("value", ""))
        if message["msg_type"] == "comm_msg" and (text in value if isinstance(text, str) else text(value)):
            return True
    return False


def test_a_view_shows_that_no_daemon_runs_and_starts_none(kernel: Kernel, config: Config) -> None:
    ran = kernel.run("%zcnb status")
    assert ran.error is None
    shown = ran.displays[0]["data"]["text/plain"]
    assert "No daemon" in shown or "no daemon" in shown
    time.sleep(1.0)
    assert running_status(config) is None
    kernel.start(HELLO)
    assert comes(kernel, "ready")


def test_a_view_follows_a_daemon_that_is_stopped_and_the_next_one(kernel: Kernel, config: Config) -> None:
    kernel.run(HELLO)
    kernel.run("%zcnb status")
    assert comes(kernel, "ready")
    stop(config)
    assert comes(kernel, lambda page: "daemon" in page and "ready" not in page)
    assert running_status(config) is None
    kernel.start(HELLO)
    assert comes(kernel, "1 hit")


def test_another_view_ends_the_former_and_unloading_ends_all(kernel: Kernel, config: Config) -> None:
    kernel.run(HELLO)
    kernel.run("%zcnb status")
    kernel.run("%zcnb status")
    threads = "sum(t.name == 'zcnb-host' for t in __import__('threading').enumerate())"
    assert kernel.value(threads) == "1"
    status = running_status(config)
    assert status is not None
    kernel.run("%unload_ext zcnb")
    assert kernel.value(threads) == "0"
    assert wait_until(lambda: (now := running_status(config)) is not None and now.connections == 1)
