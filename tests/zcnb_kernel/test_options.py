"""The words on the magic line."""

from __future__ import annotations

import pytest

from zcnb.errors import UsageError
from zcnb_kernel.options import OPTIONS, CellOptions, parse, usage


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", CellOptions()),
        ("-O2 -Wall", CellOptions(flags=("-O2", "-Wall"))),
        ("-std=c++20 --timeout 5 -O2 -- a b", CellOptions(flags=("-std=c++20", "-O2"), timeout=5.0, args=("a", "b"))),
        ("-- --timeout -x", CellOptions(args=("--timeout", "-x"))),
        ("-- a -- b", CellOptions(args=("a", "--", "b"))),
        ("--out=o --err e", CellOptions(out="o", err="e")),
        ("--no-cache --no-run --no-raise-error", CellOptions(cache=False, run=False, raise_error=False)),
        ("-DNAME='a b' '-DQ=\"x\"'", CellOptions(flags=("-DNAME=a b", '-DQ="x"'))),
        ("-Xlinker --gc-sections -O1", CellOptions(flags=("-Xlinker", "--gc-sections", "-O1"))),
        ("-I inc -lm", CellOptions(flags=("-I", "inc", "-lm"))),
        ("--emit asm -O2 --remarks", CellOptions(flags=("-O2",), emit="asm", remarks=True)),
        ("--compiler ./my-g++ --edition 2024", CellOptions(compiler="./my-g++", edition="2024")),
        ('--sweep "-O0 -O2"', CellOptions(sweep=((("-O0",), ("-O2",)),))),
        (
            """--sweep "'' '-O2 -g'" -Wall --sweep=-march=native --repeat 3""",
            CellOptions(sweep=(((), ("-O2", "-g")), (("-march=native",),)), repeat=3, flags=("-Wall",)),
        ),
        ("--sweep-compiler \"g++ '/my tools/g++'\"", CellOptions(sweep_compilers=("g++", "/my tools/g++"))),
    ],
)
def test_lines_that_are_right(line: str, expected: CellOptions) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--tiemout 5", "Did you mean --timeout?"),
        ("--zzz", "Unknown option --zzz. Options with two dashes are zcnb's"),
        ("--timeout", "--timeout needs a value: --timeout SECONDS."),
        ("--timeout -1", "must be a number of seconds above 0"),
        ("--timeout nan", "must be a number of seconds above 0"),
        ("--no-run=1", "--no-run takes no value."),
        ("--edition 2020", "must be 2015, 2018, 2021 or 2024"),
        ("--out 1a", "must be the name of a variable"),
        ("--compiler -O2", "must be a name or a path"),
        ("--emit asn", "--emit is 'asn', but must be asm, llvm-ir, preprocessed or mir (did you mean asm?)."),
        ("--emit program", "must be asm, llvm-ir, preprocessed or mir."),
        ("--emit", "--emit needs a value: --emit WHAT."),
        ("--remarks --emit mir", "--remarks is about the optimizer, which does not run for --emit mir"),
        ("-D'x", "Check its quotes"),
        ('--sweep ""', "must be a list of flags"),
        ("""--sweep "'-O2" """, "must be a list of flags"),
        ("--sweep-compiler ''", "must be a list of names or paths"),
        ('--sweep-compiler "g++ -O2"', "must be a list of names or paths"),
        ("--repeat 0", "must be a whole number from 1 to 1000"),
        ("--repeat 1001", "must be a whole number from 1 to 1000"),
        ("--repeat ²", "must be a whole number from 1 to 1000"),
    ],
)
def test_lines_that_are_wrong_say_what_to_do(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sweeps"),
    [("-O2", False), ("--repeat 1", True), ("--sweep=-O2", True), ("--sweep-compiler g++", True)],
)
def test_what_asks_for_a_sweep(line: str, sweeps: bool) -> None:
    assert parse(line).sweeps == sweeps


def test_help_names_every_option() -> None:
    text = usage("cpp", "C++", "")
    assert all(option.name in text and option.help in text for option in OPTIONS)
