"""What befalls the cache folder of a real daemon: damage, a full disk, kills, other daemons, clocks, other people's
hands. Every build is right, none fails, and the daemon recovers by itself."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.cli.test_cli import zcnb
from tests.conftest import alive, end_daemon, need, wait_until
from tests.store.test_store import small_disk
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.store.check import check

Make = Callable[..., BuildSpec]
DAMAGES = int(os.environ.get("ZT_DAMAGES", "24"))
"""For a soak: 1000."""
KILLS = int(os.environ.get("ZT_KILLS", "6"))
CELLS = 3


def source(number: int, ballast: int = 1) -> str:
    """A program in C that prints `number`, and has so many bytes."""
    return (
        f"int puts(const char *);\nchar ballast[{ballast}] = {{{number + 1}}};\n"
        f'int main(void) {{ return puts("{number}") < 0; }}\n'
    )


def right(session: Session, spec: BuildSpec, number: int) -> Built:
    """Build it and see that it is what it should be; what came back."""
    built = session.build(spec)
    assert built.ok, built.diagnostics
    said = subprocess.run([built.program], capture_output=True, text=True, timeout=20, check=True).stdout
    assert said == f"{number}\n"
    return built


def stored(cache: Path) -> list[Path]:
    """All files of the store that somebody could damage."""
    index = [path for path in (cache / "v1").glob("index.db*") if not path.name.endswith("-shm")]
    return sorted([*(path for path in (cache / "v1" / "blobs").rglob("*") if path.is_file()), *index])


def damage(rng: random.Random, path: Path) -> str:
    """Flip a bit, take half of it away, or all of it."""
    data = path.read_bytes()
    kind = rng.choice(("flip", "halve", "empty"))
    mode = path.stat().st_mode
    path.chmod(0o755)
    with path.open("r+b") as file:
        if kind == "flip" and data:
            at = rng.randrange(len(data))
            file.seek(at)
            file.write(bytes([data[at] ^ 1 << rng.randrange(8)]))
        else:
            file.truncate(len(data) // 2 if kind == "halve" else 0)
    path.chmod(mode)
    return f"{kind} {path.name}"


@pytest.mark.parametrize("restart", [False, True])
def test_random_damage_costs_compiles_and_nothing_else(
    session: Session, config: Config, make_spec: Make, restart: bool
) -> None:  # fmt: skip
    """F04, F04b: any stored file and the index, under a daemon that lives, and before one starts."""
    need("gcc")
    rng = random.Random(11)
    specs = [make_spec(source(number), "c") for number in range(CELLS)]
    hits = 0
    for _ in range(DAMAGES // 2):
        built = [right(session, spec, number) for number, spec in enumerate(specs)]
        assert not any(one.notices for one in built), "the daemon did it"
        hits += sum(one.cache == "hit" for one in built)
        if restart:
            stop(config)
        damage(rng, rng.choice(stored(config.cache_dir)))
    assert hits > DAMAGES // 2, "most results outlive the damage to others"


def test_a_full_disk_fails_no_build(config: Config, make_spec: Make, tmp_path: Path) -> None:
    """F05: more results than the disk has room for, though the limit would allow them; twice."""
    need("gcc")
    with small_disk(tmp_path / "small") as disk:
        settings = replace(config, cache_dir=disk / "cache", max_size=1 << 30)
        try:
            with Session(settings) as session:
                direct = 0
                for _ in range(2):
                    for number in range(8):
                        built = right(session, make_spec(source(number, 150_000), "c"), number)
                        direct += built.cache == "direct"
                assert direct, "the disk was full"
                assert session.status().cache_dir == str(disk / "cache")
        finally:
            end_daemon(settings)
        assert {found.kind for found in check(disk / "cache")} <= {"blob unknown"}


def remounted(disk: Path, mode: str) -> bool:
    """Whether the disk could be made read-only or writable: it must not be if somebody writes to it."""
    return (
        subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], capture_output=True, check=False).returncode == 0
    )


def test_a_read_only_disk_fails_no_build(config: Config, make_spec: Make, tmp_path: Path) -> None:
    """F06: what is there cannot be used, so everything is compiled directly; when it can be written to, the daemon
    that found it so goes on with it."""
    need("gcc")
    with small_disk(tmp_path / "small") as disk:
        settings = replace(config, cache_dir=disk / "cache")
        try:
            with Session(settings) as session:
                assert right(session, make_spec(source(1), "c"), 1).cache == "miss"
                stop(settings)
                assert wait_until(partial(remounted, disk, "ro")), "the daemon let go of it"
                for number in (1, 2):
                    built = right(session, make_spec(source(number), "c"), number)
                    assert built.cache == "direct"
                    assert "cannot be used" in "".join(built.notices)
                assert remounted(disk, "rw")
                assert right(session, make_spec(source(1), "c"), 1).cache == "hit"
                assert right(session, make_spec(source(2), "c"), 2).cache == "miss"
        finally:
            end_daemon(settings)


def test_a_cache_that_is_deleted_under_the_daemon(session: Session, config: Config, make_spec: Make) -> None:
    """F07: the next build is right, and soon there are hits again."""
    need("gcc")
    right(session, make_spec(source(1), "c"), 1)
    shutil.rmtree(config.cache_dir)
    right(session, make_spec(source(1), "c"), 1)
    assert wait_until(lambda: (config.cache_dir / "v1" / "index.db").exists())
    assert wait_until(lambda: right(session, make_spec(source(1), "c"), 1).cache == "hit")


def test_daemons_that_are_killed_while_they_store(session: Session, config: Config, make_spec: Make) -> None:
    """F11: nobody is told anything wrong, and the next daemon sweeps up."""
    need("gcc")
    rng = random.Random(5)
    right(session, make_spec(source(0), "c"), 0)
    for number in range(1, KILLS + 1):
        pid = session.status().pid
        killer = threading.Timer(rng.random() * 0.3, os.kill, (pid, signal.SIGKILL))
        killer.start()
        right(session, make_spec(source(number), "c"), number)
        killer.join()
    for number in range(KILLS + 1):
        right(session, make_spec(source(number), "c"), number)
    last = session.status().pid
    stop(config)
    assert wait_until(lambda: not alive(last))
    right(session, make_spec(source(0), "c"), 0)
    work = list((config.cache_dir / "v1" / "work").iterdir())
    assert [place.name.partition("-")[0] for place in work] == [str(session.status().pid)]
    stop(config)
    assert {found.kind for found in check(config.cache_dir)} <= {"blob unknown"}


def test_two_daemons_on_one_cache_folder(config: Config, make_spec: Make) -> None:
    """What one of them made the other one answers, also after one of them cleared it all."""
    need("gcc")
    assert config.socket is not None
    other = replace(config, socket=config.socket.with_name("other.sock"))
    try:
        with Session(config) as one, Session(other) as two:
            assert one.status().pid != two.status().pid
            for turn in range(2):
                for number in range(4):
                    first, second = (one, two) if number % 2 else (two, one)
                    assert right(first, make_spec(source(number), "c"), number).cache == "miss"
                    assert right(second, make_spec(source(number), "c"), number).cache == "hit"
                assert (one if turn else two).clear().entries == 8
            for session in (one, two):
                assert session.status().errors == ()
                right(session, make_spec(source(1), "c"), 1)
    finally:
        end_daemon(other)
        end_daemon(config)
    assert list(check(config.cache_dir)) == []


@pytest.mark.parametrize("shift", [-86_400, 86_400, 10 * 365 * 86_400])
def test_times_of_another_day_change_no_answer(
    session: Session, config: Config, make_spec: Make, project: Path, shift: int
) -> None:  # fmt: skip
    """A clock that jumped left its times on sources and on the store's own files."""
    need("gcc")
    header = project / "own.h"
    spec = make_spec('#include "own.h"\nint puts(const char *);\nint main(void) { return puts(OWN) < 0; }', "c")
    for turn, restart in enumerate((False, True, False)):
        header.write_text(f'#define OWN "{turn}"\n')
        moved = time.time() + shift
        for path in (header, *stored(config.cache_dir)):
            os.utime(path, (moved, moved))
        if restart:
            stop(config)
        right(session, spec, turn)
        right(session, spec, turn)


def rewritten(path: Path) -> None:
    """In place, with the times that it had."""
    facts = path.stat()
    path.chmod(0o755)
    with path.open("r+b") as file:
        file.seek(path.read_bytes().index(b"5\0"))
        file.write(b"6")
    path.chmod(0o555)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def linked_and_rewritten(path: Path) -> None:
    """Through another name of the same file, which then goes."""
    other = path.parent.parent.parent / "other"
    os.link(path, other)
    rewritten(other)
    other.unlink()


def cut_off(path: Path) -> None:
    path.chmod(0o755)
    os.truncate(path, 1000)


def replaced(path: Path) -> None:
    other = path.with_name("other")
    shutil.copy(path, other)
    rewritten(other)
    other.rename(path)


def a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/bin/true")


HANDS = [rewritten, linked_and_rewritten, cut_off, replaced, a_link]


@pytest.mark.parametrize("restart", [False, True])
def test_what_others_do_to_a_program_changes_no_later_run(
    session: Session, config: Config, make_spec: Make, restart: bool
) -> None:  # fmt: skip
    need("gcc")
    spec = make_spec(source(5), "c")
    for hand in HANDS:
        program = Path(right(session, spec, 5).program)
        hand(program)
        if restart:
            stop(config)
        again = right(session, spec, 5)
        assert again.notices == (), hand.__name__
        assert right(session, spec, 5).cache == "hit"


def test_a_program_that_runs_cannot_be_written_into(session: Session, make_spec: Make) -> None:
    """The system forbids it; one that is replaced runs on as it was."""
    need("gcc")
    spec = make_spec(
        'int getchar(void);\nint puts(const char *);\nint main(void) { getchar(); puts("5"); return 0; }', "c"
    )
    program = Path(session.build(spec).program)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert wait_until(lambda: os.path.samefile(f"/proc/{running.pid}/exe", program))
        with pytest.raises(OSError, match="Text file busy"):
            rewritten(program)
        replaced(program)
        assert Path(session.build(spec).program).read_bytes().count(b"5\0") >= 1
        assert running.communicate("\n", timeout=10)[0] == "5\n"
    done = subprocess.run([session.build(spec).program], input="\n", capture_output=True, text=True, check=True)
    assert done.stdout == "5\n"


def test_check_says_nothing_after_all_that(session: Session, config: Config, make_spec: Make) -> None:
    """Each kind of damage once more, and then a repair beside the daemon."""
    need("gcc")
    rng = random.Random(3)
    for number in range(3):
        right(session, make_spec(source(number), "c"), number)
    for path in stored(config.cache_dir)[::2]:
        damage(rng, path)
    assert zcnb(config, "check").returncode == 1
    zcnb(config, "check", "--repair")
    for number in range(3):
        right(session, make_spec(source(number), "c"), number)
    assert zcnb(config, "check").returncode == 0
