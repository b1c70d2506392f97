"""zcnb: C++ and Rust cells in Jupyter behind a compile cache.

`%load_ext zcnb` calls `load_ipython_extension`; everything that knows IPython
lives in the package `zcnb_kernel` and is imported only then.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # not from `typing`, whose import takes as long as the interpreter's start
if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%%cpp`, `%%c`, `%%rust` and `%zcnb` (called by `%load_ext zcnb`)."""
    from zcnb_kernel import magics

    magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away again and close the connection (called by `%unload_ext zcnb`)."""
    from zcnb_kernel import magics

    magics.unload(shell)
