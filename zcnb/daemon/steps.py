"""One step of a request: look it up, run it if nothing answers, record what came out.

Rules. Nothing is answered from the store that `Lookup` did not hold against
the disk within this request. Failures are never stored: their inputs are not
fully known. A result that must not be stored is still made and handed out,
with the reason. Recording goes on while the next step runs; the key stays
claimed until it is done. Trouble with the cache folder is `StoreError`; the
client then does without.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zcnb.daemon.lookup import Hit, Lookup
from zcnb.daemon.offload import Threads, piecemeal
from zcnb.daemon.recipe import packed_recipe
from zcnb.daemon.recorder import Folders, Run, Unrecordable, folders_on_the_way, manifest_of
from zcnb.daemon.singleflight import SingleFlight
from zcnb.daemon.toolbox import Toolbox
from zcnb.daemon.why import UNNAMED, Fed, Keyed, Subject, facts_of, run_of
from zcnb.daemon.workshop import Made, Workshop
from zcnb.errors import RunnerError, StoreError
from zcnb.freshness.memo import FileMemo
from zcnb.freshness.watch import Watcher
from zcnb.model.digest import Digest, digest_of
from zcnb.model.job import Queue
from zcnb.model.key import step_key
from zcnb.model.outcome import Output, StepReport
from zcnb.model.scene import Scene
from zcnb.model.why import NO_CACHE, Facts, Missed, StepRun, Why, asked_for, explain, finished, uncacheable
from zcnb.runner.pool import Pool
from zcnb.store.blobs import digest_at
from zcnb.store.rows import Entry
from zcnb.store.store import Store
from zcnb.toolchain.base import Compiler, Step, Toolchain
from zcnb.toolchain.environment import SIDE_EFFECTS, TERMINAL, relevant


@dataclass(slots=True)
class Underway:
    """How far a request is; read by `get-progress`."""

    slot: str = ""
    phase: str = "lookup"
    expected_ms: float = 0.0
    started: float = field(default_factory=time.monotonic)
    arrived_ns: int = field(default_factory=time.time_ns)
    """When the request came in: whatever its sender edited before is not younger. By the exact clock: newer kernels
    (multigrain timestamps) stamp files with that one, too."""

    @property
    def elapsed_ms(self) -> float:
        """Since the request came in."""
        return since(self.started)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What stays the same for all steps of one request."""

    scene: Scene
    toolchain: Toolchain
    compiler: Compiler
    underway: Underway
    use_cache: bool = True
    queue: Queue = "interactive"
    subject: Subject = Subject()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """The outcome of one step; a failed one has no outputs, or just those that failing tools leave."""

    report: StepReport
    facts: Facts
    outputs: tuple[Output, ...]
    paths: tuple[Path, ...]
    """Where the outputs lie in the store, in the same order."""
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    inputs: tuple[str, ...] = ()
    lookup_ms: float = 0.0
    private_shown: bool = False
    truncated: bool = False
    why: Why | None = None
    """Of a miss."""
    recording: asyncio.Task[str] | None = None
    """Still going on; its result is why the output was not stored, empty if it was."""

    async def recorded(self) -> StepDone:
        """This, once its recording is through, with the reason for not storing it if there is one."""
        refused = await self.recording if self.recording is not None else ""
        if not refused or self.why is None:
            return self
        why = finished(self.why, refused)
        return replace(
            self, report=replace(self.report, unstored=refused, reason=why.headline, details=why.details), why=why
        )

    @property
    def told(self) -> StepRun:
        """As it is remembered."""
        skipped = NO_CACHE if self.report.reason == NO_CACHE else "the tool failed" if self.exit_code else ""
        return StepRun(report=self.report, facts=self.facts, skipped=skipped, spoke=bool(self.stdout or self.stderr))


@dataclass(frozen=True, slots=True)
class _Key:
    """What a step may be answered from."""

    any: Digest
    """Results of runs whose messages, if there were any, went to no terminal; and of silent ones."""
    seen: Digest
    """Results whose messages were made for this client's terminal; the same where it has none."""
    facts: Facts
    """What both are made of."""


class Steps:
    """Does steps for cells and for tool calls. One for each daemon; used from the event loop only."""

    def __init__(self, store: Store, pool: Pool, memo: FileMemo, watcher: Watcher | None = None) -> None:
        self._store, self._memo = store, memo
        self.toolbox = Toolbox(pool, memo)
        self._threads = Threads()
        self._workshop = Workshop(store, pool, self._threads)
        self._lookup = Lookup(store, memo, self._threads, watcher)
        self._flights = SingleFlight()

    def forget(self, key: Digest | None = None) -> None:
        """The results under `key` changed; all of them if there is none."""
        if key is None:
            self._lookup.clear()
        else:
            self._lookup.forget(key)

    def close(self) -> None:
        """No step is done any more."""
        self._threads.close()

    def remember(self, setting: Setting, steps: Sequence[StepDone]) -> None:
        """The request was answered by `steps`: the next one at its place is compared with it. Writes nothing."""
        subject = setting.subject
        if subject.place is not None:
            self._store.history.note(subject.place, run_of(subject, setting.scene, [done.told for done in steps]))

    async def do(self, setting: Setting, step: Step, objects: Sequence[Path] = (), fed: Fed = UNNAMED) -> StepDone:
        """The outcome of `step` on the `objects` of earlier ones. Raises `CompilerNotFound`, `StoreError`."""
        begin = time.monotonic()
        key = await self._key(setting, step, fed)
        if not setting.use_cache:
            return await self._run(setting, step, objects, key=key, why=asked_for(), storable=False)
        if unstored := _unstorable(setting, step):
            why = uncacheable(unstored)
            return await self._run(setting, step, objects, key=key, why=why, storable=False, unstored=unstored)
        found = await self._find(setting, key)
        if isinstance(found, Hit):
            return _hit(step, key.facts, found, since(begin))
        # A cell does not wait for the same build of a sweep, which itself may wait for a slot.
        flight = setting.queue, key.any
        waited = await self._flights.acquire(flight)
        recording = None
        try:
            if waited:
                found = await self._find(setting, key)
                if isinstance(found, Hit):
                    return _hit(step, key.facts, found, since(begin))
            why = self._why(setting, key.facts, found)
            lookup_ms = since(begin)
            done = await self._run(setting, step, objects, key=key, why=why)
            recording = done.recording
            return replace(done, lookup_ms=lookup_ms)
        finally:
            if recording is None:
                self._flights.release(flight)
            else:
                recording.add_done_callback(lambda _: self._flights.release(flight))

    async def keys(self, setting: Setting, step: Step) -> tuple[Digest, Digest]:
        """The keys that results of `step` may stand under. Raises `CompilerNotFound`."""
        key = await self._key(setting, step, UNNAMED)
        return key.any, key.seen

    async def outputs(self, entry: Entry) -> tuple[Path, ...] | None:
        """As `Lookup.outputs`, for somebody who can wait."""
        return await self._lookup.outputs(entry, "batch")

    async def remake(self, setting: Setting, step: Step, objects: Sequence[Path]) -> Made:
        """What `step` gives when it is run now. The outputs are accounted for, and are no answer to anything.

        Raises as `Workshop.make`.
        """
        made = await self._make(setting, step, objects)
        await self._make_room(self._store.keep(made.outputs))
        return made

    def _why(self, setting: Setting, facts: Facts, missed: Missed) -> Why:
        place = setting.subject.place
        past = self._store.history.last(place) if place is not None else None
        return explain(facts, past, missed)

    async def _find(self, setting: Setting, key: _Key) -> Hit | Missed:
        """A hit, or what was found instead."""
        scene, queue = setting.scene, setting.queue
        found = await self._lookup.find(key.any, scene.cwd, scene.env, queue)
        if key.seen == key.any or (isinstance(found, Hit) and not (found.entry.stdout or found.entry.stderr)):
            return found
        return await self._lookup.find(key.seen, scene.cwd, scene.env, queue)

    async def _key(self, setting: Setting, step: Step, fed: Fed) -> _Key:
        scene = setting.scene
        tools = await self.toolbox.digests(step.tools, scene)
        meaning = digest_of(await self._expansion(setting, step)) if step.expansion else Digest("")
        material = [*step.material, *tools]
        if meaning:
            material.append(meaning)
        if step.program:
            material.append(digest_of(step.program))
        env, folder = relevant(scene.env), f"{scene.cwd}\0{scene.env.get('PWD', '')}" if step.leaks_cwd else None
        key = step_key(
            step.name, identity=setting.compiler.identity, argv=step.argv, env=env, material=material, cwd=folder
        )
        terminal = _terminal(scene)
        keyed = Keyed(
            key=key, env=env, tools=tools, meaning=meaning, folder=(folder or "").replace("\0", ", PWD "),
            terminal={name: str(value) for name, value in terminal.items()},
        )  # fmt: skip
        seen = digest_of([key, *terminal.values()]) if terminal else key
        return _Key(key, seen, facts_of(step, setting.compiler, fed, keyed))

    async def _expansion(self, setting: Setting, step: Step) -> str:
        """What the compiler makes of the flags. A script may say something else each time: it is always asked."""

        def holds(answer: str) -> bool:
            return not setting.compiler.script

        return await self.toolbox.answer(step.expansion, setting.compiler, setting.scene, holds)

    async def _run(
        self, setting: Setting, step: Step, objects: Sequence[Path], *, key: _Key, why: Why, storable: bool = True,
        unstored: str = "",
    ) -> StepDone:  # fmt: skip
        """Run the tool; record what comes out under `key` if it is `storable`."""
        begin = time.monotonic()
        under = key if storable else None
        search = asyncio.create_task(self._search(setting, step, under))
        folders = folders_on_the_way(setting.scene.cwd, step.argv)
        recording = None
        try:
            made = await self._make(setting, step, objects)
            paths, ms = tuple(map(self._path, made.outputs)), since(begin)
            if made.outputs:
                recording = asyncio.create_task(self._record(setting, step, objects, made, under, search, ms, folders))
        finally:
            if recording is None:
                search.cancel()
        return StepDone(
            report=StepReport(
                step=step.name, cache="miss", ms=ms, argv=step.shown, reason=why.headline, unstored=unstored,
                details=why.details,
            ),
            facts=key.facts,
            outputs=made.outputs,
            paths=paths,
            stdout=made.stdout,
            stderr=made.stderr,
            exit_code=made.exit_code,
            inputs=made.reading.inputs,
            private_shown=made.private_shown,
            truncated=made.truncated,
            why=why,
            recording=recording,
        )  # fmt: skip

    async def _make(self, setting: Setting, step: Step, objects: Sequence[Path]) -> Made:
        setting.underway.phase = step.name
        return await self._workshop.make(
            setting.scene, setting.toolchain, step, objects, setting.underway.arrived_ns, setting.queue
        )

    def _path(self, output: Output) -> Path:
        path = self._store.path(output.digest)
        if path is None:
            raise StoreError("The cache folder lost a file that was just written to it.")
        return path

    async def _search(self, setting: Setting, step: Step, key: _Key | None) -> str:
        """Asked while the compiler runs; it is needed only for recording a compile."""
        if not step.search or key is None:
            return ""
        cwd = setting.scene.cwd

        def is_folder(path: str) -> bool:
            return (Path(cwd) / path).is_dir()

        def holds(answer: str) -> bool:
            return setting.toolchain.search_holds(answer, is_folder)

        return await self.toolbox.answer(step.search, setting.compiler, setting.scene, holds)

    async def _record(
        self, setting: Setting, step: Step, objects: Sequence[Path], made: Made, key: _Key | None,
        search: asyncio.Task[str], ms: float, folders: Folders,
    ) -> str:  # fmt: skip
        """Store the outputs if they may be; returns why not, empty if they were."""
        try:
            answer = await search
            if key is None or made.exit_code:
                await self._make_room(self._store.keep(made.outputs))
                return ""
            run = Run(
                scene=setting.scene, toolchain=setting.toolchain, compiler=setting.compiler, step=step,
                reading=made.reading, search=answer, started_ns=made.started_ns, folders=folders,
            )  # fmt: skip
            if made.truncated or len(made.outputs) != len(step.outputs):
                raise Unrecordable("the tool printed too much, or did not write what it should have")
            manifest = await self._threads.run(setting.queue, manifest_of, run, self._memo)
            under = key.seen if made.stdout or made.stderr else key.any
            more = self._store.record(
                under, manifest, made.outputs, stdout=made.stdout, stderr=made.stderr, ms=ms,
                recipe=packed_recipe(setting.compiler, setting.scene, step, tuple(map(digest_at, objects))),
            )  # fmt: skip
            self._lookup.forget(under)
            await self._make_room(more)
        except (Unrecordable, RunnerError) as reason:
            await self._make_room(self._store.keep(made.outputs))
            return str(reason)
        except StoreError as error:
            return str(error)
        return ""

    async def _make_room(self, more: bool) -> None:
        """Evict until the cache is below its limit, piece by piece: nobody but this result waits for it."""
        if more:
            await piecemeal(self._store.evicting(), self._store.checkpoint)


def since(begin: float) -> float:
    """Milliseconds since `begin`, a reading of the monotonic clock."""
    return (time.monotonic() - begin) * 1000


def _unstorable(setting: Setting, step: Step) -> str:
    side = next((name for name in SIDE_EFFECTS if setting.scene.env.get(name)), "")
    return step.uncacheable or (f"the variable {side} makes the compiler write other files" if side else "")


def _terminal(scene: Scene) -> dict[str, str | int | None]:
    """What a tool can tell about its client's terminal; empty where there is none."""
    if not (scene.stdout_tty or scene.stderr_tty):
        return {}
    own: dict[str, str | int | None] = {"stdout": scene.stdout_tty, "stderr": scene.stderr_tty, "width": scene.columns}
    return own | {name: scene.env.get(name) for name in TERMINAL}


def _hit(step: Step, facts: Facts, hit: Hit, lookup_ms: float) -> StepDone:
    entry = hit.entry
    return StepDone(
        report=StepReport(step=step.name, cache="hit", saved_ms=entry.ms, argv=step.shown),
        facts=facts,
        outputs=entry.outputs,
        paths=hit.paths,
        stdout=entry.stdout,
        stderr=entry.stderr,
        inputs=hit.inputs,
        lookup_ms=lookup_ms,
    )
