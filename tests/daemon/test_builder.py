"""What the builder says besides the program: progress, durations, and errors that name what to do."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.daemon.hits.desk import tick
from tests.store.test_store import fill, small_disk
from zcnb.client.direct import build_directly
from zcnb.daemon.builder import Builder
from zcnb.daemon.singleflight import SingleFlight
from zcnb.daemon.steps import Steps, Underway
from zcnb.errors import CompilerNotFound, StoreError, UsageError
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import digest_bytes
from zcnb.model.outcome import Built
from zcnb.model.spec import BuildSpec
from zcnb.runner.pool import Pool
from zcnb.store.store import Store

SpecMaker = Callable[..., BuildSpec]
MAIN = "int main() {}\n"
KEY = digest_bytes(b"key")


class Shop:
    """A builder with a store of its own."""

    def __init__(self, root: Path, runner: asyncio.Runner) -> None:
        self.store, self.pool = Store(root), Pool()
        self.steps = Steps(self.store, self.pool, FileMemo())
        self.builder = Builder(self.store, self.steps)
        self._runner = runner

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(story)

    def close(self) -> None:
        self.run(self.pool.close())
        self.store.close()

    def build(self, spec: BuildSpec, underway: Underway | None = None) -> Built:
        built = self.run(self.builder.build(spec, underway or Underway(spec.slot)))
        assert isinstance(built, Built)
        return built


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    need("g++")
    with asyncio.Runner() as runner:
        made = Shop(tmp_path / "cache", runner)
        yield made
        made.close()


def test_missing_folder_is_told(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        shop.build(make_spec(MAIN, cwd=str(project / "gone")))


def test_missing_compiler_says_what_to_install(shop: Shop, make_spec: SpecMaker) -> None:
    with pytest.raises(CompilerNotFound, match="apt install g\\+\\+"):
        shop.build(make_spec(MAIN, env={"PATH": "/no/such/folder"}))


def test_unknown_compiler_is_named(shop: Shop, make_spec: SpecMaker) -> None:
    with pytest.raises(CompilerNotFound, match="g\\+\\+-99"):
        shop.build(make_spec(MAIN, compiler="g++-99"))


def test_what_is_no_compiler_is_said_so(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    (project / "hello").write_text("#!/bin/sh\necho hello\n")
    (project / "hello").chmod(0o755)
    with pytest.raises(CompilerNotFound, match="hello does not answer"):
        shop.build(make_spec(MAIN, compiler="./hello"))


def test_compiler_that_cannot_be_started(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    (project / "g++").write_text("#!/no/such/interpreter\n")
    (project / "g++").chmod(0o755)
    with pytest.raises(CompilerNotFound, match="g\\+\\+"):
        shop.build(make_spec(MAIN, compiler="./g++"))


def test_refused_flag_is_told(shop: Shop, make_spec: SpecMaker) -> None:
    with pytest.raises(UsageError, match="-c cannot be used"):
        shop.build(make_spec(MAIN, flags=("-c",)))


def test_rust_toolchain_that_is_not_installed_is_named(shop: Shop, make_spec: SpecMaker) -> None:
    if "rustup" not in os.path.realpath(need("rustc")):
        pytest.skip("rustc is not rustup's proxy")
    env = {**os.environ, "RUSTUP_TOOLCHAIN": "no-such-toolchain"}
    with pytest.raises(CompilerNotFound, match="no-such-toolchain"):
        shop.build(make_spec("fn main() {}", language="rust", env=env))


def test_progress_goes_through_the_phases(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    (project / "g++").write_text('#!/bin/sh\nsleep 0.1\nexec /usr/bin/g++ "$@"\n')
    (project / "g++").chmod(0o755)
    spec = make_spec(MAIN, compiler="./g++")
    underway = Underway()
    seen: list[str] = [underway.phase]

    async def story() -> None:
        task = asyncio.create_task(shop.builder.build(spec, underway))
        while not task.done():
            if underway.phase != seen[-1]:
                seen.append(underway.phase)
            await asyncio.sleep(0.002)
        assert (await task).ok

    shop.run(story())
    assert seen == ["lookup", "compile", "link"]
    assert underway.elapsed_ms > 200


def test_duration_of_the_last_miss_is_expected_next_time(shop: Shop, make_spec: SpecMaker) -> None:
    first, second, other = Underway("here"), Underway("here"), Underway("there")
    built = shop.build(make_spec(MAIN, slot="here"), first)
    assert first.expected_ms == 0.0
    spent = sum(step.ms for step in built.steps)
    assert spent > 0
    shop.build(make_spec(MAIN, slot="here"), second)
    assert second.expected_ms == pytest.approx(spent)
    shop.build(make_spec(MAIN, slot="there"), other)
    assert other.expected_ms == 0.0
    third = Underway("here")
    shop.build(make_spec(MAIN, slot="here"), third)
    assert third.expected_ms == pytest.approx(spent)  # a hit is no news about how long a miss takes


def test_steps_say_what_was_run_and_why(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    (project / "x.h").write_text("#define V 0\n")
    tick()
    spec = make_spec('#include "x.h"\nint main() { return V; }\n', flags=("-O1", "-lm"))
    first = shop.build(spec)
    assert [step.argv for step in first.steps] == [
        ("g++", "-std=c++20", "-O1", "-c", "cell.cpp", "-o", "cell.o"),
        ("g++", "cell.o", "-O1", "-lm", "-o", "cell"),
    ]
    assert [step.reason for step in first.steps] == ["first time", "first time"]
    (project / "x.h").write_text("#define V (0)\n")
    tick()
    assert shop.build(spec).steps[0].reason == "header x.h changed"


def test_unchanged_object_is_not_linked_again(shop: Shop, make_spec: SpecMaker) -> None:
    shop.build(make_spec("int main() { return 0; }\n"))
    built = shop.build(make_spec("int main() { return 0; } // a comment\n"))
    assert [step.cache for step in built.steps] == ["miss", "hit"]
    assert built.cache == "miss"


def test_warm_store_of_an_earlier_daemon_answers(
    shop: Shop, make_spec: SpecMaker, tmp_path: Path, project: Path
) -> None:
    (project / "x.h").write_text("#define V 3\n")
    tick()
    spec = make_spec('#include "x.h"\nint main() { return V; }\n')
    shop.build(spec)
    shop.store.close()
    with asyncio.Runner() as runner:
        later = Shop(tmp_path / "cache", runner)
        assert later.build(spec).cache == "hit"
        (project / "x.h").write_text("#define V 4\n")
        tick()
        built = later.build(spec)
        assert built.cache == "miss"
        assert subprocess.run([built.program], check=False).returncode == 4
        later.close()


def test_cleared_store_is_forgotten(shop: Shop, make_spec: SpecMaker) -> None:
    shop.build(make_spec(MAIN))
    list(shop.store.clearing())
    shop.steps.forget()
    built = shop.build(make_spec(MAIN))
    assert built.cache == "miss"
    assert subprocess.run([built.program], check=False).returncode == 0


def test_evicted_program_is_built_again(shop: Shop, make_spec: SpecMaker) -> None:
    first = shop.build(make_spec(MAIN))
    os.unlink(first.program)
    second = shop.build(make_spec(MAIN))
    assert [step.cache for step in second.steps] == ["hit", "miss"]
    assert "evicted" in second.steps[1].reason
    assert subprocess.run([second.program], check=False).returncode == 0


def test_variable_with_side_effects_forbids_storing(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    env = {**os.environ, "DEPENDENCIES_OUTPUT": str(project / "deps")}
    for _ in range(2):
        built = shop.build(make_spec(MAIN, env=env))
        assert (built.ok, built.cache) == (True, "miss")
        assert "DEPENDENCIES_OUTPUT" in built.steps[0].unstored


def test_no_work_is_left_behind(shop: Shop, make_spec: SpecMaker, tmp_path: Path) -> None:
    shop.build(make_spec(MAIN))
    shop.build(make_spec("int main() { return nothing; }"))
    (own,) = (tmp_path / "cache" / "v1" / "work").iterdir()
    assert list(own.iterdir()) == []


def test_full_disk_is_a_store_error_and_leaves_no_partial_blob(make_spec: SpecMaker, tmp_path: Path) -> None:
    need("g++")
    with small_disk(tmp_path / "disk") as disk, asyncio.Runner() as runner:
        full = Shop(disk / "cache", runner)
        assert full.build(make_spec(MAIN)).ok
        fill(disk)
        with pytest.raises(StoreError):
            full.build(make_spec("int v[20000] = {1}; int main() { return v[1]; }\n"))
        for path in (disk / "cache" / "v1" / "blobs").rglob("*"):
            if path.is_file():
                assert digest_bytes(path.read_bytes()) == path.parent.name + path.name
        (disk / "ballast").unlink()
        assert full.build(make_spec("int v[20000] = {1}; int main() { return v[1]; }\n")).ok
        full.close()


def test_output_of_the_compiler_is_bounded(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    (project / "g++").write_text(
        '#!/bin/sh\ncase " $* " in *" -c "*) yes "cell.cpp:2: error" | head -c 20000000 >&2; exit 1;; esac\n'
        'exec /usr/bin/g++ "$@"\n'
    )
    (project / "g++").chmod(0o755)
    built = shop.build(make_spec(MAIN, compiler="./g++"))
    assert not built.ok
    assert 1_000_000 < len(built.diagnostics) < 8_000_000
    assert built.diagnostics.rstrip().endswith("cut off]")


def test_single_flight_forgets_keys_that_are_done() -> None:
    async def story() -> list[bool]:
        flights = SingleFlight()
        order: list[bool] = []

        async def one() -> None:
            order.append(await flights.acquire(KEY))
            await asyncio.sleep(0.01)
            flights.release(KEY)

        await asyncio.gather(one(), one(), one())
        assert len(flights) == 0
        return order

    assert asyncio.run(story()) == [False, True, True]


def test_single_flight_survives_a_cancelled_waiter() -> None:
    async def story() -> None:
        flights = SingleFlight()
        await flights.acquire(KEY)
        waiter = asyncio.create_task(flights.acquire(KEY))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        flights.release(KEY)
        assert len(flights) == 0
        assert not await flights.acquire(KEY)
        flights.release(KEY)

    asyncio.run(story())


def test_where_headers_are_looked_for_is_asked_once(shop: Shop, make_spec: SpecMaker, project: Path) -> None:
    """It costs ten milliseconds, and two compilers' worth of cores where there is one. Asked again only when a
    folder on the path appeared."""
    logged = project / "log"
    compiler = project / "g++"
    compiler.write_text(f'#!/bin/sh\necho "$*" >> {logged}\nexec /usr/bin/g++ "$@"\n')
    compiler.chmod(0o755)

    def asked(value: int) -> int:
        source = f"int main() {{ return {value}; }}"
        shop.build(make_spec(source, flags=("-Ilater",), compiler=str(compiler)))
        return sum(" -E -v " in line for line in logged.read_text().splitlines())

    assert [asked(1), asked(2), asked(3)] == [1, 1, 1]
    (project / "later").mkdir()
    assert [asked(4), asked(5)] == [2, 2]


NO_X86 = """#!/bin/sh
case "$*" in *-masm=intel*) echo "g++: error: unrecognized command-line option '-masm=intel'" >&2; exit 1 ;; esac
exec /usr/bin/g++ "$@"
"""


@pytest.mark.parametrize("flags", [(), ("-masm=intel",)])
def test_a_compiler_without_intel_syntax_is_not_asked_for_it_twice(
    shop: Shop, make_spec: SpecMaker, project: Path, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """But who asks for it himself is told what the compiler says."""
    compiler = project / "g++"
    compiler.write_text(NO_X86)
    compiler.chmod(0o755)
    spec = make_spec(MAIN, compiler=str(compiler), emit="asm", flags=flags)
    direct = build_directly(spec, tmp_path, "for a test")
    for built in (shop.build(spec), shop.build(spec), direct):
        assert built.ok is not bool(flags), built.diagnostics
        assert ("unrecognized command-line option" in built.diagnostics) is bool(flags)
    assert shop.build(spec).cache == ("miss" if flags else "hit")
