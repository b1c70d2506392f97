"""Readable names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import need
from zcnb_kernel.symbols import demangled, folded

NAMES = {
    "call _Z3sumRKSt6vectorIiSaIiEE@PLT": "call sum(std::vector<int, std::allocator<int> > const&)@PLT",
    "_ZN4cell4main17he370a8ae61834570E": "cell::main",
    "_RNvNtCsjrHSEGnQ3l9_3std3env4args": "std::env::args",
    "main: mov rax, [rdi]": "main: mov rax, [rdi]",
}


def test_names_are_made_readable_all_at_once() -> None:
    need("c++filt")
    assert demangled("\n".join(NAMES)).split("\n") == list(NAMES.values())


def test_bytes_that_are_no_text_survive() -> None:
    need("c++filt")
    assert demangled("_Z1fv \udc80\n") == "f() \udc80\n"


@pytest.mark.parametrize("script", ["", "#!/bin/sh\nexit 1\n", "no program at all"])
def test_without_cxxfilt_names_stay(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path
    if script:
        (folder / "c++filt").write_text(script)
        (folder / "c++filt").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert demangled("_Z1fv\n") == "_Z1fv\n"


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("short<int>", 10, "short<int>"),
        ("std::vector<std::pair<int, long>, std::allocator<int>>::size()", 40, "std::vector<…>::size()"),
        ("a<b<c>> d<e>", 10, "a<…> d<…>"),
        ("x" * 50, 10, "x" * 9 + "…"),
        ("operator<(int, int) is long", 12, "operator<(i…"),
        ("", 0, ""),
    ],
)
def test_long_names_lose_their_arguments_first(text: str, most: int, expected: str) -> None:
    assert folded(text, most) == expected
