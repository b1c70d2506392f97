"""Fixtures for all tests. Every test that needs a daemon gets its own, in its own cache folder, and it is
ended afterwards; a test that leaves processes or temporary folders behind fails."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zcnb.client import control as client
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec, Language

for name in [name for name in os.environ if name.startswith("ZCNB_")]:
    del os.environ[name]  # the person's own daemon and settings stay out of it

# Started with `&` or by `nohup`, this process ignores them; what tests start must hear them all the same.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Config]:
    """Settings with a private cache and a private endpoint; the daemon behind it is ended afterwards."""
    yield from _private(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The same for a whole module: its tests mark their sources, or have places of their own."""
    yield from _private(tmp_path_factory.mktemp("shared"))


def _private(folder: Path) -> Iterator[Config]:
    runtime = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))  # short: a socket's path ends at 104 bytes
    settings = Config(cache_dir=folder / "cache", socket=runtime / "s.sock", idle_timeout=120.0)
    yield settings
    end_daemon(settings)
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def session(config: Config) -> Iterator[Session]:
    """A client of a private daemon."""
    made = Session(config)
    yield made
    made.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder that stands for the notebook's."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def make_spec(project: Path) -> Callable[..., BuildSpec]:
    """`make_spec(source, language="c++", flags=(), **fields)` in the project's folder."""

    def make(source: str, language: Language = "c++", flags: tuple[str, ...] = (), **fields: object) -> BuildSpec:
        values: dict[str, object] = {"cwd": str(project), "env": dict(os.environ)} | fields
        return BuildSpec(language=language, source=source.encode(), flags=flags, **values)  # type: ignore[arg-type]

    return make


def end_daemon(config: Config) -> None:
    """End the daemon of `config`, by force if it does not answer."""
    try:
        status = client.running_status(config)
        if status is None:
            return
        client.stop(config)
    except Exception:  # noqa: BLE001  # a test may have frozen or broken it on purpose
        status = None
    if status is not None:
        pid = status.pid
        if not wait_until(lambda: not alive(pid)):
            os.kill(status.pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs. One that ended but was not yet collected by its parent (a zombie) does not, once
    all of its threads have ended too: until then, its sockets are open."""
    try:
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return not ended or len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def group_alive(pgid: int) -> bool:
    """Whether any process of a group runs."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group, *_ = stat.read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if int(group) == pgid and state != "Z":
            return True
    return False


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether `condition` became true within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def need(tool: str) -> str:
    """The path of `tool`, or skip with a reason (CI installs them all: see `.ci/packages`)."""
    path = shutil.which(tool)
    if path is None:
        pytest.skip(f"{tool} is not installed")
    return path
