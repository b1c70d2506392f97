"""Running a tool as its client would have: streams, terminals, limits, and nothing left behind."""

from __future__ import annotations

import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import alive, group_alive, need, wait_until
from zcnb.model.scene import Scene
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.tool import MOST_OUTPUT, Hold, Killed, run_tool

ENV = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
TTYS: dict[str, Any] = {"stdout_tty": True, "stderr_tty": True, "columns": 91}
PRINTS = "import sys; sys.stdout.write('out\\nmore\\n'); sys.stderr.write('err\\n')"


def job(*argv: str, stdin: bytes = b"", program: str = "", cwd: str = "/", **scene: Any) -> ToolJob:
    return ToolJob(
        argv=argv, program=program, stdin=stdin, scene=Scene(cwd=cwd, env=scene.pop("env", ENV), **scene)
    )  # fmt: skip


def shell(script: str, **more: Any) -> ToolJob:
    return job("sh", "-c", script, **more)


def ran(what: ToolJob) -> ToolResult:
    return run_tool(what)


def descriptors() -> list[int]:
    """All that are open, but for the one that lists them."""
    return sorted(int(fd) for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}"))


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9), ("kill -SEGV $$", -11)])
def test_exit_code(script: str, code: int) -> None:
    assert ran(shell(script)).exit_code == code


def test_streams_are_kept_apart_and_bytes_survive() -> None:
    done = ran(shell(r"printf 'a\377\n'; printf 'b\303\274\r\n' >&2"))
    assert (done.stdout, done.stderr, done.truncated) == ("a\udcff\n", "bü\r\n", False)
    assert done.ms > 0


@pytest.mark.parametrize("data", [b"", b"int x;\n", b"\0\xff\r\n", b"0123456789abcde\n" * 65536], ids=len)
@pytest.mark.parametrize("nice", [None, 19])
def test_stdin_is_all_there_is_to_read(data: bytes, nice: int | None) -> None:
    done = ran(job("sh", "-c", "cat; test -t 0 && echo tty >&2; true", stdin=data, nice=nice))
    assert done.stdout.encode("utf-8", "surrogateescape") == data
    assert done.stderr == ""


def test_a_tool_that_does_not_read_its_stdin_is_not_waited_for() -> None:
    begin = time.monotonic()
    assert ran(shell("exec <&-; exit 0", stdin=b"x" * 10_000_000)).exit_code == 0
    assert time.monotonic() - begin < 10


def test_the_program_is_run_under_the_name_that_was_typed() -> None:
    done = ran(job("typed", "-c", "import sys; print(sys.orig_argv[0])", program=sys.executable))
    assert done.stdout == "typed\n"


def test_environment_is_the_clients_with_ours_on_top() -> None:
    made = ToolJob(
        argv=("env",), scene=Scene(cwd="/", env={**ENV, "MINE": "1", "TMPDIR": "/a"}), more_env={"TMPDIR": "/b"}
    )
    found = dict(line.split("=", 1) for line in ran(made).stdout.splitlines())
    assert found == {**ENV, "MINE": "1", "TMPDIR": "/b", "ZCNB_NESTED": "1"}


def test_folder_is_the_clients(tmp_path: Path) -> None:
    assert ran(job("pwd", "-P", cwd=str(tmp_path))).stdout.strip() == os.path.realpath(tmp_path)


@pytest.mark.parametrize("nice", [None, 0, 19])
@pytest.mark.parametrize("argv", [("/no/such/tool",), ("no-such-tool",), ("/",)])
def test_what_cannot_be_started_is_an_os_error(argv: tuple[str, ...], nice: int | None) -> None:
    before = descriptors()
    with pytest.raises(OSError):
        ran(job(*argv, nice=nice, **TTYS))
    assert descriptors() == before


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0, 0o666)])
def test_umask(tmp_path: Path, umask: int, mode: int) -> None:
    assert ran(shell("touch file; umask", cwd=str(tmp_path), umask=umask)).stdout == f"{umask:04o}\n"
    assert (tmp_path / "file").stat().st_mode & 0o7777 == mode


def test_without_umask_it_is_our_own(tmp_path: Path) -> None:
    old = os.umask(0o037)
    try:
        assert ran(shell("umask")).stdout == "0037\n"
    finally:
        os.umask(old)


@pytest.mark.parametrize(("asked", "more"), [(None, 0), (0, 0), (7, 7), (19, 19)])
def test_niceness(asked: int | None, more: int) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert int(ran(job(need("nice"), nice=asked)).stdout) == max(own, more)


def test_a_nice_tool_gets_its_words_and_gives_its_code() -> None:
    done = ran(shell('echo "$0 $1" >&2; exit 5', nice=19))
    assert done.exit_code == 5
    done = ran(job("sh", "-c", 'echo "$@"; exit 5', "-n", "-x", "a b", nice=19))
    assert (done.stdout, done.exit_code) == ("-x a b\n", 5)


@pytest.mark.parametrize("stdout_tty", [False, True])
@pytest.mark.parametrize("stderr_tty", [False, True])
def test_each_stream_is_a_terminal_where_the_clients_is(stdout_tty: bool, stderr_tty: bool) -> None:
    script = "exec 3>&1; for fd in 1 2 0; do if test -t $fd; then echo $fd yes >&3; else echo $fd no >&3; fi; done"
    done = ran(shell(script, stdout_tty=stdout_tty, stderr_tty=stderr_tty, columns=80))
    word = {True: "yes", False: "no"}
    assert done.stdout == f"1 {word[stdout_tty]}\n2 {word[stderr_tty]}\n0 no\n"


@pytest.mark.parametrize("columns", [0, 1, 80, 213, 65535])
def test_columns(columns: int) -> None:
    script = "import os; print(os.get_terminal_size(1).columns); os.write(2, b'%d' % os.get_terminal_size(2).columns)"
    done = ran(job(sys.executable, "-c", script, **(TTYS | {"columns": columns})))
    assert (done.stdout, done.stderr) == (f"{columns}\n", str(columns))


def test_terminals_change_no_byte() -> None:
    r"""Not even `\n` into `\r\n`, or tabs into spaces."""
    script = r"printf 'a\tb\r\n\377\004\003\033[1m\n'; printf 'c\n\n' >&2"
    plain = ran(shell(script))
    assert ran(shell(script, **TTYS)).stdout == plain.stdout == "a\tb\r\n\udcff\x04\x03\x1b[1m\n"
    assert ran(shell(script, **TTYS)).stderr == plain.stderr == "c\n\n"


def test_last_words_before_the_end_arrive_from_a_terminal() -> None:
    for _ in range(30):
        done = ran(job(sys.executable, "-S", "-c", "import os; os.write(1, b'x' * 3000); os._exit(0)", **TTYS))
        assert len(done.stdout) == 3000


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize(
    ("size", "truncated"), [(MOST_OUTPUT - 1, False), (MOST_OUTPUT, False), (MOST_OUTPUT + 1, True), (9 << 20, True)]
)
def test_long_output_is_cut_off_and_that_is_told(size: int, truncated: bool, tty: bool) -> None:
    done = ran(shell(f"head -c {size} /dev/zero | tr '\\0' x; echo end >&2", stdout_tty=tty))
    assert done.truncated is truncated
    assert done.stdout.count("x") == min(size, MOST_OUTPUT)
    assert done.stdout.endswith("cut off]\n") is truncated
    assert done.stderr == "end\n"


def test_long_messages_are_cut_off_as_well() -> None:
    done = ran(shell(f"head -c {MOST_OUTPUT + 1} /dev/zero | tr '\\0' x >&2"))
    assert (done.truncated, done.stdout) == (True, "")


class Running:
    """A tool in a thread of its own, as a runner runs it."""

    def __init__(self, what: ToolJob) -> None:
        self.hold = Hold()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(what,))
        self._thread.start()

    def _run(self, what: ToolJob) -> None:
        try:
            run_tool(what, self.hold)
        except (Killed, OSError) as error:
            self.error = error

    def kill(self) -> None:
        self.hold.kill()
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert isinstance(self.error, Killed)


def pids_in(path: Path) -> list[int]:
    """What a script wrote there, once its line is whole."""
    assert wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
    return [int(word) for word in path.read_text().split()]


@pytest.mark.parametrize("scene", [{}, TTYS, {"nice": 19}], ids=["pipes", "terminals", "nice"])
def test_killing_ends_the_whole_group(tmp_path: Path, scene: dict[str, Any]) -> None:
    before = descriptors()
    running = Running(shell("sleep 987 & echo $$ $! >pids; wait", cwd=str(tmp_path), **scene))
    pids = pids_in(tmp_path / "pids")
    assert os.getpgid(pids[1]) == os.getpgid(pids[0]) != os.getpgrp()
    running.kill()
    assert not alive(pids[0]), "the leader is gone when the killing is told"
    assert wait_until(lambda: not any(map(alive, pids)), 5)
    assert wait_until(lambda: not group_alive(pids[0]), 5)
    assert descriptors() == before


def test_a_leader_that_left_its_group_behind_is_killed_with_it(tmp_path: Path) -> None:
    running = Running(shell("sleep 986 & echo $$ $! >pids", cwd=str(tmp_path)))
    leader, left = pids_in(tmp_path / "pids")
    assert wait_until(lambda: not alive(leader))
    assert alive(left)
    running.kill()
    assert wait_until(lambda: not alive(left), 5)


def test_who_left_the_group_and_keeps_the_pipe_does_not_hold_up_the_killing(tmp_path: Path) -> None:
    setsid = need("setsid")
    running = Running(shell(f"{setsid} sleep 985 & echo $! >pids; wait", cwd=str(tmp_path)))
    (left,) = pids_in(tmp_path / "pids")
    assert wait_until(lambda: os.getsid(left) == left)
    running.kill()
    os.kill(left, 9)


def test_killing_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    before = descriptors()
    for turn in range(40):
        running = Running(shell(f"exec sleep 98{turn % 10}", cwd=str(tmp_path), **TTYS))
        time.sleep(turn * 0.0003)
        running.kill()
    assert descriptors() == before
    assert sleepers(tmp_path) == []


def sleepers(folder: Path) -> list[int]:
    """Processes that run in `folder`."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            inside = os.readlink(link) == str(folder)
        except OSError:
            continue
        if inside and alive(int(link.parent.name)):
            found.append(int(link.parent.name))
    return found


@pytest.mark.parametrize("scene", [{}, TTYS, {"stderr_tty": True}], ids=["pipes", "terminals", "one of each"])
def test_fifty_runs_leave_no_descriptor(scene: dict[str, Any]) -> None:
    before = descriptors()
    for turn in range(50):
        done = ran(shell("cat; exit 1", stdin=b"x" * turn, nice=turn % 20, **scene))
        assert len(done.stdout) == turn
    assert descriptors() == before


@contextmanager
def room_for(count: int) -> Iterator[None]:
    """So many descriptors can be opened, and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = set(descriptors())
    limit = [fd for fd in range(soft) if fd not in taken][count]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("count", range(7))
def test_running_out_of_descriptors_leaves_none_behind(count: int) -> None:
    """Wherever it happens: at the first terminal, at the second, at the input, at the start."""
    ran(shell("true", stdin=b"x", **TTYS))  # what is imported late is imported by now
    before = descriptors()
    with room_for(count), pytest.raises(OSError):
        ran(shell("true", stdin=b"x", **TTYS))
    gc.collect()
    assert descriptors() == before
