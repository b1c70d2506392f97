"""The daemon's process. Started by `client.launch` as a script, with the import path in the
environment: `-I -S` leaves `site` out, which saves a third of the start."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Fork away from the launcher, then bootstrap. The exit code."""
    if os.environ.pop("ZCNB_DETACH", "") and os.fork() > 0:
        # The launcher waits for this process only: the daemon is nobody's child.
        os._exit(0)
    sys.path[:0] = [path for path in os.environ.pop("ZCNB_IMPORT_PATH", "").split(os.pathsep) if path]
    from zcnb import vitals

    # Clients that wait for this start can see from now on that it goes on, however slowly.
    if lock := os.environ.get("ZCNB_LOCK_FD"):
        vitals.sign(int(lock))
    from zcnb import config
    from zcnb.daemon.bootstrap import bootstrap
    from zcnb.errors import ZcnbError

    try:
        return bootstrap(config.load())
    except ZcnbError as error:
        print(f"zcnb daemon: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
