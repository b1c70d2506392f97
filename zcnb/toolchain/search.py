"""Where gcc, clang and linkers look for headers and libraries: every place whose existence mattered.

Data in, paths out; whether something is there is for others to see.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zcnb.model.mentions import Mentions

_LIBRARY_FILE = re.compile(r"lib(.+?)\.(?:so|a|dylib|tbd)(?:\.[\d.]+)?$")
_START_FILE = re.compile(r"[A-Za-z]?crt\w*\.o$")


@dataclass(frozen=True, slots=True)
class SearchPath:
    """Where headers are looked for, in order; folders as the compiler spells them."""

    quoted: tuple[str, ...]
    angled: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Folders on the path that do not exist (yet)."""
    doubled: tuple[str, ...] = ()
    """Folders left out because they are others on the path, perhaps by a link."""

    @property
    def ambiguous(self) -> bool:
        """Whether a folder was left out that goes by another name: through a link, which may lead elsewhere."""
        return not set(map(plain_path, self.doubled)) <= set(map(plain_path, (*self.quoted, *self.angled)))


def search_path(verbose: str) -> SearchPath:
    """The search path in the output of `-E -v` (in the C locale)."""
    quoted: list[str] = []
    angled: list[str] = []
    missing: list[str] = []
    doubled: list[str] = []
    current: list[str] | None = None
    for line in verbose.splitlines():
        if line.startswith("ignoring nonexistent directory"):
            missing.append(line.partition('"')[2].rstrip('"'))
        elif line.startswith("ignoring duplicate directory"):
            doubled.append(line.partition('"')[2].rstrip('"'))
        elif line.startswith('#include "..."'):
            current = quoted
        elif line.startswith("#include <...>"):
            current = angled
        elif line.startswith("End of search list"):
            current = None
        elif current is not None and line.startswith(" "):
            current.append(line[1:].removesuffix(" (framework directory)"))
    return SearchPath(tuple(quoted), tuple(angled), tuple(missing), tuple(doubled))


def header_probes(
    path: SearchPath, inputs: Sequence[str], mentions: Mapping[str, Mentions], forced: Sequence[str] = ()
) -> tuple[str, ...]:
    """Every place whose existence the preprocessor took into account besides the inputs themselves.

    For a header found in the n-th folder under a name that some input mentions: the n-1 folders before
    it. For names in quotes: also the folder of the file that mentions them. For names that
    `__has_include` asked about: all folders. A name that is itself a macro could be any: then every way
    to spell every input counts, also beside the file that uses the macro. So it does for headers outside
    the system's folders: they are few, and people write them.
    """
    folders = (*path.quoted, *path.angled)
    computing = [os.path.dirname(file) for file, said in mentions.items() if said.computed and file]
    any_name = any(said.computed for said in mentions.values())
    mentioned = (name for said in mentions.values() for name in included(said))
    names = {plain_path(name) for name in (*mentioned, *forced)}
    found: dict[str, None] = dict.fromkeys((*path.missing, *(f"./{name}" for name in forced)))
    plain = [plain_path(folder) for folder in folders]
    for file in (plain_path(file) for file in (*inputs, *forced)):
        for index, folder in enumerate(plain):
            name = file.removeprefix(f"{folder}/") if folder else file
            inside = name != file or (not folder and not file.startswith("/"))
            if inside and (any_name or name in names or not is_system(file)):
                found.update(dict.fromkeys(f"{earlier}/{name}" for earlier in (*folders[:index], *computing)))
    for file, said in mentions.items():
        if file:
            own = os.path.dirname(file) or "."
            found.update(dict.fromkeys(f"{own}/{name}" for name in said.quoted))
    known = {plain_path(file) for file in inputs}
    return tuple(probe for probe in found if plain_path(probe) not in known)


def asked_probes(path: SearchPath, mentions: Mapping[str, Mentions]) -> tuple[str, ...]:
    """Every place where a name given to `__has_include` is looked for."""
    found: dict[str, None] = {}
    for file, said in mentions.items():
        own = [os.path.dirname(file) or "."] if file else []
        for name in said.asked:
            folders = ("",) if name.startswith("/") else (*own, *path.quoted, *path.angled)
            found.update(dict.fromkeys(f"{folder}/{name}" if folder else name for folder in folders))
    return tuple(found)


def library_probes(inputs: Sequence[str], folders: Sequence[str], exact: Sequence[str] = ()) -> tuple[str, ...]:
    """Both forms of every library that was linked, and the start files, in every folder: one that appears
    or goes anywhere on the path means linking again."""
    files = set(exact)
    for path in inputs:
        name = os.path.basename(path)
        library = _LIBRARY_FILE.match(name)
        if library:
            files |= {f"lib{library[1]}.so", f"lib{library[1]}.a"}
        elif _START_FILE.match(name):
            files.add(name)
    spelled = dict.fromkeys(folder.rstrip("/") or "/" for folder in folders)
    return tuple(f"{folder}/{name}" for folder in spelled for name in sorted(files))


def unread_probes(path: SearchPath, inputs: Sequence[str], mentions: Mapping[str, Mentions]) -> tuple[str, ...]:
    """Every place of headers that people's files mention and no input matches. A file that passed for one that is
    read once is not listed."""
    read = {plain_path(file) for file in inputs}
    found: dict[str, None] = {}
    for file, said in mentions.items():
        for name in () if is_system(file) else map(plain_path, included(said)):
            if not any(known == name or known.endswith(f"/{name}") for known in read):
                folders = (os.path.dirname(file) or ".", *path.quoted, *path.angled)
                found.update(dict.fromkeys([name] if name.startswith("/") else [f"{f}/{name}" for f in folders]))
    return tuple(found)


def included(said: Mentions) -> tuple[str, ...]:
    return (*said.quoted, *said.angled)


def is_system(path: str) -> bool:
    """Whether a header came with the system: people do not write there, not even as root."""
    return os.path.normpath(path).startswith(("/usr/include/", "/usr/lib", "/lib"))


def plain_path(path: str) -> str:
    """A path without what compilers add or leave out: `./` in front, doubled and trailing slashes. Not `..`:
    through a link it is not what it seems."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return ("/" if path.startswith("/") else "") + "/".join(parts)
