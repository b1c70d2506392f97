"""The wrapper's fast path: `zcnb g++ -c a.cpp -o a.o` against a daemon that runs.

A build starts it hundreds of times, so it imports next to nothing: the
interpreter's start is most of its time. What can be said in one exchange is
said here; everything else (no daemon, a daemon in trouble, settings in files)
is for `zcnb.client.calls`, which takes its time to import.

Rule: whenever the cache has no part in a call, the tool takes over this process
(`exec`), so that nobody can tell the difference.
"""

from __future__ import annotations

import _signal
import os

from zcnb import __version__
from zcnb.cli.exchange import WEDGED_S, Trouble, exchange
from zcnb.cli.place import place, remove
from zcnb.places import SHIMS, endpoint_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

NESTED = "ZCNB_NESTED"
"""Set for tools: a wrapper that one of them calls runs the bare tool, and not the one that called it."""

NOT_FOUND = 127
"""The exit code of a shell for a command that is not there."""

MOST_STDIN = 8 * 1024 * 1024
"""Bytes of source from standard input that go to the daemon; a frame ends at 16 MiB."""

_CHUNK = 1 << 16


def wrap(words: list[str]) -> int:
    """Do what `words` (a tool and its arguments) say; the exit code, unless the tool took over."""
    whole = _as_started()
    environ = without_shims(_environment())
    while len(words) > 1 and os.path.basename(words[0]) == "zcnb":
        words = words[1:]
    tool = find_tool(words[0], environ)
    if not tool:
        return _complain(f"zcnb: {words[0]}: no such command, and no verb of zcnb's (`zcnb --help` lists those)")
    if (
        not whole
        or NESTED in environ
        or environ.get("ZCNB_DISABLE", "").strip().lower() not in ("", "0", "false", "no", "off")
    ):
        run_bare(tool, words, environ)
    call = call_of(os.path.abspath(tool), words, environ)
    if call is None:
        run_bare(tool, words, environ)
    endpoint = _endpoint(environ)
    try:
        if endpoint is None:
            raise Trouble("absent", "settings in a file")
        kind, fields = exchange(endpoint, *request_of(call, environ), _budget(environ))
    except Trouble as trouble:
        kind, fields = _rescued(trouble, call, environ)
    return finish(kind, fields, tool, words, environ)


def without_shims(environ: dict[str, str]) -> dict[str, str]:
    """The environment for a tool: shims are off its PATH. gcc looks itself up there to find its other half."""
    if SHIMS in environ.get("PATH", ""):
        folders = environ["PATH"].split(":")
        environ["PATH"] = ":".join(folder for folder in folders if os.path.basename(folder.rstrip("/")) != SHIMS)
    return environ


def find_tool(name: str, environ: dict[str, str]) -> str:
    """What a shell would run for `name`, as it would call it; not the tool that called us. Empty for nothing."""
    if "/" in name:
        return name if _runs(name) else ""
    caller = environ.get(NESTED, "")
    for folder in environ.get("PATH", os.defpath).split(":"):
        path = os.path.join(folder or ".", name)
        if _runs(path) and not _same(path, caller):
            return path
    return ""


def _runs(path: str) -> bool:
    return os.access(path, os.X_OK) and os.path.isfile(path)


def _same(path: str, other: str) -> bool:
    return "/" in other and os.path.exists(other) and os.path.samefile(path, other)


def call_of(tool: str, words: list[str], environ: dict[str, str]) -> dict[str, object] | None:
    """The fields of a `ToolCall` for this process, or `None` when it is nothing for the daemon."""
    source = _source() if "-" in words[1:] else b""
    try:
        cwd = os.getcwd()
    except OSError:
        return None
    if source is None:
        return None
    umask = os.umask(0)
    os.umask(umask)
    return {
        "tool": tool,
        "argv": words,
        "cwd": cwd,
        "env": environ,
        "umask": umask,
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "stdout_tty": os.isatty(1),
        "stderr_tty": os.isatty(2),
        "columns": os.get_terminal_size(2).columns if os.isatty(2) else 0,
        "stdin": source,
        "client_version": __version__,
    }


def _source() -> bytes | None:
    """Standard input, which is the source: read to its end, and put back for a tool that takes over. `None` if it
    cannot be read, or is too much to send."""
    data = bytearray()
    try:
        while chunk := os.read(0, _CHUNK):
            data += chunk
    except OSError:
        return None
    again = os.memfd_create("source")
    os.write(again, data)
    os.lseek(again, 0, os.SEEK_SET)
    os.dup2(again, 0)
    return bytes(data) if len(data) <= MOST_STDIN else None


def request_of(call: dict[str, object], environ: dict[str, str]) -> tuple[str, dict[str, object]]:
    """The kind and the fields of the request for `call`."""
    session = environ.get("ZCNB_SESSION_ID", "")
    if session:
        return "compile", {"session": session, "call": call}
    if os.path.basename(str(call["tool"])).endswith("ar"):
        return "link-ephemeral", {"client_pid": os.getpid(), "call": call}
    return "compile-ephemeral", {"client_pid": os.getpid(), "working_dir": call["cwd"], "call": call}


def _budget(environ: dict[str, str]) -> float:
    """Seconds after which a daemon that does nothing for us is looked after; one that is no number is told later."""
    try:
        return float(environ.get("ZCNB_WEDGE_RECV_TIMEOUT_SECS") or WEDGED_S)
    except ValueError:
        return WEDGED_S


def _endpoint(environ: dict[str, str]) -> str | None:
    """Where the daemon listens, as `zcnb.config` has it; `None` if a file with settings must be read first."""
    home = os.path.expanduser("~")
    folders = [environ.get("XDG_CONFIG_HOME", "").strip() or f"{home}/.config"]
    folders += (environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg").split(":")
    if any(os.path.exists(os.path.join(folder, "zcnb", "zcnb_config.toml")) for folder in folders):
        return None
    if environ.get("ZCNB_SOCKET"):
        return os.path.abspath(os.path.expanduser(environ["ZCNB_SOCKET"]))
    cache = environ.get("XDG_CACHE_HOME", "").strip() or f"{home}/.cache"
    return endpoint_of(os.path.abspath(os.path.expanduser(environ.get("ZCNB_CACHE_DIR") or f"{cache}/zcnb")))


def _rescued(trouble: Trouble, call: dict[str, object], environ: dict[str, str]) -> tuple[str, dict[str, object]]:
    """The same with all means: start a daemon, mend one, try again; else the tool runs bare, and a line says why."""
    load_site()
    from zcnb.client.calls import rescued

    return rescued(trouble.kind, str(trouble), *request_of(call, environ))


def load_site() -> None:
    """Find installed packages too: a shim starts Python without them."""
    import sys

    if sys.flags.no_site:
        import site

        site.main()


def finish(kind: str, fields: dict[str, object], tool: str, words: list[str], environ: dict[str, str]) -> int:
    """Act on the daemon's answer; the exit code, unless the tool takes over."""
    nested = {**environ, NESTED: os.path.abspath(tool)}
    _restore_signals()
    if kind == "tool-done":
        outcome = fields["outcome"]
        assert isinstance(outcome, dict)
        try:
            for output in outcome["outputs"]:
                place(output["path"], output["destination"], executable=output["executable"])
        except OSError:
            run_bare(tool, words, nested)
        for name in outcome["removed"]:
            remove(name)
        _write(1, outcome["stdout"])
        _write(2, outcome["stderr"])
        _warn(outcome["warning"])
        return _ended(outcome["exit_code"])
    if kind == "failed":
        return _complain(str(fields["message"]), code=1)
    warning = str(fields.get("warning", ""))
    if warning:
        pid = os.posix_spawn(tool, words, nested)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        _warn(warning)
        return _ended(code)
    return run_bare(tool, words, nested)


def _write(fd: int, data: bytes) -> None:
    """All of `data`; to a closed descriptor nothing, as from the tool."""
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError:
        pass


def _warn(text: object) -> None:
    if text:
        _write(2, f"zcnb warning: {text}\n".encode("utf-8", "surrogateescape"))


def _complain(text: str, code: int = NOT_FOUND) -> int:
    _write(2, f"{text}\n".encode("utf-8", "surrogateescape"))
    return code


def _ended(code: int) -> int:
    """The exit code for whoever waits for us; a tool that a signal ended is followed by the same."""
    if code < 0:
        _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def run_bare(tool: str, words: list[str], environ: dict[str, str]) -> NoReturn:
    """Become the tool."""
    _restore_signals()
    try:
        os.execve(tool, words, environ)
    except OSError as error:
        os._exit(_complain(f"zcnb: {words[0]} cannot be run: {error.strerror}", code=126))


def _environment() -> dict[str, str]:
    """The environment as this process got it: in the C locale Python sets `LC_CTYPE`, and compilers' quotation
    marks would follow."""
    try:
        with open("/proc/self/environ", "rb") as file:
            pairs = [entry.partition(b"=") for entry in file.read().split(b"\0")]
    except OSError:
        return dict(os.environ)
    return {os.fsdecode(name): os.fsdecode(value) for name, equals, value in pairs if equals}


def _restore_signals() -> None:
    """Undo what Python ignores from its start on and a tool would inherit. Not before the daemon's part is over:
    a broken connection must be an error, not our end."""
    for number in (_signal.SIGPIPE, getattr(_signal, "SIGXFSZ", _signal.SIGPIPE)):
        _signal.signal(number, _signal.SIG_DFL)


def _as_started() -> bool:
    """Let Ctrl-C end us without a word. Closed standard streams get a stand-in, or a socket would take their
    place; whether none was closed."""
    whole = True
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
            whole = False
    return whole
