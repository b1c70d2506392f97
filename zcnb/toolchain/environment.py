"""Which environment variables change what compilers, assemblers and linkers do.

Sources: the manuals of GCC 12 ("Environment Variables Affecting GCC"), binutils
2.40 (ld, as), clang 19, mold and rustc; the dynamic loader's manual page
(`LD_*` change the compiler process itself). Families are taken whole, so that
a variable added by a newer version is in the key from the start.
"""

from __future__ import annotations

from collections.abc import Mapping

NAMES = frozenset({
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "OBJCPLUS_INCLUDE_PATH",
    "COMPILER_PATH", "LIBRARY_PATH", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "SOURCE_DATE_EPOCH",
    "GNUTARGET", "LDEMULATION", "AS_FEATURES", "POSIXLY_CORRECT", "SDKROOT", "MACOSX_DEPLOYMENT_TARGET",
    "LANG", "LANGUAGE", "NO_COLOR", "CLICOLOR_FORCE", "TERM_URLS", "FORCE_SOURCE_DATE", "ZERO_AR_DATE",
    "QA_RPATHS", "MALLOC_PERTURB_", "LPATH", "GCONV_PATH", "LOCPATH", "NLSPATH", "OUTPUT_CHARSET",
    "DEB_BUILD_OPTIONS", "LLVM_OVERRIDE_PRODUCER", "IPHONEOS_DEPLOYMENT_TARGET", "TVOS_DEPLOYMENT_TARGET",
    "WATCHOS_DEPLOYMENT_TARGET", "XROS_DEPLOYMENT_TARGET", "DRIVERKIT_DEPLOYMENT_TARGET",
})  # fmt: skip

PREFIXES = (
    "GCC_", "COLLECT_", "CCC_", "CLANG_", "LD_", "LC_", "MOLD_", "LLD_", "RUST", "CARGO_ENCODED",
    "GLIBC_TUNABLES", "ASAN_", "UBSAN_", "DYLD_", "RC_DEBUG_",
)  # fmt: skip

SIDE_EFFECTS = ("DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES")
"""Variables that make the compiler write more files than its output."""

TERMINAL = ("TERM", "COLORTERM", "COLUMNS", "LINES")
"""Variables that matter to a tool whose messages go to a terminal."""

UNSEEN = ("RUST_BACKTRACE", "RUST_LOG", "RUST_LIB_BACKTRACE")
"""Members of a family that only change what a program does when it runs."""


def relevant(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of `env` that belong to every key."""
    return {
        name: value
        for name, value in env.items()
        if (name in NAMES or name.startswith(PREFIXES)) and name not in UNSEEN
    }
