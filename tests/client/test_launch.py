"""Starting the daemon: once, detached, with nothing but its own descriptors, and without holding up who asked."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb import journal, transport
from zcnb.client import launch
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import EndpointError, TransportIOError
from zcnb.osdep import FileLock, process_start


def lock_of(config: Config) -> FileLock:
    return FileLock(config.endpoint.with_suffix(".lock"))


def test_a_first_call_with_captured_pipes_returns_at_once(config: Config) -> None:
    """A daemon that kept the pipe open would make the caller wait for its end."""
    env = {**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "zcnb", "start"], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    took = time.monotonic() - begin
    print(f"took {took:.2f} s")
    assert took < 10
    assert "The daemon runs" in done.stdout
    with Session(config) as session:
        assert f"pid {session.status().pid}," in done.stdout


def test_the_daemon_has_its_own_descriptors_and_no_other(config: Config, tmp_path: Path) -> None:
    with (tmp_path / "kernel's file").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        with Session(config) as session:
            pid = session.status().pid

            def open_files() -> list[str]:
                folder = Path(f"/proc/{pid}/fd")
                return [os.readlink(fd) for fd in sorted(folder.iterdir(), key=lambda fd: int(fd.name))]

            links = open_files()
    log = str(launch.log_path(config))
    assert links[:3] == ["/dev/null", log, log]
    files = [link for link in links[3:] if link.startswith("/")]
    assert all(link.startswith(str(config.cache_dir)) for link in files), files  # the index of the store
    lock = str(config.endpoint.with_suffix(".lock"))
    assert lock not in links  # let go of when it answered
    assert not lock_of(config).taken()


def test_the_daemon_stands_alone(config: Config) -> None:
    with Session(config) as session:
        pid = session.status().pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert os.getsid(pid) != os.getsid(0)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    assert int(status["SigIgn"], 16) & 1 << (signal.SIGINT - 1)
    assert int(status["PPid"]) != os.getpid()
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0].decode() for entry in environ if entry}
    assert {name for name in names if not name.startswith("ZCNB_")} <= set(launch.KEPT)


def test_its_clients_see_who_it_is_from_the_socket(config: Config) -> None:
    """And not who bound it: the wrapper looks whether that process is at work."""
    with Session(config) as session, socket.socket(socket.AF_UNIX) as client:
        pid = session.status().pid
        client.connect(str(config.endpoint))
        assert struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == pid


def test_it_reports_its_start(config: Config) -> None:
    with Session(config) as session:
        pid = session.status().pid
    report = journal.read_report(config.endpoint)
    assert report is not None
    assert report.alive
    assert (report.pid, report.started, report.how) == (pid, process_start(pid), "launched")
    [row] = journal.read(config.endpoint)
    assert (row["event"], row["pid"], row["how"]) == ("start", pid, "launched")


def test_the_lock_means_that_a_daemon_is_being_started(config: Config) -> None:
    assert not launch.starting(config)
    with launch.locked(config, 1):
        assert launch.starting(config)
    assert not launch.starting(config)
    assert config.endpoint.with_suffix(".lock").exists()  # and means nothing


def test_who_finds_it_locked_waits_for_that_daemon(config: Config) -> None:
    """And takes the connection as soon as somebody listens, not only when the lock is free."""
    opened = threading.Event()

    def connect() -> None:
        launch.connect_or_launch(config).close()
        opened.set()

    with launch.locked(config, 1):
        waiting = threading.Thread(target=connect)
        waiting.start()
        assert not opened.wait(0.2)
        with transport.bind(config.endpoint):
            waiting.join(5)
            assert opened.is_set()
    config.endpoint.unlink()
    assert journal.read(config.endpoint) == []


def test_but_not_for_ever(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "LAUNCH_S", 0.2)
    with launch.locked(config, 1), pytest.raises(EndpointError, match="nothing listens"):
        launch.connect_or_launch(config)


def test_a_silent_daemon_that_is_just_starting_is_waited_for(config: Config) -> None:
    """Its launcher's lock says so: nobody asks, and nobody kills."""
    with launch.locked(config, 1) as lock:
        listener = transport.bind(config.endpoint)
        session = Session(config)
        pings: list[float] = []
        waiting = threading.Thread(target=lambda: pings.append(session.ping()))
        waiting.start()
        time.sleep(2.5)  # far longer than a running daemon may be silent
        with listener:
            launch._spawn(config, listener, lock)
    waiting.join(10)
    assert len(pings) == 1
    session.close()
    assert [row["event"] for row in journal.read(config.endpoint)] == ["start"]


def test_taking_over_leaves_no_moment_without_a_listener(config: Config) -> None:
    with Session(config) as session:
        old = session.status().pid
    misses = 0
    ended = threading.Event()

    def look() -> None:
        nonlocal misses
        while not ended.is_set():
            misses += not transport.probe(config.endpoint)

    looking = threading.Thread(target=look)
    looking.start()
    with launch.locked(config, 1) as lock:
        launch.take_over(config, lock)
    with Session(config) as session:
        assert session.status().pid != old
    ended.set()
    looking.join()
    assert misses == 0
    assert not config.endpoint.with_suffix(".new").exists()
    assert wait_until(lambda: "endpoint lost" in [row.get("reason") for row in journal.read(config.endpoint)])


def test_taking_over_needs_a_socket_or_nothing_in_its_way(config: Config) -> None:
    config.endpoint.write_text("somebody's file")
    with launch.locked(config, 1) as lock, pytest.raises(EndpointError, match="not a socket"):
        launch.take_over(config, lock)
    assert config.endpoint.read_text() == "somebody's file"


def test_a_folder_that_cannot_be_made_is_a_transport_error(config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TransportIOError, match="cannot be started"):
        launch.connect_or_launch(replace(config, socket=tmp_path / "file" / "s.sock"))


def test_a_daemon_that_dies_at_once_is_not_started_again_and_again(config: Config, tmp_path: Path) -> None:
    broken = tmp_path / "config" / "zcnb"
    broken.mkdir(parents=True)
    (broken / "zcnb_config.toml").write_text("nonsense = 1\n")
    os.environ["XDG_CONFIG_HOME"] = str(broken.parent)
    try:
        with Session(config) as session, pytest.raises(Exception, match="unknown setting 'nonsense'"):
            session.ping()
    finally:
        del os.environ["XDG_CONFIG_HOME"]
    assert launch.log_path(config).read_text().count("nonsense") == 2  # the try, and one more
