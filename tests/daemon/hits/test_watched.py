"""A real daemon, a real compiler, and a folder that the daemon takes for the system's: every edit in it is seen, and
the status says what is watched."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import need, wait_until
from tests.daemon.hits.desk import ANGLED, keeping_times, output, shows, tick
from tests.daemon.hits.system import system_daemon
from tests.osdep.mounting import mounted
from zcnb.client.control import running_status
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
WATCHED = r"inotify: [1-9]\d* folders?.*"


@dataclass
class Rig:
    """A daemon, a client of it, and a folder below the one that is the system's."""

    config: Config
    session: Session
    root: Path
    notes: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def value(self, name: str, value: int) -> Path:
        """A header that says so. All of its folders are closed to others, as the system's are."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#define V {value}\n")
        path.chmod(0o644)
        for folder in path.parents:
            if folder.is_relative_to(self.root):
                folder.chmod(0o755)
        tick()
        return path

    def look(self, *folders: str, source: str = ANGLED) -> tuple[str, str]:
        """(`hit` or `miss` or `failed`, what the cell prints) with these folders searched."""
        text = f'{source}extern const char zt_mark[];const char zt_mark[] = "{self.root}";\n'
        flags = tuple(f"-I{self.path(folder)}" for folder in folders or ("inc",))
        built = self.session.build(
            BuildSpec(
                language="c++",
                source=text.encode(),
                flags=flags,
                compiler="g++",
                cwd=str(self.notes),
                env=dict(os.environ),
            )
        )
        return (built.cache, output(built)) if built.ok else ("failed", "")

    def freshness(self) -> str:
        status = running_status(self.config)
        assert status is not None
        return status.freshness

    def trusted(self, *folders: str) -> None:
        """A miss, then hits by looking and by trust."""
        assert self.look(*folders) == ("miss", "1")
        assert self.look(*folders) == ("hit", "1")
        self.hits_under(WATCHED, "1", *folders)

    def hits_under(self, freshness: str, value: str, *folders: str, source: str = ANGLED) -> None:
        """Hits with this value, until the status matches `freshness`: another test's mount ends all trust."""

        def said() -> bool:
            assert self.look(*folders, source=source) == ("hit", value)
            return re.fullmatch(freshness, self.freshness()) is not None

        assert wait_until(said, 5), self.freshness()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Config, Session, Path]]:
    """One daemon for the whole module, and the folder that is the system's."""
    need("g++")
    runtime = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    base = tmp_path_factory.mktemp("machine")
    config = Config(cache_dir=base / "cache", socket=runtime / "s.sock")
    (base / "system").mkdir()
    with system_daemon(config, base / "system"), Session(config) as session:
        yield config, session, base / "system"
    shutil.rmtree(runtime)


@pytest.fixture
def rig(served: tuple[Config, Session, Path], project: Path) -> Rig:
    config, session, system = served
    return Rig(config, session, Path(tempfile.mkdtemp(dir=system)), project)


def quietly(rig: Rig, value: int) -> None:
    keeping_times(rig.path("inc/x.h"), lambda: rig.value("inc/x.h", value))


def through_a_map(rig: Rig, value: int) -> None:
    with rig.path("inc/x.h").open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        data[:] = f"#define V {value}\n".encode()


def by_rename(rig: Rig, value: int) -> None:
    rig.value("aside/x.h", value).rename(rig.path("inc/x.h"))


def by_folder(rig: Rig, value: int) -> None:
    rig.value("new/x.h", value)
    shutil.rmtree(rig.path("inc"))
    rig.path("new").rename(rig.path("inc"))


def while_moved_away(rig: Rig, value: int) -> None:
    rig.path("inc").rename(rig.path("away"))
    keeping_times(rig.path("away/x.h"), lambda: rig.value("away/x.h", value))
    rig.path("away").rename(rig.path("inc"))


EDITS: dict[str, Callable[[Rig, int], object]] = {
    "in place": lambda rig, value: rig.value("inc/x.h", value),
    "in place, with its times kept": quietly,
    "through a map": through_a_map,
    "by rename": by_rename,
    "with its folder": by_folder,
    "while its folder is elsewhere": while_moved_away,
}


@pytest.mark.parametrize("name", EDITS)
def test_system_header_edited_and_put_back(rig: Rig, name: str) -> None:
    rig.value("inc/x.h", 1)
    rig.trusted()
    EDITS[name](rig, 2)
    assert [rig.look() for _ in range(3)] == [("miss", "2"), ("hit", "2"), ("hit", "2")]
    EDITS[name](rig, 1)
    assert rig.look() == ("hit", "1")


def test_system_header_deleted_and_back(rig: Rig) -> None:
    header = rig.value("inc/x.h", 1)
    rig.trusted()
    header.rename(rig.path("aside"))
    assert rig.look() == ("failed", "")
    rig.path("aside").rename(header)
    assert rig.look() == ("hit", "1")


def test_system_header_shadowed(rig: Rig) -> None:
    rig.value("late/x.h", 1)
    rig.value("early/other.h", 0)
    rig.trusted("early", "late")
    rig.value("early/x.h", 2)
    assert rig.look("early", "late") == ("miss", "2")
    rig.path("early/x.h").unlink()
    assert rig.look("early", "late") == ("hit", "1")


def test_folder_above_exchanged(rig: Rig) -> None:
    rig.value("v1/lib/inc/x.h", 1)
    rig.value("v2/lib/inc/x.h", 2)
    rig.trusted("v1/lib/inc")
    rig.path("v1").rename(rig.path("old"))
    rig.path("v2").rename(rig.path("v1"))
    assert rig.look("v1/lib/inc") == ("miss", "2")
    rig.path("v1").rename(rig.path("v2"))
    rig.path("old").rename(rig.path("v1"))
    assert rig.look("v1/lib/inc") == ("hit", "1")


def test_link_to_a_folder_retargeted(rig: Rig) -> None:
    rig.value("v1/x.h", 1)
    rig.value("v2/x.h", 2)
    rig.path("cur").symlink_to("v1")
    rig.trusted("cur")
    rig.path("cur").unlink()
    rig.path("cur").symlink_to("v2")
    assert rig.look("cur") == ("miss", "2")


def test_link_to_a_header_retargeted_or_its_target_edited(rig: Rig) -> None:
    far = [rig.notes / f"far{number}.h" for number in (1, 2)]
    for path, value in zip(far, (1, 2), strict=True):
        path.write_text(f"#define V {value}\n")
    rig.value("inc/other.h", 0)
    header = rig.path("inc/x.h")
    header.symlink_to(far[0])
    tick()
    rig.trusted()
    header.unlink()
    header.symlink_to(far[1])
    assert rig.look() == ("miss", "2")
    assert rig.look() == ("hit", "2")
    keeping_times(far[1], lambda: far[1].write_text("#define V 3\n"))
    assert rig.look() == ("miss", "3")


def test_header_with_two_names_edited_under_the_other(rig: Rig) -> None:
    header = rig.value("inc/x.h", 1)
    other = rig.notes / "x.h"
    os.link(header, other)
    tick()
    rig.trusted()
    keeping_times(other, lambda: other.write_text("#define V 2\n"))
    assert rig.look() == ("miss", "2")


@pytest.mark.parametrize("over", ["inc", "inc/x.h"])
def test_something_mounted_over_it(rig: Rig, over: str) -> None:
    rig.value("inc/x.h", 1)
    rig.value("other/x.h", 2)
    rig.trusted()
    with mounted(rig.path(over), "--bind", str(rig.path(over.replace("inc", "other")))):
        assert [rig.look() for _ in range(3)] == [("miss", "2"), ("hit", "2"), ("hit", "2")]
    assert rig.look() == ("hit", "1")


def test_folder_that_others_may_write_to_is_looked_at(rig: Rig) -> None:
    header = rig.value("inc/x.h", 1)
    header.parent.chmod(0o777)
    assert rig.look() == ("miss", "1")
    rig.hits_under(r".*stat: 1 \(writable by others than root\)", "1")
    keeping_times(header, lambda: header.write_text("#define V 2\n"))
    assert rig.look() == ("miss", "2")


def test_more_events_than_the_queue_holds(rig: Rig) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip(f"{most} events would take too long")
    rig.value("inc/x.h", 1)
    others = [rig.value(f"inc/{name}.h", 0) for name in "ab"]
    rig.trusted()
    status = running_status(rig.config)
    assert status is not None
    os.kill(status.pid, signal.SIGSTOP)  # or it might read some of them in between
    try:
        for number in range(most):  # equal events in a row would become one
            os.utime(others[number % 2], ns=(1, number))
        quietly(rig, 2)
    finally:
        os.kill(status.pid, signal.SIGCONT)
    assert rig.look() == ("miss", "2")
    rig.hits_under(WATCHED + "; events lost: 1 time", "2")


# Daemons of their own


@pytest.fixture
def alone(config: Config, tmp_path: Path, project: Path) -> Iterator[Callable[..., Rig]]:
    """`alone(**options)`: a rig with a daemon for this test; `options` as `system_daemon`."""
    need("g++")
    started = []

    def start(**options: object) -> Rig:
        root = tmp_path / "system"
        root.mkdir(exist_ok=True)
        daemon = system_daemon(config, root, **options)  # type: ignore[arg-type]
        daemon.__enter__()
        session = Session(config)
        started.append((daemon, session))
        return Rig(config, session, root, project)

    yield start
    for daemon, session in started:
        session.close()
        daemon.__exit__(None, None, None)


def test_without_inotify_all_is_looked_at(alone: Callable[..., Rig]) -> None:
    rig = alone(inotify=False)
    rig.value("inc/x.h", 1)
    assert [rig.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    assert rig.freshness() == "stat (inotify is switched off)"
    quietly(rig, 2)
    assert rig.look() == ("miss", "2")


def test_the_folder_that_the_cell_works_in_is_nobodys_system(alone: Callable[..., Rig]) -> None:
    rig = alone()
    header = rig.value("notes/inc/x.h", 1)
    rig.notes = rig.path("notes")
    assert [rig.look("notes/inc") for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    assert rig.freshness() == "inotify: 0 folders"
    keeping_times(header, lambda: header.write_text("#define V 2\n"))
    assert rig.look("notes/inc") == ("miss", "2")


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("max_inotify_watches", 1, "inotify: 1 folder; stat: 1 (inotify watch limit reached)"),
        ("max_inotify_instances", 0, "inotify: 0 folders; stat: 2 (no inotify instance or file descriptor left)"),
    ],
)
def test_at_the_users_limits(alone: Callable[..., Rig], limit: str, value: int, said: str) -> None:
    """In a user namespace of its own, which can be given narrower ones."""
    done = subprocess.run(["unshare", "--user", "--map-root-user", "true"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no user namespaces here: {done.stderr.decode().strip()}")
    rig = alone(limit=(limit, value))
    rig.value("inc/x.h", 1)
    rig.value("more/y.h", 1)
    source = "#include <y.h>\n#undef V\n" + ANGLED
    looks = ("inc", "more")
    assert rig.look(*looks, source=source) == ("miss", "1")
    rig.hits_under(re.escape(said), "1", *looks, source=source)
    quietly(rig, 2)
    assert rig.look(*looks, source=source) == ("miss", "2")


def test_an_overlay_is_looked_at(alone: Callable[..., Rig], tmp_path: Path) -> None:
    """Where a write to what lies below goes by a name that no watch knows."""
    below, bottom, inc = tmp_path / "below", tmp_path / "bottom", tmp_path / "system" / "inc"
    for folder in (below, bottom, inc):
        folder.mkdir(parents=True)
    (below / "x.h").write_text("#define V 1\n")
    with mounted(inc, "-t", "overlay", "overlay", "-o", f"lowerdir={below}:{bottom}"):
        rig = alone()
        assert rig.look() == ("miss", "1")
        rig.hits_under(r"inotify: 0 folders; stat: 1 \(overlay file system\)", "1")
        keeping_times(below / "x.h", lambda: (below / "x.h").write_text("#define V 2\n"))
        assert rig.look() == ("miss", "2")


def test_what_no_event_tells_is_found_by_the_audit(alone: Callable[..., Rig]) -> None:
    """A store through a memory map that stays open; from then on nothing is trusted any more."""
    rig = alone()
    header = rig.value("inc/x.h", 1)
    with header.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        rig.trusted()
        said = f"{header} changed without an event"
        for value in ("2", "3", "4", "5"):  # another test's mount ends all trust, and then there is nothing to find
            data[:] = f"#define V {value}\n".encode()
            found = wait_until(lambda: rig.freshness() == f"stat ({said})", 12)
            assert rig.look() == ("miss", value)
            if found:
                break
            data.flush()  # the next store is to be the page's first again
            rig.hits_under(WATCHED, value)
        assert found
    status = running_status(rig.config)
    assert status is not None
    assert [said in line for line in status.errors] == [True]


# As it is installed


def test_switched_off_by_a_person(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZCNB_INOTIFY", "0")
    assert session.status().freshness == "stat (inotify is switched off)"


def test_the_systems_own_headers_are_watched(
    session: Session, config: Config, make_spec: Callable[..., BuildSpec]
) -> None:
    need("g++")
    spec = make_spec(shows("(int)std::string(1, 'x').size()", "#include <string>"))
    assert session.build(spec).cache == "miss"
    kind = subprocess.run(["stat", "-f", "-c", "%T", "/usr/include"], capture_output=True, text=True, check=True).stdout
    expected = WATCHED if kind.strip() in ("ext2/ext3", "xfs", "btrfs", "tmpfs") else r"inotify: 0 folders; stat: .*"

    def said() -> bool:
        assert session.build(spec).cache == "hit"
        status = session.status()
        assert ("freshness", status.freshness) in status.rows()
        return re.fullmatch(expected, status.freshness) is not None

    assert wait_until(said, 5), session.status().freshness


def test_a_header_of_the_system_edited_by_root(
    session: Session, config: Config, make_spec: Callable[..., BuildSpec]
) -> None:
    need("g++")
    if os.getuid() != 0:
        pytest.skip("only root may write to the system's folders")
    folder = Path(tempfile.mkdtemp(prefix="zcnb-test-", dir="/usr/local/include"))
    try:
        folder.chmod(0o755)
        header = folder / "x.h"
        header.write_text("#define V 1\n")
        tick()
        spec = make_spec(shows("V", f"#include <{folder.name}/x.h>"))
        built = [session.build(spec) for _ in range(3)]
        assert [(one.cache, output(one)) for one in built] == [("miss", "1"), ("hit", "1"), ("hit", "1")]
        keeping_times(header, lambda: header.write_text("#define V 2\n"))
        again = session.build(spec)
        assert (again.cache, output(again)) == ("miss", "2")
    finally:
        shutil.rmtree(folder)
