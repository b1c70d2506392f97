"""`python -m zcnb.store CACHE_DIR [--repair]`: what `zcnb check` runs."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from zcnb.errors import StoreError
from zcnb.store.check import check


def main() -> int:
    """Print a line for each damage and one that sums up. 0 if nothing is wrong, or not any more; else 1."""
    parser = argparse.ArgumentParser(prog="zcnb check", description="Hold a cache folder against itself.")
    parser.add_argument("cache_dir", type=Path)
    parser.add_argument("--repair", action="store_true", help="mend what is wrong")
    options = parser.parse_args()
    kinds, left = Counter[str](), 0
    try:
        for damage in check(options.cache_dir, repair=options.repair):
            print(damage, flush=True)
            kinds[damage.kind] += 1
            left += not damage.mended
    except StoreError as error:
        print(f"zcnb: {error}", file=sys.stderr)
        return 1
    print(_summary(options.cache_dir, kinds, left))
    return 1 if left else 0


def _summary(cache_dir: Path, kinds: Counter[str], left: int) -> str:
    if not kinds:
        return f"Nothing is wrong with the cache in {cache_dir}."
    found = ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items()))
    if left:
        return f"{found}. No wrong result comes of it. `zcnb check --repair` mends what can be mended."
    return f"{found}: all repaired. What is missing now is compiled again when it is needed."


if __name__ == "__main__":
    raise SystemExit(main())
