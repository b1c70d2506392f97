"""What a text mentions: every spelling that a preprocessor accepts, and rather too much than too little."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from zcnb.freshness.scan import scan
from zcnb.model.mentions import Mentions

TABLE: dict[str, dict[str, Any]] = {
    "": {},
    "int main() {}": {},
    '#include "x.h"': {"quoted": ("x.h",)},
    "#include <x.h>": {"angled": ("x.h",)},
    "#include<x.h>": {"angled": ("x.h",)},
    '#include"x.h"': {"quoted": ("x.h",)},
    '  #\tinclude  "x.h"': {"quoted": ("x.h",)},
    '#  include "x.h" // why': {"quoted": ("x.h",)},
    '#include "sub dir/x y.h"': {"quoted": ("sub dir/x y.h",)},
    '#include "../x.h"': {"quoted": ("../x.h",)},
    '#include_next "x.h"': {"quoted": ("x.h",)},
    "#include_next <x.h>": {"angled": ("x.h",)},
    '#import "x.h"': {"quoted": ("x.h",), "once": True},
    '%:include "x.h"': {"quoted": ("x.h",)},
    '%: include "x.h"': {"quoted": ("x.h",)},
    '??=include "x.h"': {"quoted": ("x.h",)},
    '#inc\\\nlude "x.h"': {"quoted": ("x.h",)},
    '#include \\\n"x.h"': {"quoted": ("x.h",)},
    '#include "x\\\n.h"': {"quoted": ("x.h",)},
    '#include \\\r\n"x.h"': {"quoted": ("x.h",)},
    '#include "x.h"\r\n#include <y.h>\r\n': {"quoted": ("x.h",), "angled": ("y.h",)},
    '#include "b.h"\n#include "a.h"\n#include "b.h"': {"quoted": ("a.h", "b.h")},
    '// #include "x.h"\n#include "y.h"': {"quoted": ("x.h", "y.h")},
    '#if 0\n#include "x.h"\n#endif': {"quoted": ("x.h",)},
    "#include NAME": {"computed": True},
    "#include NAME(x)": {"computed": True},
    "#include\tNAME": {"computed": True},
    "#include_next NAME": {"computed": True},
    '#include/**/"x.h"': {"quoted": ("x.h",)},
    '#if __has_include("x.h")': {"asked": ("x.h",)},
    "#if __has_include(<x.h>)": {"asked": ("x.h",)},
    "#if __has_include( <x.h> )": {"asked": ("x.h",)},
    "#if __has_include (<x.h>)": {"asked": ("x.h",)},
    "#if __has_include_next(<x.h>)": {"asked": ("x.h",)},
    "#if defined(A) && __has_include(<x.h>) || __has_include(<y.h>)": {"asked": ("x.h", "y.h")},
    "#if defined(__has_include) && \\\n  __has_include(\\\n<x.h>)": {"asked": ("x.h",)},
    "#ifdef __has_include": {},
    "#ifndef  __has_include": {},
    "#if defined(__has_include) && defined __has_include_next": {},
    "#if !defined ( __has_include )": {},
    "#undef __has_include": {},
    "#endif // __has_include": {},
    "#endif /* __has_include_next */": {},
    "#define ASK /* */ __has_include": {"asked_aside": True},
    "JOIN(as, m)": {"asm": True},
    "JOIN( a, sm )": {"asm": True},
    "#define ASM(x) as##x": {"asm": True},
    "#define ASM(x) x ## asm": {"asm": True},
    "// as small as that": {},
    "#define ASK __has_include": {"asked_aside": True},
    "#define ASK __has_include_next\n": {"asked_aside": True},
    "#if JOIN(__has_inc, lude)(<x.h>)": {"asked_aside": True},
    "#define ASK(x) __has_##x": {"asked_aside": True},
    "JOIN(__, has_include)": {"asked_aside": True},
    "bool has_include, _has_value, has_value_;": {},
    "#if __has_include(NAME)": {"hidden": "__has_include of a macro"},
    '#embed "x.bin"': {"hidden": "#embed"},
    "#embed <x.bin> limit(4)": {"hidden": "#embed"},
    "#if __has_embed(<x.bin>)": {"hidden": "#embed"},
    "int embedded = 1;": {},
    "s = __DATE__;": {"clock": True},
    "s = __TIME__;": {"clock": True},
    "s = __TIMESTAMP__;": {"clock": True},
    "// __TIME__ in a comment counts": {"clock": True},
    "s = __TI\\\nME__;": {"clock": True},
    "s = __TIMER__;": {},
    'asm("nop");': {"asm": True},
    '__asm__ volatile("nop");': {"asm": True},
    '__asm("nop");': {"asm": True},
    "int plasma = 1;": {},
    "#pragma GCC dependency \"x\"": {"hidden": "#pragma GCC dependency"},
    "CAT(__TI, ME__)": {"clock_pieces": True},
    "CAT(__, TIMESTAMP__)": {"clock_pieces": True, "asked_aside": True},
    "CAT(__DATE, __)": {"clock_pieces": True, "asked_aside": True},
    "#define CAT(a, b) a##b": {},
    "CAT(__has_, include)": {"asked_aside": True},
    "#define ASK(x) __has_include(x)": {"hidden": "__has_include of a macro"},
    "// __has_include in a comment": {},
    "#pragma once": {"once": True},
    '_Pragma("once")': {"once": True},
    "# pragma  once": {"once": True},
    "// once": {},
    "int pragma = once();": {},
}  # fmt: skip


@pytest.mark.parametrize("text", TABLE)
def test_table(text: str) -> None:
    assert scan(text.encode()) == dataclasses.replace(Mentions(), **TABLE[text])


ODD = (
    '#inc\\  \nlude "x.h"',
    '/* c */ #include "x.h"',
    '/* a\nb */ #include "x.h"',
    '/**/ /**/ #include <x.h>',
    '#/**/include "x.h"',
    '# /* c */ include <x.h>',
    '\f#include "x.h"',
    '#\vinclude "x.h"',
    "#if __has_include/**/(<x.h>)",
    "#if __has_include(/**/<x.h>)",
)  # fmt: skip
"""g++ 12 accepts all of these: the name is found, or it is said that some name is not known."""


@pytest.mark.parametrize("text", ODD)
def test_odd_spelling_is_not_overlooked(text: str) -> None:
    said = scan(text.encode())
    assert said.computed or said.hidden or "x.h" in (*said.quoted, *said.angled, *said.asked)


def test_question_behind_a_macro_is_some_question() -> None:
    assert scan(b"#define HAS(name) __has_include(name)\n#if HAS(<x.h>)\n#endif").hidden


def test_names_that_are_no_utf8_come_back_as_bytes() -> None:
    (name,) = scan(b'#include "\xff.h"').quoted
    assert name.encode("utf-8", "surrogateescape") == b"\xff.h"


def test_binary_data_is_no_trouble() -> None:
    assert scan(bytes(range(256)) * 100) == Mentions()


def test_include_needs_its_own_word() -> None:
    assert scan(b'#includes "x.h"\n#define include "y.h"\n') == Mentions()
