"""A daemon that trusts files once they are 15 ms old, not 2 s: `python quick_daemon.py`, settings in the environment.

That is safe where file times are fine (here they are: the kernel's tick is 10 ms at most), and a soak spends no time
on waiting for files to age: what is remembered about them is put to the test in every step.
"""

from __future__ import annotations

from tests.daemon.hits.desk import SHORT_GRACE_NS
from zcnb import config
from zcnb.daemon.bootstrap import bootstrap
from zcnb.osdep import signature

if __name__ == "__main__":
    signature.GRACE_NS = SHORT_GRACE_NS
    raise SystemExit(bootstrap(config.load()))
