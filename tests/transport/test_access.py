"""Whose endpoint is whose: folders that others can write to, links, and a real second user, both ways round."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import zcnb
from zcnb import transport
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import EndpointError, TransportError
from zcnb.wire.connection import Connection, Received
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Error, Ping

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="becoming another user takes root")
NOBODY = 65534
PACKAGES = str(Path(zcnb.__file__).parent.parent)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of this user, with a short path."""
    made = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    yield made
    shutil.rmtree(made)


def somebody_else(code: str) -> subprocess.Popen[str]:
    """Python code that runs as another user, with zcnb imported before (its files may be out of reach)."""
    start = (
        "import os, socket, sys\nfrom pathlib import Path\nfrom zcnb import transport\nfrom zcnb.errors import *\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); os.chdir('/')\n"
    )
    env = os.environ | {"PYTHONPATH": PACKAGES}
    return subprocess.Popen(
        [sys.executable, "-c", start + code], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(code: str) -> str:
    """What `code` prints as another user."""
    with somebody_else(code) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750, 0o1777, 0o1770])
def test_a_folder_that_nobody_else_can_rearrange_will_do(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with transport.bind(folder / "s"):
        assert stat.S_IMODE((folder / "s").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == mode, "a folder that was there is left as it is"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o720, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(EndpointError, match=f"others can write to the folder {folder}.*chmod go-w"):
        transport.bind(folder / "s")
    assert not (folder / "s").exists()


def test_a_refusal_leaves_what_is_there(folder: Path) -> None:
    transport.bind(folder / "s").close()
    folder.chmod(0o777)
    with pytest.raises(EndpointError, match="others can write"):
        transport.bind(folder / "s")
    assert (folder / "s").is_socket()


def test_a_link_to_a_folder_is_refused(folder: Path) -> None:
    (folder / "real").mkdir(mode=0o700)
    (folder / "link").symlink_to("real")
    with pytest.raises(EndpointError, match="is a link"):
        transport.bind(folder / "link" / "s")
    assert not (folder / "real" / "s").exists()


def test_a_link_planted_at_the_sockets_path_is_not_followed(folder: Path) -> None:
    (folder / "s").symlink_to(folder / "elsewhere")
    with pytest.raises(EndpointError, match="in the way"):
        transport.bind(folder / "s")
    assert (folder / "s").is_symlink()
    assert not (folder / "elsewhere").exists()


@AS_ROOT
def test_another_users_folder_is_refused(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(EndpointError, match=f"belongs to another user .uid {NOBODY}"):
        transport.bind(folder / "s")
    assert not (folder / "s").exists()


@AS_ROOT
def test_another_users_dead_socket_is_in_the_way(folder: Path) -> None:
    transport.bind(folder / "s").close()
    os.chown(folder / "s", NOBODY, NOBODY)
    with pytest.raises(EndpointError, match="in the way: it belongs to another user"):
        transport.bind(folder / "s")
    assert (folder / "s").is_socket()


@AS_ROOT
def test_a_root_owned_folder_serves_another_user_only_if_they_may_write(folder: Path) -> None:
    code = f"try: transport.bind(Path('{folder}/s')); print('bound')\nexcept EndpointError as error: print(error)"
    folder.chmod(0o755)
    assert "cannot listen" in said(code)
    folder.chmod(0o1777)
    assert said(code) == "bound\n"


@pytest.fixture
def opened(session: Session, config: Config) -> Path:
    """The endpoint of a live daemon, which somebody opened to everybody."""
    session.ping()
    config.endpoint.parent.chmod(0o755)
    config.endpoint.chmod(0o666)
    return config.endpoint


@AS_ROOT
def test_their_bytes_get_one_error_from_our_daemon_that_says_why(opened: Path, session: Session) -> None:
    ping = Connection(Lane.PLAIN).request(Ping())[1]
    answer = said(
        f"sock = socket.socket(socket.AF_UNIX); sock.settimeout(20); sock.connect('{opened}')\n"
        f"try: sock.sendall({ping!r})\nexcept BrokenPipeError: pass\n"
        "data = b''\n"
        "try:\n    while part := sock.recv(65536): data += part\n"
        "except ConnectionResetError: pass\n"
        "print(data.hex())"
    )
    connection = Connection()
    connection.receive(bytes.fromhex(answer))
    event = connection.next_event()
    assert isinstance(event, Received)
    assert isinstance(event.message, Error)
    assert "belongs to another user" in event.message.message
    assert connection.next_event() is None, "and the ping is not answered"
    assert session.ping() < 5000


@AS_ROOT
def test_their_client_does_not_use_our_daemon(opened: Path) -> None:
    code = f"try: transport.connect(Path('{opened}'))\nexcept EndpointError as error: print(error)"
    assert "is served by another user (uid 0)" in said(code)


@AS_ROOT
def test_a_closed_folder_keeps_them_out(session: Session, config: Config) -> None:
    session.ping()
    assert stat.S_IMODE(config.endpoint.stat().st_mode) == 0o600
    code = f"try: transport.connect(Path('{config.endpoint}'))\nexcept EndpointError as error: print(error)"
    assert "Permission denied" in said(code)


@pytest.fixture
def theirs(config: Config) -> Iterator[Path]:
    """A socket of another user, who listens, where our daemon's would be."""
    config.endpoint.parent.chmod(0o1777)
    listening = (
        f"sock = socket.socket(socket.AF_UNIX); sock.bind('{config.endpoint}'); os.chmod('{config.endpoint}', 0o666)\n"
        "sock.listen(); print('listening', flush=True); sys.stdin.read()"
    )
    with somebody_else(listening) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        yield config.endpoint
        process.communicate(timeout=60)


@AS_ROOT
def test_our_client_does_not_use_their_socket(theirs: Path) -> None:
    with pytest.raises(EndpointError, match=f"is served by another user .uid {NOBODY}"):
        transport.connect(theirs)


@AS_ROOT
def test_our_daemon_does_not_take_their_socket_away(theirs: Path, session: Session) -> None:
    before = theirs.lstat().st_ino
    with pytest.raises(TransportError, match=f"belongs to another user .uid {NOBODY}"):
        session.ping()
    assert theirs.lstat().st_ino == before
