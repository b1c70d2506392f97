"""A compiler that is exchanged: each part of it by itself, in place, with the same size and times, or elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import Desk, follows, keeping_times, shows

PRINTS_X = shows("X")


def asked(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def gcc(plain: Desk) -> Desk:
    """A desk with a g++ of its own in `own`, whose helpers are scripts that run the system's."""
    real = Path(need("g++")).resolve()
    libraries = Path(asked("g++", "-print-file-name=cc1plus")).parent
    own = plain.path("own") / libraries.relative_to("/usr")
    own.mkdir(parents=True)
    for entry in libraries.iterdir():
        (own / entry.name).symlink_to(entry)
    plain.path("own/bin").mkdir()
    shutil.copy(real, plain.path("own/bin/g++"))
    return plain


def helper(desk: Desk, name: str) -> tuple[str, str]:
    """Where the desk's g++ finds `name`, in its folder of programs, and where the system's lies."""
    folder = next(desk.path("own").glob("lib/gcc/*/*"))
    system = asked("g++", f"-print-prog-name={name}")
    return str((folder / name).relative_to(desk.folder)), system if "/" in system else need(system)


def exchange(desk: Desk, path: str, body: str) -> None:
    desk.path(path).unlink(missing_ok=True)
    desk.script(path, body)


ADDS_OBJECT = 'exec {real} "$@" {folder}/v{value}.o'
HELPERS = {
    "cc1plus": (PRINTS_X, 'exec {real} -DX={value} "$@"'),
    "as": (shows("*x", 'extern "C" const char x[];\nasm(".data\\nx: .byte X\\n.text");'),
           'exec {real} --defsym X={value} "$@"'),
    "ld": (shows("v()", 'extern "C" int v(void);'), ADDS_OBJECT),
    "collect2": (shows("v()", 'extern "C" int v(void);'), ADDS_OBJECT),
}  # fmt: skip


@pytest.mark.parametrize("name", HELPERS)
def test_what_gcc_drives_edited_in_place(gcc: Desk, name: str) -> None:
    source, body = HELPERS[name]
    path, real = helper(gcc, name)
    for value in (1, 2):
        gcc.object(f"v{value}.o", value)

    def edit(value: int) -> None:
        exchange(gcc, path, body.format(real=real, value=value, folder=gcc.folder))

    edit(1)
    cell = gcc.cell(source, compiler="./own/bin/g++")

    def again(value: int) -> None:
        text = gcc.path(path).read_text()
        other = text.replace("{}{}".format("X=" if "X=" in text else "v", 3 - value),
                             "{}{}".format("X=" if "X=" in text else "v", value))  # fmt: skip
        keeping_times(gcc.path(path), lambda: gcc.path(path).write_text(other))

    follows(cell, lambda: again(2), lambda: again(1))


@pytest.mark.parametrize("name", ["as", "ld", "real-ld", "collect-ld"])
def test_what_gcc_drives_appears_in_its_own_folder(gcc: Desk, name: str) -> None:
    """They were found elsewhere before, or not at all."""
    for value in (1, 2):
        gcc.object(f"v{value}.o", value)
    source, body = HELPERS["as" if name == "as" else "ld"]
    path, _ = helper(gcc, name if name in {"as", "ld"} else "ld")
    path = path.rpartition("/")[0] + f"/{name}"
    tool = name if name == "as" else "ld"
    script = body.format(real=need(tool), value=1, folder=gcc.folder)
    gcc.script(f"tools/{tool}", script)
    cell = gcc.cell(source, compiler="./own/bin/g++", PATH=f"{gcc.path('tools')}:{os.environ['PATH']}")
    follows(
        cell,
        lambda: exchange(gcc, path, body.format(real=need(tool), value=2, folder=gcc.folder)),
        lambda: gcc.remove(path),
    )


@pytest.mark.parametrize("name", ["liblto_plugin.so", "cc1plus", "lto-wrapper"])
def test_a_binary_of_gcc_upgraded(gcc: Desk, name: str) -> None:
    """Other bytes, that do the same: whether they do is not for zcnb to know."""
    path = helper(gcc, "cc1plus")[0].replace("cc1plus", name)
    cell = gcc.cell(shows("1"), compiler="./own/bin/g++")
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    data = gcc.path(path).read_bytes()
    gcc.remove(path)
    gcc.write(path, data + b"another").chmod(0o755)
    built = cell.build()
    assert [step.cache for step in built.steps] == ["miss", "miss"]


def test_specs_appear_beside_gcc(gcc: Desk) -> None:
    path = helper(gcc, "cc1plus")[0].replace("cc1plus", "specs")
    cell = gcc.cell(shows("V", "#ifndef V\n#define V 1\n#endif"), compiler="./own/bin/g++")
    follows(cell, lambda: gcc.write(path, "*cpp:\n+ -DV=2\n\n"), lambda: gcc.remove(path))


def test_specs_of_a_flag_edited(gcc: Desk) -> None:
    """`-fopenmp` brings in a file of its own."""
    path = helper(gcc, "cc1plus")[0].replace("cc1plus", "libgomp.spec")
    cell = gcc.cell(shows("v()", 'extern "C" int v(void);'), "-fopenmp", compiler="./own/bin/g++")
    for value in (1, 2):
        gcc.object(f"v{value}.o", value)

    def edit(value: int) -> None:
        gcc.path(path).unlink()  # it is a link to the system's
        gcc.write(path, f"*link_gomp: {gcc.folder}/v{value}.o\n")

    edit(1)
    follows(cell, lambda: edit(2), lambda: edit(1))


@pytest.mark.parametrize("name", ["as", "ld", "cc1plus", "collect2"])
def test_what_gcc_drives_appears_in_compiler_path(plain: Desk, name: str) -> None:
    for value in (1, 2):
        plain.object(f"v{value}.o", value)
    source, body = HELPERS[name]
    system = asked("g++", f"-print-prog-name={name}")
    scripts = {
        value: body.format(real=system if "/" in system else need(name), value=value, folder=plain.folder)
        for value in (1, 2)
    }
    plain.script(f"late/{name}", scripts[1])
    plain.path("early").mkdir()
    cell = plain.cell(source, COMPILER_PATH="early:late")
    follows(cell, lambda: plain.script(f"early/{name}", scripts[2]), lambda: plain.remove(f"early/{name}"))


@pytest.mark.parametrize("name", ["ld", "x86_64-pc-linux-gnu-ld"])
def test_clangs_linker_appears_on_path(plain: Desk, name: str) -> None:
    need("clang++-19")
    for value in (1, 2):
        plain.object(f"v{value}.o", value)
    plain.path("early").mkdir()
    body = HELPERS["ld"][1]
    plain.script("late/ld", body.format(real=need("ld"), value=1, folder=plain.folder))
    path = f"{plain.path('early')}:{plain.path('late')}:{os.environ['PATH']}"
    cell = plain.cell(HELPERS["ld"][0], compiler="clang++-19", PATH=path)
    other = body.format(real=need("ld"), value=2, folder=plain.folder)
    follows(cell, lambda: plain.script(f"early/{name}", other), lambda: plain.remove(f"early/{name}"))


@pytest.mark.parametrize("name", ["ld.mold", "x86_64-pc-linux-gnu-ld.mold"])
def test_chosen_linker_appears(both: Desk, name: str) -> None:
    """Drivers look into folders of their own (here by `COMPILER_PATH`) before they look on PATH; clang also by the
    target's name, which gcc does not know."""
    if both.compiler == "g++" and name != "ld.mold":
        pytest.skip("gcc has no such name")
    for value in (1, 2):
        both.object(f"v{value}.o", value)
    both.path("early").mkdir()
    body = HELPERS["ld"][1]
    both.script("late/ld.mold", body.format(real=need("ld"), value=1, folder=both.folder))
    early, path = str(both.path("early")), f"{both.path('late')}:{os.environ['PATH']}"
    env = {"PATH": path, "COMPILER_PATH": early} if name == "ld.mold" else {"PATH": f"{early}:{path}"}
    cell = both.cell(HELPERS["ld"][0], "-fuse-ld=mold")
    cell.env |= env
    other = body.format(real=need("ld"), value=2, folder=both.folder)
    follows(cell, lambda: both.script(f"early/{name}", other), lambda: both.remove(f"early/{name}"))


def test_library_of_a_compiler_appears(both: Desk) -> None:
    """`LD_LIBRARY_PATH` holds for compilers, too: one library of theirs, another build of it."""
    name = "libz.so.1"
    both.path("early").mkdir()
    cell = both.cell(shows("1"), LD_LIBRARY_PATH=str(both.path("early")))
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")
    listed = asked("ldd", asked("g++", "-print-prog-name=cc1plus") if both.compiler == "g++" else need(both.compiler))
    real = next(line.split()[2] for line in listed.splitlines() if name in line)
    both.write(f"early/{name}", Path(real).read_bytes() + b"another")
    assert cell.build().steps[0].cache == "miss"
    assert cell.look() == ("hit", "1")
    both.remove(f"early/{name}")
    assert cell.look() == ("hit", "1")


def test_library_of_a_chosen_linker_appears(plain: Desk) -> None:
    linker = need("ld.mold")
    plain.path("early").mkdir()
    cell = plain.cell(shows("1"), "-fuse-ld=mold", LD_LIBRARY_PATH=str(plain.path("early")))
    assert [cell.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    real = next(line.split()[2] for line in asked("ldd", linker).splitlines() if "libcrypto.so.3" in line)
    plain.write("early/libcrypto.so.3", Path(real).read_bytes() + b"another")
    built = cell.build()
    assert built.steps[1].cache == "miss"


def test_clang_upgraded_in_place(plain: Desk) -> None:
    """The driver is small: its code lies in libraries, which it finds beside itself."""
    real = Path(need("clang++-19")).resolve()
    plain.path("own/bin").mkdir(parents=True)
    shutil.copy(real, plain.path("own/bin/clang++"))
    (plain.path("own/lib")).mkdir()
    (plain.path("own/lib/clang")).symlink_to(real.parent.parent / "lib" / "clang")
    cell = plain.cell(shows("1"), compiler="./own/bin/clang++")
    assert [cell.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    library = next(line.split()[2] for line in asked("ldd", str(real)).splitlines() if "libclang-cpp" in line)
    copied = plain.path("own/lib") / Path(library).name
    copied.write_bytes(Path(library).read_bytes() + b"another")
    built = cell.build()
    assert [step.cache for step in built.steps] == ["miss", "miss"]
    assert cell.look() == ("hit", "1")
    keeping_times(copied, lambda: patch_last_byte(copied))
    assert cell.build().steps[0].cache == "miss"


def patch_last_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")


def test_configuration_appears_beside_clang(plain: Desk) -> None:
    real = Path(need("clang++-19")).resolve()
    plain.path("own/bin").mkdir(parents=True)
    shutil.copy(real, plain.path("own/bin/clang++"))
    (plain.path("own/lib")).symlink_to(real.parent.parent / "lib")
    cell = plain.cell(shows("V", "#ifndef V\n#define V 1\n#endif"), compiler="./own/bin/clang++")
    follows(cell, lambda: plain.write("own/bin/clang++.cfg", "-DV=2\n"), lambda: plain.remove("own/bin/clang++.cfg"))


def test_gcc_appears_for_clang(plain: Desk) -> None:
    """Clang takes the C++ library and the start files of the newest GCC that it finds, also beside itself."""
    real = Path(need("clang++-19")).resolve()
    plain.path("own/bin").mkdir(parents=True)
    shutil.copy(real, plain.path("own/bin/clang++"))
    plain.path("own/lib").mkdir()
    (plain.path("own/lib/clang")).symlink_to(real.parent.parent / "lib" / "clang")
    cell = plain.cell(shows("1"), compiler="./own/bin/clang++")
    assert [cell.look() for _ in range(2)] == [("miss", "1"), ("hit", "1")]
    system = Path(asked("g++", "-print-file-name=crtbegin.o")).parent
    newer = plain.path("own/lib/gcc") / system.parent.name / "99"
    newer.mkdir(parents=True)
    for entry in system.iterdir():
        (newer / entry.name).symlink_to(entry)
    assert [step.cache for step in cell.build().steps] == ["miss", "miss"]
    shutil.rmtree(plain.path("own/lib/gcc"))
    assert cell.look() == ("hit", "1")
