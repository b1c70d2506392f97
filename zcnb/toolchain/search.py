"""Where gcc, clang and linkers look for headers and libraries: every place whose existence mattered.

Data in, paths out; whether something is there is for others to see.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zcnb.model.mentions import Mentions

_LIBRARY_FILE = re.compile(r"lib(.+?)\.(?:so|a|dylib|tbd)(?:\.[\d.]+)?$")

_NO_FOLDER = re.compile(r"\bwarning: (.+): not a directory$")

PREDEFINED = "stdc-predef.h"
"""What gcc includes in front of every unit, unasked."""


@dataclass(frozen=True, slots=True)
class SearchPath:
    """Where headers are looked for, in order; folders as the compiler spells them."""

    quoted: tuple[str, ...]
    angled: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Folders on the path that do not exist (yet), or are something else."""
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
        elif no_folder := _NO_FOLDER.search(line):
            missing.append(no_folder[1])
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
    names = {plain_path(name) for name in (*mentioned, *forced, PREDEFINED)}
    absent = (place for folder in path.missing for place in (folder, f"{folder}/."))
    found: dict[str, None] = dict.fromkeys((*absent, *(f"./{name}" for name in forced)))
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


def twin_probes(path: SearchPath, mentions: Mapping[str, Mentions]) -> tuple[str, ...]:
    """Every place where a file may lie that was left out as the twin of one with `#pragma once`. gcc compares their
    bytes and times, and does not list the second one."""
    if not any(said.once for file, said in mentions.items() if not is_system(file)):
        return ()
    found: dict[str, None] = {}
    for file, said in mentions.items():
        if not is_system(file):
            folders = (os.path.dirname(file) or ".", *path.quoted, *path.angled)
            found.update(dict.fromkeys(f"{folder}/{name}" for name in included(said) for folder in folders))
    return tuple(found)


def library_probes(inputs: Sequence[str], folders: Sequence[str], words: Sequence[str] = ()) -> tuple[str, ...]:
    """Every place where the linker may have looked: both forms of every library and all other names, in every folder.
    One that appears or goes anywhere means linking again.

    Inputs that stand among `words` were opened and not looked for. Others may be members of a linker script
    (`INPUT(m.o)`), which are looked for in the working folder, beside the script and on the path; and libraries may
    lie where nobody but the linker itself knows of. So the folders of all inputs count too.
    """
    own = [os.path.dirname(path) or "." for path in inputs]
    everywhere = tuple(dict.fromkeys(folder.rstrip("/") or "/" for folder in (*folders, *own, ".")))
    names = {name for path in inputs if path not in words for name in _spellings(path, everywhere)}
    read = {plain_path(path) for path in inputs}
    found = (f"{folder}/{name}" for folder in everywhere for name in sorted(names))
    return tuple(probe for probe in found if plain_path(probe) not in read)


def _spellings(path: str, folders: Sequence[str]) -> Iterator[str]:
    """The names by which `path` may have been looked for in a folder. The system's own scripts name no folders."""
    name = os.path.basename(path)
    yield name
    if library := _LIBRARY_FILE.match(name):
        yield from (f"lib{library[1]}.so", f"lib{library[1]}.a")
    for start in () if is_system(path) else (f"{plain_path(folder)}/" for folder in folders):
        if start != "/" and plain_path(path).startswith(start):
            yield plain_path(path).removeprefix(start)


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
