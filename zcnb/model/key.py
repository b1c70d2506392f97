"""Keys: which earlier result may answer this request at all.

A key covers what is known before the compiler runs. What the compiler read on
its way is in the manifest of each entry under the key (`model.manifest`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from zcnb.model.digest import Digest, digest_of
from zcnb.model.spec import KEYED, BuildSpec

SCHEMA = 2
"""Raised whenever the meaning of a key or a manifest changes; old entries then never match."""


def spec_digest(spec: BuildSpec) -> Digest:
    """The digest of all keyed fields of `spec`. Raises `TypeError` for a field that did not choose."""
    chosen = {}
    for entry in fields(spec):
        if KEYED not in entry.metadata:
            raise TypeError(f"BuildSpec.{entry.name} must be declared with keyed() or unkeyed()")
        if entry.metadata[KEYED]:
            chosen[entry.name] = getattr(spec, entry.name)
    return digest_of(chosen)


def step_key(
    step: str,
    *,
    identity: Digest,
    argv: Sequence[str],
    env: Mapping[str, str],
    material: Sequence[Digest],
    cwd: str | None,
) -> Digest:
    """The key of one step.

    `identity` is the tools by content; `argv` the arguments with private paths
    left out; `env` just the variables that the tools read; `material` the
    digests of what is fed in (source, objects); `cwd` only where it leaks into
    the output, else `None`.
    """
    return digest_of([SCHEMA, step, identity, list(argv), dict(env), list(material), cwd])
