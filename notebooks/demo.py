"""`make demo`: run the quickstart notebook twice in real kernels and say what each cell did.

The second pass runs in a fresh kernel, so its hits come across the restart.
Leaves an HTML export of the executed notebook and prints its path. Exit code 1
if a cell failed that should not, or if the second pass was no row of hits.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "01_quickstart.ipynb"
EXPORT = HERE.parent / "build" / "01_quickstart.html"
PHASES = ("lookup", "compile", "link", "run", "total")
BUILT = ("%%cpp", "%%c", "%%rust")


def main() -> int:
    """Two passes, two tables, one export."""
    console = Console(width=max(100, Console().width))
    with tempfile.TemporaryDirectory(prefix="zcnb-demo-") as folder:
        first = execute(folder)
        show(console, "First pass", first)
        second = execute(folder)
        show(console, "Second pass, after a restart of the kernel", second)
    EXPORT.parent.mkdir(exist_ok=True)
    EXPORT.write_text(HTMLExporter().from_notebook_node(second)[0], encoding="utf-8")
    console.print(f"The executed notebook as a page: {EXPORT}", soft_wrap=True)
    problems = [*complaints(first, hits_only=False), *complaints(second, hits_only=True)]
    for problem in problems:
        console.print(f"[red]{problem}[/]")
    return 1 if problems else 0


def execute(folder: str) -> NotebookNode:
    """The notebook after a run in a fresh kernel that works in `folder`."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        allow_errors=True,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    return notebook


def show(console: Console, title: str, notebook: NotebookNode) -> None:
    """One row for each compiled cell: language, hit or miss, milliseconds by phase, output."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("language", "cache", *(f"{phase} ms" for phase in PHASES), "output"):
        table.add_column(name, justify="right" if name.endswith("ms") else "left", overflow="fold")
    for cell in compiled(notebook):
        facts = facts_of(cell)
        times = facts.get("timings", {})
        language = facts.get("language") or cell.source.split()[0].removeprefix("%%")
        row = [f"{times[phase]:.1f}" if phase in times else "-" for phase in PHASES]
        table.add_row(language, facts.get("cache", "-"), *row, output_of(cell))
    console.print(table)


def complaints(notebook: NotebookNode, *, hits_only: bool) -> list[str]:
    """What is not as a newcomer should see it."""
    found = []
    for cell in notebook.cells:
        errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
        expected = "raises-exception" in cell.metadata.get("tags", ())
        missing = any(error.ename == "CompilerNotFound" for error in errors)
        if errors and not expected and not missing:
            found.append(f"A cell failed: {errors[0].ename}: {errors[0].evalue}")
        facts = facts_of(cell)
        if hits_only and facts.get("ok") and facts["cache"] != "hit":
            found.append(f"A {facts['language']} cell was compiled again: {'; '.join(facts['reasons'])}")
    return found


def compiled(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells with a program."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.split()[0] in BUILT]


def facts_of(cell: NotebookNode) -> dict[str, Any]:
    """What zcnb put into the display's metadata; empty for a cell that was not built."""
    for output in cell.get("outputs", ()):
        facts = output.get("metadata", {}).get("zcnb")
        if facts:
            return dict(facts)
    return {}


def output_of(cell: NotebookNode) -> str:
    """What the program printed, or the error that the cell ended with."""
    parts = [output.text for output in cell.outputs if output.output_type == "stream"]
    parts += [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
    return "".join(parts).strip()


if __name__ == "__main__":
    os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")  # jupyter_core warns without it
    sys.exit(main())
