"""Lists of inputs as the tools really write them, and as they might."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.toolchain.depfile import prerequisites


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("\n", ()),
        ("no rule here", ()),
        ("cell:", ()),
        ("cell: a.h", ("a.h",)),
        ("cell: a.h b.h\n", ("a.h", "b.h")),
        ("cell:\ta.h", ("a.h",)),
        ("cell: a.h a.h b.h a.h", ("a.h", "b.h")),
        ("cell: a.h \\\n b.h \\\n c.h\n", ("a.h", "b.h", "c.h")),
        ("cell: a.h \\\r\n b.h\r\n", ("a.h", "b.h")),
        ("cell: \\\n  a.h \\\n\n  b.h:\n", ("a.h",)),
        ("cell: a.h\n\na.h:\n\nb.h:\n", ("a.h",)),
        (r"cell: a\ b.h c.h", ("a b.h", "c.h")),
        (r"cell: a\#b.h", ("a#b.h",)),
        ("cell: a$$b.h", ("a$b.h",)),
        (r"cell: a\:b.h", ("a:b.h",)),
        ("cell: a:b.h", ("a:b.h",)),
        ("cell: C:/x/y.h", ("C:/x/y.h",)),
        (r"cell: dir\name.h", (r"dir\name.h",)),
        ("a\\:b/cell: x.h", ("x.h",)),
        ("/w/cell.o /w/cell.d: x.h", ("x.h",)),
        ("/w/cell.d: cell.rs x.rs\n\n/w/cell: cell.rs x.rs\n\nx.rs:\n\n# env-dep:V=1: 2\n", ("cell.rs", "x.rs")),
        ("# made by a tool: at noon\ncell: x.h", ("x.h",)),
        ("cell: ü/ж.h \udcff.h", ("ü/ж.h", "\udcff.h")),
    ],
)  # fmt: skip
def test_table(text: str, names: tuple[str, ...]) -> None:
    assert prerequisites(text) == names


HARD = (
    "plain.h",
    "with space.h",
    "hash#.h",
    "dollar$.h",
    "co:lon.h",
    "ünï.h",
    "quote'.h",
    "per%cent.h",
)


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
@pytest.mark.parametrize("name", HARD)
def test_names_as_compilers_write_them(tmp_path: Path, compiler: str, name: str) -> None:
    need(compiler)
    (tmp_path / name).write_text("")
    (tmp_path / "last.h").write_text("")
    (tmp_path / "cell.c").write_text(f'#include "{name}"\n#include "last.h"\n')
    run(tmp_path, compiler, "-E", "-MD", "-MF", "cell.d", "-MT", "cell", "cell.c", "-o", "cell.i")
    read = prerequisites((tmp_path / "cell.d").read_text())
    assert set(read) & {name, "last.h"} == {name, "last.h"}


@pytest.mark.parametrize("name", ["line\u2028separator.h", "next\u0085line.h", "file\x1cseparator.h", "form\x0cfeed.h"])
def test_names_with_what_python_takes_for_line_ends(tmp_path: Path, name: str) -> None:
    """A name may be given up, but never the names after it."""
    need("gcc")
    (tmp_path / name).write_text("")
    (tmp_path / "last.h").write_text("")
    (tmp_path / "cell.c").write_text(f'#include "{name}"\n#include "last.h"\n')
    run(tmp_path, "gcc", "-E", "-MD", "-MF", "cell.d", "-MT", "cell", "cell.c", "-o", "cell.i")
    assert "last.h" in prerequisites((tmp_path / "cell.d").read_text())


@pytest.mark.parametrize("name", ["libplain.a", "lib space.a", "lib#.a", "lib$.a"])
def test_names_as_the_linker_writes_them(tmp_path: Path, name: str) -> None:
    """GNU ld escapes nothing. A name it cannot be read from must at least not read as another one that exists."""
    need("gcc")
    (tmp_path / "v.c").write_text("int v(void) { return 1; }")
    (tmp_path / "cell.c").write_text("int v(void); int main(void) { return v(); }")
    run(tmp_path, "gcc", "-c", "v.c", "cell.c")
    run(tmp_path, "ar", "rc", name, "v.o")
    run(tmp_path, "gcc", "cell.o", name, "-Wl,--dependency-file=link.d", "-o", "cell")
    read = prerequisites((tmp_path / "link.d").read_text())
    assert "cell.o" in read
    assert name in read or any(not (tmp_path / path).exists() for path in read)


def test_rustc_and_its_variables(tmp_path: Path) -> None:
    need("rustc")
    (tmp_path / "a b.rs").write_text("pub const V: u8 = 1;")
    (tmp_path / "cell.rs").write_text('#[path = "a b.rs"] mod m;\nfn main() { m::V; option_env!("ZT: V"); }')
    run(tmp_path, "rustc", "--emit=dep-info=cell.d", "--crate-name", "cell", "cell.rs")
    assert prerequisites((tmp_path / "cell.d").read_text()) == ("cell.rs", "a b.rs")


def run(folder: Path, *argv: str) -> None:
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
