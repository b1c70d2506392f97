"""The model: a project in any state, builds in any order, daemons in any trouble; each answer is the bare tool's.

`play` runs one round: some dozens of stories, all drawn from one number. The same number gives the same stories.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, get_args

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.soak.daemons import ROW_DAMAGES, Daemons, Damage
from tests.soak.judge import CALLS, Judge
from tests.soak.kit import TOOLS, build_kit
from tests.soak.world import (
    BELOW,
    CELLS,
    COMPILERS,
    FOLDERS,
    HEADER_TEXTS,
    HEADERS,
    LIBRARIES,
    LINK,
    NAMES,
    OPTIONS,
    RUST,
    RUST_UNITS,
    VARIABLES,
    How,
    World,
)
from tests.soak.world import UNITS as UNIT_TEXTS

STORIES, STEPS = 4, 30
"""In one round."""

Deed = tuple[Any, ...]
"""The name of a method, and its arguments."""

UNITS = st.sampled_from(sorted(UNIT_TEXTS))
HOWS = st.sampled_from(get_args(How))
NUMBERS = st.integers(0, 2)
FAR = [name for name in HEADERS if name.endswith("far.h")]
"""Where the header lies that is looked for in all folders."""
LOOPS = ("near.h", "far.h", "../inc/far.h")
"""Seen from a header's folder, some of these are the header itself: a link that leads nowhere but to an error."""
READ = ("near.h", "deep.h", "inc/far.h")
"""What the sources read when a story begins."""
WHICH = st.sampled_from((0, 0, 0, 1))
"""The daemon with room, mostly."""
SWITCH = st.booleans()


def deeds(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(name), *arguments)


HEADER_EDITS = st.one_of(
    deeds("header", st.sampled_from(HEADERS), st.sampled_from(HEADER_TEXTS), HOWS),
    deeds("header", st.sampled_from(FAR), NUMBERS, HOWS),
    deeds("header", st.sampled_from(READ), NUMBERS, HOWS),
    deeds("header_through_link", st.sampled_from(NAMES), NUMBERS),
)
OTHER_EDITS = st.one_of(
    deeds("source", st.sampled_from(sorted(UNIT_TEXTS | RUST_UNITS)), NUMBERS, HOWS),
    deeds("data", NUMBERS, HOWS),
    deeds("touch", st.sampled_from((*HEADERS, *UNIT_TEXTS)), st.integers(-1, 1)),
    deeds("remove", st.sampled_from((*HEADERS, *FOLDERS, *LIBRARIES, LINK, "data.bin"))),
    deeds("move", st.sampled_from(HEADERS), st.sampled_from((".", *FOLDERS))),
    deeds("swap", st.sampled_from(FOLDERS), st.sampled_from(FOLDERS)),
    deeds("swap", st.sampled_from(HEADERS), st.sampled_from(HEADERS)),
    deeds("renew", st.sampled_from(FOLDERS), st.sampled_from(NAMES), NUMBERS),
    deeds("make_folder", st.sampled_from((*FOLDERS, *FAR))),
    deeds("link", st.just(LINK), st.sampled_from((*FOLDERS, BELOW, "nowhere"))),
    deeds("link", st.sampled_from(HEADERS), st.sampled_from((*LOOPS, "../near.h", "../deep.h", "nowhere"))),
    deeds("library", st.sampled_from(LIBRARIES), NUMBERS, HOWS),
    deeds("tool", st.sampled_from(TOOLS), HOWS),
    deeds("elsewhere", SWITCH),
    deeds("rest"),
)
EDITS = SWITCH.flatmap(lambda other: OTHER_EDITS if other else HEADER_EDITS)
"""Half of them are what people mostly do."""
MANNERS = st.one_of(
    deeds("use_options", st.lists(st.sampled_from(OPTIONS), max_size=5, unique=True).map(tuple)),
    deeds("use_earlier_options", NUMBERS),
    deeds("use_compiler", st.sampled_from(COMPILERS)),
    deeds("use_variable", st.sampled_from(sorted(VARIABLES)), st.integers(0, 3)),
)
TROUBLES = st.one_of(
    deeds("stop", WHICH, SWITCH),
    deeds("kill", WHICH, SWITCH),
    deeds("clear", WHICH),
    deeds("damage_blob", st.integers(0, 50), st.sampled_from(get_args(Damage))),
    deeds("damage_rows", st.integers(0, len(ROW_DAMAGES) - 1), SWITCH),
    deeds("damage_index"),
)
BUILDS = st.one_of(
    deeds("call", UNITS, st.integers(0, len(CALLS) - 1), WHICH),
    deeds("cell", st.sampled_from(CELLS), st.sampled_from(("program", "program", "asm", "preprocessed")), WHICH),
    deeds("program", WHICH),
)
STRUCK = st.one_of(
    deeds("call", UNITS, st.just(0), WHICH, st.integers(0, 120)),
    deeds("cell", st.sampled_from(CELLS), st.just("program"), WHICH, st.integers(0, 120)),
)


class Bench:
    """What stories have in common: two daemons, the kit, one folder that is emptied between them."""

    def __init__(self, root: Path, runtime: Path) -> None:
        self.root, self.counts, self.story = root, Counter[str](), list[str]()
        kit = root / "kit"
        kit.mkdir()
        self.kit = build_kit(kit)
        self.daemons = Daemons(root, runtime, self.story)

    def begin(self) -> Judge:
        """An empty cache and a fresh project."""
        for name in ("p", "q"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for number in range(len(self.daemons.configs)):
            self.daemons.ensure(number)
        self.daemons.clear(0)
        self.story.clear()
        self.counts["stories"] += 1
        return Judge(World(self.root, self.kit, self.story), self.daemons, self.counts)


class Machine(RuleBasedStateMachine):
    """A story. Half of the rules build, and compare."""

    bench: ClassVar[Bench]

    def __init__(self) -> None:
        super().__init__()
        self.judge = self.bench.begin()
        self.latest: Deed = ()

    @initialize(deed=BUILDS)
    def first_build(self, deed: Deed) -> None:
        self.build(deed)

    @rule(deed=EDITS)
    def edit(self, deed: Deed) -> None:
        self._do(self.judge.world, deed)

    @rule(several=st.lists(EDITS, min_size=2, max_size=4))
    def edit_several(self, several: list[Deed]) -> None:
        for deed in several:
            self._do(self.judge.world, deed)

    @rule(deed=MANNERS)
    def manner(self, deed: Deed) -> None:
        self._do(self.judge.world, deed)

    @rule(deed=BUILDS)
    def another_build(self, deed: Deed) -> None:
        self.build(deed)

    @rule()
    def build_again(self) -> None:
        self._do(self.judge, self.latest)

    @rule(deed=EDITS)
    def edit_and_build_again(self, deed: Deed) -> None:
        self._do(self.judge.world, deed)
        self._do(self.judge, self.latest)

    @rule(deed=TROUBLES)
    def trouble_and_build_again(self, deed: Deed) -> None:
        self._do(self.judge.daemons, deed)
        self._do(self.judge, self.latest)

    @rule(deed=st.one_of(STRUCK, deeds("rust", WHICH), deeds("cell", st.just(RUST), st.just("program"), WHICH)))
    def build_another_way(self, deed: Deed) -> None:
        self.build(deed)

    @rule(unit=UNITS, after_ms=st.integers(0, 120), number=WHICH, deed=EDITS)
    def edit_meanwhile(self, unit: str, after_ms: int, number: int, deed: Deed) -> None:
        self._do(self.judge, ("meanwhile", unit, after_ms, number, deed))
        self.build(("call", unit, 0, number))

    def build(self, deed: Deed) -> None:
        """Build, and remember what."""
        self.latest = deed
        self._do(self.judge, deed)

    def _do(self, who: World | Judge | Daemons, deed: Deed) -> None:
        self.bench.counts["steps"] += 1
        name, *arguments = deed
        try:
            getattr(who, name)(*arguments)
        except Exception as error:
            error.add_note("The story:\n  " + "\n  ".join(self.bench.story))
            raise


def play(number: int, bench: Bench, *, shrink: bool) -> None:
    """One round of stories, all drawn from `number`. Raises at the first wrong answer; with `shrink`, the story
    that Hypothesis prints is made as short as it can be, which takes up to five minutes."""
    set_hypothesis_home_dir(bench.root / "hypothesis")
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    machine = seed(number)(type("Story", (Machine,), {"bench": bench}))
    rules = settings(
        max_examples=STORIES, stateful_step_count=STEPS, phases=phases, database=None, deadline=None, derandomize=False,
        print_blob=False, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),  # compilers take their time, whatever is drawn
    )  # fmt: skip
    try:
        run_state_machine_as_test(machine, settings=rules)
    except BaseException as error:
        error.add_note(f"The same stories once more: make soak SEED={number}")
        raise
