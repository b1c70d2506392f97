"""Why a run was a miss: each headline, from a real daemon and real compilers."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import alive, need, wait_until
from tests.daemon.hits.desk import tick
from zcnb.client.control import last_run, stop
from zcnb.client.jobs import JobRun
from zcnb.client.launch import connect
from zcnb.client.line import Line
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.daemon.why import LONGEST_VALUE, other_changes, shortened
from zcnb.freshness.check import watch
from zcnb.freshness.memo import FileMemo
from zcnb.model import why
from zcnb.model.digest import digest_bytes
from zcnb.model.job import JobSpec, Variant
from zcnb.model.manifest import Change, Manifest
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Explain, Explained, JobEnded

INCLUDES = '#include "x.h"\nint main() { return V; }\n'
ANGLED = "#include <x.h>\nint main() { return V; }\n"
TIMED = "const char *t = __TIME__;\nint main() { return 0; }\n"


@dataclass
class Cell:
    """A notebook's cell: `text` and whatever else of its spec is in `fields`."""

    session: Session
    folder: Path
    text: str
    fields: dict[str, Any] = field(default_factory=dict)

    def run(self, text: str = "", **fields: Any) -> Built:
        """Build it, from now on with another text or other fields."""
        self.text = text or self.text
        self.fields |= fields
        values = {"language": "c++", "cwd": str(self.folder), "env": dict(os.environ), "slot": str(self.folder)}
        return self.session.build(BuildSpec(**{**values, **self.fields, "source": self.text.encode()}))

    def why(self, text: str = "", **fields: Any) -> str:
        """The headline of a run; empty for a hit."""
        return why.headline(self.run(text, **fields).steps)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        tick()
        return path


@pytest.fixture
def cell(shared: Config, project: Path) -> Iterator[Cell]:
    """A cell that no other test has, in object and program."""
    need("g++")
    with Session(shared) as session:
        mark = f'extern const char zt[]; const char zt[] = "{project.parent.name}";'
        made = Cell(session, project, f"{mark}\nint main() {{\n  return '1';\n}}\n")
        yield made


def ran(cell: Cell, text: str = "", **fields: Any) -> Cell:
    """`cell`, after its first run and a hit."""
    assert cell.why(text, **fields) == "first time"
    assert cell.why() == ""
    return cell


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (lambda text: text.replace("'1'", "'2'"), "line 4"),
        (lambda text: text.replace("main() {", "main() {\n\n"), "lines 4-5"),
        (lambda text: text.replace("  return '1';\n", ""), "after line 3"),
        (lambda text: f"// more\n{text}// more\n", "line 2, line 7"),
    ],
    ids=["changed", "inserted", "deleted", "two places"],
)
def test_an_edit_names_the_lines_of_the_editor(cell: Cell, edit: Callable[[str], str], where: str) -> None:
    ran(cell)
    built = cell.run(edit(cell.text))
    assert built.steps[0].reason == f"source changed ({where})"
    assert built.steps[0].details[0] == f"source changed: {where}."
    assert built.steps[0].details[-1].startswith("Compared with the run of 20")


def test_what_is_linked_anew_for_an_edit_is_its_consequence(cell: Cell) -> None:
    ran(cell)
    built = cell.run(cell.text.replace("'1'", "'2'"))
    assert [step.reason for step in built.steps] == ["source changed (line 4)", "the object changed"]


def test_a_header_changes_goes_and_appears_earlier(cell: Cell) -> None:
    late = cell.write("late/x.h", f"#define V 1 // {cell.folder}\n")
    (cell.folder / "early").mkdir()
    tick()
    ran(cell, f"{ANGLED}// {cell.folder}\n", flags=("-Iearly", "-Ilate"))
    cell.write("late/x.h", f"#define V 2 // {cell.folder}\n")
    built = cell.run()
    assert built.steps[0].reason == "header x.h changed"
    assert built.steps[0].details[0] == f"{late} changed."
    early = cell.write("early/x.h", f"#define V 3 // {cell.folder}\n")
    built = cell.run()
    assert built.steps[0].reason == "header x.h appeared (found before late/x.h)"
    assert built.steps[0].details[0] == f"{early} appeared; it hides {late}."
    early.unlink()
    assert cell.why() == "", "the result of before holds again"


def test_several_headers_change(cell: Cell) -> None:
    for name in ("a.h", "b.h", "c.h"):
        cell.write(name, f"// {cell.folder}\n")
    ran(cell, f'#include "a.h"\n#include "b.h"\n#include "c.h"\n{cell.text}')
    cell.write("b.h", "// another\n")
    cell.write("c.h", "// another\n")
    built = cell.run()
    assert built.steps[0].reason == "header b.h changed + 1 more"
    assert built.steps[0].details[:2] == (f"{cell.folder}/b.h changed.", f"{cell.folder}/c.h changed.")


def test_a_folder_appears_earlier(cell: Cell) -> None:
    cell.write("late/x.h", f"#define V 1 // {cell.folder}\n")
    ran(cell, f"{ANGLED}// {cell.folder}\n", flags=("-Iearly", "-Ilate"))
    cell.write("early/x.h", f"#define V 3 // {cell.folder}\n")
    assert cell.why() == "early appeared"


def test_a_result_that_somebody_else_left_and_that_does_not_hold_here(cell: Cell) -> None:
    cell.write("x.h", f"#define V 1 // {cell.folder}\n")
    ran(cell, f"{INCLUDES}// {cell.folder}\n", slot="")
    cell.write("x.h", f"#define V 2 // {cell.folder}\n")
    built = cell.run(slot=f"{cell.folder} new")
    assert built.steps[0].reason == "header x.h changed"
    assert "No earlier run of this is remembered" in built.steps[0].details[-1]


def test_a_header_that_is_asked_for_appears(cell: Cell) -> None:
    ran(cell, f'#if __has_include("x.h")\nint x;\n#endif\n{cell.text}')
    cell.write("x.h", "")
    assert cell.why() == "header x.h appeared"


@pytest.mark.parametrize(
    ("before", "now", "headline"),
    [
        ("-O1", "-O2", "flag -O1 -> -O2"),
        ("-O1", "-O1 -g", "flags: -g added"),
        ("-O1 -Wall", "-O1", "flags: -Wall removed"),
        ("-DA=1 -UA", "-UA -DA=1", "flags: another order"),
        ("-I a -O1", "-I b -O1", "flag -I a -> -I b"),
        ("-O1", "-O2 -g -Wall", "flags: -O2 added, -g added, ..."),
        ("-std=c++17", "-std=c++20", "flag -std=c++17 -> -std=c++20"),
    ],
)
def test_flags(cell: Cell, before: str, now: str, headline: str) -> None:
    ran(cell, flags=tuple(before.split()))
    built = cell.run(flags=tuple(now.split()))
    assert built.steps[0].reason == headline
    assert [line.rpartition(": ")[0] for line in built.steps[0].details[:2]] == ["flags before", "flags now"]
    assert before in built.steps[0].details[0]
    assert now in built.steps[0].details[1]


@pytest.mark.parametrize("name", ["CPATH", "LANG", "LC_ALL", "GCC_COLORS", "SOURCE_DATE_EPOCH"])
def test_a_variable(cell: Cell, name: str) -> None:
    env = {key: value for key, value in os.environ.items() if key != name}
    ran(cell, env=env)
    built = cell.run(env={**env, name: "1"})
    assert built.steps[0].reason == f"environment variable {name} changed"
    assert built.steps[0].details[0] == f"{name}: not set -> 1"


def test_a_variable_that_nobody_reads_is_none(cell: Cell) -> None:
    ran(cell)
    assert cell.why(env={**os.environ, "ZT_NOTHING": "1"}) == ""


def test_another_compiler(cell: Cell) -> None:
    need("clang++-19")
    gnu = str(ran(cell).run().compiler)
    built = cell.run(compiler="clang++-19")
    assert built.steps[0].reason == f"compiler changed ({gnu} -> {built.compiler})"
    assert str(built.compiler).startswith("clang++-19 19.")
    assert cell.why(compiler="") == "", "what the other one made is still there"


def test_a_compiler_that_is_replaced_in_place(cell: Cell) -> None:
    tool = cell.write("bin/g++", "")
    shutil.copy(os.path.realpath(need("g++")), tool)
    (cell.folder / "lib").symlink_to("/usr/lib")  # where it looks for its parts
    tick()
    ran(cell, compiler=str(tool))
    with tool.open("ab") as file:
        file.write(b"more")
    tick()
    built = cell.run()
    assert built.steps[0].reason == "compiler changed (same version, other bytes)"
    assert str(tool) in built.steps[0].details[0]


def test_a_library_that_is_linked(cell: Cell) -> None:
    def make(value: int) -> None:
        cell.write("f.c", f"int f(void) {{ return {value}; }}\n")
        (cell.folder / "libf.a").unlink(missing_ok=True)
        for words in ("gcc -c f.c", "ar rcD libf.a f.o"):
            subprocess.run(words.split(), cwd=cell.folder, check=True, timeout=60)
        tick()

    make(1)
    ran(cell, f'extern "C" int f(); // {cell.folder}\nint main() {{ return f(); }}\n', flags=("-L.", "-lf"))
    make(2)
    built = cell.run()
    assert [step.reason for step in built.steps] == ["", "library libf.a changed"]


def test_what_cannot_be_stored(cell: Cell) -> None:
    assert cell.why(TIMED) == "first time; not stored: uses the time of day"
    assert cell.why() == "uncacheable: uses the time of day"
    built = cell.run(TIMED.replace("return 0", "return 1"))
    assert built.steps[0].reason == "uncacheable: uses the time of day"
    assert "source changed: line 3." in built.steps[0].details
    assert cell.why("int main() { return 1; }\n").startswith("source changed")


def test_what_is_uncacheable_from_the_start(cell: Cell) -> None:
    for _ in range(2):
        assert cell.why(flags=("-save-temps",)).startswith("uncacheable: ")


def test_no_cache_is_said_and_is_no_place_to_find_a_result(cell: Cell) -> None:
    assert cell.why(use_cache=False) == "--no-cache"
    assert cell.why(use_cache=True) == "not stored last time: --no-cache"
    assert cell.why() == ""


def test_a_failure_is_not_stored(cell: Cell) -> None:
    assert not cell.run("int main() { return nothing; }\n").ok
    assert cell.why() == "not stored last time: the tool failed"


def test_the_headline_counts_what_else_differs(cell: Cell) -> None:
    ran(cell, flags=("-O1",))
    built = cell.run(cell.text.replace("'1'", "'2'"), flags=("-O2",), env={**os.environ, "CPATH": "/zt"})
    assert built.steps[0].reason == "flag -O1 -> -O2 + 2 more"
    for line in ("flags now: ", "source changed: line 4.", "CPATH: not set -> /zt"):
        assert any(line in said for said in built.steps[0].details), line


def test_what_became_of_the_result_comes_before_what_differs_from_the_last_run(cell: Cell) -> None:
    cell.write("x.h", f"#define V 1 // {cell.folder}\n")
    ran(cell, f"{INCLUDES}// {cell.folder}\n", flags=("-O1",))
    assert cell.why(flags=("-O2",)) == "flag -O1 -> -O2"
    cell.write("x.h", f"#define V 2 // {cell.folder}\n")
    assert cell.why(flags=("-O1",)) == "header x.h changed + 1 more"


def test_a_cell_without_a_slot_is_known_by_its_folder(cell: Cell) -> None:
    ran(cell, slot="")
    assert cell.why(flags=("-O2",)) == "flags: -O2 added"


def test_two_cells_do_not_answer_for_each_other(cell: Cell) -> None:
    ran(cell, slot=f"{cell.folder}a")
    assert cell.why(f"{cell.text}// another\n", slot=f"{cell.folder}b") == "first time"
    assert cell.why("int main() { return 3; }\n", slot=f"{cell.folder}a").startswith("source changed")


def test_assembly_is_another_result(cell: Cell) -> None:
    ran(cell)
    assert cell.why(emit="asm").startswith("cell.s was asked for, not cell.o")


def test_a_sweep_does_not_become_what_a_cell_is_compared_with(cell: Cell, shared: Config) -> None:
    ran(cell, flags=("-O1",))
    values = {"language": "c++", "cwd": str(cell.folder), "env": dict(os.environ), "slot": str(cell.folder)}
    base = BuildSpec(source=cell.text.encode(), **values)  # type: ignore[arg-type]
    job = JobSpec(id=f"job {cell.folder}", base=base, variants=(Variant(("-O2",), ""), Variant(("-O3",), "")), repeat=0)
    with JobRun(shared, "host-why", job) as run:
        while not isinstance(run.next(10), JobEnded):
            pass
    assert cell.why(flags=("-Os",)) == "flag -O1 -> -Os"


# By hand


def test_long_values_are_shortened_and_still_differ() -> None:
    assert shortened("a" * LONGEST_VALUE) == "a" * LONGEST_VALUE
    one, two = (shortened("a" * LONGEST_VALUE + more) for more in "bc")
    assert one != two
    assert len(one) < LONGEST_VALUE + 30


def test_all_that_is_not_as_recorded(project: Path) -> None:
    for name in ("same.h", "edited.h"):
        (project / name).write_text(name)
    inputs = [(name, digest_bytes(name.encode())) for name in ("same.h", "gone.h")]
    manifest = Manifest((*inputs, ("edited.h", digest_bytes(b"before"))), env=(("ZT", "1"), ("ZS", None)))
    first = Change("gone", f"{project}/gone.h")
    found = other_changes(watch(manifest, str(project)), {"ZT": "2"}, first, FileMemo())
    assert found == (Change("variable", "ZT"), Change("changed", f"{project}/edited.h"))


# Rust


@pytest.fixture
def crab(cell: Cell) -> Cell:
    need("rustc")
    cell.fields["language"] = "rust"
    cell.text = f"// {cell.folder}\nfn main() {{}}\n"
    return cell


def test_a_variable_that_a_rust_cell_asks_for(crab: Cell) -> None:
    ran(crab, 'fn main() { print!("{}", env!("ZT_ASKED")); }\n', env={**os.environ, "ZT_ASKED": str(crab.folder)})
    assert crab.why(env={**os.environ, "ZT_ASKED": "2"}) == "environment variable ZT_ASKED changed"


def test_a_file_that_a_rust_cell_includes(crab: Cell) -> None:
    crab.write("data.txt", str(crab.folder))
    ran(crab, 'fn main() { print!("{}", include_str!("data.txt")); }\n')
    crab.write("data.txt", "other")
    assert crab.why() == "file data.txt changed"


def test_another_edition_and_an_edit_in_rust(crab: Cell) -> None:
    ran(crab, edition="2018")
    assert crab.why(edition="2021") == "flag --edition 2018 -> --edition 2021"
    assert crab.why(f"{crab.text}// more\n") == "source changed (line 4)"


# What goes with the daemon, and what does not


def test_a_cell_is_found_by_its_slot(cell: Cell, shared: Config) -> None:
    ran(cell, slot=f"{cell.folder} slot")
    cell.why(flags=("-O2",))
    cell.why(slot="another")
    line = Line(connect(shared), Lane.TAGGED)
    told = [line.request(Explain("/nowhere", slot=slot)) for slot in (f"{cell.folder} slot", "none")]
    line.close()
    assert told[1] == Explained()
    assert isinstance(told[0], Explained)
    assert (told[0].title, why.headline(told[0].steps)) == ("cell.cpp", "flags: -O2 added")


@pytest.fixture
def own(config: Config, session: Session, project: Path) -> Cell:
    """A cell whose daemon may be ended."""
    need("g++")
    return ran(Cell(session, project, "int main() { return 1; }\n", {"flags": ("-O2",)}))


def test_a_fresh_daemon_knows_what_the_last_one_did(own: Cell, config: Config) -> None:
    assert stop(config)
    assert own.why(flags=("-O3",)) == "flag -O2 -> -O3"


def test_a_daemon_that_is_killed_has_written_down_what_is_some_seconds_old(own: Cell, config: Config) -> None:
    def written() -> bool:
        with closing(sqlite3.connect(config.cache_dir / "v1" / "index.db")) as db:
            return bool(db.execute("SELECT COUNT(*) FROM history").fetchone()[0])

    assert wait_until(written)
    pid = own.session.status().pid
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not alive(pid))
    assert own.why(flags=("-O3",)) == "flag -O2 -> -O3"


def test_a_cache_that_was_cleared(own: Cell, config: Config) -> None:
    own.session.clear()
    assert own.why() == "cache cleared"
    assert own.why() == ""
    own.session.clear()
    assert stop(config)
    assert own.why() == "cache cleared", "it stands in the file"
    assert own.why(flags=()) == "flags: -O2 removed", "and is no reason for what was never made"


def test_a_cache_that_is_too_small(own: Cell, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stop(config)  # what it handed out lately would be spared
    monkeypatch.setenv("ZCNB_MAX_SIZE", "20k")
    other = Cell(own.session, own.folder, "int main() { return 2; }\n", {"slot": "other"})
    assert other.why() == "first time"
    assert own.why() == "evicted"


# Tool calls


@dataclass
class Calls:
    """A folder in which compilers are called through the wrapper."""

    config: Config
    folder: Path

    def call(self, line: str, **env: str) -> None:
        own = {"ZCNB_CACHE_DIR": str(self.config.cache_dir), "ZCNB_SOCKET": str(self.config.endpoint)}
        argv = [sys.executable, "-m", "zcnb", *line.split()]
        subprocess.run(argv, cwd=self.folder, env={**os.environ, **own, **env}, check=False, timeout=60)

    def told(self, name: str = "") -> Explained:
        found = last_run(self.config, str(self.folder), str(self.folder / name) if name else "")
        assert found is not None
        return found

    def why(self, line: str, **env: str) -> str:
        self.call(line, **env)
        return why.headline(self.told().steps)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        tick()


@pytest.fixture
def calls(shared: Config, project: Path) -> Calls:
    """`a.cpp`, which includes `x.h`, in a folder."""
    need("g++")
    made = Calls(shared, project)
    made.write("x.h", f"#define V 1 // {project}\n")
    made.write("a.cpp", f'#include "x.h"\nint main() {{ return V; }} // {project}\n')
    return made


def test_the_steps_of_a_persons_work_with_the_wrapper(calls: Calls) -> None:
    line = "g++ -O1 -c a.cpp -o a.o"
    assert [calls.why(line) for _ in range(2)] == ["first time", ""]
    assert calls.told().cache == "hit"
    calls.write("x.h", f"#define V 2 // {calls.folder}\n")
    assert calls.why(line) == "header x.h changed"
    calls.write("a.cpp", f'#include "x.h"\nint main() {{ return -V; }} // {calls.folder}\n')
    assert calls.why(line) == "source a.cpp changed"
    assert calls.why(line.replace("-O1", "-O2")) == "flag -O1 -> -O2"
    assert calls.why(f"{line} -MMD".replace("-O1", "-O2")).startswith("flags: -MMD added")
    assert calls.why(line) == "", "the result of before"
    assert calls.why(line, CPATH="/zt") == "environment variable CPATH changed"
    assert calls.told().title == "a.o"


def test_a_link_by_the_wrapper(calls: Calls) -> None:
    calls.call("g++ -c a.cpp")
    assert calls.why("g++ a.o -o prog") == "first time"
    calls.write("x.h", f"#define V 2 // {calls.folder}\n")
    calls.call("g++ -c a.cpp")
    assert calls.why("g++ a.o -o prog") == "object a.o changed"
    assert calls.why("g++ -s a.o -o prog") == "linker flags: -s added"


def test_the_run_of_a_file_is_found_by_its_names(calls: Calls) -> None:
    calls.call("g++ -c a.cpp -o one.o")
    calls.call("g++ -O2 -c a.cpp -o two.o")
    assert calls.told("a.cpp").title == "two.o"
    assert calls.told("one.o").title == "one.o"
    assert last_run(calls.config, str(calls.folder), str(calls.folder / "three.o")) is None
    assert last_run(calls.config, "/nowhere") is None


def test_a_call_that_was_passed_through_says_so(calls: Calls) -> None:
    assert calls.why("g++ -E a.cpp -o a.i") == "-E: preprocessing only"
    assert calls.told().cache == "direct"
    assert calls.told("a.i").title == "g++ -E a.cpp -o a.i"


def test_rust_by_the_wrapper(calls: Calls) -> None:
    need("rustc")
    calls.write("r.rs", f"fn main() {{}} // {calls.folder}\n")
    assert calls.why("rustc r.rs") == "first time"
    assert calls.why("rustc --edition 2021 r.rs") == "flags: --edition 2021 added"
    calls.write("r.rs", f"fn main() {{ }} // {calls.folder}\n")
    assert calls.why("rustc --edition 2021 r.rs") == "source r.rs changed"
