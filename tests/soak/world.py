"""A project and what can happen to it between two builds.

Each method that begins with `@told` is one thing that a person, an editor, `git` or a package manager does. All are
total: what cannot be done in the state that the project is in is not done, so any sequence of them is a story. The
story is kept as text, one call a line, for the day on which it ends badly.

All texts of one header have the same size. So every edit can be made behind the back of `make`, size and time kept.
"""

from __future__ import annotations

import functools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from tests.daemon.hits.desk import SHORT_GRACE_NS
from tests.soak.kit import Kit

F = TypeVar("F", bound=Callable[..., Any])
How = Literal["in place", "quietly", "renamed over", "older renamed over"]

FOLDERS = ("inc", "alt", "late")
BELOW = "late/below"
"""A folder that the link may lead to: then the one above it is not where it seems."""
LINK = "cur"
"""A symbolic link to one of the folders, or to nothing."""
NAMES = ("near.h", "far.h", "deep.h", "maybe.h")
HEADERS = (*NAMES, *(f"{folder}/{name}" for folder in FOLDERS for name in NAMES))
LIBRARIES = ("lib/libv.a", "lib/libv.so", "first/libv.a", "first/libv.so")
TOOL = "tools/gcc"
DAY_S = 86400

_HEADER_TEXTS = (
    "#define {NAME} 1",
    "#define {NAME} 2",
    "#define {NAME} 3",
    '#include "deep.h"\n#define {NAME} (DEEP + 10)',
    '#if __has_include("maybe.h")\n#include "maybe.h"\n#define {NAME} 4\n#else\n#define {NAME} 5\n#endif',
    "#include_next <{name}>",
    '#include "../near.h"\n#define {NAME} NEAR',
    "#warning hm\n#define {NAME} 6",
    "#error broken",
)
HEADER_TEXTS = range(len(_HEADER_TEXTS))
_HEADER_SIZE = 128

_REST = """
#ifndef NEAR
#define NEAR 0
#endif
#ifndef FAR
#define FAR 0
#endif
#ifndef DEEP
#define DEEP 0
#endif
#ifndef MAYBE
#define MAYBE 0
#endif
#ifndef WORD
#define WORD 0
#endif
#ifndef TOOL
#define TOOL 0
#endif
int seen(int n) { const int all[] = {NEAR, FAR, DEEP, MAYBE, WORD, TOOL}; return all[n % 6]; }
"""

UNITS: dict[str, tuple[str, ...]] = {
    "near.c": (f'#include "near.h"{_REST}', f'{_REST}#include "near.h"\nint near = NEAR;\n', f"int broken({_REST}"),
    "far.c": (f"#include <far.h>{_REST}", f"#define THERE <far.h>\n#include THERE{_REST}", f'#include "far.h"{_REST}'),
    "has.c": (
        f"#if __has_include(<maybe.h>)\n#define WORD 7\n#endif{_REST}",
        f'#define THERE "maybe.h"\n#if __has_include(THERE)\n#include THERE\n#endif{_REST}',
        f"#if !__has_include(<far.h>) && __has_include(<deep.h>)\n#include <deep.h>\n#endif{_REST}",
    ),
    "data.c": (
        f'__asm__(".incbin \\"data.bin\\"");{_REST}',
        f'__asm__(".inc" "bin \\"data.bin\\"");{_REST}',
        f'const int number =\n#include "data.bin"\n;{_REST}',
    ),
    "stamp.c": (
        f'const char *where = __FILE__ " " __TIMESTAMP__;{_REST}',
        f'#include "near.h"\nconst char *when = __TIMESTAMP__;{_REST}',
    ),
    "two.cpp": (
        f'#include "near.h"\n#include <far.h>{_REST}',
        f"#include <far.h>\nstatic_assert(FAR < 3);{_REST}",
        f"#include <stddef.h>\n#include <far.h>\ntemplate <int N> int of() {{ return N; }} int x = of<FAR>();{_REST}",
    ),
    "main.c": (
        "#include <far.h>\nint v(void);\nint main(void) { return v() + FAR; }\n",
        '#include "near.h"\nint v(void);\nint main(void) { int unused; return v() + NEAR; }\n',
        "int v(void);\nint main(void) { return v(); }\n",
    ),
}
"""Source files, and the texts that they can have."""
CELLS = tuple(name for name in UNITS if name != "stamp.c")
"""Those that are cells as well. A cell's file is as old as its build, so two builds may differ in `__TIMESTAMP__`."""

_RUST_HEAD = (
    "#![no_std]\n#![no_main]\n#[panic_handler] fn p(_: &core::panic::PanicInfo) -> ! { loop {} }\nmod part;\n"
    '#[link(name = "c")] extern "C" {}\n'
)
RUST = "program.rs"
RUST_UNITS: dict[str, tuple[str, ...]] = {
    RUST: (
        f'{_RUST_HEAD}#[no_mangle] pub extern "C" fn main() -> i32 {{ part::V }}\n',
        f'{_RUST_HEAD}#[no_mangle] pub extern "C" fn main() -> i32 {{ include_str!("data.bin").len() as i32 }}\n',
        f'{_RUST_HEAD}#[no_mangle] pub extern "C" fn main() -> i32 {{ option_env!("WORD").is_some() as i32 }}\n',
        f'{_RUST_HEAD}#[no_mangle] pub extern "C" fn main() -> i32 {{ env!("WORD").len() as i32 + part::V }}\n',
    ),
    "part.rs": ("pub const V: i32 = 1;\n", "pub const V: i32 = 2;\n", "pub const V: u8 = 2;\n"),
}

OPTIONS = (
    "-Iinc", "-Ialt", "-Ilate", f"-I{LINK}", f"-I{LINK}/..", "-I.", "-isystemalt", "-iquotelate", "-DWORD=1",
    "-DWORD=2", "-UWORD", "-O2", "-g", "-march=native", "-Wall", "-include deep.h", "-imacros deep.h",
    "-fdiagnostics-color=always", "-Llib", "-Lfirst", "-std=gnu17", "-Werror",
)  # fmt: skip
"""The compiler's own; their order is drawn too."""

VARIABLES: dict[str, tuple[str | None, ...]] = {
    "CPATH": (None, "late", "alt:late", LINK),
    "C_INCLUDE_PATH": (None, "alt", "late"),
    "CPLUS_INCLUDE_PATH": (None, "alt", "late"),
    "LIBRARY_PATH": (None, "first", "lib"),
    "SOURCE_DATE_EPOCH": (None, "0", "86400"),
    "LC_ALL": ("C.UTF-8", "C"),
    "GCC_COLORS": (None, "warning=01;32"),
    "WORD": (None, "one", "three"),
}
"""What can be in the environment; the first is how a story begins."""

COMPILERS = ("gcc", f"./{TOOL}", "clang-19")


def told(method: F) -> F:
    """Write each call of `method` into the story."""

    @functools.wraps(method)
    def done(self: Any, *args: Any) -> Any:
        self.story.append(f"{method.__name__}({', '.join(map(repr, args))})")
        return method(self, *args)

    return cast(F, done)


class World:
    """A project in `folder` below `root`, and how it is compiled."""

    def __init__(self, root: Path, kit: Kit, story: list[str]) -> None:
        self.root, self.kit, self.story = root, kit, story
        self.folder = root / "p"
        self.compiler = COMPILERS[0]
        self.options: tuple[str, ...] = ("-Ialt", "-Iinc", "-Llib")
        self.earlier: list[tuple[str, ...]] = [self.options]
        self.env = {name: values[0] for name, values in VARIABLES.items()}
        self._furnish()

    def _furnish(self) -> None:
        """What is there when a story begins: every source compiles."""
        for folder in ("out", "tools", "lib", "first", *FOLDERS, BELOW):
            self.path(folder).mkdir(parents=True)
        for name, texts in (UNITS | RUST_UNITS).items():
            self.path(name).write_text(texts[0])
        for name in ("near.h", "deep.h", "inc/far.h", "late/far.h"):
            self.path(name).write_bytes(header_text(name, 0))
        self.path("data.bin").write_text("0")
        self.path(LINK).symlink_to(FOLDERS[1])
        self.path(LIBRARIES[0]).write_bytes(self.kit.archives[0])
        self.path(TOOL).write_bytes(self.kit.compilers[1])
        self.path(TOOL).chmod(0o755)

    def path(self, name: str) -> Path:
        return self.folder / name

    @property
    def words(self) -> list[str]:
        """The options as words of a command line."""
        return [word for option in self.options for word in option.split()]

    # Texts

    @told
    def source(self, name: str, text: int, how: How) -> None:
        """Edit a source file, C, C++ or Rust."""
        texts = (UNITS | RUST_UNITS)[name]
        self._write(name, texts[text % len(texts)].encode(), how)

    @told
    def header(self, name: str, text: int, how: How) -> None:
        """Edit a header, or make it."""
        self._write(name, header_text(name, text), how)

    @told
    def header_through_link(self, name: str, text: int) -> None:
        """Edit a header in the folder that the link leads to."""
        self._write(f"{LINK}/{name}", header_text(name, text), "in place")

    @told
    def data(self, number: int, how: How) -> None:
        """Edit the file that `.incbin` and `include_str!` read."""
        self._write("data.bin", str(number).encode(), how)

    @told
    def touch(self, name: str, days: int) -> None:
        """Set a file's time: to now, or days into the past or the future."""
        if self.path(name).exists():
            when = time.time() + days * DAY_S
            os.utime(self.path(name), (when, when))

    # Names

    @told
    def remove(self, name: str) -> None:
        """Delete a file, a link, or a folder with all that is in it."""
        self._remove(self.path(name))

    @told
    def move(self, name: str, folder: str) -> None:
        """Move a header into another folder, over one that is there."""
        target = self.path(folder) / os.path.basename(name)
        if self.path(name).is_file() and target.parent.is_dir() and not target.is_dir():
            self.path(name).replace(target)

    @told
    def swap(self, one: str, other: str) -> None:
        """Two files or folders exchange their names; nothing in them changes."""
        if one != other and self.path(one).exists() and self.path(other).exists():
            aside = self.path("aside")
            self.path(one).rename(aside)
            self.path(other).rename(self.path(one))
            aside.rename(self.path(other))

    @told
    def renew(self, folder: str, name: str, text: int) -> None:
        """A folder is replaced, by renaming, by a copy of itself with one header changed."""
        if not self.path(folder).is_dir():
            return
        fresh = self.path("fresh")
        shutil.copytree(self.path(folder), fresh, symlinks=True)
        self._remove(fresh / name)
        (fresh / name).write_bytes(header_text(name, text))
        self._remove(self.path(folder))
        fresh.rename(self.path(folder))

    @told
    def make_folder(self, name: str) -> None:
        """A folder appears, or takes the place of a file."""
        if not self.path(name).is_dir() and self.path(name).parent.is_dir():
            self._remove(self.path(name))
            self.path(name).mkdir()

    @told
    def link(self, name: str, target: str) -> None:
        """A link is made or retargeted, by renaming; it may lead nowhere."""
        if self.path(name).parent.is_dir() and not self._is_real_folder(name):
            fresh = self.path("fresh")
            fresh.symlink_to(target)
            fresh.replace(self.path(name))

    @told
    def elsewhere(self, copied: bool) -> None:
        """The whole project goes on in a folder of another name, moved or copied."""
        there = self.root / ("q" if self.folder.name == "p" else "p")
        shutil.rmtree(there, ignore_errors=True)
        if copied:
            shutil.copytree(self.folder, there, symlinks=True)
        else:
            self.folder.rename(there)
        self.folder = there

    @told
    def rest(self) -> None:
        """Nothing happens until all files are old enough to be trusted by their times."""
        time.sleep(2 * SHORT_GRACE_NS / 1e9)

    # Tools and how they are called

    @told
    def library(self, name: str, number: int, how: How) -> None:
        """A library is built anew, or appears in a folder that is searched earlier."""
        kind = self.kit.archives if name.endswith(".a") else self.kit.shared
        self._write(name, kind[number % len(kind)], how)

    @told
    def tool(self, number: int, how: How) -> None:
        """The compiler is exchanged for another of the same size."""
        self._write(TOOL, self.kit.compilers[number], how)
        self.path(TOOL).chmod(0o755)

    @told
    def use_compiler(self, name: str) -> None:
        """Compile with another one from now on."""
        self.compiler = name

    @told
    def use_options(self, options: tuple[str, ...]) -> None:
        """Compile with other options from now on."""
        self.options = options
        self.earlier.append(options)

    @told
    def use_earlier_options(self, number: int) -> None:
        """Back to options that were in use before."""
        self.options = self.earlier[number % len(self.earlier)]

    @told
    def use_variable(self, name: str, number: int) -> None:
        """Set or unset an environment variable."""
        values = VARIABLES[name]
        self.env[name] = values[number % len(values)]

    # Ways of writing

    def _write(self, name: str, data: bytes, how: How) -> None:
        path = self.path(name)
        if not path.parent.is_dir():
            return
        if path.is_dir() or (path.is_symlink() and not path.exists()):
            self._remove(path)
        if how in ("in place", "quietly"):
            before = path.stat() if path.exists() else None
            path.write_bytes(data)
            if how == "quietly" and before is not None:
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            return
        fresh = self.path("fresh")
        fresh.write_bytes(data)
        if how == "older renamed over":
            os.utime(fresh, (DAY_S, DAY_S))
        fresh.replace(path)

    def _remove(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def _is_real_folder(self, name: str) -> bool:
        return self.path(name).is_dir() and not self.path(name).is_symlink()


def header_text(path: str, number: int) -> bytes:
    """One of the texts of a header. It defines a macro that is called as the file."""
    name = os.path.basename(path)
    text = _HEADER_TEXTS[number % len(_HEADER_TEXTS)].format(name=name, NAME=name.removesuffix(".h").upper())
    return f"{text}\n".ljust(_HEADER_SIZE - 1).encode() + b"\n"
