"""What is told about two results that differ."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from zcnb.daemon.verify import differences, first_difference
from zcnb.daemon.workshop import Made
from zcnb.model.digest import digest_bytes
from zcnb.model.manifest import Manifest
from zcnb.model.outcome import Output
from zcnb.store.rows import Entry
from zcnb.toolchain.base import Reading


def output(folder: Path, name: str, data: bytes, *, executable: bool = False) -> tuple[Output, Path]:
    digest = digest_bytes(data)
    (folder / digest).write_bytes(data)
    return Output(name, digest, len(data), executable), folder / digest


def told(
    before: list[tuple[Output, Path]], now: list[tuple[Output, Path]], *, stderr: str = "said", exit_code: int = 0
) -> str:  # fmt: skip
    """What is said of `now` in place of `before`."""
    entry = Entry(1, Manifest(), tuple(output for output, _ in before), "out", "said", 1.0)
    made = Made(
        exit_code=exit_code, stdout="out", stderr=stderr, reading=Reading(), started_ns=0,
        outputs=tuple(output for output, _ in now),
    )  # fmt: skip
    return differences(entry, [path for _, path in before], made, [path for _, path in now])


def test_each_difference_is_told(tmp_path: Path) -> None:
    one, two = output(tmp_path, "a.o", b"one two three"), output(tmp_path, "a.o", b"one tWo three!")
    listed, program = output(tmp_path, "a.d", b"x"), output(tmp_path, "a.o", b"one two three", executable=True)
    assert told([one, listed], [one, listed]) == ""
    assert told([one], [two]) == (
        "a.o: 13 bytes were stored, 14 are made now; the first difference is at byte 5"
    )  # fmt: skip
    assert told([one, listed], [one]) == "a.o, a.d was stored, a.o is made now"
    assert told([one], []) == "a.o was stored, nothing is made now"
    assert "is a program" in told([one], [program])
    assert told([one], [one], stderr="other") == "it says something else on stderr"
    assert told([one], [], exit_code=1) == "the tool fails now, with exit code 1"
    both = told([one], [two], stderr="other")
    assert "first difference" in both
    assert "stderr" in both


@pytest.mark.parametrize("seed", range(3))
def test_the_first_difference_is_found(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        one = rng.randbytes(rng.randrange(60))
        other = bytearray(one[: rng.randrange(len(one) + 1)] + rng.randbytes(rng.randrange(3)))
        if other and rng.random() < 0.7:
            other[rng.randrange(len(other))] ^= 1
        naive = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        assert first_difference(one, bytes(other)) == naive
