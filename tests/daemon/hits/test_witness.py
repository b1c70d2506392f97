"""Everything that a tool opened or looked for in vain is accounted for: see `witness`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import CALLS, INCLUDES, shows
from tests.daemon.hits.witness import Accounts, Look, Witness, looks
from zcnb.daemon.steps import Underway
from zcnb.model.call import ToolCall
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec, Language
from zcnb.wire.messages import PassThrough

STANDARD = '#include <cstdio>\n#include <vector>\n#include <thread>\nint main() { std::puts("1"); }\n'
ASKING = shows("V", '#if __has_include(<o.h>) || __has_include("sub/o.h")\n#endif\n#define NAME <top.h>\n#include NAME')
USES = shows("w()", 'extern "C" int w(void);')
BINARY = shows("data[0]", 'extern "C" const char data[];\nasm(".data\\ndata: .incbin \\"d.bin\\"\\n.text");')
C_HELLO = '#include <stdio.h>\n#include <math.h>\nint main(int n, char **v) { return printf("%f", sin(n)) < 0; }\n'

BOTH = {
    "the standard library": (STANDARD, ""),
    "headers": (
        ASKING,
        "-g -O2 -Wall -Inone -Iinc -I. -iquote quoted -isystem system -idirafter late -include force.h -imacros x.h",
    ),
    "an archive": (CALLS, "-Lnone -Llib -L. -lx"),
    "a shared library and what it needs": (USES, "-Llib -luser -Wl,-rpath-link,lib"),
    "linker scripts": (CALLS, "-Lnone -Llib -lscript -Wl,-T,insert.ld -Wl,--version-script=v.map"),
    "another linker": (STANDARD, "-fuse-ld=gold -pthread"),
    "a linker with libraries of its own": (STANDARD, "-fuse-ld=mold"),
}
GCC = {
    "an included binary": (BINARY, "-Ilib -Iinc"),
    "specs and sanitizers": (STANDARD, "-fopenmp -fsanitize=address"),
}
RUST = {
    "the standard library": ('fn main() { print!("1"); }', ""),
    "modules and data": ('mod shapes;\nfn main() { print!("{}{}", shapes::V, include_str!("d.bin")); }', "-O -g"),
    "a library": ('extern "C" { fn v() -> i32; }\nfn main() { unsafe { v(); } }', "-Clink-args='-Lnone -Llib -lx'"),
}
CALLED = """
g++ -c m.cpp
gcc -g -O2 -Iinc -Inone -c m.c -o sub.o
g++ -MMD -Iinc -c m.cpp
g++ m.cpp -Llib -lx -o prog
clang++-19 m.o lib/libx.a -o prog
gcc -shared m.o -o m.so
rustc -O r.rs
"""


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    need("strace")
    made = Witness(tmp_path_factory.mktemp("witness"))
    yield made
    made.close()


@pytest.fixture
def folder(project: Path) -> Path:
    """A project with a bit of everything."""
    files = {
        "x.h": "#define V 1\n", "inc/top.h": '#include "deep/top.h"\n', "inc/deep/top.h": "#define V 1\n",
        "force.h": "", "system/s.h": "", "d.bin": "1", "shapes.rs": "pub const V: i32 = 1;\n",
        "lib/libscript.so": "INPUT(member.o)\n", "v.map": "{ global: main; local: *; };\n",
        "insert.ld": "SECTIONS { .none : { } } INSERT AFTER .text;\n", "x.c": "int v(void) { return 1; }\n",
        "user.c": "int v(void);\nint w(void) { return v(); }\n", "m.cpp": "#include <string>\nint main() { }\n",
        "m.c": C_HELLO, "r.rs": "fn main() { }\n",
    }  # fmt: skip
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commands = """
        gcc -fPIC -c x.c -o lib/member.o
        ar rcs lib/libx.a lib/member.o
        gcc -shared lib/member.o -o lib/libv.so
        gcc -shared -fPIC user.c -Llib -lv -o lib/libuser.so
        g++ -c m.cpp"""
    for command in filter(str.strip, commands.splitlines()):
        subprocess.run(command.split(), cwd=project, check=True, timeout=60)
    return project


def surroundings(folder: Path) -> dict[str, str]:
    return {**os.environ, "PWD": str(folder)}


def cell(witness: Witness, folder: Path, compiler: str, language: Language, case: tuple[str, str]) -> None:
    source, words = case
    flags = tuple(shlex.split(words))
    for flag in flags:
        if flag.startswith("-fuse-ld="):
            need(flag.replace("-fuse-ld=", "ld."))
    spec = BuildSpec(
        language=language, source=source.encode(), flags=flags, compiler=compiler, cwd=str(folder),
        env=surroundings(folder),
    )  # fmt: skip
    built = witness.run(witness.builder.build(spec, Underway()))
    assert isinstance(built, Built)
    assert built.ok, built.diagnostics
    assert [step.unstored for step in built.steps] == [""] * len(built.steps)
    assert witness.unexplained(str(folder), surroundings(folder)) == []


@pytest.mark.parametrize("case", BOTH | GCC)
def test_gcc(witness: Witness, folder: Path, case: str) -> None:
    need("g++")
    cell(witness, folder, "g++", "c++", (BOTH | GCC)[case])


@pytest.mark.parametrize("case", BOTH)
def test_clang(witness: Witness, folder: Path, case: str) -> None:
    need("clang++-19")
    cell(witness, folder, "clang++-19", "c++", BOTH[case])


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_c(witness: Witness, folder: Path, compiler: str) -> None:
    need(compiler)
    cell(witness, folder, compiler, "c", (C_HELLO, "-lm"))


@pytest.mark.parametrize("case", RUST)
def test_rustc(witness: Witness, folder: Path, case: str) -> None:
    need("rustc")
    cell(witness, folder, "rustc", "rust", RUST[case])


@pytest.mark.parametrize("line", filter(None, CALLED.splitlines()))
def test_call(witness: Witness, folder: Path, line: str) -> None:
    words = tuple(line.split())
    need(words[0])
    env = surroundings(folder)
    call = ToolCall(tool=str(shutil.which(words[0])), argv=words, cwd=str(folder), env=env)
    told = witness.run(witness.wrapper.run(call, Underway()))
    assert not isinstance(told, PassThrough), told
    assert told[0].exit_code == 0
    assert told[1] == ()
    assert witness.unexplained(str(folder), env) == []


# The witness


TRACE = """\
execve("/usr/bin/g++", ["g++"], 0x1 /* 3 vars */) = 0
access("x.h", R_OK) = -1 ENOENT (No such file or directory)
openat(AT_FDCWD</p>, "inc/x.h", O_RDONLY|O_NOCTTY) = 4</p/inc/x.h>
newfstatat(4</p/inc/x.h>, "", {st_mode=S_IFREG|0644, st_size=1, ...}, AT_EMPTY_PATH) = 0
newfstatat(AT_FDCWD</q>, "inc", {st_mode=S_IFDIR|0755, st_size=1, ...}, 0) = 0
openat(AT_FDCWD</p>, "/usr/lib/gcc", O_RDONLY|O_CLOEXEC|O_DIRECTORY) = 3</usr/lib/gcc>
openat(5</o>, "m.d", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</o/m.d>
unlink("/o/m.o") = 0
+++ exited with 0 +++
"""


def test_looks() -> None:
    assert [(look.kind, look.path) for look in looks(TRACE, "/p")] == [
        ("read", "/usr/bin/g++"), ("missing", "/p/x.h"), ("read", "/p/inc/x.h"), ("seen", "/q/inc"),
        ("listed", "/usr/lib/gcc"), ("written", "/o/m.d"), ("written", "/o/m.o"),
    ]  # fmt: skip
    assert {look.tool for look in looks(TRACE, "/p")} == {"g++"}


@pytest.mark.parametrize("kind", ["missing", "seen", "read", "listed", "written"])
def test_what_nothing_accounts_for_is_told(tmp_path: Path, kind: str) -> None:
    need("strace")
    root = tmp_path / "root"
    root.mkdir()
    made = Witness(root)
    accounts = Accounts(str(tmp_path), os.environ, made)
    assert accounts.complaint(Look(f"{tmp_path}/x.h", kind, "cc1plus")) == f"cc1plus: {kind}: {tmp_path}/x.h"
    assert accounts.complaint(Look(f"{root}/cache/x.h", kind, "cc1plus")) == ""
    made.close()


def test_a_header_that_is_on_no_list_is_told(witness: Witness, folder: Path) -> None:
    """The whole way: what the compiler read of a cell is not in the manifest any more."""
    need("g++")
    env = surroundings(folder)
    spec = BuildSpec(
        language="c++", source=INCLUDES.encode(), compiler="g++", flags=("-Inone",), cwd=str(folder), env=env
    )
    assert witness.run(witness.builder.build(spec, Underway())).ok
    witness.store.manifests = []
    told = witness.unexplained(str(folder), env)
    assert f"cc1plus: read: {folder}/x.h" in told
    assert f"cc1plus: missing: {folder}/none" in told
