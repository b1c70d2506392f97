"""Builds that are made twice, once through zcnb and once bare, and have to agree.

zcnb comes first: an edit is followed by its answer at once.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.soak.daemons import Daemons
from tests.soak.world import RUST, World, told
from tests.wrapper import trees
from tests.wrapper.oracle import TIMEOUT_S, Manner, Oracle, compare
from zcnb.client.direct import build_directly
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec, Emit

WRAPPER = [sys.executable, "-S", "-m", "zcnb"]
"""As the shims start it: without `site`."""

CALLS = (
    "-c {unit} -o out/{unit}.o",
    "-c {unit} -o {unit}.o",
    "-c ./{unit} -MD -MF out/{unit}.d -o out/{unit}.o",
    "-MMD -MP -c {unit} -o out/{unit}.o",
    "-c $PWD/{unit} -o out/{unit}.o",
)
MAIN = "main.c"
PROGRAM = f"{MAIN} -lv -o out/program"
RUST_FLAGS = ("-Cpanic=abort",)
RUST_CALL = ("rustc", *RUST_FLAGS, RUST, "-o", "out/rust")
EMPTY_MAIN = b"\nint main(void) { return 0; }\n"


class Judge:
    """Compares, and counts what it compared. Raises `AssertionError` with all differences.

    `number` says which daemon is asked. With `strike_ms`, it is killed so many milliseconds after the build began.
    """

    def __init__(self, world: World, daemons: Daemons, counts: Counter[str]) -> None:
        self.world, self.daemons, self.counts, self.story = world, daemons, counts, world.story

    @told
    def call(self, unit: str, form: int, number: int, strike_ms: int | None = None) -> None:
        """Compile one of the sources with `zcnb gcc -c ...`."""
        line = CALLS[form % len(CALLS)].format(unit=unit)
        self._tool((self.world.compiler, *self.world.words), line, number, strike_ms)

    @told
    def program(self, number: int, strike_ms: int | None = None) -> None:
        """Compile and link in one command."""
        self._tool((self.world.compiler, *self.world.words), PROGRAM, number, strike_ms)

    @told
    def rust(self, number: int) -> None:
        """A Rust program of two files."""
        self._tool(RUST_CALL, "", number, None)

    @told
    def cell(self, unit: str, emit: Emit, number: int, strike_ms: int | None = None) -> None:
        """A cell with the text of one of the sources, against the build that a client does without any daemon."""
        spec = self._spec(unit, emit)
        folder = os.fsencode(self.world.folder)
        before = trees.snapshot(folder)
        with self._striking(number, strike_ms):
            built = self.daemons.sessions[number].build(spec)
        found = _result(built)
        with tempfile.TemporaryDirectory(dir=self.world.root) as private:
            expected = _result(build_directly(spec, Path(private), ""))
        self.counts[f"cells: {built.cache}"] += 1
        assert trees.snapshot(folder) == before, "a cell changed the project"
        for what in expected:
            assert found[what] == expected[what], (
                f"{what}: expected {expected[what]!r:.300}\n   found {found[what]!r:.300}"
            )

    @told
    def meanwhile(self, unit: str, after_ms: int, number: int, edit: tuple[Any, ...]) -> None:
        """A method of the world's is called while a source is compiled. What comes of that compile is anybody's guess;
        what was remembered of it is not, and shows later."""
        oracle = self._oracle(number)
        argv = [*WRAPPER, self.world.compiler, *self.world.words, "-c", unit, "-o", f"out/{unit}.o"]
        env = oracle.wrapped_env(self._manner())
        with subprocess.Popen(
            argv, cwd=self.world.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            time.sleep(after_ms / 1000)
            getattr(self.world, edit[0])(*edit[1:])
            process.wait(TIMEOUT_S)
        self.world.path(f"out/{unit}.o").unlink(missing_ok=True)
        self.counts["calls: changed meanwhile"] += 1

    def _tool(self, tool: tuple[str, ...], line: str, number: int, strike_ms: int | None) -> None:
        oracle = self._oracle(number)
        argv, manner = [*tool, *oracle.words(line)], self._manner(extra_line=strike_ms is not None)
        before, counted = oracle.snapshot(), oracle.counters()
        with self._striking(number, strike_ms):
            found = oracle.run([*WRAPPER, *argv], oracle.wrapped_env(manner), manner)
        did = oracle.verdict(counted) if strike_ms is None else "struck"
        self.counts[f"{'rust' if tool == RUST_CALL else 'programs' if line == PROGRAM else 'calls'}: {did}"] += 1
        oracle.restore(before)
        compare(oracle.bare(tuple(argv), manner), found, manner)

    def _oracle(self, number: int) -> Oracle:
        return Oracle(self.world.folder, self.daemons.configs[number])

    def _manner(self, *, extra_line: bool = False) -> Manner:
        return Manner(env=dict(self.world.env), extra_line=extra_line)

    def _spec(self, unit: str, emit: Emit) -> BuildSpec:
        text = self.world.path(unit).read_bytes()
        place: dict[str, Any] = {"cwd": str(self.world.folder), "env": self._oracle(0).bare_env(self._manner())}
        if unit == RUST:
            return BuildSpec(language="rust", source=text, flags=RUST_FLAGS, emit=emit, **place)
        return BuildSpec(
            language="c++" if unit.endswith(".cpp") else "c",
            source=text if unit == MAIN else text + EMPTY_MAIN,
            flags=(*self.world.words, "-lv") if unit == MAIN else tuple(self.world.words),
            compiler=self.world.compiler,
            emit=emit,
            **place,
        )

    @contextlib.contextmanager
    def _striking(self, number: int, after_ms: int | None) -> Iterator[None]:
        if after_ms is None:
            yield
            return
        striker = threading.Timer(after_ms / 1000, self.daemons.strike, (number,))
        striker.start()
        try:
            yield
        finally:
            striker.join()


def _result(built: Built) -> dict[str, object]:
    """All that a person gets."""
    made = built.program or built.emitted
    return {
        "success": built.ok,
        "exit code": built.exit_code,
        "messages": trees.anonymous(os.fsencode(built.diagnostics)),
        "bytes": Path(made).read_bytes() if made else b"",
    }
