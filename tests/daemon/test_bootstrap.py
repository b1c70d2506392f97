"""How the daemon comes to be (rows B1 to B6): bind first, report, serve; by hand, by a launcher, by systemd."""

from __future__ import annotations

import configparser
import errno
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import alive, need, wait_until
from zcnb import journal, transport
from zcnb.client.control import running_status, stop
from zcnb.client.session import Session
from zcnb.config import GIB, Config
from zcnb.daemon import bootstrap as under_test
from zcnb.daemon.bootstrap import BindError, BindFailure, bind, bootstrap, kind_of, listen, plan_of
from zcnb.errors import ConfigError, EndpointError
from zcnb.model.spec import BuildSpec
from zcnb.osdep import FileLock

ROOT = Path(__file__).parent.parent.parent
UNITS = ROOT / "share" / "systemd" / "user"
Daemon = Callable[..., "subprocess.Popen[str]"]

AUDITED = """
import os, runpy, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
watched = sys.argv[2]
def hook(event, args):
    if not event.startswith(("open", "os.", "sqlite3.", "shutil.", "tempfile.", "socket.", "pathlib.")):
        return
    for arg in args:
        if isinstance(arg, (str, bytes, os.PathLike)) and os.fsdecode(arg).startswith(watched):
            os.write(log, f"{event} {os.fsdecode(arg)}\\n".encode())
sys.addaudithook(hook)
sys.argv = ["zcnb.daemon"]
runpy.run_module("zcnb.daemon", run_name="__main__", alter_sys=True)
"""

SYSTEMD = """
import os, select, socket, sys
endpoint, *argv = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as listener:
    if os.path.exists(endpoint):
        os.unlink(endpoint)
    listener.bind(endpoint)
    listener.listen(8)
    while True:
        select.select([listener], [], [])
        if os.fork() == 0:
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": "x"}
            os.execv(argv[0], argv)
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""
"""What systemd does with a socket unit: it listens, starts the service when somebody comes, and keeps the socket."""


@pytest.fixture
def daemon(config: Config) -> Iterator[Daemon]:
    """`daemon(*argv, **env)`: a process with the settings of `config`, by default `python -m zcnb.daemon`."""
    started: list[subprocess.Popen[str]] = []

    def start(*argv: str, **env: str) -> subprocess.Popen[str]:
        own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.endpoint)}
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(
                argv or (sys.executable, "-m", "zcnb.daemon"),
                env={**os.environ, **own, **env},
                cwd=ROOT,
                stdout=pipe,
                stderr=pipe,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        with process:  # a service may still hold the other ends of its pipes: they are not read to their end
            pass


def answers(config: Config) -> bool:
    """Whether somebody answers a ping, without a start of our own."""
    return running_status(config) is not None


# ------------------------------------------------------------------------------------------------- B1, B2, B5


def test_no_file_of_the_cache_is_opened_before_the_endpoint_answers(
    config: Config, daemon: Daemon, tmp_path: Path
) -> None:
    config.cache_dir.mkdir()
    (config.cache_dir / "old").write_text("something to be found")
    log = tmp_path / "audit"
    daemon(sys.executable, "-c", AUDITED, str(log), str(config.cache_dir))
    assert wait_until(lambda: transport.probe(config.endpoint))
    with Session(config) as session:
        session.ping()
        assert log.read_text() == ""
        session.status()
    assert "sqlite3.connect" in log.read_text()  # the hook does see: now the store was opened


def test_bound_alone_the_endpoint_can_be_connected_to(tmp_path: Path) -> None:
    endpoint = tmp_path / "s.sock"
    with bind(endpoint):
        transport.connect(endpoint).close()
        assert os.listdir(tmp_path) == ["s.sock"]


# ------------------------------------------------------------------------------------------------- B3


def test_bound_then_reported_then_served(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def serve(sock: socket.socket, service: object, *, owned: bool, ready: Callable[[], None]) -> None:
        transport.connect(config.endpoint).close()
        report = journal.read_report(config.endpoint)
        assert report is not None
        assert (report.pid, report.how, owned) == (os.getpid(), "by hand", True)
        assert FileLock(config.endpoint.with_suffix(".lock")).taken()
        ready()
        assert not FileLock(config.endpoint.with_suffix(".lock")).taken()
        seen.extend(str(row["event"]) for row in journal.read(config.endpoint))
        sock.close()

    umask = os.umask(0o022)
    monkeypatch.setattr(under_test, "serve", serve)
    try:
        assert bootstrap(config) == 0
    finally:
        os.umask(umask)
    assert seen == ["start"]
    assert [row["event"] for row in journal.read(config.endpoint)] == ["start", "stop"]


def test_who_cannot_bind_neither_reports_nor_serves(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(*_: object, **__: object) -> None:
        raise AssertionError("served")

    monkeypatch.setattr(under_test, "serve", serve)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(config.endpoint))
        listener.listen(1)
        with pytest.raises(BindError):
            bootstrap(config)
    assert journal.read_report(config.endpoint) is None
    assert journal.read(config.endpoint) == []
    assert not FileLock(config.endpoint.with_suffix(".lock")).taken()


def test_a_second_daemon_by_hand_says_that_there_is_one(config: Config, daemon: Daemon) -> None:
    with Session(config) as session:
        pid = session.status().pid
        second = daemon()
        _, error = second.communicate(timeout=20)
        assert (second.returncode, error) == (
            1,
            f"zcnb daemon: {config.endpoint} is already served by a running daemon\n",
        )
        assert session.status().pid == pid


def test_by_hand_a_daemon_is_one_like_any_other(config: Config, daemon: Daemon) -> None:
    process = daemon()
    assert wait_until(lambda: answers(config))
    report = journal.read_report(config.endpoint)
    assert report is not None
    assert (report.pid, report.how) == (process.pid, "by hand")
    process.terminate()
    assert process.wait(10) == 0
    assert not config.endpoint.exists()
    assert [row.get("reason") for row in journal.read(config.endpoint)] == [None, "signal"]


# ------------------------------------------------------------------------------------------------- B4


def kind_at(endpoint: Path) -> BindFailure:
    with pytest.raises(BindError) as caught:
        bind(endpoint)
    return caught.value.kind


def test_why_an_endpoint_cannot_be_listened_at(tmp_path: Path) -> None:
    with bind(tmp_path / "live.sock"):
        assert kind_at(tmp_path / "live.sock") is BindFailure.TAKEN
    assert kind_at(tmp_path / ("x" * 200)) is BindFailure.INVALID
    (tmp_path / "file").write_text("")
    assert kind_at(tmp_path / "file") is BindFailure.INVALID
    (tmp_path / "link").symlink_to("live.sock")
    assert kind_at(tmp_path / "link") is BindFailure.INVALID
    assert kind_at(tmp_path / "file" / "s.sock") is BindFailure.IO
    assert kind_at(tmp_path / "nul\0") is BindFailure.INVALID


def test_the_kind_is_told_by_the_cause() -> None:
    def caused(number: int) -> EndpointError:
        error = EndpointError("cannot listen")
        error.__cause__ = OSError(number, os.strerror(number))
        return error

    assert kind_of(caused(errno.EADDRINUSE)) is BindFailure.TAKEN
    assert kind_of(caused(errno.EACCES)) is kind_of(caused(errno.ENOSPC)) is BindFailure.IO
    assert kind_of(PermissionError(errno.EACCES, "no")) is BindFailure.IO
    assert kind_of(EndpointError("too long")) is BindFailure.INVALID
    assert kind_of(ValueError("?")) is BindFailure.OTHER


# ------------------------------------------------------------------------------------------------- B6


def test_a_launchers_socket_is_adopted_and_the_environment_cleaned(tmp_path: Path) -> None:
    listener = bind(tmp_path / "s.sock")
    environ = {"ZCNB_LISTEN_FD": str(os.dup(listener.fileno())), "LISTEN_FDS": "1", "LISTEN_PID": "1", "PATH": "/bin"}
    listening = listen(tmp_path / "s.sock", environ)
    assert (listening.how, listening.endpoint, environ) == ("launched", tmp_path / "s.sock", {"PATH": "/bin"})
    assert not listening.sock.get_inheritable()
    listening.sock.close()
    listener.close()


@pytest.mark.parametrize("environ", [{"LISTEN_FDS": "1"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "2"}])
def test_sockets_that_are_meant_for_others_are_ignored(tmp_path: Path, environ: dict[str, str]) -> None:
    listening = listen(tmp_path / "s.sock", environ)
    assert (listening.how, environ) == ("by hand", {})
    listening.sock.close()


def test_systemd_starts_it_again_and_again_on_one_socket(config: Config, daemon: Daemon) -> None:
    systemd = daemon(
        sys.executable, "-c", SYSTEMD, str(config.endpoint), sys.executable, "-m", "zcnb.daemon",
        ZCNB_IDLE_TIMEOUT_SECS="0.3",
    )  # fmt: skip
    assert systemd.stdout is not None
    assert wait_until(lambda: config.endpoint.is_socket())
    inode = config.endpoint.stat().st_ino
    pids = []
    for _ in range(2):
        with Session(config) as session:
            pids.append(session.status().pid)
        assert systemd.stdout.readline() == "0\n"  # idle: it ended
        assert config.endpoint.stat().st_ino == inode
    assert len(set(pids)) == 2
    report = journal.read_report(config.endpoint)
    assert report is not None
    assert report.how == "systemd"
    rows = [(row["event"], row["pid"]) for row in journal.read(config.endpoint)]
    assert rows == [("start", pids[0]), ("stop", pids[0]), ("start", pids[1]), ("stop", pids[1])]


def test_what_systemd_keeps_is_neither_taken_over_nor_unlinked(
    config: Config, daemon: Daemon, make_spec: Callable[..., BuildSpec]
) -> None:
    systemd = daemon(sys.executable, "-c", SYSTEMD, str(config.endpoint), sys.executable, "-m", "zcnb.daemon")
    assert systemd.stdout is not None
    assert wait_until(lambda: config.endpoint.is_socket())
    inode = config.endpoint.stat().st_ino
    with Session(config) as session:
        pid = session.status().pid
        os.kill(pid, 19)  # SIGSTOP: the client ends it, and systemd starts the next
        built = session.build(make_spec("int main() {}"))
        assert (built.cache, len(built.notices)) == ("miss", 1)
        assert session.status().pid != pid
        assert not alive(pid)
    assert systemd.stdout.readline() == "-9\n"
    begin = time.monotonic()
    assert stop(config)
    assert time.monotonic() - begin < 5
    assert systemd.stdout.readline() == "0\n"
    assert config.endpoint.stat().st_ino == inode


# ------------------------------------------------------------------------------------------------- the units


def test_the_units_say_what_the_daemon_expects() -> None:
    units = {}
    for name in ("zcnb.socket", "zcnb.service"):
        units[name] = configparser.ConfigParser(interpolation=None)
        units[name].read_string((UNITS / name).read_text())
    listening = units["zcnb.socket"]["Socket"]
    assert (listening["ListenStream"], listening["SocketMode"]) == ("%t/zcnb.sock", "0600")
    service = units["zcnb.service"]["Service"]
    assert service["Environment"] == "ZCNB_SOCKET=%t/zcnb.sock"
    assert service["ExecStart"].endswith("python3 -m zcnb.daemon")
    assert units["zcnb.service"]["Unit"]["Requires"] == "zcnb.socket"


def test_systemd_finds_no_fault_with_them(tmp_path: Path) -> None:
    for name in ("zcnb.socket", "zcnb.service"):
        shutil.copy(UNITS / name, tmp_path)
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    argv = [need("systemd-analyze"), "verify", "--user", str(tmp_path / "zcnb.socket")]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in done.stderr.splitlines() if "zcnb" in line]
    assert complaints == []


def test_the_settings_become_a_plan(tmp_path: Path) -> None:
    plan = plan_of(Config(interactive_slots=3, batch_slots=5, batch_nice=7, batch_memory=GIB), tmp_path / "log")
    assert (plan.interactive.slots, plan.interactive.nice, plan.interactive.memory) == (3, 0, 0)
    assert (plan.batch.slots, plan.batch.nice, plan.batch.memory) == (5, 7, GIB)
    assert plan.interactive.idle == 0 < plan.batch.idle
    assert (plan.address, plan.secret, plan.log, plan.debug) == (None, b"", tmp_path / "log", False)


def test_without_settings_there_is_a_slot_for_each_core(tmp_path: Path) -> None:
    plan = plan_of(Config(), tmp_path)
    assert plan.interactive.slots == plan.batch.slots == min(os.cpu_count() or 1, 128)
    assert (plan.batch.nice, plan.batch.memory) == (10, 8 * GIB)


def test_debugging_and_somebody_elses_runner_mean_one_tool_at_a_time(tmp_path: Path) -> None:
    """Row R11."""
    for config in (Config(debug=True), Config(runner_address="/run/r.sock", batch_slots=9)):
        plan = plan_of(config, tmp_path)
        assert (plan.interactive.slots, plan.batch.slots) == (1, 1)


def test_the_secret_is_read_before_anybody_is_served(config: Config, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 40)
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        plan_of(Config(runner_address="localhost:9000", runner_secret=secret), tmp_path)
    secret.chmod(0o600)
    plan = plan_of(Config(runner_address="localhost:9000", runner_secret=secret), tmp_path)
    assert plan.secret == b"s" * 40
    assert "sss" not in repr(plan)
