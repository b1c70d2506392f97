"""rustc's flags, its variables and its module paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zcnb.errors import CompilerNotFound, UsageError
from zcnb.model.digest import Digest
from zcnb.model.outcome import CompilerInfo
from zcnb.model.spec import BuildSpec
from zcnb.toolchain.base import Compiler, Reading, Step
from zcnb.toolchain.rustc import Rustc, checked_flags, why_uncacheable

ADAPTER = Rustc()
COMPILER = Compiler(
    info=CompilerInfo(name="rustc", path="/rustc", version="1.95.0"), executable="/rustc", identity=Digest("")
)


def spec(source: str = "fn main() {}", *flags: str, **env: str) -> BuildSpec:
    return BuildSpec(language="rust", source=source.encode(), flags=flags, cwd="/cell", env=env)


def step(*flags: str) -> Step:
    return ADAPTER.compile_step(spec("fn main() {}", *flags), COMPILER)


@pytest.mark.parametrize("flags", ["", "-O", "-C opt-level=3", "--cfg=x -Aunused", "-l m -lm", "-Clink-arg=x.o"])
def test_flags_pass_as_they_are(flags: str) -> None:
    assert checked_flags(flags.split()) == tuple(flags.split())


@pytest.mark.parametrize(
    ("flags", "why"),
    [("-o x", "where the program lies"), ("-", "cell's text"), ("main.rs", "only options"), ("-C", "value is missing")],
)
def test_refused_with_a_reason(flags: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        checked_flags(flags.split())


@pytest.mark.parametrize("flags", ["-O", "-C opt-level=3", "-Ctarget-cpu=native", "--cfg=x", "-Clink-arg=x.o"])
def test_cacheable(flags: str) -> None:
    assert why_uncacheable(flags.split()) == ""


@pytest.mark.parametrize(
    "flags",
    [
        "-Cincremental=d", "-C incremental=d", "--codegen=incremental=d", "--codegen incremental=d",
        "-Cprofile-use=p", "-Csave-temps", "-Clinker=cc", "-C linker=cc", "--codegen=linker=cc", "-Zfoo", "-Z foo",
        "-Ldir", "-L dir", "-Csplit-debuginfo=packed", "--emit=asm",
    ],
)  # fmt: skip
def test_uncacheable_or_refused(flags: str) -> None:
    try:
        checked_flags(flags.split())
    except UsageError:
        return
    assert why_uncacheable(flags.split()) != ""


def test_step_hides_the_work_folder_and_keeps_flags_in_order() -> None:
    made = step("-Copt-level=1", "-Copt-level=3")
    assert made.shown == ("rustc", "--edition", "2021", "-Copt-level=1", "-Copt-level=3", "cell.rs", "-o", "cell")
    order = [word for word in made.argv if word.startswith("-Copt")]
    assert order == ["-Copt-level=1", "-Copt-level=3"]
    assert made.files["cell.rs"] == b"\nfn main() {}"


def test_native_is_asked_for() -> None:
    assert step().expansion == ()
    assert "cfg" in step("-Ctarget-cpu=native").expansion


def test_reading_of_variables_and_sources() -> None:
    listing = (
        "/w/cell.d: /w/cell.rs x.rs\n\n/w/cell: /w/cell.rs x.rs\n\n/w/cell.rs:\nx.rs:\n\n"
        "# env-dep:SET=1\n# env-dep:UNSET\n# env-dep:EMPTY=\n# env-dep:LINES=a\\nb\\\\c=d\n"
    )
    read = ADAPTER.reading(step(), {"cell.d": listing, "link.d": "cell: /lib/libc.so.6 /w/cell.abc.rcgu.o"}, "")
    assert read.env == (("SET", "1"), ("UNSET", None), ("EMPTY", ""), ("LINES", "a\nb\\c=d"))
    assert read.inputs == ("/w/cell.rs", "x.rs", "/lib/libc.so.6")


def test_linker_without_lists_forbids_storing() -> None:
    read = ADAPTER.reading(step(), {}, "ld: unrecognized option '--dependency-file=x'")
    assert read.uncacheable
    assert set(read.retry_without) < set(step().argv)


def test_other_places_of_modules_are_probed() -> None:
    reading = Reading(inputs=("x.rs", "y/mod.rs", "x/z.rs", "data.txt"))
    found = ADAPTER.lookups(step(), COMPILER, {}, reading, {}, "").probes
    assert {"x/mod.rs", "y.rs", "x/z/mod.rs"} <= set(found)


def test_toolchain_files_above_the_folder_are_watched(tmp_path: Path) -> None:
    files = ADAPTER.context_files("/a/b", {"HOME": "/h"})
    assert {"/a/b/rust-toolchain", "/a/b/rust-toolchain.toml", "/a/rust-toolchain.toml", "/rust-toolchain"} <= set(
        files
    )
    assert "/h/.rustup/settings.toml" in files
    assert "/r/settings.toml" in ADAPTER.context_files("/a", {"RUSTUP_HOME": "/r"})


def test_identify(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    own = tmp_path / "bin" / "rustc"
    own.write_text("")
    own.chmod(0o755)
    answers = {"version": "rustc 1.95.0 (59807616e 2026-04-14)\nhost: x", "sysroot": f"{tmp_path}\n"}
    found = ADAPTER.identify("/home/me/.cargo/bin/rustc", "rust", answers)
    assert (found.executable, found.version) == (str(own), "1.95.0")
    assert os.fspath(own) in found.tools


def test_what_is_no_rustc_is_said_so() -> None:
    with pytest.raises(CompilerNotFound, match="does not say its version"):
        ADAPTER.identify("/bin/true", "rust", {"version": "", "sysroot": ""})
