"""Runs one story of a store again and again, each time with another of its changes of the file system
going wrong. Run by test_faults.py with faults.c preloaded.

    python faults.py STORY FAULT all|some|none FOLDER

After each run another process looks at what is left. Prints what was wrong, one line each, and at the end the
names of all steps. So a step that somebody adds to the store is tried too, without being named here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.store import check as check_module
from zcnb.store import store as store_module
from zcnb.store.check import check
from zcnb.store.store import Store

KILL, TEAR = -1, -2
FAULTS = {
    "killed before": (KILL, False),
    "killed half-way": (TEAR, False),
    "disk full once": (errno.ENOSPC, False),
    "disk full from then on": (errno.ENOSPC, True),
    "bad disk once": (errno.EIO, False),
    "read-only from then on": (errno.EROFS, True),
}
"""Kind, and whether all later steps go wrong as well."""

LEFT_BY_A_CRASH = {"blob unknown"}
"""What a crash may leave for `check` to find. None of it is ever handed out."""

SIZE = 5000
LIMIT = 6 * SIZE
STRANGE_ONE, LOST_ONE = digest_bytes(b"nobody knows me"), b"L" * SIZE


def key(name: str) -> Digest:
    return digest_bytes(name.encode())


def contents(name: str) -> tuple[bytes, bytes]:
    """The outputs of the result `name`; the second one is the same for all."""
    return name.encode() * (SIZE // len(name)), b"shared"


def put(store: Store, name: str) -> None:
    with store.work_folder() as work:
        taken = []
        for number, data in enumerate(contents(name)):
            made_by_a_tool(work / f"out{number}", data)
            taken.append(store.take(work / f"out{number}", executable=not number))
    store.record(key(name), Manifest(), taken, stdout=name, stderr="", ms=1.0)


def made_by_a_tool(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StoreError("The tool could not write its output.") from error


def held(store: Store, name: str) -> bool:
    """Whether the result is there. Raises `AssertionError` if it is a wrong one."""
    for entry in store.entries(key(name)):
        paths = store.outputs(entry)
        if paths is not None:
            assert tuple(path.read_bytes() for path in paths) == contents(name), f"wrong bytes for {name}"
            assert (entry.stdout, entry.stderr) == (name, ""), f"wrong words for {name}"
            return True
    return False


def opened(cache: Path) -> Store:
    return Store(cache, limit=LIMIT, grace_s=0)


# Stories. Each begins with what its template left, and may raise StoreError.


def begin(cache: Path) -> None:
    opened(cache).close()


def record(cache: Path) -> None:
    store = opened(cache)
    put(store, "new")
    held(store, "old1")
    store.flush()
    store.close()


def replace(cache: Path) -> None:
    """A damaged blob is noticed and built anew."""
    store = opened(cache)
    assert not held(store, "old1")
    put(store, "old1")
    store.close()


def evict(cache: Path) -> None:
    store = opened(cache)
    for number in range(4):
        put(store, f"new{number}")
    store.close()


def clear(cache: Path) -> None:
    store = opened(cache)
    list(store.clearing())
    put(store, "new")
    store.close()


def tidy(cache: Path) -> None:
    store = opened(cache)
    for _ in range(256):
        store.tidy()
    store.close()


def mend(cache: Path) -> None:
    """The index is damaged when the daemon starts."""
    store = opened(cache)
    put(store, "new")
    store.close()


def repair(cache: Path) -> None:
    list(check(cache, repair=True))


def fill(cache: Path) -> Store:
    store = opened(cache)
    for name in ("old1", "old2"):
        put(store, name)
    return store


def nothing(cache: Path) -> None:
    cache.mkdir()


def two_results(cache: Path) -> None:
    fill(cache).close()


def damaged_blob(cache: Path) -> None:
    store = fill(cache)
    path = store.path(digest_bytes(contents("old1")[0]))
    assert path is not None
    store.close()
    path.chmod(0o755)
    path.write_bytes(b"x" + path.read_bytes()[1:])


def damaged_index(cache: Path) -> None:
    fill(cache).close()
    (cache / "v1" / "index.db").write_bytes(b"garbage" * 1000)


def untidy(cache: Path) -> None:
    """One file that no row knows, and one row without its file."""
    damaged_blob(cache)
    blobs = cache / "v1" / "blobs"
    (blobs / STRANGE_ONE[:2]).mkdir(exist_ok=True)
    (blobs / STRANGE_ONE[:2] / STRANGE_ONE[2:]).write_bytes(b"nobody knows me")
    gone = digest_bytes(contents("old2")[0])
    (blobs / gone[:2] / gone[2:]).unlink()


STORIES: dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
    "begin": (nothing, begin),
    "record": (two_results, record),
    "replace": (damaged_blob, replace),
    "evict": (two_results, evict),
    "clear": (two_results, clear),
    "tidy": (untidy, tidy),
    "damaged index": (damaged_index, mend),
    "repair": (untidy, repair),
}
"""What lies there before, and what happens."""

DAMAGED = (damaged_blob, damaged_index, untidy)


def main() -> int:
    """Try the steps of a story. 0, also if something went wrong: that is printed."""
    story, name, extent, folder = sys.argv[1:]
    kind, again = FAULTS[name]
    template, cache = Path(folder) / "template", Path(folder) / "cache"
    before, happens = STORIES[story]
    for module in (store_module, check_module):
        vars(module)["STRANGE_S"] = -1.0  # files are strange at once
    in_child(partial(before, template))
    names: list[str] = []
    pending = [0]  # the first run is one without harm
    while pending:
        number = pending.pop()
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(template, cache, symlinks=True)
        fault = kind if number else 0
        code, said = in_child(partial(struck, partial(happens, cache), number, fault, again))
        if code not in (0, 1, -signal.SIGKILL):
            print(f"step {number}: {said}")
        if number == 0:
            names = said.split()
            everything = range(1, len(names) + 1)
            pending = {"all": list(everything), "some": ends_of_runs(names), "none": []}[extent]
        elif code == 0 and kind < 0:
            print(f"step {number} was not reached")
        looks = (aftermath, checked) if before in DAMAGED else (left, aftermath, checked)
        for look in looks:
            worse, text = in_child(partial(look, cache))
            if worse:
                print(f"step {number}, afterwards: {text}")
    print("steps:", *names)
    return 0


def ends_of_runs(names: list[str]) -> list[int]:
    """The first and the last of equal steps in a row: what SQLite writes in one commit is its own affair."""
    around = ["", *names, ""]
    return [n for n in range(1, len(names) + 1) if around[n] != around[n - 1] or around[n] != around[n + 1]]


def struck(happens: Callable[[], None], number: int, kind: int, again: bool) -> str:
    """Let it happen with step `number` going wrong. The names of its steps."""
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    library.faults_disarm.restype = ctypes.c_char_p
    library.faults_arm(number, kind, int(again))
    try:
        happens()
    finally:
        names: bytes = library.faults_disarm()
    return names.decode()


def left(cache: Path) -> str:
    """Whatever happened to a sound cache, rows lead to files, and nothing is half there."""
    found = {damage.kind for damage in check(cache)}
    assert found <= {*LEFT_BY_A_CRASH, "left behind"}, f"found {found}"
    return ""


def aftermath(cache: Path) -> str:
    """The next daemon: nothing wrong is handed out, and everything can be made anew."""
    store = opened(cache)
    names = ["old1", "old2", "new", *(f"new{number}" for number in range(4))]
    for name in names:
        held(store, name)
    for name in names:
        put(store, name)
        assert held(store, name), f"{name} cannot be made anew"
    assert store.totals()[0] <= LIMIT
    store.close()
    return ""


def checked(cache: Path) -> str:
    """Nothing but what a crash may leave is there; it is repaired, and then nothing is left."""
    found = {damage.kind for damage in check(cache, repair=True)}
    assert found <= LEFT_BY_A_CRASH, f"found {found}"
    more = list(map(str, check(cache))) if found else []
    assert not more, f"left {more}"
    return ""


def in_child(work: Callable[[], object]) -> tuple[int, str]:
    """Exit code and last words of `work` in a process of its own: 0 done, 1 `StoreError`, 2 anything else."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code, said = 2, ""
        try:
            said = str(work() or "")
            code = 0
        except StoreError as error:
            code, said = 1, str(error)
        except BaseException:  # noqa: BLE001  # told to the parent
            said = traceback.format_exc()
        os.write(writer, said.encode())
        os._exit(code)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


if __name__ == "__main__":
    raise SystemExit(main())
