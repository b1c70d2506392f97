"""Runs one step in a private folder of the store: files in, tool, outputs and its list of inputs out."""

from __future__ import annotations

import asyncio
import errno
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zcnb.daemon.offload import Threads
from zcnb.errors import CompilerNotFound, StoreError, ToolTimeout, UsageError
from zcnb.model.job import Queue
from zcnb.model.outcome import Output
from zcnb.model.scene import Scene
from zcnb.osdep.signature import coarse_now_ns
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.toolchain.base import Reading, Step, Toolchain
from zcnb.toolchain.layout import clean, lay_out, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run of a step left. `outputs` are in the store: all of them, unless the tool failed."""

    exit_code: int
    stdout: str
    stderr: str
    reading: Reading
    started_ns: int
    """The file clock just before the tool started."""
    outputs: tuple[Output, ...]
    private_shown: bool = False
    """Whether the tool mentioned a path that its client must not see, or left a file there that nobody knows of."""
    truncated: bool = False


class Workshop:
    """Used from the event loop; files are moved in threads."""

    def __init__(self, store: Store, pool: Pool, threads: Threads) -> None:
        self._store, self._pool, self._threads = store, pool, threads

    async def make(
        self, scene: Scene, toolchain: Toolchain, step: Step, objects: Sequence[Path], arrived_ns: int,
        queue: Queue = "interactive",
    ) -> Made:  # fmt: skip
        """Run `step` on the `objects` of earlier ones. `arrived_ns` is the exact time when the request came in.

        Raises `CompilerNotFound` if the tool cannot be started, `StoreError` if the folder cannot be used,
        `UsageError` if the tool took too long, and `RunnerError` if there is nobody to run it.
        """
        with self._store.work_folder() as work:
            await self._threads.run(queue, _lay_out, step, work, scene.cwd)
            started_ns = await _later_tick(arrived_ns)
            result, reading = await self._run(scene, toolchain, step, objects, work, queue)
            more = "" if result.exit_code else _more_written(step, work)
            reading = replace(reading, uncacheable=reading.uncacheable or more)
            if result.exit_code and os.strerror(errno.ENOSPC) in result.stderr + result.stdout:
                raise StoreError("The disk that the cache folder is on is full.")
            kept = [name for name in step.outputs if result.exit_code == 0 or name in step.left_on_failure]
            written = [name for name in kept if (work / name).is_file()]
            outputs = await self._threads.run(queue, self._take, step, work, written)
            private = (str(work), *map(str, objects))
            said = result.stdout + result.stderr
            return Made(
                exit_code=result.exit_code,
                stdout=_readable(result.stdout, work, objects, step),
                stderr=_readable(result.stderr, work, objects, step),
                reading=_own_files_left_out(reading, work, objects, step),
                started_ns=started_ns,
                outputs=outputs,
                private_shown=bool(more) or any(path in said for path in private),
                truncated=result.truncated,
            )

    def _take(self, step: Step, work: Path, names: Sequence[str]) -> tuple[Output, ...]:
        try:
            clean(step, work)
        except OSError as error:
            raise _unwritable(error) from error
        # By the mode, not by access(2): on a disk that forbids running programs nothing seems executable.
        return tuple(
            self._store.take(work / name, executable=bool((work / name).stat().st_mode & 0o111)) for name in names
        )

    async def _run(
        self, scene: Scene, toolchain: Toolchain, step: Step, objects: Sequence[Path], work: Path, queue: Queue
    ) -> tuple[ToolResult, Reading]:
        """Run the tool; once more without what of ours disturbed it. Once uncacheable, always uncacheable."""
        argv, reason = step.argv, ""
        more = {"TMPDIR": str(work)} if step.private_tmp else {}
        while True:
            job = ToolJob(
                argv=placed(argv, work, objects), scene=scene, program=step.program, stdin=step.stdin, more_env=more
            )
            try:
                result, listed = await self._run_both(job, step, work, queue)
            except ToolTimeout as error:
                raise UsageError(f"{error} (The limit is the setting tool_timeout.)") from error
            except OSError as error:
                raise CompilerNotFound(f"{argv[0]} cannot be run: {error.strerror}.") from error
            reading = toolchain.reading(step, _texts(work, step.side_files), result.stderr)
            reason = reason or reading.uncacheable or listed
            if not any(ours in argv for ours in reading.retry_without):
                return result, replace(reading, uncacheable=reason)
            argv = tuple(a for a in argv if a not in reading.retry_without)

    async def _run_both(self, job: ToolJob, step: Step, work: Path, queue: Queue) -> tuple[ToolResult, str]:
        """Run the tool, and beside it the command that lists its inputs if there is one; why that failed."""
        if not step.listing:
            return await self._pool.run(job, queue), ""
        listing = replace(job, argv=placed(step.listing, work), program=step.program, scene=job.scene.quiet())
        asked = asyncio.create_task(self._pool.ask(listing, queue, seconds=math.inf))
        try:
            ran = await self._pool.run(job, queue)
            listed = await asked
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        failed = listed.exit_code and not ran.exit_code
        return ran, "the compiler did not list its inputs" if failed else ""


async def _later_tick(arrived_ns: int) -> int:
    """The file clock, once it has passed `arrived_ns` of the exact one (it ticks every 1 to 10 ms).

    A header saved just before its cell was run would otherwise carry the same time as one saved while the
    compiler ran, and the result could not be stored.
    """
    while (now := coarse_now_ns()) <= arrived_ns:
        await asyncio.sleep(0.0005)
    return now


def _lay_out(step: Step, work: Path, cwd: str) -> None:
    try:
        lay_out(step, work, cwd)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> StoreError:
    return StoreError(f"The cache folder cannot be written to: {error.strerror}.")


def _more_written(step: Step, work: Path) -> str:
    """Why the outputs must not be stored alone: whatever the flags were, the tool put another file beside them."""
    known = {*step.files, *step.outputs, *step.side_files}
    others = (entry.name for entry in os.scandir(work) if entry.name not in known and not entry.is_symlink())
    return "".join(f"the tool also wrote {name}" for name in sorted(others)[:1])


def _texts(work: Path, names: tuple[str, ...]) -> dict[str, str]:
    def text(name: str) -> str:
        try:
            return (work / name).read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    return {name: text(name) for name in names}


def _own_files_left_out(reading: Reading, work: Path, objects: Sequence[Path], step: Step) -> Reading:
    """Inputs as the client would name them: the private folder's links lead to files in the client's."""
    inputs = []
    for path in reading.inputs:
        inner = path.removeprefix(f"{work}/")
        if inner == path or (work / inner.partition("/")[0]).is_symlink():
            inputs.append(inner)
    own = {*map(str, objects), *step.outputs, *step.files} if step.source else set(map(str, objects))
    perhaps = tuple(path for path in reading.perhaps if path not in step.files)
    return replace(reading, inputs=tuple(path for path in inputs if path not in own), perhaps=perhaps)


def _readable(text: str, work: Path, objects: Sequence[Path], step: Step) -> str:
    text = text.replace(f"{work}/", "")
    for path in objects:
        text = text.replace(str(path), f"{step.outputs[0]}.o")
    return text
