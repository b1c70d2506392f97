"""The README's picture, from a real JupyterLab: `python tests/browser/picture.py OUT.png`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.lab import Lab, chromium

WIDTH = 900
CPP = """%%cpp -O2
#include <iostream>
#include <ranges>

int main() {
    auto odd = [](int n) { return n % 2 != 0; };
    auto square = [](int n) { return n * n; };
    for (int n : std::views::iota(1, 20) | std::views::filter(odd) | std::views::transform(square))
        std::cout << n << " ";
}"""
RUST = """%%rust
fn main() {
    let powers: Vec<u32> = (0..10).map(|n| 2u32.pow(n)).collect();
    println!("{powers:?}");
}"""
WRONG = """%%cpp
#include <string>

int main() {
    std::string answer = 42;
}"""
CALM = """
.jp-Notebook-footer, .jp-cell-toolbar, .jp-Collapser { display: none !important; }
.jp-Notebook .jp-Cell, .jp-Notebook .jp-Cell.jp-mod-active { border-color: transparent !important; }
.jp-Notebook .jp-InputPrompt { color: var(--jp-cell-inprompt-font-color) !important; opacity: 1 !important; }
.jp-WindowedPanel-viewport { padding: 4px 4px 8px !important; min-height: 0 !important; }
"""


def main(out: Path) -> None:
    """Make the picture and write it to `out`."""
    if chromium() is None:
        raise SystemExit("chromium is not installed")
    folder = Path(tempfile.mkdtemp(prefix="zcnb-picture-"))
    try:
        with Lab(folder, width=WIDTH + 68, height=1600, scale=2) as lab:
            take(lab, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{out}: {out.stat().st_size // 1000} kB")


def take(lab: Lab, out: Path) -> None:
    """Run the cells and take the picture."""
    cells = ["%load_ext zcnb", CPP, *([RUST] if shutil.which("rustc") else []), WRONG]
    lab.open(cells[:2])
    lab.run(0, 1, 1)  # so that it is a hit in the picture
    lab.open(cells)
    lab.run(*range(len(cells)))
    cpp = lab.output(1).locator(".zcnb")
    expect(cpp).to_contain_text("hit")
    expect(lab.output(len(cells) - 1)).to_contain_text("CompileError")
    cpp.locator("summary").first.click()
    lab.page.add_style_tag(content=CALM)
    lab.page.mouse.move(0, 0)
    lab.picture(lab.page.locator(".jp-Notebook .jp-WindowedPanel-viewport"), out)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
