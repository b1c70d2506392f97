"""`ar`: archives made, added to, listed, taken apart, and refused."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import need
from tests.wrapper.oracle import Oracle, rows

LINES = """
rcs new.a one.o two.o
rcs new.a one.o
rc new.a one.o two.o
crs new.a one.o
-rcs new.a one.o
-r -c -s new.a one.o
qc new.a one.o two.o
rcD new.a one.o
rcsD new.a one.o two.o
rcu new.a one.o
rcsP sub/new.a sub/one.o one.o
rcT thin.a one.o two.o
r new.a one.o
rs new.a one.o
rv new.a one.o
rcv new.a one.o two.o
rcs sub/new.a one.o
rcs missing/new.a one.o
rcs sub one.o
rcs new.a
rcs new.a none.o
rcs new.a one.o none.o
rcs new.a text
rcs new.a 'sp ace.o'
rcs new.a a_name_that_is_longer_than_sixteen_characters.o
rcs new.a one.o sub/one.o
rcs old.a one.o
rcs old.a two.o
rcs old.a three.o
rcsv old.a one.o three.o
rsb two.o old.a three.o
rsa one.o old.a three.o
m old.a one.o
d old.a one.o
dv old.a one.o none.o
dsv old.a one.o
t old.a
tv old.a
tO old.a
t old.a one.o none.o
p old.a one.o
p old.a
x old.a
x old.a one.o
xv old.a
xo old.a
x old.a none.o
s old.a
s none.a
t none.a
t bad.a
x bad.a
rcs bad.a one.o
t empty.a
rcs empty.a one.o
q old.a three.o
rcsN 1 old.a one.o
xN 1 old.a one.o
rcsS new.a one.o
rcso old.a one.o
rcs --target=elf64-x86-64 new.a one.o
rcs @objects.rsp
rcs new.a @none.rsp
--thin rcs thin.a one.o
--plugin none.so rcs new.a one.o
--record-libdeps x rcs new.a one.o
-M
-V
--version
--help
-h
rcs
r
z new.a one.o
rx new.a one.o
nonsense new.a one.o
rcs -- new.a one.o
rcs $PWD/new.a $PWD/one.o
"""

WITH_TIMES = """
rcsU new.a one.o two.o
rcU new.a one.o
rsU old.a two.o
crUs new.a one.o
"""


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Some objects, compiled once."""
    bench = tmp_path_factory.mktemp("objects")
    made = {}
    for name in ("one", "two", "three"):
        (bench / f"{name}.cpp").write_text(f"int {name}() {{ return 1; }}\n")
        subprocess.run(["g++", "-c", f"{name}.cpp"], cwd=bench, check=True)
        made[name] = (bench / f"{name}.o").read_bytes()
    return made


@pytest.fixture
def bench(oracle: Oracle, objects: dict[str, bytes]) -> Oracle:
    need("ar")
    for name in objects:
        oracle.write(f"{name}.o", objects[name])
    oracle.write("sub/one.o", objects["two"])
    oracle.write("sp ace.o", objects["one"])
    oracle.write("a_name_that_is_longer_than_sixteen_characters.o", objects["one"])
    oracle.write("text", "not an object\n")
    oracle.write("bad.a", "not an archive\n")
    oracle.write("empty.a", "!<arch>\n")
    oracle.write("objects.rsp", "new.a one.o\ntwo.o")
    oracle.shell("ar rcsD old.a one.o two.o")
    return oracle


@pytest.mark.parametrize("line", rows(LINES))
def test_archive(bench: Oracle, line: str) -> None:
    bench.thrice("ar", *bench.words(line), stdin=b"create script.a\naddmod one.o\nsave\nend\n")


def test_no_arguments(bench: Oracle) -> None:
    bench.thrice("ar")


@pytest.mark.parametrize("line", rows(WITH_TIMES))
def test_archive_with_times(bench: Oracle, line: str) -> None:
    """Times are the members' own, so a stored archive could be another's: a line may say so."""
    bench.thrice("ar", *bench.words(line), extra_line=True, loose="bytes")


@pytest.mark.parametrize("tool", ["ranlib", "gcc-ar", "x86_64-linux-gnu-ar", "/usr/bin/ar"])
def test_other_names(bench: Oracle, tool: str) -> None:
    need(tool)
    words = ["old.a"] if tool == "ranlib" else ["rcs", "new.a", "one.o"]
    bench.thrice(tool, *words)


@pytest.mark.parametrize("umask", [0o002, 0o077])
def test_umask(bench: Oracle, umask: int) -> None:
    bench.thrice("ar", "rcs", "new.a", "one.o", umask=umask)
    bench.thrice("ar", "rcs", "old.a", "three.o", umask=umask)


@pytest.mark.parametrize("state", ["a link", "a dangling link", "two names", "read-only", "a folder", "open to all"])
@pytest.mark.parametrize("what", ["good", "bad"])
def test_archive_that_is_there_already(bench: Oracle, state: str, what: str) -> None:
    out = bench.path("out.a")
    real = bench.path("old.a" if what == "good" else "bad.a")
    match state:
        case "a link":
            out.symlink_to(real.name)
        case "a dangling link":
            out.symlink_to("nowhere.a")
        case "two names":
            out.hardlink_to(real)
        case "read-only":
            bench.write("out.a", real.read_bytes(), 0o444)
        case "open to all":
            bench.write("out.a", real.read_bytes(), 0o666)
        case _:
            out.mkdir()
    bench.thrice("ar", "rcs", "out.a", "three.o")


def test_member_changed(bench: Oracle) -> None:
    """The same line with another object: another archive; with the first again: the first."""
    one, two = bench.path("one.o").read_bytes(), bench.path("two.o").read_bytes()
    for content in (one, one, two, two, one):
        bench.write("one.o", content)
        bench.same("ar", "rcs", "new.a", "one.o")
        bench.path("new.a").unlink()


def test_archive_grows_with_what_it_had(bench: Oracle) -> None:
    """`r` adds to an archive: what it makes depends on the archive that is there, or is not."""
    for members in (["one.o"], ["two.o"], ["one.o"], ["three.o", "one.o"]):
        bench.same("ar", "rcs", "new.a", *members)
    bench.path("new.a").unlink()
    bench.same("ar", "rcs", "new.a", "two.o")
    bench.same("ar", "rcs", "new.a", "two.o")


def test_mode_of_a_member(bench: Oracle) -> None:
    """Without `D`, or with `U`, members carry their modes; Debian's default is without them."""
    for mode in (0o644, 0o600, 0o755):
        bench.path("one.o").chmod(mode)
        bench.thrice("ar", "rcs", "new.a", "one.o")
        # `S`: an index of symbols would carry the time of day, which may tick between the two.
        bench.same("ar", "rcSU", "timed.a", "one.o", extra_line=True)
        bench.path("timed.a").unlink()
