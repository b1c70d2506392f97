"""The oracle: a tool call through the wrapper must leave what the bare tool leaves, in a folder of the same name.

Each call is made bare first; then everything it did to the folder is undone, and the call is made once more through
the wrapper. Exit code, stdout, stderr, the set of files and each file's kind, bytes, mode and number of links have to
agree. What the bare tool did not touch, the wrapper must not touch; what it wrote must look written now, or `make`
would go on for ever.

`ZCNB_TEST_WRAPPER=env` puts nothing in the wrapper's place: so this suite itself is tried against the bare tools.
"""

from __future__ import annotations

import itertools
import os
import shlex
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zcnb
from tests.wrapper import trees
from tests.wrapper.terminal import run_on_terminal
from tests.wrapper.trees import Tree, anonymous
from zcnb.client.control import running_status
from zcnb.config import Config
from zcnb.errors import ZcnbError


def _override() -> str:
    """`ZCNB_TEST_WRAPPER` as this process was started with: `tests/conftest.py` removes all `ZCNB_*` early."""
    for word in Path("/proc/self/environ").read_bytes().split(b"\0"):
        if word.startswith(b"ZCNB_TEST_WRAPPER="):
            return os.fsdecode(word.partition(b"=")[2])
    return ""


WRAPPER = shlex.split(_override()) or [sys.executable, "-m", "zcnb"]
COUNTS = WRAPPER[-1] == "zcnb"
"""Whether there is a daemon that can tell hits from misses."""
TIMEOUT_S = 90
ROOT = Path(zcnb.__file__).parents[1]
COARSE = 5
"""`CLOCK_REALTIME_COARSE`, which `time` does not name: the clock that the kernel stamps files with."""

MARKS = itertools.count(1000)

OWN_LINE = b"zcnb"
"""What every line that the wrapper adds of its own begins with."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a call did."""

    code: int
    out: bytes
    err: bytes
    tree: Tree
    written: frozenset[bytes]
    """Names of files that were made or written to, whether or not their content changed."""
    begun: int
    """When, in nanoseconds, on the clock that stamps files."""

    def fresh(self, name: bytes) -> bool:
        """Whether a file looks written by this call."""
        return self.tree[name].stamp[1] >= self.begun

    @property
    def result(self) -> tuple[int, bytes, bytes, dict[bytes, bytes]]:
        """What a person would look at: two of them differ when the call had another result."""
        return self.code, self.out, self.err, {name: self.tree[name].data for name in sorted(self.written)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a call is made. An `env` value of `None` unsets the variable."""

    stdin: bytes = b""
    env: dict[str, str | None] = field(default_factory=dict)
    umask: int = -1
    tty: bool = False
    """stderr is a terminal."""
    cwd: str = ""
    extra_line: bool = False
    """The wrapper may add one line of its own to stderr."""
    loose: str = ""
    """What bare calls disagree about among themselves, and is not compared: any of the words out, err, bytes."""


def rows(*tables: str) -> list[str]:
    """The command lines of tables that have one on each line."""
    return [line for table in tables for line in table.splitlines() if line]


class Oracle:
    """A folder in which calls are made twice."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.config = config
        self.wrapper = WRAPPER
        self.reasons: dict[str, int] = {}
        folder.mkdir(exist_ok=True)

    # What is in the folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def write(self, name: str, text: str | bytes, mode: int = 0o644) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    def source(self, name: str, text: str) -> Path:
        """A C or C++ source that no other test has, so that its first compile is a miss."""
        mark = next(MARKS)
        return self.write(name, f"{text}\nint zt_mark_{mark} = {mark};\n")

    def words(self, line: str) -> list[str]:
        """A command line's words; `$PWD` stands for the folder."""
        return [word.replace("$PWD", str(self.folder)) for word in shlex.split(line)]

    def script(self, name: str, body: str) -> Path:
        return self.write(name, f"#!/bin/sh\n{body}\n", 0o755)

    def launcher(self, name: str = "zcnb") -> Path:
        """A single executable file that is the wrapper, outside the folder."""
        path = self.folder.parent / "launcher" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec {shlex.join(WRAPPER)} "$@"\n')
        path.chmod(0o755)
        return path

    # Calls

    def bare_env(self, manner: Manner | None = None) -> dict[str, str]:
        """The environment of bare calls."""
        env: dict[str, str | None] = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": None, "W": ""}
        env |= manner.env if manner else {}
        return {name: value for name, value in env.items() if value is not None}

    def wrapped_env(self, manner: Manner | None = None) -> dict[str, str]:
        """The environment of calls through the wrapper. `$W` is the wrapper's command, for shell scripts."""
        own = {"PYTHONPATH": f"{ROOT}:{ROOT / 'kernel_ext'}", "W": shlex.join(WRAPPER)}
        if COUNTS:
            own |= {"ZCNB_CACHE_DIR": str(self.config.cache_dir), "ZCNB_SOCKET": str(self.config.socket)}
        return self.bare_env(manner) | own | {k: v for k, v in (manner.env if manner else {}).items() if v is not None}

    def same(self, *words: str, how: str = "", **manner: Any) -> str:
        """Make the call both ways and compare; how the wrapper did it: `hit`, `miss`, `passed` (or `bare`).

        `how`, if given, is what it has to be, and is only asked of a wrapper that counts.
        """
        return self.told(words, how, Manner(**manner))[0]

    def told(self, words: tuple[str, ...], how: str = "", manner: Manner | None = None) -> tuple[str, Outcome]:
        """As `same`; also what the bare tool did."""
        manner = manner or Manner()
        before = self.snapshot()
        expected = self.bare(words, manner)
        self.restore(before)
        return self.wrapped(words, expected, manner, how), expected

    def thrice(self, *words: str, **given: Any) -> list[str]:
        """The call in the folder as it is, again on top of its outputs, and again without them."""
        manner = Manner(**given)
        before = self.snapshot()
        first, expected = self.told(words, "", manner)
        second = self.told(words, "", manner)[0]
        self.restore(before)
        return [first, second, self.wrapped(words, expected, manner)]

    def twice(self, *words: str, **given: Any) -> list[str]:
        """The call in the folder as it is, and again in the folder as it was: for calls that take long."""
        manner = Manner(**given)
        before = self.snapshot()
        first, expected = self.told(words, "", manner)
        self.restore(before)
        return [first, self.wrapped(words, expected, manner)]

    def shell(self, script: str, **manner: Any) -> bytes:
        """Run a shell script in which tools are called as `$W g++ ...` both ways; what it printed bare."""
        words = ("bash", "-c", script)
        own = Manner(**manner)
        before = self.snapshot()
        expected = self.run(list(words), self.bare_env(own), own)
        self.restore(before)
        compare(expected, self.run(list(words), self.wrapped_env(own), own), own)
        return expected.out

    def bare(self, words: tuple[str, ...], manner: Manner) -> Outcome:
        return self.run(list(words), self.bare_env(manner), manner)

    def wrapped(self, words: tuple[str, ...], expected: Outcome, manner: Manner, how: str = "") -> str:
        """Make the call through the wrapper, which has to do what is expected; how it did it."""
        counted = self.counters()
        compare(expected, self.run([*self.wrapper, *words], self.wrapped_env(manner), manner), manner)
        did = self.verdict(counted)
        assert not how or not COUNTS or did == how, f"{did} instead of {how}: {self.reasons}"
        return did

    def run(self, argv: list[str], env: dict[str, str], manner: Manner) -> Outcome:
        """One call, and what it did to the folder."""
        before = self.snapshot()
        begun = time.clock_gettime_ns(COARSE)
        options: dict[str, Any] = {"cwd": self.folder / manner.cwd, "env": env, "umask": manner.umask}
        if manner.tty:
            code, out, err = run_on_terminal(argv, manner.stdin, TIMEOUT_S, **options)
        else:
            done = subprocess.run(argv, input=manner.stdin, capture_output=True, timeout=TIMEOUT_S, **options)
            code, out, err = done.returncode, done.stdout, done.stderr
        after = self.snapshot()
        written = {name for name, new in after.items() if name not in before or before[name].stamp != new.stamp}
        files = frozenset(name for name in written if after[name].kind == "file")
        return Outcome(code, anonymous(out), anonymous(err), after, files, begun)

    # The daemon

    def counters(self) -> tuple[int, int, dict[str, int]]:
        """(hits, misses, reasons why not) since the daemon started; zeros without one."""
        if not COUNTS:
            return 0, 0, {}
        try:
            found = running_status(self.config)
        except ZcnbError:
            found = None
        if found is None:
            return 0, 0, {}
        return found.hits, found.misses, {**found.uncached_reasons, **found.passed_reasons}

    def verdict(self, before: tuple[int, int, dict[str, int]]) -> str:
        """What happened since `before`. A call with several jobs is a hit if none of them was a miss."""
        if not COUNTS:
            return "bare"
        hits, misses, reasons = self.counters()
        self.reasons = {why: count for why, count in reasons.items() if count != before[2].get(why, 0)}
        if misses != before[1]:
            return "miss"
        return "hit" if hits != before[0] and not self.reasons else "passed"

    # Snapshots

    def snapshot(self) -> Tree:
        return trees.snapshot(os.fsencode(self.folder))

    def restore(self, tree: Tree) -> None:
        """Make the folder what it was. What did not change is left alone, so that it does not look new."""
        trees.restore(os.fsencode(self.folder), tree)


def compare(expected: Outcome, found: Outcome, manner: Manner) -> None:
    """Fail with everything that differs, all at once."""
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null was replaced: mknod -m 666 /dev/null c 1 3"
    err = found.err
    if manner.extra_line and "err" not in manner.loose:
        err = without_extra_line(expected.err, err)
    pairs = [("code", expected.code, found.code), ("out", expected.out, found.out), ("err", expected.err, err)]
    wrong = [
        f"{what}: expected {a!r}\n   found {b!r}" for what, a, b in pairs if a != b and what not in manner.loose.split()
    ]
    for name in sorted(expected.tree.keys() | found.tree.keys()):
        wrong += [f"{os.fsdecode(name)}: {text}" for text in _differences(name, expected, found, manner.loose)]
    for name in sorted(expected.written & found.tree.keys()):
        if expected.fresh(name) and not found.fresh(name):
            wrong.append(f"{os.fsdecode(name)}: looks older than the call that wrote it")
    assert not wrong, "\n".join(wrong)


def without_extra_line(expected: bytes, found: bytes) -> bytes:
    """`found` without its one line of the wrapper's own, if it has one more than expected."""
    lines = found.splitlines(keepends=True)
    own = [line for line in lines if line.startswith(OWN_LINE)]
    if len(own) == 1 and own[0] not in expected:
        lines.remove(own[0])
    return b"".join(lines)


def _differences(name: bytes, expected: Outcome, found: Outcome, loose: str) -> list[str]:
    if name not in found.tree:
        return ["missing"]
    if name not in expected.tree:
        return ["should not be there"]
    old, new = expected.tree[name], found.tree[name]
    texts = []
    if old.kind != new.kind:
        texts.append(f"is a {new.kind}, expected a {old.kind}")
    if old.mode != new.mode:
        texts.append(f"mode {new.mode:o}, expected {old.mode:o}")
    if old.data != new.data and "bytes" not in loose:
        texts.append(
            f"other bytes: expected {len(old.data)} {old.data[:300]!r}\n   found {len(new.data)} {new.data[:300]!r}"
        )
    if old.links != new.links:
        texts.append(f"{new.links} links, expected {old.links}")
    if old.kind == "file" and name not in expected.written and name in found.written:
        texts.append("was written to")
    return texts
