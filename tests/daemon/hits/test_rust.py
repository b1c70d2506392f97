"""The same for Rust."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import (
    SHORT_GRACE_NS,
    Cell,
    Desk,
    Shop,
    appears,
    fails_then_holds,
    follows,
    output,
    tick,
    told,
)
from zcnb.daemon.steps import Underway
from zcnb.errors import CompilerNotFound
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.osdep import signature


@pytest.fixture(params=["young", "settled"])
def rust(request: pytest.FixtureRequest, shop: Shop, project: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    need("rustc")
    if request.param == "settled":
        monkeypatch.setattr(signature, "GRACE_NS", SHORT_GRACE_NS)
    return Desk(shop, project, "rustc", request.param == "settled")


@pytest.fixture
def crab(shop: Shop, project: Path) -> Desk:
    """rustc, young files."""
    need("rustc")
    return Desk(shop, project, "rustc")


def prints(expression: str, head: str = "") -> str:
    return f'{head}\nfn main() {{ print!("{{}}", {expression}); }}\n'


def ferrous(desk: Desk, source: str, *flags: str, **env: str) -> Cell:
    return desk.cell(source, *flags, language="rust", **env)


def test_rust_source(rust: Desk) -> None:
    cell = ferrous(rust, prints("1"))
    one, two = cell.source, ferrous(rust, prints("2")).source
    follows(cell, lambda: cell.change(source=two), lambda: cell.change(source=one))


def test_rust_flag(crab: Desk) -> None:
    cell = ferrous(crab, prints("if cfg!(two) { 2 } else { 1 }"), "-Aunexpected_cfgs")
    follows(
        cell, lambda: cell.change(flags=("--cfg=two", "-Aunexpected_cfgs")), lambda: cell.change(flags=cell.flags[1:])
    )


def test_rust_edition(crab: Desk) -> None:
    cell = ferrous(crab, prints("{ trait T { fn f(u8) -> u8; } 1 }"))
    assert cell.look() == ("failed", "")
    spec = cell.spec()
    older = BuildSpec(**{name: getattr(spec, name) for name in spec.__slots__} | {"edition": "2015"})
    assert told(crab.shop.run(crab.shop.builder.build(older, Underway()))) == ("miss", "1")
    assert cell.look() == ("failed", "")


@pytest.mark.parametrize("read", ['include_str!("data.txt")', 'include_bytes!("data.txt")[0] as char'])
def test_rust_included_data(rust: Desk, read: str) -> None:
    rust.write("data.txt", "1")
    follows(ferrous(rust, prints(read)), lambda: rust.write("data.txt", "2"), lambda: rust.write("data.txt", "1"))


def test_rust_included_code(crab: Desk) -> None:
    crab.write("code.rs", "1")
    cell = ferrous(crab, prints('include!("code.rs")'))
    follows(cell, lambda: crab.write("code.rs", "2"), lambda: crab.write("code.rs", "1"))


def test_rust_env(rust: Desk) -> None:
    cell = ferrous(rust, prints('env!("ZT_VALUE")'), ZT_VALUE="1")
    follows(cell, lambda: cell.env.update(ZT_VALUE="2"), lambda: cell.env.update(ZT_VALUE="1"))


def test_rust_env_removed(crab: Desk) -> None:
    cell = ferrous(crab, prints('env!("ZT_VALUE")'), ZT_VALUE="1")
    fails_then_holds(cell, lambda: cell.env.pop("ZT_VALUE"), lambda: cell.env.update(ZT_VALUE="1"))


@pytest.mark.parametrize("value", ["2", "", "two\nlines", "back\\slash", "ü"])
def test_rust_option_env(crab: Desk, value: str) -> None:
    cell = ferrous(crab, prints('option_env!("ZT_VALUE").unwrap_or("1")'))
    follows(cell, lambda: cell.env.update(ZT_VALUE=value), lambda: cell.env.pop("ZT_VALUE"), second=value)


def test_rust_sees_the_clients_temporary_folder(crab: Desk) -> None:
    cell = ferrous(crab, prints('option_env!("TMPDIR").unwrap_or("unset")'))
    cell.env.pop("TMPDIR", None)
    assert cell.look()[1] == "unset"


def test_rust_module_beside_the_cell(rust: Desk) -> None:
    rust.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(rust, prints("shapes::V", "mod shapes;"))
    follows(
        cell,
        lambda: rust.write("shapes.rs", "pub const V: i32 = 2;"),
        lambda: rust.write("shapes.rs", "pub const V: i32 = 1;"),
    )


def test_rust_module_in_a_folder(crab: Desk) -> None:
    crab.write("shapes/mod.rs", "pub mod deep;")
    crab.write("shapes/deep.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::deep::V", "mod shapes;"))
    follows(
        cell,
        lambda: crab.write("shapes/deep.rs", "pub const V: i32 = 2;"),
        lambda: crab.write("shapes/deep.rs", "pub const V: i32 = 1;"),
    )


def test_rust_second_place_of_a_module_appears(crab: Desk) -> None:
    crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    fails_then_holds(cell, lambda: crab.write("shapes/mod.rs", ""), lambda: crab.remove("shapes"))


def test_rust_module_at_a_path(crab: Desk) -> None:
    crab.write("parts/one.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("m::V", '#[path = "parts/one.rs"]\nmod m;'))
    follows(
        cell,
        lambda: crab.write("parts/one.rs", "pub const V: i32 = 2;"),
        lambda: crab.write("parts/one.rs", "pub const V: i32 = 1;"),
    )


def test_rust_module_deleted(crab: Desk) -> None:
    crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    fails_then_holds(cell, lambda: crab.remove("shapes.rs"), lambda: crab.write("shapes.rs", "pub const V: i32 = 1;"))


def test_rust_module_linked_elsewhere(crab: Desk) -> None:
    for number in (1, 2):
        crab.write(f"v{number}.rs", f"pub const V: i32 = {number};")
    crab.link("shapes.rs", "v1.rs")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    follows(cell, lambda: crab.link("shapes.rs", "v2.rs"), lambda: crab.link("shapes.rs", "v1.rs"))


def test_rust_cells_built_at_once_in_one_folder_do_not_mix(crab: Desk) -> None:
    cells = [ferrous(crab, prints(f"std::hint::black_box({number}) * 1")) for number in range(4)]

    async def story() -> list[Built]:
        return list(await asyncio.gather(*(cell.building() for cell in cells)))

    for _ in range(3):
        for cell in cells:
            cell.source += "\n"
        assert [output(built) for built in crab.shop.run(story())] == ["0", "1", "2", "3"]


def test_rust_data_above_the_cells_folder_is_not_found(crab: Desk) -> None:
    """A limit: the unit lies in a private folder, and only what is beside the cell is linked into it."""
    crab.write("data.txt", "1")
    cell = ferrous(crab, prints('include_str!("../data.txt")'))
    cell.folder = crab.path("sub")
    cell.folder.mkdir()
    assert cell.look()[0] == "failed"


def test_rust_data_named_only_by_a_module(crab: Desk) -> None:
    crab.write("shapes.rs", 'pub const V: &str = include_str!("notes.txt");')
    crab.write("notes.txt", "1")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"))
    follows(cell, lambda: crab.write("notes.txt", "2"), lambda: crab.write("notes.txt", "1"))


def test_rust_data_with_a_name_put_together(crab: Desk) -> None:
    crab.write("data.txt", "1")
    cell = ferrous(crab, prints('include_str!(concat!("da", "ta.txt"))'))
    follows(cell, lambda: crab.write("data.txt", "2"), lambda: crab.write("data.txt", "1"))


def test_rust_crate_given_by_path(crab: Desk) -> None:
    def crate(value: int) -> None:
        crab.write("dep.rs", f"pub const V: i32 = {value};")
        crab.tool("rustc", "--crate-type=rlib", "--crate-name=dep", "dep.rs", "-o", "libdep.rlib")

    crate(1)
    cell = ferrous(crab, prints("dep::V"), "--extern=dep=libdep.rlib")
    assert cell.look() == ("miss", "1")
    crate(2)
    assert cell.look() == ("miss", "2")


RUST_CALLS = prints("unsafe { v() }", 'extern "C" { fn v() -> i32; }')


def test_rust_object_on_the_link_line(crab: Desk) -> None:
    crab.object("helper.o", 1)
    cell = ferrous(crab, RUST_CALLS, "-Clink-arg=helper.o")
    follows(cell, lambda: crab.object("helper.o", 2), lambda: crab.object("helper.o", 1))


def test_rust_library_appears_earlier(crab: Desk) -> None:
    crab.library("a/libx.a", 1)
    cell = ferrous(crab, RUST_CALLS, "-Clink-arg=-Lb", "-Clink-arg=-La", "-Clink-arg=-lx")
    assert cell.look() == ("miss", "1")
    crab.library("b/libx.a", 2)
    assert cell.look() == ("miss", "2")


@pytest.mark.parametrize("form", [("-C", "linker={}"), ("-Clinker={}",), ("--codegen=linker={}",)])
def test_rust_linker_edited(crab: Desk, form: tuple[str, ...]) -> None:
    for number in (1, 2):
        crab.object(f"v{number}.o", number)
    linker = crab.script("mycc", f'exec cc "$@" {crab.path("v1.o")}')
    cell = ferrous(crab, RUST_CALLS, *(word.format(linker) for word in form))
    assert cell.look() == ("miss", "1")
    crab.script("mycc", f'exec cc "$@" {crab.path("v2.o")}')
    assert cell.look() == ("miss", "2")


def test_rust_linker_driver_on_path_changed(crab: Desk) -> None:
    for number in (1, 2):
        crab.object(f"v{number}.o", number)
    crab.script("tools/cc", f'exec /usr/bin/cc "$@" {crab.path("v1.o")}')
    cell = ferrous(crab, RUST_CALLS, PATH=f"{crab.path('tools')}:{os.environ['PATH']}")
    assert cell.look() == ("miss", "1")
    crab.script("tools/cc", f'exec /usr/bin/cc "$@" {crab.path("v2.o")}')
    assert cell.look() == ("miss", "2")


def test_rust_toolchain_that_does_not_exist(crab: Desk) -> None:
    """rustup's proxy refuses; a stored program must not hide that."""
    if "rustup" not in os.path.realpath(need("rustc")):
        pytest.skip("rustc is not rustup's proxy")
    cell = ferrous(crab, prints("1"))
    assert cell.look() == ("miss", "1")
    cell.env["RUSTUP_TOOLCHAIN"] = "no-such-toolchain"
    with pytest.raises(CompilerNotFound):
        cell.look()
    del cell.env["RUSTUP_TOOLCHAIN"]
    crab.write("rust-toolchain", "no-such-toolchain")
    with pytest.raises(CompilerNotFound):
        cell.look()
    crab.remove("rust-toolchain")
    assert cell.look() == ("hit", "1")
    cell.folder = crab.path("sub")
    cell.folder.mkdir()
    assert cell.look() == ("hit", "1")
    crab.write("rust-toolchain.toml", '[toolchain]\nchannel = "no-such-toolchain"\n')
    with pytest.raises(CompilerNotFound):
        cell.look()


def test_rust_module_edited_while_the_compiler_runs(crab: Desk) -> None:
    body = f'/usr/bin/cc "$@" || exit 1\ncase "$*" in *rcgu.o*) touch {crab.folder}/done/linked; sleep 0.3;; esac'
    crab.script("tools/cc", body)
    crab.path("done").mkdir()
    module = crab.write("shapes.rs", "pub const V: i32 = 1;")
    cell = ferrous(crab, prints("shapes::V", "mod shapes;"), PATH=f"{crab.path('tools')}:{os.environ['PATH']}")

    async def story() -> Built:
        task = asyncio.create_task(cell.building())
        await appears(crab.path("done/linked"))
        module.write_text("pub const V: i32 = 2;")
        return await task

    assert output(crab.shop.run(story())) == "1"
    tick()
    assert cell.look() == ("miss", "2")
