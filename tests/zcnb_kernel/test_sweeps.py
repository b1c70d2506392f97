"""Sweeps in a real kernel: what the cell shows, returns and keeps; interrupt; death of the kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import alive, group_alive, need, wait_until
from tests.zcnb_kernel.conftest import Kernel, Ran, kernel_environment, new_kernel
from zcnb.config import Config
from zcnb.osdep import process_start

pytestmark = pytest.mark.kernel

HELLO = '#include <cstdio>\nint main() { std::puts("hello"); }'
LASTS = """
#include <cstdio>
#include <unistd.h>
int main() {
  std::FILE* file = std::fopen("pid", "w");
  std::fprintf(file, "%d\\n", getpid());
  std::fclose(file);
  if (N == 1) for (;;) pause();
}"""


@pytest.fixture(params=["daemon", "alone"])
def either(request: pytest.FixtureRequest, config: Config, project: Path) -> Iterator[Kernel]:
    """A kernel with a daemon, and one that is not to use any."""
    env = kernel_environment(config) | ({"ZCNB_DISABLE": "1"} if request.param == "alone" else {})
    manager, client = new_kernel(env, project)
    made = Kernel(manager, client)
    assert made.run("%load_ext zcnb").error is None
    yield made
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def result(ran: Ran) -> dict[str, str]:
    """The data of the cell's result."""
    (content,) = (content for kind, content in ran.messages if kind == "execute_result")
    return dict(content["data"])


def lasting(project: Path) -> int:
    """The process of the program that waits for ever, once it has for half a second: it is guarded by then."""

    def age() -> float:
        pid = (project / "pid").read_text() if (project / "pid").exists() else ""
        started = process_start(int(pid)) if pid.endswith("\n") else 0
        ticks = time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")
        return (ticks - started) / os.sysconf("SC_CLK_TCK") if started else 0.0

    assert wait_until(lambda: age() > 0.5, 60)
    return int((project / "pid").read_text())


def test_the_result_is_the_table_and_an_object(either: Kernel) -> None:
    ran = either.run(f'%%cpp -Wall --sweep "-O0 -O2" --repeat 3 --report kept\n{HELLO}')
    assert ran.error is None
    assert ran.stream("stdout") == ran.stream("stderr") == ""
    data = result(ran)
    for form in ("text/plain", "text/html"):
        assert "-O2" in data[form]
        assert "median ms" in data[form]
        assert "-Wall" in data[form]
    assert either.value("(len(_), type(_).__name__, _ is kept)") == "(2, 'Sweep', True)"
    either.run("last = %zcnb last")
    assert either.value("last is kept") == "True"
    assert either.value("[(row.label, row.exit_code, len(row.runs_ms), row.same_output) for row in kept]") == repr(
        [("-O0", 0, 3, True), ("-O2", 0, 3, True)]
    )
    assert either.value("kept[0].stdout") == repr("hello\n")


def test_it_grows_while_it_lasts_and_is_shown_once_in_the_end(kernel: Kernel) -> None:
    flags = " ".join(f"-DN={number}" for number in range(6))
    ran = kernel.run(f'%%cpp --sweep "{flags}" --repeat 1\n#include <iostream>\nint main() {{}}')
    kinds = [kind for kind, _ in ran.messages if kind not in {"status", "execute_input"}]
    assert kinds[0] == "display_data"
    assert kinds[1:-2] == ["update_display_data"] * len(kinds[1:-2])
    assert kinds[-2:] == ["clear_output", "execute_result"]
    assert len(kinds) > 4
    shown = [content["data"]["text/plain"] for kind, content in ran.messages if kind.endswith("display_data")]
    assert "built " in shown[0]
    assert "<script" not in str(ran.messages)


def test_an_assigned_sweep_is_not_shown_but_for_its_last_picture(kernel: Kernel) -> None:
    code = f"kept = get_ipython().run_cell_magic('cpp', '--sweep \"-O0 -O1\" --repeat 1', {HELLO!r})"
    ran = kernel.run(code)
    assert ran.error is None
    assert not [kind for kind, _ in ran.messages if kind == "execute_result"]
    assert kernel.value("kept.best() in kept") == "True"


def test_a_second_sweep_is_answered_from_the_cache(kernel: Kernel) -> None:
    cell = f'%%cpp --sweep "-O0 -O2" --repeat 1\n{HELLO}'
    assert "2 compiled" in result(kernel.run(cell))["text/plain"]
    assert "2 from the cache" in result(kernel.run(cell))["text/plain"]
    assert kernel.run(f"%%cpp -O2\n{HELLO}").facts["cache"] == "hit"  # a variant is a cell like any other


def test_its_builds_count_in_the_session(kernel: Kernel) -> None:
    cell = f'%%cpp --sweep "-O0 -O2" --repeat 1\n{HELLO}'
    assert kernel.run(cell).error is None
    assert kernel.run(cell).error is None
    assert kernel.run("%zcnb stats").stream("stdout").startswith("This session: 2 hits")


def test_a_cache_folder_that_cannot_be_used_means_a_notice(bare_kernel: Kernel, config: Config) -> None:
    config.cache_dir.parent.mkdir(exist_ok=True)
    config.cache_dir.write_text("a file is in the way")
    bare_kernel.run("%load_ext zcnb")
    ran = bare_kernel.run(f'%%cpp --sweep "-O0 -O2" --repeat 2\n{HELLO}')
    assert ran.error is None
    text = result(ran)["text/plain"]
    assert "2 compiled" in text
    assert "without the cache" in text


def test_rust(kernel: Kernel) -> None:
    need("rustc")
    ran = kernel.run('%%rust --sweep "-Copt-level=0 -Copt-level=3" --repeat 2\nfn main() { println!("rust"); }')
    assert ran.error is None
    assert "-Copt-level=3" in result(ran)["text/plain"]
    assert kernel.value("_[1].stdout") == repr("rust\n")


def test_an_interrupt_shows_and_keeps_what_is_done(either: Kernel, project: Path) -> None:
    request = either.start(f'%%cpp --sweep "-DN=0 -DN=1 -DN=2" --repeat 5 --report kept\n{LASTS}')
    group = lasting(project)
    either.manager.interrupt_kernel()
    ran = either.collect(request)
    assert ran.error is not None
    assert ran.error["ename"] == "KeyboardInterrupt"
    last = ran.displays[-1]["data"]
    assert "stopped" in last["text/plain"]
    assert "stopped" in last["text/html"]
    assert wait_until(lambda: not group_alive(group), 5)
    assert either.value("(kept.interrupted, [len(row.runs_ms) for row in kept])") == "(True, [1, 0, 0])"
    assert either.run(f"%%cpp\n{HELLO}").stream("stdout") == "hello\n"


def test_an_interrupt_while_building_ends_the_compilers(either: Kernel, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo $$ > {project}/pid; sleep 60;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    request = either.start(f'%%cpp --sweep "-O0 -O1" --compiler {slow}\nint main() {{}}')
    assert wait_until(lambda: (project / "pid").exists() and bool((project / "pid").read_text()), 60)
    either.manager.interrupt_kernel()
    ran = either.collect(request)
    assert ran.error is not None
    assert ran.error["ename"] == "KeyboardInterrupt"
    pid = int((project / "pid").read_text())
    assert wait_until(lambda: not alive(pid))


def test_a_killed_kernel_leaves_no_program_behind(kernel: Kernel, project: Path) -> None:
    kernel.start(f'%%cpp --sweep "-DN=1" --repeat 5\n{LASTS}')
    pid = lasting(project)
    kernel.manager.signal_kernel(signal.SIGKILL)
    assert wait_until(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('--sweep ""', "'' stands for no flag"),
        ("--repeat 0", "from 1 to 1000"),
        ('--sweep "-O0" --out text', "its own output"),
        (" ".join(['--sweep "-Da -Db"'] * 9), "512 combinations"),
    ],
)
def test_bad_lines_get_a_clear_error(kernel: Kernel, line: str, said: str) -> None:
    ran = kernel.run(f"%%cpp {line}\nint main() {{}}")
    assert ran.error is not None
    assert ran.error["ename"] == "UsageError"
    assert said in ran.error["evalue"]
    assert len(ran.error["traceback"]) == 1


def test_loading_imports_nothing_of_it(bare_kernel: Kernel) -> None:
    bare_kernel.run("%load_ext zcnb\nimport sys")
    assert bare_kernel.value("[name for name in sys.modules if name.startswith('zcnb_kernel.sweep')]") == "[]"


def test_terminal_ipython(config: Config, project: Path) -> None:
    cell = f'%%cpp --sweep "-O0 -O2" --repeat 2\n{HELLO}'
    script = f"%load_ext zcnb\nget_ipython().run_cell({json.dumps(cell)})\n"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input=script,
        env={**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)},
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "2 variants × 2 runs" in done.stdout, done.stdout + done.stderr
    assert "median ms" in done.stdout
    assert "built 0 of" not in done.stdout  # no line that changes where stdout is no terminal
