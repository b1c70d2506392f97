"""A client and a real daemon: start, races, health, falling back, ending."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import alive, wait_until
from zcnb.client.control import running_status, stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import CompilerNotFound, TransportError, UsageError
from zcnb.model.spec import BuildSpec

Make = Callable[..., BuildSpec]
MAIN = "int main() { return 0; }"


def test_the_first_request_starts_the_daemon_and_it_is_nobodys_child(session: Session, config: Config) -> None:
    assert running_status(config) is None
    assert session.ping() > 0
    status = running_status(config)
    assert status is not None
    facts = Path(f"/proc/{status.pid}/stat").read_text().rpartition(")")[2].split()
    parent, group, leader = int(facts[1]), int(facts[2]), int(facts[3])
    assert parent != os.getpid()
    assert leader != os.getsid(0)
    assert group != os.getpgrp()
    assert os.readlink(f"/proc/{status.pid}/cwd") == "/"
    ignored = int(next(r for r in Path(f"/proc/{status.pid}/status").read_text().splitlines() if "SigIgn" in r)[8:], 16)
    assert ignored & 1 << (signal.SIGINT - 1)


def test_the_daemon_inherits_no_descriptor(config: Config) -> None:
    """A kernel's ZeroMQ sockets would keep its ports open."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        os.set_inheritable(listener.fileno(), True)
        with Session(config) as session:
            session.status()
        status = running_status(config)
        assert status is not None
        inode = os.fstat(listener.fileno()).st_ino
        links = []
        for fd in Path(f"/proc/{status.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # our own look's connection is just being closed
                links.append(os.readlink(fd))
    assert f"socket:[{inode}]" not in links


def test_a_hundred_racing_clients_get_one_daemon(config: Config) -> None:
    code = (
        "import sys, json; from pathlib import Path\n"
        "from zcnb.config import Config; from zcnb.client.session import Session\n"
        "c = Config(cache_dir=Path(sys.argv[1]), socket=Path(sys.argv[2]))\n"
        "print(json.dumps(Session(c).status().pid))"
    )
    argv = [sys.executable, "-c", code, str(config.cache_dir), str(config.socket)]
    clients = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(100)]
    pids = {json.loads(client.communicate(timeout=60)[0]) for client in clients}
    assert all(client.returncode == 0 for client in clients)
    assert len(pids) == 1


def test_stop_ends_it_and_the_next_request_starts_another(session: Session, config: Config) -> None:
    first = session.status().pid
    assert stop(config)
    assert not stop(config)
    assert wait_until(lambda: not alive(first))
    assert session.status().pid != first


def test_it_ends_by_itself_when_idle(config: Config) -> None:
    os.environ["ZCNB_IDLE_TIMEOUT_SECS"] = "0.3"
    try:
        with Session(config) as session:
            pid = session.status().pid
    finally:
        del os.environ["ZCNB_IDLE_TIMEOUT_SECS"]
    assert wait_until(lambda: not alive(pid), 10)
    assert not config.endpoint.exists()


@pytest.mark.parametrize("lane", ["plain", "tagged", "envelope"])
def test_builds_in_every_lane(config: Config, make_spec: Make, lane: str) -> None:
    with Session(replace(config, wire=lane)) as session:
        assert [session.build(make_spec(MAIN)).cache for _ in range(2)] == ["miss", "hit"]


def test_a_program_in_the_store_cannot_be_written_to(session: Session, make_spec: Make) -> None:
    program = Path(session.build(make_spec(MAIN)).program)
    assert program.stat().st_mode & 0o777 == 0o555
    assert subprocess.run([program], check=False).returncode == 0


def test_disable_and_no_fallback(config: Config, make_spec: Make) -> None:
    spec = make_spec(MAIN)
    with Session(replace(config, disable=True)) as session:
        assert session.build(spec).cache == "direct"
    assert running_status(config) is None
    config.endpoint.mkdir()  # nobody can listen here
    with Session(config) as session:
        built = session.build(spec)
        assert built.cache == "direct"
        assert built.notices[0].startswith("compiled without the cache [C]: ")
    with pytest.raises(TransportError), Session(replace(config, fallback=False)) as session:
        session.build(spec)
    config.endpoint.rmdir()


def test_folders_of_killed_processes_are_swept(config: Config, make_spec: Make, tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = Path(tempfile.gettempdir()) / f"zcnb-direct-{ended.pid}-left"
    left.mkdir()
    with Session(replace(config, disable=True)) as session:
        program = Path(session.build(make_spec(MAIN)).program)
        assert not left.exists()
        with Session(replace(config, disable=True)) as other:
            other.build(make_spec(MAIN))
            assert program.exists()
    assert not program.exists()


@pytest.mark.parametrize(
    ("source", "language"), [(MAIN, "c++"), ("fn main() {}", "rust"), ("int main( { }", "c++"), ("int f();", "c")]
)
def test_direct_builds_give_the_same_answers(session: Session, make_spec: Make, source: str, language: str) -> None:
    spec = make_spec(source, language)
    with Session(replace(session.config, disable=True)) as direct:
        one, two = session.build(spec), direct.build(spec)
        assert (one.ok, one.exit_code, one.diagnostics) == (two.ok, two.exit_code, two.diagnostics)
        if one.ok and language != "rust":
            assert Path(one.program).read_bytes() == Path(two.program).read_bytes()


def test_errors_are_the_same_with_and_without_daemon(config: Config, make_spec: Make) -> None:
    for session in (Session(config), Session(replace(config, disable=True))):
        with pytest.raises(UsageError, match="whole program"):
            session.build(make_spec(MAIN, flags=("-c",)))
        with pytest.raises(CompilerNotFound, match="not found on PATH"):
            session.build(make_spec(MAIN, compiler="no-such-compiler"))
        session.close()


def test_a_daemon_that_cannot_start_says_where_its_log_is(config: Config, make_spec: Make, tmp_path: Path) -> None:
    broken = tmp_path / "config" / "zcnb"
    broken.mkdir(parents=True)
    (broken / "zcnb_config.toml").write_text("nonsense = 1\n")
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    try:
        with Session(config) as session:
            built = session.build(make_spec(MAIN))
    finally:
        del os.environ["XDG_CONFIG_HOME"]
    assert built.cache == "direct"
    assert "unknown setting 'nonsense'" in built.notices[0]
    assert ".log" in built.notices[0]


def test_a_fork_makes_its_own_connection(session: Session) -> None:
    session.ping()
    child = os.fork()
    if child == 0:
        try:
            session.ping()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert session.ping() > 0


def test_status_counts(session: Session, make_spec: Make) -> None:
    for _ in range(3):
        session.build(make_spec(MAIN))
    status = session.status()
    assert (status.hits, status.misses) == (2, 1)
    assert status.cache_bytes > 0
    gone = session.clear()
    assert gone.entries == 2
    assert session.status().cache_bytes == 0
    assert session.build(make_spec(MAIN)).cache == "miss"
