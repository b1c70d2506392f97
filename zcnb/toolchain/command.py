"""A command line of gcc or clang, taken apart: what it compiles, what it links, and what it writes. Pure.

What is not understood in full is refused with a reason (`Refusal`), and the
client then runs the tool itself: a word that is taken for something else than
the compiler takes it for would be a wrong hit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from zcnb.model.spec import Language
from zcnb.toolchain.flags import TAKES_VALUE, why_uncacheable

MOST_NESTED = 64
"""Response files inside response files; compilers give up somewhere beyond that."""

MOST_WORDS = 20_000

_ASKS = re.compile(r"-(?:-version|-help.*|dump(?:version|machine|specs|fullversion)|print-.*|-target-help|###|v|V)$")
_MODES = {
    "-E": "preprocessing only",
    "-S": "assembly output",
    "-M": "a list of inputs only",
    "-MM": "a list of inputs only",
    "-MG": "headers that do not exist yet",
    "-fsyntax-only": "a check only",
    "--analyze": "a check only",
    "-Xclang": "an option for the compiler proper",
    "-emit-ast": "another output than an object",
    "-emit-llvm": "another output than an object",
    "-emit-pch": "another output than an object",
    "--precompile": "another output than an object",
    "-traditional-cpp": "an old preprocessor",
}
_SUFFIXES: dict[str, Language] = {
    ".c": "c", ".cc": "c++", ".cp": "c++", ".cxx": "c++", ".cpp": "c++", ".CPP": "c++", ".c++": "c++", ".C": "c++",
}  # fmt: skip
_NAMED: dict[str, Language] = {"c": "c", "c++": "c++"}
_LINKED = re.compile(r"\.(?:o|obj|lo|a)$|\.so(?:\.\d+)*$")
_LONG = ("--std=", "--sysroot=", "--target=", "--gcc-toolchain=", "--param")
_DEVICE = re.compile(r"(?:^|^-[A-Za-z]+|[=,])/(?:dev/(?!shm/)|proc/)")
_DEP_VALUE = ("-MF", "-MT", "-MQ")


class Role(Enum):
    """What a part of the command line is to the driver."""

    OPTION = "option"
    SOURCE = "source"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Part:
    """An option with its separate value, or one file."""

    words: tuple[str, ...]
    role: Role
    language: Language = "c++"
    """Of a source."""


@dataclass(frozen=True, slots=True)
class Depfile:
    """What `-MD` and its relatives ask for."""

    system: bool
    """`-MD`: system headers too; `-MMD`: not those."""
    file: str
    """`-MF`, or empty."""
    words: tuple[str, ...]
    """`-MT`, `-MQ`, `-MP` as they stand."""

    @property
    def targeted(self) -> bool:
        """Whether the rule's target is given."""
        return any(word.startswith(("-MT", "-MQ")) for word in self.words)


@dataclass(frozen=True, slots=True)
class Command:
    """One call of a compiler driver. `parts` hold all words but the mode, the output and the depfile's."""

    parts: tuple[Part, ...]
    compile_only: bool
    output: str
    """`-o`, or empty."""
    depfile: Depfile | None

    @property
    def sources(self) -> tuple[Part, ...]:
        """The files to compile, in order."""
        return tuple(part for part in self.parts if part.role is Role.SOURCE)

    def words(self, *roles: Role) -> tuple[str, ...]:
        """The words of the parts with these roles, in order."""
        return tuple(word for part in self.parts if part.role in roles for word in part.words)


class Refusal(Exception):
    """The call is not for the cache; `str()` is the reason that is counted and shown."""


def expanded(argv: Sequence[str], read: Callable[[str], str | None]) -> tuple[str, ...]:
    """`argv` with response files (`@file`) replaced by the words in them. `read` returns a file's text or `None`;
    then the word stays, as compilers have it. Raises `Refusal` when there is no end to it."""
    found: list[str] = []
    for word in _expand(argv, read, MOST_NESTED):
        found.append(word)
        if len(found) > MOST_WORDS:
            raise Refusal("the command line is very long")
    return tuple(found)


def _expand(argv: Sequence[str], read: Callable[[str], str | None], depth: int) -> Iterator[str]:
    if not depth:
        raise Refusal("response files are nested too deeply")
    for word in argv:
        text = read(word[1:]) if word.startswith("@") and len(word) > 1 else None
        if text is None:
            yield word
        else:
            yield from _expand(response_words(text), read, depth - 1)


def response_words(text: str) -> list[str]:
    """The words of a response file as libiberty and LLVM cut them: white space separates, quotes of both kinds
    keep together, and a backslash takes the next character as it is, also between quotes. Raises `Refusal` for
    what the two cut differently."""
    if re.search(r"[\v\f]|(?<!\\)(?:\\\\)*\\\Z", text):
        raise Refusal("a response file with unusual characters")
    words: list[str] = []
    current: list[str] | None = None
    quote = ""
    characters = iter(text)
    for character in characters:
        if character == "\\":
            current = [*(current or []), next(characters, "")]
        elif quote:
            if character == quote:
                quote = ""
            else:
                (current := current if current is not None else []).append(character)
        elif character in "'\"":
            quote, current = character, current if current is not None else []
        elif character in " \t\r\n":
            if current is not None:
                words.append("".join(current))
            current = None
        else:
            (current := current if current is not None else []).append(character)
    return words if current is None else [*words, "".join(current)]


def parse(words: Sequence[str], *, cxx_driver: bool) -> Command:
    """The command in `words` (without the driver's name). `cxx_driver`: `.c` files are C++ to it.

    Raises `Refusal` for what is not compiled or linked in a way that could be cached.
    """
    for word in words:
        if device := _DEVICE.search(word):
            raise Refusal(f"{device[0]}...: a device")
    parser = _Parser(cxx_driver)
    rest = iter(words)
    for word in rest:
        parser.take(word, rest)
    command = parser.command()
    if reason := why_uncacheable(command.words(Role.OPTION)):
        raise Refusal(reason)
    if any("date-time" in word for word in words):
        raise Refusal("a warning that zcnb needs for itself")
    return command


class _Parser:
    """Takes one word after the other."""

    def __init__(self, cxx_driver: bool) -> None:
        self._cxx_driver = cxx_driver
        self._parts: list[Part] = []
        self._language: Language | None = None
        self._compile_only = False
        self._output: list[str] = []
        self._lists: list[bool] = []
        self._listed_in: list[str] = []
        self._list_words: list[str] = []

    def take(self, word: str, rest: Iterator[str]) -> None:
        if _ASKS.match(word):
            raise Refusal(f"{word}: a question to the compiler")
        if word in _MODES:
            raise Refusal(f"{word}: {_MODES[word]}")
        if word.startswith("--") and not word.startswith(_LONG):
            raise Refusal(f"{word.partition('=')[0]}: a long option")
        if word == "-c":
            self._compile_only = True
        elif word in ("-MD", "-MMD"):
            self._lists.append(word == "-MD")
        elif word == "-MP":
            self._list_words.append(word)
        elif word.startswith(_DEP_VALUE):
            self._take_listing(word[:3], word[3:] or _value(word, rest))
        elif word.startswith("-M"):
            raise Refusal(f"{word}: an option about lists of inputs")
        elif word == "-o" or (word.startswith("-o") and not word.startswith(("-objc", "-openmp"))):
            self._output.append(word[2:] or _value(word, rest))
        elif word.startswith("-x"):
            self._take_language(word[2:] or _value(word, rest))
        elif word in TAKES_VALUE:
            self._parts.append(Part((word, _value(word, rest)), Role.OPTION))
        elif word.startswith("-") and word != "-":
            self._parts.append(Part((word,), Role.OPTION))
        else:
            self._take_file(word)

    def _take_listing(self, option: str, value: str) -> None:
        if re.search(r"[:\s]", value) and option != "-MF":
            raise Refusal("a target with a colon or white space in it")
        if option == "-MF":
            self._listed_in.append(value)
        else:
            self._list_words += [option, value]

    def _take_language(self, name: str) -> None:
        if name != "none" and name not in _NAMED:
            raise Refusal(f"-x {name}: another language")
        self._language = _NAMED.get(name)
        self._parts.append(Part(("-x", name), Role.OPTION))

    def _take_file(self, word: str) -> None:
        suffix = os.path.splitext(word)[1]
        language = self._language or _SUFFIXES.get(suffix)
        if word.startswith("@"):
            raise Refusal("a response file that cannot be read")
        if language is not None:
            as_cxx = self._cxx_driver and self._language is None
            self._parts.append(Part((word,), Role.SOURCE, "c++" if as_cxx else language))
        elif _LINKED.search(word):
            self._parts.append(Part((word,), Role.LINKED))
        else:
            raise Refusal(f"{suffix or 'a file without suffix'}: another kind of input" if word != "-" else "-: no -x")

    def command(self) -> Command:
        sources = [part for part in self._parts if part.role is Role.SOURCE]
        linked = [part for part in self._parts if part.role is Role.LINKED]
        if not sources and (self._compile_only or not linked):
            raise Refusal("no input files")
        for values, what in ((self._output, "-o"), (self._lists, "-MD"), (self._listed_in, "-MF")):
            if len(values) > 1:
                raise Refusal(f"{what} more than once")
        if {"-", ""} & {*self._output, *self._listed_in}:
            raise Refusal("output to the terminal, or to nowhere")
        if not self._lists and (self._listed_in or self._list_words):
            raise Refusal("-MF, -MT, -MQ or -MP without -MD")
        if self._lists and (not self._compile_only or len(sources) > 1):
            raise Refusal("-MD with a link, or with several sources")
        if self._lists and any(part.words == ("-",) for part in sources):
            raise Refusal("-MD with standard input")
        if self._output and self._compile_only and len(sources) > 1:
            raise Refusal("-o with -c and several sources")
        depfile = None
        if self._lists:
            depfile = Depfile(self._lists[0], "".join(self._listed_in), tuple(self._list_words))
        return Command(tuple(self._parts), self._compile_only, "".join(self._output), depfile)


def _value(word: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise Refusal(f"{word} without its value")
    return value


def object_name(source: str) -> str:
    """Where `-c` puts the object of `source` without `-o`: into the folder it runs in."""
    return f"{_stem(os.path.basename(source))}.o"


def _stem(path: str) -> str:
    """Without the last suffix, which may be all of the name: `.o` -> ``."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] if '.' in name else name}"


def depfile_name(command: Command) -> str:
    """Where `-MD` puts its list without `-MF`: beside the output, or as `object_name`."""
    assert command.depfile is not None
    written = command.output or object_name(command.sources[0].words[0])
    return command.depfile.file or f"{_stem(written)}.d"
