"""A recipe comes back as it was, or not at all, and holds nothing that is nobody's business."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from zcnb.daemon.recipe import Recipe, packed_recipe, unpacked_recipe
from zcnb.model.digest import Digest
from zcnb.model.outcome import CompilerInfo
from zcnb.model.scene import Scene
from zcnb.toolchain.base import Compiler, Step
from zcnb.wire.codec import pack

COMPILER = Compiler(
    info=CompilerInfo(name="gcc", path="/usr/bin/gcc", version="12"), executable="/usr/lib/gcc", identity=Digest("id"),
    language="c",
)  # fmt: skip
SCENE = Scene(
    cwd="/home/eva/\udcff",
    env={"PATH": "/bin", "LANG": "C", "CPATH": "/x", "HOME": "/home/eva", "API_TOKEN": "secret"},
    umask=0o27, nice=5, stdout_tty=True, stderr_tty=True, columns=100,
)  # fmt: skip
STEP = Step(
    name="compile", language="c", argv=("gcc", "-c", "a b.c"), program="/usr/lib/gcc", shown=("gcc",), text=True,
    outputs=("out.o", "out.d"), left_on_failure=("out.d",), flags=("-O2",), source=b"int x;\xff", search=("gcc", "-v"),
    listing=("gcc", "-M"), stdin=b"\0\1", files={"cell.c": b"\xfe\n"}, beside=True, private_tmp=False,
    side_files=("full.d",), material=(Digest("ab" * 32),), tools=("ld.mold",), expansion=("gcc", "-###"),
    leaks_cwd=True, uncacheable="because",
)  # fmt: skip
OBJECTS = (Digest("cd" * 32), Digest("ef" * 32))


def test_all_of_it_comes_back() -> None:
    plain = Step(name="compile", language="c", argv=("gcc",), shown=(), outputs=())
    same = [field.name for field in fields(Step) if getattr(STEP, field.name) == getattr(plain, field.name)]
    assert same == ["name", "language"], "a field that is left at its default shows nothing"
    found = unpacked_recipe(packed_recipe(COMPILER, SCENE, STEP, OBJECTS))
    kept = {name: value for name, value in SCENE.env.items() if name != "API_TOKEN"}
    assert found == Recipe(
        language="c", compiler="/usr/bin/gcc", scene=replace(SCENE, env=kept), step=STEP, objects=OBJECTS
    )
    assert hash(found.step.argv) == hash(STEP.argv), "lists are tuples again"


def test_secrets_of_the_environment_are_not_written_down() -> None:
    assert b"secret" not in packed_recipe(COMPILER, SCENE, STEP, OBJECTS)


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x93\1\2\3", pack({"step": {}}), packed_recipe(COMPILER, SCENE, STEP, ())[:-3],
             pack({"scene": {"cwd": "/", "env": {}}, "step": {"later": 1}})],
)  # fmt: skip
def test_what_cannot_be_read_is_no_recipe(data: bytes) -> None:
    assert unpacked_recipe(data) is None
