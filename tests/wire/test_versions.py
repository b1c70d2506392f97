"""Which of two versions is older."""

from __future__ import annotations

import pytest

from zcnb.wire.versions import older


@pytest.mark.parametrize(
    ("version", "other", "is_older"),
    [
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "0.10.0", True),
        ("0.10.0", "0.9.0", False),
        ("1.0", "1.0.1", True),
        ("1.0.0", "1.0.0", False),
        ("9", "10", True),
        ("", "1.0", False),
        ("1.0", "", False),
        ("1.0.dev1", "2.0", True),  # suffixes do not count
        ("1.0", "2.0rc1", True),
        ("1.0rc1", "1.0", False),
        ("1.0", "1.0rc1", False),
        ("1.0", "1.0.dev1", False),
        ("1", "1.0.0", False),  # neither do zeros at the end
        ("1.0.0", "1", False),
        ("1..0", "2.0", True),
        ("dev", "1.0", False),
        ("1.0", "dev", False),
        ("\u0661.0", "2.0", False),  # a digit, but not one of ours
        ("1." * 1_000_000, "2", True),
        ("1" * 1_000_000, "2", False),
        ("-1", "2", False),
    ],
)
def test_older(version: str, other: str, is_older: bool) -> None:
    assert older(version, other) is is_older
