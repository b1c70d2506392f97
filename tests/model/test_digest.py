"""The canonical encoding behind every key: different values differ, equal ones do not."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from zcnb.model.digest import digest_bytes, digest_of

DIFFERENT: list[Any] = [
    None, True, False, 0, 1, -1, 10, 2**70, "", "0", "1", "n", "t", "None", b"", b"0", b"n", "a", b"a", "é", "e\u0301",
    "\udce9", "a\0", "a\n", [], [None], [[]], [[], []], [[[]]], ["a"], ["a", "b"], ["b", "a"], ["ab"], ["ab", "c"],
    ["a", "bc"], ["a", ["b"]], [["a"], "b"], ["a", ""], ["", "a"], [b"a"], [1, 2], [12], ["1", "2"], [True], [1],
    {}, {"a": 1}, {"a": "1"}, {"a": None}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"ab": 1}, {"a": {"b": 1}}, {"a": {}},
    ["a", 1], {"": ""}, [{}], [{"a": 1}], "s1:a", b"s1:a", ["s1:a"], "l0:",
]  # fmt: skip

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def told_apart(value: Any) -> Any:
    """`value` such that `==` separates what the encoding must separate (1 and True)."""
    if isinstance(value, list):
        return [told_apart(item) for item in value]
    if isinstance(value, dict):
        return {name: told_apart(item) for name, item in value.items()}
    return type(value).__name__, value


def test_all_of_these_differ() -> None:
    for one, two in itertools.combinations(DIFFERENT, 2):
        assert digest_of(one) != digest_of(two), (one, two)


@settings(derandomize=True, database=None, max_examples=300, deadline=None)
@given(PLAIN, PLAIN)
def test_digests_are_equal_exactly_when_values_are(one: Any, two: Any) -> None:
    assert (digest_of(one) == digest_of(two)) == (told_apart(one) == told_apart(two))


def test_the_order_of_a_mapping_does_not_count() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})


def test_a_tuple_is_a_list() -> None:
    assert digest_of(("a", ("b",))) == digest_of(["a", ["b"]])


def test_a_digest_is_64_hexadecimal_digits_of_blake3() -> None:
    assert digest_bytes(b"") == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert digest_of(["ab", b"\xff", None, True, -5, {"k": ""}]) == (
        blake3(b"l6:s2:abb1:\xffnti-5;m1:s1:ks0:").hexdigest()
    )


def test_a_path_in_any_encoding_has_a_digest_of_its_bytes() -> None:
    assert digest_of("/\udcff") == blake3(b"s2:/\xff").hexdigest()


@pytest.mark.parametrize("value", [1.5, {1}, object(), ["a", 2.5], {"a": frozenset()}])
def test_a_value_without_an_encoding_is_refused_and_not_left_out(value: Any) -> None:
    """Left out, it could change without changing the key."""
    with pytest.raises(TypeError):
        digest_of(value)
