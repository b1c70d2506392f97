"""Private folders, locks between processes, process groups, process start times."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import wait_until
from zcnb.errors import EndpointError
from zcnb.osdep import (
    FileLock,
    append_line,
    end_process,
    endpoint_folder,
    kill_group,
    open_terminal,
    peer_uid,
    private_folder,
    process_alive,
    process_start,
    runtime_folder,
    write_whole,
)

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
ROOT = Path(__file__).parent.parent.parent
NOBODY = 65534
PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="process times are read from /proc")

Start = Callable[..., "subprocess.Popen[str]"]

HOLD = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from zcnb.osdep import FileLock
lock = FileLock(Path(sys.argv[1]))
print("free" if lock.acquire(blocking=False) else "taken", flush=True)
for word in sys.stdin:
    lock.release()
    print("released", flush=True)
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(*argv)`: a process in its own group, with pipes; ended afterwards."""
    started: list[subprocess.Popen[str]] = []

    def run(*argv: str, close_fds: bool = True) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            argv, stdin=pipe, stdout=pipe, text=True, start_new_session=True, close_fds=close_fds
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def hold(start: Start, path: Path) -> subprocess.Popen[str]:
    return start(sys.executable, "-c", HOLD, str(path), str(ROOT))


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def odd_umask() -> Iterator[None]:
    old = os.umask(0o277)
    yield
    os.umask(old)


def test_a_private_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert private_folder(path) == path
    assert mode(path) == 0o700
    assert private_folder(path) == path


def test_the_umask_does_not_take_the_folder_from_its_owner(tmp_path: Path, odd_umask: None) -> None:
    assert mode(private_folder(tmp_path / "a")) == 0o700


@pytest.mark.parametrize("wrong", [0o777, 0o755, 0o750, 0o500, 0o1777])
def test_its_mode_is_repaired(tmp_path: Path, wrong: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(wrong)
    private_folder(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o700


def test_what_is_in_it_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    (tmp_path / "a" / "file").write_text("text")
    assert (private_folder(tmp_path / "a") / "file").read_text() == "text"


@pytest.mark.parametrize("target", ["folder", "file", "nothing"])
def test_a_link_is_refused_and_its_target_left_alone(tmp_path: Path, target: str) -> None:
    aim, link = tmp_path / "aim", tmp_path / "link"
    if target == "folder":
        aim.mkdir()
        aim.chmod(0o755)
    elif target == "file":
        aim.write_text("")
    link.symlink_to(aim)
    with pytest.raises(EndpointError):
        private_folder(link)
    assert link.is_symlink()
    assert aim.exists() == (target != "nothing")
    assert target != "folder" or mode(aim) == 0o755


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(EndpointError, match="cannot be made"):
            private_folder(path)
    assert (tmp_path / "a").read_text() == "text"


@AS_ROOT
def test_another_users_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.mkdir()
    path.chmod(0o777)
    os.chown(path, NOBODY, NOBODY)
    with pytest.raises(EndpointError, match=f"uid {NOBODY}"):
        private_folder(path)
    assert mode(path) == 0o777


def test_the_runtime_folder_is_short_and_this_users() -> None:
    assert str(runtime_folder()) == f"/tmp/zcnb-{os.getuid()}"


def test_a_lock_is_exclusive_between_processes(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "lock"
    holder = hold(start, path)
    assert said(holder) == "free"
    lock = FileLock(path)
    assert not lock.acquire(blocking=False)
    assert holder.stdin is not None
    holder.stdin.write("release\n")
    holder.stdin.flush()
    assert said(holder) == "released"
    assert lock.acquire(blocking=False)
    assert said(hold(start, path)) == "taken"
    lock.release()
    assert said(hold(start, path)) == "free"


def test_a_lock_ends_with_its_holder(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "lock"
    holder = hold(start, path)
    assert said(holder) == "free"
    holder.kill()
    with FileLock(path):  # waits for the kernel to let go, no longer
        assert path.exists()
    assert holder.wait(5) == -signal.SIGKILL


def test_a_child_does_not_inherit_a_lock(tmp_path: Path, start: Start) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    child = start("cat", close_fds=False)
    lock.release()
    again = FileLock(tmp_path / "lock")
    assert again.acquire(blocking=False)
    again.release()
    assert child.poll() is None


def test_two_locks_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"):
        assert not FileLock(tmp_path / "lock").acquire(blocking=False)
    other = FileLock(tmp_path / "lock")
    assert other.acquire(blocking=False)
    other.release()


def test_releasing_what_is_not_held_is_harmless(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.release()
    with lock:
        lock.release()
    lock.release()


def test_a_stale_lock_file_means_nothing_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path):
        assert mode(path) == 0o600
    assert path.exists()
    with FileLock(path):
        pass


def test_a_lock_file_is_not_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "aim")
    with pytest.raises(OSError):
        FileLock(tmp_path / "lock").acquire()
    assert not (tmp_path / "aim").exists()


def test_no_descriptor_is_left_by_a_lock(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    with FileLock(tmp_path / "lock"):
        FileLock(tmp_path / "lock").acquire(blocking=False)
    assert len(os.listdir("/dev/fd")) == before


def test_a_lock_is_waited_for_so_long(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "lock"
    holder = hold(start, path)
    assert said(holder) == "free"
    lock = FileLock(path)
    begin = time.monotonic()
    assert not lock.acquire_within(0.1)
    assert 0.1 <= time.monotonic() - begin < 5
    assert lock.taken()
    assert lock.holder() == holder.pid
    holder.kill()
    assert lock.acquire_within(5)
    assert lock.holder() == os.getpid()
    lock.release()
    assert lock.holder() == 0, "nobody has it, whatever is written in it"


def test_asking_whether_it_is_taken_does_not_take_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = FileLock(path)
    assert not lock.taken()
    assert not path.exists()
    with FileLock(path):
        assert lock.taken()
    assert not lock.taken()
    assert FileLock(path).acquire(blocking=False)


def test_a_lock_that_was_handed_over_is_held_until_both_let_go(tmp_path: Path) -> None:
    lock, heir = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    lock.acquire()
    fd = os.dup(lock.fileno())
    os.set_inheritable(fd, True)
    heir.inherit(fd)
    assert not os.get_inheritable(fd)
    lock.release()
    assert lock.taken()
    heir.release()
    assert not lock.taken()


def test_an_endpoints_folder_is_made_private_or_left_as_the_person_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_folder(tmp_path / "a" / "b" / "s.sock")
    assert mode(tmp_path / "a" / "b") == 0o700
    (tmp_path / "open").mkdir(mode=0o755)
    endpoint_folder(tmp_path / "open" / "s.sock")
    assert mode(tmp_path / "open") == 0o755
    monkeypatch.setattr("zcnb.osdep.posix.runtime_folder", lambda: tmp_path / "open")
    endpoint_folder(tmp_path / "open" / "s.sock")
    assert mode(tmp_path / "open") == 0o700


def test_a_line_is_appended_and_a_full_log_moved_aside(tmp_path: Path) -> None:
    log, aside = tmp_path / "log", tmp_path / "aside"
    for line in (b"one", b"two", b"three"):
        append_line(log, line, 6, aside)
    assert (log.read_bytes(), aside.read_bytes()) == (b"three\n", b"one\ntwo\n")
    assert mode(log) == mode(aside) == 0o600


def test_a_torn_line_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\ntw")
    append_line(tmp_path / "log", b"three", 99, tmp_path / "aside")
    assert (tmp_path / "log").read_bytes() == b"one\ntw\nthree\n"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, b"one")
    assert (path.read_bytes(), mode(path)) == (b"one", 0o600)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["file"]


@PROC
def test_a_process_gets_term_and_then_kill(start: Start) -> None:
    gentle, deaf = start("sleep", "60"), start("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
    assert said(deaf) == "ready"
    begin = time.monotonic()
    assert end_process(gentle.pid, process_start(gentle.pid), 20)
    assert time.monotonic() - begin < 15
    assert gentle.wait(5) == -signal.SIGTERM
    assert end_process(deaf.pid, process_start(deaf.pid), 0.2)
    assert deaf.wait(5) == -signal.SIGKILL


@PROC
def test_a_frozen_process_is_ended(start: Start) -> None:
    process = start("sleep", "60")
    process.send_signal(signal.SIGSTOP)
    assert end_process(process.pid, process_start(process.pid), 0.1)
    assert process.wait(5) in (-signal.SIGKILL, -signal.SIGTERM)


@pytest.mark.parametrize("wrong", [-1, 0, 1])
def test_a_process_with_another_start_is_left_alone(start: Start, wrong: int) -> None:
    process = start("cat")
    assert not end_process(process.pid, process_start(process.pid) + wrong if wrong else 0, 0.1)
    assert process.poll() is None


@pytest.mark.parametrize("pid", [0, 1, -1, 2**22 + 1])
def test_nobody_is_ended_by_a_pid_that_is_none(pid: int) -> None:
    assert not end_process(pid, process_start(1), 0.1)


@PROC
def test_who_ended_is_not_alive_although_nobody_collected_it(start: Start) -> None:
    process = start("cat")
    assert process_alive(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not process_alive(process.pid)


@PROC
def test_killing_a_group_ends_all_of_it(start: Start) -> None:
    leader = start("sh", "-c", "sleep 60 & echo $!; wait")
    child = int(said(leader))
    assert process_start(child) > 0
    assert kill_group(leader.pid)
    assert leader.wait(5) == -signal.SIGKILL
    leader.communicate()  # ends when the last holder of the pipe is gone
    assert wait_until(lambda: not runs(child), 5)


def runs(pid: int) -> bool:
    """Whether `pid` still runs; a zombie that nobody reaps does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_group_gets_the_signal_that_was_asked_for(start: Start) -> None:
    leader = start("sleep", "60")
    assert kill_group(leader.pid, signal.SIGTERM)
    assert leader.wait(5) == -signal.SIGTERM


def test_a_group_that_is_gone_is_false(start: Start) -> None:
    leader = start("true")
    leader.wait(5)
    assert not kill_group(leader.pid)


@PROC
def test_processes_are_told_apart_by_their_start(start: Start) -> None:
    own = process_start(os.getpid())
    assert 0 < own == process_start(os.getpid())
    time.sleep(2 / os.sysconf("SC_CLK_TCK"))
    first = process_start(start("cat").pid)
    time.sleep(2 / os.sysconf("SC_CLK_TCK"))
    second = process_start(start("cat").pid)
    assert own < first < second


@PROC
def test_a_processs_name_cannot_fake_its_start(tmp_path: Path, start: Start) -> None:
    odd = tmp_path / "a) S 1 1 (b"
    odd.symlink_to("/bin/cat")
    process = start(str(odd))
    assert process_start(process.pid) >= process_start(os.getpid())


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_a_process_that_is_not_there_has_no_start(pid: int) -> None:
    assert process_start(pid) == 0


def test_a_process_that_ended_has_no_start(start: Start) -> None:
    process = start("true")
    process.wait(5)
    assert process_start(process.pid) == 0


def test_the_peer_of_a_socket_is_this_user() -> None:
    one, two = socket.socketpair()
    with one, two:
        assert peer_uid(one) == peer_uid(two) == os.getuid()


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Our end and the tool's end, 97 columns wide."""
    ends = open_terminal(97)
    yield ends
    for fd in ends:
        with contextlib.suppress(OSError):  # the test closed it
            os.close(fd)


def test_a_terminal_is_one_to_the_tool_and_as_wide_as_asked(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    assert os.isatty(theirs)
    assert os.get_terminal_size(theirs).columns == os.get_terminal_size(ours).columns == 97


@pytest.mark.parametrize("columns", [0, 1, 80, 65535])
def test_any_width_will_do(columns: int) -> None:
    ends = open_terminal(columns)
    assert os.get_terminal_size(ends[1]).columns == columns
    for fd in ends:
        os.close(fd)


def test_a_terminal_passes_every_byte_on_as_it_is(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    data = bytes(range(256)) + b"a\nb\r\nc\td\n"
    os.write(theirs, data)
    os.close(theirs)
    got = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while chunk := os.read(ours, 4096):
            got += chunk
    assert got == data


def test_the_end_of_a_terminal_comes_after_its_last_writer(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    with subprocess.Popen(["sh", "-c", "sleep 0.1; echo late"], stdout=theirs):
        os.close(theirs)
        assert os.read(ours, 4096) == b"late\n"
        with pytest.raises(OSError):
            os.read(ours, 4096)


def test_a_terminal_is_not_inherited_and_controls_nobody(terminal: tuple[int, int]) -> None:
    assert not any(map(os.get_inheritable, terminal))
    script = f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from zcnb.osdep import open_terminal; " + (
        "os.setsid(); open_terminal(80); os.open('/dev/tty', os.O_RDWR)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "No such device or address: '/dev/tty'" in done.stderr
