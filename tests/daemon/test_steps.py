"""One step, with the settings that cells never use: several outputs, terminals, failures that leave files."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.hits.desk import tick
from zcnb.daemon.steps import Setting, StepDone, Steps, Underway
from zcnb.daemon.why import Subject
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_bytes, digest_of
from zcnb.model.outcome import CompilerInfo
from zcnb.model.scene import Scene
from zcnb.runner.pool import Pool
from zcnb.runner.tool import MOST_OUTPUT
from zcnb.store.store import Store
from zcnb.toolchain.base import WORK, Compiler, Step, object_word
from zcnb.toolchain.gcc import Gcc

COMPILER = Compiler(
    info=CompilerInfo(name="sh", path="/bin/sh", version="1"), executable="/bin/sh", identity=Digest("")
)
TWO = 'echo one > "$0/out"; echo two > "$0/list"'


@dataclass
class Bench:
    """Steps whose tool is a shell script; `$0` is the work folder, `runs` counts how often it was run."""

    root: Path
    store: Store
    steps: Steps
    runner: asyncio.Runner
    scene: dict[str, Any] = field(default_factory=dict)
    use_cache: bool = True
    place: Digest | None = None
    """Where runs are remembered; nowhere by itself."""

    def setting(self) -> Setting:
        values: dict[str, Any] = {"cwd": str(self.root), "env": dict(os.environ)} | self.scene
        return Setting(
            scene=Scene(**values), toolchain=Gcc(), compiler=COMPILER, underway=Underway(), use_cache=self.use_cache,
            subject=Subject(self.place),
        )  # fmt: skip

    def step(self, script: str, *outputs: str, **fields: Any) -> Step:
        """A link (so that nothing is asked about headers), which reads no file unless it lists some."""
        argv = ("/bin/sh", "-c", f"echo run >> {self.root}/runs/log; {script}", WORK)
        step = Step(name="link", language="c++", argv=argv, shown=("sh",), outputs=outputs, side_files=("link.d",))
        return replace(step, **fields)

    def do(self, step: Step, *objects: Path) -> StepDone:
        async def story() -> StepDone:
            setting = self.setting()
            done = await (await self.steps.do(setting, step, objects)).recorded()
            self.steps.remember(setting, [done])
            return done

        return self.runner.run(story())

    def ask(self, step: Step) -> tuple[str, str]:
        done = self.do(step)
        return done.report.cache, done.report.unstored

    @property
    def runs(self) -> int:
        path = self.root / "runs" / "log"
        return path.read_text().count("run\n") if path.exists() else 0


@pytest.fixture
def bench(tmp_path: Path, project: Path) -> Iterator[Bench]:
    (project / "runs").mkdir()
    store = Store(tmp_path / "cache")
    with asyncio.Runner() as runner:
        pool = Pool()
        yield Bench(project, store, Steps(store, pool, FileMemo()), runner)
        runner.run(pool.close())
    store.close()


def test_all_outputs_come_from_the_store(bench: Bench) -> None:
    step = bench.step(f"{TWO}; echo said; echo warned >&2; chmod +x $0/out", "out", "list")
    first, second = bench.do(step), bench.do(step)
    assert (first.report.cache, second.report.cache, bench.runs) == ("miss", "hit", 1)
    assert [(o.name, o.size, o.executable) for o in first.outputs] == [("out", 4, True), ("list", 4, False)]
    assert [path.read_text() for path in second.paths] == ["one\n", "two\n"]
    for name in ("outputs", "paths", "stdout", "stderr", "exit_code"):
        assert getattr(first, name) == getattr(second, name), name
    assert (second.stdout, second.stderr, second.report.saved_ms > 0) == ("said\n", "warned\n", True)


def test_a_failure_leaves_only_what_failing_tools_leave_and_is_not_stored(bench: Bench) -> None:
    step = bench.step(f"{TWO}; echo wrong >&2; exit 3", "out", "list", left_on_failure=("list",))
    for _ in range(2):
        done = bench.do(step)
        assert (done.exit_code, done.stderr, done.report.cache) == (3, "wrong\n", "miss")
        assert [output.name for output in done.outputs] == ["list"]
        assert done.paths[0].read_text() == "two\n"
    assert bench.runs == 2
    assert bench.store.totals() == (4, 0), "kept to be copied, and evicted some day"


def test_an_output_that_was_not_written_is_not_stored(bench: Bench) -> None:
    step = bench.step('echo one > "$0/out"', "out", "list")
    for _ in range(2):
        done = bench.do(step)
        assert (done.exit_code, [output.name for output in done.outputs]) == (0, ["out"])
        assert "did not write what it should have" in done.report.unstored
    assert bench.runs == 2


def test_output_that_was_cut_off_is_not_stored(bench: Bench) -> None:
    step = bench.step(f"{TWO}; head -c {MOST_OUTPUT + 1} /dev/zero | tr '\\0' x", "out", "list")
    for _ in range(2):
        done = bench.do(step)
        assert done.truncated
        assert "printed too much" in done.report.unstored
    assert bench.runs == 2


@pytest.mark.parametrize(
    ("script", "shown"),
    [(TWO, False), (f'{TWO}; echo "$0/out: note"', True), (f'{TWO}; echo "$0" >&2', True), (f"{TWO}; echo out", False)],
)
def test_private_paths_in_messages_are_noticed(bench: Bench, script: str, shown: bool) -> None:
    assert bench.do(bench.step(script, "out", "list")).private_shown is shown


def test_objects_of_earlier_steps_stand_where_their_words_are(bench: Bench) -> None:
    made = bench.do(bench.step(TWO, "out", "list"))
    argv = ("/bin/sh", "-c", 'cat "$2" "$1" > "$0/all"; echo "$1" >&2', WORK, object_word(0), object_word(1))
    done = bench.do(replace(bench.step("", "all"), argv=argv), *made.paths)
    assert done.paths[0].read_text() == "two\none\n"
    assert done.private_shown
    assert done.stderr == "all.o\n"


def test_standard_input_is_the_steps(bench: Bench) -> None:
    step = bench.step('cat > "$0/out"', "out", stdin=b"\xff in")
    assert bench.do(step).paths[0].read_bytes() == b"\xff in"


@pytest.mark.parametrize(
    "other",
    [
        {"material": (digest_bytes(b"another"),)},
        {"program": "/bin/dash"},
        {"name": "compile"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_step_that_differs_is_another(bench: Bench, other: dict[str, Any]) -> None:
    step = bench.step(TWO, "out", "list")
    assert (bench.ask(step)[0], bench.ask(replace(step, **other))[0], bench.ask(step)[0]) == ("miss", "miss", "hit")


@pytest.mark.parametrize(
    ("scene", "cache"),
    [
        ({}, "hit"),
        ({"stdout_tty": True}, "hit"),  # it said nothing
        ({"stderr_tty": True}, "hit"),
        ({"columns": 100}, "hit"),  # nobody can see how wide it is without a terminal
        ({"nice": 19}, "hit"),
        ({"umask": 0o077}, "hit"),
        ({"env": {**os.environ, "TERM": "zt"}}, "hit"),
        ({"env": {**os.environ, "LC_ALL": "zt"}}, "miss"),
    ],
)
def test_scenes_that_a_tool_can_tell_apart(bench: Bench, scene: dict[str, Any], cache: str) -> None:
    step = bench.step(TWO, "out", "list")
    assert bench.ask(step) == ("miss", "")
    bench.scene = scene
    assert bench.ask(step)[0] == cache


@pytest.mark.parametrize("terminal", ["stdout_tty", "stderr_tty"])
def test_what_was_said_to_nobody_is_not_said_to_a_terminal(bench: Bench, terminal: str) -> None:
    step = bench.step(f"{TWO}; echo said", "out", "list")
    plain: dict[str, Any] = {}
    bench.scene = plain
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]
    bench.scene = {terminal: True}
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]
    bench.scene = plain
    assert bench.ask(step)[0] == "hit"


@pytest.mark.parametrize("change", [{"columns": 100}, {"env": {**os.environ, "TERM": "zt"}}, {"stdout_tty": True}])
def test_on_a_terminal_its_width_and_kind_count(bench: Bench, change: dict[str, Any]) -> None:
    step = bench.step(f"{TWO}; test -t 2 && echo tty >&2", "out", "list")
    bench.scene = {"stderr_tty": True, "columns": 80}
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]
    assert bench.do(step).stderr == "tty\n"
    bench.scene |= change
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]


def test_a_terminal_of_another_width_is_why_it_speaks_anew(bench: Bench) -> None:
    step = bench.step(f"{TWO}; test -t 2 && echo tty >&2", "out", "list")
    bench.place = digest_of("here")
    bench.scene = {"stderr_tty": True, "columns": 80}
    assert [bench.do(step).report.reason for _ in range(2)] == ["first time", ""]
    bench.scene |= {"columns": 100}
    done = bench.do(step)
    assert (done.report.reason, done.report.details[0]) == ("terminal changed", "width: 80 -> 100")


def test_a_folder_counts_where_it_leaks(bench: Bench, tmp_path: Path) -> None:
    for leaks, cache in ((False, "hit"), (True, "miss")):
        step = bench.step(TWO, "out", "list", leaks_cwd=leaks)
        bench.scene = {}
        assert bench.ask(step)[0] == "miss"
        bench.scene = {"cwd": str(tmp_path)}
        assert bench.ask(step)[0] == cache


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda bench, step: replace(step, uncacheable="a good reason"), "a good reason"),
        (lambda bench, step: bench.scene.update(env={**os.environ, "SUNPRO_DEPENDENCIES": "d"}), "SUNPRO_DEPENDENCIES"),
    ],
)
def test_what_must_not_be_stored_is_made_anew_and_kept_for_now(
    bench: Bench, prepare: Callable[[Bench, Step], Step | None], reason: str
) -> None:
    step = bench.step(TWO, "out", "list")
    step = prepare(bench, step) or step
    for _ in range(2):
        done = bench.do(step)
        assert reason in done.report.unstored
        assert (done.report.cache, done.report.reason) == ("miss", f"uncacheable: {done.report.unstored}")
        assert done.report.why == done.report.reason, "said once"
        assert [path.read_text() for path in done.paths] == ["one\n", "two\n"]
    assert (bench.runs, bench.store.totals()) == (2, (8, 0))


def test_without_the_cache_it_is_neither_asked_nor_told(bench: Bench) -> None:
    step = bench.step(TWO, "out", "list")
    bench.ask(step)
    bench.use_cache = False
    done = bench.do(step)
    assert (done.report.cache, done.report.reason) == ("miss", "--no-cache")
    assert (done.report.unstored, bench.runs) == ("", 2)


def test_a_list_that_cannot_be_made_forbids_storing(bench: Bench) -> None:
    for code, unstored in ((1, "the compiler did not list its inputs"), (0, "")):
        step = bench.step(TWO, "out", "list", listing=("/bin/sh", "-c", f"exit {code}"))
        assert bench.ask(step) == ("miss", unstored)


def test_listed_inputs_are_held_against_the_disk(bench: Bench) -> None:
    (bench.root / "in.txt").write_text("1")
    tick()
    step = bench.step(f'{TWO}; echo "x: in.txt" > "$0/link.d"', "out", "list")
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]
    assert bench.do(step).inputs == (str(bench.root / "in.txt"),)
    (bench.root / "in.txt").write_text("2")
    tick()
    done = bench.do(step)
    assert (done.report.cache, done.report.reason) == ("miss", "file in.txt changed")
    assert done.report.details[0] == f"{bench.root}/in.txt changed."
    assert bench.ask(step)[0] == "hit"


def test_a_tool_that_is_run_under_another_name(bench: Bench) -> None:
    argv = ("typed", "-c", "import sys; open(sys.argv[1] + '/out', 'w').write(sys.orig_argv[0])", WORK)
    step = replace(bench.step("", "out"), argv=argv, program=sys.executable)
    assert bench.do(step).paths[0].read_text() == "typed"


def test_forgetting_is_for_a_store_that_was_cleared(bench: Bench) -> None:
    step = bench.step(TWO, "out", "list")
    assert [bench.ask(step)[0] for _ in range(2)] == ["miss", "hit"]
    list(bench.store.clearing())
    bench.steps.forget()
    done = bench.do(step)
    assert (done.report.cache, done.report.reason) == ("miss", "first time")
    assert [path.read_text() for path in done.paths] == ["one\n", "two\n"]
