"""What a source file says that its list of inputs will not tell.

A depfile names the files that were read. It does not name the places where a
header was looked for in vain, files that were only asked about, or a clock.
The scan is textual and errs to the safe side: a word in a comment counts.
"""

from __future__ import annotations

import re

from zcnb.model.mentions import Mentions

_SPLICE = re.compile(rb"\\[ \t]*\r?\n")
_SPACE = rb"(?:[ \t\v\f]|/\*(?:[^*]|\*(?!/))*\*/)*"
_HASH = rb"(?:\#|%:|\?\?=)" + _SPACE
_INCLUDE = re.compile(
    _HASH + rb"(?:include_next|include|import)\b" + _SPACE + rb'(?:"([^"\n]+)"|<([^>\n]+)>|(\w))'
)  # fmt: skip
"""The third group: an include whose name is a macro."""

_LINE = rb"(?m)^" + _SPACE + _HASH
_ASKED = re.compile(rb"__has_include(?:_next)?" + _SPACE + rb"\(" + _SPACE + rb'(?:"([^"\n]+)"|<([^>\n]+)>)')
_ASKED_ANY = re.compile(rb"__has_include(?:_next)?" + _SPACE + rb"\((?!" + _SPACE + rb'["<]' + rb")")
_ASKED_AT_ALL = re.compile(rb"__has_include(?:_next)?\b(?!" + _SPACE + rb"\()")
_ONLY_WHETHER = re.compile(
    rb"(?:\bdefined" + _SPACE + rb"\(?|\bifn?def|\bundef)" + _SPACE + rb"$|//[^\n]*$|/\*(?:(?!\*/)[^\n])*$"
)
"""What stands before a `__has_include` that asks for no file: also that of a comment."""
_ASKED_PIECES = re.compile(
    rb"\b(?:__|__has?|__has_|"
    + b"|".join(name[:end] for name in (b"__has_include", b"__has_embed") for end in range(len(b"__has_i"), len(name)))
    + rb"|_has_(?:i(?:n(?:c\w*)?)?|e(?:m\w*)?)|__h)\b"
)
"""What `##` could begin the names with: `__has_inc`, `__has_`, `_has_include`."""

_CLOCK = re.compile(rb"__(?:DATE|TIME|TIMESTAMP)__")

_CLOCK_PIECES = re.compile(
    rb"\b(?:"
    + b"|".join(
        sorted(
            {
                name[start:end]
                for name in (b"__DATE__", b"__TIME__", b"__TIMESTAMP__")
                for start in range(len(name) - 2)
                for end in range(start + 3, len(name) + 1)
                if (start < 2 or end > len(name) - 2) and name[start:end] != name
            }
        )
    )
    + rb")\b"
)
"""Parts of the names that hold some of the outer underscores: `__T`, `TIME__`, `_TIME_`."""

_PRAGMA_ONCE = re.compile(rb'ragma\b[\s("]*once\b')
_IMPORT = re.compile(_HASH + rb"import\b")
_ASM_PIECE = rb"(?:as|sm|_asm|__as?|__asm_)"
_ASM = re.compile(rb"\b(?:asm|__asm|__asm__)\b")
_ASM_PIECES = re.compile(
    rb"[(,]"
    + _SPACE
    + _ASM_PIECE
    + _SPACE
    + rb"[,)]|\b"
    + _ASM_PIECE
    + _SPACE
    + rb"##|##"
    + _SPACE
    + _ASM_PIECE
    + rb"\b"
)
"""What `##` could put together, where it stands alone between commas or beside one."""

_HIDDEN = (
    (b"embed", re.compile(_LINE + rb"embed\b|__has_embed"), "#embed"),
    (b"dependency", re.compile(rb"\bGCC\s+dependency\b"), "#pragma GCC dependency"),
    (b"__has_include", _ASKED_ANY, "__has_include of a macro"),
)
"""A word without which there is no need to look, what to look for, and what it is called."""


def scan(data: bytes, *, whole: bool = True) -> Mentions:
    """What one file's bytes mention. Unless `whole`, only what counts in the system's files, too: that takes 15 ms for
    each MB, all of it three times as much."""
    if _SPLICE.search(data):
        data = _SPLICE.sub(b"", data)
    included = _INCLUDE.findall(data)
    return Mentions(
        quoted=_names([quoted for quoted, _, _ in included if quoted]),
        angled=_names([angled for _, angled, _ in included if angled]),
        asked=_names([a or b for a, b in _ASKED.findall(data)]) if b"__has_include" in data else (),
        computed=any(macro for _, _, macro in included),
        hidden=next((what for word, pattern, what in _HIDDEN if word in data and pattern.search(data)), ""),
        asked_aside=whole and (bool(_ASKED_PIECES.search(data)) or _renamed(data)),
        clock=bool(_CLOCK.search(data)),
        clock_pieces=whole and bool(_CLOCK_PIECES.search(data)),
        once=bool((b"once" in data and _PRAGMA_ONCE.search(data)) or (b"import" in data and _IMPORT.search(data))),
        asm=whole and bool((b"asm" in data and _ASM.search(data)) or _ASM_PIECES.search(data)),
    )


def _renamed(data: bytes) -> bool:
    """`#define ASK __has_include`; to ask whether there is such a question is no harm."""
    found = _ASKED_AT_ALL.finditer(data) if b"__has_include" in data else ()
    return not all(_ONLY_WHETHER.search(data, max(0, one.start() - 80), one.start()) for one in found)


def _names(found: list[bytes]) -> tuple[str, ...]:
    return tuple(sorted({raw.decode("utf-8", "surrogateescape") for raw in found}))
