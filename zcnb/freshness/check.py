"""Hold a manifest against the disk. This is where a stale hit would happen, so it only ever says "same"
when it has looked.

Inputs: each one is stat'ed at every request; `FileMemo` reads it again unless
a settled signature vouches for it. Those of toolchain and system, of which
there are hundreds, go by folder: while a `Watcher` still has the same `Trust`
in a folder as when all inputs there were as recorded, they are. Probes: a name
can only appear in a folder by changing the folder's own times, so a settled
signature of the folder vouches for all names that are not there, and only
changed folders are looked through. The few places where something was found,
and left unread, are looked at each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from zcnb.freshness.watch import Trust, Watcher
from zcnb.model.digest import Digest
from zcnb.model.manifest import Change, Kind, Manifest
from zcnb.osdep.signature import Signature, kind, signature

Inputs = list[tuple[str, Digest]]
Probes = list[tuple[str, Kind]]


class Reader(Protocol):
    """Whoever tells what a file holds now."""

    def digest(self, path: str) -> Digest | None:
        """As `FileMemo.digest`."""
        ...


@dataclass(slots=True)
class Watched:
    """A manifest as it applies in one folder, with what is known about the folders of its probes."""

    inputs: Inputs
    """Inputs that are looked at every time."""
    paths: tuple[str, ...]
    """All inputs' paths as shown to people."""
    folders: dict[str, dict[str, Probes]]
    """Existing folder -> parents of probes that it is the nearest one of -> probes (absolute path, what was there)."""
    env: tuple[tuple[str, str | None], ...]
    linked: Probes = field(default_factory=list)
    """Probes that no folder vouches for: looked at every time."""
    quiet: dict[str, Signature] = field(default_factory=dict)
    """Folder -> its signature when all its probes were last found as recorded."""
    system: dict[str, Inputs] = field(default_factory=dict)
    """Folder of the system's -> inputs in it."""
    trusted: dict[str, Trust] = field(default_factory=dict)
    """Folder of the system's -> the trust under which all inputs there were found as recorded."""

    @property
    def recorded(self) -> Inputs:
        """All inputs, however they are looked at."""
        return [*self.inputs, *(entry for group in self.system.values() for entry in group)]


def watch(manifest: Manifest, cwd: str, watcher: Watcher | None = None) -> Watched:
    """Prepare `manifest` for being checked in `cwd`: paths made absolute, probes grouped by folder, and those
    inputs too whose folder `watcher` may watch.

    The folder of a probe is its nearest existing one: `a/b/x.h` with no `a/b` waits in `a`.
    Paths are joined, never normalized: `a/../b` through a link is not `b`.
    """
    inputs = [(os.path.join(cwd, path), digest) for path, digest in manifest.inputs]
    paths = tuple(os.path.normpath(path) for path, _ in inputs)
    alone: Inputs = []
    system: dict[str, Inputs] = {}
    for path, digest in inputs:
        watchable = watcher is not None and watcher.is_system(path, cwd)
        group = system.setdefault(os.path.dirname(path), []) if watchable else alone
        group.append((path, digest))
    by_parent: dict[str, Probes] = {}
    read = {path for path, _ in inputs}
    linked: Probes = []
    for path, found in manifest.probes:
        full = os.path.join(cwd, path)
        if found == "nothing":
            by_parent.setdefault(os.path.dirname(full), []).append((full, found))
        elif full not in read:
            linked.append((full, found))
    return Watched(alone, paths, _by_nearest(by_parent.items()), manifest.env, linked, system=system)


def _by_nearest(groups: Iterable[tuple[str, Probes]]) -> dict[str, dict[str, Probes]]:
    folders: dict[str, dict[str, Probes]] = {}
    for parent, probes in groups:
        folders.setdefault(nearest_folder(parent), {})[parent] = probes
    return folders


def nearest_folder(path: str) -> str:
    """`path` itself if it is a folder, else the nearest one above it that is."""
    while not os.path.isdir(path):
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    return path


def first_change(
    watched: Watched, reader: Reader, env: Mapping[str, str], watcher: Watcher | None = None
) -> Change | None:
    """The first thing that is not as recorded, or `None` if all of it is. What `reader` raises goes through, and
    the question may be asked again."""
    if watcher is not None:
        watcher.drain()
    for name, value in watched.env:
        if env.get(name) != value:
            return Change("variable", name)
    change = _input_change(watched.inputs, reader)
    if change is not None:
        return change
    for folder in list(watched.system):
        change = _system_change(watched, folder, reader, watcher)
        if change is not None:
            return change
    for path, found in watched.linked:
        if (now := kind(path)) != found:
            return _probe_change(path, found, now)
    for folder in list(watched.folders):
        change = _folder_change(watched, folder)
        if change is not None:
            return change
    return None


def _input_change(inputs: Inputs, reader: Reader) -> Change | None:
    for path, digest in inputs:
        now = reader.digest(path)
        if now != digest:
            return Change("gone" if now is None else "changed", path)
    return None


def _system_change(watched: Watched, folder: str, reader: Reader, watcher: Watcher | None) -> Change | None:
    """As `_input_change`, for the inputs in one folder of the system's.

    Those that the folder's watch cannot vouch for (links, large files, ...) are looked at every time from then on.
    """
    trust = None if watcher is None else watcher.trust(folder)
    if trust is None:
        return _input_change(watched.system[folder], reader)
    if watched.trusted.get(folder) is trust:
        return None
    vouched: Inputs = []
    alone: Inputs = []
    for path, digest in watched.system[folder]:
        known = trust.digest(path)
        if known is not None and known != digest:
            return Change("changed", path)
        (alone if known is None else vouched).append((path, digest))
    change = _input_change(alone, reader)
    if change is None:
        watched.inputs += alone
        watched.system[folder] = vouched
        watched.trusted[folder] = trust
    return change


def _folder_change(watched: Watched, folder: str) -> Change | None:
    now = time.time_ns()
    state = signature(folder)
    if state is not None and watched.quiet.get(folder) == state:
        return None
    groups = watched.folders.pop(folder)
    change = next(filter(None, (_group_change(parent, probes) for parent, probes in groups.items())), None)
    _regroup(watched, folder, groups)
    if change is None and state is not None and state.settled(now):
        watched.quiet[folder] = state
    return change


def _regroup(watched: Watched, folder: str, groups: dict[str, Probes]) -> None:
    """Hand the probes of a changed folder to the folders that vouch for them now.

    A folder below may have been made or removed: what happens in it shows in its own times, not in these.
    What is a link, or lies behind one, comes and goes elsewhere: nobody vouches for it.
    """
    watched.folders[folder] = {}
    for nearest, moved in _by_nearest(groups.items()).items():
        kept = watched.folders.setdefault(nearest, {})
        for parent, probes in moved.items():
            behind = _behind_a_link(parent, nearest)
            watched.linked += [probe for probe in probes if behind or os.path.islink(probe[0])]
            kept[parent] = [probe for probe in probes if not (behind or os.path.islink(probe[0]))]
        if nearest != folder:
            watched.quiet.pop(nearest, None)


def _behind_a_link(parent: str, nearest: str) -> bool:
    """Whether a link stands between the nearest folder (which is looked at through links) and `parent`."""
    while len(parent) > len(nearest):
        if os.path.islink(parent):
            return True
        parent = os.path.dirname(parent)
    return False


def _group_change(parent: str, probes: Probes) -> Change | None:
    there = kind(parent) not in {"nothing", "file"}
    for path, found in probes:
        if (now := kind(path) if there else "nothing") != found:
            return _probe_change(path, found, now)
    return None


def _probe_change(path: str, before: Kind, now: Kind) -> Change:
    return Change("appeared" if before == "nothing" else "gone" if now == "nothing" else "changed", path)
