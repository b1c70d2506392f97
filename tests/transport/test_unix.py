"""Endpoints in the file system: who may take one, and what is refused."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zcnb import transport
from zcnb.errors import EndpointError, Timeout
from zcnb.transport.unix import LONGEST_PATH, UnixStream

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can act as somebody else")
NOBODY = 65534


@pytest.fixture
def endpoint() -> Iterator[Path]:
    """A short path where nothing is yet."""
    folder = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    yield folder / "s"
    shutil.rmtree(folder)


@pytest.fixture
def listener(endpoint: Path) -> Iterator[socket.socket]:
    """A daemon's socket at `endpoint`."""
    with transport.bind(endpoint) as sock:
        yield sock


@pytest.fixture
def stale(endpoint: Path) -> Path:
    """What a daemon leaves that was killed: a socket that nobody listens at."""
    transport.bind(endpoint).close()
    assert endpoint.is_socket()
    return endpoint


def talk(path: Path, listener: socket.socket) -> None:
    client, server = transport.connect(path), UnixStream(listener.accept()[0])
    client.send(b"hello")
    assert server.receive(1) == b"hello"
    client.close()
    server.close()


@pytest.fixture
def lax_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


def test_a_bound_endpoint_is_private_and_answers(lax_umask: None, endpoint: Path, listener: socket.socket) -> None:
    assert stat.S_IMODE(endpoint.stat().st_mode) == 0o600
    talk(endpoint, listener)


def test_a_stale_socket_is_replaced(stale: Path) -> None:
    assert not transport.probe(stale)
    with transport.bind(stale) as listener:
        talk(stale, listener)


def test_a_live_endpoint_is_never_stolen(endpoint: Path, listener: socket.socket) -> None:
    before = endpoint.stat().st_ino
    with pytest.raises(EndpointError, match="already served"):
        transport.bind(endpoint)
    assert endpoint.stat().st_ino == before
    listener.accept()[0].close()  # the probe
    talk(endpoint, listener)


@pytest.fixture
def full(endpoint: Path) -> Iterator[Path]:
    """A live endpoint whose backlog is full: a class of kernels restarts while the daemon still loads."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(endpoint))
        listener.listen(0)
        waiting = [transport.connect(endpoint)]
        yield endpoint
        for stream in waiting:
            stream.close()


def test_a_busy_endpoint_is_alive(full: Path) -> None:
    assert transport.probe(full)


def test_a_busy_endpoint_is_never_stolen(full: Path) -> None:
    before = full.stat().st_ino
    try:
        transport.bind(full).close()
    except EndpointError:
        pass
    assert full.stat().st_ino == before


def test_connecting_to_a_busy_endpoint_times_out(full: Path) -> None:
    with pytest.raises(Timeout) as caught:
        transport.connect(full, timeout=0.2)
    assert caught.value.seconds == 0.2


def test_connecting_waits_for_room_in_the_backlog(endpoint: Path) -> None:
    """The promise of `client.launch`: requests wait in the backlog until the daemon is up."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(endpoint))
        listener.listen(0)
        first = transport.connect(endpoint)
        accepted: list[socket.socket] = []
        later = threading.Timer(0.1, lambda: accepted.append(listener.accept()[0]))
        later.start()
        try:
            transport.connect(endpoint, timeout=5).close()
        finally:
            later.join()
            first.close()
            for sock in accepted:
                sock.close()


def test_a_file_in_the_way_is_left_alone(endpoint: Path) -> None:
    endpoint.write_text("precious")
    with pytest.raises(EndpointError, match="in the way"):
        transport.bind(endpoint)
    assert endpoint.read_text() == "precious"


def test_a_folder_in_the_way_is_left_alone(endpoint: Path) -> None:
    endpoint.mkdir()
    with pytest.raises(EndpointError, match="in the way"):
        transport.bind(endpoint)
    assert endpoint.is_dir()


@pytest.mark.parametrize("target", ["nothing", "socket", "file"])
def test_a_link_in_the_way_is_left_alone(endpoint: Path, target: str) -> None:
    aim = endpoint.with_name("aim")
    if target == "socket":
        transport.bind(aim).close()
    elif target == "file":
        aim.write_text("precious")
    endpoint.symlink_to(aim)
    with pytest.raises(EndpointError, match="in the way"):
        transport.bind(endpoint)
    assert endpoint.is_symlink()
    assert aim.exists() == (target != "nothing")


def test_bind_makes_the_folders_above(endpoint: Path) -> None:
    deeper = endpoint.parent / "made" / "s"
    with transport.bind(deeper):
        assert stat.S_IMODE(deeper.parent.stat().st_mode) == 0o700
        assert transport.probe(deeper)


def test_a_path_may_be_just_so_long(endpoint: Path) -> None:
    longest = endpoint.parent / ("s" * (LONGEST_PATH - len(str(endpoint.parent)) - 1))
    with transport.bind(longest) as listener:
        talk(longest, listener)
    too_long = longest.with_name(longest.name + "s")
    for use in (transport.bind, transport.connect):
        with pytest.raises(EndpointError, match="ZCNB_SOCKET"):
            use(too_long)


def test_the_length_counts_bytes() -> None:
    with pytest.raises(EndpointError, match="longer than 103 bytes"):
        transport.connect(Path("/tmp") / ("ü" * 50))


def test_connecting_to_nothing(endpoint: Path) -> None:
    with pytest.raises(EndpointError, match="nothing listens"):
        transport.connect(endpoint)
    assert not transport.probe(endpoint)


def test_connecting_to_a_stale_socket(stale: Path) -> None:
    with pytest.raises(EndpointError, match="nothing listens"):
        transport.connect(stale)


def test_connecting_to_a_file(endpoint: Path) -> None:
    endpoint.write_text("")
    with pytest.raises(EndpointError):
        transport.connect(endpoint)


@AS_ROOT
def test_somebody_elses_daemon_is_not_used(endpoint: Path) -> None:
    endpoint.parent.chmod(0o777)
    with socket.socket(socket.AF_UNIX) as listener:
        os.seteuid(NOBODY)
        try:
            listener.bind(str(endpoint))
            listener.listen()
        finally:
            os.seteuid(0)
        with pytest.raises(EndpointError, match=f"another user .uid {NOBODY}"):
            transport.connect(endpoint)


def test_a_listening_socket_is_adopted_and_not_inherited_further(endpoint: Path, listener: socket.socket) -> None:
    fd = os.dup(listener.fileno())
    os.set_inheritable(fd, True)
    with transport.adopt(fd) as adopted:
        assert adopted.fileno() == fd
        assert not adopted.get_inheritable()
        talk(endpoint, adopted)


def unfit_sockets() -> dict[str, socket.socket]:
    tcp = socket.socket(socket.AF_INET)
    tcp.bind(("127.0.0.1", 0))
    tcp.listen()
    return {
        "not listening": socket.socket(socket.AF_UNIX),
        "datagram": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
        "tcp": tcp,
    }


@pytest.mark.parametrize("kind", ["not listening", "datagram", "tcp"])
def test_any_other_socket_is_not_adopted(kind: str) -> None:
    """Refused without a leak: warnings are errors here."""
    sockets = unfit_sockets()
    fd = os.dup(sockets[kind].fileno())
    for sock in sockets.values():
        sock.close()
    with pytest.raises(EndpointError, match="not a listening Unix socket"):
        transport.adopt(fd)
    try:
        os.close(fd)
    except OSError:
        pass  # closed by the refusal, which is as good


def test_a_pipe_is_not_adopted() -> None:
    reading, writing = os.pipe()
    try:
        with pytest.raises(EndpointError, match="not a socket"):
            transport.adopt(reading)
        os.fstat(reading)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("fd", [-1, 1_000_000])
def test_no_descriptor_is_not_adopted(fd: int) -> None:
    with pytest.raises(EndpointError):
        transport.adopt(fd)
