"""A kernel's end of the host pipe, against real daemons that come, go and stop answering."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import alive, wait_until
from zcnb.client import host as host_module
from zcnb.client.control import running_status, stop
from zcnb.client.host import HostLine, watch_health
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import ConnectionClosed, DaemonError, Timeout
from zcnb.model.health import Status
from zcnb.model.job import JobSpec, Variant
from zcnb.wire.messages import GetJob, GetStatus, Health, Ping, Pong, Push, SubmitJob

Lines = Callable[..., HostLine]


@pytest.fixture
def line(config: Config) -> Iterator[Lines]:
    """`line(on_push, **more)`: a line to the daemon of `config`, closed afterwards."""
    made: list[HostLine] = []

    def make(on_push: Callable[[Push], None] = lambda message: None, **more: object) -> HostLine:
        made.append(HostLine(config, f"kernel-{len(made)}", on_push, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
        assert not one._thread.is_alive()


def connected(one: HostLine) -> HostLine:
    assert wait_until(lambda: one.connected), one.failure
    return one


def cut(one: HostLine) -> None:
    """End its connection under it."""
    assert one._line is not None
    one._line._stream._sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]


def test_requests_from_many_threads_get_their_own_answers(line: Lines) -> None:
    one = connected(line())
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(50):
            reply = one.request(GetJob(f"{number}"), 20)
            if getattr(reply, "id", "") != f"{number}":
                wrong.append(reply)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_an_error_reply_is_raised_and_the_line_goes_on(line: Lines, make_spec: Callable[..., object]) -> None:
    one = connected(line())
    spec = make_spec("int main() {}")
    with pytest.raises(DaemonError, match="No kernel nobody has registered"):
        one.request(SubmitJob("nobody", JobSpec(id="x", base=spec, variants=(Variant(),))), 10)  # type: ignore[arg-type]
    assert isinstance(one.request(Ping(), 10), Pong)


def test_health_is_pushed_as_often_as_asked_for(line: Lines) -> None:
    heard: list[Push] = []
    connected(line(heard.append, health_ms=100))
    assert wait_until(lambda: len(heard) >= 3)
    assert all(isinstance(message, Health) for message in heard)


def test_a_lost_connection_is_made_again_under_the_same_name(line: Lines, config: Config) -> None:
    changes: list[bool] = []
    one = connected(line(on_change=changes.append))
    before = running_status(config)
    cut(one)
    assert wait_until(lambda: changes == [True, False, True])
    assert isinstance(one.request(Ping(), 10), Pong)
    after = running_status(config)
    assert before is not None
    assert after is not None
    assert after.pid == before.pid
    assert one.away_s == 0.0


def test_a_daemon_that_was_killed_is_followed_by_another(line: Lines, config: Config) -> None:
    one = connected(line())
    pong = one.request(Ping(), 10)
    assert isinstance(pong, Pong)
    os.kill(pong.pid, signal.SIGKILL)
    assert wait_until(lambda: not one.connected)
    connected(one)
    fresh = one.request(Ping(), 10)
    assert isinstance(fresh, Pong)
    assert fresh.pid != pong.pid


def test_whoever_waits_for_a_reply_learns_of_the_loss(line: Lines, config: Config) -> None:
    one = connected(line())
    pong = one.request(Ping(), 10)
    assert isinstance(pong, Pong)
    os.kill(pong.pid, signal.SIGSTOP)
    caught: list[Exception] = []

    def ask() -> None:
        try:
            one.request(GetStatus(), 60)
        except Exception as error:  # noqa: BLE001  # it is looked at below
            caught.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert wait_until(lambda: bool(one._replies))
    with pytest.raises(Timeout):
        one.request(GetStatus(), 0.05)
    os.kill(pong.pid, signal.SIGKILL)
    asking.join(20)
    assert [type(error) for error in caught] == [ConnectionClosed]


def test_a_daemon_that_stops_answering_is_noticed(line: Lines, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "QUIET_S", 0.4)
    monkeypatch.setattr(host_module, "GREETING_S", 0.4)
    one = connected(line())
    pong = one.request(Ping(), 10)
    assert isinstance(pong, Pong)
    time.sleep(1.5)
    assert one.connected, "an idle daemon answers when it is asked whether it lives"
    os.kill(pong.pid, signal.SIGSTOP)
    try:
        assert wait_until(lambda: not one.connected)
        with pytest.raises(ConnectionClosed, match="not connected"):
            one.request(Ping(), 1)
        assert wait_until(lambda: one.away_s > 0.5)
    finally:
        os.kill(pong.pid, signal.SIGCONT)
    connected(one)


def test_a_request_interrupted_while_it_was_sent_costs_the_connection_and_nothing_else(line: Lines) -> None:
    one = connected(line())
    assert one._line is not None

    def interrupted(message: object) -> None:
        raise KeyboardInterrupt

    one._line.send = interrupted  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        one.request(Ping(), 1)
    connected(one)
    assert isinstance(one.request(Ping(), 10), Pong)


def test_a_view_of_the_health_never_starts_a_daemon(config: Config, session: Session) -> None:
    seen: list[Status | None] = []
    view = watch_health(config, "view", seen.append, 0.1)
    try:
        time.sleep(0.5)
        assert running_status(config) is None
        assert seen == []
        first = session.status().pid
        assert wait_until(lambda: bool(seen) and seen[-1] is not None and seen[-1].pid == first)
        stop(config)
        assert wait_until(lambda: seen[-1] is None)
        assert wait_until(lambda: not alive(first))
        assert running_status(config) is None
        second = session.status().pid
        assert wait_until(lambda: seen[-1] is not None and seen[-1].pid == second)
    finally:
        view.close()
    number = len(seen)
    time.sleep(0.5)
    assert len(seen) == number, "nothing is told after the end"


def test_a_view_of_the_health_keeps_no_idle_daemon(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZCNB_IDLE_TIMEOUT_SECS", "1")
    with Session(config) as session:
        pid = session.status().pid
    view = watch_health(config, "view", lambda status: None, 0.1)
    try:
        assert wait_until(lambda: view.connected or not alive(pid))
        assert wait_until(lambda: not alive(pid))
    finally:
        view.close()
