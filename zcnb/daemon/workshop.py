"""Runs one step in a private folder of the store: files in, tool, output and its list of inputs out."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path

from zcnb.errors import CompilerNotFound, StoreError
from zcnb.model.digest import Digest
from zcnb.model.spec import BuildSpec
from zcnb.osdep.signature import coarse_now_ns
from zcnb.runner.job import ToolJob, ToolResult
from zcnb.runner.pool import Pool
from zcnb.store.store import Store
from zcnb.toolchain.base import Reading, Step, Toolchain
from zcnb.toolchain.layout import lay_out, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run of a step left. `output` (digest, bytes) is in the store, or `None` when the tool failed."""

    exit_code: int
    diagnostics: str
    reading: Reading
    started_ns: int
    """The file clock just before the tool started."""
    output: tuple[Digest, int] | None


class Workshop:
    """Used from the event loop; files are moved in threads."""

    def __init__(self, store: Store, pool: Pool) -> None:
        self._store, self._pool = store, pool

    async def make(self, spec: BuildSpec, toolchain: Toolchain, step: Step, obj: Path | None, arrived_ns: int) -> Made:
        """Run `step` on `obj` (for a link). `arrived_ns` is the file clock when the request came in.

        Raises `CompilerNotFound` if the tool cannot be started and `StoreError` if the folder cannot be used.
        """
        with self._store.work_folder() as work:
            await asyncio.to_thread(_lay_out, step, work, spec.cwd)
            started_ns = await _later_tick(arrived_ns)
            result, reading = await self._run(spec, toolchain, step, obj, work)
            output = None
            if result.exit_code == 0:
                output = await asyncio.to_thread(self._store.take, work / step.output, executable=step.executable)
            elif os.strerror(errno.ENOSPC) in result.stderr + result.stdout:
                raise StoreError("The disk that the cache folder is on is full.")
            return Made(
                exit_code=result.exit_code,
                diagnostics=_readable(result, work, obj, spec),
                reading=_own_files_left_out(reading, work, obj, step),
                started_ns=started_ns,
                output=output,
            )

    async def _run(
        self, spec: BuildSpec, toolchain: Toolchain, step: Step, obj: Path | None, work: Path
    ) -> tuple[ToolResult, Reading]:
        """Run the tool; once more without what of ours disturbed it. Once uncacheable, always uncacheable."""
        argv, reason = step.argv, ""
        env = {**spec.env, "TMPDIR": str(work)} if step.private_tmp else spec.env
        while True:
            job = ToolJob(argv=placed(argv, work, obj), cwd=spec.cwd, env=env)
            try:
                result = await self._pool.run(job)
            except OSError as error:
                raise CompilerNotFound(f"{argv[0]} cannot be run: {error.strerror}.") from error
            reading = toolchain.reading(step, _texts(work, step.side_files), result.stderr)
            reason = reason or reading.uncacheable
            if not any(ours in argv for ours in reading.retry_without):
                return result, replace(reading, uncacheable=reason)
            argv = tuple(a for a in argv if a not in reading.retry_without)


async def _later_tick(arrived_ns: int) -> int:
    """The file clock, once it has moved on from `arrived_ns` (it ticks every 1 to 10 ms).

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
        raise StoreError(f"The cache folder cannot be written to: {error.strerror}.") from error


def _texts(work: Path, names: tuple[str, ...]) -> dict[str, str]:
    def text(name: str) -> str:
        try:
            return (work / name).read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    return {name: text(name) for name in names}


def _own_files_left_out(reading: Reading, work: Path, obj: Path | None, step: Step) -> Reading:
    """Inputs as the client would name them: the private folder's links lead to files in the client's."""
    inputs = []
    for path in reading.inputs:
        inner = path.removeprefix(f"{work}/")
        if inner == path or (work / inner.partition("/")[0]).is_symlink():
            inputs.append(inner)
    own = {str(obj), step.output, *step.files}
    return replace(reading, inputs=tuple(path for path in inputs if path not in own))


def _readable(result: ToolResult, work: Path, obj: Path | None, spec: BuildSpec) -> str:
    text = (result.stderr + result.stdout).replace(f"{work}/", "")
    return text.replace(str(obj), f"{spec.unit}.o") if obj else text
