"""Who may import whom, read from the source itself: imports point down only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TREES = (ROOT / "zcnb", ROOT / "kernel_ext" / "zcnb_kernel")

ALLOWED: dict[str, set[str]] = {
    "zcnb": {"zcnb_kernel"},  # `load_ipython_extension` hands over to it
    "__main__": {"cli"},
    "errors": set(),
    "places": set(),
    "vitals": set(),
    "model": set(),
    "wire": {"model"},
    "osdep": set(),
    "transport": {"osdep"},
    "config": {"model", "osdep"},
    "journal": {"osdep"},
    "toolchain": {"model"},
    "freshness": {"model", "osdep"},
    "store": {"model", "osdep"},
    "runner": {"model", "wire", "transport", "osdep"},
    "client": {"config", "journal", "model", "wire", "transport", "osdep", "toolchain"},
    "daemon": {
        "config", "journal", "model", "wire", "transport", "osdep", "toolchain", "freshness", "store", "runner",
    },
    "cli": {"config", "journal", "model", "wire", "client", "osdep", "toolchain"},
    "zcnb_kernel": {"config", "model", "client", "osdep"},
}  # fmt: skip
"""Each part of zcnb, and the parts it may import. Its own modules and `EVERYWHERE` come on top."""

EVERYWHERE = {"zcnb", "errors", "places", "vitals"}
ONLY_IN: dict[str, set[str]] = {
    "asyncio": {"transport", "runner", "daemon"},
    "msgpack": {"wire"},
    "zmq": {"daemon", "cli"},
    "IPython": {"zcnb_kernel"},
    "ipykernel": {"zcnb_kernel"},
    "ipywidgets": {"zcnb_kernel"},
}
"""Foreign packages, and the parts that may know them."""

PLATFORM_IN = {"zcnb.osdep", "zcnb.transport"}
"""The modules with an `if sys.platform`."""

DAEMONS_OWN = ("zcnb.daemon", "zcnb.runner", "zcnb.freshness", "zcnb.store")


def module_name(path: Path, tree: Path) -> str:
    parts = path.relative_to(tree.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path, tree): path for tree in TREES for path in sorted(tree.rglob("*.py"))}


def part_of(module: str) -> str:
    """`zcnb.wire.codec` -> `wire`, `zcnb` -> `zcnb`, `zcnb_kernel.cell` -> `zcnb_kernel`."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "zcnb" and rest else first


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run: all but the bodies of `if TYPE_CHECKING`."""
    yield node
    if isinstance(node, ast.If) and is_type_checking(node.test):
        children: list[ast.AST] = list(node.orelse)
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from running_nodes(child)


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement names; `from zcnb import wire` names `zcnb.wire`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in MODULES else node.module


def violations(module: str, source: str) -> list[str]:
    """What `module` with this text does against the tables above, as `line: what`."""
    found = []
    part = part_of(module)
    for node in running_nodes(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(f"{line}: relative import")
        for name in imported(node):
            top = name.partition(".")[0]
            if top in ("zcnb", "zcnb_kernel") and part_of(name) not in ALLOWED[part] | EVERYWHERE | {part}:
                found.append(f"{line}: {part} imports {name}")
            if part not in ONLY_IN.get(top, {part}):
                found.append(f"{line}: {part} imports {name}")
            if top == "platform" or (top == "sys" and isinstance(node, ast.ImportFrom)):
                found.append(f"{line}: {name} hides a question for the platform")
        if (
            isinstance(node, ast.Attribute)
            and (ast.unparse(node) in ("sys.platform", "os.name", "os.uname"))
            and module not in PLATFORM_IN
        ):
            found.append(f"{line}: {ast.unparse(node)}")
        if getattr(node, "id", getattr(node, "attr", "")) in ("__import__", "import_module"):
            found.append(f"{line}: an import that cannot be read from the source")
    return found


def test_the_modules_are_found_and_each_has_its_row() -> None:
    assert {part_of(module) for module in MODULES} == ALLOWED.keys()
    assert {"zcnb", "zcnb.wire", "zcnb.wire.codec", "zcnb_kernel.magics"} <= MODULES.keys()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    assert violations(module, MODULES[module].read_text(encoding="utf-8")) == []


def test_the_table_has_no_cycle_and_client_and_daemon_are_strangers() -> None:
    def below(part: str, above: tuple[str, ...] = ()) -> set[str]:
        assert part not in above, f"cycle {' -> '.join((*above, part))}"
        return ALLOWED[part].union(*(below(lower, (*above, part)) for lower in ALLOWED[part]))

    reach = {part: below(part) for part in ALLOWED}
    assert "daemon" not in reach["client"]
    assert "client" not in reach["daemon"]
    for part in ("zcnb", "cli", "client", "zcnb_kernel"):
        assert not reach[part] & {name.removeprefix("zcnb.") for name in DAEMONS_OWN}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("zcnb.wire.codec", "import zcnb.store.index"),
        ("zcnb.wire.codec", "from zcnb.store.index import Index"),
        ("zcnb.wire.codec", "from zcnb import store"),
        ("zcnb.wire.codec", "from zcnb import transport as moves"),
        ("zcnb.wire.codec", "from ..store import index"),
        ("zcnb.wire.codec", "def f():\n    if True:\n        from zcnb import osdep"),
        ("zcnb.wire.codec", "class A:\n    import asyncio"),
        ("zcnb.wire.codec", "try:\n    import asyncio.events\nexcept ImportError:\n    pass"),
        ("zcnb.client.session", "import zcnb.daemon.server"),
        ("zcnb.client.session", "from zcnb.runner import pool"),
        ("zcnb.client.session", "if TYPE_CHECKING:\n    pass\nelse:\n    import zcnb.daemon"),
        ("zcnb.client.session", "async def f():\n    import asyncio"),
        ("zcnb.daemon.server", "from zcnb.client import launch"),
        ("zcnb.daemon.server", "from zcnb_kernel import cell"),
        ("zcnb.daemon.server", "import msgpack"),
        ("zcnb.client.host", "def f():\n    import zmq"),
        ("zcnb.model.spec", "from zcnb.config import Config"),
        ("zcnb.journal", "from zcnb.config import Config"),
        ("zcnb.store.store", "from zcnb import journal"),
        ("zcnb.cli.verbs", "import IPython.display"),
        ("zcnb.cli.verbs", "from ipywidgets import HTML"),
        ("zcnb", "from IPython import get_ipython"),
        ("zcnb", "import zcnb.client.session"),
        ("zcnb_kernel.cell", "from zcnb.wire.messages import Ping"),
        ("zcnb.osdep.posix", "import sys\nif sys.platform == 'darwin':\n    pass"),
        ("zcnb.transport.unix", "import sys\nx = not sys.platform.startswith('win')"),
        ("zcnb.osdep.posix", "from sys import platform"),
        ("zcnb.store.store", "import os\nif os.name == 'nt':\n    pass"),
        ("zcnb.store.store", "import platform"),
        ("zcnb.store.store", "__import__('zcnb.daemon')"),
        ("zcnb.store.store", "import importlib\nimportlib.import_module('zcnb.daemon')"),
    ],
)
def test_the_checker_catches(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("zcnb.wire.codec", "from zcnb.model.spec import BuildSpec\nfrom zcnb.wire import lanes\nimport msgpack"),
        ("zcnb.wire.codec", "import zcnb.errors\nfrom zcnb import errors, __version__\nimport zcnb"),
        ("zcnb.wire.codec", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import zcnb.store"),
        ("zcnb", "import typing\nif typing.TYPE_CHECKING:\n    from IPython import x"),
        ("zcnb.daemon.server", "import asyncio\nfrom zcnb import config, transport"),
        ("zcnb.osdep", "import sys\nif sys.platform == 'win32':\n    pass"),
        ("zcnb_kernel.magics", "from zcnb import config\nfrom IPython.core import magic\nfrom zcnb_kernel import cell"),
        ("zcnb.client.launch", "import os, sys\nx = sys.executable, os.environ"),
    ],
)
def test_the_checker_lets_pass(module: str, source: str) -> None:
    assert violations(module, source) == []


def loaded_after(statement: str) -> set[str]:
    """The modules in a fresh interpreter after `statement`."""
    code = f"import sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'kernel_ext')]}\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_loading_the_extension_loads_no_part_of_the_daemon() -> None:
    loaded = loaded_after("import zcnb, zcnb_kernel.magics")
    assert {"zcnb.client.session", "zcnb_kernel.magics"} <= loaded
    assert sorted(name for name in loaded if name.startswith(DAEMONS_OWN)) == []


def test_the_daemon_loads_neither_client_nor_ipython() -> None:
    loaded = loaded_after("import zcnb.daemon.bootstrap, zcnb.daemon.server")
    assert sorted(name for name in loaded if name.startswith(("zcnb.client", "zcnb_kernel", "IPython", "ipy"))) == []


def test_the_parts_for_clients_load_no_event_loop() -> None:
    loaded = loaded_after("import zcnb, zcnb.config, zcnb.client.session, zcnb.toolchain")
    assert sorted(name for name in loaded if name.startswith(("asyncio", "IPython"))) == []
