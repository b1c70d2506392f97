"""A runner's process. Started by `runner.process` as a script: `-I -S` leaves `site` out, and the import path
comes by the environment. Started by a person as `python -m zcnb.runner listen=ADDRESS` for external mode."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Serve; the exit code."""
    sys.path[:0] = [path for path in os.environ.pop("ZCNB_IMPORT_PATH", "").split(os.pathsep) if path]
    from zcnb.errors import ZcnbError
    from zcnb.runner import worker

    try:
        return worker.main(sys.argv[1:])
    except ZcnbError as error:
        print(f"zcnb runner: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
