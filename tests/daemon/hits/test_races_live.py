"""Edits and runs back to back through a real daemon: the answer is always about the last edit."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import ANGLED, output
from tests.daemon.hits.system import system_daemon
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

TIMES = 10_000
CONTENTS = 8

pytestmark = pytest.mark.timeout(300)


@dataclass
class Runs:
    """A cell that shows what a header holds, and what each program that it was built to prints."""

    session: Session
    spec: BuildSpec
    hits: int = 0
    said: dict[str, str] = field(default_factory=dict)

    def look(self) -> str:
        """What the program of now prints. A program's path is the digest of its bytes, so each is run once."""
        built = self.session.build(self.spec)
        self.hits += built.cache == "hit"
        if built.program not in self.said:
            self.said[built.program] = output(built)
        return self.said[built.program]


def runs(session: Session, inc: Path, notes: Path) -> Runs:
    need("g++")
    spec = BuildSpec(
        language="c++",
        source=ANGLED.encode(),
        flags=(f"-I{inc}",),
        compiler="g++",
        cwd=str(notes),
        env=dict(os.environ),
    )
    return Runs(session, spec)


def header(folder: Path) -> Path:
    folder.mkdir(parents=True, mode=0o755, exist_ok=True)
    for place in (folder, folder.parent):
        place.chmod(0o755)
    path = folder / "x.h"
    path.write_text("#define V 0\n")
    path.chmod(0o644)
    return path


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def in_place_with_its_times(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def by_rename(path: Path, text: str) -> None:
    fresh = path.with_name("fresh")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(path)


def by_folder(path: Path, text: str) -> None:
    other = path.parent.with_name("other")
    header(other).write_text(text)
    shutil.rmtree(path.parent)
    other.rename(path.parent)


def while_its_folder_is_elsewhere(path: Path, text: str) -> None:
    away = path.parent.with_name("away")
    path.parent.rename(away)
    in_place_with_its_times(away / path.name, text)
    away.rename(path.parent)


def by_link(path: Path, text: str) -> None:
    """The name becomes a link to a file elsewhere, which an edit in place then goes to."""
    target = path.parent.parent / f"far{text.split()[-1]}.h"
    target.write_text(text)
    fresh = path.with_name("fresh")
    fresh.symlink_to(target)
    fresh.replace(path)


EDITS: dict[str, Callable[[Path, str], None]] = {
    "in place": in_place,
    "in place with its times": in_place_with_its_times,
    "by rename": by_rename,
    "by folder": by_folder,
    "while its folder is elsewhere": while_its_folder_is_elsewhere,
    "by link": by_link,
}


def alternate(cell: Runs, path: Path, edits: list[Callable[[Path, str], None]], times: int) -> None:
    """Edit and look, `times` times; every value and every edit comes after every other one."""
    chance = random.Random(5)
    for number in range(times):
        value, edit = chance.randrange(CONTENTS), chance.choice(edits)
        edit(path, f"#define V {value}\n")
        assert cell.look() == str(value), f"after edit {number} ({edit.__name__})"


def test_edit_and_run_in_the_same_millisecond_ten_thousand_times(session: Session, project: Path) -> None:
    path = header(project / "deps" / "inc")
    cell = runs(session, path.parent, project)
    alternate(cell, path, [in_place], TIMES)
    assert cell.hits > TIMES * 0.9, "most answers come from the store, or this shows nothing"


@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_edit_and_run_back_to_back(session: Session, project: Path, name: str) -> None:
    path = header(project / "deps" / "inc")
    cell = runs(session, path.parent, project)
    alternate(cell, path, [EDITS[name]], 300)
    assert cell.hits > 200


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_the_same_in_a_folder_of_the_systems(config: Config, tmp_path: Path, project: Path) -> None:
    """With all kinds of edits, so that a watched file becomes a link, and a moved folder is watched again."""
    path = header(tmp_path / "system" / "inc")
    with system_daemon(config, tmp_path / "system"), Session(config) as session:
        cell = runs(session, path.parent, project)
        alternate(cell, path, list(EDITS.values()), 3000)
        assert cell.hits > 2700
