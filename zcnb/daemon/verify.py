"""Is a recorded result what its tool makes today? The step is run once more, and everything is compared.

Rules. A result whose inputs changed is no answer any more, so it is not compared: the key is made anew (it holds the
compiler by content) and the manifest is held against the disk, before and after the run. A result that differs is
forgotten at once, whoever is to blame: it must not be handed out again. The run takes its turn behind whoever waits
for a cell.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from zcnb.daemon.offload import asking
from zcnb.daemon.recipe import Recipe, unpacked_recipe
from zcnb.daemon.steps import Setting, Steps, Underway
from zcnb.daemon.workshop import Made
from zcnb.errors import CompilerNotFound, UsageError
from zcnb.freshness.check import first_change, watch
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest
from zcnb.model.outcome import Output
from zcnb.store.rows import Entry
from zcnb.store.store import Store
from zcnb.toolchain.layout import placed
from zcnb.wire.messages import Verified, Verify

TWICE = "two runs of the tool differ as well: it does not write the same twice"


class _Skipped(Exception):
    """There is nothing to compare; `str()` is the reason."""


class Verifier:
    """Runs recorded steps again. One for each daemon; used from the event loop only."""

    def __init__(self, store: Store, steps: Steps, memo: FileMemo) -> None:
        self._store, self._steps, self._memo = store, steps, memo

    async def next(self, request: Verify, underway: Underway) -> Verified:
        """The verdict about the result that follows those asked for before. Raises `StoreError`, `RunnerError`."""
        found = self._store.following(request.key, request.entry)
        if found is None:
            return Verified("none")
        key, entry, number = found
        recipe = unpacked_recipe(self._store.recipe(key, entry)) if entry else None
        if entry is None or recipe is None:
            return Verified("skipped", key, number, "how it was made is not known")
        told = partial(
            Verified, key=key, entry=number, step=recipe.step.name, command=_command(recipe), cwd=recipe.scene.cwd
        )
        try:
            difference = await self._difference(key, entry, recipe, underway)
        except _Skipped as reason:
            return told("skipped", detail=str(reason))
        if not difference:
            return told("equal")
        self._store.drop(entry)
        self._steps.forget(key)
        return told("differs", detail=difference, inputs=tuple(path for path, _ in entry.manifest.inputs))

    async def _difference(self, key: Digest, entry: Entry, recipe: Recipe, underway: Underway) -> str:
        """What a run now gives that is not as recorded; empty if nothing. Raises `_Skipped`."""
        setting = await self._setting(entry, recipe, underway)
        if key not in await self._steps.keys(setting, recipe.step):
            raise _Skipped("the compiler or one of its tools changed since")
        await self._check_inputs(entry, setting)
        stored, objects = await self._steps.outputs(entry), self._objects(recipe)
        if stored is None:
            raise _Skipped("it was evicted")
        made = await self._made(setting, recipe, objects)
        await self._check_inputs(entry, setting)
        difference = await asyncio.to_thread(differences, entry, stored, made, self._paths(made))
        if not difference:
            return ""
        again = await self._made(setting, recipe, objects)
        return difference if again.outputs == made.outputs else f"{difference}; {TWICE}"

    async def _setting(self, entry: Entry, recipe: Recipe, underway: Underway) -> Setting:
        asked = {name: value for name, value in entry.manifest.env if value is not None}
        scene = recipe.with_variables(asked)
        if not os.path.isdir(scene.cwd):
            raise _Skipped(f"the folder {scene.cwd} is gone")
        try:
            toolchain, compiler = await self._steps.toolbox.resolve(recipe.language, recipe.compiler, scene)
        except CompilerNotFound:
            raise _Skipped(f"the compiler {recipe.compiler} is gone") from None
        return Setting(scene=scene, toolchain=toolchain, compiler=compiler, underway=underway, queue="batch")

    async def _check_inputs(self, entry: Entry, setting: Setting) -> None:
        watched = watch(entry.manifest, setting.scene.cwd)
        change = await asking(self._memo, partial(first_change, watched, env=setting.scene.env))
        if change is not None:
            raise _Skipped(f"inputs changed since: {change}")

    def _objects(self, recipe: Recipe) -> tuple[Path, ...]:
        paths = [self._store.path(digest) for digest in recipe.objects]
        if None in paths:
            raise _Skipped("an object that it was made from was evicted")
        return tuple(path for path in paths if path is not None)

    async def _made(self, setting: Setting, recipe: Recipe, objects: tuple[Path, ...]) -> Made:
        try:
            return await self._steps.remake(setting, recipe.step, objects)
        except (CompilerNotFound, UsageError) as error:
            raise _Skipped(str(error)) from None

    def _paths(self, made: Made) -> tuple[Path | None, ...]:
        return tuple(self._store.path(output.digest) for output in made.outputs)


def _command(recipe: Recipe) -> tuple[str, ...]:
    """What was run, as a person would type it; objects of earlier steps have no name of their own."""
    return placed(recipe.step.shown, Path(), [Path(f"object{number}.o") for number in range(len(recipe.objects))])


def differences(entry: Entry, stored: Sequence[Path], made: Made, paths: Sequence[Path | None]) -> str:
    """In which ways `made` is not what was recorded; empty if it is. Reads the files that differ."""
    if made.exit_code:
        return f"the tool fails now, with exit code {made.exit_code}"
    found = []
    before = {output.name: (output, path) for output, path in zip(entry.outputs, stored, strict=True)}
    now = {output.name: (output, path) for output, path in zip(made.outputs, paths, strict=True)}
    if before.keys() != now.keys():
        found.append(f"{', '.join(before)} was stored, {', '.join(now) or 'nothing'} is made now")
    for name in (name for name in before if name in now and before[name][0] != now[name][0]):
        found.append(f"{name}: {_difference_of(*before[name], *now[name])}")
    for stream, old, new in (("stdout", entry.stdout, made.stdout), ("stderr", entry.stderr, made.stderr)):
        if old != new:
            found.append(f"it says something else on {stream}")
    return "; ".join(found)


def _difference_of(old: Output, old_path: Path, new: Output, new_path: Path | None) -> str:
    if old.digest == new.digest:
        return "it is a program and was none, or the other way round"
    sizes = f"{old.size} bytes were stored, {new.size} are made now"
    if new_path is None:
        return sizes
    return f"{sizes}; the first difference is at byte {first_difference(old_path.read_bytes(), new_path.read_bytes())}"


def first_difference(one: bytes, other: bytes) -> int:
    """The offset of the first byte that is not the same; the length of the shorter one if that begins the other."""
    length = min(len(one), len(other))
    low, high = 0, length
    while low < high:  # the first `low` bytes are the same
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low
