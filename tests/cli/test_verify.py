"""`zcnb verify`: honest results are equal to what their tools make, and a wrong one is found and forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import zcnb
from tests.conftest import need
from zcnb.cli.verify import sample
from zcnb.client.control import running_status, stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.digest import Digest
from zcnb.model.spec import BuildSpec
from zcnb.store.rows import Entry
from zcnb.store.store import Store
from zcnb.wire.messages import Verified

Make = Callable[..., BuildSpec]
HELLO = '#include <cstdio>\nint main() {{ std::puts("{}"); }}\n'


def verified(config: Config, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and what was found."""
    done = zcnb(config, "verify", "--json", *words)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def wrap(config: Config, folder: Path, *words: str) -> None:
    own = {"ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)}
    argv = [sys.executable, "-m", "zcnb", *words]
    done = subprocess.run(argv, env={**os.environ, **own}, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def results(store: Store) -> list[tuple[Digest, Entry]]:
    """All of them."""
    found, place = [], ("", 0)
    while (following := store.following(*place)) is not None:
        key, entry, number = following
        assert entry is not None
        found.append((key, entry))
        place = key, number
    return found


def test_all_results_of_a_mixed_corpus_are_equal(
    session: Session, make_spec: Make, config: Config, project: Path
) -> None:  # fmt: skip
    """Cells of each language and compiler, texts, wrapped compiles, links, and messages."""
    for tool in ("gcc", "g++", "clang++-19", "rustc"):
        need(tool)
    cpp, rust = HELLO.format("right"), 'fn main() { println!("{}", env!("HOME")); }'
    (project / "own.h").write_text("#define OWN 1\n")
    specs = [
        make_spec('#include <stdio.h>\nint main(void) { return puts("c"); }', "c"),
        make_spec(cpp),
        make_spec(cpp, flags=("-g", "-O2", "-march=native")),
        make_spec('#include "own.h"\nint main() { int unused; return OWN - 1; }', flags=("-Wall",)),
        make_spec(cpp, flags=("-O1",), compiler="clang++-19"),
        make_spec(cpp, emit="asm"),
        make_spec(cpp, flags=("-O2",), emit="asm", compiler="clang++-19", remarks=True),
        make_spec(rust, "rust"),
        make_spec('fn main() { println!("{}", include_str!("own.h")); }', "rust", flags=("-O", "-g")),
        make_spec(rust, "rust", emit="mir"),
    ]
    for spec in specs:
        built = session.build(spec)
        assert built.ok, built.diagnostics
        assert not any(step.unstored for step in built.steps)
    (project / "a.cpp").write_text('#include "own.h"\nint f() { int unused; return OWN; }\n')
    (project / "m.c").write_text("int main(void) { return 0; }\n")
    (project / "r.rs").write_text("fn main() {}\n")
    wrap(config, project, "g++", "-Wall", "-MMD", "-c", "a.cpp", "-o", "a.o")
    wrap(config, project, "gcc", "-g", "m.c", "-o", "m")
    wrap(config, project, "gcc", "-c", "m.c")
    wrap(config, project, "gcc", "m.o", "-o", "m2")
    wrap(config, project, "rustc", "r.rs")
    before = session.status().programs
    assert verified(config, "--all") == (0, {"equal": before, "differs": [], "skipped": {}})
    assert before > 18
    assert session.status().programs == before
    assert session.status().errors == ()


@pytest.fixture
def wrong(session: Session, make_spec: Make, config: Config) -> BuildSpec:
    """A cell whose program is another's: the row is well sealed, and the blob is what its name says."""
    need("g++")
    right, other = make_spec(HELLO.format("right")), make_spec(HELLO.format("other and longer"))
    programs = [Path(session.build(spec).program) for spec in (right, other)]
    stop(config)
    with closing(Store(config.cache_dir)) as store:
        for key, entry in results(store):
            if store.outputs(entry) == (programs[0],):
                wanted = Digest(programs[1].parent.name + programs[1].name)
                lie = replace(entry.outputs[0], digest=wanted, size=programs[1].stat().st_size)
                recipe = store.recipe(key, entry)
                store.record(
                    key, entry.manifest, [lie], stdout=entry.stdout, stderr=entry.stderr, ms=1.0, recipe=recipe
                )  # fmt: skip
    return right


def said(session: Session, spec: BuildSpec) -> tuple[str, str]:
    built = session.build(spec)
    return built.cache, subprocess.run([built.program], capture_output=True, text=True, check=True).stdout


def test_a_wrong_result_is_found_and_never_handed_out_again(
    wrong: BuildSpec, session: Session, config: Config
) -> None:  # fmt: skip
    assert said(session, wrong) == ("hit", "other and longer\n"), "the test does what it says"
    before = session.status().programs
    code, found = verified(config, "--all")
    assert code == 1
    assert (found["equal"], found["skipped"]) == (before - 1, {})
    (told,) = found["differs"]
    assert told["command"] == ["g++", "cell.o", "-o", "cell"]
    assert "bytes were stored" in told["detail"]
    assert "the first difference is at byte" in told["detail"]
    assert "two runs" not in told["detail"], "the linker is not to blame"
    assert any(path.endswith("libc.so.6") for path in told["inputs"])
    status = session.status()
    assert status.programs == before - 1
    assert any("a stored result was wrong" in error for error in status.errors)
    assert said(session, wrong)[1] == "right\n"
    assert verified(config, "--all")[0] == 0


def test_it_is_told_in_words(wrong: BuildSpec, config: Config) -> None:
    done = zcnb(config, "verify", "--all")
    assert done.returncode == 1
    assert f"differs: g++ cell.o -o cell (in {wrong.cwd}): cell: " in done.stdout
    assert "4 equal, 1 different, 0 skipped." in done.stdout
    assert "is forgotten" in done.stdout


def test_what_is_no_answer_any_more_is_skipped(
    session: Session, make_spec: Make, config: Config, project: Path
) -> None:
    need("g++")
    (project / "own.h").write_text("#define OWN 1\n")
    session.build(make_spec('#include "own.h"\nint main() { return OWN; }'))
    assert verified(config) == (0, {"equal": 2, "differs": [], "skipped": {}})
    (project / "own.h").write_text("#define OWN 2\n")
    changed = f"inputs changed since: {project}/own.h changed"
    assert verified(config) == (0, {"equal": 1, "differs": [], "skipped": {changed: 1}})
    (project / "own.h").write_text("#define OWN 1\n")
    assert verified(config)[1]["equal"] == 2, "and it is an answer again"
    assert session.status().programs == 2, "nothing was forgotten"


def test_results_whose_surroundings_are_gone_are_skipped(
    session: Session, make_spec: Make, config: Config, project: Path, tmp_path: Path
) -> None:  # fmt: skip
    """The folder, an object that went into a link, the compiler itself."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    own = tmp_path / "bin" / "own-g++"
    own.parent.mkdir()
    own.symlink_to(need("g++"))
    session.build(make_spec("int main() { return 3; }", cwd=str(place)))
    session.build(make_spec("int main() { return 4; }", compiler=str(own)))
    place.rmdir()
    own.unlink()
    found = verified(config)[1]
    assert (found["equal"], found["differs"]) == (0, [])
    assert found["skipped"] == {f"the folder {place} is gone": 2, f"the compiler {own} is gone": 2}
    session.build(make_spec("int main() { return 5; }"))
    stop(config)
    with closing(Store(config.cache_dir)) as store:
        made = [entry for _, entry in results(store) if entry.outputs[0].name == "cell.o"]
        for entry in made:
            os.unlink(store.outputs(entry)[0])  # type: ignore[index]
    skipped = verified(config)[1]["skipped"]
    assert skipped["it was evicted"] >= 1
    assert skipped["an object that it was made from was evicted"] >= 1


def test_a_damaged_recipe_is_skipped(session: Session, make_spec: Make, config: Config) -> None:
    need("g++")
    session.build(make_spec("int main() { return 6; }"))
    stop(config)
    with closing(Store(config.cache_dir)) as store:
        store._index.run(lambda db: db.execute("UPDATE recipes SET recipe = zeroblob(9)"))
    assert verified(config)[1] == {"equal": 0, "differs": [], "skipped": {"how it was made is not known": 2}}
    assert zcnb(config, "check").returncode == 1


def test_an_empty_cache_and_words_that_make_no_sense(config: Config) -> None:
    assert verified(config) == (0, {"equal": 0, "differs": [], "skipped": {}})
    for words in (("--sample", "0"), ("--sample", "x"), ("--sample", "3", "--all")):
        assert zcnb(config, "verify", *words).returncode == 2
    status = running_status(config)
    assert status is not None
    assert status.programs == 0


RESULTS = [Verified("skipped" if number % 3 == 2 else "equal", f"{number:02}", number) for number in range(10, 30)]


def ask(key: str, entry: int) -> Verified:
    return next((found for found in RESULTS if (found.key, found.entry) > (key, entry)), Verified("none"))


@pytest.mark.parametrize("start", ["", "00", "17", "175", "29", "295", "ff"])
@pytest.mark.parametrize("most", [1, 5, 13, 100, None])
def test_a_sample_goes_round_once(start: str, most: int | None) -> None:
    """As many as asked for are compared, those that were skipped besides; none of them twice."""
    found = list(sample(ask, start, most))
    keys = [one.key for one in found]
    assert keys == sorted(keys, key=lambda key: (key < start, key))
    assert len(set(keys)) == len(keys)
    compared = [one for one in found if one.verdict == "equal"]
    everything = [one for one in RESULTS if one.verdict == "equal"]
    assert len(compared) == min(len(everything), len(everything) if most is None else most)
    if len(compared) == len(everything) and most in (100, None):
        assert len(found) == len(RESULTS)
