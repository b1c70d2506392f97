"""Addresses of runners: what is understood, and what is refused."""

from __future__ import annotations

import pytest

from zcnb.model.address import RunnerAddress, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/me/r.sock", RunnerAddress(path="/run/me/r.sock")),
        ("localhost:9000", RunnerAddress(host="localhost", ports=range(9000, 9001))),
        ("127.0.0.1:9000-9003", RunnerAddress(host="127.0.0.1", ports=range(9000, 9004))),
        ("[::1]:1-64", RunnerAddress(host="::1", ports=range(1, 65))),
        ("h:65535", RunnerAddress(host="h", ports=range(65535, 65536))),
    ],
)
def test_what_is_understood_is_shown_as_it_was_given(text: str, address: RunnerAddress) -> None:
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    ["", "r.sock", "host", "host:", ":9000", "h:0", "h:65536", "h:9-8", "h:1-65", "h:1-", "::1:80", "h:1 ", "a b:1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an absolute path, host:port, or host:first-last"):
        parse_address(text)
