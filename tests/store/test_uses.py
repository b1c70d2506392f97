"""The order of use, counted and not timed."""

from __future__ import annotations

from tests.store.shelf import KEY, OTHER, add, out
from zcnb.model.digest import digest_bytes
from zcnb.store import uses
from zcnb.store.index import Index


def test_uses_are_counted_not_timed(index: Index) -> None:
    one, two, three = (out(name, 1) for name in (b"one", b"two", b"three"))
    add(index, KEY, one, two)
    add(index, OTHER, three)
    order = [one.digest, two.digest, three.digest]
    assert [blob.digest for blob in index.run(uses.oldest, 9)] == order
    index.run(uses.touch, [two.digest, digest_bytes(b"unknown"), one.digest])
    assert [blob.digest for blob in index.run(uses.oldest, 9)] == [three.digest, two.digest, one.digest]
    first, second, third = index.run(uses.oldest, 9)
    assert index.run(uses.oldest, 2) == [first, second]
    assert index.run(uses.oldest, 9, after=first.used) == [second, third]
    add(index, KEY, three)
    assert [blob.digest for blob in index.run(uses.oldest, 9)][-1] == three.digest
