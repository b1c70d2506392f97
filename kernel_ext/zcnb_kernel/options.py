"""The words on the magic line. Pure.

Single dash goes to the compiler, double dash is ours, after `--` come the
program's arguments: `%%cpp -std=c++20 -O2 --timeout 5 -- a b`.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from zcnb.errors import UsageError
from zcnb.model.job import MOST_REPEATS
from zcnb.model.spec import Emit

PASSED_ON = frozenset({"-Xlinker", "-Xassembler", "-Xpreprocessor", "-Xclang", "-mllvm"})
"""Compiler options whose next word belongs to them whatever it looks like."""

Alternatives = tuple[tuple[str, ...], ...]
"""What one `--sweep` is to try in turn: each alternative is one flag, several, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOptions:
    """What one magic line says. `out`, `err` and `report` are names of notebook variables, or empty."""

    flags: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    compiler: str = ""
    edition: str = "2021"
    timeout: float | None = None
    sweep: tuple[Alternatives, ...] = ()
    """One for each `--sweep`, in their order."""
    sweep_compilers: tuple[str, ...] = ()
    repeat: int = 0
    """Timed runs of each variant of a sweep; 0 if the line does not say."""
    out: str = ""
    err: str = ""
    report: str = ""
    cache: bool = True
    run: bool = True
    raise_error: bool = True
    emit: Emit = "program"
    remarks: bool = False

    @property
    def sweeps(self) -> bool:
        """Whether the line asks for a sweep instead of one run."""
        return bool(self.sweep or self.sweep_compilers or self.repeat)


@dataclass(frozen=True, slots=True)
class Option:
    """One double-dash option: the field it sets, how its value is read (or what a switch means), its help.

    One that may be given several times (`many`) has a tuple of all its values as its field.
    """

    name: str
    field: str
    metavar: str
    parse: Callable[[str], Any] | None
    switch: Any
    help: str
    many: bool = False


def _name(text: str) -> str:
    if not text.isidentifier():
        raise ValueError("the name of a variable")
    return text


def _word(text: str) -> str:
    if not text or text.startswith("-"):
        raise ValueError("a name or a path")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e7:
        raise ValueError("a number of seconds above 0")
    return value


def _alternatives(text: str) -> Alternatives:
    """Each word is an alternative; a quoted one may hold several flags, or none."""
    try:
        found = tuple(tuple(shlex.split(word)) for word in shlex.split(text))
    except ValueError:  # a quote that is not closed
        found = ()
    if not found:
        raise ValueError("a list of flags such as \"-O0 -O2\"; in it, '' stands for no flag")
    return found


def _compilers(text: str) -> tuple[str, ...]:
    try:
        names = tuple(shlex.split(text))
    except ValueError:
        names = ()
    if not names or any(not name or name.startswith("-") for name in names):
        raise ValueError('a list of names or paths such as "g++ clang++"')
    return names


def _repeats(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_REPEATS):
        raise ValueError(f"a whole number from 1 to {MOST_REPEATS}")
    return int(text)


def _edition(text: str) -> str:
    if text not in {"2015", "2018", "2021", "2024"}:
        raise ValueError("2015, 2018, 2021 or 2024")
    return text


EMITS: tuple[Emit, ...] = tuple(emit for emit in get_args(Emit) if emit != "program")


def _emit(text: str) -> Emit:
    for emit in EMITS:
        if text == emit:
            return emit
    near = difflib.get_close_matches(text, EMITS, n=1)
    *known, last = EMITS
    raise ValueError(f"{', '.join(known)} or {last}{f' (did you mean {near[0]}?)' if near else ''}")


OPTIONS = (
    Option("--compiler", "compiler", "NAME", _word, None, "which compiler: a name on PATH or a path"),
    Option("--edition", "edition", "YEAR", _edition, None, "Rust edition (2021)"),
    Option("--timeout", "timeout", "SECONDS", _seconds, None, "end the program after this long"),
    Option("--sweep", "sweep", "FLAGS", _alternatives, None, 'compare flags: "-O0 -O2"; more lists multiply', True),
    Option("--sweep-compiler", "sweep_compilers", "NAMES", _compilers, None, 'compare compilers: "g++ clang++"'),
    Option("--repeat", "repeat", "N", _repeats, None, "time each variant so often (7)"),
    Option("--out", "out", "VAR", _name, None, "put the program's stdout into a variable instead of showing it"),
    Option("--err", "err", "VAR", _name, None, "put the program's stderr into a variable instead of showing it"),
    Option("--report", "report", "VAR", _name, None, "put the report (see `%zcnb last`) into a variable"),
    Option("--no-cache", "cache", "", None, False, "compile anew: neither look up nor store"),
    Option("--no-run", "run", "", None, False, "compile and link only"),
    Option("--no-raise-error", "raise_error", "", None, False, "go on when the program fails"),
    Option("--emit", "emit", "WHAT", _emit, None, "do not run, but show asm, llvm-ir, preprocessed or (Rust) mir"),
    Option("--remarks", "remarks", "", None, True, "show what the optimizer vectorized and inlined, and what not"),
)
BY_NAME = {option.name: option for option in OPTIONS}


def parse(line: str) -> CellOptions:
    """The options on a magic line. Raises `UsageError`, which says what is known and what comes closest."""
    flags: list[str] = []
    args: tuple[str, ...] = ()
    found = CellOptions()
    words = iter(_split(line))
    for word in words:
        if word == "--":
            args = tuple(words)
        elif word.startswith("--"):
            found = _apply(found, word, words)
        else:
            flags.append(word)
            if word in PASSED_ON:
                flags += [value for value in [next(words, None)] if value is not None]
    if found.remarks and found.emit in {"preprocessed", "mir"}:
        raise UsageError(f"--remarks is about the optimizer, which does not run for --emit {found.emit}.")
    return replace(found, flags=tuple(flags), args=args)


def _split(line: str) -> list[str]:
    if any("\ud800" <= letter <= "\udfff" for letter in line):
        raise UsageError("The magic line holds a character that is not valid Unicode; delete it and type it again.")
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"The magic line cannot be split into words: {error}. Check its quotes.") from None


def _apply(found: CellOptions, word: str, words: Iterator[str]) -> CellOptions:
    name, has_value, given = word.partition("=")
    option = BY_NAME.get(name)
    if option is None:
        raise UsageError(_unknown(name))
    if option.parse is None:
        if has_value:
            raise UsageError(f"{name} takes no value.")
        return replace(found, **{option.field: option.switch})
    text = given if has_value else next(words, None)
    if text is None:
        raise UsageError(f"{name} needs a value: {name} {option.metavar}.")
    try:
        value: Any = option.parse(text)
        if option.many:
            value = (*getattr(found, option.field), value)
        return replace(found, **{option.field: value})
    except ValueError as error:
        raise UsageError(f"{name} is {text!r}, but must be {error}.") from None


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, BY_NAME, n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    return (
        f"Unknown option {name}.{guess} Options with two dashes are zcnb's: {', '.join(BY_NAME)}. "
        "The compiler's take one dash, the program's arguments come after `--`."
    )


def usage(magic: str, language: str, example: str) -> str:
    """The help that `%%cpp?` shows."""
    rows = "\n".join(f"  {f'{o.name} {o.metavar}'.strip():<22} {o.help}" for o in OPTIONS)
    return f"""Compile, link and run this cell as a whole {language} program, through the compile cache.

    %%{magic} [compiler flags] [--options] [-- program arguments]
{example}
Flags with one dash go to the compiler as they are, in their order.
Words after `--` are the program's arguments.

{rows}

Line numbers in messages are the cell's own; the magic line is line 1. The
same cell with the same flags, headers and compiler is not compiled again, also
after a restart of the kernel. `%zcnb last` tells about the last cell,
`%zcnb status` about the daemon.
"""
