"""Named pipes by way of Windows itself.

None of this has run on Windows yet: it is written from the documentation of Win32 and from CPython's `_winapi`, which
`multiprocessing` uses for its pipes. `tests/transport/test_win32.py` runs `Win32Api` against a stand-in for `_winapi`;
nothing stands in for `Security`. The module can be imported everywhere, but `Win32Api()` works on Windows alone.

All operations are overlapped. A read that gets nothing in time stays pending, and the next `read` takes it over: it
is never cancelled before its end is closed, so no byte can fall between two reads.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import time
from collections.abc import Collection, Iterator, Sequence
from ctypes import POINTER, c_int, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD
from typing import Any

from zcnb.transport.base import CHUNK
from zcnb.transport.pipe_api import NO_DATA, OPERATION_ABORTED, Arrival, Handle, PipeApi, PipeError

PIPE_ACCESS_DUPLEX = 0x3
FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000
FILE_FLAG_OVERLAPPED = 0x40000000
PIPE_REJECT_REMOTE_CLIENTS = 0x8
PIPE_UNLIMITED_INSTANCES = 255

PIPE_MODE = PIPE_REJECT_REMOTE_CLIENTS
"""Bytes, not messages, and operations that wait: those three flags are 0."""

GENERIC_READ_WRITE = 0xC0000000
OPEN_EXISTING = 3
SECURITY_SQOS_PRESENT = 0x100000
SECURITY_IDENTIFICATION = 0x10000
CLIENT_FLAGS = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION
"""The server may learn who the client is, but not act in its name: a foreign server gains nothing."""

INFINITE = 0xFFFFFFFF
WAIT_TIMEOUT = 258

LARGEST_GROUP = 62
"""Handles in one wait: Windows takes 64; `_winapi` needs one for Ctrl-C, and its check leaves out another."""

GROUP_S = 0.02
"""For each group in turn, if there are several. The oldest instances, which get clients first, are in the first."""

TOKEN_QUERY = 0x8
TOKEN_USER = 1
SE_KERNEL_OBJECT = 6
OWNER_SECURITY_INFORMATION = 0x1
SDDL_REVISION = 1


def open_mode(*, first: bool) -> int:
    """How an instance is made; the `first` one only if there is none of that name (T8)."""
    return PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | (FILE_FLAG_FIRST_PIPE_INSTANCE if first else 0)


def private_to(sid: str) -> str:
    """The security descriptor, in SDDL, that makes `sid` the owner and lets nobody else in."""
    return f"O:{sid}D:P(A;;GA;;;{sid})"


def milliseconds(seconds: float | None) -> int:
    """For a wait: rounded up, so that it never ends too soon."""
    return INFINITE if seconds is None else min(math.ceil(seconds * 1000), INFINITE - 1)


def groups(handles: Sequence[Handle]) -> list[Sequence[Handle]]:
    """`handles` in order, in pieces that one wait can take."""
    return [handles[at : at + LARGEST_GROUP] for at in range(0, len(handles), LARGEST_GROUP)]


@contextlib.contextmanager
def _pipe_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = getattr(error, "winerror", None) or error.errno or 0
        raise PipeError(code, error.strerror or str(error)) from error


class Win32Api(PipeApi):
    """The pipes of this machine."""

    def __init__(self, winapi: Any = None, security: Security | None = None) -> None:
        """The tests pass stand-ins for `_winapi` and for `Security`. Raises `PipeError`."""
        if winapi is None:
            import _winapi as winapi  # there is none elsewhere
        self._winapi = winapi
        with _pipe_errors():
            self._security = security or Security(winapi)
        self._connecting: dict[Handle, Any] = {}
        self._reading: dict[Handle, Any] = {}
        self._early: dict[Handle, PipeError | None] = {}
        """Instances that had their client, or failed, before anybody could wait for it."""

    def create(self, name: str, *, first: bool) -> Handle:
        with _pipe_errors():
            handle: Handle = self._winapi.CreateNamedPipe(
                name, open_mode(first=first), PIPE_MODE, PIPE_UNLIMITED_INSTANCES, CHUNK, CHUNK, 0,
                self._security.attributes,
            )  # fmt: skip
        try:
            with _pipe_errors():
                self._connecting[handle] = self._winapi.ConnectNamedPipe(handle, overlapped=True)
        except PipeError as error:
            # NO_DATA: a client came and has left again already; what it wrote is there to be read
            self._early[handle] = None if error.code == NO_DATA else error
        return handle

    def wait_for_client(self, instances: Collection[Handle], timeout: float | None) -> Arrival | None:
        for handle in instances:
            if handle in self._early:
                return Arrival(handle, self._early.pop(handle))
        deadline = None if timeout is None else time.monotonic() + timeout
        pieces = groups(tuple(instances))
        while True:
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            pause = left
            if len(pieces) > 1:
                pause = GROUP_S if left is None else min(left, GROUP_S)
            for piece in pieces:
                connected = self._maybe_connected(piece, pause)
                if connected is not None:
                    return self._arrival(connected)
            if left is not None and left == pause:
                return None

    def _maybe_connected(self, instances: Sequence[Handle], timeout: float | None) -> Handle | None:
        events = [self._connecting[handle].event for handle in instances]
        with _pipe_errors():
            index = self._wait(events, timeout)
        return None if index == WAIT_TIMEOUT else instances[index]

    def _wait(self, events: Sequence[int], timeout: float | None) -> int:
        """The index of the first event that is set, or `WAIT_TIMEOUT`. Raises `OSError`."""
        while True:
            try:
                return int(self._winapi.WaitForMultipleObjects(events, False, milliseconds(timeout)))
            except InterruptedError:
                pass  # Ctrl-C whose handler did not raise: as all of Python does (PEP 475), wait on

    def _arrival(self, handle: Handle) -> Arrival:
        try:
            _finish(self._connecting.pop(handle))
        except PipeError as error:
            return Arrival(handle, error)
        return Arrival(handle)

    def open(self, name: str) -> Handle:
        with _pipe_errors():
            handle: Handle = self._winapi.CreateFile(name, GENERIC_READ_WRITE, 0, 0, OPEN_EXISTING, CLIENT_FLAGS, 0)
        return handle

    def owner(self, handle: Handle) -> str:
        with _pipe_errors():
            return self._security.owner(handle)

    def user(self) -> str:
        return self._security.user

    def read(self, handle: Handle, timeout: float | None) -> bytes | None:
        with _pipe_errors():
            if handle not in self._reading:
                self._reading[handle], _ = self._winapi.ReadFile(handle, CHUNK, overlapped=True)
            if self._wait([self._reading[handle].event], timeout) == WAIT_TIMEOUT:
                return None
        reading = self._reading.pop(handle)
        _finish(reading)
        return bytes(reading.getbuffer())

    def write(self, handle: Handle, data: memoryview) -> None:
        with _pipe_errors():
            writing, _ = self._winapi.WriteFile(handle, data, overlapped=True)
            try:
                self._wait([writing.event], None)
            except BaseException:
                _abandon(writing)  # Ctrl-C: Windows must not go on reading from `data`
                raise
        written = _finish(writing)
        assert written == len(data), "a pipe that waits takes all of a write"

    def close(self, handle: Handle) -> None:
        # Closed, not disconnected: DisconnectNamedPipe would throw away what the peer has not read yet.
        # The bookkeeping goes first, for another thread may get the same number as soon as it is free.
        self._early.pop(handle, None)
        for pending in (self._connecting.pop(handle, None), self._reading.pop(handle, None)):
            if pending is not None:
                _abandon(pending)
        with contextlib.suppress(OSError):
            self._winapi.CloseHandle(handle)


def _finish(operation: Any) -> int:
    """The number of bytes moved by an operation that is over, or about to be. Raises `PipeError`."""
    with _pipe_errors():
        moved, code = operation.GetOverlappedResult(True)
    if code == OPERATION_ABORTED:
        raise PipeError(code, "the operation was aborted")
    return int(moved)


def _abandon(operation: Any) -> None:
    """Cancel, and wait until Windows has let go of the operation's memory."""
    with contextlib.suppress(OSError):
        operation.cancel()
        operation.GetOverlappedResult(True)


class SecurityAttributes(ctypes.Structure):
    """`SECURITY_ATTRIBUTES`; handles are not inherited."""

    _fields_ = (("length", DWORD), ("descriptor", c_void_p), ("inherit", BOOL))


class TokenUser(ctypes.Structure):
    """`TOKEN_USER`: a pointer to the SID, which lies behind it in the same buffer."""

    _fields_ = (("sid", c_void_p), ("attributes", DWORD))


ADVAPI32: dict[str, tuple[Any, list[Any]]] = {
    "OpenProcessToken": (BOOL, [c_void_p, DWORD, POINTER(c_void_p)]),
    "GetTokenInformation": (BOOL, [c_void_p, c_int, c_void_p, DWORD, POINTER(DWORD)]),
    "ConvertSidToStringSidW": (BOOL, [c_void_p, POINTER(c_void_p)]),
    "ConvertStringSecurityDescriptorToSecurityDescriptorW": (
        BOOL,
        [c_wchar_p, DWORD, POINTER(c_void_p), POINTER(DWORD)],
    ),
    "GetSecurityInfo": (
        DWORD,
        [c_void_p, c_int, DWORD, POINTER(c_void_p), c_void_p, c_void_p, c_void_p, POINTER(c_void_p)],
    ),
}
"""What `_winapi` lacks: result and arguments of each function. Handles and pointers are `c_void_p`: as plain numbers
they would be cut to 32 bits."""


class Security:
    """Who this process's user is, and the attributes of what that user alone may open. Raises `OSError`."""

    def __init__(self, winapi: Any) -> None:
        self._winapi = winapi
        self._ctypes: Any = ctypes  # its Windows part is unknown to the types elsewhere
        self._advapi32 = self._ctypes.WinDLL("advapi32", use_last_error=True)
        for name, (result, arguments) in ADVAPI32.items():
            function = getattr(self._advapi32, name)
            function.restype, function.argtypes = result, arguments
        self._free = self._ctypes.WinDLL("kernel32").LocalFree
        self._free.restype, self._free.argtypes = c_void_p, [c_void_p]
        self.user = self._own_sid()
        self._private = self._private_attributes()

    @property
    def attributes(self) -> int:
        """The address of a `SECURITY_ATTRIBUTES`, valid as long as this object."""
        return ctypes.addressof(self._private)

    def owner(self, handle: Handle) -> str:
        """The SID of the owner of the object behind `handle`."""
        sid, descriptor = c_void_p(), c_void_p()
        code = self._advapi32.GetSecurityInfo(
            handle, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION,
            ctypes.byref(sid), None, None, None, ctypes.byref(descriptor),
        )  # fmt: skip
        if code:
            raise self._ctypes.WinError(code)
        try:
            return self._text(sid)
        finally:
            self._free(descriptor)

    def _own_sid(self) -> str:
        token, needed = c_void_p(), DWORD()
        process = self._winapi.GetCurrentProcess()
        self._check(self._advapi32.OpenProcessToken(process, TOKEN_QUERY, ctypes.byref(token)))
        try:
            self._advapi32.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(needed))  # asks for the size
            buffer = ctypes.create_string_buffer(needed.value)
            self._check(
                self._advapi32.GetTokenInformation(token, TOKEN_USER, buffer, needed.value, ctypes.byref(needed))
            )
            return self._text(c_void_p(TokenUser.from_buffer(buffer).sid))
        finally:
            self._winapi.CloseHandle(token.value)

    def _private_attributes(self) -> SecurityAttributes:
        descriptor = c_void_p()  # lives as long as the process
        self._check(
            self._advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                private_to(self.user), SDDL_REVISION, ctypes.byref(descriptor), None
            )
        )
        return SecurityAttributes(ctypes.sizeof(SecurityAttributes), descriptor, False)

    def _text(self, sid: c_void_p) -> str:
        text = c_void_p()
        self._check(self._advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)))
        try:
            return ctypes.wstring_at(text.value or 0)
        finally:
            self._free(text)

    def _check(self, succeeded: int) -> None:
        if not succeeded:
            raise self._ctypes.WinError(self._ctypes.get_last_error())
