"""Which compiler a name stands for, and what is said when there is none."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from zcnb.errors import CompilerNotFound
from zcnb.model.spec import Language
from zcnb.toolchain.registry import ALL, CLANG, GCC, RUSTC, classify, find, which


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    return folder


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def look(language: Language, asked: str, path: str, cwd: str = "/") -> tuple[str, str]:
    return find(language, asked, cwd=cwd, env={"PATH": path})


@pytest.mark.parametrize(
    ("language", "present", "chosen"),
    [
        ("c++", ("g++", "clang++", "c++"), "g++"),
        ("c++", ("clang++", "clang++-19"), "clang++"),
        ("c++", ("clang++-15", "clang++-19"), "clang++-19"),
        ("c", ("gcc", "clang", "g++"), "gcc"),
        ("c", ("clang-19", "clang++"), "clang-19"),
        ("rust", ("rustc", "g++"), "rustc"),
    ],
)
def test_default(tools: Path, language: Language, present: tuple[str, ...], chosen: str) -> None:
    make(tools, *present)
    assert look(language, "", str(tools)) == (chosen, str(tools / chosen))


def test_default_order_is_as_the_settings_say(tools: Path) -> None:
    """`Config.cpp`: empty looks for g++, then c++, then clang++."""
    make(tools, "clang++", "c++")
    assert look("c++", "", str(tools))[0] == "c++"


def test_by_name_and_by_path(tools: Path) -> None:
    make(tools, "g++-13")
    path = str(tools / "g++-13")
    assert look("c++", "g++-13", str(tools)) == ("g++-13", path)
    assert look("c++", path, "") == (path, path)
    found = look("c++", "./tools/g++-13", "", cwd=str(tools.parent))
    assert found[0] == "./tools/g++-13"
    assert os.path.samefile(found[1], path)


def test_a_bare_name_finds_what_distributions_install(tools: Path) -> None:
    """Debian's package clang-19 has no `clang++`."""
    make(tools, "clang++-15", "clang++-19", "clang-18", "g++")
    assert look("c++", "clang++", str(tools)) == ("clang++-19", str(tools / "clang++-19"))
    assert look("c", "clang", str(tools))[0] == "clang-18"
    make(tools, "clang++")
    assert look("c++", "clang++", str(tools))[0] == "clang++"
    with pytest.raises(CompilerNotFound, match="'clang' was not"):
        look("c", "clang", "/nonexistent")


def test_first_on_path_wins(tools: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make(tools, "g++")
    make(other, "g++")
    assert look("c++", "", f"{other}:{tools}")[1] == str(other / "g++")


def test_relative_folders_on_path_count_from_the_cells_folder(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tools, "g++")
    monkeypatch.chdir("/")
    assert os.path.samefile(look("c++", "", "tools", cwd=str(tools.parent))[1], tools / "g++")


def test_what_cannot_be_executed_is_not_found(tools: Path) -> None:
    (tools / "g++").write_text("no program")
    (tools / "clang++").mkdir()
    assert which("g++", str(tools), "/") is None
    assert which("./tools/g++", "", str(tools.parent)) is None
    assert which("./tools/clang++", "", str(tools.parent)) is None
    with pytest.raises(CompilerNotFound):
        look("c++", "", str(tools))


@pytest.mark.parametrize(("language", "package"), [("c++", "g++"), ("c", "gcc"), ("rust", "rustc")])
@pytest.mark.parametrize("path", ["", "/no/such/folder"])
def test_sentence_says_what_to_install(language: Language, package: str, path: str, tmp_path: Path) -> None:
    with pytest.raises(CompilerNotFound, match=re.escape(f"apt install {package}")):
        look(language, "", path, cwd=str(tmp_path))


def test_sentence_names_the_compiler_that_was_asked_for() -> None:
    with pytest.raises(CompilerNotFound, match="'g\\+\\+-99' was not found"):
        look("c++", "g++-99", "/usr/bin")


@pytest.mark.parametrize(
    ("compiler", "language"),
    [("g++", "c++"), ("gcc", "c"), ("clang++-19", "c++"), ("clang-19", "c"), ("cc", "c"), ("rustc", "rust")],
)
def test_classify_installed(compiler: str, language: Language) -> None:
    path = need(compiler)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    expected = RUSTC if language == "rust" else CLANG if "clang" in said else GCC
    assert classify(language, said) is expected
    assert language in expected.languages


def test_classify_apple() -> None:
    assert classify("c++", "Apple clang version 15.0.0 (clang-1500.3.9.4)\nTarget: arm64-apple-darwin") is CLANG


def test_every_language_has_an_adapter() -> None:
    assert {language for adapter in ALL for language in adapter.languages} == {"c", "c++", "rust"}
