"""Listening in external mode, and the secret's file."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from zcnb.errors import ConfigError, EndpointError
from zcnb.model.address import RunnerAddress, parse_address
from zcnb.runner.places import PORT_PAUSE_S, PORT_TRIES, listen, read_secret


@pytest.fixture
def ports() -> range:
    """Three ports in a row that are free now."""
    for first in range(20_000, 60_000, 7):
        try:
            for sock in [socket.create_server(("127.0.0.1", first + number)) for number in range(3)]:
                sock.close()
        except OSError:
            continue
        return range(first, first + 3)
    raise AssertionError("no three ports are free")


def test_the_first_free_port_of_a_range_is_taken(ports: range) -> None:
    address = RunnerAddress(host="127.0.0.1", ports=ports)
    with listen(address) as one, listen(address) as two:
        assert [one.getsockname()[1], two.getsockname()[1]] == [ports[0], ports[1]]


def test_a_port_that_is_given_back_soon_is_taken_again(ports: range) -> None:
    """Row R4."""
    address = RunnerAddress(host="127.0.0.1", ports=ports[:1])
    before = listen(address)
    threading.Timer(2 * PORT_PAUSE_S, before.close).start()
    with listen(address) as after:
        assert after.getsockname()[1] == ports[0]


def test_when_every_port_stays_taken_that_is_told(ports: range) -> None:
    address = RunnerAddress(host="127.0.0.1", ports=ports[:2])
    with listen(address), listen(address):
        begin = time.monotonic()
        with pytest.raises(EndpointError, match=f"cannot listen at {address}: every port is taken"):
            listen(address)
        assert time.monotonic() - begin >= (PORT_TRIES - 1) * PORT_PAUSE_S


def test_a_host_that_is_not_here_is_told() -> None:
    with pytest.raises(EndpointError, match=r"cannot listen at 192\.0\.2\.1:9"):
        listen(parse_address("192.0.2.1:9"))


def test_a_socket_is_private(tmp_path: Path) -> None:
    with listen(RunnerAddress(path=str(tmp_path / "r.sock"))):
        assert (tmp_path / "r.sock").stat().st_mode & 0o777 == 0o600


def secret_file(folder: Path, text: bytes = b"x" * 32, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_a_secret_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    assert read_secret(secret_file(tmp_path, b"s" * 44 + b"\n")) == b"s" * 44


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_can_read_is_none(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        read_secret(secret_file(tmp_path, mode=mode))


def test_a_short_secret_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="shorter than 32 bytes; make one with"):
        read_secret(secret_file(tmp_path, b"hunter2"))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(tmp_path / "none")
