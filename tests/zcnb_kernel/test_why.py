"""`%zcnb why` and the card's words for a miss, in a real kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need, wait_until
from tests.daemon.hits.desk import tick
from tests.zcnb_kernel.conftest import Kernel, Ran
from zcnb.client.control import running_status, stop
from zcnb.config import Config

pytestmark = pytest.mark.kernel

CELL = '%%cpp {}\n#include "shapes.hpp"\nint main() {{ return {}; }}'


def forms(ran: Ran) -> dict[str, Any]:
    """The last display's text and HTML."""
    assert ran.error is None, ran.error
    data: dict[str, Any] = ran.displays[-1]["data"]
    return data


def test_a_notebooks_story(kernel: Kernel, project: Path, config: Config) -> None:
    need("g++")
    (project / "shapes.hpp").write_text("#define NONE 0\n")
    tick()
    asked = kernel.run("%zcnb why")
    assert asked.error is not None
    assert "No cell has run" in asked.error["evalue"]

    def card(flags: str, value: str = "NONE") -> dict[str, Any]:
        return forms(kernel.run(CELL.format(flags, value), cellId="one"))

    for form in card("-O2").values():
        if isinstance(form, str):
            assert "first time" in form
    assert card("-O2")["text/plain"].startswith("[zcnb] hit · ")
    assert "came out of the cache" in forms(kernel.run("%zcnb why"))["text/plain"]

    made = card("-O3")
    assert made["text/plain"].startswith("[zcnb] miss: flag -O2 -> -O3 · ")
    assert "<b>miss</b>: flag -O2 -&gt; -O3" in made["text/html"]
    assert "flags before: -std=c++20 -O2" in made["text/html"], "in the unfolded part"

    (project / "shapes.hpp").write_text("#define NONE 0 // none\n")
    tick()
    assert card("-O3")["text/plain"].startswith("[zcnb] miss: header shapes.hpp changed · ")

    short, full = (forms(kernel.run(f"%zcnb why{words}")) for words in ("", " --details"))
    assert short["text/plain"].endswith("had to be built: header shapes.hpp changed.")
    assert f"{project}/shapes.hpp changed." in full["text/plain"]
    assert f"{project}/shapes.hpp changed." in short["text/html"], "to be unfolded"
    assert ("<details open>" in short["text/html"], "<details open>" in full["text/html"]) == (False, True)

    assert card("-O3", "NONE + 0")["text/plain"].startswith("[zcnb] miss: source changed (line 3) · ")

    assert stop(config)
    assert wait_until(lambda: running_status(config) is None)
    assert card("-O1", "NONE + 0")["text/plain"].startswith("[zcnb] miss: flag -O3 -> -O1 · "), "a fresh daemon"


def test_front_ends_that_do_not_say_which_cell_it_is(kernel: Kernel, project: Path) -> None:
    need("g++")
    (project / "shapes.hpp").write_text("")
    tick()
    kernel.run(CELL.format("-O2", "0"))
    assert kernel.run(CELL.format("-O3", "0")).facts["why"] == "flag -O2 -> -O3"


def test_without_the_cache_and_after_a_sweep(kernel: Kernel) -> None:
    need("g++")
    kernel.run("%env ZCNB_DISABLE=1\n")
    kernel.run("%reload_ext zcnb")
    kernel.run("%%cpp\nint main() { }")
    said = forms(kernel.run("%zcnb why"))["text/plain"]
    assert said.startswith("The cache had no part in In[")
    assert said.endswith(": ZCNB_DISABLE is set.")
    kernel.run('%%cpp --no-run --sweep "-O0 -O1"\nint main() { }')
    asked = kernel.run("%zcnb why")
    assert asked.error is not None
    assert "was a sweep" in asked.error["evalue"]


def test_the_help_tells_of_it(kernel: Kernel) -> None:
    assert "%zcnb why --details" in kernel.value("get_ipython().find_line_magic('zcnb').__doc__")
