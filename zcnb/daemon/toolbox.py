"""Finds the compiler a request means, and knows it by content.

What a compiler answers about itself is asked once and kept for as long as
every file behind the answer (the driver, what it drives, their shared
libraries, the files that choose a rustup toolchain) is the same by content.
Files are stat'ed at every request, so an upgrade in place is seen at once.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from zcnb.daemon.offload import asking
from zcnb.freshness.check import Reader
from zcnb.freshness.memo import FileMemo
from zcnb.model.digest import Digest, digest_of
from zcnb.model.outcome import CompilerInfo
from zcnb.model.scene import Scene
from zcnb.model.spec import Language
from zcnb.osdep.signature import Signature, coarse_now_ns, signature
from zcnb.runner.job import ToolJob
from zcnb.runner.pool import Pool
from zcnb.toolchain import registry
from zcnb.toolchain.base import Compiler, Toolchain
from zcnb.toolchain.environment import relevant

_LIBRARY = re.compile(r"(?:=> |^\s*)(/\S+) \(0x", re.MULTILINE)
MOST = 64
"""Compilers remembered; a class compares a handful."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A compiler and the state of all files that its description rests on."""

    toolchain: Toolchain
    compiler: Compiler
    bare: tuple[tuple[str, str | None], ...]
    """Names looked up on PATH, and where they were found."""
    guards: tuple[tuple[str, Digest | None], ...]
    context: tuple[tuple[str, Signature | None], ...]


class Toolbox:
    """Raises `CompilerNotFound` from `resolve`; everything else is an answer."""

    def __init__(self, pool: Pool, memo: FileMemo) -> None:
        self._pool, self._memo = pool, memo
        self._known: dict[tuple[object, ...], _Known] = {}
        self._answers: dict[Digest, str] = {}

    async def resolve(self, language: Language, asked: str, scene: Scene) -> tuple[Toolchain, Compiler]:
        """The adapter and the compiler that `asked` (a name, a path, empty for the default) stands for."""
        name, path = registry.find(language, asked, cwd=scene.cwd, env=scene.env)
        key = (language, name, path, scene.cwd, scene.env.get("PATH"), tuple(relevant(scene.env).items()))
        known = self._known.get(key)
        if known is None or not await asking(self._memo, partial(_holds, known, scene)):
            known = await self._identify(language, scene, name, path)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known
        return known.toolchain, known.compiler

    async def answer(
        self,
        argv: tuple[str, ...],
        compiler: Compiler,
        scene: Scene,
        holds: Callable[[str], bool] = lambda answer: True,
    ) -> str:
        """What a command prints (both streams, C locale), asked once for each compiler, environment and folder,
        and again when an earlier answer does not hold any more."""
        key = digest_of([compiler.identity, list(argv), scene.cwd, relevant(scene.env)])
        if key not in self._answers or not holds(self._answers[key]):
            if len(self._answers) >= MOST * 16:
                self._answers.clear()
            self._answers[key] = await self._ask(argv, scene)
        return self._answers[key]

    async def digests(self, names: Iterable[str], scene: Scene) -> list[Digest]:
        """Content of tools given by name or path; those that do not exist are left out."""
        paths = (registry.which(name, scene.env.get("PATH", ""), scene.cwd) for name in names)
        there = [path for path in paths if path]
        found = await asking(self._memo, lambda reader: [reader.digest(path) for path in there])
        return [digest for digest in found if digest]

    async def _identify(self, language: Language, scene: Scene, name: str, path: str, *, again: bool = False) -> _Known:
        asked_ns = coarse_now_ns()
        version = "" if language == "rust" else await self._ask((path, "--version"), scene)
        toolchain = registry.classify(language, version)
        answers = await self._all_answers(toolchain.identity_probes(path, language), scene)
        said = toolchain.identify(path, language, answers)
        search = scene.env.get("PATH", "")
        placed = [os.path.join(scene.cwd, tool) for tool in said.tools if os.sep in tool]
        bare = tuple((tool, registry.which(tool, search, scene.cwd)) for tool in said.tools if os.sep not in tool)
        tools = [tool for tool in (*placed, *(found for _, found in bare if found)) if os.path.isfile(tool)]
        files = dict.fromkeys([*tools, *await self._libraries(tools, scene)])
        context = toolchain.context_files(scene.cwd, scene.env)
        digests = await asyncio.to_thread(lambda: [self._memo.digest(file) for file in (*files, *context)])
        guards = tuple(zip((*files, *context), digests, strict=True))
        content = sorted({str(digest) for digest in digests[: len(files)]})
        around = tuple((place, signature(place)) for place in said.context)
        changed = any(state and max(state.mtime_ns, state.ctime_ns) > asked_ns for _, state in around)
        if changed and not again:  # under the question, or the file has a time in the future: ask once more
            return await self._identify(language, scene, name, path, again=True)
        info = CompilerInfo(name=os.path.basename(name), path=path, version=said.version)
        return _Known(
            toolchain,
            Compiler(
                info=info,
                executable=said.executable,
                identity=digest_of([toolchain.name, os.path.basename(path), list(said.facts), content]),
                library_dirs=said.library_dirs,
                language=language,
                script=_is_script(path),
            ),
            bare,
            guards,
            around,
        )

    async def _all_answers(self, probes: Mapping[str, list[str]], scene: Scene) -> dict[str, str]:
        texts = await asyncio.gather(*(self._ask(tuple(argv), scene) for argv in probes.values()))
        return dict(zip(probes, texts, strict=True))

    async def _ask(self, argv: tuple[str, ...], scene: Scene) -> str:
        """What `argv` prints, empty if it cannot be run. Messages are asked for in the C locale."""
        more = {"LC_ALL": "C", "LANGUAGE": "C"}
        executable = registry.which(argv[0], scene.env.get("PATH", ""), scene.cwd)
        if executable is None:
            return ""
        try:
            result = await self._pool.ask(ToolJob(argv=(executable, *argv[1:]), scene=scene.quiet(), more_env=more))
        except OSError:
            return ""
        return result.stdout + result.stderr

    async def _libraries(self, tools: Iterable[str], scene: Scene) -> list[str]:
        """The shared libraries that the tools load: clang's and rustc's code is in theirs."""
        programs = [tool for tool in tools if os.access(tool, os.X_OK) and not tool.endswith((".so", ".a", ".rlib"))]
        texts = await asyncio.gather(*(self._ask(("ldd", tool), scene) for tool in programs))
        return [match for text in texts for match in _LIBRARY.findall(text)]


def _holds(known: _Known, scene: Scene, reader: Reader) -> bool:
    search = scene.env.get("PATH", "")
    return (
        all(registry.which(name, search, scene.cwd) == path for name, path in known.bare)
        and all(reader.digest(path) == digest for path, digest in known.guards)
        and all(signature(path) == state for path, state in known.context)
    )


def _is_script(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"
