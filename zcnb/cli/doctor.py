"""`zcnb doctor`: everything a cell depends on, each with a verdict and a way to mend it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zcnb import __version__
from zcnb.client import control
from zcnb.config import Config
from zcnb.errors import CompilerNotFound, ZcnbError
from zcnb.model.spec import Language
from zcnb.toolchain import registry

LITTLE_SPACE = 500 * 1024 * 1024
"""Bytes: a handful of Rust programs, or a dozen precompiled preambles."""

MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[red]bad[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `verdict` is `ok`, `note` (worth knowing) or `bad` (cells suffer)."""

    what: str
    verdict: str
    text: str


def doctor(config: Config, options: argparse.Namespace) -> int:
    """Look at everything; 1 if something is bad."""
    findings = list(examine(config))
    table = Table(title=f"zcnb {__version__}", show_header=False)
    for finding in findings:
        table.add_row(MARKS[finding.verdict], finding.what, escape(finding.text))
    Console().print(table)
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


def examine(config: Config) -> Iterator[Finding]:
    """All findings, in the order in which a cell would meet them."""
    yield _compiler("c++", "C++ compiler", "bad")
    yield _compiler("c", "C compiler", "note")
    yield _compiler("rust", "Rust compiler", "note")
    yield _cache(config)
    yield _space(config)
    yield _runs_programs(config)
    yield _daemon(config)


def _compiler(language: Language, what: str, missing: str) -> Finding:
    try:
        name, path = registry.find(language, "", cwd=os.getcwd(), env=os.environ)
    except CompilerNotFound as error:
        return Finding(what, missing, str(error))
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(what, "bad", f"{path} does not run: {error}. Install it anew.")
    return Finding(what, "ok", f"{name}: {done.stdout.splitlines()[0]} ({path})")


def _nearest(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _cache(config: Config) -> Finding:
    """Tried, not asked: for root, and on a read-only disk, permissions say nothing."""
    place = _nearest(config.cache_dir)
    if not place.is_dir():
        return Finding("cache folder", "bad", f"{place} is not a folder. Set ZCNB_CACHE_DIR to another.")
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".zcnb-doctor-"):
            return Finding("cache folder", "ok", str(config.cache_dir))
    except OSError as error:
        text = (
            f"{config.cache_dir} cannot be written to ({error.strerror}). Set ZCNB_CACHE_DIR to a folder of your own."
        )
        return Finding("cache folder", "bad", text)


def _space(config: Config) -> Finding:
    place = _nearest(config.cache_dir)
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free at {place}"
    if free < LITTLE_SPACE:
        return Finding("free space", "bad", f"{text}. Run `zcnb clear`, or set ZCNB_CACHE_DIR to another disk.")
    return Finding("free space", "ok", text)


def _runs_programs(config: Config) -> Finding:
    """Programs run from the cache folder: a mount with `noexec` forbids that."""
    place = _nearest(config.cache_dir)
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".zcnb-doctor-") as folder:
            script = Path(folder) / "try"
            script.write_text("#!/bin/sh\nexit 0\n")
            script.chmod(0o700)
            return _trial(script, place)
    except OSError as error:
        return Finding("running programs", "note", f"not tried: {place} cannot be written to ({error.strerror})")


def _trial(script: Path, place: Path) -> Finding:
    try:
        subprocess.run([script], check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        text = f"{place} is on a file system that forbids it (noexec). Set ZCNB_CACHE_DIR to another."
        return Finding("running programs", "bad", text)
    return Finding("running programs", "ok", f"allowed in {place}")


def _daemon(config: Config) -> Finding:
    try:
        status = control.running_status(config) if control.who_listens(config) else None
    except ZcnbError as error:
        return Finding("daemon", "bad", f"{config.endpoint} does not answer: {error}. Try `zcnb stop`.")
    if status is None:
        return Finding("daemon", "ok", f"not running; the next cell starts it at {config.endpoint}")
    if status.version != __version__:
        text = f"version {status.version} runs, this is {__version__}. `zcnb stop` makes room for it."
        return Finding("daemon", "note", text)
    verdict = "ok" if status.state == "ready" else "bad"
    latest = f"; latest error: {status.errors[-1]}" if status.errors else ""
    return Finding("daemon", verdict, f"{status.state}, pid {status.pid}, at {status.endpoint}{latest}")
