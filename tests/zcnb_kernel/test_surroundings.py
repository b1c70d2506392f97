"""What `!` and `%%bash` find in a notebook: its session, and with `%zcnb shims on` the wrapped compilers."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import need
from tests.zcnb_kernel.conftest import Kernel, Ran
from zcnb.client.control import running_status
from zcnb.client.shims import NAMES, WRAPPED
from zcnb.config import Config
from zcnb.places import SHIMS

pytestmark = pytest.mark.kernel

PRINTS = '#include <cstdio>\nint main() { std::puts("%s"); }\n'
STATS = re.compile(r"This session: (\d+) hits? \(.* spared\), (\d+) miss(?:es)?, (\d+) passed through to the tools\.\n")
WRAPPER = f"{sys.executable} -m zcnb"
COMMAND = "g++ x.cpp -o x && ./x"


@pytest.fixture
def kernel(kernel: Kernel, project: Path) -> Kernel:
    """The same, with a source beside the notebook."""
    (project / "x.cpp").write_text(PRINTS % "hello")
    done(kernel, "import os")
    return kernel


def done(kernel: Kernel, code: str) -> Ran:
    """What a cell put out that ran well."""
    ran = kernel.run(code)
    assert ran.error is None, ran.error
    return ran


def printed(kernel: Kernel, code: str) -> str:
    """What commands of a cell said. They run in a terminal where there is one."""
    return done(kernel, code).stream("stdout").replace("\r\n", "\n")


def counted(kernel: Kernel) -> tuple[int, int, int]:
    """Hits, misses and calls passed through, as the notebook tells."""
    said = done(kernel, "%zcnb stats").stream("stdout")
    match = STATS.fullmatch(said)
    assert match is not None, said
    return int(match[1]), int(match[2]), int(match[3])


def variable(kernel: Kernel, name: str) -> str:
    return kernel.value(f"__import__('os').environ.get({name!r})")


def daemon_counts(config: Config) -> tuple[int, int]:
    status = running_status(config)
    assert status is not None
    return status.hits, status.misses


def test_a_session_that_has_counted_nothing(kernel: Kernel) -> None:
    assert counted(kernel) == (0, 0, 0)


def test_cells_count(kernel: Kernel) -> None:
    for _ in range(3):
        done(kernel, f"%%cpp\n{PRINTS % 'cell'}")
    assert counted(kernel) == (2, 1, 0)


@pytest.mark.parametrize(
    "form",
    ["!{}", "%%bash\n{}", "%%sh\n{}", "import subprocess\nprint(subprocess.getoutput('{}'))"],
    ids=["!", "%%bash", "%%sh", "subprocess"],
)
def test_commands_find_the_shims(kernel: Kernel, config: Config, project: Path, form: str) -> None:
    on = printed(kernel, "%zcnb shims on")
    folder = config.cache_dir / SHIMS
    assert on.startswith(f"On: {', '.join(WRAPPED)} in !, %%bash")
    assert str(folder) in on
    assert len(on.splitlines()) == 1
    for expected in ((0, 1, 0), (1, 1, 0), (2, 1, 0)):
        assert printed(kernel, form.format(COMMAND)).strip() == "hello"
        assert counted(kernel) == expected
        assert daemon_counts(config) == expected[:2]
        (project / "x").unlink()
    (project / "x.cpp").write_text(PRINTS % "edited")
    assert printed(kernel, form.format(COMMAND)).strip() == "edited"
    assert counted(kernel) == (2, 2, 0)


def test_what_fails_fails_as_ever(kernel: Kernel, project: Path) -> None:
    (project / "x.cpp").write_text("int main() { return nothing; }\n")
    done(kernel, "%zcnb shims on")
    ran = kernel.run(f"%%bash\n{COMMAND}")
    assert ran.error is not None
    assert "error: " in ran.stream("stderr")
    assert "nothing" in ran.stream("stderr")
    assert kernel.value("_exit_code if '_exit_code' in dir() else None") == "None"
    done(kernel, f"!{COMMAND}")
    assert kernel.value("_exit_code") == "1"


@pytest.mark.parametrize("name", NAMES)
def test_which_names_the_shim(kernel: Kernel, config: Config, name: str) -> None:
    done(kernel, "%zcnb shims on")
    assert printed(kernel, f"!command -v {name}").strip() == str(config.cache_dir / SHIMS / name)


def test_cells_use_the_compiler_itself(kernel: Kernel, config: Config) -> None:
    """The cache is in front of them already: a shim would put another behind it, and be taken for the compiler."""
    cell = f"%%cpp --report told\n{PRINTS % 'cell'}"
    done(kernel, cell)
    before = kernel.value("told.built.compiler")
    done(kernel, "%zcnb shims on")
    ran = done(kernel, cell)
    assert ran.stream("stdout") == "cell\n"
    assert ran.facts["cache"] == "hit"
    assert kernel.value("told.built.compiler") == before
    assert SHIMS not in before
    assert SHIMS not in kernel.value("told.command")
    ran = done(kernel, f"%%cpp --report told --no-cache\n{PRINTS % 'cell'}")
    assert ran.stream("stdout") == "cell\n"
    assert kernel.value("told.built.compiler") == before
    assert counted(kernel) == (1, 2, 0)
    ran = done(kernel, '%%c\n#include <stdio.h>\nint main(void) { puts("c"); }')
    assert ran.stream("stdout") == "c\n"
    assert counted(kernel) == (1, 3, 0)


def test_rust_cells_use_the_compiler_itself(kernel: Kernel) -> None:
    need("rustc")
    done(kernel, "%zcnb shims on")
    ran = done(kernel, '%%rust --report told\nfn main() { println!("r"); }')
    assert ran.stream("stdout") == "r\n"
    assert SHIMS not in kernel.value("told.built.compiler")
    assert counted(kernel) == (0, 1, 0)


def test_programs_of_cells_see_the_same_variables(kernel: Kernel, config: Config) -> None:
    """A program may well call a compiler: it is the notebook that runs it."""
    done(kernel, "%zcnb shims on")
    cell = '%%cpp\n#include <cstdlib>\nint main() { return std::system("g++ x.cpp -o x") ? 1 : 0; }'
    done(kernel, cell)
    done(kernel, cell)
    assert counted(kernel) == (2, 2, 0)


def test_off_puts_path_back(kernel: Kernel, config: Config) -> None:
    before = variable(kernel, "PATH")
    real = printed(kernel, "!command -v g++")
    done(kernel, "%zcnb shims on")
    assert variable(kernel, "PATH") == repr(f"{config.cache_dir / SHIMS}:{before[1:-1]}")
    printed(kernel, f"!{COMMAND}")
    assert printed(kernel, "%zcnb shims off") == "Off: the compilers are called as they are.\n"
    assert variable(kernel, "PATH") == before
    assert printed(kernel, "!command -v g++") == real
    assert printed(kernel, f"!{COMMAND}").strip() == "hello"
    assert counted(kernel) == (0, 1, 0)
    assert printed(kernel, "%zcnb shims off").startswith("Off")
    assert variable(kernel, "PATH") == before
    done(kernel, "%zcnb shims on")
    printed(kernel, f"!{COMMAND}")
    assert counted(kernel) == (1, 1, 0)


def test_on_twice_is_on_once(kernel: Kernel, config: Config) -> None:
    before = variable(kernel, "PATH")
    done(kernel, "%zcnb shims on")
    once = variable(kernel, "PATH")
    done(kernel, "%zcnb  shims   on")
    assert variable(kernel, "PATH") == once
    assert once.count(SHIMS) == 1
    printed(kernel, f"!{COMMAND}")
    assert counted(kernel) == (0, 1, 0)
    done(kernel, "%zcnb shims off")
    assert variable(kernel, "PATH") == before


def test_on_moves_the_shims_to_the_front_again(kernel: Kernel, config: Config, project: Path) -> None:
    done(kernel, "%zcnb shims on")
    done(kernel, f"os.environ['PATH'] = {str(project)!r} + ':' + os.environ['PATH']")
    done(kernel, "%zcnb shims on")
    folders = variable(kernel, "PATH")[1:-1].split(":")
    assert folders[:2] == [str(config.cache_dir / SHIMS), str(project)]
    assert folders.count(folders[0]) == 1


def test_off_leaves_what_the_person_added(kernel: Kernel, project: Path) -> None:
    before = variable(kernel, "PATH")
    done(kernel, "%zcnb shims on")
    done(kernel, f"os.environ['PATH'] += ':' + {str(project)!r}")
    done(kernel, "%zcnb shims off")
    assert variable(kernel, "PATH") == repr(f"{before[1:-1]}:{project}")


@pytest.mark.parametrize("session", [None, "0123456789abcdef"])
@pytest.mark.parametrize("path", [True, False], ids=["", "without PATH"])
def test_unloading_puts_everything_back(bare_kernel: Kernel, session: str | None, path: bool) -> None:
    done(bare_kernel, "import os")
    if session is not None:
        done(bare_kernel, f"os.environ['ZCNB_SESSION_ID'] = {session!r}")
    if not path:
        done(bare_kernel, "del os.environ['PATH']")
    before = bare_kernel.value("sorted(os.environ.items())")
    done(bare_kernel, "%load_ext zcnb")
    assert re.fullmatch(r"'[0-9a-f]{16}'", variable(bare_kernel, "ZCNB_SESSION_ID"))
    assert variable(bare_kernel, "ZCNB_SESSION_ID") != repr(session)
    done(bare_kernel, "%zcnb shims on")
    done(bare_kernel, "%unload_ext zcnb")
    assert bare_kernel.value("sorted(os.environ.items())") == before


def test_loading_again_is_another_session(kernel: Kernel) -> None:
    done(kernel, "%zcnb shims on")
    printed(kernel, f"!{COMMAND}")
    before = variable(kernel, "ZCNB_SESSION_ID")
    done(kernel, "%reload_ext zcnb")
    assert variable(kernel, "ZCNB_SESSION_ID") != before
    assert SHIMS not in variable(kernel, "PATH")
    assert counted(kernel) == (0, 0, 0)


def test_commands_count_in_this_notebooks_session(kernel: Kernel, config: Config, project: Path) -> None:
    """Also without shims, where the build names the wrapper itself."""
    need("make")
    (project / "y.cpp").write_text("int y() { return 1; }\n")
    (project / "Makefile").write_text("x: x.o y.o\n\t$(CXX) x.o y.o -o x\n%.o: %.cpp\n\t$(CXX) -c $< -o $@\n")
    make = f'make CXX="{WRAPPER} g++" && ./x && rm x x.o y.o'
    assert printed(kernel, f"!{make}").splitlines()[-1] == "hello"
    assert counted(kernel) == (0, 3, 0)
    assert printed(kernel, f"!{make}").splitlines()[-1] == "hello"
    assert counted(kernel) == (3, 3, 0)
    assert printed(kernel, f"!{WRAPPER} g++ -E x.cpp > x.i").strip() == ""
    assert counted(kernel) == (3, 3, 1)
    assert printed(kernel, f"!env -u ZCNB_SESSION_ID {make}").splitlines()[-1] == "hello"
    assert counted(kernel) == (3, 3, 1)
    assert daemon_counts(config) == (6, 3)


def test_a_parallel_make_through_the_shims(kernel: Kernel, config: Config, project: Path) -> None:
    need("make")
    names = [f"u{number}" for number in range(8)]
    for name in names:
        (project / f"{name}.cpp").write_text(f'#include "u.h"\nint {name}() {{ return U; }}\n')
    (project / "u.h").write_text("#define U 0\n")
    (project / "Makefile").write_text(f"all: {' '.join(f'{name}.o' for name in names)}\n")
    done(kernel, "%zcnb shims on")
    for expected in ((0, 8, 0), (8, 8, 0)):
        printed(kernel, "%%bash\nmake -j4 && rm *.o")
        assert counted(kernel) == expected
    status = running_status(config)
    assert status is not None
    assert (status.uncached, status.uncached_reasons) == (0, {})


def test_shims_that_cannot_be_made_are_a_clear_error(bare_kernel: Kernel, config: Config) -> None:
    config.cache_dir.write_text("a file is in the way")
    done(bare_kernel, "%load_ext zcnb")
    before = variable(bare_kernel, "PATH")
    ran = bare_kernel.run("%zcnb shims on")
    assert ran.error is not None
    assert ran.error["ename"] == "UsageError"
    assert ran.error["evalue"].startswith(f"The shims cannot be made in {config.cache_dir}: ")
    assert len(ran.error["traceback"]) == 1
    assert variable(bare_kernel, "PATH") == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_a_clear_error(bare_kernel: Kernel, config: Config) -> None:
    config.cache_dir.mkdir(mode=0o500)
    done(bare_kernel, "%load_ext zcnb")
    ran = bare_kernel.run("%zcnb shims on")
    assert ran.error is not None
    assert ran.error["ename"] == "UsageError"
    assert "Permission denied" in ran.error["evalue"]


@pytest.mark.parametrize("words", ["shims", "shims maybe", "on", "stats now", ""])
def test_other_words_are_told_what_there_is(kernel: Kernel, words: str) -> None:
    ran = kernel.run(f"%zcnb {words}")
    assert ran.error is not None
    assert ran.error["ename"] == "UsageError"
    for verb in ("stats", "shims on", "shims off"):
        assert verb in ran.error["evalue"]
