"""The object is right whatever state the daemon and its folder are in; at most one line more on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import alive, end_daemon, wait_until
from tests.wrapper.oracle import COUNTS, Oracle
from zcnb.client.control import running_status

MAIN = "int main() { return 0; }"
LINES = ("-c m.cpp -o m.o", "-c m.cpp -o n.o", "-c bad.cpp", "m.cpp -o prog", "--version")
PATIENCE_S = 30.0


@pytest.fixture
def bench(alone: Oracle) -> Oracle:
    alone.source("m.cpp", MAIN)
    alone.source("bad.cpp", "int f() { return nothing; }")
    return alone


def compiles(bench: Oracle) -> None:
    """Everything goes as bare, in reasonable time."""
    for line in LINES:
        begun = time.monotonic()
        bench.same("g++", *line.split(), extra_line=True)
        assert time.monotonic() - begun < PATIENCE_S


def daemon_of(bench: Oracle) -> int:
    """The daemon's process, or 0 if there is none to be had."""
    found = running_status(bench.config) if COUNTS else None
    return found.pid if found else 0


def send(pid: int, number: signal.Signals) -> None:
    if pid:
        os.kill(pid, number)


def test_killed_before(bench: Oracle) -> None:
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")
    pid = daemon_of(bench)
    send(pid, signal.SIGKILL)
    assert wait_until(lambda: not pid or not alive(pid))
    compiles(bench)


def test_frozen_before(bench: Oracle) -> None:
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")
    pid = daemon_of(bench)
    send(pid, signal.SIGSTOP)
    try:
        bench.same("g++", "-c", "m.cpp", "-o", "n.o", extra_line=True)
        bench.same("g++", "m.cpp", "-o", "prog", extra_line=True)
    finally:
        if pid and alive(pid):
            send(pid, signal.SIGCONT)
    compiles(bench)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_lost_while_the_compiler_runs(bench: Oracle, number: signal.Signals) -> None:
    sign = bench.folder.parent / "sign"
    bench.script("t/g++", f'case " $* " in *" -c "*) touch {sign}; sleep 0.7;; esac\nexec /usr/bin/g++ "$@"')
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")
    pid = daemon_of(bench)
    sign.unlink(missing_ok=True)

    def strike() -> None:
        wait_until(sign.exists)
        sign.unlink()  # the bare call's
        wait_until(sign.exists)
        send(pid, number)

    striker = threading.Thread(target=strike)
    striker.start()
    bench.same("./t/g++", "-c", "m.cpp", "-o", "m.o", extra_line=True)
    striker.join()
    if number == signal.SIGSTOP and pid and alive(pid):
        send(pid, signal.SIGCONT)
    compiles(bench)


def test_ended_again_and_again(bench: Oracle) -> None:
    for _ in range(3):
        bench.same("g++", "-c", "m.cpp", "-o", "m.o")
        end_daemon(bench.config)
        bench.same("g++", "-c", "m.cpp", "-o", "m.o")


def test_cache_removed_under_the_daemon(bench: Oracle) -> None:
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")
    subprocess.run(["rm", "-rf", bench.config.cache_dir], check=True)
    compiles(bench)
    compiles(bench)


@pytest.mark.parametrize("damage", ["flip", "halve", "empty", "append"])
def test_stored_files_damaged(bench: Oracle, damage: str) -> None:
    for line in LINES:
        bench.same("g++", *line.split())
    for path in bench.config.cache_dir.rglob("*") if COUNTS else ():
        if path.is_file() and not path.name.startswith("index") and path.suffix not in {".sqlite", ".db", ".log"}:
            path.chmod(0o600)
            data = path.read_bytes()
            middle = len(data) // 2
            flipped = data[:middle] + bytes([255 - b for b in data[middle : middle + 1]]) + data[middle + 1 :]
            path.write_bytes({"flip": flipped, "halve": data[:middle], "empty": b"", "append": data + b"x"}[damage])
    compiles(bench)
    compiles(bench)


def test_cache_folder_is_a_file(bench: Oracle) -> None:
    bench.config.cache_dir.write_text("in the way")
    compiles(bench)


def test_cache_folder_cannot_be_made(bench: Oracle) -> None:
    bench.config = replace(bench.config, cache_dir=Path("/proc/none/cache"))
    compiles(bench)


def test_socket_cannot_be_made(bench: Oracle) -> None:
    bench.config = replace(bench.config, socket=Path("/proc/none/s.sock"))
    compiles(bench)


def test_something_else_at_the_socket(bench: Oracle) -> None:
    assert bench.config.socket is not None
    bench.config.socket.write_text("no socket")
    compiles(bench)
    bench.config.socket.unlink(missing_ok=True)


def test_setting_that_makes_no_sense(bench: Oracle) -> None:
    bench.same("g++", "-c", "m.cpp", env={"ZCNB_MAX_SIZE": "plenty"}, extra_line=True)


def test_very_small_cache(bench: Oracle) -> None:
    for _ in range(2):
        for line in LINES:
            bench.same("g++", *line.split(), env={"ZCNB_MAX_SIZE": "1k"}, extra_line=True)


@pytest.fixture
def disk(bench: Oracle, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Mounts a small disk with the given options where the cache folder is."""
    place = bench.config.cache_dir
    place.mkdir(parents=True)

    def mount(options: str) -> None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", place], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"cannot mount: {done.stderr.strip()}")

    yield mount
    end_daemon(bench.config)
    subprocess.run(["umount", "-l", place], capture_output=True, check=False)


def test_read_only_disk(bench: Oracle, disk: Callable[[str], None]) -> None:
    disk("size=1m,ro")
    compiles(bench)
    compiles(bench)


@pytest.mark.parametrize("size", ["64k", "256k", "1m"])
def test_full_disk(bench: Oracle, disk: Callable[[str], None], size: str) -> None:
    disk(f"size={size}")
    for number in range(6):
        bench.source("big.cpp", f"char big[200000] = {{{number + 1}}};")
        bench.same("g++", "-c", "big.cpp", extra_line=True)
        bench.same("g++", "-c", "big.cpp", extra_line=True)
    compiles(bench)


def test_disk_without_programs(bench: Oracle, disk: Callable[[str], None]) -> None:
    disk("size=20m,noexec")
    for _ in range(2):
        bench.shell("$W g++ m.cpp -o prog 2>&1 && ./prog; echo $?")
