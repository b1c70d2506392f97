"""The story of one tool call: what is it, can it be cached, and what does the client have to write?

Rule: whatever is not understood, or went in a way whose traces would differ
from the bare tool's, is passed through: the client runs the tool itself, as if
we were not there. So a doubt costs time and nothing else.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zcnb.daemon.offload import asking
from zcnb.daemon.steps import Setting, StepDone, Steps, Underway
from zcnb.daemon.why import Fed, Subject, call_subject, passed_run
from zcnb.freshness.memo import FileMemo
from zcnb.model.call import Placed, ToolCall, ToolOutcome
from zcnb.model.digest import Digest, digest_bytes
from zcnb.model.spec import Language
from zcnb.store.history import History
from zcnb.toolchain.base import Step
from zcnb.toolchain.command import Command, Refusal, Role, expanded, object_name, parse
from zcnb.toolchain.environment import SIDE_EFFECTS
from zcnb.toolchain.gnu_calls import OBJECT_FILE, Caller, compile_alone, compile_part, link
from zcnb.toolchain.gnu_like import GnuLike
from zcnb.toolchain.rust_calls import rust_call
from zcnb.toolchain.rustc import Rustc
from zcnb.wire.messages import PassThrough

_FAMILY = re.compile(r"(?:^|[-_.])(g\+\+|gcc|c\+\+|cc|clang\+\+|clang|rustc|ar)(?:$|[-_.]\d+(?:\.\d+)*$)")
_WRAPPERS = frozenset({"ccache", "sccache", "distcc", "icecc", "zcnb"})
_CXX = frozenset({"g++", "c++", "clang++"})

NOTHING: Mapping[str, Digest] = {}

Reply = tuple[ToolOutcome, tuple[str, ...], float]
"""The outcome, why parts of it were not stored, and the milliseconds that it spared."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Steps that were done, and the file that each output of the last ones is for."""

    setting: Setting
    steps: tuple[StepDone, ...]
    places: tuple[dict[str, str], ...]
    """One for each step: output's name -> the client's file; empty for what only feeds the next step."""
    removes_output: bool = False
    """Whether this compiler, when it fails, removes the file that it was to write."""


class Wrapper:
    """Answers tool calls. One for each daemon; used from the event loop only."""

    def __init__(self, steps: Steps, memo: FileMemo, history: History) -> None:
        self._steps, self._memo, self._history = steps, memo, history

    async def run(self, call: ToolCall, underway: Underway) -> Reply | PassThrough:
        """What the tool did or would have done, or that the client has to run it.

        Raises `CompilerNotFound` and `StoreError`.
        """
        try:
            return await self._run(call, underway)
        except Refusal as reason:
            self._history.note(*passed_run(call, str(reason)))
            return PassThrough(str(reason), _warning(call))

    async def _run(self, call: ToolCall, underway: Underway) -> Reply:
        family = _family(call)
        if family == "ar":
            raise Refusal("ar: an archive is made faster than it is looked up")
        _check_scene(call)
        if family == "rustc":
            made = await self._rust(call, underway)
        else:
            made = await self._gnu(call, underway, cxx_driver=family in _CXX)
        done = [await step.recorded() for step in made.steps]
        self._steps.remember(made.setting, done)
        return (
            _outcome(call, replace(made, steps=tuple(done))),
            tuple(step.report.unstored for step in done if step.report.unstored),
            sum(step.report.saved_ms for step in done),
        )

    async def _gnu(self, call: ToolCall, underway: Underway, *, cxx_driver: bool) -> _Made:
        command = parse(expanded(call.argv[1:], _reader(call.cwd)), cxx_driver=cxx_driver)
        sources = command.sources
        if any(part.words == ("-",) for part in sources) and "-" not in call.argv:
            raise Refusal("standard input, named in a response file")
        language: Language = sources[0].language if sources else "c++" if cxx_driver else "c"
        toolchain, compiler = await self._steps.toolbox.resolve(language, call.tool, call.scene)
        if compiler.script or not isinstance(toolchain, GnuLike):
            raise Refusal("the compiler is a script: what it does cannot be known")
        if any(source.language != language for source in sources):
            raise Refusal("sources in several languages")
        setting = Setting(
            scene=call.scene, toolchain=toolchain, compiler=compiler, underway=underway,
            subject=_subject(call, command),
        )  # fmt: skip
        caller = Caller(toolchain=toolchain, compiler=compiler, argv0=call.argv[0], stdin=call.stdin)
        if command.compile_only and len(sources) == 1:
            step, places = compile_alone(caller, command)
            done = await self._do(call, setting, step, [source.words[0] for source in sources], places)
            if done.exit_code:
                _check_failure(done, places)
            return _Made(setting, (done,), (places,), toolchain.removes_output)
        await self._check_driver(caller, call, setting, command)
        return await self._parts(caller, call, setting, command)

    async def _parts(self, caller: Caller, call: ToolCall, setting: Setting, command: Command) -> _Made:
        """Several compiles, or compiles and a link: all of it works, or the client does it anew. (An error in the only
        source is told as it is: both compilers stop there, and leave an older program alone.)"""
        steps, places = [], []
        for source in command.sources:
            place = {OBJECT_FILE: object_name(source.words[0])} if command.compile_only else {}
            steps.append(await self._do(call, setting, compile_part(caller, command, source), source.words, place))
            places.append(place)
            if steps[-1].exit_code and len(command.sources) == 1:
                _check_failure(steps[-1], place)
                return _Made(setting, tuple(steps), tuple(places))
            if steps[-1].exit_code:
                raise Refusal("a compile failed in a command that does more")
        if not command.compile_only:
            step, place = link(caller, command)
            objects = [made.paths[0] for made in steps]
            digests = tuple(made.outputs[0].digest for made in steps)
            step = replace(step, material=digests)
            named = dict(zip((object_name(source.words[0]) for source in command.sources), digests, strict=True))
            linked = command.words(Role.LINKED)
            steps.append(await self._do(call, setting, step, linked, place, objects=objects, made=named))
            places.append(place)
            if steps[-1].exit_code:
                raise Refusal("a link failed")
        if len({name for place in places for name in place.values()}) < sum(map(len, places)):
            raise Refusal("two outputs with one name")
        return _Made(setting, tuple(steps), tuple(places))

    async def _rust(self, call: ToolCall, underway: Underway) -> _Made:
        toolchain, compiler = await self._steps.toolbox.resolve("rust", call.tool, call.scene)
        assert isinstance(toolchain, Rustc)
        if compiler.script:
            raise Refusal("the compiler is a script: what it does cannot be known")
        step, source, places = rust_call(compiler, call.argv)
        setting = Setting(
            scene=call.scene, toolchain=toolchain, compiler=compiler, underway=underway,
            subject=call_subject(call, tuple(places.values()), [source]),
        )  # fmt: skip
        done = await self._do(call, setting, step, [source], places)
        if done.exit_code:
            _check_failure(done, places)
        return _Made(setting, (done,), (places,))

    async def _do(
        self, call: ToolCall, setting: Setting, step: Step, files: Sequence[str], places: dict[str, str],
        objects: Sequence[Path] = (), made: Mapping[str, Digest] = NOTHING,
    ) -> StepDone:  # fmt: skip
        """One step on the client's `files`. Raises `Refusal` where its traces would show that it was not bare.

        `made` are the `objects` of earlier steps, by the names that they would have had.
        """
        for name in places.values():
            _check_place(call.cwd, name)
        if len({os.path.realpath(os.path.join(call.cwd, name)) for name in places.values()}) < len(places):
            raise Refusal("two outputs with one name")
        contents = [await self._content(call, name) for name in files]
        step = replace(step, material=(*step.material, *contents))
        title = files[0] if step.name == "compile" else " ".join(places.values())
        fed = Fed(title, {**made, **dict(zip(files, contents, strict=True))})
        done = await self._steps.do(setting, step, objects, fed)
        if done.private_shown or done.truncated:
            raise Refusal("it prints what only the bare tool can print")
        if done.exit_code == 0 and len(done.outputs) != len(step.outputs):
            raise Refusal("it did not write what it should have")
        return done

    async def _content(self, call: ToolCall, name: str) -> Digest:
        if name == "-":
            return digest_bytes(call.stdin)
        full = os.path.join(call.cwd, name)
        digest = await asking(self._memo, lambda reader: reader.digest(full))
        if digest is None:
            raise Refusal("an input that is not there, or no plain file")
        return digest

    async def _check_driver(self, caller: Caller, call: ToolCall, setting: Setting, command: Command) -> None:
        """A driver that would complain about the words as a whole must get them as a whole."""
        if caller.toolchain.quiet_words:
            said = await self._steps.toolbox.answer((call.tool, *call.argv[1:], "-###"), caller.compiler, call.scene)
            if re.search(r"(?:warning|error|remark): ", said):
                raise Refusal("the compiler's driver complains")


def _subject(call: ToolCall, command: Command) -> Subject:
    """What a call of gcc or clang is about."""
    sources = [source.words[0] for source in command.sources]
    objects = [object_name(source) for source in sources] if command.compile_only else ["a.out"]
    targets = [command.output] if command.output else objects
    return call_subject(call, targets, [*sources, *command.words(Role.LINKED)])


def _family(call: ToolCall) -> str:
    """Which kind of tool this is, by its name. Raises `Refusal` for those that zcnb does not know."""
    found = _FAMILY.search(os.path.basename(call.tool))
    if found is None:
        raise Refusal("not a compiler that zcnb knows")
    if os.path.basename(os.path.realpath(call.tool)) in _WRAPPERS:
        raise Refusal("another compiler cache")
    if not _is_elf(call.tool):
        raise Refusal("the compiler is a script: what it does cannot be known")
    return found[1]


def _is_elf(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def _check_scene(call: ToolCall) -> None:
    """Raises `Refusal` where the daemon cannot run a tool as the client would."""
    for name in (*SIDE_EFFECTS, "CCC_OVERRIDE_OPTIONS"):
        if name in call.env:
            raise Refusal(f"the variable {name} makes the compiler do more")
    if call.nice < os.getpriority(os.PRIO_PROCESS, 0):
        raise Refusal("it is to run at a higher priority than the daemon's")
    if not os.path.isdir(call.cwd):
        raise Refusal("its folder is gone")


def _check_place(cwd: str, name: str) -> None:
    """Raises `Refusal` unless `name` is, or can become, a plain file."""
    full = os.path.join(cwd, name)
    try:
        facts = os.lstat(full)
    except FileNotFoundError:
        if not name or not os.path.isdir(os.path.dirname(full)):
            raise Refusal("output into a folder that is not there") from None
        return
    except OSError as error:
        raise Refusal(f"output: {error.strerror}") from None
    if not stat.S_ISREG(facts.st_mode) or not facts.st_size or not facts.st_mode & stat.S_IWUSR:
        raise Refusal("output to something else than a plain file with something in it")


def _check_failure(done: StepDone, places: dict[str, str]) -> None:
    """A failure of the compiler itself is passed on; all else is left to the bare tool, to fail in its own way."""
    if len(places) > 1 and not done.outputs:
        raise Refusal("it failed before it wrote a list of inputs")
    if done.exit_code != 1 or "Assembler messages" in done.stderr or not done.stderr:
        raise Refusal("it failed in an unusual way")


def _outcome(call: ToolCall, made: _Made) -> ToolOutcome:
    last = made.steps[-1]
    outputs = tuple(
        Placed(
            path=str(path), destination=places[output.name], executable=output.executable,
            digest=output.digest, size=output.size,
        )
        for done, places in zip(made.steps, made.places, strict=True)
        for output, path in zip(done.outputs, done.paths, strict=True)
        if output.name in places
    )  # fmt: skip
    hit = all(done.report.cache == "hit" for done in made.steps)
    return ToolOutcome(
        exit_code=last.exit_code,
        stdout="".join(done.stdout for done in made.steps).encode("utf-8", "surrogateescape"),
        stderr="".join(done.stderr for done in made.steps).encode("utf-8", "surrogateescape"),
        outputs=outputs,
        removed=tuple(made.places[-1].values())[:1] if last.exit_code and made.removes_output else (),
        cache="hit" if hit else "miss",
        reason="; ".join(done.report.why for done in made.steps if done.report.why),
        warning=_warning(call),
    )


def _warning(call: ToolCall) -> str:
    """What the person should know about this call, hit or not."""
    words = call.argv[1:2]
    if os.path.basename(call.tool).endswith("ar") and words and "U" in words[0].lstrip("-"):
        return "`U` puts times and owners into the archive: it differs from run to run"
    return ""


def _reader(cwd: str) -> Callable[[str], str | None]:
    """Reads response files as the tool would find them."""

    def read(name: str) -> str | None:
        full = os.path.join(cwd, name)
        if os.path.isdir(full):
            raise Refusal("a response file that is a folder")
        try:
            with open(full, encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except OSError:
            return None

    return read
