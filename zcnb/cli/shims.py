"""`zcnb shims`: a folder of files called `g++`, `rustc` and so on, each of which is the wrapped tool."""

from __future__ import annotations

import argparse

from zcnb.client.shims import make_shims
from zcnb.config import Config


def shims(config: Config, options: argparse.Namespace) -> int:
    """Make the shims and print their folder: PATH="$(zcnb shims):$PATH" make."""
    print(make_shims(config.cache_dir))
    return 0
