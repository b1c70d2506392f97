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
_TRIED = re.compile(r"trying file=(\S+)$", re.MULTILINE)
_HOMES = ("HOME", "XDG_CONFIG_HOME")
"""Variables that say where a person's configuration of compilers lies."""
_LOADER = ("/etc/ld.so.cache", "/etc/ld.so.preload")
"""They say which libraries every program loads."""
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
    lasting: bool
    """Whether nothing in `context` is so young that it may have changed without showing it."""


class Toolbox:
    """Raises `CompilerNotFound` from `resolve`; everything else is an answer."""

    def __init__(self, pool: Pool, memo: FileMemo) -> None:
        self._pool, self._memo = pool, memo
        self._known: dict[tuple[object, ...], _Known] = {}
        self._answers: dict[Digest, str] = {}
        self._libraries_of: dict[tuple[object, ...], tuple[list[str], list[str]]] = {}
        """Tools that are no part of a compiler: what they load, and what is missing for it to be something else."""

    async def resolve(self, language: Language, asked: str, scene: Scene) -> tuple[Toolchain, Compiler]:
        """The adapter and the compiler that `asked` (a name, a path, empty for the default) stands for."""
        name, path = registry.find(language, asked, cwd=scene.cwd, env=scene.env)
        seen = tuple(scene.env.get(variable) for variable in ("PATH", *_HOMES))
        key = (language, name, path, scene.cwd, seen, tuple(relevant(scene.env).items()))
        known = self._known.get(key)
        if known is None or not await asking(self._memo, partial(_holds, known, scene)):
            known = await self._identify(language, scene, name, path)
            if len(self._known) >= MOST:
                self._known.clear()
            if known.lasting:
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
        """Content of tools given by name or path, and of the libraries they load; what does not exist is left out."""
        paths = (registry.which(name, scene.env.get("PATH", ""), scene.cwd) for name in names)
        tools = await self._contents(path for path in paths if path)
        libraries = [library for path, digest in tools for library in await self._loaded(path, digest, scene)]
        return [digest for _, digest in (*tools, *await self._contents(libraries))]

    async def _contents(self, paths: Iterable[str]) -> list[tuple[str, Digest]]:
        there = list(dict.fromkeys(paths))
        found = await asking(self._memo, lambda reader: [(path, reader.digest(path)) for path in there])
        return [(path, digest) for path, digest in found if digest]

    async def _loaded(self, tool: str, digest: Digest, scene: Scene) -> list[str]:
        """The shared libraries of `tool`: asked once, and again when another could be found."""
        key = (tool, digest, *map(signature, _LOADER), scene.cwd, *relevant(scene.env).items())
        libraries, missing = self._libraries_of.get(key, ([], [os.sep]))
        if any(map(os.path.lexists, missing)):
            if len(self._libraries_of) >= MOST:
                self._libraries_of.clear()
            libraries, missing = self._libraries_of[key] = await self._libraries([tool], scene)
        return libraries

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
        libraries, tried = await self._libraries(tools, scene)
        files = dict.fromkeys([*tools, *libraries])
        context = toolchain.context_files(scene.cwd, scene.env)
        digests = await asyncio.to_thread(lambda: [self._memo.digest(file) for file in (*files, *context)])
        guards = tuple(zip((*files, *context), digests, strict=True))
        content = sorted({str(digest) for digest in digests[: len(files)]})
        context_places = (os.path.join(scene.cwd, place) for place in (*said.context, *tried, *_LOADER))
        places = dict.fromkeys(_first_missing(place) or place for place in context_places)
        around = tuple((place, signature(place)) for place in places)
        lasting = not any(state and max(state.mtime_ns, state.ctime_ns) >= asked_ns for _, state in around)
        if not lasting and not again:  # changed under the question, or has a time in the future: ask once more
            return await self._identify(language, scene, name, path, again=True)
        info = CompilerInfo(name=os.path.basename(name), path=path, version=said.version)
        return _Known(
            toolchain,
            Compiler(
                info=info,
                executable=said.executable,
                identity=digest_of([toolchain.name, os.path.basename(path), list(said.facts), content]),
                library_dirs=said.library_dirs,
                tool_dirs=said.tool_dirs,
                tool_prefix=said.tool_prefix,
                language=language,
                script=_is_script(path),
            ),
            bare,
            guards,
            around,
            lasting,
        )

    async def _all_answers(self, probes: Mapping[str, list[str]], scene: Scene) -> dict[str, str]:
        texts = await asyncio.gather(*(self._ask(tuple(argv), scene) for argv in probes.values()))
        return dict(zip(probes, texts, strict=True))

    async def _ask(self, argv: tuple[str, ...], scene: Scene, **more_env: str) -> str:
        """What `argv` prints, empty if it cannot be run. Messages are asked for in the C locale."""
        more = {"LC_ALL": "C", "LANGUAGE": "C", **more_env}
        executable = registry.which(argv[0], scene.env.get("PATH", ""), scene.cwd)
        if executable is None:
            return ""
        try:
            result = await self._pool.ask(ToolJob(argv=(executable, *argv[1:]), scene=scene.quiet(), more_env=more))
        except OSError:
            return ""
        return result.stdout + result.stderr

    async def _libraries(self, tools: Iterable[str], scene: Scene) -> tuple[list[str], list[str]]:
        """The shared libraries that the tools load (clang's and rustc's code is in theirs), and the places where the
        loader looked for them in vain (`LD_LIBRARY_PATH`, and what the tools themselves name)."""
        programs = [tool for tool in tools if os.access(tool, os.X_OK) and not tool.endswith((".so", ".a", ".rlib"))]
        texts = await asyncio.gather(*(self._ask(("ldd", tool), scene, LD_DEBUG="libs") for tool in programs))
        tried = {_first_missing(match) for text in texts for match in _TRIED.findall(text)}
        return [match for text in texts for match in _LIBRARY.findall(text)], sorted(filter(None, tried))


def _holds(known: _Known, scene: Scene, reader: Reader) -> bool:
    search = scene.env.get("PATH", "")
    return (
        all(registry.which(name, search, scene.cwd) == path for name, path in known.bare)
        and all(reader.digest(path) == digest for path, digest in known.guards)
        and all(signature(path) == state for path, state in known.context)
    )


def _first_missing(path: str) -> str:
    """The first part of `path` that does not exist, or empty: as long as that is missing, so is `path`."""
    missing = ""
    while not os.path.lexists(path):
        missing, path = path, os.path.dirname(path)
    return missing


def _is_script(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"
