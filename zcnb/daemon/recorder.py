"""After a run: under which conditions may its output be used again, if at all?

The tool's own list of inputs is the start. Each input is hashed now, after the
run, and refused if its times say that it changed since the run began: what the
tool read can then not be told.

Names that were looked for are judged one by one, because in a folder that
changed meanwhile (`make -j` writes objects beside the sources) nearly all of
them are as they were. A name that is there now must have been there before. One
that is not cannot have been there for a moment and be used: the tool would have
listed it. That leaves the names whose mere existence is asked for, and
precompiled headers, which are not listed; those are refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zcnb.freshness.check import nearest_folder
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.scan import scan
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.mentions import Mentions
from zcnb.model.scene import Scene
from zcnb.osdep.signature import signature
from zcnb.toolchain.base import Compiler, Lookups, Reading, Step, Toolchain, named_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished, successful run of one step."""

    scene: Scene
    toolchain: Toolchain
    compiler: Compiler
    step: Step
    reading: Reading
    search: str
    """The answer to the step's question where headers are looked for."""
    started_ns: int
    """The file clock just before the tool started."""


class Unrecordable(Exception):
    """The output must not be stored; `str()` is the reason that the user sees."""


def manifest_of(run: Run, memo: FileMemo) -> Manifest:
    """The manifest of `run`. Raises `Unrecordable`. Reads files; takes milliseconds to tens of them."""
    try:
        return _manifest_of(run, memo)
    except OSError as error:
        raise Unrecordable(f"{error.filename} vanished while the compiler ran") from error


def _manifest_of(run: Run, memo: FileMemo) -> Manifest:
    if reason := run.step.uncacheable or run.reading.uncacheable:
        raise Unrecordable(reason)
    named = (p for p in named_paths(run.step.flags) if os.path.isfile(os.path.join(run.scene.cwd, p)))
    inputs, mentions = _inputs(run, dict.fromkeys((*run.reading.inputs, *named)), memo)
    looked = run.toolchain.lookups(run.step, run.compiler, run.scene.env, run.reading, mentions, run.search)
    if looked.uncacheable:
        raise Unrecordable(looked.uncacheable)
    for path in looked.unwanted:
        if os.path.exists(os.path.join(run.scene.cwd, path)):
            raise Unrecordable(f"{path} may have been used")
    probes = _probes(run, looked, [path for path, _ in inputs])
    _check_ways(run, [path for path, _ in inputs])
    return Manifest(tuple(inputs), tuple(probes), run.reading.env)


def _inputs(run: Run, paths: Iterable[str], memo: FileMemo) -> tuple[list[tuple[str, Digest]], dict[str, Mentions]]:
    """Inputs with their digests, and what they mention when they are source text."""
    inputs: list[tuple[str, Digest]] = []
    mentions = {"": scan(run.step.source or run.step.stdin)}
    sources = run.step.name == "compile" and run.step.language != "rust"
    for path in paths:
        full = os.path.join(run.scene.cwd, path)
        facts = memo.facts(full) if sources else None
        digest = facts.digest if facts else memo.digest(full)
        state = signature(full)
        if digest is None or state is None:
            raise Unrecordable(f"{path} vanished while the compiler ran")
        if max(state.mtime_ns, state.ctime_ns) >= run.started_ns:
            raise Unrecordable(f"{path} changed while the compiler ran")
        if path.endswith(".a") and _is_thin(full):
            raise Unrecordable(f"{path} is a thin archive: its members are not listed")
        inputs.append((path, digest))
        if facts and facts.mentions:
            mentions[path] = facts.mentions
    return inputs, mentions


def _is_thin(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(7) == b"!<thin>"


def _check_ways(run: Run, paths: Iterable[str]) -> None:
    """Refuse if a link or a folder on the way to an input was exchanged since the run began: the file that
    is there now need not be the one that was read. A renamed folder shows it in its ctime alone; entries
    that come and go move both of its times."""
    seen: set[str] = set()
    for path in paths:
        way = os.path.join(run.scene.cwd, path)
        while way not in seen and way != os.path.dirname(way):
            seen.add(way)
            facts = os.lstat(way)
            changed = facts.st_ctime_ns >= run.started_ns
            if changed and (stat.S_ISLNK(facts.st_mode) or facts.st_mtime_ns < run.started_ns):
                raise Unrecordable(f"{way} was exchanged while the compiler ran")
            way = os.path.dirname(way)


def _probes(run: Run, looked: Lookups, inputs: Sequence[str]) -> list[tuple[str, bool]]:
    """Every name that was looked for, and whether it exists. Raises `Unrecordable` where it may just have changed."""
    unsure = {*looked.asked, *_possibly_used(looked.unwanted, inputs)}
    moved: dict[str, bool] = {}
    found = []
    for path in dict.fromkeys((*looked.probes, *looked.unwanted)):
        full = os.path.join(run.scene.cwd, path)
        exists = os.path.exists(full)
        folder = nearest_folder(os.path.dirname(full))
        if folder not in moved:
            moved[folder] = _moved(run, folder)
        if moved[folder] and (path in unsure or (exists and _appeared(run, full))):
            raise Unrecordable(f"files came or went in {folder} while the compiler ran")
        found.append((path, exists))
    return found


def _possibly_used(precompiled: Iterable[str], inputs: Iterable[str]) -> Iterable[str]:
    """Precompiled headers whose header is not among the inputs: where it is, it was read itself."""
    read = {os.path.basename(path) for path in inputs}
    return (path for path in precompiled if os.path.basename(path).rpartition(".")[0] not in read)


def _moved(run: Run, path: str) -> bool:
    state = signature(path)
    return state is None or max(state.mtime_ns, state.ctime_ns) >= run.started_ns


def _appeared(run: Run, full: str) -> bool:
    """Whether what lies at `full` may have come there since the run began: it, what it leads to, or a folder on
    the way that was exchanged (which moves the folder above it as well)."""
    if _moved(run, full) or os.lstat(full).st_ctime_ns >= run.started_ns:
        return True
    folder = os.path.dirname(full)
    return _moved(run, folder) and _moved(run, os.path.dirname(folder))
