"""Hold a manifest against the disk. This is where a stale hit would happen, so it only ever says "same"
when it has looked.

Inputs: each one is stat'ed at every request; `FileMemo` reads it again unless
a settled signature vouches for it. Probes: a name can only appear in (or leave)
a folder by changing the folder's own times, so a settled signature of the
folder vouches for all names in it, and only changed folders are looked through.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest
from zcnb.model.manifest import Change, Manifest
from zcnb.osdep.signature import Signature, signature


@dataclass(slots=True)
class Watched:
    """A manifest as it applies in one folder, with what is known about the folders of its probes."""

    inputs: list[tuple[str, Digest]]
    paths: tuple[str, ...]
    """The inputs' paths as shown to people."""
    folders: dict[str, list[tuple[str, bool]]]
    env: tuple[tuple[str, str | None], ...]
    quiet: dict[str, Signature | None] = field(default_factory=dict)
    """Folder -> its signature when all its probes were last found as recorded."""


def watch(manifest: Manifest, cwd: str) -> Watched:
    """Prepare `manifest` for being checked in `cwd`: paths made absolute, probes grouped by folder.

    The folder of a probe is its nearest existing one: `a/b/x.h` with no `a/b` waits in `a`.
    Paths are joined, never normalized: `a/../b` through a link is not `b`.
    """
    inputs = [(os.path.join(cwd, path), digest) for path, digest in manifest.inputs]
    folders: dict[str, list[tuple[str, bool]]] = {}
    nearest: dict[str, str] = {}
    for path, existed in manifest.probes:
        full = os.path.join(cwd, path)
        parent = os.path.dirname(full)
        if parent not in nearest:
            nearest[parent] = nearest_folder(parent)
        folders.setdefault(nearest[parent], []).append((full, existed))
    return Watched(inputs, tuple(os.path.normpath(path) for path, _ in inputs), folders, manifest.env)


def nearest_folder(path: str) -> str:
    """`path` itself if it is a folder, else the nearest one above it that is."""
    while not os.path.isdir(path):
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    return path


def first_change(watched: Watched, memo: FileMemo, env: Mapping[str, str]) -> Change | None:
    """The first thing that is not as recorded, or `None` if all of it is."""
    for name, value in watched.env:
        if env.get(name) != value:
            return Change("variable", name)
    for path, digest in watched.inputs:
        now = memo.digest(path)
        if now != digest:
            return Change("gone" if now is None else "changed", path)
    for folder in list(watched.folders):
        change = _folder_change(watched, folder)
        if change is not None:
            return change
    return None


def _folder_change(watched: Watched, folder: str) -> Change | None:
    now = time.time_ns()
    state = signature(folder)
    if state is not None and watched.quiet.get(folder) == state:
        return None
    for path, existed in watched.folders[folder]:
        if os.path.exists(path) != existed:
            return Change("gone" if existed else "appeared", path)
    _regroup(watched, folder)
    if state is not None and state.settled(now):
        watched.quiet[folder] = state
    return None


def _regroup(watched: Watched, folder: str) -> None:
    """Hand probes over to the folder that is now nearest to them: one below `folder` may have been made,
    and what happens in there does not show in `folder`'s times."""
    probes = watched.folders.pop(folder)
    for path, existed in probes:
        nearest = nearest_folder(os.path.dirname(path))
        watched.folders.setdefault(nearest, []).append((path, existed))
        if nearest != folder:
            watched.quiet.pop(nearest, None)
