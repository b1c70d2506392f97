"""Moves bytes between a client and the daemon. Chosen once, here.

The choice for Windows is made but not yet used: `zcnb.osdep`, which all other parts need, refuses Windows, and the
calls into Windows itself (`transport.win32`) have not run there.
"""

from __future__ import annotations

import sys

from zcnb.transport.base import Stream
from zcnb.transport.memory import pair

if sys.platform == "win32":
    from zcnb.transport.windows import adopt, bind, connect, probe
else:
    from zcnb.transport.unix import adopt, bind, connect, probe

__all__ = ["Stream", "adopt", "bind", "connect", "pair", "probe"]
