"""Every error zcnb raises on purpose. The name says whose fault it is.

    ZcnbError
    ├── PersonError             mended in the cell or the settings; shown without a stack
    │   ├── UsageError          the words on the magic line, a cell that cannot be encoded
    │   ├── ConfigError         a setting in a file or in the environment
    │   ├── CompilerNotFound    nothing installed that can compile this language
    │   ├── CompileError        the compiler or the linker said no
    │   └── ProgramError        the program ended with a signal or a code other than 0
    ├── StoreError              the cache folder cannot be read or written
    ├── RunnerError             the daemon cannot run a tool; the client can
    │   └── ToolTimeout         a tool took longer than it may
    ├── DaemonError             the daemon answered a request with an error (in-band)
    └── TransportError          the way to the daemon
        ├── TransportIOError    the operating system refused a read or a write
        ├── ConnectionClosed    the peer went away in the middle of something
        ├── Timeout             nothing (or not enough) came in time; no byte is lost
        ├── ProtocolError       bytes that are not ours, too large, or not decodable
        └── EndpointError       the address: invalid, taken, or not ours to use

`OSError` becomes one of these once, where it arises; what lies above deals in these alone.
"""

from __future__ import annotations


class ZcnbError(Exception):
    """Base class. `str(error)` is one or two sentences a beginner can act on."""


class PersonError(ZcnbError):
    """Base of what a person can mend in the cell or the settings: shown without zcnb's own stack."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback (it looks this method up by name)."""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class UsageError(PersonError):
    """The words on the magic line (or the cell's text) cannot be used as they are."""


class ConfigError(PersonError):
    """A setting has a value it cannot have; the message names its source."""


class CompilerNotFound(PersonError):
    """No compiler for the language; the message says what to install."""


class CompileError(PersonError):
    """Compiling or linking failed.

    `exit_code` is the tool's own; `diagnostics` its text, with terminal colours.
    """

    def __init__(self, message: str, *, diagnostics: str = "", exit_code: int = 1) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics
        self.exit_code = exit_code


class ProgramError(PersonError):
    """The program ended badly. `exit_code` is negative (-N) when signal N ended it, as in `subprocess`."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class StoreError(ZcnbError):
    """The cache folder cannot be used: full, read-only, not a folder, or damaged."""


class RunnerError(ZcnbError):
    """No runner can be started, or the tool was lost with its runner twice. Its client compiles directly."""


class ToolTimeout(RunnerError):
    """The tool was ended after `seconds`, or waited as long for its turn."""

    def __init__(self, tool: str, seconds: float) -> None:
        super().__init__(f"{tool} was not done within {seconds:g} s and was stopped.")
        self.seconds = seconds


class DaemonError(ZcnbError):
    """The daemon's in-band answer `error {code, message, hint}`."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint


class TransportError(ZcnbError):
    """Something on the way to the daemon failed."""


class TransportIOError(TransportError):
    """The operating system refused a read or a write."""


class ConnectionClosed(TransportError):
    """The peer closed in the middle of a frame, or before its answer."""


class Timeout(TransportError):
    """`seconds` went by. Bytes already received stay buffered: the next receive goes on from there."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no complete answer within {seconds:g} s")
        self.seconds = seconds


class ProtocolError(TransportError):
    """The bytes break the wire protocol. The connection is of no further use."""


class EndpointError(TransportError):
    """The endpoint is invalid, taken by somebody else, or not private to this user."""
