"""What may be recorded of a run during which files came, went and changed: each rule, on real files.

No compiler runs here; what it would have said is written down, and the files are edited "while it runs".
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import tick
from zcnb.daemon.recorder import Run, Unrecordable, folders_on_the_way, manifest_of
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import CompilerInfo
from zcnb.model.scene import Scene
from zcnb.osdep.signature import coarse_now_ns
from zcnb.toolchain.base import WORK, Compiler, Reading, Step
from zcnb.toolchain.gcc import Gcc

INCLUDES = b'#include "x.h"\n'
ASKS = b'#if __has_include("o.h")\n#endif\n'
COMPILER = Compiler(info=CompilerInfo(name="g++", path="/g++", version="12"), executable="/g++", identity=Digest(""))
CAME_OR_WENT = "files came or went in"


@dataclass
class Story:
    """A compile of `source` that looks into `early` and then `late`, where it finds `x.h`."""

    root: Path
    source: bytes = INCLUDES
    inputs: tuple[str, ...] = ("late/x.h",)
    folders: tuple[str, ...] = ("early", "late")
    flags: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    """Of `folders`, those that a variable tells of, and no word of the command."""
    uncacheable: str = ""

    def path(self, name: str) -> Path:
        return self.root / name

    def write(self, name: str, text: str = "#define V 1\n") -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)

    def record(self, change: Callable[[], object] = lambda: None) -> Manifest:
        """What is recorded of a run during which `change` happens."""
        words = (f"-I{folder}" for folder in self.folders if folder not in self.unnamed)
        argv = ("/g++", *self.flags, *words)
        folders = folders_on_the_way(str(self.root), argv)
        tick()
        started_ns = coarse_now_ns()
        change()
        listed = "".join(f" {folder}\n" for folder in self.folders)
        answer = (
            f'#include "..." search starts here:\n#include <...> search starts here:\n{listed}End of search list.\n'
        )
        step = Step(
            name="compile", language="c++", argv=argv, shown=("g++",), outputs=("cell.o",), flags=self.flags,
            source=self.source,
        )  # fmt: skip
        run = Run(
            scene=Scene(cwd=str(self.root), env={}), toolchain=Gcc(), compiler=COMPILER, step=step,
            reading=Reading(inputs=self.inputs, env=(("V", None),), uncacheable=self.uncacheable),
            search=answer, started_ns=started_ns, folders=folders,
        )  # fmt: skip
        return manifest_of(run, FileMemo())

    def refused(self, why: str, change: Callable[[], object] = lambda: None) -> None:
        with pytest.raises(Unrecordable, match=why):
            self.record(change)


@pytest.fixture
def story(project: Path) -> Story:
    made = Story(project)
    made.write("late/x.h")
    made.write("early/other.h")
    return made


def test_a_quiet_run_is_recorded_with_all_that_was_looked_at(story: Story) -> None:
    found = story.record()
    assert found.inputs == (("late/x.h", digest_bytes(b"#define V 1\n")),)
    assert found.env == (("V", None),)
    looked = {"early/x.h", *(f"{folder}x.h.{form}" for folder in ("", "early/", "late/") for form in ("gch", "pch"))}
    assert {(os.path.normpath(name), there) for name, there in found.probes} == {(name, "nothing") for name in looked}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.write("late/x.h", "#define V 2\n"), "late/x.h changed while"),
        (lambda s: s.path("late/x.h").touch(), "late/x.h changed while"),
        (lambda s: s.path("late/x.h").chmod(0o600), "late/x.h changed while"),
        (lambda s: s.path("late/x.h").unlink(), "late/x.h vanished while"),
        (lambda s: os.utime(s.path("late/x.h"), (1, 1)), "late/x.h changed while"),
    ],
    ids=["edited", "touched", "its mode", "deleted", "its time put back"],
)
def test_an_input_that_changed_is_refused(story: Story, change: Callable[[Story], object], why: str) -> None:
    story.refused(why, lambda: change(story))


@pytest.mark.parametrize("folder", ["early", "late", "."])
@pytest.mark.parametrize("change", ["made", "deleted", "renamed"])
def test_unrelated_files_may_come_and_go(story: Story, folder: str, change: str) -> None:
    """`make -j` writes objects beside the sources all the time."""
    story.write(f"{folder}/old.o")
    quiet = story.record()

    def disturb() -> None:
        old = story.path(f"{folder}/old.o")
        if change == "made":
            story.write(f"{folder}/new.o")
        elif change == "deleted":
            old.unlink()
        else:
            old.rename(old.with_name("new.o"))

    assert story.record(disturb) == quiet


@pytest.mark.parametrize("folder", ["early", "late"])
def test_an_asked_name_where_files_came_or_went_is_refused(story: Story, folder: str) -> None:
    """It may have been there for a moment, and nothing would tell."""
    story.source = INCLUDES + ASKS
    story.refused(CAME_OR_WENT, lambda: story.write(f"{folder}/unrelated"))


def test_an_asked_name_elsewhere_is_recorded(story: Story) -> None:
    story.source = INCLUDES + ASKS
    story.write("quiet/file")
    found = story.record(lambda: story.write("quiet/another"))
    assert {("early/o.h", "nothing"), ("late/o.h", "nothing")} <= set(found.probes)


@pytest.mark.parametrize("there", [True, False])
def test_an_asked_name_is_recorded_as_it_is(story: Story, there: bool) -> None:
    story.source = INCLUDES + ASKS
    if there:
        story.write("early/o.h")
    assert ("early/o.h", "file" if there else "nothing") in story.record().probes


@pytest.mark.parametrize("how", ["written", "renamed", "linked", "hard link", "folder"])
def test_a_name_that_appeared_is_refused(story: Story, how: str) -> None:
    """Where the tool looked first there is something now. It read another file, so it came later."""
    story.write("aside/x.h", "#define V 2\n")
    target, aside = story.path("early/x.h"), story.path("aside/x.h")

    def appear() -> None:
        if how == "written":
            story.write("early/x.h")
        elif how == "renamed":
            aside.rename(target)
        elif how == "linked":
            target.symlink_to("../aside/x.h")
        elif how == "hard link":
            target.hardlink_to(aside)
        else:
            target.mkdir()

    story.refused(CAME_OR_WENT, appear)


def test_a_name_that_was_there_all_along_is_recorded(story: Story) -> None:
    """A folder of that name is no header: the tool goes on looking."""
    story.path("early/x.h").mkdir()
    found = story.record(lambda: story.write("early/unrelated"))
    assert ("early/x.h", "folder") in found.probes


def test_a_name_that_went_is_recorded(story: Story) -> None:
    """Had the tool used it, it would have listed it; `x.h` being listed from `late`, it did not."""
    story.path("early/x.h").mkdir()
    assert ("early/x.h", "nothing") in story.record(lambda: story.path("early/x.h").rmdir()).probes


def swap(here: Path, there: Path) -> None:
    """Put the folder `there` in the place of `here`."""
    here.rename(here.with_name("aside"))
    there.rename(here)


def test_a_renamed_folder_in_front_is_refused(story: Story) -> None:
    """Its files are old, and their folder is as it always was: only its name is new."""
    story.write("new/x.h", "#define V 2\n")
    story.refused("early was exchanged while", lambda: swap(story.path("early"), story.path("new")))


@pytest.mark.parametrize("folder", ["early", "late"])
def test_a_folder_in_which_files_come_and_go_is_refused_when_it_is_another(story: Story, folder: str) -> None:
    """Its times tell no more than those of a folder that objects are written to: it is known by its inode."""
    story.write("new/other.h")
    if folder == "late":
        story.write("new/x.h", "#define V 2\n")

    def disturb() -> None:
        swap(story.path(folder), story.path("new"))
        story.write(f"{folder}/new.o")

    story.refused(f"{folder} was exchanged while", disturb)


def churn(story: Story, *folders: str) -> None:
    """What `make -j` does while others compile: objects come and go."""
    for folder in folders:
        story.write(f"{folder}/new.o")
        story.path(f"{folder}/old.o").unlink()


@pytest.mark.parametrize(
    "folders", [("late", "."), ("early", "."), ("early", "late", "."), ("late", ".", ".."), (".", "..")]
)
def test_files_may_come_and_go_in_a_folder_and_in_the_one_above(story: Story, folders: tuple[str, ...]) -> None:
    for folder in folders:
        story.write(f"{folder}/old.o")
    quiet = story.record()
    assert story.record(lambda: churn(story, *folders)) == quiet


@pytest.mark.parametrize("folder", ["early", "late"])
def test_a_folder_that_was_not_known_is_refused_when_files_came_or_went_above_it_too(story: Story, folder: str) -> None:
    """It may have come there by a new name since: nobody looked at it before the run."""
    story.unnamed = (folder,)
    for name in (folder, "."):
        story.write(f"{name}/old.o")
    story.refused(f"{folder} was exchanged while", lambda: churn(story, folder, "."))


@pytest.mark.parametrize("folders", [("early",), ("late",), (".",), ("early", "late"), (".", "..")])
def test_a_folder_that_was_not_known_is_recorded_when_it_or_the_one_above_is_quiet(
    story: Story, folders: tuple[str, ...]
) -> None:
    story.unnamed = story.folders
    for folder in folders:
        story.write(f"{folder}/old.o")
    quiet = story.record()
    assert story.record(lambda: churn(story, *folders)) == quiet


def test_a_folder_that_was_not_known_is_refused_when_it_is_another(story: Story) -> None:
    story.unnamed = story.folders
    story.write("new/x.h", "#define V 2\n")

    def disturb() -> None:
        swap(story.path("late"), story.path("new"))
        story.write("late/new.o")

    story.refused("late was exchanged while", disturb)


def known(folder: Path) -> tuple[int, int]:
    facts = folder.lstat()
    return facts.st_dev, facts.st_ino


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (("sub/a.cpp",), "sub"),
        (("-Iinc",), "inc"),
        (("-I", "inc"), "inc"),
        (("-Iinc/deep",), "inc"),
        (("-isystem", "inc/"), "inc"),
        (("--sysroot=inc",), "inc"),
        (("-osub/a.o",), "sub"),
        (("-I../project/inc",), "../project/inc"),
        (("-Ilink",), "link"),
        (("-Imissing/deep",), "."),
    ],
)
def test_folders_on_the_way(project: Path, words: tuple[str, ...], folder: str) -> None:
    for name in ("sub", "inc/deep"):
        (project / name).mkdir(parents=True)
    (project / "link").symlink_to("inc")
    found = folders_on_the_way(str(project), words)
    assert found[os.path.normpath(project / folder) if folder == "." else f"{project}/{folder}"] == known(
        project / folder
    )
    assert {str(way): known(way) for way in (project, *list(project.parents)[:-1])}.items() <= found.items()
    assert all(known(Path(way)) == facts for way, facts in found.items())


def test_folders_that_are_filled_in_later_are_not_looked_for(project: Path) -> None:
    assert folders_on_the_way(str(project), ("-o", f"{WORK}/out.o", "")) == folders_on_the_way(str(project), ())


def test_a_renamed_folder_above_the_one_in_front_is_refused(story: Story) -> None:
    story.folders = ("deps/early", "late")
    story.write("deps/early/other.h")
    story.write("new/early/x.h", "#define V 2\n")
    story.refused("while the compiler ran", lambda: swap(story.path("deps"), story.path("new")))


def test_a_link_in_front_that_leads_elsewhere_now_is_refused(story: Story) -> None:
    story.folders = ("link", "late")
    story.write("new/x.h", "#define V 2\n")
    story.path("link").symlink_to("early")

    def retarget() -> None:
        story.path("fresh").symlink_to("new")
        story.path("fresh").replace(story.path("link"))

    story.refused("while the compiler ran", retarget)


def test_a_folder_in_front_that_appeared_whole_is_refused(story: Story) -> None:
    story.folders = ("deps/early", "late")
    story.write("new/early/x.h", "#define V 2\n")
    story.refused("while the compiler ran", lambda: story.path("new").rename(story.path("deps")))


def test_a_renamed_folder_on_the_way_to_an_input_is_refused(story: Story) -> None:
    story.write("new/x.h", "#define V 2\n")
    story.refused("late was exchanged while", lambda: swap(story.path("late"), story.path("new")))


def test_a_link_on_the_way_to_an_input_is_refused_when_it_changed(story: Story) -> None:
    story.write("v2/x.h", "#define V 2\n")
    story.path("link").symlink_to("late")
    story.inputs, story.folders = ("link/x.h",), ("early", "link")

    def retarget() -> None:
        story.path("fresh").symlink_to("v2")
        story.path("fresh").replace(story.path("link"))

    assert story.record().inputs
    story.refused("link was exchanged while", retarget)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("late/x.h.gch", ("late/x.h",)), ("early/x.h.gch", ("late/x.h",)), ("late/x.h.pch", ("late/x.h",))],
)
def test_a_precompiled_header_is_refused_wherever_it_lies(story: Story, name: str, inputs: tuple[str, ...]) -> None:
    story.inputs = inputs
    story.write(name, "precompiled")
    story.refused(f"{name} may have been used")


@pytest.mark.parametrize(
    ("flags", "source", "refused"),
    [
        ((), INCLUDES, False),  # x.h is listed, so no x.h.gch was used in its place
        ((), INCLUDES + b'#include "y.h"\n', True),  # y.h is not: y.h.gch may have been there for a moment
        (("-include", "y.h"), INCLUDES, True),
        (("-include", "x.h"), INCLUDES, False),
    ],
)
def test_a_precompiled_header_that_may_have_been_there(
    story: Story, flags: tuple[str, ...], source: bytes, refused: bool
) -> None:
    story.flags, story.source = flags, source
    assert story.record().inputs

    def disturb() -> None:
        for folder in ("early", "late", "."):
            story.write(f"{folder}/unrelated")

    if refused:
        story.refused(CAME_OR_WENT, disturb)
    else:
        assert ("early/x.h.gch", "nothing") in story.record(disturb).probes


def test_what_the_tool_or_its_list_says_comes_first(story: Story) -> None:
    story.uncacheable = "uses the time of day"
    story.refused("uses the time of day")


def test_text_that_no_list_tells_about_is_refused(story: Story) -> None:
    story.write("late/x.h", "#pragma GCC dependency\n")
    story.refused("uses #pragma GCC dependency")


def test_files_named_in_the_flags_are_inputs(story: Story) -> None:
    story.write("ignored.txt", "fun:f\n")
    story.flags = ("-fsanitize-ignorelist=ignored.txt", "-DX=missing.txt")
    assert ("ignored.txt", digest_bytes(b"fun:f\n")) in story.record().inputs
    story.refused("ignored.txt changed while", lambda: story.write("ignored.txt", "fun:g\n"))


@pytest.mark.parametrize("thin", [True, False])
def test_thin_archives_do_not_list_their_members(story: Story, thin: bool) -> None:
    story.write("member.o")
    subprocess.run([need("ar"), "rcDT" if thin else "rcD", "libm.a", "member.o"], cwd=story.root, check=True)
    story.inputs = ("late/x.h", "libm.a")
    if thin:
        story.refused("thin archive")
    else:
        assert len(story.record().inputs) == 2
