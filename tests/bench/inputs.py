"""What a hit costs with 10, 240 and 2,000 inputs: `make bench`, or `python tests/bench/inputs.py [ROUNDS]`.

The headers lie in ten folders, which one daemon takes for the system's and
watches, a second one stat's for want of inotify, and the first one stat's too
where they are a person's own. As in `spine.py`, all take turns within one run,
with private caches and daemons.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from tests.bench.spine import Samples, in_turn, machine, show
from tests.daemon.hits.system import system_daemon
from zcnb.client.control import running_status
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.model.spec import BuildSpec

COUNTS = (10, 240, 2000)
FOLDERS = 10
SETTLED_S = 2.5


def main() -> int:
    """Measure, then print both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    console = Console(width=100)
    root = Path(tempfile.mkdtemp(prefix="zb-", dir="/tmp"))
    try:
        with ExitStack() as stack:
            watching = Config(cache_dir=root / "watching", socket=root / "watching.sock")
            looking = Config(cache_dir=root / "looking", socket=root / "looking.sock")
            for config, inotify in ((watching, True), (looking, False)):
                stack.enter_context(system_daemon(config, root / "system", inotify=inotify))
            sessions = [stack.enter_context(Session(config)) for config in (watching, looking)]
            console.print(machine())
            desk = root / "desk"
            desk.mkdir()
            lookups: Samples = {}
            tasks = {}
            for name, session, place in (
                ("inotify", sessions[0], "system"),
                ("stat", sessions[1], "system"),
                ("person's", sessions[0], "person"),
            ):
                for count in COUNTS:
                    row = f"{name}, {count}"
                    lookups[row] = []
                    tasks[row] = hit(session, spec(root / place / str(count), count, desk), lookups[row])
            time.sleep(SETTLED_S)
            replies = in_turn(tasks, rounds)
            for config in (watching, looking):
                status = running_status(config)
                console.print(status.freshness if status else "no daemon")
            show(
                console,
                "Hit by number of inputs: lookup in the daemon",
                {row: values[-rounds:] for row, values in lookups.items()},
            )
            show(console, "Hit by number of inputs: request to reply", replies)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 0


def spec(folder: Path, count: int, desk: Path) -> BuildSpec:
    """A cell at `desk` that includes `count` headers in `folder`."""
    names = [f"{number % FOLDERS}/{number}.h" for number in range(count)]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#define V_{path.stem} 1\n")
    for place in (folder.parent, folder, *folder.iterdir()):
        place.chmod(0o755)
    text = "".join(f"#include <{name}>\n" for name in names) + "int main() {}\n"
    return BuildSpec(language="c++", source=text.encode(), flags=(f"-I{folder}",), cwd=str(desk), env=dict(os.environ))


def hit(session: Session, wanted: BuildSpec, lookups: list[float]) -> Callable[[], None]:
    """A request that must be a hit from its second time on; its lookup's time goes to `lookups`."""
    session.build(wanted)

    def ask() -> None:
        built = session.build(wanted)
        assert built.cache == "hit", built.steps
        lookups.append(built.lookup_ms)

    return ask


if __name__ == "__main__":
    sys.exit(main())
