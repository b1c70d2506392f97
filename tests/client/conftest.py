"""A daemon whose constants are others: nobody waits thirty seconds for a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb.client.control import running_status
from zcnb.config import Config

ROOT = Path(__file__).parent.parent.parent
PatchedDaemon = Callable[..., int]

MAIN = """
import importlib, sys
for word in sys.argv[1:]:
    path, _, value = word.partition("=")
    module, _, name = path.rpartition(".")
    assert hasattr(importlib.import_module(module), name)
    setattr(importlib.import_module(module), name, float(value))
from zcnb import config
from zcnb.daemon.bootstrap import bootstrap
raise SystemExit(bootstrap(config.load()))
"""


@pytest.fixture
def patched_daemon(config: Config) -> Iterator[PatchedDaemon]:
    """`patched_daemon("zcnb.daemon.hostpipe.AWAY_S=0.5")` starts the daemon of `config`; its pid."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*constants: str) -> int:
        env = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
        argv = [sys.executable, "-c", MAIN, *constants]
        started.append(subprocess.Popen(argv, env={**os.environ, **env}, cwd=ROOT, start_new_session=True))
        assert wait_until(lambda: running_status(config) is not None)
        return started[-1].pid

    yield start
    for process in started:
        process.terminate()
        process.wait(20)
