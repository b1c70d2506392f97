"""A daemon that is frozen, killed, replaced, unlinked or forged, before, during and after a build: the client gets
the right program within its budget, and a healthy daemon is never killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import alive, wait_until
from zcnb import __version__, journal, transport
from zcnb.client import launch, rescue
from zcnb.client.control import stop
from zcnb.client.recovery import Probe, WedgeAction
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import EndpointError
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.osdep import FileLock, process_start
from zcnb.wire.connection import Connection, Received
from zcnb.wire.messages import Ping, Pong, Welcome
from zcnb.wire.versions import PROTOCOL

Make = Callable[..., BuildSpec]
BUDGET_S = 15.0
"""Three times what a frozen daemon may cost on an idle machine."""


SLOW = """#!/bin/sh
case "$*" in
*" -c "*) echo >> {begun}; sleep {seconds} ;;
esac
exec g++ "$@"
"""


def exits(code: int) -> str:
    return f"int main() {{ return {code}; }}"


def code_of(built: Built) -> int:
    """What the built program says."""
    assert built.ok, built.diagnostics
    return subprocess.run([built.program], check=False).returncode


def rows(config: Config, event: str) -> list[journal.Row]:
    return [row for row in journal.read(config.endpoint) if row["event"] == event]


@contextlib.contextmanager
def within(seconds: float = BUDGET_S) -> Iterator[None]:
    begin = time.monotonic()
    yield
    took = time.monotonic() - begin
    print(f"took {took:.2f} s")
    assert took < seconds


@pytest.fixture
def freeze() -> Iterator[Callable[[int], None]]:
    """`freeze(pid)`: stop a process; killed afterwards, whatever the client did."""
    frozen: list[tuple[int, int]] = []

    def stopped(pid: int) -> None:
        frozen.append((pid, process_start(pid)))
        os.kill(pid, signal.SIGSTOP)

    yield stopped
    for pid, started in frozen:
        if alive(pid) and process_start(pid) == started:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def slow(project: Path) -> Callable[[float], str]:
    """`slow(seconds)`: a compiler that takes that long, and says in the file `begun` that it began."""

    def make(seconds: float) -> str:
        path = project / "slow++"
        path.write_text(SLOW.format(seconds=seconds, begun=project / "begun"))
        path.chmod(0o755)
        return str(path)

    return make


def in_background(session: Session, spec: BuildSpec) -> tuple[threading.Thread, list[Built]]:
    answers: list[Built] = []
    thread = threading.Thread(target=lambda: answers.append(session.build(spec)))
    thread.start()
    return thread, answers


@pytest.fixture
def deaf(config: Config) -> Iterator[socket.socket]:
    """A process of somebody (the tests' own) that accepts at the endpoint and never answers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(config.endpoint))
        listener.listen(8)
        yield listener


# ---------------------------------------------------------------------------------------------------- frozen


@pytest.mark.parametrize("connected", [True, False], ids=["old connection", "new connection"])
@pytest.mark.parametrize("size", [0, 300_000], ids=["small", "larger than the socket's buffer"])
def test_frozen_before_a_build(
    config: Config, make_spec: Make, freeze: Callable[[int], None], connected: bool, size: int
) -> None:
    with Session(config) as session:
        pid = session.status().pid
        if not connected:
            session.close()
        freeze(pid)
        with within():
            built = session.build(make_spec(exits(3) + "\n//" + "x" * size))
        assert code_of(built) == 3
        assert built.cache == "miss"
        assert len(built.notices) == 1
        assert "[W]" in built.notices[0]
        assert session.status().pid != pid
    assert wait_until(lambda: not alive(pid))
    [wedge], [death] = rows(config, "wedge"), rows(config, "death")
    assert (wedge["probe"], wedge["action"], death["pid"]) == ("TIMEOUT", "REPLACE", pid)


def test_frozen_during_a_build(
    session: Session, make_spec: Make, project: Path, slow: Callable[[float], str], freeze: Callable[[int], None]
) -> None:
    pid = session.status().pid
    thread, answers = in_background(session, make_spec(exits(4), compiler=slow(1)))
    assert wait_until((project / "begun").exists)
    freeze(pid)
    with within():
        thread.join()
    assert code_of(answers[0]) == 4
    assert [notice[:3] for notice in answers[0].notices] == ["[W]"]
    assert wait_until(lambda: not alive(pid))


def test_a_frozen_daemon_is_ended_by_stop_as_well(config: Config, freeze: Callable[[int], None]) -> None:
    with Session(config) as session:
        pid = session.status().pid
    freeze(pid)
    with within():
        assert stop(config)
    assert wait_until(lambda: not alive(pid))
    assert not config.endpoint.exists()
    assert not stop(config)


def test_twenty_clients_replace_a_frozen_daemon_once(
    config: Config, make_spec: Make, freeze: Callable[[int], None]
) -> None:
    with Session(config) as session:
        freeze(session.status().pid)

    def build(number: int) -> tuple[int, int]:
        with Session(config) as own:
            return code_of(own.build(make_spec(exits(number)))), own.status().pid

    with within(), ThreadPoolExecutor(20) as pool:
        found = list(pool.map(build, range(20)))
    assert [code for code, _ in found] == list(range(20))
    assert len({pid for _, pid in found}) == 1
    assert len(rows(config, "start")) == 2
    assert len(rows(config, "death")) == 1


# ---------------------------------------------------------------------------------------------------- killed


def test_killed_before_a_build(session: Session, make_spec: Make) -> None:
    os.kill(session.status().pid, signal.SIGKILL)
    with within():
        built = session.build(make_spec(exits(5)))
    assert (code_of(built), built.cache, built.notices) == (5, "miss", ())


def test_killed_during_a_build(
    session: Session, config: Config, make_spec: Make, project: Path, slow: Callable[[float], str]
) -> None:
    pid = session.status().pid
    thread, answers = in_background(session, make_spec(exits(6), compiler=slow(1)))
    assert wait_until((project / "begun").exists)
    os.kill(pid, signal.SIGKILL)
    with within():
        thread.join()
    assert (code_of(answers[0]), answers[0].cache, answers[0].notices) == (6, "miss", ())
    [lost], [death] = rows(config, "client-disconnected"), rows(config, "death")
    assert (lost["cause"], lost["client_pid"], lost["client_binary"]) == ("comm-error", os.getpid(), sys.executable)
    assert int(str(lost["unix_ms"])) <= int(str(death["unix_ms"]))
    assert death["pid"] == pid


def test_killed_after_a_build(session: Session, config: Config, make_spec: Make) -> None:
    spec = make_spec(exits(7))
    session.build(spec)
    os.kill(session.status().pid, signal.SIGKILL)
    with within():
        built = session.build(spec)
    assert (code_of(built), built.cache) == (7, "hit")
    assert [row["event"] for row in journal.read(config.endpoint)][-2:] == ["death", "start"]


def test_a_connection_that_is_cut_while_sending(config: Config, make_spec: Make) -> None:
    def serve(listener: socket.socket) -> None:
        with listener, listener.accept()[0] as peer:
            connection = Connection()
            while True:
                connection.receive(peer.recv(4096))
                while isinstance(event := connection.next_event(), Received):
                    if isinstance(event.message, Ping):
                        peer.sendall(connection.send(event.tag, Pong()))
                        peer.recv(1)
                        return
                    peer.sendall(connection.send(event.tag, Welcome(__version__, os.getpid(), PROTOCOL)))

    serving = threading.Thread(target=serve, args=[transport.bind(config.endpoint)])
    serving.start()
    with Session(config) as session:
        built = session.build(make_spec(exits(16) + "\n//" + "x" * 1_000_000))
    serving.join()
    assert (code_of(built), built.cache, built.notices) == (16, "miss", ())
    [lost] = rows(config, "client-disconnected")
    assert (lost["cause"], lost["client_version"]) == ("pipe-closed-mid-write", __version__)


def test_a_guarded_program_outlives_its_daemon_and_is_guarded_by_the_next(session: Session) -> None:
    with subprocess.Popen(["sleep", "60"], process_group=0) as program:
        session.guard(program.pid)
        first = session.status().pid
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: not alive(first))
        assert session.status().pid != first
        session.ping()
        assert program.poll() is None
        session.close()
        assert wait_until(lambda: program.poll() == -signal.SIGKILL, 5)


def test_without_a_retry_a_lost_daemon_means_a_direct_compile(
    config: Config, make_spec: Make, project: Path, slow: Callable[[float], str]
) -> None:
    with Session(replace(config, disable_link_retry=True)) as session:
        pid = session.status().pid
        thread, answers = in_background(session, make_spec(exits(8), compiler=slow(1)))
        assert wait_until((project / "begun").exists)
        os.kill(pid, signal.SIGKILL)
        thread.join()
        assert (code_of(answers[0]), answers[0].cache) == (8, "direct")
        assert answers[0].notices[0].startswith("compiled without the cache [R]: ")


# ---------------------------------------------------------------------------------------------------- replaced


def test_a_process_that_accepts_and_never_answers_loses_the_name(
    config: Config, make_spec: Make, deaf: socket.socket
) -> None:
    with Session(config) as session:
        with within():
            built = session.build(make_spec(exits(9)))
        assert (code_of(built), built.cache, len(built.notices)) == (9, "miss", 1)
        assert session.status().pid != os.getpid()
    assert rows(config, "death") == []


def test_neither_is_it_killed_by_stop(config: Config, deaf: socket.socket) -> None:
    with pytest.raises(EndpointError, match="no daemon of ours"):
        stop(replace(config, wedge_probe_budget=0.5))
    assert config.endpoint.exists()


def test_a_live_pid_with_another_start_is_somebody_else(config: Config, make_spec: Make, deaf: socket.socket) -> None:
    report = journal.write_report(config.endpoint, "launched")
    forged = {"pid": os.getpid(), "started": report.started + 1, "version": "0", "unix": 0.0, "how": "launched"}
    journal.report_path(config.endpoint).write_text(json.dumps(forged))
    ended: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    try:
        with Session(config) as session, within():
            assert code_of(session.build(make_spec(exits(10)))) == 10
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended == []


def test_stale_socket_lock_and_report_cost_nothing(config: Config, make_spec: Make) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(config.endpoint))
    config.endpoint.with_suffix(".lock").write_text("4711")
    journal.report_path(config.endpoint).write_text(
        json.dumps({"pid": os.getpid(), "started": 1, "version": "0", "unix": 0.0, "how": "launched"})
    )
    with Session(config) as session, within(5):
        assert session.build(make_spec(exits(11))).cache == "miss"
    assert [row["pid"] for row in rows(config, "death")] == [os.getpid()]


# ---------------------------------------------------------------------------------------------------- lost endpoint


@pytest.mark.parametrize("what", ["socket", "folder"])
def test_a_daemon_that_nobody_can_find_any_more(config: Config, make_spec: Make, what: str) -> None:
    with Session(config) as session:
        old = session.status().pid
        if what == "socket":
            config.endpoint.unlink()
        else:
            shutil.rmtree(config.endpoint.parent)
        with Session(config) as other:
            with within():
                assert code_of(other.build(make_spec(exits(12)))) == 12
            new = other.status().pid
        assert wait_until(lambda: not alive(old), 10)
        assert session.build(make_spec(exits(12))).cache == "hit"
        assert session.status().pid == new != old
    assert [row["reason"] for row in rows(config, "stop")] == ["endpoint lost"]


def test_a_daemon_whose_endpoint_is_gone_when_it_starts_does_not_stay(config: Config) -> None:
    with launch.locked(config, 1) as lock:
        launch.take_over(config, lock)
        config.endpoint.unlink()
    assert wait_until(lambda: [row["reason"] for row in rows(config, "stop")] == ["endpoint lost"], 10)
    [start] = rows(config, "start")
    assert wait_until(lambda: not alive(int(str(start["pid"]))), 5)


def test_it_finishes_its_builds_first(
    session: Session, config: Config, make_spec: Make, project: Path, slow: Callable[[float], str]
) -> None:
    pid = session.status().pid
    thread, answers = in_background(session, make_spec(exits(13), compiler=slow(4)))
    assert wait_until((project / "begun").exists)
    config.endpoint.unlink()
    thread.join()
    assert (code_of(answers[0]), answers[0].cache, answers[0].notices) == (13, "miss", ())
    assert (project / "begun").read_text() == "\n"
    assert wait_until(lambda: not alive(pid), 10)


# ---------------------------------------------------------------------------------------------------- probing


def test_probe(config: Config, freeze: Callable[[int], None]) -> None:
    assert rescue.probe(config, 0) is Probe.NOT_ASKED
    assert rescue.probe(config, 1) is Probe.ERROR
    with Session(config) as session:
        pid = session.status().pid
    assert rescue.probe(config, 5) is Probe.PONG
    freeze(pid)
    with within(2):
        assert rescue.probe(config, 0.3) is Probe.TIMEOUT


def test_a_full_backlog_is_a_timeout_too(config: Config) -> None:
    with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as queue:
        listener.bind(str(config.endpoint))
        listener.listen(0)
        waiting = queue.enter_context(socket.socket(socket.AF_UNIX))
        waiting.connect(str(config.endpoint))
        with within(2):
            assert rescue.probe(config, 0.3) is Probe.TIMEOUT


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["another protocol", "hangs up"])
def test_nonsense_is_an_error(config: Config, deaf: socket.socket, answer: bytes) -> None:
    def serve() -> None:
        peer, _ = deaf.accept()
        with peer:
            peer.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    assert rescue.probe(config, 5) is Probe.ERROR
    thread.join()


def test_whoever_answers_is_not_replaced(config: Config) -> None:
    with Session(config) as session:
        pid = session.status().pid
        assert not rescue.replace_daemon(config)
        assert rescue.rescue(config, watched=True) is WedgeAction.KEEP
        with pytest.raises(EndpointError, match="busy"):
            rescue.end_stuck(config)
        assert session.status().pid == pid


def test_somebody_who_holds_the_lock_is_waited_for_so_long_and_no_longer(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescue, "LOCK_S", 0.2)
    with launch.locked(config, 1), within(3), pytest.raises(EndpointError, match="somebody else"):
        rescue.replace_daemon(config)


def test_the_wedge_budget_ends_a_build_that_no_tool_works_at(
    config: Config, make_spec: Make, project: Path, slow: Callable[[float], str]
) -> None:
    """A plain connection cannot ask for progress: there the budget is all there is."""
    with Session(replace(config, wire="plain", wedge_recv_timeout=0.5)) as session:
        pid = session.status().pid
        with within():
            built = session.build(make_spec(exits(14), compiler=slow(2)))
        assert (code_of(built), built.cache) == (14, "direct")
        assert built.notices[0].startswith("compiled without the cache [W]: no complete answer within 0.5 s")
        assert session.status().pid == pid
    assert [row["action"] for row in rows(config, "wedge")] == ["KEEP"]


def test_it_does_not_end_one_that_a_tool_works_at(
    config: Config, make_spec: Make, slow: Callable[[float], str]
) -> None:
    with Session(replace(config, wedge_recv_timeout=2)) as session:
        built = session.build(make_spec(exits(15), compiler=slow(5)))
    assert (built.cache, built.notices, rows(config, "wedge")) == ("miss", (), [])


# ---------------------------------------------------------------------------------------------------- storms

STORM = """
import sys
from pathlib import Path
from zcnb.config import Config
from zcnb.client.session import Session
from zcnb.model.spec import BuildSpec
import os
config = Config(cache_dir=Path(sys.argv[1]), socket=Path(sys.argv[2]))
source = "#include <map>\\n#include <string>\\nint main() { return std::stoi(\\"%s\\"); }" % sys.argv[3]
spec = BuildSpec(language="c++", source=source.encode(), flags=(), cwd=sys.argv[4], env=dict(os.environ))
with Session(config) as session:
    built = session.build(spec)
    print(session.status().pid, built.cache, os.waitstatus_to_exitcode(os.system(built.program)), *built.notices)
"""


def crowd(config: Config, project: Path, count: int) -> list[list[str]]:
    """What `count` clients at once said."""
    argv = [sys.executable, "-c", STORM, str(config.cache_dir), str(config.endpoint)]
    pipe = subprocess.PIPE
    clients = [
        subprocess.Popen([*argv, str(n), str(project)], stdout=pipe, stderr=pipe, text=True) for n in range(count)
    ]
    ends = [(client.communicate(timeout=170), client.returncode) for client in clients]
    assert [text for (_, text), code in ends if code] == []
    return [out.split(maxsplit=3) for (out, _), _ in ends]


def test_a_busy_daemon_is_never_killed(config: Config, project: Path) -> None:
    with Session(config) as session:
        pid = session.status().pid
    found = crowd(config, project, 50)
    assert {words[0] for words in found} == {str(pid)}
    assert [words[2] for words in found] == [str(number) for number in range(50)]
    assert [words[3:] for words in found if words[3:]] == []
    assert [row["event"] for row in journal.read(config.endpoint)] == ["start"]


@pytest.fixture
def starve() -> Iterator[Callable[[int, float], None]]:
    """`starve(pid, seconds)`: leave a process next to nothing of the one processor that it may use, for so long."""
    spinners: list[subprocess.Popen[bytes]] = []

    def starved(pid: int, seconds: float) -> None:
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), {0})
            os.sched_setscheduler(int(thread), os.SCHED_IDLE, os.sched_param(0))
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text("19")
        code = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
        for _ in range(8):
            argv = ["taskset", "-c", "0", sys.executable, "-Sc", code]
            spinners.append(subprocess.Popen(argv, start_new_session=True))  # its own share, where sessions have one

    yield starved
    for spinner in spinners:
        spinner.kill()
        spinner.wait()


def test_a_starved_daemon_is_waited_for(config: Config, make_spec: Make, starve: Callable[[int, float], None]) -> None:
    """It has no turn, on a machine with much to do: it is not stuck, and another one would have none either."""
    with Session(config) as session:
        pid = session.status().pid
        starve(pid, 8)
        built = session.build(make_spec(exits(9)))
        assert (code_of(built), built.cache, session.status().pid) == (9, "miss", pid)
    assert {row["action"] for row in rows(config, "wedge")} <= {"KEEP"}
    assert rows(config, "death") == []


def test_a_starved_start_is_waited_for(config: Config, make_spec: Make, starve: Callable[[int, float], None]) -> None:
    """With three hundred clients around it, a daemon may need longer for its imports than a stuck one is given."""
    lock = FileLock(config.endpoint.with_suffix(".lock"))
    starting = threading.Thread(target=lambda: launch.connect_or_launch(config).close())
    starting.start()
    assert wait_until(lambda: lock.holder() not in {0, os.getpid()}, 10)
    pid = lock.holder()
    os.kill(pid, signal.SIGSTOP)
    starting.join(10)
    starve(pid, 15)
    os.kill(pid, signal.SIGCONT)
    with Session(config) as session:
        built = session.build(make_spec(exits(9)))
        assert (code_of(built), built.cache, session.status().pid) == (9, "miss", pid)
    assert [row["event"] for row in journal.read(config.endpoint) if row["event"] != "wedge"] == ["start"]


def test_a_hundred_clients_without_a_daemon_get_exactly_one(config: Config) -> None:
    def ask(_: int) -> int:
        with Session(config) as session:
            return session.status().pid

    with within(10), ThreadPoolExecutor(100) as pool:
        pids = set(pool.map(ask, range(100)))
    assert len(pids) == 1
    assert [row["event"] for row in journal.read(config.endpoint)] == ["start"]
