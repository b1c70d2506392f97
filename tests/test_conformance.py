"""CONFORMANCE.md has every row once, with tests that exist. They are found by reading the files, not by running."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "share" / "doc" / "zcnb" / "CONFORMANCE.md").read_text(encoding="utf-8")
GROUPS = {"T": 13, "B": 6, "W": 10, "H": 10, "R": 12}
EXPECTED = [f"{group}{number}" for group, last in GROUPS.items() for number in range(1, last + 1)]

ROW = re.compile(r"\|\s*([A-Z]\d+)\s*\|(.*)\|\s*")
"""A row's name, and its other cells."""


@cache
def names_in(path: Path) -> frozenset[str]:
    """The tests of one file as pytest names them after the path: `test_x`, `TestX::test_y`; none if it is missing."""
    try:
        tree = ast.parse(path.read_bytes())
    except FileNotFoundError:
        return frozenset()
    return frozenset(_named(tree))


def _named(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name.startswith("test_"):
            yield prefix + child.name
        elif isinstance(child, ast.ClassDef) and child.name.startswith("Test"):
            yield from _named(child, f"{prefix}{child.name}::")


def faults(text: str, expected: list[str], root: Path) -> list[str]:
    """What is wrong with a document that is to hold the rows `expected`."""
    rows = [match.groups() for match in map(ROW.fullmatch, text.splitlines()) if match]
    count = Counter(name for name, _ in rows)
    found = [f"{name}: missing" for name in expected if not count[name]]
    found += [f"{name}: {times} times" for name, times in count.items() if times > 1]
    for name, rest in rows:
        sentence, _, tests = rest.rpartition("|")
        if not sentence.strip():
            found.append(f"{name}: says nothing")
        ids = re.findall(r"`([^`]*)`", tests)
        if not ids:
            found.append(f"{name}: no test")
        found += [f"{name}: no such test: {test}" for test in ids if not _exists(test, root)]
        found += [f"{name}: named twice: {test}" for test, times in Counter(ids).items() if times > 1]
        if re.sub(r"`[^`]*`|[\s,]", "", tests):
            found.append(f"{name}: words among the tests")
    return found


def _exists(test: str, root: Path) -> bool:
    path, _, name = test.partition("::")
    return path.startswith("tests/") and path.endswith(".py") and name in names_in(root / path)


def test_every_row_is_there_once_with_tests_that_exist() -> None:
    assert faults(TEXT, EXPECTED, ROOT) == []


# The checker


GOOD = """# A document

| row | what holds | tests |
|---|---|---|
| T1 | It holds, `so` | `tests/test_a.py::test_one`, `tests/test_a.py::TestB::test_two` |
| T2 | It holds. | `tests/sub/test_c.py::test_three` |
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with three tests."""
    (tmp_path / "tests" / "sub").mkdir(parents=True)
    (tmp_path / "tests" / "test_a.py").write_text(
        "def test_one(): pass\ndef helper():\n    def test_inner(): pass\n"
        "class TestB:\n    def test_two(self): pass\n"
        "class Other:\n    def test_hidden(self): pass\n# def test_comment(): pass\n"
    )
    (tmp_path / "tests" / "sub" / "test_c.py").write_text("async def test_three(): pass\n")
    return tmp_path


def test_a_good_document_has_no_faults(root: Path) -> None:
    assert faults(GOOD, ["T1", "T2"], root) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("| T2 |", "| U2 |", "T2: missing"),
        ("| T2 |", "| T 2 |", "T2: missing"),
        ("| T2 |", "T2 |", "T2: missing"),
        ("| T2 |", "| T1 |", "T1: 2 times"),
        ("`tests/sub/test_c.py::test_three`", "", "T2: no test"),
        ("`tests/sub/test_c.py::test_three`", "tests/sub/test_c.py::test_three", "T2: no test"),
        ("test_three", "test_four", "T2: no such test: tests/sub/test_c.py::test_four"),
        ("test_three", "test_three[x]", "T2: no such test: tests/sub/test_c.py::test_three[x]"),
        ("::test_three", "", "T2: no such test: tests/sub/test_c.py"),
        ("test_c.py", "test_d.py", "T2: no such test: tests/sub/test_d.py::test_three"),
        ("`tests/sub/", "`sub/", "T2: no such test: sub/test_c.py::test_three"),
        ("TestB::test_two", "test_two", "T1: no such test: tests/test_a.py::test_two"),
        ("TestB::test_two", "Other::test_hidden", "T1: no such test: tests/test_a.py::Other::test_hidden"),
        ("TestB::test_two", "test_inner", "T1: no such test: tests/test_a.py::test_inner"),
        ("TestB::test_two", "test_comment", "T1: no such test: tests/test_a.py::test_comment"),
        ("TestB::test_two", "helper", "T1: no such test: tests/test_a.py::helper"),
        ("TestB::test_two", "test_one", "T1: named twice: tests/test_a.py::test_one"),
        ("`, `", "` and `", "T1: words among the tests"),
        ("It holds. ", "", "T2: says nothing"),
    ],
)
def test_a_wrong_document_has_its_fault(root: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    assert fault in faults(GOOD.replace(old, new), ["T1", "T2"], root)


def test_an_empty_document_lacks_every_row(root: Path) -> None:
    assert faults("", EXPECTED, root) == [f"{name}: missing" for name in EXPECTED]
    assert len(EXPECTED) == 51
