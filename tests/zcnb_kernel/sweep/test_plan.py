"""Which variants a magic line asks for."""

from __future__ import annotations

import os

import pytest

from zcnb.errors import UsageError
from zcnb.model.job import MOST_VARIANTS, Variant
from zcnb.model.spec import BuildSpec
from zcnb_kernel.options import parse
from zcnb_kernel.sweep.plan import REPEAT, Plan, make_plan


def planned(line: str, compiler: str = "") -> Plan:
    options = parse(line)
    base = BuildSpec(
        language="c++", source=b"int main() {}", flags=options.flags, compiler=options.compiler or compiler, cwd="/",
        env=dict(os.environ), slot="cell 7",
    )  # fmt: skip
    return make_plan(options, base, "job")


def test_all_combinations_in_the_order_of_the_line() -> None:
    plan = planned('-std=c++20 --sweep "-O0 -O2" --sweep "-g0 -g" --sweep-compiler "g++ clang++" -Wall -- a b')
    flags = [variant.flags for variant in plan.job.variants]
    assert flags[:4] == [
        ("-std=c++20", "-Wall", *last) for last in (("-O0", "-g0"), ("-O0", "-g"), ("-O2", "-g0"), ("-O2", "-g"))
    ]
    assert flags[4:] == flags[:4]
    assert [variant.compiler for variant in plan.job.variants] == ["g++"] * 4 + ["clang++"] * 4
    assert plan.swept[1] == ("-O0", "-g")
    assert plan.args == ("a", "b")


def test_no_flag_and_several_flags_are_alternatives() -> None:
    plan = planned("""--sweep "'' '-O2 -g' -O3" """)
    assert plan.swept == ((), ("-O2", "-g"), ("-O3",))


def test_what_comes_twice_is_built_once() -> None:
    assert planned('--sweep "-O2 -O2 -O1"').swept == (("-O2",), ("-O1",))
    assert planned("""--sweep "'' -O2" --sweep "'' -O2" """).swept == ((), ("-O2",), ("-O2", "-O2"))
    assert len(planned('--sweep-compiler "g++ g++"').job.variants) == 1


def test_repeat_alone_times_one_variant() -> None:
    plan = planned("-O2 --repeat 3", compiler="g++")
    assert plan.job.variants == (Variant(("-O2",), "g++"),)
    assert plan.job.repeat == 3
    assert planned('--sweep "-O0"').job.repeat == REPEAT


def test_a_variant_does_not_count_as_the_cells_expected_duration() -> None:
    assert planned('--sweep "-O0"').job.spec(0).slot == ""


def test_options_for_all_variants() -> None:
    plan = planned('--sweep "-O0 -O1" --timeout 2 --no-run')
    assert plan.timeout == 2.0
    assert not plan.run


def test_too_many_say_how_many_and_which_list_is_to_blame() -> None:
    letters = " ".join(f"-D{letter}" for letter in "abcdefghijklmnopqrst")
    with pytest.raises(UsageError) as caught:
        planned(f'--sweep "{letters}" --sweep "{letters} -Du" --sweep-compiler "g++ clang++"')
    said = str(caught.value)
    assert "840 combinations" in said
    assert "--sweep number 1: 20, --sweep number 2: 21, --sweep-compiler: 2" in said
    assert str(MOST_VARIANTS) in said


def test_as_many_as_there_may_be() -> None:
    numbers = " ".join(f"-DN={number}" for number in range(16))
    assert len(planned(f'--sweep "{numbers}" --sweep "{numbers}"').job.variants) == MOST_VARIANTS
    assert len(planned(f'--sweep "{numbers}" --sweep "{numbers} -DN=15"').job.variants) == MOST_VARIANTS


def test_a_thousand_lists_are_refused_without_trying_them() -> None:
    with pytest.raises(UsageError, match="combinations"):
        planned(" ".join(['--sweep "-a -b"'] * 1000))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('--compiler g++ --sweep-compiler "g++ clang++"', "do not go together"),
        ('--sweep "-O0" --out text', "NAME[0].stdout"),
        ("--repeat 2 --err text", "NAME[0].stdout"),
    ],
)
def test_what_does_not_go_together(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        planned(line)
    assert said in str(caught.value)
