"""rustc: crates of each kind, its messages, its questions."""

from __future__ import annotations

import pytest

from tests.conftest import need
from tests.wrapper.oracle import Oracle, rows

FILES: dict[str, str] = {
    "main.rs": 'fn main() { println!("hello"); }\n',
    "lib.rs": "pub fn v() -> i32 { 1 }\n",
    "uses.rs": 'extern crate lib;\nfn main() { println!("{}", lib::v()); }\n',
    "mods.rs": 'mod shapes;\nmod deep;\nfn main() { println!("{}", shapes::V + deep::inner::V); }\n',
    "shapes.rs": "pub const V: i32 = 1;\n",
    "deep/mod.rs": "pub mod inner;\n",
    "deep/inner.rs": "pub const V: i32 = 2;\n",
    "text.rs": 'fn main() { print!("{}{}", include_str!("a.txt"), include_bytes!("b.bin").len()); }\n',
    "a.txt": "text\n",
    "b.bin": "12345",
    "code.rs": 'fn main() { println!("{}", include!("expr.in")); }\n',
    "expr.in": "1 + 2\n",
    "env.rs": 'fn main() { println!("{} {:?}", env!("ZT_ENV"), option_env!("ZT_OPTION")); }\n',
    "path.rs": '#[path = "elsewhere.rs"]\nmod other;\nfn main() { println!("{}", other::V); }\n',
    "elsewhere.rs": "pub const V: i32 = 5;\n",
    "warn.rs": "fn main() { let unused = 1; }\nfn never() {}\n",
    "bad.rs": 'fn main() { let x: i32 = "text"; nothing(); }\n',
    "macro.rs": 'macro_rules! v { () => { 4 } }\nfn main() { println!("{}", v!()); }\n',
    "cfg.rs": 'fn main() { println!("{}", if cfg!(feature = "extra") { 1 } else { 2 }); }\n',
    "where.rs": 'fn main() { println!("{} {} {}", file!(), line!(), module_path!()); }\n',
    "tests.rs": "#[test]\nfn holds() { assert_eq!(1, 1); }\n",
    "proc.rs": "extern crate proc_macro;\n#[proc_macro]\npub fn p(t: "
    "proc_macro::TokenStream) -> proc_macro::TokenStream { t }\n",
    "edition.rs": 'fn main() { let async_ = 1; println!("{}", async_); }\n',
    "no-dash.rs": "fn main() {}\n",
    "sp ace.rs": "fn main() {}\n",
    "empty.rs": "",
    "args.rsp": "main.rs\n-o\nfrom_args\n",
}

BUILDS = """
main.rs
main.rs -o prog
-o sub/prog main.rs
main.rs --out-dir out
main.rs --out-dir out -o prog
main.rs -C opt-level=2
main.rs -O
main.rs -g
main.rs -C debuginfo=2 -C strip=symbols
main.rs -C split-debuginfo=packed -g
main.rs -C target-cpu=native
main.rs -C prefer-dynamic
main.rs -C extra-filename=-abc -C metadata=abc
main.rs -C linker=none
main.rs -C link-arg=-Wl,-Map=prog.map
main.rs --edition 2021
main.rs --crate-name other
main.rs --crate-type bin
main.rs --target x86_64-unknown-linux-gnu
main.rs --target no-such-target
main.rs --remap-path-prefix $PWD=/src
main.rs --emit=obj
main.rs --emit=obj -o out.o
main.rs --emit=asm
main.rs --emit=llvm-ir
main.rs --emit=mir
main.rs --emit=metadata
main.rs --emit=dep-info
main.rs --emit=dep-info,link
main.rs --emit=dep-info=deps.d,link=prog
main.rs --emit asm,obj,link
main.rs --emit=metadata -o meta.rmeta
main.rs --emit=nonsense
mods.rs --emit=dep-info,link
text.rs --emit=dep-info,link
env.rs --emit=dep-info,link
lib.rs --crate-type lib
lib.rs --crate-type rlib -o libother.rlib
lib.rs --crate-type cdylib
lib.rs --crate-type dylib -C prefer-dynamic
lib.rs --crate-type lib --emit=metadata,dep-info
lib.rs --crate-type lib --emit=link --out-dir out
lib.rs --crate-type lib --crate-name lib -C metadata=1 -C extra-filename=-1 --emit=dep-info,metadata,link --out-dir out
proc.rs --crate-type proc-macro
uses.rs --extern lib=liblib.rlib
uses.rs --extern lib -L .
uses.rs -L .
uses.rs -L dependency=. --extern lib=liblib.rlib
uses.rs --extern lib=none.rlib
uses.rs
mods.rs
text.rs
code.rs
env.rs
path.rs
macro.rs
cfg.rs --cfg feature="extra"
cfg.rs --cfg 'feature="extra"'
cfg.rs
where.rs
./where.rs
$PWD/where.rs
edition.rs
no-dash.rs
'sp ace.rs'
empty.rs
empty.rs --crate-type lib
none.rs
sub
main.rs lib.rs
@args.rsp
@none.rsp
--test tests.rs
--test tests.rs -o tests
-
- -o prog
- --crate-name named --crate-type lib
"""

SAYING = """
warn.rs
warn.rs -A warnings
warn.rs -D warnings
warn.rs -W unused --cap-lints allow
warn.rs --error-format=json
warn.rs --error-format=short
warn.rs --error-format=human --color=always
warn.rs --color=always
warn.rs --diagnostic-width=40
warn.rs --error-format=json --json=artifacts,diagnostic-rendered-ansi
warn.rs --json=artifacts
bad.rs
bad.rs -o old
bad.rs --error-format=json
bad.rs --color=always
bad.rs --emit=dep-info,link
main.rs -C nonsense
main.rs -Z unstable-options
main.rs --no-such-option
main.rs -v
"""

ASKING = """
--version
-V
-vV
--version --verbose
--help
-C help
-W help
--print sysroot
--print cfg
--print target-list
--print file-names main.rs
--print crate-name main.rs
--print file-names --crate-type lib --crate-type bin ___
--explain E0308
- --crate-name ___ --print=file-names --crate-type bin --crate-type rlib --print=sysroot --print=cfg
+nightly --version
+no-such --version
"""


@pytest.fixture
def bench(oracle: Oracle) -> Oracle:
    need("rustc")
    for name, text in FILES.items():
        oracle.write(name, text)
    oracle.write("old", "what an earlier build left")
    oracle.path("sub").mkdir()
    return oracle


STDIN = b'fn main() { println!("from stdin"); }\n'
ENV = {"ZT_ENV": "set"}


@pytest.mark.parametrize("line", rows(BUILDS, SAYING))
def test_rustc(bench: Oracle, line: str) -> None:
    if line.startswith("uses.rs"):
        bench.shell("rustc lib.rs --crate-type lib")
    bench.twice("rustc", *bench.words(line), stdin=STDIN, env=ENV)


@pytest.mark.parametrize("line", ["main.rs", "lib.rs --crate-type lib", "bad.rs", "warn.rs --emit=dep-info,metadata"])
def test_on_top_of_its_outputs(bench: Oracle, line: str) -> None:
    bench.thrice("rustc", *bench.words(line))


LOOSE = {"main.rs -o missing/prog": "err"}


@pytest.mark.parametrize("line", LOOSE)
def test_rustc_whose_output_is_never_the_same(bench: Oracle, line: str) -> None:
    bench.twice("rustc", *bench.words(line), loose=LOOSE[line])


def test_incremental_compilation(bench: Oracle) -> None:
    """Its folder has random names; what counts is the program, and that the folder is there."""
    script = "$W rustc main.rs -C incremental=inc && ./main; ls -d inc/*/ | wc -l; rm -r inc"
    assert bench.shell(script + "; " + script) == b"hello\n1\nhello\n1\n"


@pytest.mark.parametrize("line", rows(ASKING))
def test_question(bench: Oracle, line: str) -> None:
    bench.same("rustc", *bench.words(line), stdin=STDIN)


def test_no_arguments(bench: Oracle) -> None:
    bench.same("rustc")


@pytest.mark.parametrize("line", ["warn.rs", "warn.rs --color=auto", "bad.rs", "warn.rs --color=never"])
def test_terminal_and_pipe_in_turn(bench: Oracle, line: str) -> None:
    for tty in (True, False, True):
        bench.same("rustc", *bench.words(line), tty=tty)


RUNS = {
    "main.rs -o prog": "hello\n",
    "mods.rs -o prog": "3\n",
    "text.rs -o prog": "text\n5",
    "env.rs -o prog": "set None\n",
    "uses.rs --extern lib=liblib.rlib -o prog": "1\n",
}


@pytest.mark.parametrize("line", RUNS)
def test_program_runs(bench: Oracle, line: str) -> None:
    script = f"rustc lib.rs --crate-type lib; for i in 1 2; do rm -f prog; $W rustc {line} && ./prog; done"
    assert bench.shell(script, env=ENV).decode() == 2 * RUNS[line]


@pytest.mark.parametrize("umask", [0o002, 0o077])
@pytest.mark.parametrize("line", ["main.rs", "lib.rs --crate-type lib", "lib.rs --crate-type lib --emit=metadata"])
def test_umask(bench: Oracle, line: str, umask: int) -> None:
    bench.twice("rustc", *bench.words(line), umask=umask)


@pytest.mark.parametrize("state", ["a link", "two names", "read-only", "a folder"])
@pytest.mark.parametrize("source", ["main.rs", "bad.rs"])
def test_output_that_is_there_already(bench: Oracle, source: str, state: str) -> None:
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
            out.mkdir()
    bench.twice("rustc", source, "-o", "out")
