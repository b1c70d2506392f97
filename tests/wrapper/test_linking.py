"""Programs, shared libraries and partial links, from sources, objects, archives and libraries."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wrapper.oracle import Oracle, rows

SAYS = 'extern "C" int printf(const char *, ...);\n'
FILES: dict[str, str] = {
    "main.cpp": SAYS + 'int f();\nint main() { return printf("%d\\n", f()) < 0; }\n',
    "f.cpp": '#include "h.h"\nint f() { return V; }\n',
    "self.cpp": SAYS + 'int main(int argc, char **argv) { return printf("self %s\\n", argv[argc - 1]) < 0; }\n',
    "c.c": 'int printf(const char *, ...);\nint main(void) { return printf("c\\n") < 0; }\n',
    "start.s": ".globl _start\n_start: mov $60, %eax\n xor %edi, %edi\n syscall\n"
    '.section .note.GNU-stack,"",@progbits\n',
    "two.cpp": "int f() { return 22; }\n",
    "bad.cpp": "int f() { return nothing; }\n",
    "math.cpp": 'extern "C" double cos(double);\nvolatile double x;\nint main() { return cos(x) != 1; }\n',
    "h.h": "#define V 1\n",
    "garbage.o": "this is no object\n",
    "script.ld": "INPUT(f.o)\n",
    "version.map": "{ global: *; };\n",
    "link.rsp": "main.o f.o -o from_rsp",
    "objects.rsp": "main.o\nf.o\n",
}

LINKS = """
main.o f.o -oprog
-o prog main.o f.o
-o sub/prog main.o f.o
-o missing/prog main.o f.o
-o sub main.o f.o
f.o main.o -o prog
main.o -o prog
f.o -o prog
main.o f.o f.o -o prog
main.o script.ld -o prog
main.o f.o -o old
main.o f.o -o /dev/null
main.o libf.a -o prog
libf.a main.o -o prog
main.o -L . -l f -o prog
main.o -Llib -L. -lf -o prog
main.o -L. -lnone -o prog
main.o -L. -l:libf.a -o prog
main.o -Wl,--whole-archive libf.a -Wl,--no-whole-archive -o prog
main.o -Wl,--start-group libf.a -Wl,--end-group -o prog
main.o lib/libf.so -o prog
main.o -Llib -lf -o prog
main.o -Llib -lf -Wl,-rpath,$PWD/lib -o prog
main.o -Llib -lf -Wl,-rpath,'$ORIGIN/lib' -o prog
main.o -static -Llib -lf -o prog
main.o f.o -static-libgcc -static-libstdc++ -o prog
-shared main.o -Wl,-z,defs -o libg.so
-shared f.o -Wl,--version-script=version.map -o libg.so
-shared f.o -Wl,--version-script=none.map -o libg.so
-r main.o f.o -o all.o
-r -nostdlib main.o f.o -o all.o
main.o f.o -Wl,-Map,sub/prog.map -o prog
main.o f.o -Wl,-M -o prog
main.o f.o -Wl,--trace -o prog
main.o f.o -Wl,--verbose -o prog
main.o f.o -Wl,--no-such-option -o prog
main.o f.o -Wl,--gc-sections -Wl,--as-needed -o prog
main.o f.o -Wl,--build-id=none -o prog
main.o f.o -Wl,--build-id=sha1 -o prog
main.o f.o -Wl,--out-implib=lib.a -o prog
main.o f.o -Wl,--dependency-file=link.d -o prog
main.o f.o -Wl,-T,none.ld -o prog
main.o f.o -Wl,@objects.rsp -o prog
main.o f.o -Xlinker -s -o prog
main.o f.o -s -o prog
main.o f.o -g -O2 -o prog
main.o f.o -no-pie -o prog
main.o f.o -rdynamic -pie -o prog
main.o f.o -fuse-ld=none -o prog
main.o f.o -fuse-ld=bfd -o prog
main.o f.o -pthread -lm -ldl -o prog
main.o f.o -nostdlib -o prog
main.o f.o -nodefaultlibs -o prog
main.o f.o -### -o prog
main.o f.o -Wl,-e,f -o prog
main.o f.o -Wl,-y,_Z1fv -o prog
main.o f.o -Wl,--warn-common -Wl,--cref -o prog
start.s -nostdlib -static -o prog
@link.rsp
@objects.rsp -o prog
"""

LINKS_OF_BOTH = """
main.o f.o
main.o f.o -o prog
main.o f.o two.o -o prog
main.o none.o -o prog
main.o garbage.o -o prog
main.o -o old
main.o -L. -lf -o prog
main.o f.o -static -o prog
-shared f.o -o libg.so
main.o f.o -Wl,-Map=prog.map -o prog
main.o f.o -v -o prog
"""

PROGRAMS = """
-shared -fPIC f.cpp -o libg.so
-shared -fPIC f.cpp -Wl,-soname,libg.so.1 -o libg.so
self.cpp
self.cpp -o prog
self.cpp -oprog
-o sub/prog self.cpp
self.cpp -O2 -g -o prog
self.cpp -static -o prog
main.cpp f.cpp
main.cpp f.cpp -o prog
main.cpp f.cpp -g -o prog
main.cpp f.o -o prog
main.o f.cpp -o prog
main.cpp libf.a -o prog
main.cpp -L. -lf -o prog
main.cpp -lf -L. -o prog
-L. -lf main.cpp -o prog
main.cpp bad.cpp -o prog
main.cpp bad.cpp -o old
main.cpp -o prog
main.cpp -o old
main.cpp two.cpp f.cpp -o prog
main.cpp main.cpp -o prog
main.cpp none.cpp -o prog
c.c -o prog
-x c c.c -x none f.o -o prog
-x c c.c -o prog
math.cpp -lm -o prog
self.cpp -MMD -MP -o prog
self.cpp -save-temps -o prog
self.cpp -pipe -o prog
self.cpp -v -o prog
self.cpp -gsplit-dwarf -g -o prog
self.cpp -fsanitize=address -o prog
self.cpp -flto -frandom-seed=1 -o prog
main.cpp f.cpp -flto -frandom-seed=1 -O2 -o prog
self.cpp -Wl,-Map=prog.map -o prog
self.cpp -include h.h -Wall -Wextra -o prog
self.cpp -std=c++20 -march=native -o prog
"""

LOOSE = {
    "self.cpp --coverage -o prog": "bytes",
    "self.cpp -flto -o prog": "bytes",
    "main.o f.o -Wl,--stats -o prog": "err",
    "main.o f.o -Wl,--build-id=uuid -o prog": "bytes",
    "self.cpp -time -o prog": "err",
}


MADE = """set -e
for name in main f two; do g++ -fPIC -c $name.cpp; done
ar rcD libf.a f.o
mkdir lib
g++ -shared two.o -o lib/libf.so
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with objects and libraries, compiled once."""
    folder = tmp_path_factory.mktemp("made")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    subprocess.run(["bash", "-c", MADE], cwd=folder, check=True)
    return folder


@pytest.fixture
def bench(oracle: Oracle, made: Path) -> Oracle:
    shutil.copytree(made, oracle.folder, dirs_exist_ok=True)
    oracle.path("sub").mkdir()
    oracle.write("old", "what an earlier build left", 0o644)
    return oracle


@pytest.mark.parametrize("line", rows(LINKS))
def test_link(bench: Oracle, line: str) -> None:
    bench.twice("g++", *bench.words(line))


@pytest.mark.parametrize("line", rows(LINKS_OF_BOTH))
def test_link_by_both(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line))


@pytest.mark.parametrize("line", rows(PROGRAMS))
def test_program_from_sources(bench: Oracle, compiler: str, line: str) -> None:
    bench.twice(compiler, *bench.words(line))


@pytest.mark.parametrize("line", LOOSE)
def test_link_whose_output_is_never_the_same(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), loose=LOOSE[line])


RUNS = {
    "main.o f.o -o prog": "1\n",
    "main.cpp f.cpp -o prog": "1\n",
    "main.cpp two.o -o prog": "22\n",
    "main.o -L. -lf -o prog": "1\n",
    "main.o lib/libf.so -Wl,-rpath,$PWD/lib -o prog": "22\n",
    "self.cpp -o prog": "self ./prog\n",
}


@pytest.mark.parametrize("line", RUNS)
def test_linked_program_runs(bench: Oracle, compiler: str, line: str) -> None:
    words = " ".join(bench.words(line))
    said = bench.shell(f"for i in 1 2 3; do rm -f prog; $W {compiler} {words} && ./prog; done")
    assert said.decode() == 3 * RUNS[line]


@pytest.mark.parametrize("umask", [0o002, 0o077])
@pytest.mark.parametrize("line", ["main.o f.o -o prog", "self.cpp", "-shared f.o -o libg.so"])
def test_bits_of_a_program(bench: Oracle, line: str, umask: int) -> None:
    bench.twice("g++", *bench.words(line), umask=umask)


@pytest.mark.parametrize("state", ["a link", "two names", "read-only", "running"])
@pytest.mark.parametrize("line", ["main.o f.o -o out", "self.cpp -o out", "main.o -o out"])
def test_program_that_is_there_already(bench: Oracle, line: str, state: str) -> None:
    out = bench.path("out")
    bench.write("real", "old", 0o755)
    match state:
        case "a link":
            out.symlink_to("real")
        case "two names":
            out.hardlink_to(bench.path("real"))
        case "read-only":
            bench.write("out", "old", 0o444)
        case _:
            start = "cp /bin/sleep out; ./out 60 & pid=$!; sleep 0.05; "
            end = "; echo $?; kill -0 $pid && echo still runs; kill $pid; wait $pid 2>/dev/null; rm -f out"
            bench.shell(f"{start}$W g++ {line}{end}")
            return
    bench.twice("g++", *bench.words(line))


@pytest.mark.parametrize("before", ["", "an older program"])
def test_error_in_the_only_source(bench: Oracle, compiler: str, before: str) -> None:
    """It is told as it is: compiling once more to hear the same would double the time of every mistake."""
    bench.write("wrong.cpp", "int main() {\n  int unused;\n  return nothing;\n}\n")
    if before:
        bench.write("prog", before, 0o755)
    for _ in range(2):
        bench.same(compiler, "wrong.cpp", "-Wall", "-lm", "-o", "prog", how="miss")
    bench.same(compiler, "wrong.cpp", "f.cpp", "-o", "prog", how="passed")
