"""One run of a tool, what came of it, and both as the fields of a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zcnb.model.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolJob:
    """Run `argv` as `scene` says, with exactly its environment; no shell."""

    argv: tuple[str, ...]
    scene: Scene
    program: str = ""
    """What is run, where that is not `argv[0]`."""
    stdin: bytes = b""
    """All that the tool can read; empty is the end at once."""
    more_env: Mapping[str, str] = field(default_factory=dict)
    """Variables of ours on top of the scene's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """`exit_code` is -N when signal N ended the tool. Texts are decoded with `surrogateescape`."""

    exit_code: int
    stdout: str
    stderr: str
    ms: float
    truncated: bool = False
    """Whether it printed more than is kept."""


def job_fields(job: ToolJob) -> dict[str, object]:
    """`job` as plain data."""
    scene = job.scene
    return {
        "argv": job.argv, "program": job.program, "stdin": job.stdin, "more_env": dict(job.more_env),
        "cwd": scene.cwd, "env": dict(scene.env), "umask": scene.umask, "nice": scene.nice,
        "stdout_tty": scene.stdout_tty, "stderr_tty": scene.stderr_tty, "columns": scene.columns,
    }  # fmt: skip


def job_from(fields: Mapping[str, Any]) -> ToolJob:
    """The job that `job_fields` made `fields` of. Raises `KeyError`."""
    scene = Scene(
        cwd=fields["cwd"], env=fields["env"], umask=fields["umask"], nice=fields["nice"],
        stdout_tty=fields["stdout_tty"], stderr_tty=fields["stderr_tty"], columns=fields["columns"],
    )  # fmt: skip
    return ToolJob(
        argv=tuple(fields["argv"]), scene=scene, program=fields["program"], stdin=fields["stdin"],
        more_env=fields["more_env"],
    )  # fmt: skip


def result_fields(result: ToolResult) -> dict[str, object]:
    """`result` as plain data; its time in microseconds, because the small codec knows no fractions."""
    return {
        "exit_code": result.exit_code, "stdout": result.stdout, "stderr": result.stderr,
        "us": int(result.ms * 1000), "truncated": result.truncated,
    }  # fmt: skip


def result_from(fields: Mapping[str, Any]) -> ToolResult:
    """The result that `result_fields` made `fields` of. Raises `KeyError`."""
    return ToolResult(
        exit_code=fields["exit_code"], stdout=fields["stdout"], stderr=fields["stderr"],
        ms=fields["us"] / 1000, truncated=fields["truncated"],
    )  # fmt: skip
