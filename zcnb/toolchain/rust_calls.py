"""Calls of rustc on one file, as a step. What takes other crates, or writes more than one file, is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from zcnb.toolchain.base import WORK, Compiler, Step
from zcnb.toolchain.command import Refusal
from zcnb.toolchain.rustc import codegen, linkers, native_question, why_uncacheable

_VALUED = frozenset({
    "-C", "--codegen", "-A", "--allow", "-W", "--warn", "-D", "--deny", "-F", "--forbid", "--cap-lints", "--cfg",
    "--check-cfg", "--edition", "--crate-name", "--crate-type", "--color", "--error-format", "--diagnostic-width",
    "-o", "--out-dir", "--target", "--remap-path-prefix",
})  # fmt: skip
_ALONE = frozenset({"-g", "-O", "-v", "--test"})
OUTPUT, LISTED, LINKED = "out", "out.d", "link.d"


def rust_call(compiler: Compiler, argv: Sequence[str]) -> tuple[Step, str, dict[str, str]]:
    """The step, its source, and which file its output is for. Raises `Refusal`."""
    options, sources = _sorted(argv[1:])
    if len(sources) != 1 or not sources[0].endswith(".rs"):
        raise Refusal("rustc: not one source file")
    named = dict(options)
    kinds = [value for name, value in options if name == "--crate-type"]
    if set(kinds) - {"bin"} and "--test" not in named:
        raise Refusal("rustc: a library, whose bytes tell what else was written")
    kept = [word for name, value in options if name not in {"-o", "--out-dir"} for word in _words(name, value)]
    if reason := why_uncacheable(kept):
        raise Refusal(reason)
    extra = [option for option in codegen(kept) if option.startswith("extra-filename")]
    if "-o" in named and "--out-dir" in named:
        raise Refusal("rustc: -o and --out-dir")
    if extra or "{" in sources[0]:
        raise Refusal("rustc: an unusual name for the output")
    crate = named.get("--crate-name") or os.path.basename(sources[0])[:-3]
    place = named.get("-o") or os.path.join(named.get("--out-dir", ""), crate)
    listing = ("-C", f"link-arg=-Wl,--dependency-file={WORK}/{LINKED}")
    step = Step(
        name="compile",
        language="rust",
        argv=(
            argv[0], *kept, sources[0], "--out-dir", WORK,
            f"--emit=link={WORK}/{OUTPUT},dep-info={WORK}/{LISTED}", *listing,
        ),
        program=compiler.executable,
        shown=tuple(argv),
        outputs=(OUTPUT,),
        flags=tuple(kept),
        private_tmp=False,
        side_files=(LISTED, LINKED),
        tools=linkers(kept, compiler),
        expansion=native_question(compiler, kept),
        leaks_cwd=True,
    )  # fmt: skip
    return step, sources[0], {OUTPUT: place}


def _sorted(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Options as (name, value), and files. Raises `Refusal` for words that are not known."""
    options: list[tuple[str, str]] = []
    files: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            files.append(word)
        elif word in _ALONE:
            options.append((word, ""))
        else:
            options.append(_option(word, rest))
    return options, files


def _option(word: str, rest: Iterator[str]) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if word.startswith("--") and equals and name in _VALUED:
        return name, value
    if word in _VALUED:
        found = next(rest, None)
        if found is None:
            raise Refusal(f"{word} without its value")
        return word, found
    if word[:2] in _VALUED and not word.startswith("--") and word[:2] != "-o":
        return word[:2], word[2:]
    raise Refusal(f"rustc: {name}")


def _words(name: str, value: str) -> tuple[str, ...]:
    return (name,) if name in _ALONE else (name, value)
