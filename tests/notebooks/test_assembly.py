"""The notebook about `--emit` and `--remarks`, run in a real kernel."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import need
from zcnb.config import Config

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "assembly.ipynb"
SHOWN = (
    "sum(int const*, unsigned long):",
    "with vector registers",
    "inlined: Inlining float scaled(float)",
    "1 + 2 * 1 + 2",
    "fn double(_1: u32) -> u32",
    "double:",
)


@pytest.mark.kernel
def test_every_cell_shows_what_the_text_around_it_says(
    config: Config, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("rustc")
    monkeypatch.setenv("ZCNB_CACHE_DIR", str(config.cache_dir))
    monkeypatch.setenv("ZCNB_SOCKET", str(config.socket))
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no annotations
    resources = {"metadata": {"path": str(project)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    text = "\n".join(output.get("text") or output.data["text/plain"] for output in outputs)
    assert [shown for shown in SHOWN if shown not in text] == []
