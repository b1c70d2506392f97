"""A recorded result as a row of the index.

Rule: a row carries a seal, the digest of all its values and of its key. SQLite
notices damage to its own structure, not to what stands in it; a probe whose
name lost a letter would make a stale result look fresh. A row whose seal does
not fit is no result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple

from zcnb.model.digest import Digest, digest_of
from zcnb.model.manifest import Kind, Manifest
from zcnb.model.outcome import Output


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded result. `id` grows with time."""

    id: int
    manifest: Manifest
    outputs: tuple[Output, ...]
    stdout: str
    stderr: str
    """Both as the tool wrote them, decoded with `surrogateescape`."""
    ms: float


class Row(NamedTuple):
    """The columns of a result, in the order in which the index keeps them; texts are JSON in ASCII."""

    manifest: str
    outputs: str
    said: str
    ms: float
    seal: str

    @property
    def size(self) -> int:
        """Bytes that the row takes, near enough."""
        return sum(len(value) for value in self if isinstance(value, str))


def pack(
    key: Digest, manifest: Manifest, outputs: Sequence[Output], *, stdout: str, stderr: str, ms: float
) -> Row:  # fmt: skip
    """The row of a result under `key`."""
    texts = _manifest_text(manifest), json.dumps(list(map(astuple, outputs))), json.dumps([stdout, stderr])
    return Row(*texts, ms, _seal(key, *texts, ms))


def unpack(number: int, key: Digest, row: Row) -> Entry | None:
    """The result in `row`, which stands under `key`; `None` if it is not what was once packed."""
    try:
        if row.seal != _seal(key, *row[:4]):
            return None
        stdout, stderr = json.loads(row.said)
        outputs = tuple(Output(*output) for output in json.loads(row.outputs))
        return Entry(number, _manifest(row.manifest), outputs, stdout, stderr, row.ms)
    except (ValueError, TypeError, AttributeError):
        return None


def _seal(key: Digest, manifest: str, outputs: str, said: str, ms: float) -> Digest:
    return digest_of([key, manifest, outputs, said, repr(ms)])


def _manifest_text(manifest: Manifest) -> str:
    """Probes are grouped by folder: there may be two thousand of them, in thirty folders."""
    folders: dict[str, dict[Kind, list[str]]] = {}
    for path, found in manifest.probes:
        folder, slash, name = path.rpartition("/")
        folders.setdefault(folder + slash, {}).setdefault(found, []).append(name)
    return json.dumps([manifest.inputs, folders, manifest.env])


def _manifest(text: str) -> Manifest:
    inputs, folders, env = json.loads(text)
    return Manifest(
        tuple((path, Digest(digest)) for path, digest in inputs),
        tuple(
            (folder + name, found)
            for folder, groups in folders.items()
            for found, names in groups.items()
            for name in names
        ),
        tuple((name, value) for name, value in env),
    )
