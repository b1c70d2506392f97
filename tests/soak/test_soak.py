"""Short soaks; `make soak` does the same for hours."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.soak import judge
from tests.soak.__main__ import told
from tests.soak.clocks import clocks
from tests.soak.faults import SHORT, faults
from tests.soak.kills import kills
from tests.soak.machine import Bench, play
from tests.soak.soaks import soaked

pytestmark = pytest.mark.timeout(600)  # a round is 15 s of a processor's time, which may have other things to do
ALWAYS = 5


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A short path for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="zt-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def bench(tmp_path: Path, runtime: Path) -> Iterator[Bench]:
    need("clang-19")
    need("rustc")
    made = Bench(tmp_path, runtime)
    yield made
    made.daemons.close()


def total(counts: Counter[str], how: str) -> int:
    """Builds of all kinds that ended so."""
    return sum(count for name, count in counts.items() if name.endswith(f": {how}"))


def test_stories_that_are_always_the_same(bench: Bench) -> None:
    play(ALWAYS, bench, shrink=False)
    assert total(bench.counts, "hit") > 20
    assert total(bench.counts, "miss") > 20
    assert total(bench.counts, "direct") == 0


def test_stories_that_nobody_knows_yet(bench: Bench) -> None:
    number = random.SystemRandom().randrange(2**32)
    print(f"make soak SEED={number}")
    play(number, bench, shrink=False)
    assert bench.counts["steps"] > 50


def test_a_wrong_answer_is_told_with_its_story(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that says one word more than the bare compiler."""
    monkeypatch.setattr(judge, "WRAPPER", ["sh", "-c", '"$@"; code=$?; echo more; exit $code', "sh"])
    with pytest.raises(AssertionError) as caught:
        play(ALWAYS, bench, shrink=False)
    notes = "\n".join(caught.value.__notes__)
    assert "The story:" in notes
    assert f"make soak SEED={ALWAYS}" in notes


def test_a_wrong_answer_ends_the_soak(capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(root: Path, runtime: Path) -> Counter[str]:
        raise AssertionError("other bytes")

    def right(root: Path, runtime: Path) -> Counter[str]:
        return Counter(builds=3)

    assert told([soaked("right", right)]) == 0
    assert told(soaked(name, soak) for name, soak in [("wrong", wrong), ("right", right)]) == 1
    said = capsys.readouterr().out
    assert "right: 3 builds" in said
    assert said.rstrip().endswith("AssertionError: other bytes")


def test_kills_while_results_are_stored(tmp_path: Path, runtime: Path) -> None:
    counts = kills(tmp_path, runtime, ALWAYS, 6)
    assert counts["kills"] == 6
    assert counts["of these, hits"] > 0


def test_system_calls_that_fail(tmp_path: Path, runtime: Path) -> None:
    assert faults(tmp_path, runtime, SHORT)["faults"] > len(SHORT)


def test_clocks_that_jump(tmp_path: Path, runtime: Path) -> None:
    counts = clocks(tmp_path, runtime, ALWAYS, 3)
    assert counts["jumps"] == 3
    assert counts["calls: hit"] > 0
