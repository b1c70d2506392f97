"""Cells in a real kernel: hit and miss, output, errors, variables, interrupt."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import alive, group_alive, need, wait_until
from tests.zcnb_kernel.conftest import Kernel
from zcnb.client.control import running_status, stop
from zcnb.config import Config

pytestmark = pytest.mark.kernel

HELLO = '%%cpp\n#include <cstdio>\nint main() { std::puts("hello"); }'


def test_a_cell_is_a_miss_then_a_hit_and_both_print(kernel: Kernel) -> None:
    first, second = kernel.run(HELLO), kernel.run(HELLO)
    assert first.stream("stdout") == second.stream("stdout") == "hello\n"
    assert (first.facts["cache"], second.facts["cache"]) == ("miss", "hit")
    assert first.facts["timings"]["compile"] > 0
    assert second.facts["timings"]["compile"] == second.facts["timings"]["link"] == 0
    assert second.facts["timings"]["run"] > 0


def test_a_hit_comes_across_a_restart_of_the_kernel(kernel: Kernel) -> None:
    kernel.run(HELLO)
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    kernel.run("%load_ext zcnb")
    assert kernel.run(HELLO).facts["cache"] == "hit"


def test_the_card_has_widget_html_and_text_with_the_same_facts(kernel: Kernel) -> None:
    ran = kernel.run(HELLO)
    data = ran.displays[-1]["data"]
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    for form in ("text/plain", "text/html"):
        assert "miss" in data[form]
        assert "g++" in data[form]
        assert "exit 0" in data[form]
        for phase in ("lookup", "compile", "link", "run"):
            assert phase in data[form]


def test_rust(kernel: Kernel) -> None:
    need("rustc")
    cell = '%%rust\nfn main() { println!("rust {}", line!()); eprintln!("apart"); }'
    first, second = kernel.run(cell), kernel.run(cell)
    assert first.stream("stdout") == "rust 2\n"
    assert first.stream("stderr") == "apart\n"
    assert second.facts["cache"] == "hit"


def test_c_and_another_compiler(kernel: Kernel) -> None:
    ran = kernel.run('%%c -Wall\n#include <stdio.h>\nint main(void) { printf("%d\\n", __LINE__); return 0; }')
    assert ran.stream("stdout") == "3\n"
    assert ran.facts["compiler"].startswith("gcc ")
    clang = need("clang++-19")
    ran = kernel.run(f"%%cpp --compiler {clang}\nint main() {{ return __clang_major__ == 19 ? 0 : 1; }}")
    assert ran.error is None
    assert ran.facts["compiler"].startswith("clang++-19 19")


def test_arguments_and_both_streams(kernel: Kernel) -> None:
    ran = kernel.run(
        "%%cpp -O1 -- a 'b c'\n#include <cstdio>\n"
        'int main(int n, char** v) { std::printf("%d %s\\n", n, v[2]); std::fprintf(stderr, "%s\\n", v[1]); }'
    )
    assert ran.stream("stdout") == "3 b c\n"
    assert ran.stream("stderr") == "a\n"


def test_output_appears_line_by_line_while_the_program_runs(kernel: Kernel) -> None:
    request = kernel.start(
        '%%cpp\n#include <cstdio>\n#include <unistd.h>\nint main() { std::printf("one\\n"); sleep(30); }'
    )
    ran = kernel.collect(request, until="one")
    assert ran.stream("stdout") == "one\n"
    kernel.manager.interrupt_kernel()
    assert kernel.collect(request).error is not None


def test_an_interrupt_ends_the_program_and_all_it_started(kernel: Kernel, project: Path) -> None:
    request = kernel.start(
        "%%cpp\n#include <cstdio>\n#include <cstdlib>\n#include <unistd.h>\n#include <csignal>\n"
        "int main() { signal(SIGINT, SIG_IGN); if (fork() == 0) { pause(); }\n"
        '  std::FILE* f = std::fopen("pids", "w"); std::fprintf(f, "%d", getpid()); std::fclose(f);\n'
        '  std::puts("up"); while (true) pause(); }'
    )
    kernel.collect(request, until="up")
    group = int((project / "pids").read_text())
    kernel.manager.interrupt_kernel()
    ran = kernel.collect(request)
    assert ran.error is not None
    assert ran.error["ename"] == "KeyboardInterrupt"
    assert wait_until(lambda: not group_alive(group), 5)
    assert kernel.run(HELLO).stream("stdout") == "hello\n"


def test_an_interrupt_while_compiling_ends_the_compiler(kernel: Kernel, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo $$ > {project}/pid; sleep 60;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    request = kernel.start(f"%%cpp --compiler {slow}\nint main() {{}}")
    assert wait_until(lambda: (project / "pid").exists() and bool((project / "pid").read_text()))
    shown: list[str] = []
    while not any("compiling" in text for text in shown):  # the progress bar is up
        message = kernel.client.get_iopub_msg(timeout=30)
        shown.append(message["content"].get("data", {}).get("text/plain", ""))
    kernel.manager.interrupt_kernel()
    ran = kernel.collect(request)
    assert ran.error is not None
    assert ran.error["ename"] == "KeyboardInterrupt"
    assert ran.displays[-1]["data"]["text/plain"] == "[zcnb] stopped while compiling"
    assert set(ran.displays[-1]["data"]) == {"text/plain", "text/html"}
    pid = int((project / "pid").read_text())
    assert wait_until(lambda: not alive(pid))


def test_a_killed_kernel_leaves_no_program_behind(kernel: Kernel, project: Path) -> None:
    request = kernel.start(
        "%%cpp\n#include <cstdio>\n#include <unistd.h>\n"
        'int main() { std::FILE* f = std::fopen("pid", "w"); std::fprintf(f, "%d", getpid()); std::fclose(f);\n'
        '  std::puts("up"); while (true) pause(); }'
    )
    kernel.collect(request, until="up")
    pid = int((project / "pid").read_text())
    kernel.manager.signal_kernel(signal.SIGKILL)
    assert wait_until(lambda: not alive(pid))


def test_compile_errors_carry_the_cells_lines_and_raise(kernel: Kernel) -> None:
    ran = kernel.run('\n\n%%cpp\nint main() {\n  int x = "text";\n}')
    assert ran.error is not None
    assert ran.error["ename"] == "CompileError"
    assert len(ran.error["traceback"]) == 1
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", ran.displays[-1]["data"]["text/plain"])
    assert re.search(r"In\[\d+\]:5:11: error:", plain), plain
    assert "\x1b[" in ran.displays[-1]["data"]["text/plain"]
    assert '<span style="font-weight:bold;color:' in ran.displays[-1]["data"]["text/html"]
    assert ran.stream("stderr") == ""


def test_warnings_are_display_data_and_come_again_on_a_hit(kernel: Kernel) -> None:
    cell = "%%cpp -Wall\nint main() { int unused; }"
    for expected in ("miss", "hit"):
        ran = kernel.run(cell)
        assert ran.facts["cache"] == expected
        assert ran.stream("stderr") == ""
        assert "-Wunused-variable" in ran.displays[-1]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("int main() { return 3; }", "exit code 3"),
        ("int main() { __builtin_trap(); }", "SIGILL"),
        ("int main() { *(volatile int*)0 = 1; }", "SIGSEGV"),
        ("#include <cstdlib>\nint main() { std::abort(); }", "SIGABRT"),
    ],
)
def test_programs_that_end_badly_raise_and_name_the_signal(kernel: Kernel, body: str, said: str) -> None:
    ran = kernel.run(f"%%cpp\n{body}")
    assert ran.error is not None
    assert ran.error["ename"] == "ProgramError"
    assert said in ran.error["evalue"]


def test_no_raise_error_goes_on(kernel: Kernel) -> None:
    ran = kernel.run("%%cpp --no-raise-error\nint main() { return 3; }")
    assert ran.error is None
    assert kernel.value("get_ipython().run_line_magic('zcnb', 'last').exit_code") == "3"


def test_a_cell_without_main_says_so(kernel: Kernel) -> None:
    ran = kernel.run("%%cpp\nint helper() { return 1; }")
    assert ran.error is not None
    assert "has no main function" in ran.error["evalue"]


def test_out_err_report_and_last(kernel: Kernel) -> None:
    ran = kernel.run(
        "%%cpp --out o --err e --report r -O1\n#include <cstdio>\n"
        'int main() { std::puts("to out"); std::fputs("to err", stderr); }'
    )
    assert ran.stream("stdout") == ran.stream("stderr") == ""
    assert kernel.value("o") == repr("to out\n")
    assert kernel.value("e") == repr("to err")
    kernel.run("last = %zcnb last")
    assert kernel.value("last is r") == "True"
    assert kernel.value("(r.cache, r.exit_code, list(r.timings))") == repr(
        ("miss", 0, ["lookup", "compile", "link", "run", "total"])
    )
    assert kernel.value("'-O1' in r.command and 'g++' in r.compiler") == "True"
    assert kernel.value("any(path.endswith('/cstdio') for path in r.inputs)") == "True"


def test_no_run_and_no_cache(kernel: Kernel) -> None:
    ran = kernel.run('%%cpp --no-run\n#include <cstdio>\nint main() { std::puts("ran"); }')
    assert ran.stream("stdout") == ""
    assert ran.facts["exit_code"] is None
    for _ in range(2):
        assert kernel.run("%%cpp --no-cache\nint main() { }").facts["cache"] == "miss"


def test_a_timeout_ends_the_program(kernel: Kernel) -> None:
    ran = kernel.run("%%cpp --timeout 0.3\nint main() { for (;;) { } }")
    assert ran.error is not None
    assert "did not end in time" in ran.error["evalue"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--no-rum", "Did you mean --no-run?"),
        ("--timeout soon", "must be a number of seconds"),
        ("--out 3x", "must be the name of a variable"),
        ("--compiler", "needs a value"),
        ("'unclosed", "quotes"),
        ("-o prog", "zcnb chooses"),
        ("-c", "whole program"),
        ("other.cpp", "only options"),
        ("--compiler no-such-compiler", "was not found on PATH"),
    ],
)
def test_bad_magic_lines_get_a_clear_error(kernel: Kernel, line: str, said: str) -> None:
    ran = kernel.run(f"%%cpp {line}\nint main() {{}}")
    assert ran.error is not None
    assert ran.error["ename"] in {"UsageError", "CompilerNotFound"}
    assert said in ran.error["evalue"]
    assert len(ran.error["traceback"]) == 1


def test_a_cell_that_is_not_unicode_says_where(kernel: Kernel) -> None:
    code = "get_ipython().run_cell_magic('cpp', '', 'int main() {}\\n// \\udce9\\n')"
    ran = kernel.run(code)
    assert ran.error is not None
    assert "Line 3" in ran.error["evalue"]


def test_a_header_that_is_not_utf8_compiles(kernel: Kernel, project: Path) -> None:
    (project / "latin.hpp").write_bytes(b"// caf\xe9\ninline int three() { return 3; }\n")
    ran = kernel.run('%%cpp\n#include "latin.hpp"\nint main() { return three() - 3; }')
    assert ran.error is None


def test_output_that_is_not_utf8_is_shown(kernel: Kernel) -> None:
    ran = kernel.run('%%cpp\n#include <cstdio>\nint main() { std::puts("a\\xff\\xfe" "b"); }')
    assert ran.error is None
    assert ran.stream("stdout") == "a\ufffd\ufffdb\n"


def test_help_unload_and_reload(kernel: Kernel) -> None:
    request = kernel.start("%%cpp?")
    reply = kernel.client.get_shell_msg(timeout=30)
    while reply["parent_header"]["msg_id"] != request:
        reply = kernel.client.get_shell_msg(timeout=30)
    shown = reply["content"]["payload"][0]["data"]["text/plain"]
    assert "--compiler NAME" in shown
    assert "program arguments" in shown
    kernel.collect(request)
    assert kernel.run("%reload_ext zcnb").error is None
    assert kernel.run(HELLO).stream("stdout") == "hello\n"
    assert kernel.run("%unload_ext zcnb").error is None
    gone = kernel.run(HELLO)
    assert "not found" in gone.stream("stderr")
    assert kernel.run("%load_ext zcnb").error is None
    assert kernel.run(HELLO).stream("stdout") == "hello\n"


def test_unload_gives_back_magics_of_others(bare_kernel: Kernel) -> None:
    bare_kernel.run(
        "from IPython.core.magic import register_cell_magic\n"
        "@register_cell_magic\ndef cpp(line, cell): print('another')"
    )
    bare_kernel.run("%load_ext zcnb")
    bare_kernel.run("%unload_ext zcnb")
    assert bare_kernel.run("%%cpp\nx").stream("stdout") == "another\n"


def test_progress_is_shown_against_the_last_miss(kernel: Kernel, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text('#!/bin/sh\ncase "$*" in *-c*) sleep 0.8;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    for number in (1, 2):
        ran = kernel.run(f"%%cpp --compiler {slow}\nint main() {{ return {number} - {number}; }}", cellId="c1")
        updates = [c["data"]["state"] for kind, c in ran.messages if kind == "comm_msg"]
        bars = [state["value"] for state in updates if isinstance(state.get("value"), float)]
        texts = [state["value"] for state in updates if "compile" in str(state.get("value"))]
        assert bars == sorted(bars)
        assert len(bars) >= 3
        assert any("of about" in text for text in texts) == (number == 2)
        assert ran.error is None


def test_status_is_a_widget_that_updates_by_itself(kernel: Kernel) -> None:
    kernel.run(HELLO)
    ran = kernel.run("%zcnb status")
    data = ran.displays[0]["data"]
    assert "application/vnd.jupyter.widget-view+json" in data
    for word in ("state", "pid", "version", "uptime", "hit rate", "cache", "in flight", "recent errors"):
        assert word in data["text/plain"]
        assert word in data["text/html"]
    kernel.run(HELLO)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        message = kernel.client.get_iopub_msg(timeout=20)
        value = message["content"].get("data", {}).get("state", {}).get("value", "")
        if message["msg_type"] == "comm_msg" and "1 hit, 1 miss" in value:
            return
    pytest.fail("no update came")


def test_terminal_ipython(config: Config, project: Path) -> None:
    script = f"%load_ext zcnb\nget_ipython().run_cell({HELLO!r})\n%zcnb status\n"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input=script,
        env={**os.environ, "ZCNB_CACHE_DIR": str(config.cache_dir), "ZCNB_SOCKET": str(config.socket)},
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "hello\n" in done.stdout
    assert "[zcnb] miss" in done.stdout
    assert "zcnb daemon" in done.stdout
    assert "hit rate" in done.stdout


def test_no_compiler_is_one_sentence_that_says_what_to_install(kernel: Kernel, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    kernel.run(f"import os; os.environ['PATH'] = {str(empty)!r}")
    for magic, said in (("cpp", "apt install g++"), ("rust", "rustup.rs"), ("c", "apt install gcc")):
        ran = kernel.run(f"%%{magic}\nint main() {{}}")
        assert ran.error is not None
        assert ran.error["ename"] == "CompilerNotFound"
        assert said in ran.error["evalue"]


def test_a_daemon_killed_in_the_middle_of_a_compile(kernel: Kernel, config: Config, project: Path) -> None:
    slow = project / "slow++"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *-c*) touch {project}/busy; sleep 1;; esac\nexec g++ "$@"\n')
    slow.chmod(0o755)
    request = kernel.start(f'%%cpp --compiler {slow}\n#include <cstdio>\nint main() {{ std::puts("made it"); }}')
    assert wait_until((project / "busy").exists)
    status = running_status(config)
    assert status is not None
    os.kill(status.pid, signal.SIGKILL)
    ran = kernel.collect(request)
    assert ran.error is None
    assert ran.stream("stdout") == "made it\n"
    assert (
        kernel.run(f'%%cpp --compiler {slow}\n#include <cstdio>\nint main() {{ std::puts("made it"); }}').error is None
    )


def test_a_frozen_daemon_costs_seconds_not_the_answer(kernel: Kernel, config: Config) -> None:
    """It is replaced, and the cell is told so; the result that it had stored is there again."""
    kernel.run(HELLO)
    status = running_status(config)
    assert status is not None
    os.kill(status.pid, signal.SIGSTOP)
    begin = time.monotonic()
    try:
        ran = kernel.run(HELLO)
        lasted = time.monotonic() - begin
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(status.pid, signal.SIGCONT)
    assert ran.error is None
    assert ran.stream("stdout") == "hello\n"
    assert ran.facts["cache"] == "hit"
    assert "the daemon was stuck; a fresh one took its place" in ran.displays[-1]["data"]["text/html"]
    assert lasted < 20
    fresh = running_status(config)
    assert fresh is not None
    assert fresh.pid != status.pid
    assert wait_until(lambda: not alive(status.pid))
    again = kernel.run(HELLO)
    assert again.facts["cache"] == "hit"
    assert "stuck" not in again.displays[-1]["data"]["text/html"]


def test_a_stopped_daemon_is_started_again(kernel: Kernel, config: Config) -> None:
    kernel.run(HELLO)
    assert kernel.run("%zcnb stop").stream("stdout") == "The daemon has ended.\n"
    assert running_status(config) is None
    assert kernel.run(HELLO).facts["cache"] == "hit"
    assert stop(config)


def test_a_cache_folder_that_cannot_be_used_means_a_notice(bare_kernel: Kernel, config: Config) -> None:
    config.cache_dir.parent.mkdir(exist_ok=True)
    config.cache_dir.write_text("a file is in the way")
    bare_kernel.run("%load_ext zcnb")
    ran = bare_kernel.run(HELLO)
    assert ran.error is None
    assert ran.stream("stdout") == "hello\n"
    assert ran.facts["cache"] == "direct"
    assert "cannot be used" in ran.displays[-1]["data"]["text/html"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_means_a_notice(bare_kernel: Kernel, config: Config) -> None:
    config.cache_dir.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(config.cache_dir)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let tests mount")
    try:
        bare_kernel.run("%load_ext zcnb")
        for _ in range(2):
            ran = bare_kernel.run("%%cpp\nstatic const char big[400000] = {1};\nint main() { return big[7]; }")
            assert ran.error is None, ran.error
            assert ran.facts["cache"] == "direct"
        assert bare_kernel.run("%%cpp\nint main() { }").error is None
        stop(config)
    finally:
        subprocess.run(["umount", "-l", str(config.cache_dir)], check=True)


def test_reports_are_json_in_the_saved_notebook(kernel: Kernel) -> None:
    assert json.loads(json.dumps(kernel.run(HELLO).facts))["language"] == "c++"


def test_ccache_as_the_compiler_works(kernel: Kernel, project: Path) -> None:
    ccache = need("ccache")
    masquerade = project / "bin" / "g++"
    masquerade.parent.mkdir()
    shutil.copy(ccache, masquerade)
    ran = kernel.run(f"%%cpp --compiler {masquerade}\nint main() {{}}")
    assert ran.error is None, ran.error
