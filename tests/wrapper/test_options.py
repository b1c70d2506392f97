"""Options of compilers: what they generate, define, include, and say."""

from __future__ import annotations

import pytest

from tests.wrapper.oracle import Manner, Oracle, rows

FILES: dict[str, str] = {
    "a.cpp": '#include "h.h"\nint f(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s + V; }\n',
    "warn.cpp": "int f(int x) {\n  int unused;\n  return 1;\n}\nint g() { }\n",
    "many.cpp": "int f() {\n" + "".join(f"  long name_{i} = missing_{i};\n" for i in range(30)) + "}\n",
    "show.cpp": "const char *text = X;\n",
    "type.cpp": "X value = 1;\n",
    "ask.cpp": "#ifdef X\nint yes = X;\n#else\nint no;\n#endif\n",
    "utf.cpp": "int größe() { return unbekanntes_größeres; }\n",
    "h.h": "#ifndef V\n#define V 1\n#endif\n",
    "force.h": "#define V 7\nint forced;\n",
    "sys/s.h": "#define V 9\ninline int unused_in_system(int x) { int y; return 1; }\n",
    "quote/h.h": "#define V 11\n",
    "sys.cpp": "#include <s.h>\nint v = V;\n",
    "date.cpp": "const char *d = __DATE__;\n",
    "file.cpp": "const char *f = __FILE__;\n",
    "vec.cpp": "float f(float *a, float *b) { float s = 0; for (int i = 0; i < 64; i++) s += a[i] * b[i];"
    " return s; }\n",
    "m.cpp": '#include "h.h"\nint main() { return V - V; }\n',
}

CODE = """
-c a.cpp -O0
-c a.cpp -O2
-c a.cpp -O3 -O1
-c a.cpp -Os -fno-inline
-c a.cpp -std=c++20
-c a.cpp -std=gnu++98
-c a.cpp -std=c++99999
-c a.cpp -g
-c a.cpp -g -o sub/a.o
-c a.cpp -g1 -O2
-c a.cpp -ggdb3
-c a.cpp -gdwarf-4
-c a.cpp -g -gz
-c a.cpp -g -gsplit-dwarf
-c a.cpp -g -gsplit-dwarf -o sub/other.o
-c a.cpp -g -fdebug-prefix-map=$PWD=/src
-c a.cpp -g -ffile-prefix-map=$PWD=/src
-c file.cpp -fmacro-prefix-map=$PWD=/src
-c $PWD/file.cpp
-c ./file.cpp
-c a.cpp -fprofile-use
-c a.cpp -fprofile-use=none.gcda
-c a.cpp -save-temps
-c a.cpp -save-temps=obj -o sub/a.o
-c a.cpp -save-temps=cwd -o sub/a.o
-c a.cpp -fstack-usage
-c a.cpp -fstack-usage -o sub/a.o
-c a.cpp -fcallgraph-info
-c a.cpp -fdump-tree-original
-c a.cpp -fdump-rtl-expand -o sub/a.o
-c a.cpp -O2 -fopt-info=opt.txt
-c vec.cpp -O3 -fopt-info-vec
-c vec.cpp -O3 -Rpass=loop-vectorize
-c a.cpp -Wa,-a=a.lst
-c a.cpp -Wa,-aln
-c a.cpp -Wa,--no-such
-c a.cpp -frecord-gcc-switches
-c a.cpp -frandom-seed=7 -flto
-c a.cpp -pipe
-c a.cpp -march=native -O2
-c a.cpp -mtune=native -mavx2
-c a.cpp -march=no-such
-c a.cpp -m32
-c a.cpp -fsanitize=address
-c a.cpp -fsanitize=undefined -fno-sanitize-recover
-c a.cpp -fPIC
-c a.cpp -fPIE -pie
-c a.cpp -fno-exceptions -fno-rtti -fvisibility=hidden
-c a.cpp -ffunction-sections -fdata-sections
-c a.cpp -specs=none.specs
-c a.cpp -fplugin=none.so
-c a.cpp -B sub
-c a.cpp -Bsub/
-c a.cpp -no-integrated-cpp
-c a.cpp -fno-integrated-as
-c a.cpp -integrated-as
-c a.cpp -wrapper env
-c a.cpp -Xclang -fno-pch-timestamp
-c a.cpp -Xassembler --no-such
-c a.cpp -Xlinker --unused
-c a.cpp -Wl,--unused -lm -L.
-c a.cpp --param max-inline-insns-single=10
-c a.cpp -fmodules-ts
-c a.cpp -fmax-errors=1
-c a.cpp --sysroot=/none
-c a.cpp -nostdinc
-c a.cpp -fuse-ld=none
-c date.cpp
"""

MACROS = """
-c ask.cpp -DX
-c ask.cpp -D X
-c ask.cpp -DX=2
-c ask.cpp -D X=2
-c ask.cpp -D 'X = 2'
-c ask.cpp -DX=1 -UX
-c ask.cpp -UX -DX=1
-c ask.cpp -DX=1 -U X
-c ask.cpp -DX=1 -DX=2
-c ask.cpp -DX=1 -UX -DX=2
-c ask.cpp -D
-c ask.cpp -D ''
-c ask.cpp -D1X
-c ask.cpp '-DY(a)=a' -DX='Y(3)'
-c ask.cpp -Wp,-DX=3
-c ask.cpp -Wp,-DX=3,-DZ=4
-c ask.cpp -Xpreprocessor -DX=3
-c show.cpp '-DX="a b"'
-c show.cpp '-DX="a\\tb"'
-c show.cpp '-DX="tab	inside"'
-c show.cpp '-DX="q\\"uote"'
-c show.cpp '-DX="line\\nbreak"'
-c show.cpp '-DX="größe"'
-c show.cpp -DX=oops
-c type.cpp '-DX=unsigned long'
-c type.cpp '-DX=unsigned	long'
-c type.cpp '-D X=short'
-c m.cpp -include force.h
-c m.cpp -include force.h -include force.h
-c m.cpp -includeforce.h
-c m.cpp -include none.h
-c m.cpp -imacros force.h
-c sys.cpp -isystem sys -Wall -Wextra
-c sys.cpp -I sys -Wall -Wextra
-c sys.cpp -Isys -isystem sys -Wall -Wextra
-c sys.cpp -idirafter sys
-c sys.cpp -I none -I sys -Wmissing-include-dirs
-c m.cpp -iquote quote
-c m.cpp -Iquote
-c m.cpp -I- -Iquote
-c m.cpp -iprefix sys/ -iwithprefix .
-c sys.cpp
"""

SAYING = """
-c warn.cpp -Wall -Wextra
-c warn.cpp -Wall -Wextra -w
-c warn.cpp -w -Wall
-c warn.cpp -Wall -Wno-unused-variable
-c warn.cpp -Wall -Werror
-c warn.cpp -Wall -Werror=unused-variable
-c warn.cpp -Wall -Werror -Wno-error
-c warn.cpp -Wall -Werror -o old.o
-c warn.cpp -Wall -fdiagnostics-color=always
-c warn.cpp -Wall -fcolor-diagnostics
-c warn.cpp -Wall -fdiagnostics-color=auto
-c warn.cpp -Wall -fdiagnostics-color=never
-c warn.cpp -Wall -fno-diagnostics-show-caret -fno-diagnostics-show-option
-c warn.cpp -Wall -fdiagnostics-format=json
-c warn.cpp -Wall -fdiagnostics-format=json-file
-c warn.cpp -Wall -fmessage-length=40
-c warn.cpp -Wall -fdiagnostics-parseable-fixits
-c warn.cpp -Wall --serialize-diagnostics warn.dia
-c warn.cpp -Wall -H
-c a.cpp -H
-c a.cpp --trace-includes
-c a.cpp -MD -H
-c many.cpp
-c many.cpp -Wfatal-errors
-c utf.cpp
-c warn.cpp a.cpp -Wall
-c warn.cpp -Weverything
-c warn.cpp -Wdate-time date.cpp
"""

LOOSE = {
    "-c vec.cpp -O3 -fsave-optimization-record": "bytes",
    "-c a.cpp -fprofile-generate": "bytes",
    "-c a.cpp -fprofile-arcs": "bytes",
    "-c a.cpp -ftest-coverage": "bytes",
    "-c a.cpp --coverage -o sub/a.o": "bytes",
    "-c a.cpp --coverage": "bytes",
    "-c a.cpp -ftime-report": "err",
    "-c a.cpp -Q": "err",
    "-c a.cpp -ftime-trace": "bytes",
    "-c a.cpp -flto": "bytes",
    "-c a.cpp --stats": "err out",
    "-c a.cpp -time": "err",
    "-c a.cpp -fmem-report": "err",
}


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    for name, text in FILES.items():
        oracle.write(name, text)
    oracle.path("sub").mkdir()
    oracle.write("old.o", "what an earlier build left")
    return oracle


@pytest.mark.parametrize("line", rows(CODE, MACROS, SAYING))
def test_option(bench: Oracle, compiler: str, line: str) -> None:
    bench.twice(compiler, *bench.words(line))


@pytest.mark.parametrize("line", LOOSE)
def test_option_whose_output_is_never_the_same(bench: Oracle, compiler: str, line: str) -> None:
    bench.thrice(compiler, *bench.words(line), loose=LOOSE[line])


TERMINAL = [
    ({}, ""),
    ({}, "-fdiagnostics-color=auto"),
    ({}, "-fdiagnostics-color=never"),
    ({}, "-fdiagnostics-color=always"),
    ({"TERM": "dumb"}, ""),
    ({"TERM": None}, ""),
    ({"GCC_COLORS": ""}, ""),
    ({"GCC_COLORS": "error=01;35:warning=01;32"}, ""),
    ({"NO_COLOR": "1"}, ""),
    ({"COLUMNS": "30"}, ""),
    ({"GCC_URLS": "st", "TERM_URLS": "bel"}, ""),
]


@pytest.mark.parametrize(("env", "option"), TERMINAL, ids=str)
def test_colours(bench: Oracle, compiler: str, env: dict[str, str | None], option: str) -> None:
    for tty in (True, False, True):
        bench.same(compiler, "-c", "warn.cpp", "-Wall", *option.split(), env=env, tty=tty)


@pytest.mark.parametrize("columns", [None, "30"])
def test_excerpts_are_as_wide_as_the_terminal(bench: Oracle, compiler: str, columns: str | None) -> None:
    bench.thrice(compiler, "-c", "many.cpp", env={"COLUMNS": columns}, tty=True)


def test_terminal_and_pipe_in_turn(bench: Oracle, compiler: str) -> None:
    """A result that was stored in colour is not replayed into a pipe, nor the other way round."""
    shown = [bench.told((compiler, "-c", "warn.cpp", "-Wall"))[1].err]
    for tty in (True, False, True):
        bench.same(compiler, "-c", "warn.cpp", "-Wall", tty=tty)
    shown.append(bench.told((compiler, "-c", "warn.cpp", "-Wall"), manner=Manner(tty=True))[1].err)
    assert b"\x1b[" in shown[1]
    assert b"\x1b[" not in shown[0]


@pytest.mark.parametrize(
    ("variable", "locale"),
    [("LC_ALL", "C"), ("LC_ALL", "C.UTF-8"), ("LANG", "C.UTF-8"), ("LC_CTYPE", "C.UTF-8"), ("LC_ALL", "no_SUCH.UTF-8")],
)
def test_locale(bench: Oracle, compiler: str, variable: str, locale: str) -> None:
    """Quotation marks follow the locale, so one locale's messages are not another's."""
    others: dict[str, str | None] = dict.fromkeys(("LC_ALL", "LANG", "LC_MESSAGES", "LC_CTYPE", "LANGUAGE"))
    bench.same(compiler, "-c", "warn.cpp", "-Wall", env=others)
    bench.same(compiler, "-c", "warn.cpp", "-Wall", env={**others, variable: locale})
    bench.same(compiler, "-c", "utf.cpp", "-Wall", env={**others, variable: locale})
