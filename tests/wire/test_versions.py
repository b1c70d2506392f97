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
        ("1.0.dev1", "2.0", False),
        ("1.0", "2.0rc1", False),
        ("1..0", "2.0", False),
        ("-1", "2", False),
    ],
)
def test_older(version: str, other: str, is_older: bool) -> None:
    assert older(version, other) is is_older
