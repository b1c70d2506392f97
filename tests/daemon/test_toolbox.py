"""A compiler is asked who it is once, and again when something behind the answer changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.conftest import need
from tests.daemon.hits.desk import tick
from zcnb.daemon.toolbox import Toolbox
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest
from zcnb.model.spec import BuildSpec
from zcnb.runner.pool import Pool


def test_asked_again_when_its_surroundings_change(project: Path, make_spec: Callable[..., BuildSpec]) -> None:
    real = need("clang++-19")
    logged, installed = project / "log", project / "installed"
    installed.mkdir()
    logged.touch()
    compiler = project / "clang++"
    compiler.write_text(
        f'#!/bin/sh\necho "$*" >> {logged}\n[ "$*" = -v ] && echo "InstalledDir: {installed}"\nexec {real} "$@"\n'
    )
    compiler.chmod(0o755)
    tick()  # what is as young as the question is asked about twice
    pool = Pool()
    toolbox = Toolbox(pool, FileMemo())
    spec = make_spec("int main() {}", compiler=str(compiler))

    async def resolved() -> Digest:
        _, found = await toolbox.resolve(spec.language, spec.compiler, spec.scene)
        return found.identity

    def asked() -> tuple[int, Digest]:
        identity = runner.run(resolved())
        return logged.read_text().splitlines().count("-v"), identity

    with asyncio.Runner() as runner:
        first = asked()
        assert asked() == first == (1, first[1])
        (installed / "clang++.cfg").write_text("-DX=1\n")
        tick()
        assert asked()[0] == 2
        assert asked()[0] == 2
        with compiler.open("a") as file:
            file.write("# another\n")
        changed = asked()
        assert changed[0] == 3
        assert changed[1] != first[1]
        runner.run(pool.close())
