"""Calls of rustc as steps: words sorted, the output and its name as rustc has them, and what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.model.digest import Digest
from zcnb.model.outcome import CompilerInfo
from zcnb.toolchain.base import WORK, Compiler
from zcnb.toolchain.command import Refusal
from zcnb.toolchain.layout import placed
from zcnb.toolchain.rust_calls import rust_call

COMPILER = Compiler(
    info=CompilerInfo(name="rustc", path="/rustc", version="1.95.0"), executable="/own/rustc", identity=Digest("")
)
EMIT = ("--out-dir", WORK, f"--emit=link={WORK}/out,dep-info={WORK}/out.d")
LINKED = ("-C", f"link-arg=-Wl,--dependency-file={WORK}/link.d")

LIBRARY = "a library, whose bytes tell what else was written"


@pytest.mark.parametrize(
    ("line", "kept", "source", "place"),
    [
        ("a.rs", (), "a.rs", "a"),
        ("src/my-tool.rs", (), "src/my-tool.rs", "my-tool"),
        ("-O -g a.rs -o prog", ("-O", "-g"), "a.rs", "prog"),
        ("-o prog.x a.rs", (), "a.rs", "prog.x"),
        ("a.rs --out-dir=out", (), "a.rs", "out/a"),
        ("--crate-name=n a.rs", ("--crate-name", "n"), "a.rs", "n"),
        ("--crate-name n --crate-type bin --out-dir d a.rs",
         ("--crate-name", "n", "--crate-type", "bin"), "a.rs", "d/n"),
        ("-Copt-level=2 -C debuginfo=1 a.rs", ("-C", "opt-level=2", "-C", "debuginfo=1"), "a.rs", "a"),
        ("--codegen=lto a.rs --codegen panic=abort", ("--codegen", "lto", "--codegen", "panic=abort"), "a.rs", "a"),
        ("-Aunused -D warnings a.rs", ("-A", "unused", "-D", "warnings"), "a.rs", "a"),
        ("--edition=2021 --cfg x --cfg=y a.rs", ("--edition", "2021", "--cfg", "x", "--cfg", "y"), "a.rs", "a"),
        ("--crate-type bin --crate-type=bin a.rs", ("--crate-type", "bin", "--crate-type", "bin"), "a.rs", "a"),
        ("--test a.rs -o t", ("--test",), "a.rs", "t"),
        ("--test --crate-name n a-b.rs", ("--test", "--crate-name", "n"), "a-b.rs", "n"),
    ],
)  # fmt: skip
def test_a_program(line: str, kept: tuple[str, ...], source: str, place: str) -> None:
    step, found, places = rust_call(COMPILER, ("rustc", *line.split()))
    assert (found, places) == (source, {"out": place})
    assert step.argv == ("rustc", *kept, source, *EMIT, *LINKED)
    assert (step.flags, step.shown, step.program) == (kept, ("rustc", *line.split()), "/own/rustc")
    assert (step.name, step.language, step.outputs, step.side_files) == (
        "compile", "rust", ("out",), ("out.d", "link.d"),
    )  # fmt: skip
    assert step.leaks_cwd
    assert not step.private_tmp


@pytest.mark.parametrize("kind", ["lib", "rlib", "bin", "dylib", "cdylib", "staticlib", "proc-macro"])
@pytest.mark.parametrize("spelled", ["--crate-type {}", "--crate-type={}"])
def test_tests_are_a_program_whatever_the_crate_is(kind: str, spelled: str) -> None:
    step, _, places = rust_call(COMPILER, ("rustc", *spelled.format(kind).split(), "--test", "my-lib.rs"))
    assert step.argv == ("rustc", "--crate-type", kind, "--test", "my-lib.rs", *EMIT, *LINKED)
    assert step.side_files == ("out.d", "link.d")
    assert places == {"out": "my-lib"}


@pytest.mark.parametrize(
    ("line", "tools", "asked"),
    [
        ("a.rs", (), False),
        ("-Clink-arg=-fuse-ld=mold a.rs", ("ld.mold", "mold"), False),
        ("-C target-cpu=native a.rs", (), True),
    ],
)
def test_what_the_key_needs(line: str, tools: tuple[str, ...], asked: bool) -> None:
    step, _, _ = rust_call(COMPILER, ("rustc", *line.split()))
    assert (step.tools, bool(step.expansion)) == (tools, asked)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not one source file"),
        ("-O", "not one source file"),
        ("a.rs b.rs", "not one source file"),
        ("a.txt", "not one source file"),
        ("-", "rustc: -"),
        ("@args", "not one source file"),
        *((f"--crate-type {kind} a.rs", f"rustc: {LIBRARY}") for kind in (
            "lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro", "bin,lib", "bin --crate-type lib",
            "lib --crate-type bin", "lib --crate-type rlib",
        )),
        *((f"--crate-type={kind} a.rs -o x", f"rustc: {LIBRARY}") for kind in ("lib", "rlib")),
        *((f"{line} a.rs", "rustc: -o and --out-dir") for line in ("-o prog.x --out-dir out", "--out-dir=out -o p")),
        ("-Cextra-filename=-1 a.rs", "an unusual name for the output"),
        ("-C extra-filename=-1 a.rs", "an unusual name for the output"),
        ("a{b}.rs", "an unusual name for the output"),
        ("--emit=asm a.rs", "rustc: --emit"),
        ("--emit asm a.rs", "rustc: --emit"),
        ("--extern x=y.rlib a.rs", "rustc: --extern"),
        ("-L dir a.rs", "rustc: -L"),
        ("-ldir a.rs", "rustc: -ldir"),
        ("-Zunpretty=hir a.rs", "rustc: -Zunpretty"),
        ("--print cfg", "rustc: --print"),
        ("-V", "rustc: -V"),
        ("--version", "rustc: --version"),
        ("--explain E0001", "rustc: --explain"),
        ("-vV", "rustc: -vV"),
        ("-oprog a.rs", "rustc: -oprog"),
        ("--sysroot=/s a.rs", "rustc: --sysroot"),
        ("-Cincremental=d a.rs", "incremental=d reads or writes files"),
        ("-C linker=mycc a.rs", "linker=mycc reads or writes files"),
        ("-Csave-temps a.rs", "save-temps reads or writes files"),
        *((f"a.rs {word}", f"{word} without its value") for word in (
            "-o", "-C", "--edition", "--crate-name", "--crate-type", "--out-dir", "-A",
        )),
    ],
)  # fmt: skip
def test_refusals(line: str, why: str) -> None:
    with pytest.raises(Refusal) as caught:
        rust_call(COMPILER, ("rustc", *line.split()))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "a.rs", "my-tool.rs", "a.rs -o prog", "a.rs --out-dir out", "--crate-name n a.rs", "my-tool.rs --out-dir out",
        "--crate-type bin --crate-type bin my-tool.rs", "--test a.rs", "--test my-tool.rs", "-g my-tool.rs",
        "--crate-type lib --test my-tool.rs", "--crate-type=rlib --crate-name=n --test a.rs --out-dir=out",
        "--crate-type lib --test a.rs -o x", "--crate-type cdylib --test a.rs", "--crate-type proc-macro --test a.rs",
        "--crate-type bin,lib --test a.rs",
    ],
)  # fmt: skip
def test_the_output_is_rustcs_and_lies_where_rustc_puts_it(project: Path, tmp_path: Path, line: str) -> None:
    argv = [need("rustc"), *line.split()]
    step, source, places = rust_call(COMPILER, argv)
    (project / source).write_text("pub fn main() {}\n")
    (tmp_path / "work").mkdir()
    subprocess.run(placed(step.argv, tmp_path / "work"), cwd=project, check=True)
    assert [path for path in project.iterdir() if path.name != source] == []
    subprocess.run(argv, cwd=project, check=True)
    written = [path for path in project.rglob("*") if path.is_file() and path.name != source]
    assert [str(path.relative_to(project)) for path in written] == list(places.values())
    assert (tmp_path / "work" / "out").read_bytes() == written[0].read_bytes()
