"""The Windows transport's decisions under scripted pipes: the pool of waiting instances, and what clients do when it
is busy. The contract of its streams is in `tests/contracts/test_streams.py`."""

from __future__ import annotations

import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

import pytest

from tests.transport.scripted_pipes import EVER, ME, NO_RESOURCES, SOMEBODY_ELSE, ScriptedPipes, ScriptedTime
from zcnb.errors import ConnectionClosed, EndpointError, Timeout, TransportIOError
from zcnb.transport import windows
from zcnb.transport.base import CHUNK
from zcnb.transport.pipe_api import (
    ACCESS_DENIED,
    BROKEN_PIPE,
    NO_DATA,
    OPERATION_ABORTED,
    PIPE_NOT_CONNECTED,
    PipeError,
)
from zcnb.transport.windows import PipeListener, PipeStream, doubling, is_alive, listen, open_pipe, pipe_name, pool_size

NAME = "\\\\.\\pipe\\zcnb-test"
BETWEEN_TRIES = [5, 10, 20, 40]
"""Milliseconds: the pauses of a replacement that fails five times."""


@pytest.fixture
def pipes() -> ScriptedPipes:
    return ScriptedPipes()


@pytest.fixture
def time() -> ScriptedTime:
    return ScriptedTime()


class Bench:
    """A listener and its clients, on scripted pipes in scripted time."""

    def __init__(self, pipes: ScriptedPipes, time: ScriptedTime, size: int = 4) -> None:
        self.pipes, self.time = pipes, time
        self.listener: PipeListener = listen(pipes, NAME, size, sleep=time.sleep, clock=time.clock)

    def connect(self, timeout: float | None = None) -> PipeStream:
        return open_pipe(self.pipes, NAME, timeout, sleep=self.time.sleep, clock=self.time.clock)

    def pair(self) -> tuple[PipeStream, PipeStream]:
        """A client, and the server's end of its connection."""
        client = self.connect()
        return client, self.listener.accept(0)


def talk(client: PipeStream, server: PipeStream) -> None:
    client.send(b"question")
    assert server.receive(0) == b"question"
    server.send(b"answer")
    assert client.receive(0) == b"answer"
    client.close()
    server.close()


@pytest.fixture
def bench(pipes: ScriptedPipes, time: ScriptedTime) -> Bench:
    return Bench(pipes, time)


# Sizes, names, pauses


@pytest.mark.parametrize(
    ("asked", "cores", "size"),
    [
        (0, 1, 16), (0, 4, 16), (0, 5, 20), (0, 16, 64), (0, 31, 124), (0, 32, 128), (0, 33, 128), (0, 256, 128),
        (1, 64, 1), (3, 1, 3), (500, 1, 500),
    ],
)  # fmt: skip
def test_the_pool_is_as_asked_or_four_for_each_core_from_16_to_128(asked: int, cores: int, size: int) -> None:
    assert pool_size(asked, cores) == size


def test_pauses_double_up_to_the_longest() -> None:
    assert list(islice(doubling(1, 5), 5)) == [1, 2, 4, 5, 5]


def test_an_endpoint_has_one_pipe_however_it_is_spelled() -> None:
    name = pipe_name(Path("C:/Users/Ada/zcnb.sock"))
    assert name == pipe_name(Path("c:/users/ada/ZCNB.sock"))
    assert name != pipe_name(Path("C:/Users/Bob/zcnb.sock"))
    assert name.startswith("\\\\.\\pipe\\zcnb-")
    assert len(name) == len("\\\\.\\pipe\\zcnb-") + 16


def test_the_name_of_a_pipe_stays() -> None:
    assert pipe_name(Path(NAME)) == NAME


# T8: binding


def test_listening_makes_the_whole_pool_and_only_the_first_asks_to_be_first(bench: Bench) -> None:
    assert bench.pipes.made == [True, False, False, False]
    assert bench.pipes.waiting() == 4
    assert repr(bench.listener) == f"<PipeListener {NAME}: 4 of 4 waiting>"


def test_a_live_pipe_is_never_stolen_and_never_joined(bench: Bench) -> None:
    with pytest.raises(EndpointError, match="already served"):
        Bench(bench.pipes, bench.time)
    assert bench.pipes.waiting() == 4
    talk(*bench.pair())


def test_the_pipe_of_another_user_is_left_alone(pipes: ScriptedPipes, time: ScriptedTime) -> None:
    Bench(pipes, time)
    pipes.me = SOMEBODY_ELSE
    with pytest.raises(EndpointError, match="already served"):
        Bench(pipes, time)


def test_a_pipe_that_cannot_be_made_at_all_says_why(pipes: ScriptedPipes, time: ScriptedTime) -> None:
    pipes.failing_creates = 1
    with pytest.raises(EndpointError, match=rf"cannot listen at .*: no resources \(Windows error {NO_RESOURCES}\)"):
        Bench(pipes, time)
    assert pipes.handles() == 0


def test_a_pipe_left_by_a_dead_daemon_is_no_obstacle(bench: Bench) -> None:
    bench.listener.close()
    assert not is_alive(bench.pipes, NAME)
    talk(*Bench(bench.pipes, bench.time).pair())


def test_closing_leaves_nothing_behind_but_the_connections(bench: Bench) -> None:
    client, server = bench.pair()
    with bench.listener:
        pass
    bench.listener.close()
    assert repr(bench.listener) == f"<PipeListener {NAME}: closed>"
    talk(client, server)
    assert bench.pipes.handles() == 0
    with pytest.raises(ConnectionClosed):
        bench.listener.accept(0)


# T9: accepting


def test_each_accept_makes_its_replacement_at_once(bench: Bench) -> None:
    for number in range(1, 10):
        talk(*bench.pair())
        assert bench.pipes.waiting() == 4
        assert len(bench.pipes.made) == 4 + number
    assert bench.time.slept == []


def test_an_accept_without_a_client_times_out_and_costs_no_instance(bench: Bench) -> None:
    with pytest.raises(Timeout) as caught:
        bench.listener.accept(0)
    assert caught.value.seconds == 0
    assert bench.pipes.waiting() == 4
    talk(*bench.pair())


def test_an_accept_wakes_when_a_client_comes(bench: Bench) -> None:
    accepted: list[PipeStream] = []
    thread = threading.Thread(target=lambda: accepted.append(bench.listener.accept()))
    thread.start()
    client = bench.connect()
    thread.join(30)
    talk(client, accepted[0])


@pytest.mark.parametrize("failures", range(6))
def test_a_replacement_is_tried_five_times_with_doubling_pauses(bench: Bench, failures: int) -> None:
    client = bench.connect()
    bench.pipes.failing_creates = failures
    server = bench.listener.accept(0)
    assert bench.time.milliseconds() == BETWEEN_TRIES[:failures]
    assert bench.pipes.failing_creates == 0
    assert bench.pipes.waiting() == (4 if failures < 5 else 3)
    talk(client, server)


def test_the_sixth_try_is_not_made(bench: Bench) -> None:
    client = bench.connect()
    bench.pipes.failing_creates = 6
    server = bench.listener.accept(0)
    assert bench.pipes.failing_creates == 1
    talk(client, server)


def test_the_next_accept_fills_the_gaps_of_the_earlier_ones(bench: Bench) -> None:
    bench.pipes.failing_creates = EVER
    pairs = [bench.pair() for _ in range(3)]
    assert bench.pipes.waiting() == 1
    assert repr(bench.listener) == f"<PipeListener {NAME}: 1 of 4 waiting>"
    bench.pipes.failing_creates = 0
    bench.time.slept.clear()
    pairs.append(bench.pair())
    assert bench.pipes.waiting() == 4
    assert bench.time.slept == []
    for client, server in pairs:
        talk(client, server)


def test_gaps_delay_no_client(bench: Bench) -> None:
    """Filling tries once; only the replacement of the instance just taken waits."""
    bench.pipes.failing_creates = EVER
    bench.pair()
    bench.time.slept.clear()
    with pytest.raises(Timeout):
        bench.listener.accept(0)
    assert bench.time.slept == []


def test_a_pool_that_could_not_be_made_whole_grows_later(pipes: ScriptedPipes, time: ScriptedTime) -> None:
    create = pipes.create

    def only_the_first(name: str, *, first: bool) -> int:
        if not first:
            raise PipeError(NO_RESOURCES, "no resources")
        return create(name, first=first)

    pipes.create = only_the_first  # type: ignore[method-assign]
    bench = Bench(pipes, time)
    assert pipes.waiting() == 1
    pipes.create = create  # type: ignore[method-assign]
    talk(*bench.pair())
    assert pipes.waiting() == 4


def deplete(bench: Bench) -> list[tuple[PipeStream, PipeStream]]:
    """All instances taken, and none to be had."""
    bench.pipes.failing_creates = EVER
    pairs = [bench.pair() for _ in range(4)]
    assert bench.pipes.waiting() == 0
    assert bench.time.milliseconds() == BETWEEN_TRIES * 4
    return pairs


def test_an_empty_pool_makes_an_emergency_instance_and_is_whole_again(bench: Bench) -> None:
    pairs = deplete(bench)
    bench.pipes.failing_creates = 0
    with pytest.raises(Timeout):
        bench.listener.accept(0)  # nobody is there yet, but now somebody can come
    assert bench.pipes.waiting() == 4
    assert bench.time.slept == []
    for client, server in [*pairs, bench.pair()]:
        talk(client, server)


def test_the_emergency_goes_on_until_it_succeeds(bench: Bench) -> None:
    """Ten failures: pauses from 5 ms doubling to 80 ms, no error, and then the client is served."""
    deplete(bench)
    bench.pipes.failing_creates = 10
    clients: list[PipeStream] = []

    def come(slept: list[float]) -> None:
        if bench.pipes.failing_creates == 0 and not clients:
            bench.time.during = lambda slept: None
            thread.start()

    thread = threading.Thread(target=lambda: clients.append(connect_when_possible(bench.pipes)))
    bench.time.during = come
    server = bench.listener.accept()
    thread.join(30)
    assert bench.time.milliseconds() == [5, 10, 20, 40, 80, 80, 80, 80, 80, 80]
    assert bench.pipes.waiting() == 4
    talk(clients[0], server)


def test_the_emergency_ends_with_the_accepts_time(bench: Bench) -> None:
    deplete(bench)
    with pytest.raises(Timeout) as caught:
        bench.listener.accept(0.3)
    assert caught.value.seconds == 0.3
    assert bench.time.milliseconds() == [5, 10, 20, 40, 80, 80, 80]


def test_the_pool_never_shrinks_for_good(bench: Bench) -> None:
    """Depleted again and again, it is whole again each time."""
    for _ in range(20):
        for client, server in deplete(bench):
            talk(client, server)
        bench.pipes.failing_creates = 3
        with pytest.raises(Timeout):
            bench.listener.accept(0.1)
        assert bench.pipes.waiting() == 4
        bench.time.slept.clear()
    bench.listener.close()
    assert bench.pipes.handles() == 0


def test_a_failed_connect_refills_and_retries(bench: Bench) -> None:
    client = bench.connect()
    bench.pipes.failing_connects = 1
    with pytest.raises(Timeout):  # the instance that failed was the one with the client
        bench.listener.accept(0)
    assert client.receive(0) == b""
    assert bench.pipes.waiting() == 4
    talk(*bench.pair())
    client.close()
    bench.listener.close()
    assert bench.pipes.handles() == 0


def test_connects_that_keep_failing_are_retried_until_one_works(bench: Bench) -> None:
    bench.pipes.failing_connects = 7
    clients: list[PipeStream] = []

    def come(slept: list[float]) -> None:
        if bench.pipes.failing_connects == 0:
            clients.append(bench.connect())

    bench.time.during = come
    server = bench.listener.accept()
    assert bench.time.milliseconds() == [5, 10, 20, 40, 80, 80, 80]
    assert bench.pipes.waiting() == 4
    talk(clients[0], server)


def test_a_failed_connect_while_nothing_can_be_made_is_survived(bench: Bench) -> None:
    bench.pipes.failing_connects, bench.pipes.failing_creates = 4, EVER
    with pytest.raises(Timeout):
        bench.listener.accept(0.5)
    assert bench.pipes.waiting() == 0
    bench.pipes.failing_creates = 0
    with pytest.raises(Timeout):
        bench.listener.accept(0)
    talk(*bench.pair())


def test_connects_that_fail_for_ever_end_with_the_accepts_time(bench: Bench) -> None:
    bench.pipes.failing_connects = EVER
    with pytest.raises(Timeout) as caught:
        bench.listener.accept(0.2)
    assert caught.value.seconds == 0.2
    assert bench.pipes.waiting() == 4


def test_waiting_that_fails_is_an_error_of_the_transport(bench: Bench) -> None:
    bench.pipes.wait_error = PipeError(NO_RESOURCES, "no resources")
    with pytest.raises(TransportIOError, match=f"waiting for clients at .*{NO_RESOURCES}"):
        bench.listener.accept()
    assert bench.pipes.waiting() == 4


def connect_when_possible(pipes: ScriptedPipes) -> PipeStream:
    """A client in a thread: where it would sleep, it waits for an instance."""
    return open_pipe(pipes, NAME, sleep=lambda seconds: pipes.wait_until_one_waits())


def test_many_clients_at_once(bench: Bench) -> None:
    """Forty on a pool of four: each finds its own server, and the pool is whole afterwards."""
    answers: dict[int, bytes] = {}

    def ask(number: int) -> None:
        stream = connect_when_possible(bench.pipes)
        stream.send(b"%d" % number)
        answers[number] = stream.receive(30)
        stream.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for _ in threads:
        server = bench.listener.accept()
        server.send(b"to " + server.receive(30))
        server.close()
    for thread in threads:
        thread.join(30)
    assert answers == {number: b"to %d" % number for number in range(40)}
    assert bench.pipes.waiting() == 4
    bench.listener.close()
    assert bench.pipes.handles() == 0


# T10: connecting


@pytest.mark.parametrize("busy", [0, 1, 6, 7, 8, 50])
def test_a_busy_pipe_is_tried_again_with_doubling_pauses(bench: Bench, busy: int) -> None:
    bench.pipes.busy = busy
    client = bench.connect()
    assert bench.time.milliseconds() == ([10, 20, 40, 80, 160, 320] + [500] * 44)[:busy]
    assert bench.pipes.opens == busy + 1
    talk(client, bench.listener.accept(0))


def test_a_pipe_that_stays_busy_is_an_error_that_says_what_was_tried_and_what_to_do(bench: Bench) -> None:
    bench.pipes.busy = EVER
    with pytest.raises(EndpointError) as caught:
        bench.connect()
    assert bench.time.milliseconds() == [10, 20, 40, 80, 160, 320] + [500] * 44
    assert bench.pipes.opens == 51
    said = str(caught.value)
    assert said.startswith(f"cannot connect to {NAME}: all its instances were busy in 51 tries over 22.6 s.")
    assert "ZCNB_PIPE_POOL_SIZE" in said
    assert "zcnb stop" in said


def test_the_time_told_is_measured(bench: Bench) -> None:
    """A machine that sleeps longer than it was asked to is told of as it is."""
    bench.pipes.busy = EVER

    def oversleep(slept: list[float]) -> None:
        bench.time.now += 1.0

    bench.time.during = oversleep
    with pytest.raises(EndpointError, match=r"51 tries over 72\.6 s"):
        bench.connect()


def test_a_busy_pipe_is_not_tried_beyond_the_time_given(bench: Bench) -> None:
    bench.pipes.busy = EVER
    with pytest.raises(Timeout) as caught:
        bench.connect(timeout=0.1)
    assert caught.value.seconds == 0.1
    assert bench.time.milliseconds() == [10, 20, 40]


def test_a_pipe_that_does_not_exist_is_an_error_at_once(bench: Bench) -> None:
    bench.listener.close()
    with pytest.raises(EndpointError, match="nothing listens at") as caught:
        bench.connect()
    assert NAME in str(caught.value)
    assert bench.time.slept == []
    assert bench.pipes.opens == 1


def test_a_pipe_that_vanishes_between_two_tries_is_an_error_at_once(bench: Bench) -> None:
    bench.pipes.busy = EVER
    bench.time.during = lambda slept: bench.listener.close()
    with pytest.raises(EndpointError, match="nothing listens at"):
        bench.connect()
    assert bench.time.milliseconds() == [10]


@pytest.mark.parametrize(
    ("code", "said"), [(ACCESS_DENIED, "is not for this user"), (NO_RESOURCES, "no way .Windows error 1450")]
)
def test_any_other_refusal_is_an_error_at_once(bench: Bench, code: int, said: str) -> None:
    bench.pipes.open_error = PipeError(code, "no way")
    with pytest.raises(EndpointError, match=said):
        bench.connect()
    assert bench.time.slept == []


def test_somebody_elses_daemon_is_not_used(bench: Bench) -> None:
    bench.pipes.me = SOMEBODY_ELSE
    with pytest.raises(EndpointError, match=f"another user .{ME}."):
        bench.connect()
    server = bench.listener.accept(0)
    assert server.receive(0) == b""  # the client has gone, without a word


def test_an_owner_that_cannot_be_found_out_is_not_trusted(bench: Bench) -> None:
    bench.pipes.owner_error = PipeError(ACCESS_DENIED, "access denied")
    with pytest.raises(EndpointError, match="whose pipe"):
        bench.connect()
    assert bench.listener.accept(0).receive(0) == b""


def test_a_probe_finds_a_pipe_idle_or_busy(bench: Bench) -> None:
    assert is_alive(bench.pipes, NAME)
    bench.listener.accept(0).close()
    bench.pipes.busy = EVER
    assert is_alive(bench.pipes, NAME)
    assert bench.time.slept == []
    bench.listener.close()
    assert bench.pipes.handles() == 0
    assert not is_alive(bench.pipes, NAME)


# Streams, beyond their contract


def test_large_data_goes_in_pieces(bench: Bench) -> None:
    client, server = bench.pair()
    client.send(b"x" * (CHUNK - 1))
    assert len(server.receive(0)) == CHUNK - 1
    whole = bytes(range(256)) * (CHUNK // 128)
    sender = threading.Thread(target=client.send, args=(whole,))  # waits: two pieces do not fit at once
    sender.start()
    got = server.receive(30) + server.receive(30)
    sender.join(30)
    assert got == whole


def test_an_empty_message_of_the_peer_is_no_end(bench: Bench) -> None:
    client, server = bench.pair()
    bench.pipes.say_nothing(client._handle)
    with pytest.raises(Timeout):
        server.receive(0)
    bench.pipes.say_nothing(client._handle)
    client.send(b"x")
    assert server.receive(0) == b"x"


@pytest.mark.parametrize("code", [BROKEN_PIPE, NO_DATA, PIPE_NOT_CONNECTED])
def test_a_broken_pipe_is_the_end_for_reads_and_a_closed_connection_for_writes(bench: Bench, code: int) -> None:
    _, server = bench.pair()
    bench.pipes.faults[server._handle] = PipeError(code, "gone")
    assert server.receive(None) == b""
    with pytest.raises(ConnectionClosed, match=str(code)):
        server.send(b"x")


@pytest.mark.parametrize(("code", "kind"), [(NO_RESOURCES, TransportIOError), (OPERATION_ABORTED, ConnectionClosed)])
def test_other_failures_are_told_with_windows_own_number(bench: Bench, code: int, kind: type[Exception]) -> None:
    client, _ = bench.pair()
    bench.pipes.faults[client._handle] = PipeError(code, "no")
    with pytest.raises(kind, match=str(code)):
        client.send(b"x")
    with pytest.raises(kind, match=str(code)):
        client.receive(0)


def test_one_broken_client_harms_no_other(bench: Bench) -> None:
    (broken, its_server), (good, other_server) = bench.pair(), bench.pair()
    broken.close()
    assert its_server.receive(0) == b""
    talk(good, other_server)
    talk(*bench.pair())


def test_a_connection_that_exists_already_is_adopted(bench: Bench) -> None:
    handle = bench.pipes.open(NAME)
    talk(PipeStream(bench.pipes, handle), bench.listener.accept(0))


def test_a_descriptor_is_not_adopted_as_a_listener() -> None:
    with pytest.raises(EndpointError, match="descriptor 7 cannot be adopted"):
        windows.adopt(7)


# The module's own functions, with Windows replaced


@pytest.fixture
def as_windows(pipes: ScriptedPipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_windows", lambda: pipes)


@pytest.mark.usefixtures("as_windows")
def test_an_endpoint_is_bound_probed_and_connected_to_by_its_path(pipes: ScriptedPipes) -> None:
    endpoint = Path("C:/Users/Ada/zcnb.sock")
    assert not windows.probe(endpoint)
    with windows.bind(endpoint, 3) as listener:
        assert pipes.waiting() == 3
        assert windows.probe(endpoint)
        listener.accept(0).close()
        client = windows.connect(endpoint)
        assert isinstance(client, PipeStream)
        talk(client, listener.accept(0))
    assert pipes.handles() == 0


@pytest.mark.usefixtures("as_windows")
def test_the_automatic_pool_goes_by_the_cores(pipes: ScriptedPipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    with windows.bind(Path("C:/a")):
        assert pipes.waiting() == 24


def with_platform(platform: str, code: str) -> subprocess.CompletedProcess[str]:
    """`code` in a fresh interpreter that takes itself for `platform`, its standard library loaded before."""
    loaded = "import sys, abc, ctypes.wintypes, hashlib, pathlib, queue, socket, contextlib, time, threading"
    code = f"{loaded}\nsys.platform = {platform!r}\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("platform", "module"), [("win32", "windows"), ("linux", "unix"), ("darwin", "unix")])
def test_the_platform_chooses_the_transport(platform: str, module: str) -> None:
    names = "transport.adopt, transport.bind, transport.connect, transport.probe"
    done = with_platform(platform, f"from zcnb import transport\nprint({{f.__module__ for f in ({names})}})")
    assert done.stdout.strip() == f"{{'zcnb.transport.{module}'}}", done.stderr


def test_zcnb_as_a_whole_still_refuses_windows() -> None:
    done = with_platform("win32", "import zcnb.client.session")
    assert done.returncode != 0
    assert "WSL" in done.stderr
