"""A witness to what tools really look at: they run under strace, and that is held against what was recorded.

Each path that a tool opened, or looked for in vain, must be accounted for: by the manifest (an input, a probe), by
the compiler's identity, by being private to the run, or by a rule in `ELSEWHERE` with its reason.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zcnb.daemon.builder import Builder
from zcnb.daemon.steps import Steps
from zcnb.daemon.wrapper import Wrapper
from zcnb.freshness.memo import FileMemo
from zcnb.model.job import Queue
from zcnb.model.manifest import Manifest
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.toolchain.search import plain_path

ELSEWHERE = {
    r"/(?:proc|sys|dev)(?:/|$)": "the kernel's, not files",
    r"/(?:usr/)?lib(?:/x86_64-linux-gnu)?/(?:tls|x86_64|glibc-hwcaps)(?:/|$)": "the loader's, for other processors",
    r"/(?:usr/)?lib/(?:[\w-]+/)?lib(?:iomp5|irml|tbbmalloc)\.so": "what mold's thread library would work together with",
    r"/usr/(?:lib|share)/locale(?:/|$)": "messages in another language: the language is in the key",
    r"/usr/lib/x86_64-linux-gnu/gconv/": "character sets, which come with the C library",
    r"/etc/malloc\.conf$": "how rustc's allocator works",
    r"/usr/lib/ssl/openssl\.cnf$": "how mold's library for hashes works",
    r"/etc/alternatives$": "on the way to cc, which is looked up at every request",
    r".*/(?:g?nm|g?strip)$": "collect2 looks for them, and runs neither where the linker sorts constructors",
    r".*/-l[^/]+$": "ld completes its words for the list of inputs that we ask for",
}
"""Places outside of all accounts, as patterns of how paths begin, and why they do not matter."""

_CALL = re.compile(r'^(\w+)\((?:AT_FDCWD<([^>]*)>, |(\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"(.*)\) = (-?\d+)(.*)$')
_CHOSEN_LINKER = re.compile(r"(?:[\w-]+-)?ld\.\w+$")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
_CHANGES = frozenset({"unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "chmod", "fchmodat",
                      "rmdir", "link", "linkat", "symlink", "symlinkat", "utimensat", "truncate"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a path."""

    path: str
    """Absolute."""
    kind: str
    """`missing`, `seen` (that something is there), `read`, `listed` (a folder) or `written`."""
    tool: str
    """The program's name."""


def looks(trace: str, cwd: str) -> Iterator[Look]:
    """The looks in what strace wrote of one process."""
    tool = ""
    for line in trace.splitlines():
        match = _CALL.match(line)
        if match is None or not match[5]:
            continue
        call, base, path, rest, failed = match[1], match[2] or match[4] or cwd, match[5], match[6], match[7] == "-1"
        assert call not in {"chdir", "fchdir"} or os.path.samefile(path, cwd), line
        if call == "execve" and not failed:
            tool = os.path.basename(path)
        yield Look(os.path.join(base, path), _kind(call, rest, match[8] if failed else ""), tool)


def _kind(call: str, rest: str, error: str) -> str:
    if "ENOENT" in error or "ENOTDIR" in error:
        return "missing"
    if call in _CHANGES or _WRITES.search(rest):
        return "written"
    if "O_DIRECTORY" in rest:
        return "listed"
    return "read" if call in {"open", "openat", "execve"} else "seen"


class TracedPool(Pool):
    """Runs tools under strace; questions are asked as ever."""

    def __init__(self, traces: Path) -> None:
        super().__init__()
        self._traces = traces
        self._count = 0

    async def run(self, job: ToolJob, queue: Queue = "interactive") -> ToolResult:
        self._count += 1
        folder = self._traces / str(self._count)
        folder.mkdir()
        options = (
            "-ff",
            "--seccomp-bpf",
            "-y",
            "-qq",
            "-s",
            "4096",
            "-e",
            "trace=%file",
            "-e",
            "signal=none",
            "-o",
            f"{folder}/t",
        )
        argv = ("strace", *options, "--", job.program or job.argv[0], *job.argv[1:])
        traced = ToolJob(argv=argv, scene=job.scene, stdin=job.stdin, more_env=job.more_env)
        return await super().run(traced, queue)

    def take(self, cwd: str) -> set[Look]:
        """What all tools looked at since the last time."""
        found: set[Look] = set()
        for file in self._traces.glob("*/t.*"):
            found.update(looks(file.read_text("utf-8", "surrogateescape"), cwd))
            file.unlink()
        return found


class RecordingStore(Store):
    """Remembers the manifests that it was given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.manifests: list[Manifest] = []

    def record(self, key: Any, manifest: Manifest, outputs: Any, **said: Any) -> bool:
        self.manifests.append(manifest)
        return super().record(key, manifest, outputs, **said)


class Witness:
    """A builder and a wrapper whose tools are watched."""

    def __init__(self, root: Path) -> None:
        (root / "traces").mkdir()
        self.root = root
        self.store = RecordingStore(root / "cache")
        self.pool = TracedPool(root / "traces")
        memo = FileMemo()
        self.steps = Steps(self.store, self.pool, memo)
        self.builder = Builder(self.store, self.steps)
        self.wrapper = Wrapper(self.steps, memo, self.store.history)
        self._runner = asyncio.Runner()

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(story)

    def close(self) -> None:
        self.run(self.pool.close())
        self._runner.close()
        self.store.close()

    def unexplained(self, cwd: str, env: Mapping[str, str]) -> list[str]:
        """What tools looked at in `cwd` since the last time and nothing accounts for, one line each."""
        accounts = Accounts(cwd, env, self)
        self.store.manifests = []
        return sorted(filter(None, map(accounts.complaint, self.pool.take(cwd))))


class Accounts:
    """Everything that was recorded of the runs in one folder, and of the compilers that made them."""

    def __init__(self, cwd: str, env: Mapping[str, str], witness: Witness) -> None:
        self._cwd = cwd
        known = witness.steps.toolbox._known.values()
        self._private = (str(witness.root / "cache"), "/tmp/cc", "/tmp/rustc")
        self._names = {name for one in known for name, _ in one.bare}
        self._path = {plain_path(folder) for folder in env["PATH"].split(":")}
        inputs = self._plain(path for manifest in witness.store.manifests for path, _ in manifest.inputs)
        probes = self._plain(path for manifest in witness.store.manifests for path, _ in manifest.probes)
        linkers = witness.steps.toolbox._libraries_of.values()
        guards = self._plain(path for one in known for path, _ in one.guards)
        guards |= self._plain(path for libraries, _ in linkers for path in libraries)
        context = self._plain(path for one in known for path, _ in one.context)
        self._read = inputs | guards | {path for path in context if os.path.isfile(path)}
        self._names_known = self._read | probes | context
        self._watched = {os.path.realpath(path) for path in context if os.path.isdir(path)}
        self._absent = {path for path in self._names_known if not os.path.lexists(path)}
        self._folders = {above for path in (*self._names_known, self._private[0]) for above in _above(path)}

    def complaint(self, look: Look) -> str:
        """What is wrong with `look`; empty if it is accounted for."""
        path = plain_path(look.path)
        if path.startswith(self._private) or any(re.match(pattern, path) for pattern in ELSEWHERE):
            return ""
        return "" if self._accounted(path, look) else f"{look.tool}: {look.kind}: {path}"

    def _accounted(self, path: str, look: Look) -> bool:
        folder, name = os.path.split(path)
        if folder in self._path and (name in self._names or _CHOSEN_LINKER.match(name)):
            return True  # looked up at every request
        match look.kind:
            case "missing":
                return bool(
                    {path, *_above(path)} & (self._names_known | self._absent)
                    or {path} & self._folders
                    or os.path.realpath(_missing_below(path)) in self._watched
                )
            case "read":
                return bool({path, os.path.realpath(path)} & self._read)
            case "seen":
                real = os.path.realpath(path)
                if os.path.isdir(real):
                    return True  # what counts is what is looked for in it
                return bool(
                    {path, real} & (self._names_known | self._folders) or os.path.dirname(real) in self._watched
                )
            case "listed":  # gold lists the folders of libraries, and then looks at names in them alone
                return os.path.realpath(path) in self._watched or (look.tool.endswith("gold") and path in self._folders)
        return False

    def _plain(self, paths: Iterable[str]) -> set[str]:
        plain = {plain_path(os.path.join(self._cwd, path)) for path in paths}
        return plain | {os.path.realpath(path) for path in plain}


def _above(path: str) -> set[str]:
    found = set()
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        found.add(path)
    return found


def _missing_below(path: str) -> str:
    """The existing folder in which the first missing part of `path` would appear."""
    while not os.path.exists(above := os.path.dirname(path)):
        path = above
    return above
