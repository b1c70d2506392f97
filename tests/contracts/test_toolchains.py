"""What every adapter must do, whichever compiler stands behind it: compile, link, hit, fail, and leave no trace."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from zcnb.client.direct import build_directly
from zcnb.daemon.builder import Builder
from zcnb.daemon.steps import Steps, Underway
from zcnb.errors import UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec, Emit, Language
from zcnb.runner.pool import Pool
from zcnb.store.store import Store

SOURCES: dict[Language, dict[str, str]] = {
    "c": {
        "prints": '#include <stdio.h>\nint main(void) { printf("%d", 40 + 2); return 0; }\n',
        "places": '#include <stdio.h>\n\nint main(void) { printf("%d %s", __LINE__, __FILE__); return 0; }\n',
        "fails": "int main(void) {\n  return nothing;\n}\n",
        "unlinked": "int missing(void);\nint main(void) { return missing(); }\n",
        "warns": "int main(void) {\n  int unused = 1;\n  return 0;\n}\n",
    },
    "c++": {
        "prints": '#include <cstdio>\nint main() { std::printf("%d", 40 + 2); }\n',
        "places": '#include <cstdio>\n\nint main() { std::printf("%d %s", __LINE__, __FILE__); }\n',
        "fails": "int main() {\n  return nothing;\n}\n",
        "unlinked": "int missing();\nint main() { return missing(); }\n",
        "warns": "int main() {\n  int unused = 1;\n}\n",
    },
    "rust": {
        "prints": 'fn main() {\n    print!("{}", 40 + 2);\n}\n',
        "places": 'fn main() {\n\n    print!("{} {}", line!(), file!());\n}\n',
        "fails": "fn main() {\n    nothing;\n}\n",
        "unlinked": 'extern "C" { fn missing(); }\nfn main() { unsafe { missing() } }\n',
        "warns": "fn main() {\n    let unused = 1;\n}\n",
    },
}
PLACES = {"c": "4 cell.c", "c++": "4 cell.cpp", "rust": "4 cell.rs"}
SUFFIX = {"c": "c", "c++": "cpp", "rust": "rs"}
WARNING_FLAGS: dict[Language, tuple[str, ...]] = {"c": ("-Wall",), "c++": ("-Wall",), "rust": ()}


@dataclass
class Bench:
    """One compiler, one builder, one folder."""

    compiler: str
    language: Language
    folder: Path
    cache: Path
    builder: Builder
    runner: asyncio.Runner
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def spec(self, what: str, *flags: str, source: str = "", **fields: Any) -> BuildSpec:
        return BuildSpec(
            language=self.language,
            source=(source or SOURCES[self.language][what]).encode(),
            flags=flags,
            compiler=self.compiler,
            cwd=str(self.folder),
            env=self.env,
            **fields,
        )

    def build(self, what: str, *flags: str, **fields: Any) -> Built:
        return self.runner.run(self.builder.build(self.spec(what, *flags, **fields), Underway()))

    def run(self, what: str, *flags: str) -> str:
        built = self.build(what, *flags)
        assert built.ok, built.diagnostics
        return subprocess.run([built.program], capture_output=True, text=True, timeout=20, check=True).stdout


@pytest.fixture(
    scope="module", params=["gcc:c", "clang-19:c", "g++:c++", "clang++-19:c++", "rustc:rust"], ids=lambda value: value
)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    compiler, _, language = request.param.partition(":")
    need(compiler)
    root = tmp_path_factory.mktemp("bench")
    (root / "project").mkdir()
    store = Store(root / "cache")
    with asyncio.Runner() as runner:
        pool = Pool()
        builder = Builder(store, Steps(store, pool, FileMemo()))
        yield Bench(compiler, language, root / "project", root / "cache", builder, runner)
        runner.run(pool.close())
    store.close()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*[mK]", "", text)


def test_program_runs_and_prints(bench: Bench) -> None:
    assert bench.run("prints") == "42"


def test_second_build_is_a_hit_of_all_steps(bench: Bench) -> None:
    first, second = bench.build("prints", "-O1" if bench.language != "rust" else "-O"), None
    second = bench.build("prints", "-O1" if bench.language != "rust" else "-O")
    assert first.cache == "miss"
    assert [step.cache for step in second.steps] == ["hit"] * len(first.steps)
    assert second.cache == "hit"
    assert second.program == first.program
    assert second.inputs == first.inputs
    assert all(step.ms == 0 and step.saved_ms > 0 for step in second.steps)


def test_failing_cell_has_no_program_and_the_editors_line(bench: Bench) -> None:
    built = bench.build("fails")
    assert (built.ok, built.program) == (False, "")
    assert built.exit_code > 0
    assert f"cell.{SUFFIX[bench.language]}:3" in plain(built.diagnostics)
    assert "nothing" in plain(built.diagnostics)


def test_failing_link_is_a_failure(bench: Bench) -> None:
    built = bench.build("unlinked")
    assert (built.ok, built.program) == (False, "")
    assert "missing" in built.diagnostics
    assert str(bench.cache) not in built.diagnostics


def test_file_and_line_are_the_cells(bench: Bench) -> None:
    assert bench.run("places") == PLACES[bench.language]


def test_warnings_have_the_editors_line_and_are_replayed(bench: Bench) -> None:
    flags = WARNING_FLAGS[bench.language]
    first, second = bench.build("warns", *flags), bench.build("warns", *flags)
    assert f"cell.{SUFFIX[bench.language]}:3" in plain(first.diagnostics)
    assert (second.cache, second.diagnostics) == ("hit", first.diagnostics)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("what", ["prints", "places"])
def test_private_folder_is_not_in_the_program(bench: Bench, what: str, debug: bool) -> None:
    built = bench.build(what, *(["-g"] if debug else []))
    assert built.ok, built.diagnostics
    assert str(bench.cache).encode() not in Path(built.program).read_bytes()


@pytest.mark.parametrize("what", ["fails", "warns", "unlinked"])
def test_private_folder_is_not_in_the_diagnostics(bench: Bench, what: str) -> None:
    assert str(bench.cache) not in bench.build(what, *WARNING_FLAGS[bench.language]).diagnostics


def test_private_folder_is_not_in_the_commands_or_the_inputs(bench: Bench) -> None:
    built = bench.build("prints")
    assert not any(str(bench.cache) in word or "zcnb" in word for step in built.steps for word in step.argv)
    assert not any(path.startswith(str(bench.cache)) for path in built.inputs)


def test_nothing_is_written_into_the_cells_folder(bench: Bench) -> None:
    """Not even for a moment: two cells built at once would share such files."""
    before = bench.folder.stat().st_mtime_ns
    built = bench.build("", source=SOURCES[bench.language]["prints"] + "// another\n")
    assert (built.ok, built.cache) == (True, "miss")
    assert list(bench.folder.iterdir()) == []
    assert bench.folder.stat().st_mtime_ns == before


def test_program_is_read_only_and_executable(bench: Bench) -> None:
    assert Path(bench.build("prints").program).stat().st_mode & 0o777 == 0o555


def test_inputs_are_absolute_and_there(bench: Bench) -> None:
    inputs = bench.build("prints").inputs
    assert inputs
    assert [path for path in inputs if not os.path.isabs(path) or not os.path.exists(path)] == []


def test_compiler_is_named(bench: Bench) -> None:
    info = bench.build("prints").compiler
    assert info.name == bench.compiler
    assert os.path.isabs(info.path)
    assert re.match(r"\d+\.\d+", info.version)


def test_object_equals_the_bare_compilers(bench: Bench) -> None:
    """No option of ours leaves a trace in the program."""
    if bench.language == "rust":
        pytest.skip("rustc's programs hold the crate's hash, which the name of the file is part of")
    built = bench.build("prints", "-O1")
    name = f"cell.{SUFFIX[bench.language]}"
    work = bench.cache.parent / f"bare-{bench.compiler}"
    work.mkdir(exist_ok=True)
    (work / name).write_text("\n" + SOURCES[bench.language]["prints"])
    standard = ["-std=c++20"] if bench.language == "c++" else []
    compile_argv = [bench.compiler, *standard, "-O1", "-c", name, "-o", "cell.o"]
    for argv in (compile_argv, [bench.compiler, "cell.o", "-O1", "-o", "cell"]):
        subprocess.run(argv, cwd=work, check=True)
    assert Path(built.program).read_bytes() == (work / "cell").read_bytes()


def test_missing_colour_is_no_reason_to_fail_in_another_locale(bench: Bench) -> None:
    bench.env = {**os.environ, "LC_ALL": "C"}
    try:
        assert f"cell.{SUFFIX[bench.language]}:3" in plain(bench.build("fails").diagnostics)
    finally:
        bench.env = dict(os.environ)


FORMS: dict[str, tuple[Emit, ...]] = {
    "gcc": ("asm", "preprocessed"),
    "clang-19": ("asm", "preprocessed", "llvm-ir"),
    "g++": ("asm", "preprocessed"),
    "clang++-19": ("asm", "preprocessed", "llvm-ir"),
    "rustc": ("asm", "llvm-ir", "mir"),
}
TEXTS: tuple[Emit, ...] = ("asm", "llvm-ir", "preprocessed", "mir")
SHOWS: dict[Emit, str] = {"asm": r"(?m)^main:", "llvm-ir": r"define .*@main\(", "preprocessed": "40", "mir": "fn main"}
OPTIMIZED = {"c": "-O3", "c++": "-O3", "rust": "-Copt-level=3"}
LOOPS: dict[Language, str] = {
    "c": "void scale(float *v) {\n  for (int i = 0; i < 4096; ++i)\n    v[i] *= 2;\n}\nint main(void) { return 0; }\n",
    "c++": "void scale(float *v) {\n  for (int i = 0; i < 4096; ++i)\n    v[i] *= 2;\n}\nint main() {}\n",
    "rust": "#[no_mangle] pub fn scale(v: &mut [f32; 4096]) { let mut i = 0;\n  while i < 4096 {\n"
    "    v[i] *= 2.0; i += 1;\n}}\nfn main() {}\n",
}


@pytest.mark.parametrize("emit", TEXTS)
def test_a_text_is_made_or_it_is_said_why_not(bench: Bench, emit: Emit) -> None:
    if emit not in FORMS[bench.compiler]:
        with pytest.raises(UsageError, match=f"--emit {emit} is not possible here: .* it can be asm"):
            bench.build("prints", emit=emit)
        return
    built = bench.build("prints", emit=emit)
    assert (built.ok, built.program, [step.step for step in built.steps]) == (True, "", ["compile"])
    text = Path(built.emitted).read_text()
    assert re.search(SHOWS[emit], text)
    assert str(bench.cache) not in text
    assert Path(built.emitted).stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("emit", TEXTS)
def test_a_text_is_a_hit_and_the_same_however_it_is_made(bench: Bench, emit: Emit, tmp_path: Path) -> None:
    if emit not in FORMS[bench.compiler]:
        pytest.skip("it does not make that")
    first, second = bench.build("places", emit=emit), bench.build("places", emit=emit)
    assert (first.cache, second.cache, second.emitted) == ("miss", "hit", first.emitted)
    again = bench.build("places", emit=emit, use_cache=False)
    assert (again.cache, again.emitted) == ("miss", first.emitted)
    direct = build_directly(bench.spec("places", emit=emit), tmp_path, "for a test")
    assert (direct.ok, direct.program) == (True, "")
    assert Path(direct.emitted).read_bytes() == Path(first.emitted).read_bytes()
    assert direct.steps[0].argv == first.steps[0].argv


def test_texts_and_programs_do_not_answer_each_other(bench: Bench) -> None:
    source = SOURCES[bench.language]["prints"] + "// forms\n"
    for emit in ("program", *FORMS[bench.compiler]):
        assert bench.build("", source=source, emit=emit).cache == "miss"
    made = [bench.build("", source=source, emit=emit) for emit in ("program", *FORMS[bench.compiler])]
    assert {built.cache for built in made} == {"hit"}
    assert len({built.program or built.emitted for built in made}) == len(made)


def test_a_failing_cell_has_no_text(bench: Bench) -> None:
    built = bench.build("fails", emit="asm")
    assert (built.ok, built.program, built.emitted) == (False, "", "")
    assert f"cell.{SUFFIX[bench.language]}:3" in plain(built.diagnostics)


def test_warnings_come_with_the_assembly_too(bench: Bench) -> None:
    flags = WARNING_FLAGS[bench.language]
    first, second = (bench.build("warns", *flags, emit="asm") for _ in range(2))
    assert f"cell.{SUFFIX[bench.language]}:3" in plain(first.diagnostics)
    assert (second.cache, second.diagnostics) == ("hit", first.diagnostics)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="other processors have one syntax")
def test_intel_syntax_unless_another_is_asked_for(bench: Bench) -> None:
    chosen = "-Cllvm-args=--x86-asm-syntax=att" if bench.language == "rust" else "-masm=att"
    assert "%rsp" not in Path(bench.build("prints", emit="asm").emitted).read_text()
    assert "%rsp" in Path(bench.build("prints", chosen, emit="asm").emitted).read_text()


def test_assembly_knows_the_editors_lines(bench: Bench) -> None:
    text = Path(bench.build("", source=LOOPS[bench.language], emit="asm").emitted).read_text()
    assert re.search(r"\.loc\s+\d+ 4 ", text)


def test_line_numbers_change_no_instruction(bench: Bench) -> None:
    """The assembly that is shown is that of the program."""
    none = "-Cdebuginfo=0" if bench.language == "rust" else "-g0"
    with_lines, without = (
        Path(bench.build("", *flags, source=LOOPS[bench.language], emit="asm").emitted).read_text()
        for flags in ((OPTIMIZED[bench.language],), (OPTIMIZED[bench.language], none))
    )
    assert ".loc" in with_lines
    assert ".loc" not in without
    assert len(instructions(without)) > 5
    assert instructions(with_lines) == instructions(without)


def instructions(text: str) -> list[str]:
    """The instructions of `scale`, without comments."""
    _, _, after = re.split(r"(?m)^(\w*scale\w*):", text)
    body = after.partition(".cfi_endproc")[0].splitlines()
    return [line.partition("#")[0].strip() for line in body if re.match(r"\t[a-z]", line)]


def test_remarks_tell_of_loops_and_are_replayed(bench: Bench) -> None:
    flags = (OPTIMIZED[bench.language],)
    first, second = (bench.build("", *flags, source=LOOPS[bench.language], remarks=True) for _ in range(2))
    assert "vectorized" in plain(first.diagnostics)
    assert f"cell.{SUFFIX[bench.language]}:3:" in plain(first.diagnostics)
    assert first.program
    assert (second.cache, second.diagnostics, second.program) == ("hit", first.diagnostics, first.program)
    without = bench.build("", *flags, source=LOOPS[bench.language])
    assert (without.cache, without.diagnostics) == ("miss", "")


def test_remarks_come_with_assembly(bench: Bench) -> None:
    built = bench.build("", OPTIMIZED[bench.language], source=LOOPS[bench.language], remarks=True, emit="asm")
    assert "vectorized" in plain(built.diagnostics)
    assert built.emitted


@pytest.mark.parametrize("emit", ["asm", "llvm-ir"])
def test_flags_that_would_make_another_text_do_not(bench: Bench, emit: Emit) -> None:
    """With `-flto` gcc and clang write what the linker's compiler reads; with several units rustc writes several."""
    if emit not in FORMS[bench.compiler]:
        pytest.skip("it does not make that")
    built = bench.build("prints", "-Ccodegen-units=4" if bench.language == "rust" else "-flto", emit=emit)
    assert built.ok, built.diagnostics
    assert re.search(SHOWS[emit], Path(built.emitted).read_text())


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the assembly is for x86")
def test_assembly_in_the_cell_is_read_as_in_a_program(bench: Bench) -> None:
    if bench.language == "rust":
        pytest.skip("rustc reads Intel syntax in any case")
    source = 'int main() { int one = 0; __asm__("addl $1, %0" : "+r"(one)); return one; }\n'
    built = bench.build("", "-O1", source=source, emit="asm")
    assert built.ok, built.diagnostics
    assert re.search(r"addl?\s+(?:\$1, eax|eax, 1)", Path(built.emitted).read_text())
