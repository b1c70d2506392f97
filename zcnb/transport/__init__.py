"""Moves bytes between a client and the daemon. Chosen once, here."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    raise ImportError("zcnb's Windows transport is not there yet; use zcnb inside WSL")
from zcnb.transport.base import Stream
from zcnb.transport.memory import pair
from zcnb.transport.unix import adopt, bind, connect, probe

__all__ = ["Stream", "adopt", "bind", "connect", "pair", "probe"]
