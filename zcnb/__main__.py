"""`python -m zcnb` is the command `zcnb`."""

from zcnb.cli import main

raise SystemExit(main())
