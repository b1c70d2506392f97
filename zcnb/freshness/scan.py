"""What a source file says that its list of inputs will not tell.

A depfile names the files that were read. It does not name the places where a
header was looked for in vain, files that were only asked about, or a clock.
The scan is textual and errs to the safe side: a word in a comment counts.
"""

from __future__ import annotations

import re

from zcnb.model.mentions import Mentions

_SPLICE = re.compile(rb"\\[ \t]*\r?\n")
_DIRECTIVE = rb"(?m)^[ \t]*(?:\#|%:|\?\?=)[ \t]*"
_INCLUDE = re.compile(_DIRECTIVE + rb'(?:include|include_next|import)[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)')
_COMPUTED = re.compile(_DIRECTIVE + rb"(?:include|include_next|import)[ \t]*(?![ \t<\"])")
_EMBED = re.compile(_DIRECTIVE + rb"embed\b|__has_embed")
_ASKED = re.compile(rb'__has_include(?:_next)?[ \t]*\([ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)')
_ASKED_ANY = re.compile(rb"__has_include(?:_next)?[ \t]*\([ \t]*(?![ \t<\"])")
_CLOCK = re.compile(rb"__(?:DATE|TIME|TIMESTAMP)__")
_ASM = re.compile(rb"\basm\b|\b__asm\b|\b__asm__\b")


def scan(data: bytes) -> Mentions:
    """What one file's bytes mention."""
    if b"\\\n" in data or b"\\\r\n" in data:
        data = _SPLICE.sub(b"", data)
    asks = b"__has_" in data
    included = _INCLUDE.findall(data)
    return Mentions(
        quoted=_names([quoted for quoted, _ in included if quoted]),
        angled=_names([angled for _, angled in included if angled]),
        asked=_names([a or b for a, b in _ASKED.findall(data)]) if asks else (),
        computed=bool(_COMPUTED.search(data) or (asks and _ASKED_ANY.search(data))),
        clock=bool(_CLOCK.search(data)),
        embed=b"embed" in data and bool(_EMBED.search(data)),
        asm=b"asm" in data and bool(_ASM.search(data)),
        pastes=b"##" in data or b"%:%:" in data,
    )


def _names(found: list[bytes]) -> tuple[str, ...]:
    return tuple(sorted({raw.decode("utf-8", "surrogateescape") for raw in found}))
