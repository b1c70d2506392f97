"""What the tests of the index's parts put into it."""

from __future__ import annotations

from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store import results
from zcnb.store.index import Index
from zcnb.store.rows import pack

KEY, OTHER = digest_bytes(b"key"), digest_bytes(b"other")
OUT = Output("cell.o", digest_bytes(b"out"), 3)
SECOND = Output("user.d", digest_bytes(b"second"), 4, executable=True)
MANIFEST = Manifest(
    inputs=(("x.h", digest_bytes(b"x")), ("/a b/ü \udcff.h", digest_bytes(b"y"))),
    probes=(("b/x.h", "nothing"), ("b/y.h", "nothing"), ("b/z.h", "folder"), ("c", "file")),
    env=(("HOME", None), ("V", ""), ("W", "1\n2")),
)
SAID = "cell.cpp:2: note \x1b[0m \udcff"
ROW = pack(KEY, MANIFEST, [OUT], stdout="out", stderr=SAID, ms=1.5).size
"""Bytes that one entry with one output takes in the index."""


def add(index: Index, key: Digest = KEY, *outputs: Output, ms: float = 1.5, recipe: bytes = b"") -> None:
    index.run(results.add, key, MANIFEST, outputs or [OUT], stdout="out", stderr=SAID, ms=ms, recipe=recipe)


def add_many(index: Index) -> None:
    for number in range(results.PER_KEY + 3):
        add(index, ms=float(number))


def out(name: bytes, size: int) -> Output:
    return Output("cell.o", digest_bytes(name), size)
