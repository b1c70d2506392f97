"""Compile without the daemon: slower, never broken. No cache, no lookup, one build at a time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from zcnb.errors import CompilerNotFound
from zcnb.model.digest import Digest
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb.model.spec import BuildSpec
from zcnb.osdep import interrupts_held, kill_group, process_alive
from zcnb.toolchain import registry
from zcnb.toolchain.base import Compiler, Step, Toolchain
from zcnb.toolchain.layout import clean, lay_out, placed

NOWHERE = Digest("")
"""Direct builds have no keys, so nothing is hashed."""


PREFIX = "zcnb-direct-"


def private_folder_for_builds() -> tempfile.TemporaryDirectory[str]:
    """A folder for one process's direct builds, named after it. Those of processes that were killed, and so
    could not remove theirs, go now."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not process_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)


def build_directly(spec: BuildSpec, folder: Path, notice: str) -> Built:
    """Build `spec` in `folder`, which must outlive the program's run.

    Raises `UsageError` and `CompilerNotFound`; `KeyboardInterrupt` kills the tool first.
    """
    toolchain, compiler = _identify(spec)
    steps = [toolchain.compile_step(spec, compiler)]
    link = toolchain.link_step(spec, compiler, NOWHERE)
    if link is not None:
        steps.append(link)
    reports: list[StepReport] = []
    diagnostics, code = "", 0
    for step in steps:
        begin = time.monotonic()
        code, text = _run(spec, step, folder, folder / steps[0].outputs[0], toolchain)
        diagnostics += text
        ms = (time.monotonic() - begin) * 1000
        reports.append(StepReport(step=step.name, cache="direct", ms=ms, argv=step.shown, reason=notice))
        if code:
            break
    made = str(folder / steps[-1].outputs[0]) if code == 0 else ""
    return Built(
        ok=code == 0,
        program=made if spec.emit == "program" else "",
        emitted=made if spec.emit != "program" else "",
        steps=tuple(reports),
        compiler=compiler.info,
        diagnostics=diagnostics,
        exit_code=code,
        notices=(notice,),
    )


def _identify(spec: BuildSpec) -> tuple[Toolchain, Compiler]:
    name, path = registry.find(spec.language, spec.compiler, cwd=spec.cwd, env=spec.env)
    version = "" if spec.language == "rust" else _ask([path, "--version"], spec)
    toolchain = registry.classify(spec.language, version)
    wanted = {k: v for k, v in toolchain.identity_probes(path, spec.language).items() if k in {"version", "sysroot"}}
    said = toolchain.identify(path, spec.language, {k: _ask(argv, spec) for k, argv in wanted.items()})
    info = CompilerInfo(name=os.path.basename(name), path=path, version=said.version)
    return toolchain, Compiler(info=info, executable=said.executable, identity=NOWHERE)


def _ask(argv: list[str], spec: BuildSpec) -> str:
    env = {**spec.env, "LC_ALL": "C"}
    try:
        done = subprocess.run(argv, cwd=spec.cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilerNotFound(f"{argv[0]} cannot be run: {error}.") from error
    return (done.stdout + done.stderr).decode("utf-8", "surrogateescape")


def _run(spec: BuildSpec, step: Step, folder: Path, obj: Path, toolchain: Toolchain) -> tuple[int, str]:
    lay_out(step, folder, spec.cwd)
    argv = step.argv
    while True:
        code, text = _tool(placed(argv, folder, (obj,)), spec)
        ours = toolchain.reading(step, dict.fromkeys(step.side_files, ""), text).retry_without
        if not any(word in argv for word in ours):
            clean(step, folder)
            return code, text.replace(f"{folder}/", "")
        argv = tuple(word for word in argv if word not in ours)


def _tool(argv: tuple[str, ...], spec: BuildSpec) -> tuple[int, str]:
    process: subprocess.Popen[bytes] | None = None
    try:
        with interrupts_held():
            process = subprocess.Popen(
                argv, cwd=spec.cwd, env=spec.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, process_group=0,
            )  # fmt: skip
        text = process.communicate()[0]
    except BaseException as error:
        if process is not None:
            with process:  # waits for it, and closes our end of its pipe
                kill_group(process.pid, signal.SIGKILL)
        elif isinstance(error, OSError):
            raise CompilerNotFound(f"{argv[0]} cannot be run: {error.strerror}.") from error
        raise
    return process.returncode, text.decode("utf-8", "surrogateescape")
