"""A manifest holds exactly while all it names is as recorded, and holds again when it is put back."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.osdep.mounting import nothing_mounted
from zcnb.freshness import check as module
from zcnb.freshness.check import Watched, first_change, nearest_folder, watch
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.places import Places
from zcnb.freshness.watch import Watcher
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Change, Kind, Manifest
from zcnb.osdep import signature as signatures
from zcnb.osdep.signature import kind

SHORT_NS = 15_000_000


class Desk:
    """A folder, a manifest in force there, and a clock that can be let run."""

    def __init__(self, folder: Path, settle: Callable[[], None], *, system: bool = False) -> None:
        self.folder, self.settle = folder, settle
        self.memo = FileMemo()
        folder.chmod(0o755)
        places = Places(roots=(str(folder),), owner=os.getuid())
        self.watcher = Watcher(self.memo, places) if system else None
        self.base, self.cwd = (f"{folder}/", "/") if system else ("", str(folder))
        self.env: dict[str, str] = {}
        self.watched: Watched

    def write(self, name: str, data: bytes = b"") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def record(self, *inputs: str, probes: tuple[str, ...] = (), env: tuple[tuple[str, str | None], ...] = ()) -> None:
        manifest = Manifest(
            tuple((self.base + name, digest_bytes((self.folder / name).read_bytes())) for name in inputs),
            tuple((self.base + name, kind(str(self.folder / name))) for name in probes),
            env,
        )
        self.watched = watch(manifest, self.cwd, self.watcher)

    def change(self) -> str:
        """What changed, with paths as they stand under the folder; empty if nothing did."""
        self.settle()
        found = first_change(self.watched, self.memo, self.env, self.watcher)
        return "" if found is None else str(found).replace(f"{self.folder}/", "")


@pytest.fixture(params=["young", "settled", "young system", "settled system"])
def desk(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A person's folder, or one that is taken for the system's and watched where the system can do that."""
    age, _, system = request.param.partition(" ")
    if age == "settled":
        monkeypatch.setattr(signatures, "GRACE_NS", SHORT_NS)
    settle = 2 * SHORT_NS / 1e9 if age == "settled" else 0
    made = Desk(project, lambda: time.sleep(settle), system=bool(system))
    yield made
    if made.watcher is not None:
        made.watcher.close()


def holds(desk: Desk) -> None:
    """Twice: the second look may trust what the first one saw."""
    assert [desk.change(), desk.change()] == ["", ""]


def test_empty_manifest_holds(desk: Desk) -> None:
    desk.record()
    holds(desk)


def test_input_changed_and_changed_back(desk: Desk) -> None:
    desk.write("x.h", b"one")
    desk.record("x.h")
    holds(desk)
    desk.write("x.h", b"two")
    assert desk.change() == "x.h changed"
    desk.write("x.h", b"one")
    holds(desk)


def test_input_changed_with_size_and_mtime_kept(desk: Desk) -> None:
    path = desk.write("x.h", b"one")
    desk.record("x.h")
    holds(desk)
    times = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert desk.change() == "x.h changed"


def test_input_touched_still_holds(desk: Desk) -> None:
    path = desk.write("x.h", b"one")
    desk.record("x.h")
    holds(desk)
    path.touch()
    holds(desk)


def test_input_gone_and_back(desk: Desk) -> None:
    path = desk.write("x.h", b"one")
    desk.record("x.h")
    holds(desk)
    path.unlink()
    assert desk.change() == "x.h is gone"
    desk.write("x.h", b"one")
    holds(desk)


def test_input_became_a_folder(desk: Desk) -> None:
    path = desk.write("x.h", b"one")
    desk.record("x.h")
    holds(desk)
    path.unlink()
    path.mkdir()
    assert desk.change() == "x.h is gone"


def test_input_whose_folder_was_replaced(desk: Desk) -> None:
    desk.write("inc/x.h", b"one")
    desk.write("new/x.h", b"two")
    desk.record("inc/x.h")
    holds(desk)
    (desk.folder / "inc").rename(desk.folder / "old")
    (desk.folder / "new").rename(desk.folder / "inc")
    assert desk.change() == "inc/x.h changed"


def test_input_through_a_link_that_is_retargeted(desk: Desk) -> None:
    desk.write("v1/x.h", b"one")
    desk.write("v2/x.h", b"two")
    link = desk.folder / "cur"
    link.symlink_to("v1")
    desk.record("cur/x.h")
    holds(desk)
    link.unlink()
    link.symlink_to("v2")
    assert desk.change() == "cur/x.h changed"
    link.unlink()
    link.symlink_to("v1")
    holds(desk)


def test_paths_above_a_link_are_not_folded(desk: Desk) -> None:
    """`cur/../x.h` is where the link leads to, and up; not `x.h`."""
    desk.write("deep/v1/y.h", b"")
    desk.write("deep/x.h", b"one")
    desk.write("x.h", b"two")
    (desk.folder / "cur").symlink_to("deep/v1")
    desk.record("cur/../x.h")
    holds(desk)
    desk.write("x.h", b"three")
    holds(desk)
    desk.write("deep/x.h", b"four")
    assert desk.change().endswith("changed")


def test_probe_appears_and_goes_again(desk: Desk) -> None:
    desk.write("b/unrelated")
    desk.record(probes=("b/x.h",))
    holds(desk)
    desk.write("b/other")
    holds(desk)
    path = desk.write("b/x.h")
    assert desk.change() == "b/x.h appeared"
    path.unlink()
    holds(desk)


def test_probe_that_was_there_goes(desk: Desk) -> None:
    path = desk.write("b/x.h")
    desk.record(probes=("b/x.h",))
    holds(desk)
    path.unlink()
    assert desk.change() == "b/x.h is gone"


def test_second_probe_of_a_folder_appears(desk: Desk) -> None:
    desk.write("b/unrelated")
    desk.record(probes=("b/x.h", "b/y.h", "c/x.h"))
    holds(desk)
    desk.write("b/y.h")
    assert desk.change() == "b/y.h appeared"


def test_probe_in_a_folder_made_later(desk: Desk) -> None:
    desk.record(probes=("a/b/c/x.h",))
    holds(desk)
    for folder in ("a", "a/b", "a/b/c"):
        (desk.folder / folder).mkdir()
        holds(desk)
    desk.write("a/b/c/x.h")
    assert desk.change() == "a/b/c/x.h appeared"
    shutil.rmtree(desk.folder / "a")
    holds(desk)


def test_probe_whose_folder_arrives_filled(desk: Desk) -> None:
    desk.write("aside/x.h")
    desk.record(probes=("b/x.h",))
    holds(desk)
    (desk.folder / "aside").rename(desk.folder / "b")
    assert desk.change() == "b/x.h appeared"


def test_probe_in_a_folder_that_is_replaced(desk: Desk) -> None:
    desk.write("b/unrelated")
    desk.write("aside/x.h")
    desk.record(probes=("b/x.h",))
    holds(desk)
    shutil.rmtree(desk.folder / "b")
    (desk.folder / "aside").rename(desk.folder / "b")
    assert desk.change() == "b/x.h appeared"


def test_probe_in_a_linked_folder_that_is_retargeted(desk: Desk) -> None:
    desk.write("v1/unrelated")
    desk.write("v2/x.h")
    link = desk.folder / "b"
    link.symlink_to("v1")
    desk.record(probes=("b/x.h",))
    holds(desk)
    link.unlink()
    link.symlink_to("v2")
    assert desk.change() == "b/x.h appeared"
    link.unlink()
    link.symlink_to("v1")
    holds(desk)


def test_probe_behind_a_dangling_link(desk: Desk) -> None:
    (desk.folder / "far").mkdir()
    (desk.folder / "b").mkdir()
    (desk.folder / "b" / "x.h").symlink_to("../far/x.h")
    desk.record(probes=("b/x.h",))
    holds(desk)
    desk.write("far/x.h")
    assert desk.change() == "b/x.h appeared"


def test_probe_in_a_dangling_linked_folder(desk: Desk) -> None:
    (desk.folder / "far").mkdir()
    (desk.folder / "b").symlink_to("far/b")
    desk.record(probes=("b/x.h",))
    holds(desk)
    desk.write("far/b/x.h")
    assert desk.change() == "b/x.h appeared"


def test_probe_that_was_there_through_a_link_whose_target_goes(desk: Desk) -> None:
    desk.write("far/x.h")
    (desk.folder / "b").mkdir()
    (desk.folder / "b" / "x.h").symlink_to("../far/x.h")
    desk.record(probes=("b/x.h",))
    holds(desk)
    (desk.folder / "far" / "x.h").unlink()
    assert desk.change() == "b/x.h is gone"


def test_probe_of_a_folder_itself(desk: Desk) -> None:
    desk.record(probes=("b",))
    holds(desk)
    (desk.folder / "b").mkdir()
    assert desk.change() == "b appeared"
    (desk.folder / "b").rmdir()
    holds(desk)


def test_folder_that_goes_takes_no_probe_along(desk: Desk) -> None:
    desk.write("b/unrelated")
    desk.record(probes=("b/x.h",))
    holds(desk)
    shutil.rmtree(desk.folder / "b")
    holds(desk)
    desk.write("b/x.h")
    assert desk.change() == "b/x.h appeared"


@pytest.mark.parametrize(
    ("recorded", "now", "holding"),
    [("1", "1", True), ("1", "2", False), ("1", None, False), (None, None, True), (None, "", False), ("", "", True)],
)
def test_variables(desk: Desk, recorded: str | None, now: str | None, holding: bool) -> None:
    desk.record(env=(("V", recorded),))
    desk.env = {} if now is None else {"V": now}
    assert desk.change() == ("" if holding else "environment variable V changed")


def test_one_manifest_in_two_folders(desk: Desk, tmp_path: Path) -> None:
    manifest = Manifest((("x.h", digest_bytes(b"one")),), (("b/x.h", "nothing"),))
    for name, data in (("p", b"one"), ("q", b"two")):
        desk.write(f"{name}/x.h", data)
    first, second = (watch(manifest, str(desk.folder / name)) for name in "pq")
    assert first_change(first, desk.memo, {}) is None
    assert first_change(second, desk.memo, {}) == Change("changed", str(desk.folder / "q/x.h"))
    desk.write("p/b/x.h")
    assert first_change(first, desk.memo, {}) == Change("appeared", str(desk.folder / "p/b/x.h"))


def test_quiet_folders_are_not_looked_through(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for the grouping: a hundred probes in one quiet folder cost one stat."""
    monkeypatch.setattr(signatures, "GRACE_NS", SHORT_NS)
    (project / "b").mkdir()
    time.sleep(2 * SHORT_NS / 1e9)
    watched = watch(Manifest(probes=tuple((f"b/{number}.h", "nothing") for number in range(100))), str(project))
    asked: list[str] = []

    def counted(path: str) -> Kind:
        asked.append(path)
        return kind(path)

    monkeypatch.setattr(module, "kind", counted)
    assert first_change(watched, FileMemo(), {}) is None
    looks = len(asked)
    assert looks >= 100
    assert first_change(watched, FileMemo(), {}) is None
    assert len(asked) == looks


@pytest.mark.parametrize(("before", "now", "said"), [
    ("folder", "file", "changed"), ("file", "folder", "changed"), ("other", "file", "changed"),
    ("folder", "nothing", "gone"), ("file", "nothing", "gone"), ("nothing", "folder", "appeared"),
])  # fmt: skip
def test_what_was_found_and_left_unread(desk: Desk, before: Kind, now: Kind, said: str) -> None:
    """A folder's times say nothing of what becomes of the things in it."""
    make: dict[Kind, Callable[[Path], object]] = {
        "file": Path.touch,
        "folder": Path.mkdir,
        "other": os.mkfifo,
        "nothing": lambda path: None,
    }
    place = desk.folder / "b/x.h"
    place.parent.mkdir()
    make[before](place)
    desk.record(probes=("b/x.h",))
    assert desk.change() == ""
    if before != "nothing":
        shutil.rmtree(place) if before == "folder" else place.unlink()
    make[now](place)
    assert desk.change() == f"b/x.h {'is gone' if said == 'gone' else said}"


def test_nearest_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "file").touch()
    assert nearest_folder(str(tmp_path / "a")) == str(tmp_path / "a")
    assert nearest_folder(str(tmp_path / "a" / "b" / "c")) == str(tmp_path / "a")
    assert nearest_folder(str(tmp_path / "file" / "x")) == str(tmp_path)
    assert nearest_folder("/no/such/place") == "/"


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("changed", "n changed"),
        ("gone", "n is gone"),
        ("appeared", "n appeared"),
        ("variable", "environment variable n changed"),
    ],
)
def test_changes_read_as_sentences(what: str, sentence: str) -> None:
    assert str(Change(what, "n")) == sentence


# Inputs of the system's


class System:
    """Two folders that are the system's, one that is a person's, and what is looked at."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.memo = FileMemo()
        self.watcher = Watcher(self.memo, Places(roots=(str(root / "system"),), owner=os.getuid()))
        self.looked: list[str] = []
        for name in ("system", "system/a", "system/b", "mine"):
            (root / name).mkdir()
            (root / name).chmod(0o755)
        self.inputs = [self.write(name) for name in ("system/a/1.h", "system/a/2.h", "system/b/3.h", "mine/4.h")]
        manifest = Manifest(tuple((str(path), digest_bytes(b"one")) for path in self.inputs))
        self.watched = watch(manifest, str(root / "mine"), self.watcher)
        monkeypatch.setattr(FileMemo, "digest", self._noted(FileMemo.digest))

    def write(self, name: str, data: bytes = b"one") -> Path:
        path = self.root / name
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def _noted(self, digest: Callable[[FileMemo, str], Digest | None]) -> Callable[[FileMemo, str], Digest | None]:
        def noted(memo: FileMemo, path: str) -> Digest | None:
            self.looked.append(os.path.relpath(path, self.root))
            return digest(memo, path)

        return noted

    def check(self) -> tuple[Change | None, list[str]]:
        """What changed, and which files were looked at for it."""
        self.looked.clear()
        return first_change(self.watched, self.memo, {}, self.watcher), sorted(self.looked)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    if not hasattr(os, "O_PATH"):
        pytest.skip("inotify is Linux's")
    made = System(tmp_path, monkeypatch)
    with nothing_mounted():
        yield made
    made.watcher.close()


def test_folders_of_the_system_are_looked_at_once_and_again_after_an_event(system: System) -> None:
    assert system.check() == (None, ["mine/4.h", "system/a/1.h", "system/a/2.h", "system/b/3.h"])
    assert system.check() == (None, ["mine/4.h"])
    system.write("system/b/other.h")
    assert system.check() == (None, ["mine/4.h", "system/b/3.h"])
    assert system.check() == (None, ["mine/4.h"])
    system.write("system/a/2.h", b"two")
    for _ in range(2):
        assert system.check()[0] == Change("changed", str(system.inputs[1]))
    system.write("system/a/2.h")
    assert system.check()[0] is None
    assert system.check() == (None, ["mine/4.h"])


def test_what_is_trusted_is_known_to_other_manifests_too(system: System) -> None:
    assert system.check()[0] is None
    wrong = ((str(system.inputs[0]), digest_bytes(b"one")), (str(system.inputs[1]), digest_bytes(b"two")))
    other = watch(Manifest(wrong), str(system.root / "mine"), system.watcher)
    system.looked.clear()
    assert first_change(other, system.memo, {}, system.watcher) == Change("changed", str(system.inputs[1]))
    assert system.looked == []


def test_a_link_among_the_systems_files_is_looked_at_every_time(system: System) -> None:
    target = system.write("mine/far.h")
    system.inputs[0].unlink()
    system.inputs[0].symlink_to(target)
    assert system.check()[0] is None
    assert system.check() == (None, ["mine/4.h", "system/a/1.h"])
    target.write_bytes(b"two")
    assert system.check()[0] == Change("changed", str(system.inputs[0]))
    target.write_bytes(b"one")
    assert system.check()[0] is None
    system.inputs[0].unlink()
    assert system.check()[0] == Change("gone", str(system.inputs[0]))


def test_below_the_folder_that_a_cell_works_in_all_is_looked_at(system: System) -> None:
    inputs = tuple((str(path), digest_bytes(b"one")) for path in system.inputs)
    system.watched = watch(Manifest(inputs), str(system.root / "system" / "a"), system.watcher)
    system.check()
    assert system.check() == (None, ["mine/4.h", "system/a/1.h", "system/a/2.h"])


def test_when_the_watcher_gives_up_all_is_looked_at(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.check()
    assert system.check() == (None, ["mine/4.h"])
    monkeypatch.setattr(system.watcher, "trust", lambda folder: None)
    assert system.check()[1] == ["mine/4.h", "system/a/1.h", "system/a/2.h", "system/b/3.h"]
    system.inputs[2].unlink()
    assert system.check()[0] == Change("gone", str(system.inputs[2]))


def test_a_reading_from_before_the_watch_is_not_what_is_vouched_for(system: System) -> None:
    """As a large file is read in a thread between two tries, while the folder changes."""
    known = dict.fromkeys(map(str, system.inputs), digest_bytes(b"one"))

    class Late:
        def digest(self, path: str) -> Digest | None:
            return known[path]

    system.inputs[0].write_bytes(b"two")
    assert first_change(system.watched, Late(), {}, system.watcher) == Change("changed", str(system.inputs[0]))
