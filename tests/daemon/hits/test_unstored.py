"""Right, though not from the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.hits.desk import (
    ADDRESS,
    CALLS,
    Desk,
    absolute,
    output,
    shows,
)


@pytest.mark.parametrize(
    "flag",
    ["-save-temps=obj", "-MMD", "--coverage", "-Wa,-I.", "-fstack-usage", "-Wl,-Map=m.map", "-B.", "@empty",
     "-Wl,--Map=m.map", "-Wl,-t", "-Wl,@empty"],
)  # fmt: skip
def test_flags_that_forbid_storing_still_build_and_run(plain: Desk, flag: str) -> None:
    plain.write("empty", "")
    cell = plain.cell(shows("1"), flag)
    first, second = cell.build(), cell.build()
    assert (output(first), output(second)) == ("1", "1")
    assert second.cache == "miss"
    assert all(flag in step.unstored for step in second.steps), second.steps


@pytest.mark.parametrize("flags", [("-Wl,@more",), ("-Xlinker", "@more")], ids=["-Wl", "-Xlinker"])
def test_a_linker_script_in_the_linkers_own_response_file(plain: Desk, flags: tuple[str, ...]) -> None:
    """Nothing is stored, so an edit shows at once, in the script and in the file that names it."""
    plain.write("more", "script.ld")
    plain.write("script.ld", absolute(1))
    plain.write("other.ld", absolute(3))
    cell = plain.cell(ADDRESS, "-no-pie", *flags)
    assert [cell.look() for _ in range(2)] == [("miss", "1")] * 2
    assert all(f"{flags[-1]} reads" in step.unstored for step in cell.build().steps), cell.build().steps
    plain.write("script.ld", absolute(2))
    assert cell.look() == ("miss", "2")
    plain.write("more", "other.ld")
    assert cell.look() == ("miss", "3")
    plain.write("more", "script.ld")
    plain.write("script.ld", absolute(1))
    assert cell.look() == ("miss", "1")


def test_without_cache_nothing_is_looked_up_or_stored(plain: Desk) -> None:
    cell = plain.cell(shows("1"))
    cell.use_cache = False
    entries = plain.shop.store.totals()[1]
    first, second = cell.build(), cell.build()
    assert [step.cache for built in (first, second) for step in built.steps] == ["miss"] * 4
    assert plain.shop.store.totals()[1] == entries
    cell.use_cache = True
    assert cell.look() == ("miss", "1")
    cell.use_cache = False
    assert cell.look() == ("miss", "1")


def test_damaged_program_is_built_again(both: Desk) -> None:
    cell = both.cell(shows("1"))
    program = Path(cell.build().program)
    damage(program)
    assert cell.look() == ("miss", "1")
    assert cell.look() == ("hit", "1")


def test_damaged_object_is_compiled_again(plain: Desk) -> None:
    """The link's key would still match: what counts is that the object handed to it is sound."""
    cell = plain.cell(CALLS, "helper.o")
    plain.object("helper.o", 1)
    before = set(plain.shop.cache.rglob("blobs/*/*"))
    assert cell.look() == ("miss", "1")
    for path in set(plain.shop.cache.rglob("blobs/*/*")) - before:
        damage(path)
    plain.object("helper.o", 2)
    assert cell.look() == ("miss", "2")


def damage(path: Path) -> None:
    path.chmod(0o755)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o555)


def test_failure_is_not_stored(both: Desk) -> None:
    cell = both.cell(shows("nothing"))
    assert [cell.look() for _ in range(2)] == [("failed", "")] * 2
    assert all(step.cache == "miss" for step in cell.build().steps)


def test_hit_replays_the_warnings(both: Desk) -> None:
    cell = both.cell(shows("1", "static int unused() { return 1; }"), "-Wall")
    first, second = cell.build(), cell.build()
    assert second.cache == "hit"
    assert "unused" in first.diagnostics
    assert first.diagnostics == second.diagnostics
