"""Recipes go with their results, and are what was written or nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.shelf import KEY, OTHER, ROW, add
from zcnb.store import recipes, results, sums
from zcnb.store.index import Index


def test_a_recipe_comes_with_its_result_and_goes_with_it(index: Index, path: Path) -> None:
    add(index, KEY, recipe=b"first")
    add(index, OTHER)
    (entry,), (bare,) = index.run(results.under, KEY), index.run(results.under, OTHER)
    assert index.run(recipes.find, entry.id, KEY) == b"first"
    assert index.run(recipes.find, bare.id, OTHER) == b""
    index.run(results.drop, [entry.id])
    assert index.run(recipes.find, entry.id, KEY) == b""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM recipes").fetchone() == (0,)


def test_recipes_count_as_part_of_the_cache(index: Index) -> None:
    add(index, KEY, recipe=b"x" * 1000)
    assert index.run(sums.totals) == (3 + ROW + 1000, 1)
    index.run(results.drop, [index.run(results.under, KEY)[0].id])
    assert index.run(sums.totals) == (3, 0)


@pytest.mark.parametrize("harm", ["SET recipe = x'00'", "SET seal = 'x'", "SET entry = entry + 1"])
def test_what_is_not_what_was_written_is_none(index: Index, path: Path, harm: str) -> None:
    """Also the recipe of another result."""
    add(index, KEY, recipe=b"first")
    (entry,) = index.run(results.under, KEY)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE recipes {harm}")
    assert not index.run(recipes.find, entry.id, KEY)
    assert index.run(recipes.find, entry.id + 1, OTHER) in (None, b"")
    assert index.run(results.bad) == ([entry.id] if "entry" not in harm else [])
    assert [found.id for found in index.run(results.under, KEY)] == [entry.id], "the result itself is right"
