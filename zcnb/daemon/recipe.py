"""What it takes to run a recorded step once more, as bytes that are kept with its result.

Of the environment only what a tool reads is kept: what else stands in there (tokens, passwords) is nobody's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from zcnb.errors import ProtocolError
from zcnb.model.digest import Digest
from zcnb.model.scene import Scene
from zcnb.model.spec import Language
from zcnb.toolchain.base import Compiler, Step
from zcnb.toolchain.environment import TERMINAL, relevant
from zcnb.wire.codec import pack, unpack

_KEPT = frozenset({"PATH", "HOME", "PWD", "TMPDIR", *TERMINAL})
"""Variables that a run needs besides those in every key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A step, the objects of earlier steps that it takes, and where and with which compiler it ran."""

    language: Language
    compiler: str
    """The path that it was found at."""
    scene: Scene
    step: Step
    objects: tuple[Digest, ...] = ()

    def with_variables(self, more: Mapping[str, str]) -> Scene:
        """The scene, with variables that the source itself asked for."""
        return replace(self.scene, env={**self.scene.env, **more})


def packed_recipe(compiler: Compiler, scene: Scene, step: Step, objects: tuple[Digest, ...]) -> bytes:
    """The recipe of a step, to be kept."""
    env = relevant(scene.env) | {name: value for name, value in scene.env.items() if name in _KEPT}
    return pack(
        Recipe(
            language=compiler.language, compiler=compiler.info.path, scene=replace(scene, env=env), step=step,
            objects=objects,
        )
    )  # fmt: skip


def unpacked_recipe(data: bytes) -> Recipe | None:
    """The recipe in `data`; `None` if this version cannot read it."""
    try:
        values = _tuples(unpack(data))
        return Recipe(**values | {"scene": Scene(**values["scene"]), "step": Step(**values["step"])})
    except (ProtocolError, TypeError, KeyError):
        return None


def _tuples(value: Any) -> Any:
    """Lists as the tuples that they were."""
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, Mapping):
        return {name: _tuples(part) for name, part in value.items()}
    return value
