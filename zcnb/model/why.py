"""Why a step was a miss: what its key was made of, held against what it was made of the last time. Pure.

Rules. This is about words only: nothing here decides whether something is a hit. What decided comes first: an
input that is not as it was, then the differences between the two keys, the most telling one first; the headline
names one and counts the rest. What is not known is not claimed: "first time" means that no earlier run is remembered.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from zcnb.model.digest import Digest
from zcnb.model.manifest import Change
from zcnb.model.outcome import StepCache, StepName, StepReport

MOST_TEXT = 32 * 1024
"""Bytes of a source whose lines are told apart; of a longer one it is only told that it changed."""

MOST_LINES = 400
"""The same in lines."""

MOST_COMPARED = 100
"""Lines between the first and the last difference that are compared in full: time grows with the cube."""

MOST_DETAILS = 40
"""Lines of details: after an upgrade of a library hundreds of headers have changed."""

MOST_PLACES = 3
"""Changed places in a source that are named one by one."""

FIRST_TIME, EVICTED, CLEARED, NO_CACHE = "first time", "evicted", "cache cleared", "--no-cache"

_MEANINGS = {
    FIRST_TIME: "No earlier run of this is remembered.",
    EVICTED: "It was stored and had to go: the size is limited (ZCNB_MAX_SIZE), and the least recently used go first.",
    CLEARED: "It was stored, and the cache was emptied since.",
    NO_CACHE: "It was asked for: neither look up nor store.",
}
_LIBRARY = re.compile(r"\.(?:a|rlib)$|\.so(?:\.\d+)*$")
_OBJECT = re.compile(r"\.(?:o|obj|lo)$")
_SOURCE = re.compile(r"\.(?:c|cc|cp|cpp|cxx|c\+\+|C|CPP|rs)$")
_HEADER = re.compile(r"\.(?:h|hh|hpp|hxx|h\+\+|H|inl|ipp|tpp|txx|tcc|inc|def|gch|pch)$")
_VALUED = frozenset({
    "-A", "-C", "-D", "-F", "-I", "-L", "-U", "-W", "-Xlinker", "-idirafter", "-imacros", "-include", "-iquote",
    "-isystem", "-l", "-mllvm", "-x", "--cfg", "--edition", "--target",
})  # fmt: skip
"""Options that stand with their value in messages, if they were written apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one step's key was made of, as people call it; digests where the value itself may be long."""

    step: StepName
    title: str = ""
    """The source of a compile, the program of a link: tells the steps of one run apart."""
    key: Digest
    language: str
    compiler: str
    """Name and version."""
    path: str
    """The compiler's."""
    identity: Digest
    makes: str = ""
    """The main output: `cell.o`, or `cell.s` if assembly was asked for."""
    flags: tuple[str, ...] = ()
    """The words as a person would type them, without the tool's name."""
    words: tuple[str, ...] = ()
    """The same as the tool gets them, with ours, and with words that do not matter to people."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The variables that tools read."""
    fed: Mapping[str, Digest] = field(default_factory=dict)
    """What is fed in, by name: the source, the objects of a link."""
    lines: tuple[int, ...] = ()
    """A checksum for each line of the source, where they are told apart."""
    tools: str = ""
    """The linkers chosen by flags, by content."""
    meaning: Digest = Digest("")
    """What flags such as `-march=native` mean on this machine."""
    folder: str = ""
    """Where it was made, if that leaks into the result."""
    terminal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step of a run that was answered."""

    report: StepReport
    facts: Facts | None = None
    """`None` if the cache had no part in it."""
    skipped: str = ""
    """Why there was nothing to store; empty if there was."""
    spoke: bool = False
    """Whether the tool printed something: then its terminal matters."""

    @property
    def unkept(self) -> str:
        """Why no result is in the store; empty if there was one."""
        return self.report.unstored or self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One request that was answered, as it is remembered."""

    title: str
    """`cell.cpp`, or what a tool call writes."""
    cwd: str
    when: float
    """Unix time in seconds."""
    cache: StepCache
    steps: tuple[StepRun, ...] = ()
    names: tuple[str, ...] = ()
    """Absolute paths of the files that a tool call was about."""


@dataclass(frozen=True, slots=True)
class Past:
    """The last run at a place."""

    run: Run
    cleared: bool = False
    """Whether the cache was emptied since."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What a lookup found in place of a result that may be used."""

    change: Change | None = None
    """Why the newest result under the key does not hold."""
    others: tuple[Change, ...] = ()
    """What else of its inputs is not as it was."""
    inputs: tuple[str, ...] = ()
    """What that result was made from."""
    evicted: bool = False
    """It would hold, but its outputs are gone."""


@dataclass(frozen=True, slots=True)
class Why:
    """One line, and all that can be said."""

    headline: str
    details: tuple[str, ...] = ()
    unstored: str = ""
    """Why the last run's result was not stored either; empty if it was."""


class Difference(NamedTuple):
    """`short` for the headline, `full` for the details."""

    short: str
    full: tuple[str, ...] = ()


def explain(now: Facts, past: Past | None, missed: Missed) -> Why:
    """Why a step with the facts `now` was a miss, given the last run at its place."""
    before = step_of(past, now)
    found = list(_gone(now, missed))
    if past is not None and before is not None and before.facts is not None:
        found += differences(before.facts, now) or ([] if found else [_same(before, now, cleared=past.cleared)])
    found = found or [Difference(FIRST_TIME)]
    details = [line for one in found for line in _told(one)]
    if len(details) > MOST_DETAILS:
        details[MOST_DETAILS:] = [f"... and {len(details) - MOST_DETAILS} lines more."]
    if past is not None and before is not None:
        details.append(f"Compared with the run of {clock(past.run.when)}.")
    elif missed.change is not None or missed.evicted:
        details.append("No earlier run of this is remembered; the result was another's.")
    more = f" + {len(found) - 1} more" if found[1:] else ""
    return Why(found[0].short + more, tuple(details), before.report.unstored if before else "")


def uncacheable(reason: str, details: Iterable[str] = ()) -> Why:
    """Why a step is a miss whose result must not be stored, for `reason`."""
    said = "Nobody could tell later whether a stored result still holds, so it is made each time."
    return Why(f"uncacheable: {reason}", (said, *details))


def finished(why: Why, refused: str) -> Why:
    """`why`, once it is known that the result was not stored (`refused`; empty if it was). Refused twice in a row,
    that is what made it a miss, whatever else changed."""
    return uncacheable(refused, why.details) if refused and why.unstored else why


def asked_for() -> Why:
    """Why a step is a miss that was not looked up."""
    return Why(NO_CACHE, _told(Difference(NO_CACHE)))


def headline(steps: Iterable[StepReport]) -> str:
    """The line for a whole run: the first miss's; what follows is mostly its consequence. Empty for a hit."""
    return next((step.why for step in steps if step.why), "")


def sentence(title: str, cache: StepCache, steps: Iterable[StepReport]) -> str:
    """The same as a sentence for people."""
    match cache:
        case "hit":
            return f"{title} came out of the cache: nothing had changed since it was made."
        case "direct":
            return f"The cache had no part in {title}: {headline(steps) or 'zcnb is disabled'}."
        case _:
            return f"{title} had to be built: {headline(steps)}."


def details(steps: Iterable[StepReport]) -> tuple[str, ...]:
    """All that is known about a run's misses, step by step."""
    return tuple(
        line
        for step in steps
        if step.why and step.cache != "direct"
        for line in (f"{step.step}: {step.why}", *(f"  {said}" for said in step.details))
    )


def step_of(past: Past | None, now: Facts) -> StepRun | None:
    """The step of an earlier run that stands where `now` stands."""
    steps = past.run.steps if past is not None else ()
    return next((s for s in steps if s.facts and (s.facts.step, s.facts.title) == (now.step, now.title)), None)


@lru_cache(maxsize=64)
def lines_of(text: bytes) -> tuple[int, ...]:
    """A checksum for each line of a source; none if it is too long for that. A hit asks for the same text again."""
    lines = text.split(b"\n") if len(text) <= MOST_TEXT else []
    return tuple(map(zlib.crc32, lines)) if len(lines) <= MOST_LINES else ()


def differences(before: Facts, now: Facts) -> list[Difference]:
    """How two keys of one place differ, the most telling difference first; empty if they are one key."""
    if before.key == now.key:
        return []
    env = _environment(before, now)
    found = [
        *_compiler(before, now, explained=bool(env)),
        *_form(before, now),
        *_flags(before, now),
        *_fed(before, now),
        *env,
        *_rest(before, now),
    ]
    return found or [Difference("zcnb calls the compiler in another way")]


def clock(when: float) -> str:
    """A time as people read it, in this machine's zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def _told(one: Difference) -> tuple[str, ...]:
    meaning = _MEANINGS.get(one.short)
    return (meaning,) if meaning else one.full or (one.short,)


def _gone(now: Facts, missed: Missed) -> Iterator[Difference]:
    """What became of a result that is recorded under the very key."""
    if missed.change is not None:
        yield from (_changed(now, change, missed.inputs) for change in (missed.change, *missed.others))
    elif missed.evicted:
        yield Difference(EVICTED)


def _changed(now: Facts, change: Change, inputs: Sequence[str]) -> Difference:
    if change.what == "variable":
        return Difference(str(change), (f"{change}, for which the source asks.",))
    verb = {"gone": "is gone", "appeared": "appeared"}.get(change.what, "changed")
    name = os.path.basename(change.name)
    short = f"{_kind(now, change.name)} {name} {verb}"
    if change.what != "appeared":
        return Difference(short, (f"{change}.",))
    hidden = next((path for path in inputs if os.path.basename(path) == name), "")
    if hidden:
        return Difference(f"{short} (found before {_near(hidden)})", (f"{change}; it hides {hidden}.",))
    folder = "." not in name  # or a header such as `vector`, that was asked for and is not used
    return Difference(f"{name} appeared" if folder else short, (f"{change}.",))


def _same(before: StepRun, now: Facts, *, cleared: bool) -> Difference:
    """Nothing differs, and yet there is no result."""
    if before.unkept:
        return Difference(f"not stored last time: {before.unkept}")
    changed = _values(before.facts.terminal, now.terminal) if before.facts and before.spoke else {}
    if changed:
        return Difference("terminal changed", tuple(f"{name}: {both}" for name, both in changed.items()))
    return Difference(CLEARED if cleared else EVICTED)


def _compiler(before: Facts, now: Facts, *, explained: bool) -> Iterator[Difference]:
    """The compiler by name and version, or just by content. `explained`: a variable makes the difference."""
    full = (f"compiler: {before.compiler} ({before.path}) -> {now.compiler} ({now.path})",)
    if before.compiler != now.compiler:
        (old, was), (new, version) = before.compiler.partition(" ")[::2], now.compiler.partition(" ")[::2]
        yield Difference(
            f"compiler changed ({before.compiler} -> {version if old == new and was else now.compiler})", full
        )
    elif before.path != now.path:
        yield Difference("compiler changed (same version, another place)", full)
    elif before.identity != now.identity and not explained:
        yield Difference("compiler changed (same version, other bytes)", (f"{now.path}, or a program that it drives.",))


def _form(before: Facts, now: Facts) -> Iterator[Difference]:
    if before.makes != now.makes:
        yield Difference(f"{now.makes} was asked for, not {before.makes}")


def _flags(before: Facts, now: Facts) -> list[Difference]:
    """Words that came, went or moved; at most one difference. What we add depends on the compiler: it counts as long
    as that is the same."""
    same = before.compiler == now.compiler
    old, new = (list(_joined(facts.words if same else facts.flags)) for facts in (before, now))
    if old == new:
        return []
    removed, added = _without(old, new), _without(new, old)
    flag = "linker flag" if now.step == "link" else "flag"
    if not (removed or added):
        short = f"{flag}s: another order"
    elif len(removed) == len(added) == 1:
        short = f"{flag} {removed[0]} -> {added[0]}"
    else:
        words = [*(f"{word} added" for word in added), *(f"{word} removed" for word in removed)]
        short = f"{flag}s: {words[0]}" + (f", {words[1]}" if words[1:] else "") + (", ..." if words[2:] else "")
    shown = ("before", before.flags), ("now", now.flags)
    return [Difference(short, tuple(f"flags {when}: {' '.join(_own(words))}" for when, words in shown))]


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Options with their values."""
    rest = _own(words)
    for word in rest:
        value = next(rest, "") if word in _VALUED else ""
        yield f"{word} {value}" if value else word


def _own(words: Iterable[str]) -> Iterator[str]:
    """The words but for those that stand for private files of a run."""
    return (word for word in words if "{zcnb:" not in word)


def _without(words: Iterable[str], others: Iterable[str]) -> list[str]:
    left = list(others)
    kept = []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            kept.append(word)
    return kept


def _fed(before: Facts, now: Facts) -> Iterator[Difference]:
    for name, digest in now.fed.items():
        if name in before.fed and before.fed[name] != digest:
            where = changed_lines(before.lines, now.lines) if before.lines and now.lines else ""
            label = name if not os.path.splitext(name)[1] else f"{_kind(now, name)} {os.path.basename(name)}"
            full = f"{name} changed{f': {where}' if where else ''}."
            yield Difference(f"{label} changed{f' ({where})' if where else ''}", (full,))
    names = sorted(now.fed.keys() ^ before.fed.keys())
    if names and before.flags == now.flags:
        yield Difference("other files", tuple(f"{name} {'added' if name in now.fed else 'removed'}" for name in names))


def changed_lines(before: Sequence[int], now: Sequence[int]) -> str:
    """Where a source differs from an earlier one, in its own line numbers: `line 4`, `lines 3-5, after line 9`
    (something went there); at most `MOST_PLACES` places, else from the first to the last. Empty if nothing does."""
    top = _alike(before, now)
    end = _alike(before[top:][::-1], now[top:][::-1])
    old, new = before[top : len(before) - end], now[top : len(now) - end]
    if max(len(old), len(new)) > MOST_COMPARED:
        return _lines(top, top + len(new))
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [(top + first, top + last) for tag, _, _, first, last in found if tag != "equal"]
    if len(changed) > MOST_PLACES:
        changed = [(changed[0][0], changed[-1][1])]
    return ", ".join(_lines(first, last) for first, last in changed)


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """How many items both begin with."""
    return next(
        (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _lines(first: int, last: int) -> str:
    if first == last:
        return f"after line {first}"
    return f"line {last}" if last == first + 1 else f"lines {first + 1}-{last}"


def _environment(before: Facts, now: Facts) -> list[Difference]:
    changed = _values(before.env, now.env)
    return [Difference(f"environment variable {name} changed", (f"{name}: {both}",)) for name, both in changed.items()]


def _values(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """`old -> new` of the names whose values differ."""
    return {
        name: f"{before.get(name, 'not set')} -> {now.get(name, 'not set')}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    }


def _rest(before: Facts, now: Facts) -> Iterator[Difference]:
    if before.tools != now.tools:
        yield Difference("linker changed")
    if before.meaning != now.meaning and before.flags == now.flags:
        yield Difference("the flags mean something else on this machine")
    if before.folder and now.folder and before.folder != now.folder:
        yield Difference("folder changed", (f"folder: {before.folder} -> {now.folder}",))


def _kind(now: Facts, path: str) -> str:
    if _LIBRARY.search(path):
        return "library"
    if _OBJECT.search(path):
        return "object"
    if _SOURCE.search(path):
        return "source"
    plain = "." not in os.path.basename(path)
    return "header" if now.step == "compile" and now.language != "rust" and (plain or _HEADER.search(path)) else "file"


def _near(path: str) -> str:
    """The last two parts of a path."""
    return os.path.join(os.path.basename(os.path.dirname(path)), os.path.basename(path))
