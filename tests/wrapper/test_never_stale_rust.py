"""Never a wrong hit, continued: rustc. `look ARGUMENTS` compiles twice and runs the program."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import MARKS, Oracle

RUST = """
one() {{ rm -f prog; $W rustc "$@" -o prog >out 2>err; echo "exit $?"; cat out err; test ! -x prog || ./prog; }}
look() {{ local told=$(one "$@" 2>&1); echo "$told"; test -n "$W" && told=$(one "$@" 2>&1); echo "$told"; }}
crate() {{ echo "pub fn v() -> i32 {{ $1 }}" >lib.rs; rustc --crate-type lib lib.rs -o liblib.rlib; }}
says() {{ echo "fn main() {{ println!(\\"{{:?}} {mark}\\", $1); }}"; }}
"""

CRATES = {
    "edit": "says 1 >m.rs; look m.rs; says 2 >m.rs; look m.rs; says 1 >m.rs; look m.rs",
    "include_str!": "says 'include_str!(\"a.txt\")' >m.rs; echo 1 >a.txt; look m.rs; echo 2 >a.txt; look m.rs;"
    " rm a.txt; look m.rs",
    "include_bytes!": "says 'include_bytes!(\"a.bin\")' >m.rs; echo 1 >a.bin; look m.rs; echo 2 >a.bin; look m.rs",
    "include!": "says 'include!(\"e.in\")' >m.rs; echo 1 >e.in; look m.rs; echo 2 >e.in; look m.rs",
    "env!": "says 'env!(\"ZV\")' >m.rs; export ZV=1; look m.rs; ZV=2; look m.rs; unset ZV; look m.rs",
    "option_env!": "says 'option_env!(\"ZV\")' >m.rs; look m.rs; export ZV=1; look m.rs; ZV=; look m.rs; unset ZV;"
    " look m.rs",
    "module": "(echo 'mod a;'; says a::V) >m.rs; echo 'pub const V: i32 = 1;' >a.rs; look m.rs;"
    " sed -i s/1/2/ a.rs; look m.rs",
    "other file of a module appears": (
        "(echo 'mod a;'; says a::V) >m.rs; echo 'pub const V: i32 = 1;' >a.rs; look m.rs; mkdir a; cp a.rs a/mod.rs;"
        "look m.rs; rm a.rs; look m.rs"
    ),
    "#[path]": (
        "(echo '#[path = \"z.rs\"]mod a;'; says a::V) >m.rs; echo 'pub const V: i32 = 1;' >z.rs; look m.rs;"
        "sed -i s/1/2/ z.rs; look m.rs"
    ),
    "crate": (
        "(echo 'extern crate lib;'; says 'lib::v()') >m.rs; crate 1; look m.rs --extern lib=liblib.rlib; crate 2;"
        "look m.rs --extern lib=liblib.rlib"
    ),
    "crate found on a path": "(echo 'extern crate lib;'; says 'lib::v()') >m.rs; crate 1; look m.rs -L .; crate 2;"
    " look m.rs -L .",
    "option": "says 'cfg!(debug_assertions)' >m.rs; look m.rs; look m.rs -O; look m.rs --cfg x",
    "missing toolchain": "says 1 >m.rs; look m.rs; export RUSTUP_TOOLCHAIN=no-such-toolchain; look m.rs;"
    " unset RUSTUP_TOOLCHAIN; look m.rs",
    "toolchain file": "says 1 >m.rs; look m.rs; echo no-such-toolchain >rust-toolchain; look m.rs; rm rust-toolchain;"
    " look m.rs",
    "format of messages": (
        "echo 'fn main() { let unused = 1; }' >m.rs; look m.rs; look m.rs --error-format=json;"
        " look m.rs --color=always;"
        "look m.rs -A warnings"
    ),
    "native library": (
        "(echo '#[link(name = \"n\")] extern \"C\" { fn n() -> i32; }'; says 'unsafe { n() }') >m.rs; mkdir l;"
        'for v in 1 2; do echo "int n(void) { return $v; }" >n.c; gcc -c n.c; rm -f l/libn.a; ar rcD l/libn.a n.o;'
        "look m.rs -L native=l; done"
    ),
    "arguments file": "says 'cfg!(x)' >m.rs; echo m.rs >r; look @r; printf 'm.rs\\n--cfg\\nx\\n' >r; look @r",
    "remapped folder": "says 'file!()' >m.rs; look m.rs; look $PWD/m.rs; look m.rs --remap-path-prefix =/src",
}


@pytest.mark.parametrize("hazard", CRATES)
def test_rust(oracle: Oracle, hazard: str) -> None:
    need("rustc")
    said = oracle.shell(RUST.format(mark=f"mark_{next(MARKS)}") + CRATES[hazard], env={"RUSTUP_TOOLCHAIN": None})
    assert len(set(said.splitlines())) > 2, said
