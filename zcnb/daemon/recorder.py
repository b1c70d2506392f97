"""After a run: under which conditions may its output be used again, if at all?

The tool's own list of inputs is the start. Each input is hashed now, after the
run, and refused if its times say that it changed since the run began: what the
tool read can then not be told. So are folders in which a name was looked for.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from zcnb.freshness.check import nearest_folder
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.scan import scan
from zcnb.model.digest import Digest
from zcnb.model.manifest import Manifest
from zcnb.model.mentions import Mentions
from zcnb.model.spec import BuildSpec
from zcnb.osdep.signature import signature
from zcnb.toolchain.base import Compiler, Reading, Step, Toolchain, named_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished, successful run of one step."""

    spec: BuildSpec
    toolchain: Toolchain
    compiler: Compiler
    step: Step
    reading: Reading
    search: str
    """The answer to the toolchain's `search_probe`."""
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
    named = (p for p in named_paths(run.spec.flags) if os.path.isfile(os.path.join(run.spec.cwd, p)))
    inputs, mentions = _inputs(run, dict.fromkeys((*run.reading.inputs, *named)), memo)
    looked = run.toolchain.lookups(run.spec, run.compiler, run.step, run.reading, mentions, run.search)
    if looked.uncacheable:
        raise Unrecordable(looked.uncacheable)
    for path in looked.unwanted:
        if os.path.exists(os.path.join(run.spec.cwd, path)):
            raise Unrecordable(f"{path} may have been used")
    probes = _probes(run, (*looked.probes, *looked.unwanted))
    _check_ways(run, [path for path, _ in inputs])
    return Manifest(tuple(inputs), tuple(probes), run.reading.env)


def _inputs(run: Run, paths: Iterable[str], memo: FileMemo) -> tuple[list[tuple[str, Digest]], dict[str, Mentions]]:
    """Inputs with their digests, and what they mention when they are source text."""
    inputs: list[tuple[str, Digest]] = []
    mentions = {"": scan(run.spec.source)}
    sources = run.step.name == "compile" and run.spec.language != "rust"
    for path in paths:
        full = os.path.join(run.spec.cwd, path)
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
        way = os.path.join(run.spec.cwd, path)
        while way not in seen and way != os.path.dirname(way):
            seen.add(way)
            facts = os.lstat(way)
            changed = facts.st_ctime_ns >= run.started_ns
            if changed and (stat.S_ISLNK(facts.st_mode) or facts.st_mtime_ns < run.started_ns):
                raise Unrecordable(f"{way} was exchanged while the compiler ran")
            way = os.path.dirname(way)


def _probes(run: Run, paths: Iterable[str]) -> list[tuple[str, bool]]:
    found = [(path, os.path.exists(os.path.join(run.spec.cwd, path))) for path in paths]
    parents = {os.path.dirname(os.path.join(run.spec.cwd, path)) for path in paths}
    for folder in {nearest_folder(parent) for parent in parents}:
        state = signature(folder)
        if state is None or max(state.mtime_ns, state.ctime_ns) >= run.started_ns:
            raise Unrecordable(f"files came or went in {folder} while the compiler ran")
    return found
