"""The notebook about sweeps runs from top to bottom, and its outputs are what it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import need
from tests.zcnb_kernel.conftest import kernel_environment
from zcnb.config import Config

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "sweep.ipynb"


@pytest.mark.kernel
def test_it_runs_and_shows_what_it_promises(config: Config, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("g++")
    for name, value in kernel_environment(config).items():
        monkeypatch.setitem(os.environ, name, value)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # no annotations there
    client = NotebookClient(
        notebook, timeout=170, kernel_name="python3", resources={"metadata": {"path": str(project)}}
    )
    client.execute()
    outputs = {cell["id"]: cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"}
    sweep, compared = outputs["cell-03"], outputs["cell-08"]
    assert [output["output_type"] for output in sweep] == ["execute_result"]
    assert sweep[0]["data"]["text/html"].count("<tr") == 9
    assert "main:" in compared[0]["data"]["text/plain"]
    assert text_of(outputs["cell-06"]).count("\n") == 10
    assert any("image/png" in output.get("data", {}) for output in outputs["cell-10"])
    assert text_of(outputs["cell-14"]) == "['hit', 'hit']\n"
    told = outputs["cell-17"][0]["data"]["text/plain"]
    assert "('-O2', True, 0, True)" in told
    assert "('-O2 -ffast-math', True, 0, False)" in told
    assert "('-fno-such-flag', False, None, None)" in told
    assert "('-O2 -DCRASH', True, -6, False)" in told


def text_of(outputs: list[dict[str, Any]]) -> str:
    """What a cell printed."""
    return "".join(output["text"] for output in outputs if output["output_type"] == "stream")
