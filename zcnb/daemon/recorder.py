"""After a run: under which conditions may its output be used again, if at all?

The tool's own list of inputs is the start. Each input is hashed now, after the
run, and refused if its times say that it changed since the run began: what the
tool read can then not be told.

Names that were looked for are judged one by one, because in a folder that
changed meanwhile (`make -j` writes objects beside the sources) nearly all of
them are as they were. A name that is there now must have been there before. One
that is not cannot have been there for a moment and be used: the tool would have
listed it. That leaves the names whose mere existence is asked for, and
precompiled headers, which are not listed; those are refused. And no folder or
link on the way to any of these places may have been exchanged.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from zcnb.freshness.check import nearest_folder
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.scan import scan
from zcnb.model.digest import Digest
from zcnb.model.manifest import Kind, Manifest
from zcnb.model.mentions import Mentions
from zcnb.model.scene import Scene
from zcnb.osdep.signature import kind, signature
from zcnb.toolchain.base import Compiler, Lookups, Reading, Step, Toolchain, named_paths
from zcnb.toolchain.search import is_system, plain_path

Folders = dict[str, tuple[int, int]]
"""Path -> device and inode of what lies there (of a link: the link's own)."""


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
    folders: Folders = field(default_factory=dict)
    """What `folders_on_the_way` found before that."""


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
    perhaps = [path for path in run.reading.perhaps if kind(os.path.join(run.scene.cwd, path)) != "nothing"]
    inputs, mentions = _inputs(run, dict.fromkeys((*run.reading.inputs, *perhaps, *named)), memo)
    looked = run.toolchain.lookups(run.step, run.compiler, run.scene.env, run.reading, mentions, run.search)
    if looked.uncacheable:
        raise Unrecordable(looked.uncacheable)
    read = {plain_path(path) for path, _ in inputs}
    more = (path for path in looked.perhaps if plain_path(path) not in read)
    inputs += _inputs(run, [path for path in more if os.path.isfile(os.path.join(run.scene.cwd, path))], memo)[0]
    _check_twins(inputs, mentions)
    for path in looked.unwanted:
        if kind(os.path.join(run.scene.cwd, path)) != "nothing":
            raise Unrecordable(f"{path} may have been used")
    probes = _probes(run, looked, [path for path, _ in inputs])
    _check_ways(run, [path for path, _ in inputs])
    parents = {os.path.dirname(os.path.join(run.scene.cwd, path)) for path, _ in probes}
    _check_ways(run, map(nearest_folder, parents))
    return Manifest(tuple(inputs), tuple(probes), run.reading.env)


def _inputs(run: Run, paths: Iterable[str], memo: FileMemo) -> tuple[list[tuple[str, Digest]], dict[str, Mentions]]:
    """Inputs with their digests, and what they mention when they are source text."""
    inputs: list[tuple[str, Digest]] = []
    words = "\n".join(run.step.flags).encode("utf-8", "surrogateescape")
    if scan(words).asked:
        raise Unrecordable("the flags ask for files: __has_include in a definition")
    mentions = {"": scan((run.step.source or run.step.stdin) + b"\n" + words)}
    sources = run.step.name == "compile" and run.step.language != "rust"
    for path in paths:
        full = os.path.join(run.scene.cwd, path)
        if not _is_plain(full):
            raise Unrecordable(f"{path} is no plain file")
        facts = memo.facts(full, whole=not is_system(path)) if sources else None
        digest = facts.digest if facts else memo.digest(full)
        state = signature(full)
        if digest is None or state is None:
            lost = "vanished while the compiler ran" if state is None else "is being written to"
            raise Unrecordable(f"{path} {lost}")
        if max(state.mtime_ns, state.ctime_ns) >= run.started_ns:
            raise Unrecordable(f"{path} changed while the compiler ran")
        if path.endswith(".a") and _is_thin(full):
            raise Unrecordable(f"{path} is a thin archive: its members are not listed")
        inputs.append((path, digest))
        if facts and facts.mentions:
            mentions[path] = facts.mentions
    return inputs, mentions


def _check_twins(inputs: Iterable[tuple[str, Digest]], mentions: Mapping[str, Mentions]) -> None:
    """Refuse two names with the same bytes where a file is to be read once: whether one passes for the other hangs on
    links and times, and no digest tells."""
    if not any(said.once for said in mentions.values()):
        return
    first: dict[Digest, str] = {}
    for path, digest in inputs:
        other = first.setdefault(digest, path)
        if plain_path(other) != plain_path(path) and not (is_system(other) and is_system(path)):
            raise Unrecordable(f"{path} holds the same as {other}, and one of them may be read once")


def _is_plain(path: str) -> bool:
    """Whether `path` leads to a file on a disk, if to anything. What is a pipe, or made by the kernel while it is read
    (`/proc/uptime`), holds something else for each reader."""
    try:
        plain = stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True  # it vanished: said by who reads it
    return plain and (is_system(path) or not os.path.realpath(path).startswith(("/proc/", "/sys/", "/dev/")))


def _is_thin(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(7) == b"!<thin>"


def folders_on_the_way(cwd: str, words: Iterable[str]) -> Folders:
    """The folders that lead to `cwd` and to whatever `words` name, as they are before a run."""
    named = {part for word in words for part in (word, word[2:], word.partition("=")[2]) if part}
    found: Folders = {}
    for path in (cwd, *(os.path.join(cwd, name) for name in named if "{zcnb:" not in name)):
        for way in _ways(plain_path(path if os.path.isdir(path) else os.path.dirname(path)), found):
            with contextlib.suppress(OSError):
                facts = os.lstat(way)
                found[way] = facts.st_dev, facts.st_ino
    return found


def _ways(path: str, seen: Container[str]) -> Iterator[str]:
    """`path` and everything above it, as far as that was not seen."""
    while path not in seen and path != os.path.dirname(path):
        yield path
        path = os.path.dirname(path)


def _check_ways(run: Run, paths: Iterable[str]) -> None:
    """Refuse if a link or a folder on the way to one of `paths` was exchanged since the run began: what is there
    now need not be what the tool saw."""
    seen: set[str] = set()
    for path in paths:
        for way in _ways(plain_path(os.path.join(run.scene.cwd, path)), seen):
            seen.add(way)
            if _exchanged(run, way):
                raise Unrecordable(f"{way} was exchanged while the compiler ran")


def _exchanged(run: Run, way: str) -> bool:
    """A folder that was renamed shows it in its ctime. Entries that come and go move both of its times: then it is
    the same folder if it was known before, or if nothing came or went in the one above."""
    facts = os.lstat(way)
    if facts.st_ctime_ns < run.started_ns:
        return False
    if stat.S_ISLNK(facts.st_mode) or facts.st_mtime_ns < run.started_ns:
        return True
    known = run.folders.get(way)
    return _moved(run, os.path.dirname(way)) if known is None else known != (facts.st_dev, facts.st_ino)


def _probes(run: Run, looked: Lookups, inputs: Sequence[str]) -> list[tuple[str, Kind]]:
    """Every name that was looked for, and what is there. Raises `Unrecordable` where it may just have changed."""
    unsure = {*looked.asked, *_possibly_used(looked.unwanted, inputs)}
    moved: dict[str, tuple[str, bool]] = {}
    """Folder of a name -> the nearest one that exists, and whether that changed. A compile asks 2,000 names in 30."""
    found = []
    for path in dict.fromkeys((*looked.probes, *looked.perhaps, *looked.unwanted, *run.reading.perhaps)):
        full = os.path.join(run.scene.cwd, path)
        there = kind(full)
        parent = os.path.dirname(full)
        if parent not in moved:
            nearest = nearest_folder(parent)
            moved[parent] = nearest, _moved(run, nearest)
        folder, changed = moved[parent]
        if changed and (path in unsure or (there != "nothing" and _appeared(run, full))):
            raise Unrecordable(f"files came or went in {folder} while the compiler ran")
        found.append((path, there))
    return found


def _possibly_used(precompiled: Iterable[str], inputs: Iterable[str]) -> Iterable[str]:
    """Precompiled headers whose header is not among the inputs: where it is, it was read itself."""
    read = {os.path.basename(path) for path in inputs}
    return (path for path in precompiled if os.path.basename(path).rpartition(".")[0] not in read)


def _moved(run: Run, path: str) -> bool:
    state = signature(path)
    return state is None or max(state.mtime_ns, state.ctime_ns) >= run.started_ns


def _appeared(run: Run, full: str) -> bool:
    """Whether what lies at `full`, or what it leads to, may have come there since the run began."""
    return _moved(run, full) or os.lstat(full).st_ctime_ns >= run.started_ns
