"""Never a wrong hit. Every hazard is a shell script with edits between compiles, run bare and through the wrapper.

`look ARGUMENTS` compiles twice, so that the second time could be a hit, and prints what came of it; what the two runs
of a script print has to agree. (Bare, the second time is taken for granted.) A script whose looks
all print the same would test nothing and fails.
"""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import MARKS, Oracle

LOOK = """
CC={compiler}
cc() {{
  hash -r; rm -f m.o; $W $CC -c "$@" -o m.o 2>err
  echo "exit $?" $({{ cksum <m.o; }} 2>/dev/null) $(sed 's#/cc......[.]#/cc.#' err | cksum)
}}
look() {{ local told=$(cc "$@"); echo "$told"; test -n "$W" && cc "$@" || echo "$told"; }}
value() {{ echo "#define V $2" >$1; }}
quietly() {{ cp -p $1 .stamp; "${{@:2}}"; touch -r .stamp $1; rm -f .stamp; }}
echo '#include "x.h"
int v = V, {mark};' >m.cpp
echo '#include <x.h>
int v = V, {mark};' >angled.cpp
value x.h 1
"""

BOTH = {
    "edit": "look m.cpp; value x.h 2; look m.cpp; value x.h 1; look m.cpp",
    "edit of the source": "look m.cpp; echo 'int w;' >>m.cpp; look m.cpp",
    "edit that keeps size and time": "look m.cpp; quietly x.h value x.h 2; look m.cpp",
    "edit of the source that keeps size and time": "look m.cpp; quietly m.cpp sed -i s/int/lng/ m.cpp; look m.cpp",
    "edit of settled files that keeps size and time": (
        "sleep 2.1; look m.cpp; look m.cpp; quietly x.h value x.h 2; look m.cpp"
    ),
    "edits in a loop": "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do value x.h $i; cc m.cpp; done",
    "edits in a loop, by renaming": "for i in 1 2 3 4 5 6; do value n.h $i; mv n.h x.h; cc m.cpp; done",
    "older file moved in": "value old.h 2; touch -d 2001-01-01 old.h; look m.cpp; mv old.h x.h; look m.cpp",
    "header gone": "look m.cpp; rm x.h; look m.cpp; value x.h 1; look m.cpp",
    "header becomes a folder": "look m.cpp; rm x.h; mkdir x.h; look m.cpp",
    "header unreadable syntax": "look m.cpp; echo '#error no' >x.h; look m.cpp; value x.h 1; look m.cpp",
    "shadowed on the path": "mkdir a b; value a/x.h 1; look -Ib -Ia angled.cpp; value b/x.h 2; look -Ib -Ia angled.cpp",
    "shadowed in a folder that appears": (
        "mkdir a; value a/x.h 1; look -Ib -Ia angled.cpp; mkdir b; value b/x.h 2; look -Ib -Ia angled.cpp"
    ),
    "shadowed beside the source": "mkdir a; mv x.h a; look -Ia m.cpp; value x.h 2; look -Ia m.cpp; rm x.h;"
    " look -Ia m.cpp",
    "shadowed beside a header": (
        "mkdir a b; echo '#include \"y.h\"' >a/x.h; value b/y.h 1; look -Ia -Ib angled.cpp;"
        "value a/y.h 2; look -Ia -Ib angled.cpp"
    ),
    "system header shadowed": (
        "mkdir a; echo '#include <stddef.h>' >x.h; echo '#ifndef V' >>x.h; echo '#define V 1' >>x.h;"
        "echo '#endif' >>x.h; look -Ia m.cpp; value a/stddef.h 2; look -Ia m.cpp"
    ),
    "system C++ header shadowed": (
        "mkdir a; echo '#include <cstddef>' >>x.h; look -Ia m.cpp; echo '#undef V' >a/cstddef;"
        "echo '#define V 2' >>a/cstddef; look -Ia m.cpp"
    ),
    "__has_include": (
        "mkdir a; printf '#if __has_include(<o.h>)\\n#define V 2\\n#else\\n#define V 1\\n#endif\\n' >x.h;"
        "look -Ia m.cpp; >a/o.h; look -Ia m.cpp; rm a/o.h; look -Ia m.cpp"
    ),
    "__has_include by macro": (
        "printf '#define N \"o.h\"\\n#if __has_include(N)\\n#define V 2\\n#else\\n#define V 1\\n#endif\\n' >x.h;"
        "look m.cpp; >o.h; look m.cpp; rm o.h; look m.cpp"
    ),
    "computed include": (
        "mkdir a b; printf '#define N <y.h>\\n#include N\\n' >x.h; value a/y.h 1;"
        "look -Ib -Ia m.cpp; value b/y.h 2; look -Ib -Ia m.cpp"
    ),
    "include_next": (
        "mkdir a b; echo '#include_next <x.h>' >a/x.h; value b/x.h 1; look -Ia -Ib angled.cpp;"
        "value b/x.h 2; look -Ia -Ib angled.cpp"
    ),
    "__has_include_next": (
        "mkdir a b;"
        "printf '#if __has_include_next(<x.h>)\\n#include_next <x.h>\\n#else\\n#define V 1\\n#endif\\n' >a/x.h;"
        "rm x.h; look -Ia -Ib angled.cpp; value b/x.h 2; look -Ia -Ib angled.cpp; rm b/x.h; look -Ia -Ib angled.cpp"
    ),
    "shadowed in a -iquote folder": (
        "mkdir a b; mv x.h a; look -iquote b -iquote a m.cpp; value b/x.h 2; look -iquote b -iquote a m.cpp"
    ),
    "other case": (
        "printf '#if __has_include(\"X.h\")\\n#define V 2\\n#else\\n#define V 1\\n#endif\\n' >x.h; look m.cpp;"
        ">X.h; look m.cpp; rm X.h; look m.cpp"
    ),
    "two names of a header read once": (
        "printf '#pragma once\\nint a = __COUNTER__;\\n' >a.h; printf '#pragma once\\nint b = __COUNTER__;\\n' >c.h;"
        'ln -s a.h b.h; printf \'#include "a.h"\\n#include "b.h"\\nint v = __COUNTER__;\\n\' >t.cpp; look t.cpp;'
        "ln -sf c.h b.h; look t.cpp; ln -sf a.h b.h; look t.cpp"
    ),
    "folder link retargeted": (
        "mkdir 1 2; value 1/x.h 1; value 2/x.h 2; ln -s 1 cur; look -Icur angled.cpp; ln -sfn 2 cur;"
        "look -Icur angled.cpp; ln -sfn 1 cur; look -Icur angled.cpp"
    ),
    "header link retargeted": (
        "value 1.h 1; value 2.h 2; ln -sf 1.h x.h; look m.cpp; ln -sf 2.h x.h; look m.cpp; ln -sf 1.h x.h; look m.cpp"
    ),
    "source link retargeted": (
        "echo 'int a;' >1.cpp; echo 'int b;' >2.cpp; ln -sf 1.cpp s.cpp; look s.cpp; ln -sf 2.cpp s.cpp; look s.cpp"
    ),
    "link's folder has another neighbour": (
        "mkdir a; value a/x.h 2; ln -s ../m.cpp a/m.cpp; look m.cpp; look a/m.cpp; value a/x.h 3; look a/m.cpp"
    ),
    "__TIME__": "echo 'const char *t = __TIME__;' >t.cpp; cc t.cpp >/dev/null; sleep 1.1;"
    "cc t.cpp >/dev/null; now=$(date +%T); strings m.o | grep -c -e "
    "\"$now\" -e $(date -d '1 second ago' +%T); look m.cpp;"
    "value x.h 2; look m.cpp",
    "__TIMESTAMP__": (
        "echo 'const char *t = __TIMESTAMP__;' >t.cpp; touch -d 2020-02-02 t.cpp; look t.cpp;"
        "touch -d 2021-03-03 t.cpp; look t.cpp; touch -d 2020-02-02 t.cpp; look t.cpp"
    ),
    "__TIMESTAMP__ in a header": (
        "echo 'const char *t = __TIMESTAMP__;' >x.h; echo '#define V 1' >>x.h;"
        " touch -d 2020-02-02 m.cpp x.h; look m.cpp;"
        "touch -d 2021-03-03 m.cpp; look m.cpp; touch -d 2022-04-04 x.h; look m.cpp"
    ),
    "__DATE__ with SOURCE_DATE_EPOCH": (
        "echo 'const char *t = __DATE__;' >t.cpp; export SOURCE_DATE_EPOCH=0; look t.cpp;"
        "export SOURCE_DATE_EPOCH=86400; look t.cpp; unset SOURCE_DATE_EPOCH; look t.cpp"
    ),
    "__TIME__ with SOURCE_DATE_EPOCH": (
        "echo 'const char *t = __TIME__;' >t.cpp; export SOURCE_DATE_EPOCH=0; look t.cpp;"
        "export SOURCE_DATE_EPOCH=60; look t.cpp; export SOURCE_DATE_EPOCH=nonsense; look t.cpp"
    ),
    ".incbin": (
        'echo one >d.bin; echo \'asm(".incbin \\"d.bin\\"");\' >t.cpp; look t.cpp; echo two >d.bin; look t.cpp;'
        "rm d.bin; look t.cpp"
    ),
    ".incbin in pieces": (
        'echo one >d.bin; echo \'asm(".inc" "bin \\"d.bin\\"");\' >t.cpp; look t.cpp; echo two >d.bin; look t.cpp'
    ),
    ".include": (
        "echo '.byte 1' >d.inc; echo 'asm(\".include \\\"d.inc\\\"\");' >t.cpp; look t.cpp; echo '.byte 2' >d.inc;"
        "look t.cpp"
    ),
    ".include in assembly": (
        "echo '.byte 1' >d.inc; echo '.include \"d.inc\"' >t.s; cp t.s t.S; look t.s; look t.S; echo '.byte 2' >d.inc;"
        "look t.s; look t.S"
    ),
    ".include on a path": (
        "mkdir a b; echo '.byte 1' >a/d.inc; echo '.include \"d.inc\"' >t.s; look -Wa,-Ib,-Ia t.s;"
        "echo '.byte 2' >b/d.inc; look -Wa,-Ib,-Ia t.s"
    ),
    "CPATH": "mkdir 1 2; value 1/x.h 1; value 2/x.h 2; export CPATH=1; look angled.cpp; CPATH=2; look angled.cpp",
    "CPLUS_INCLUDE_PATH": (
        "mkdir 1 2; value 1/x.h 1; value 2/x.h 2; export CPLUS_INCLUDE_PATH=1; look angled.cpp;"
        "CPLUS_INCLUDE_PATH=2; look angled.cpp; CPLUS_INCLUDE_PATH=; look angled.cpp"
    ),
    "CPATH shadowed": "mkdir 1 2; value 2/x.h 1; export CPATH=1:2; look angled.cpp; value 1/x.h 2; look angled.cpp",
    "order of -D and -U": "look -UV -DV=5 m.cpp; rm x.h; >x.h; look -DV=1 -UV m.cpp; look -UV -DV=1 m.cpp",
    "blanks in -D": "sed -i 1d m.cpp; look -DV='sizeof(\"a b\")' m.cpp; look -DV='sizeof(\"a\tbc\")' m.cpp",
    "order of -I": "mkdir a b; value a/x.h 1; value b/x.h 2; look -Ia -Ib angled.cpp; look -Ib -Ia angled.cpp",
    "-include file": "value f.h 1; sed -i 1d m.cpp; look -include f.h m.cpp; value f.h 2; look -include f.h m.cpp",
    "-imacros file": "value f.h 1; sed -i 1d m.cpp; look -imacros f.h m.cpp; value f.h 2; look -imacros f.h m.cpp",
    "-include shadowed": (
        "mkdir a; value a/f.h 1; sed -i 1d m.cpp; look -Ia -include f.h m.cpp; value f.h 2; look -Ia -include f.h m.cpp"
    ),
    "response file": "sed -i 1d m.cpp; echo -DV=1 >r; look @r m.cpp; echo -DV=2 >r; look @r m.cpp; rm r; look @r m.cpp",
    "nested response file": "sed -i 1d m.cpp; echo @s >r; echo -DV=1 >s; look @r m.cpp; echo -DV=2 >s; look @r m.cpp",
    "header named by a response file": (
        "sed -i 1d m.cpp; echo '-include f.h' >r; value f.h 1; look @r m.cpp; value f.h 2; look @r m.cpp"
    ),
    "colour of messages": (
        "echo 'int f() { int u; }' >w.cpp; look -Wall w.cpp; look -Wall "
        "-fdiagnostics-color=always w.cpp; look -w w.cpp;"
        "look -Wall w.cpp; look -Werror -Wall w.cpp"
    ),
    "-g in another folder": "mkdir a b; cp m.cpp x.h a; cp m.cpp x.h b; for d in a b a; do cd $d; look -g m.cpp; cd ..;"
    " done",
    "-g in a folder by another name": "mkdir a; cp m.cpp x.h a; ln -s a l; for d in a l a; do cd $d; look -g m.cpp;"
    " cd ..;"
    " done",
    "__FILE__ by another name": (
        "echo 'const char *f = __FILE__;' >t.cpp; look t.cpp; look ./t.cpp; look $PWD/t.cpp; look t.cpp"
    ),
    "name of the object with -gsplit-dwarf": (
        "for o in 1 2 1; do $W $CC -g -gsplit-dwarf -c m.cpp -o $o.o; ls; cksum *.o *.dwo; rm *.o *.dwo; done"
    ),
    "object modified in place": (
        "value x.h 1; look m.cpp; strip m.o; cksum m.o; cc m.cpp; echo damage >>m.o; cc m.cpp;"
        " cksum m.o; cp x.h m.o; cc m.cpp"
    ),
    "object modified in place, not removed": (
        "$W $CC -c m.cpp -o k.o; $W $CC -c m.cpp -o k.o; echo damage >>k.o; cksum k.o; $W $CC -c m.cpp -o k.o;"
        "cksum k.o; stat -c '%h %a' k.o; chmod 600 k.o; $W $CC -c m.cpp -o k.o; stat -c '%h %a' k.o"
    ),
    "umask": (
        "for u in 022 077 002; do umask $u; for i in 1 2; do rm -f k.o; $W $CC -c m.cpp -o k.o;"
        " stat -c '%h %a' k.o; done; done"
    ),
    "standard input": ('for v in 1 2 1; do echo "int v = $v;" | $W $CC -x c++ -c - -o k.o; cksum k.o; done'),
    "failure is not success": ("look m.cpp; echo 'int broken(' >>m.cpp; look m.cpp; sed -i '$d' m.cpp; look m.cpp"),
    "warning is not silence": "look -Wall m.cpp; echo '#warning late' >>x.h; look -Wall m.cpp",
    "working folder": "mkdir a; value a/x.h 2; cp m.cpp a; look m.cpp; cd a; look m.cpp; cd ..; look m.cpp",
    "PWD in the environment": (
        "mkdir a; cp m.cpp x.h a; ln -s a l; cd a; look -g m.cpp; PWD=$PWD/../l look -g m.cpp; PWD=/none look -g m.cpp"
    ),
    "language": "echo \"int s = sizeof 'c';\" >m.c; look -x c m.c; look -x c++ m.c; look -x c m.c",
    "-march": "look -O2 m.cpp; look -O2 -march=haswell -g m.cpp; look -O2 -march=skylake -g m.cpp",
    "preprocessed source": "echo '# 1 \"x.h\"' >t.ii; echo 'int a;' >>t.ii; look -g t.ii; sed -i s/x.h/y.h/ t.ii;"
    " look -g t.ii",
    "line marker's folder": "echo '# 1 \"/else//\"' >t.ii; echo 'int a;' >>t.ii; look -g t.ii; mkdir a; cd a;"
    " look -g ../t.ii",
}

GCC = {
    "header that gcc includes unasked": (
        "mkdir a; look -Ia m.cpp; echo 'int more;' >a/stdc-predef.h; look -Ia m.cpp; rm a/stdc-predef.h; look -Ia m.cpp"
    ),
    "relative system folder": (
        "mkdir -p 1/inc 2/inc 1/b 2/b; echo 'const char *f = __FILE__;' >1/inc/w.h; cp 1/inc/w.h 2/inc;"
        "echo '#include <w.h>' >1/b/t.cpp; cp 1/b/t.cpp 2/b; r=../inc; while [ ${#r} -lt 200 ]; do r=$r/../inc; done;"
        "for i in 1 2 1; do cd $i/b; look -isystem $r t.cpp; cd ../..; done"
    ),
    "assembler appears in COMPILER_PATH": (
        "mkdir b; export COMPILER_PATH=b; look m.cpp;"
        "printf '#!/bin/sh\\nexec /usr/bin/as --defsym one=1 \"$@\"\\n' >b/as;"
        "chmod +x b/as; look m.cpp; rm b/as; look m.cpp"
    ),
    "locale of messages": (
        "echo 'int f() { int u; }' >w.cpp; LC_ALL=C look -Wall w.cpp; LC_ALL=C.UTF-8 look -Wall w.cpp"
    ),
    "__TIME__ in pieces": (
        "printf '#define J(a, b) a##b\\nconst char *t = J(__TI, ME__);\\n' >t.cpp;"
        " export SOURCE_DATE_EPOCH=0; look t.cpp;"
        "export SOURCE_DATE_EPOCH=60; look t.cpp"
    ),
    "precompiled header rebuilt": (
        "g++ x.h -o x.h.gch; look m.cpp; value x.h 2; g++ x.h -o x.h.gch; look m.cpp; value x.h 3;"
        " look m.cpp; rm x.h.gch;"
        "look m.cpp"
    ),
    "-specs file": (
        "printf '*cc1plus:\\n+ -DZ=1\\n' >s.specs; echo 'int z = Z;' >>m.cpp; look -specs=s.specs m.cpp;"
        "printf '*cc1plus:\\n+ -DZ=2\\n' >s.specs; look -specs=s.specs m.cpp"
    ),
    "tools in a -B folder": (
        "mkdir b; printf '#!/bin/sh\\nexec as --defsym one=1 \"$@\"\\n' >b/as; chmod +x b/as; look -Bb m.cpp;"
        "sed -i 's/one=1/two=2/' b/as; look -Bb m.cpp; rm b/as; look -Bb m.cpp"
    ),
    "COMPILER_PATH": (
        "mkdir b; printf '#!/bin/sh\\nexec /usr/bin/as --defsym one=1 \"$@\"\\n' >b/as; chmod +x b/as; look m.cpp;"
        "export COMPILER_PATH=b; look m.cpp; sed -i 's/one=1/two=2/' b/as; look m.cpp"
    ),
    "GCC_COLORS": (
        "echo 'int f() { int u; }' >w.cpp; look -Wall -fdiagnostics-color=always w.cpp;"
        " export GCC_COLORS='warning=01;32';"
        "look -Wall -fdiagnostics-color=always w.cpp; GCC_COLORS=; look -Wall -fdiagnostics-color=always w.cpp"
    ),
    "profile": (
        "echo 'int main() { return 0; }' >m.cpp; look -fprofile-use -O2 m.cpp; echo junk >m.gcda;"
        "look -fprofile-use -O2 -Wall m.cpp; rm m.gcda; look "
        "-fprofile-use -O2 -Wcoverage-mismatch -Wmissing-profile m.cpp"
    ),
}

CLANG = {
    "configuration file": (
        "sed -i 1d m.cpp; echo -DV=1 >c.cfg; look --config=./c.cfg m.cpp; echo -DV=2 >c.cfg;"
        " look --config=./c.cfg m.cpp"
    ),
    "precompiled header rebuilt": (
        "sed -i 1d m.cpp; $CC -x c++-header x.h -o x.h.pch; look -include x.h m.cpp; value x.h 2;"
        "$CC -x c++-header x.h -o x.h.pch; look -include x.h m.cpp; rm x.h.pch; look -include x.h m.cpp"
    ),
    "#embed": (
        'echo one >d.bin; printf \'const char d[] = {\\n#embed "d.bin"\\n};\\nint s = sizeof d;'
        "' >t.cpp; look -w t.cpp;"
        "echo other >d.bin; look -w t.cpp"
    ),
    "__has_embed": (
        "printf '#if __has_embed(\"d.bin\")\\nint v = 2;\\n#else\\nint v = 1;\\n#endif\\n' >t.c;"
        " look -x c -std=c23 t.c; echo >d.bin;"
        "look -x c -std=c23 t.c"
    ),
    "overlay of the file system": (
        "value y.h 2; look m.cpp; echo \"{'version':0,'roots':[{'type':'file','name':'$PWD/x.h','external-contents':"
        "'$PWD/y.h'}]}\" >o.yaml; look -ivfsoverlay o.yaml m.cpp; value y.h 3; look -ivfsoverlay o.yaml m.cpp"
    ),
    "CCC_OVERRIDE_OPTIONS": (
        "sed -i 1d m.cpp; look -DV=1 m.cpp; export CCC_OVERRIDE_OPTIONS='#+-UV +-DV=2'; look -DV=1 m.cpp"
    ),
}


ALIKE = """\
edit of settled files that keeps size and time; edits in a loop, by renaming; header becomes a folder;
header unreadable syntax; older file moved in; source link retargeted;
header link retargeted; __TIMESTAMP__ in a header; CPLUS_INCLUDE_PATH;
CPATH shadowed; blanks in -D; order of -I;
-imacros file; -include shadowed; nested response file;
header named by a response file; object modified in place; object modified in place, not removed;
umask; standard input; working folder;
link's folder has another neighbour; failure is not success; PWD in the environment;
__FILE__ by another name""".replace(";\n", "; ").split("; ")
"""Hazards that do not depend on the family of compilers: tried with one."""


def tell(oracle: Oracle, compiler: str, script: str) -> None:
    """Run a scenario both ways. Its looks have to differ somewhere, or it would prove nothing."""
    need(compiler)
    said = oracle.shell(LOOK.format(compiler=compiler, mark=f"mark_{next(MARKS)}") + script)
    assert len(set(said.splitlines())) > 1, said


@pytest.mark.parametrize("hazard", BOTH | GCC)
def test_gcc(oracle: Oracle, hazard: str) -> None:
    tell(oracle, "g++", (BOTH | GCC)[hazard])


@pytest.mark.parametrize("hazard", [*CLANG, *(name for name in BOTH if name not in ALIKE)])
def test_clang(oracle: Oracle, hazard: str) -> None:
    tell(oracle, "clang++-19", (BOTH | CLANG)[hazard])
