"""The wrapper as a process: interrupted, killed, called hundreds of times at once, with its ends closed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import alive, end_daemon, wait_until
from tests.wrapper.oracle import COUNTS, Oracle
from zcnb.client.control import running_status
from zcnb.config import Config

MAIN = "int main() { return 0; }"
HANGS = """case " $* " in *" -c "*) ;; *) exec /usr/bin/g++ "$@";; esac
case " $* " in *" -### "*|*" -E "*|*" -M "*|*" -v "*) exec /usr/bin/g++ "$@";; esac
touch {sign}
exec sleep 30"""


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    oracle.source("m.cpp", MAIN)
    return oracle


def working_in(folder: Path) -> list[int]:
    """The processes whose working folder is `folder`, or that name it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            if os.readlink(entry / "cwd") == str(folder) or str(folder).encode() + b"/" in words:
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if alive(pid)]


def hanging(bench: Oracle, wrapped: bool) -> subprocess.Popen[bytes]:
    """A compile in a process group of its own, once its compiler hangs."""
    sign = bench.folder.parent / "sign"
    sign.unlink(missing_ok=True)
    tool = bench.script("t/g++", HANGS.format(sign=sign))
    argv = [*(bench.wrapper if wrapped else []), str(tool), "-c", "m.cpp", "-o", "m.o"]
    env = bench.wrapped_env() if wrapped else bench.bare_env()
    process = subprocess.Popen(argv, cwd=bench.folder, env=env, process_group=0, stderr=subprocess.DEVNULL)
    assert wait_until(sign.exists)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_to_the_group(bench: Oracle, number: signal.Signals) -> None:
    """Ctrl-C: all ends, soon, by that signal, and no object appears."""
    codes = []
    for wrapped in (False, True):
        process = hanging(bench, wrapped)
        os.killpg(process.pid, number)
        codes.append(process.wait(5))
        assert wait_until(lambda: not working_in(bench.folder), 2), "a compiler still runs"
        assert not bench.path("m.o").exists()
    assert codes[1] in {codes[0], 128 + number}
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")


def test_ctrl_c_ends_make(bench: Oracle) -> None:
    """Make removes its target and says so only if its child died by the signal."""
    sign = bench.folder.parent / "sign"
    tool = bench.script("t/g++", HANGS.format(sign=sign))
    bench.write("Makefile", f"all: m.o n.o\n%.o: %.cpp\n\t$(W) {tool} -c $< -o $@\n")
    bench.source("n.cpp", "int n;")
    for env in (bench.bare_env(), bench.wrapped_env()):
        sign.unlink(missing_ok=True)
        process = subprocess.Popen(
            ["make", "-s"], cwd=bench.folder, env=env, process_group=0, stderr=subprocess.PIPE, text=True
        )
        assert wait_until(sign.exists)
        sign.unlink()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
        assert process.returncode in {2, -signal.SIGINT}, said
        assert not sign.exists(), "make went on with the next target"
        assert wait_until(lambda: not working_in(bench.folder), 2)


def test_wrapper_killed(bench: Oracle) -> None:
    process = hanging(bench, wrapped=True)
    process.kill()
    process.wait(5)
    assert wait_until(lambda: not working_in(bench.folder), 2), "its compiler outlives it"
    bench.same("g++", "-c", "m.cpp", "-o", "m.o")


def test_compiler_killed(bench: Oracle) -> None:
    """A compiler that dies by a signal is told as the shell would tell it."""
    for number in ("KILL", "SEGV", "TERM"):
        bench.script("t/g++", f'case " $* " in *" -c "*) kill -{number} $$;; *) exec g++ "$@";; esac')
        bench.shell("$W ./t/g++ -c m.cpp -o m.o; echo $?; ls", loose="err")


@pytest.mark.parametrize("code", [1, 2, 4, 42, 127, 255])
def test_exit_code(bench: Oracle, code: int) -> None:
    bench.script("t/g++", f'case " $* " in *" -c "*) echo out; echo err >&2; exit {code};; *) exec g++ "$@";; esac')
    bench.thrice("./t/g++", "-c", "m.cpp", "-o", "m.o")


def test_much_to_say(bench: Oracle) -> None:
    """Four megabytes on stderr and as much on stdout arrive whole."""
    bench.script("t/g++", 'yes warning | head -c 4000000 >&2; yes note | head -c 4000000; exec g++ "$@"')
    bench.thrice("./t/g++", "-c", "m.cpp", "-o", "m.o")


def test_large_object(bench: Oracle) -> None:
    bench.write("large.s", '.data\n.fill 100000000, 1, 7\n.section .note.GNU-stack,"",@progbits\n')
    bench.shell("for i in 1 2; do $W g++ -c large.s; echo $?; cksum large.o; rm large.o; done")


def test_three_hundred_at_once(alone: Oracle) -> None:
    """None of them fails, none mixes up its output with another's, and one daemon is enough."""
    for number in range(300):
        alone.write(f"{number}.cpp", f"int f{number}() {{ return {number}; }}\n")

    def compile_one(number: int) -> tuple[int, bytes]:
        argv = [*alone.wrapper, "g++", "-c", f"{number}.cpp"]
        with subprocess.Popen(argv, cwd=alone.folder, env=alone.wrapped_env(), stderr=subprocess.PIPE) as process:
            said = process.communicate(timeout=150)[1]
            return process.returncode, said

    with ThreadPoolExecutor(300) as pool:
        done = list(pool.map(compile_one, range(300)))
    assert set(done) == {(0, b"")}
    made = {number: alone.path(f"{number}.o").read_bytes() for number in range(300)}
    for number in (0, 7, 299):
        subprocess.run(["g++", "-c", f"{number}.cpp"], cwd=alone.folder, check=True)
        assert alone.path(f"{number}.o").read_bytes() == made[number]
    assert len(set(made.values())) == 300
    if COUNTS:
        socket = str(alone.config.socket).encode()
        pids = {int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if _names(path, socket)}
        assert len({pid for pid in pids if _parent(pid) not in pids}) <= 1, "more than one daemon"
        assert running_status(alone.config) is not None


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _names(path: Path, text: bytes) -> bool:
    try:
        return text in path.read_bytes() or text in (path.parent / "cmdline").read_bytes()
    except OSError:
        return False


def test_same_source_many_times_at_once(bench: Oracle) -> None:
    script = "for i in $(seq 24); do $W g++ -c m.cpp -o $i.o & done; wait; cksum *.o | cut -d' ' -f1 | uniq -c"
    assert len(bench.shell(script).splitlines()) == 1


@pytest.mark.parametrize(
    "line", ["zcnb g++", "zcnb zcnb g++", "zcnb zcnb zcnb g++", "zcnb ./t/g++", "zcnb zcnb ./t/g++"]
)
def test_wrapper_inside_a_wrapper(bench: Oracle, line: str) -> None:
    """No deadlock, also when the compiler is a script that calls the wrapper itself."""
    launcher = bench.launcher()
    bench.script("t/g++", f'exec {launcher} g++ "$@"')
    env = bench.wrapped_env() | {"PATH": f"{launcher.parent}:{os.environ['PATH']}"}
    for _ in range(3):
        done = subprocess.run(
            [*line.split(), "-c", "m.cpp"], cwd=bench.folder, env=env, capture_output=True, timeout=60
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        made = bench.path("m.o").read_bytes()
        subprocess.run(["g++", "-c", "m.cpp"], cwd=bench.folder, check=True)
        assert bench.path("m.o").read_bytes() == made


def test_wrapper_as_a_masquerading_link(bench: Oracle) -> None:
    """A folder first on PATH with a script named g++ that calls the wrapper with g++ must not call itself for ever."""
    launcher = bench.folder.parent / "masks" / "g++"
    launcher.parent.mkdir()
    # It is called bare as well: with our settings, or it would start a daemon of the person who runs the tests.
    ours = " ".join(f"{name}={value}" for name, value in bench.wrapped_env().items() if name.startswith("ZCNB_"))
    launcher.write_text(f'#!/bin/sh\nexec env {ours} {" ".join(bench.wrapper)} /usr/bin/g++ "$@"\n')
    launcher.chmod(0o755)
    bench.shell(f"PATH={launcher.parent}:$PATH; for i in 1 2; do g++ -c m.cpp; echo $?; done")


def test_stdin_is_left_alone(bench: Oracle) -> None:
    for name in "abc":
        bench.source(f"{name}.cpp", f"int {name};")
    script = "printf 'a\\nb\\nc\\n' | while read x; do $W g++ -c $x.cpp -o $x.o; echo $x; done"
    for _ in range(2):
        assert bench.shell(script) == b"a\nb\nc\n"


@pytest.mark.parametrize(
    "ends", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", "</dev/null", "2>/dev/full", ">/dev/full"]
)
@pytest.mark.parametrize("line", ["-c m.cpp", "-c warn.cpp -Wall", "-E m.cpp", "--version"])
def test_closed_ends(bench: Oracle, ends: str, line: str) -> None:
    bench.source("warn.cpp", "static int never() { return 1; }")
    bench.shell(f"for i in 1 2; do $W g++ {line} {ends}; echo $?; ls; done", loose="err" if "2>" not in ends else "")


@pytest.mark.parametrize("descriptor", [3, 9])
def test_inherited_descriptors(bench: Oracle, descriptor: int) -> None:
    """A pipe that the caller waits on is not kept open by a daemon that a call happened to start."""
    script = f"( $W g++ -c m.cpp {descriptor}>&1 >/dev/null; echo done ) | cat"
    begun = time.monotonic()
    bench.shell(script)
    assert time.monotonic() - begun < 20


def test_jobserver(bench: Oracle) -> None:
    """`+` recipes hand make's jobserver to the compiler; -flto=jobserver has to find it."""
    bench.write("Makefile", "all:\n\t+$(W) g++ -flto=jobserver -frandom-seed=1 m.cpp -o prog\n")
    bench.shell("make -s -j2; ./prog; echo $?")


def test_disabled(alone: Oracle) -> None:
    alone.source("m.cpp", MAIN)
    for line in ("-c m.cpp", "-c none.cpp", "m.cpp -o prog", "--version"):
        alone.thrice("g++", *line.split(), env={"ZCNB_DISABLE": "1"})
    assert running_status(alone.config) is None


def test_nested(alone: Oracle) -> None:
    """What the daemon runs does not go back to the daemon."""
    alone.source("m.cpp", MAIN)
    alone.thrice("g++", "-c", "m.cpp", env={"ZCNB_NESTED": "1"})
    assert running_status(alone.config) is None


def test_two_cache_folders_are_two_daemons(alone: Oracle, tmp_path: Path) -> None:
    alone.source("m.cpp", MAIN)
    alone.same("g++", "-c", "m.cpp", how="miss")
    other = Oracle(alone.folder, Config(cache_dir=tmp_path / "other", socket=Path(f"{alone.config.socket}2")))
    try:
        other.same("g++", "-c", "m.cpp", how="miss")
        other.same("g++", "-c", "m.cpp", how="hit")
        alone.same("g++", "-c", "m.cpp", how="hit")
    finally:
        end_daemon(other.config)
