"""What a source file says that its list of inputs will not tell.

A depfile names the files that were read. It does not name the places where a
header was looked for in vain, files that were only asked about, or a clock.
The scan is textual and errs to the safe side: a word in a comment counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from zcnb.model.mentions import Mentions

_SPLICE = re.compile(rb"\\[ \t]*\r?\n")
_SPACE = rb"(?:[ \t\v\f]|/\*(?:[^*]|\*(?!/))*\*/)*"
_HASH = rb"(?:\#|%:|\?\?=)" + _SPACE
_INCLUDE = re.compile(_HASH + rb"(?:include|include_next|import)" + _SPACE + rb'(?:"([^"\n]+)"|<([^>\n]+)>)')
_LINE = rb"(?m)^" + _SPACE + _HASH
_COMPUTED = re.compile(_LINE + rb"(?:include|include_next|import)\b(?!" + _SPACE + rb'["<])' + _SPACE + rb"\w")
_ASKED = re.compile(rb"__has_include(?:_next)?" + _SPACE + rb"\(" + _SPACE + rb'(?:"([^"\n]+)"|<([^>\n]+)>)')
_ASKED_ANY = re.compile(rb"__has_include(?:_next)?" + _SPACE + rb"\((?!" + _SPACE + rb'["<]' + rb")")
_ASKED_BY_MACRO = re.compile(_LINE + rb"define\b[^\n]*__has_include(?:_next)?\b(?!" + _SPACE + rb"\()")
_ONCE = re.compile(rb'[Pp]ragma\b[\s("]*once\b|' + _HASH + rb"import\b")
_CLOCK = re.compile(rb"__(?:DATE|TIME|TIMESTAMP)__")


def _pieces(names: Sequence[bytes], inner: Collection[bytes] = ()) -> re.Pattern[bytes]:
    """Words from which `##` could put one of `names` together: parts of it that hold some of its outer underscores,
    and those `inner` ones that are no common words."""
    parts = {
        name[start:end]
        for name in names
        for start in range(len(name) - 2)
        for end in range(start + 3, len(name) + 1)
        if start < 2 or end > len(name.rstrip(b"_"))
    }
    return re.compile(rb"\b(?:" + b"|".join(sorted((parts | {*inner}) - {*names})) + rb")\b")


_PIECES = (
    (_pieces((b"__DATE__", b"__TIME__", b"__TIMESTAMP__")), "__DATE__ or __TIME__"),
    (
        _pieces(
            (b"__has_include", b"__has_include_next", b"__has_embed"),
            (b"has_include", b"has_include_next", b"has_embed"),
        ),
        "__has_include",
    ),
)
_ASM = re.compile(rb"\basm\b|\b__asm\b|\b__asm__\b")
_HIDDEN = (
    (re.compile(_LINE + rb"embed\b|__has_embed"), "#embed"),
    (re.compile(rb"\bGCC\s+dependency\b"), "#pragma GCC dependency"),
    (_ASKED_ANY, "__has_include of a macro"),
    (_ASKED_BY_MACRO, "__has_include under another name"),
)


def scan(data: bytes) -> Mentions:
    """What one file's bytes mention."""
    if _SPLICE.search(data):
        data = _SPLICE.sub(b"", data)
    included = _INCLUDE.findall(data)
    return Mentions(
        quoted=_names([quoted for quoted, _ in included if quoted]),
        angled=_names([angled for _, angled in included if angled]),
        asked=_names([a or b for a, b in _ASKED.findall(data)]) if b"__has_include" in data else (),
        computed=bool(_COMPUTED.search(data)),
        hidden=next((what for pattern, what in _HIDDEN if pattern.search(data)), ""),
        clock=bool(_CLOCK.search(data)),
        pieces=next((what for pattern, what in _PIECES if pattern.search(data)), ""),
        asm=b"asm" in data and bool(_ASM.search(data)),
        once=bool(_ONCE.search(data)),
    )


def _names(found: list[bytes]) -> tuple[str, ...]:
    return tuple(sorted({raw.decode("utf-8", "surrogateescape") for raw in found}))
