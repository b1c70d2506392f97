"""Builds without the daemon: what the other suites do not see from outside."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import group_alive, wait_until
from zcnb.client.direct import build_directly
from zcnb.model.spec import BuildSpec


def test_an_interrupt_while_the_compiler_is_started_leaves_no_process(
    tmp_path: Path, project: Path, make_spec: Callable[..., BuildSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = project / "slow++"
    slow.write_text('#!/bin/sh\ncase "$*" in *-c*) sleep 60;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    made: list[int] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, argv: Any, **options: Any) -> None:
            super().__init__(argv, **options)
            if "-c" in argv:
                made.append(self.pid)
                os.kill(os.getpid(), signal.SIGINT)  # as if it came while this was waiting for the new process

    monkeypatch.setattr("zcnb.client.direct.subprocess.Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_directly(make_spec("int main() {}", compiler=str(slow)), tmp_path, "for a test")
    assert wait_until(lambda: not group_alive(made[0]), 5)
