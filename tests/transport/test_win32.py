"""What `Win32Api` asks of Windows, and its bookkeeping of overlapped operations, against a stand-in for `_winapi`.

The contract of a stream over it is in `tests/contracts/test_streams.py`. Nothing of this has met Windows.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import pytest

from tests.transport.winapi_stand_in import NoSecurity, StandIn
from zcnb.transport.base import CHUNK
from zcnb.transport.pipe_api import (
    ACCESS_DENIED,
    BROKEN_PIPE,
    FILE_NOT_FOUND,
    NO_DATA,
    OPERATION_ABORTED,
    PIPE_BUSY,
    Arrival,
    PipeError,
)
from zcnb.transport.win32 import (
    ADVAPI32,
    INFINITE,
    SecurityAttributes,
    TokenUser,
    Win32Api,
    groups,
    milliseconds,
    open_mode,
    private_to,
)

NAME = "\\\\.\\pipe\\zcnb-test"


@pytest.fixture
def winapi() -> StandIn:
    return StandIn()


@pytest.fixture
def api(winapi: StandIn) -> Win32Api:
    return make_api(winapi)


def make_api(winapi: StandIn) -> Win32Api:
    security: Any = NoSecurity()
    return Win32Api(winapi, security)


def connected(api: Win32Api) -> tuple[int, int]:
    """The client's handle and the server's."""
    instance = api.create(NAME, first=True)
    client = api.open(NAME)
    assert api.wait_for_client([instance], 0) == Arrival(instance)
    return client, instance


def send(api: Win32Api, handle: int, data: bytes) -> None:
    api.write(handle, memoryview(data))


# What is asked for


def test_only_the_first_instance_insists_on_being_the_first() -> None:
    """PIPE_ACCESS_DUPLEX, FILE_FLAG_OVERLAPPED, FILE_FLAG_FIRST_PIPE_INSTANCE."""
    assert open_mode(first=True) == 0x00000003 | 0x40000000 | 0x00080000
    assert open_mode(first=False) == 0x00000003 | 0x40000000


def test_a_pipe_is_of_bytes_for_this_machine_and_this_user(api: Win32Api, winapi: StandIn) -> None:
    """PIPE_REJECT_REMOTE_CLIENTS, PIPE_UNLIMITED_INSTANCES, two buffers, no default timeout, the attributes."""
    api.create(NAME, first=True)
    assert winapi.calls == [("CreateNamedPipe", NAME, open_mode(first=True), 8, 255, CHUNK, CHUNK, 0, 4711)]


def test_a_client_reads_and_writes_and_lends_nobody_its_rights(api: Win32Api, winapi: StandIn) -> None:
    """GENERIC_READ | GENERIC_WRITE, unshared, OPEN_EXISTING, overlapped, SQOS_PRESENT with IDENTIFICATION."""
    api.create(NAME, first=True)
    api.open(NAME)
    flags = 0x40000000 | 0x00100000 | 0x00010000
    assert winapi.calls[-1] == ("CreateFile", NAME, 0x80000000 | 0x40000000, 0, 0, 3, flags, 0)


def test_the_security_descriptor_names_this_user_alone() -> None:
    assert private_to("S-1-5-21-7") == "O:S-1-5-21-7D:P(A;;GA;;;S-1-5-21-7)"


def test_the_structures_have_windows_own_layout() -> None:
    assert ctypes.sizeof(SecurityAttributes) == (24 if ctypes.sizeof(ctypes.c_void_p) == 8 else 12)
    assert SecurityAttributes.descriptor.offset == ctypes.sizeof(ctypes.c_void_p)
    assert TokenUser.sid.offset == 0


def test_no_handle_or_pointer_is_cut_to_32_bits() -> None:
    """An argument that is neither a number of 32 bits nor as wide as a pointer would be a mistake of the table."""
    for name, (_, arguments) in ADVAPI32.items():
        narrow = [kind for kind in arguments if ctypes.sizeof(kind) < ctypes.sizeof(ctypes.c_void_p)]
        assert all(kind in (ctypes.c_int, ctypes.wintypes.DWORD) for kind in narrow), name


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, INFINITE), (0, 0), (0.0001, 1), (1.5, 1500), (10**9, INFINITE - 1)]
)
def test_milliseconds_never_end_too_soon(seconds: float | None, expected: int) -> None:
    assert milliseconds(seconds) == expected


def test_one_wait_takes_62_handles() -> None:
    assert [len(piece) for piece in groups(range(128))] == [62, 62, 4]
    assert [handle for piece in groups(range(128)) for handle in piece] == list(range(128))


def test_refusals_keep_windows_own_number(api: Win32Api) -> None:
    with pytest.raises(PipeError) as nothing:
        api.open(NAME)
    instance = api.create(NAME, first=True)
    with pytest.raises(PipeError) as taken:
        api.create(NAME, first=True)
    api.open(NAME)
    with pytest.raises(PipeError) as busy:
        api.open(NAME)
    assert [caught.value.code for caught in (nothing, taken, busy)] == [FILE_NOT_FOUND, ACCESS_DENIED, PIPE_BUSY]
    api.close(instance)


def test_the_user_and_the_owner_come_from_security(api: Win32Api) -> None:
    assert api.user() == api.owner(connected(api)[0]) == NoSecurity.user


# Waiting for clients


def test_a_client_may_come_before_anybody_waits(api: Win32Api) -> None:
    connected(api)


def test_a_client_that_comes_between_create_and_connect(api: Win32Api, winapi: StandIn) -> None:
    clients: list[int] = []
    winapi.before_connect = lambda: clients.append(api.open(NAME))
    instance = api.create(NAME, first=True)
    assert api.wait_for_client([instance], 0) == Arrival(instance)
    send(api, clients[0], b"x")
    assert api.read(instance, 0) == b"x"


def test_a_client_that_came_wrote_and_left_before_connect_is_heard(api: Win32Api, winapi: StandIn) -> None:
    def come_and_go() -> None:
        client = api.open(NAME)
        send(api, client, b"last words")
        api.close(client)

    winapi.before_connect = come_and_go
    instance = api.create(NAME, first=True)
    assert api.wait_for_client([instance], 0) == Arrival(instance)
    assert api.read(instance, 0) == b"last words"
    with pytest.raises(PipeError) as caught:
        api.read(instance, 0)
    assert caught.value.code == BROKEN_PIPE


def test_a_connect_that_fails_at_once_is_told_by_the_wait(api: Win32Api, winapi: StandIn) -> None:
    def fail() -> None:
        raise PermissionError(13, "no")

    winapi.before_connect = fail
    instance = api.create(NAME, first=True)
    arrival = api.wait_for_client([instance], None)
    assert arrival is not None
    assert (arrival.handle, arrival.failure and arrival.failure.code) == (instance, 13)
    api.close(instance)
    assert winapi.handles() == 0


@pytest.mark.parametrize("code", [NO_DATA, OPERATION_ABORTED])
def test_a_connect_that_fails_later_is_told_by_the_wait(api: Win32Api, winapi: StandIn, code: int) -> None:
    instances = [api.create(NAME, first=number == 0) for number in range(3)]
    with winapi.changed:
        connecting = winapi.end(instances[1]).connecting
        assert connecting is not None
        connecting.finish(code)
    arrival = api.wait_for_client(instances, None)
    assert arrival is not None
    assert (arrival.handle, arrival.failure and arrival.failure.code) == (instances[1], code)


@pytest.mark.parametrize("chosen", [0, 61, 62, 127])
def test_any_of_128_instances_may_get_the_client(api: Win32Api, winapi: StandIn, chosen: int) -> None:
    instances = [api.create(NAME, first=number == 0) for number in range(128)]
    assert api.wait_for_client(instances, 0) is None
    with winapi.changed:
        connecting = winapi.end(instances[chosen]).connecting
        assert connecting is not None
        connecting.finish(0)
    assert api.wait_for_client(instances, None) == Arrival(instances[chosen])


@pytest.mark.parametrize("count", [1, 128])
def test_a_wait_ends_with_its_time_and_can_be_repeated(api: Win32Api, count: int) -> None:
    instances = [api.create(NAME, first=number == 0) for number in range(count)]
    assert api.wait_for_client(instances, 0.03) is None
    api.open(NAME)
    assert api.wait_for_client(instances, 0.03) == Arrival(instances[0])


def test_a_wait_on_many_instances_goes_on_until_a_client_comes(api: Win32Api, winapi: StandIn) -> None:
    """Longer than one round through the groups."""
    instances = [api.create(NAME, first=number == 0) for number in range(128)]
    connecting = winapi.end(instances[127]).connecting
    assert connecting is not None

    def come() -> None:
        with winapi.changed:
            connecting.finish(0)

    later = threading.Timer(0.15, come)
    later.start()
    assert api.wait_for_client(instances, 30) == Arrival(instances[127])
    later.join()


# Reading and writing


def test_a_read_without_data_stays_pending_and_is_taken_over(api: Win32Api, winapi: StandIn) -> None:
    client, server = connected(api)
    before = len(winapi.operations)
    assert api.read(server, 0) is None
    assert api.read(server, 0.01) is None
    assert len(winapi.operations) == before + 1
    send(api, client, b"late")
    assert api.read(server, 0) == b"late"


def test_a_read_broken_off_by_ctrl_c_loses_nothing(api: Win32Api, winapi: StandIn) -> None:
    client, server = connected(api)
    winapi.interrupts.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        api.read(server, None)
    send(api, client, b"meanwhile")
    assert api.read(server, 0) == b"meanwhile"


def test_an_interrupt_that_raises_nothing_is_waited_through(api: Win32Api, winapi: StandIn) -> None:
    client, server = connected(api)
    send(api, client, b"x")
    winapi.interrupts.append(InterruptedError(4, "interrupted"))
    assert api.read(server, 0) == b"x"
    assert not winapi.interrupts


def test_a_write_broken_off_by_ctrl_c_leaves_no_operation_behind(api: Win32Api, winapi: StandIn) -> None:
    client, server = connected(api)
    send(api, client, b"x" * CHUNK)
    winapi.interrupts.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(api, client, b"y" * CHUNK)
    assert winapi.operations[-1].collected
    api.close(client)
    api.close(server)


def test_closing_ends_what_is_pending_first(api: Win32Api, winapi: StandIn) -> None:
    """The stand-in refuses to close a handle below a pending operation."""
    client, server = connected(api)
    waiting = api.create(NAME, first=False)
    assert api.read(server, 0) is None
    for handle in (client, server, waiting):
        api.close(handle)
    assert winapi.handles() == 0
    assert all(operation.collected for operation in winapi.operations)


def test_a_write_that_waits_for_room_fails_when_the_peer_closes(api: Win32Api) -> None:
    client, server = connected(api)
    send(api, client, b"x" * CHUNK)
    later = threading.Timer(0.05, api.close, (server,))
    later.start()
    with pytest.raises(PipeError) as caught:
        send(api, client, b"y" * CHUNK)
    later.join()
    assert caught.value.code == BROKEN_PIPE


def test_a_handle_that_is_used_again_starts_afresh(api: Win32Api, winapi: StandIn) -> None:
    client, server = connected(api)
    assert api.read(server, 0) is None
    api.close(server)
    winapi._last -= 8  # the next instance gets the number of the last one
    again = api.create(NAME, first=True)
    assert again == server
    api.close(client)
    fresh = api.open(NAME)
    assert api.wait_for_client([again], 0) == Arrival(again)
    send(api, fresh, b"new")
    assert api.read(again, 0) == b"new"


def test_a_failure_that_nobody_waited_for_is_forgotten_with_its_instance(api: Win32Api, winapi: StandIn) -> None:
    def fail() -> None:
        raise PermissionError(13, "no")

    winapi.before_connect = fail
    failed = api.create(NAME, first=True)
    api.close(failed)
    winapi._last -= 4
    winapi.before_connect = lambda: None
    assert api.create(NAME, first=True) == failed
    assert api.wait_for_client([failed], 0) is None


def test_it_cannot_be_made_without_windows() -> None:
    with pytest.raises(ImportError):
        Win32Api()
