"""Never a wrong hit, continued: tools that change, links, archives, and edits while a compiler runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.daemon.hits.desk import tick
from tests.wrapper.oracle import MARKS, Manner, Oracle
from tests.wrapper.test_never_stale import tell

COMPILERS = {
    "script edited": (
        "tool t/g++ -DZ=1; echo 'int z = Z;' >>m.cpp; CC=./t/g++; look m.cpp; tool t/g++ -DZ=2; look m.cpp;"
        "tool t/g++ -DZ=1; look m.cpp"
    ),
    "script edited, size and time kept": (
        "tool t/g++ -DZ=1; echo 'int z = Z;' >>m.cpp; CC=./t/g++; look m.cpp;"
        " quietly t/g++ tool t/g++ -DZ=2; look m.cpp"
    ),
    "script settled, then edited, size and time kept": (
        "tool t/g++ -DZ=1; echo 'int z = Z;' >>m.cpp; CC=./t/g++; sleep 2.1; look m.cpp; look m.cpp;"
        "quietly t/g++ tool t/g++ -DZ=2; look m.cpp"
    ),
    "script that a script runs edited": (
        "tool t/inner -DZ=1; echo 'int z = Z;' >>m.cpp; printf '#!/bin/sh\\nexec ./t/inner \"$@\"\\n' >t/g++;"
        "chmod +x t/g++; CC=./t/g++; look m.cpp; tool t/inner -DZ=2; look m.cpp"
    ),
    "link retargeted": (
        "tool t/1 -DZ=1; tool t/2 -DZ=2; echo 'int z = Z;' >>m.cpp; ln -s 1 t/g++; CC=./t/g++;"
        " look m.cpp; ln -sfn 2 t/g++;"
        "look m.cpp; ln -sfn 1 t/g++; look m.cpp"
    ),
    "another comes first on PATH": (
        "tool t/g++ -DZ=1; tool u/g++ -DZ=2; echo 'int z = Z;' >>m.cpp; PATH=$PWD/t:$PATH; look m.cpp;"
        " PATH=$PWD/u:$PATH;"
        "look m.cpp"
    ),
    "another appears earlier on PATH": (
        "tool t/g++ -DZ=1; mkdir u; echo 'int z = Z;' >>m.cpp; PATH=$PWD/u:$PWD/t:$PATH; look m.cpp; tool u/g++ -DZ=2;"
        "look m.cpp; rm u/g++; look m.cpp"
    ),
    "relative folder on PATH": (
        "tool a/t/g++ -DZ=1; tool b/t/g++ -DZ=2; echo 'int z = Z;' >>m.cpp; cp m.cpp x.h a;"
        " cp m.cpp x.h b; PATH=t:$PATH;"
        "cd a; look m.cpp; cd ../b; look m.cpp"
    ),
    "name it is called by": (
        "mkdir t; printf '#!/bin/sh\\nexec g++ -DZ=${#0} \"$@\"\\n' >t/g++; chmod +x t/g++; ln -s g++ t/a-long-g++;"
        "echo 'int z = Z;' >>m.cpp; CC=t/g++ look m.cpp; CC=t/a-long-g++ look m.cpp; CC=./t/g++ look m.cpp"
    ),
    "environment that a script reads": (
        "mkdir t; printf '#!/bin/sh\\nexec g++ -DZ=${ZT:-0} \"$@\"\\n' >t/g++; chmod +x t/g++;"
        " echo 'int z = Z;' >>m.cpp;"
        "CC=t/g++; ZT=1 look m.cpp; ZT=2 look m.cpp; look m.cpp; ZT=1 look m.cpp"
    ),
    "script becomes broken": "tool t/g++ -DZ=1; CC=./t/g++; look m.cpp; printf '#!/bin/sh\\nexit 3\\n' >t/g++;"
    " look m.cpp",
    "gcc and g++": "echo \"int s = sizeof 'c';\" >m.c; CC=gcc look m.c; CC=g++ look m.c; CC=gcc look m.c",
    "both families": "CC=g++ look m.cpp; need_clang; CC=clang++-19 look m.cpp; CC=g++ look m.cpp",
}

HELPERS = """
tool() { mkdir -p $(dirname $1); printf '#!/bin/sh\\nexec /usr/bin/g++ '"$2"' "$@"\\n' >$1; chmod +x $1; }
need_clang() { true; }
"""

LINKS = """
one() {{ rm -f prog; $W g++ "$@" -o prog 2>err; echo "exit $?"; cat err; test ! -x prog || ./prog; echo "= $?"; }}
look() {{ local told=$(one "$@" 2>&1); echo "$told"; test -n "$W" && told=$(one "$@" 2>&1); echo "$told"; }}
object() {{ echo "int f() {{ return $2; }}" >f$2.cpp; g++ -fPIC -c f$2.cpp -o $1; }}
archive() {{ object in.o $2; rm -f $1; ar rcD $1 in.o; }}
shared() {{ object in.o $2; g++ -shared in.o -o $1; }}
quietly() {{ cp -p $1 .stamp; "${{@:2}}"; touch -r .stamp $1; rm -f .stamp; }}
echo 'int f(); int main() {{ return f(); }} const char {mark}[] = "{mark}";' >main.cpp
g++ -c main.cpp
mkdir a b
"""

LINKED = {
    "object changed": "object f.o 1; look main.o f.o; object f.o 2; look main.o f.o; object f.o 1; look main.o f.o",
    "object changed, time kept": "object f.o 1; look main.o f.o; quietly f.o object f.o 2; look main.o f.o",
    "object gone": "object f.o 1; look main.o f.o; rm f.o; look main.o f.o",
    "archive changed": "archive libf.a 1; look main.o -L. -lf; archive libf.a 2; look main.o -L. -lf",
    "archive on the line changed": "archive libf.a 1; look main.o libf.a; archive libf.a 2; look main.o libf.a",
    "archive's member changed by the wrapped ar": (
        "object f.o 1; $W ar rcs libf.a f.o; look main.o libf.a; object f.o 2; $W ar rcs libf.a f.o; look main.o libf.a"
    ),
    "thin archive's member changed": (
        "object f.o 1; ar rcT libf.a f.o; look main.o libf.a; object f.o 2; look main.o libf.a"
    ),
    "archive appears earlier": "archive b/libf.a 1; look main.o -La -Lb -lf; archive a/libf.a 2;"
    " look main.o -La -Lb -lf",
    "shared library appears beside an archive": (
        "archive a/libf.a 1; look main.o -La -lf -Wl,-rpath,a; shared a/libf.so 2; look main.o -La -lf -Wl,-rpath,a"
    ),
    "order of -L": "archive a/libf.a 1; archive b/libf.a 2; look main.o -La -Lb -lf; look main.o -Lb -La -lf",
    "LIBRARY_PATH": (
        "archive a/libf.a 1; archive b/libf.a 2; export LIBRARY_PATH=a; look main.o -lf;"
        " LIBRARY_PATH=b; look main.o -lf"
    ),
    "LIBRARY_PATH shadowed": (
        "archive b/libf.a 1; export LIBRARY_PATH=a:b; look main.o -lf; archive a/libf.a 2; look main.o -lf"
    ),
    "linker script changed": (
        "object f1.o 1; object f2.o 2; echo 'INPUT(f1.o)' >s.ld; look main.o s.ld;"
        " echo 'INPUT(f2.o)' >s.ld; look main.o s.ld"
    ),
    "file named inside a linker script changed": (
        "object f.o 1; echo 'INPUT(f.o)' >s.ld; look main.o s.ld; object f.o 2; look main.o s.ld"
    ),
    "member of a linker script shadowed": (
        "object b/f.o 1; echo 'INPUT(f.o)' >s.ld; look main.o -La -Lb s.ld; object a/f.o 2; look main.o -La -Lb s.ld;"
        "object f.o 3; look main.o -La -Lb s.ld"
    ),
    "library of the same name as a script": (
        "object f.o 1; echo 'INPUT(f.o)' >a/libf.a; look main.o -La -lf; archive a/libf.a 2; look main.o -La -lf"
    ),
    "response file changed": (
        "object f1.o 1; object f2.o 2; echo f1.o >r; look main.o @r; echo f2.o >r; look main.o @r"
    ),
    "linker's response file changed": (
        "object f1.o 1; object f2.o 2; echo f1.o >r; look main.o -Wl,@r; echo f2.o >r; look main.o -Wl,@r"
    ),
    "another definition": (
        "object f1.o 1; object f2.o 2; look main.o f1.o; look main.o f1.o f2.o; look main.o f2.o; look f2.o f1.o main.o"
    ),
    "linker in a -B folder": (
        "object f1.o 1; object f2.o 2; mkdir t; printf "
        "'#!/bin/sh\\nexec /usr/bin/ld \"$@\" f1.o\\n' >t/ld; chmod +x t/ld;"
        "look -Bt main.o; sed -i s/f1/f2/ t/ld; look -Bt main.o"
    ),
    "source of a program edited": (
        "echo 'int main() { return 1; }' >s.cpp; look s.cpp; sed -i s/1/2/ s.cpp; look s.cpp;"
        " sed -i s/2/1/ s.cpp; look s.cpp"
    ),
    "one of two sources edited": (
        "object f.o 1; look main.cpp f1.cpp; sed -i s/1/7/ f1.cpp; look main.cpp f1.cpp; echo '#error no' >>f1.cpp;"
        "look main.cpp f1.cpp"
    ),
    "header of a program edited": (
        "echo '#define V 1' >h.h; printf '#include \"h.h\"\\nint main() { return V; }\\n' >s.cpp; look s.cpp;"
        "echo '#define V 2' >h.h; look s.cpp"
    ),
    "library of a program from sources": (
        "archive a/libf.a 1; look main.cpp -La -lf; archive a/libf.a 2; look main.cpp -La -lf"
    ),
    "program damaged in place": (
        "object f.o 1; look main.o f.o; for i in 1 2; do echo damage >>prog; cksum prog;"
        " $W g++ main.o f.o -o prog; cksum prog;"
        "strip prog; cksum prog; $W g++ main.o f.o -o prog; stat -c '%h %a' prog; cksum prog; done"
    ),
}


@pytest.mark.parametrize("hazard", COMPILERS)
def test_compiler(oracle: Oracle, hazard: str) -> None:
    tell(oracle, "g++", HELPERS + COMPILERS[hazard])


@pytest.mark.parametrize("hazard", LINKED)
def test_link(oracle: Oracle, hazard: str) -> None:
    said = oracle.shell(LINKS.format(mark=f"mark_{next(MARKS)}") + LINKED[hazard])
    assert len(set(said.splitlines())) > 2, said


@pytest.mark.parametrize("put_back", [False, True], ids=["stays", "is put back"])
@pytest.mark.parametrize("when", ["started", "compiled"])
def test_header_edited_while_the_compiler_runs(oracle: Oracle, when: str, put_back: bool) -> None:
    """Whatever that compile made of it, the next one is about the header as it is then."""
    header = oracle.write("x.h", "#define V 1\n")
    oracle.source("m.cpp", '#include "x.h"\nint v = V;')
    signs = oracle.folder.parent / "signs"
    signs.mkdir()
    oracle.script("slow/g++", SLOW.format(signs=signs))
    words = ("./slow/g++", "-c", "m.cpp", "-o", "m.o")

    def edit() -> None:
        wait_until(lambda: (signs / when).exists())
        header.write_text("#define V 2\n")
        if put_back:
            wait_until(lambda: (signs / "compiled").exists())
            header.write_text("#define V 1\n")

    editor = threading.Thread(target=edit)
    editor.start()
    oracle.run([*oracle.wrapper, *words], oracle.wrapped_env(), Manner())
    editor.join()
    tick()
    for _ in range(2):
        oracle.same("g++", *words[1:])
        oracle.same(*words)


SLOW = """case " $* " in *" -c "*) ;; *) exec /usr/bin/g++ "$@";; esac
case " $* " in *" -### "*|*" -E "*|*" -M "*|*" -v "*) exec /usr/bin/g++ "$@";; esac
touch {signs}/started
sleep 0.3
/usr/bin/g++ "$@"
code=$?
touch {signs}/compiled
sleep 0.2
exit $code"""

REPORT = """case " $* " in *" -c "*) ;; *) exec /usr/bin/g++ "$@";; esac
test -n "$ZT_SIDE" && {{
  umask; nice; pwd; echo "$PWD"; echo "$ZT_WORD"; ulimit -n; ulimit -c
  test -t 2 && echo terminal || echo no terminal
}} >>"$ZT_SIDE"
exec /usr/bin/g++ "$@"
"""


@pytest.mark.parametrize(
    "start",
    [
        "",
        "umask 077",
        "renice -n 7 $BASHPID >/dev/null",
        "export ZT_WORD='two words'",
        "ulimit -n 100",
        "ulimit -c 0",
        "mkdir real; ln -s real link; cp m.cpp real; cd link",
        "mkdir real; cp m.cpp real; cd real; cd $PWD/../real",
        "unset PWD",
        "PWD=/nonsense",
    ],
)
@pytest.mark.parametrize("tty", [False, True], ids=["pipe", "terminal"])
def test_what_a_compiler_script_sees(oracle: Oracle, start: str, tty: bool) -> None:
    """The tool runs as if the caller had run it: whatever the daemon's own state is. Asked once for each call."""
    oracle.source("m.cpp", "int v;")
    script = oracle.script("t/g++", REPORT.replace("{{", "{").replace("}}", "}"))
    side = oracle.folder.parent / "side"
    call = f"{start}\n$W {script} -c m.cpp -o m.o"
    oracle.same("g++", "-c", "m.cpp")
    oracle.shell(f"export ZT_SIDE={side}\n({call})\nhead -8 {side}; rm {side}", tty=tty)


def test_temporary_folder(oracle: Oracle, compiler: str, tmp_path: Path) -> None:
    """Nothing stays in the caller's TMPDIR, and one that is gone matters no more than it does to the bare tool."""
    oracle.source("m.cpp", "int main() { return 0; }")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for line in ("-c m.cpp", "m.cpp -o prog"):
        oracle.thrice(compiler, *line.split(), env={"TMPDIR": str(temporary)})
        assert not list(temporary.iterdir())
    temporary.rmdir()
    oracle.thrice(compiler, "-c", "m.cpp", env={"TMPDIR": str(temporary)})
