"""Frames as bytes, written down once: golden frames are never edited, only added to.

A message that grows a field is written differently from then on: its rows move to `DECODED_ONLY`, which
today's decoder must still read, and a new file is added for the new bytes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from zcnb.model.call import Placed, ToolCall, ToolOutcome
from zcnb.model.health import Progress, SessionStats, Stats, Status
from zcnb.model.job import JobSpec, JobState, Variant
from zcnb.model.outcome import Built, CompilerInfo, StepReport
from zcnb.model.spec import BuildSpec
from zcnb.wire.connection import Connection, Received, Tag
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import (
    Backpressure,
    Build,
    BuildDone,
    CancelJob,
    Compile,
    CompileEphemeral,
    Error,
    Explain,
    Explained,
    GetJob,
    GetStats,
    Health,
    Hello,
    HostRegistered,
    Identify,
    Identity,
    JobEnded,
    JobFailed,
    LinkEphemeral,
    Message,
    PassThrough,
    Ping,
    Pong,
    RegisterHost,
    ReportRun,
    RunVariant,
    SessionStart,
    Shutdown,
    SubmitJob,
    ToolDone,
    VariantBuilt,
    Verified,
    Verify,
    Welcome,
)

GOLDEN = Path(__file__).parent.parent / "golden"
TRACED = Tag(Lane.ENVELOPE, 3, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "zc=1", 1_750_000_000_123)
SPEC = BuildSpec(
    language="c++", source="int main() { /* Grüße */ }\n".encode(), line_offset=1, unit="cell",
    flags=("-std=c++20", "-O2", "-I/tmp/\udcff"), edition="2021", compiler="g++", cwd="/home/eva/notes",
    env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, slot="notes.ipynb:4", use_cache=True,
)  # fmt: skip
BUILT = Built(
    ok=True, program="/home/eva/.cache/zcnb/v1/ab/cd", lookup_ms=0.5, diagnostics="\x1b[1mcell.cpp:2\x1b[m: warning\n",
    steps=(
        StepReport(step="compile", cache="miss", ms=412.25, argv=("g++", "-c", "cell.cpp"), reason="the cell changed"),
        StepReport(step="link", cache="hit", saved_ms=80.0),
    ),
    compiler=CompilerInfo(name="g++", path="/usr/bin/g++", version="13.2.0"), exit_code=0,
    inputs=("/home/eva/notes/sum.h",), notices=("first use",),
)  # fmt: skip
UNSTORED = replace(BUILT, steps=(BUILT.steps[0], replace(BUILT.steps[1], unstored="uses the time of day")))
EXPLAINED = replace(
    UNSTORED,
    steps=(replace(BUILT.steps[0], reason="flag -O2 -> -O3", details=("flags before: -O2", "flags now: -O3")),),
)
STATUS = Status(
    state="ready", pid=4711, version="0.1.0", uptime_s=61.5, hits=7, misses=3, uncached=1, cache_bytes=70_000,
    cache_limit=5 * 1024**3, programs=4, in_flight=2, connections=1, endpoint="/tmp/zcnb-1000/ab.sock",
    cache_dir="/home/eva/.cache/zcnb", errors=("12:00:01 disk full",), uncached_reasons={"__TIME__": 1},
)  # fmt: skip
CALL = ToolCall(
    tool="/usr/bin/g++", argv=("g++", "-c", "a.cpp", "-o", "sub/a.o"), cwd="/home/eva/notes",
    env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, umask=0o027, nice=5, stdout_tty=False, stderr_tty=True,
    columns=120, stdin=b"int x;\n", client_version="0.1.0",
)  # fmt: skip
OUTCOME = ToolOutcome(
    exit_code=0, stdout=b"", stderr=b"a.cpp:1: warning: \xff\n", cache="hit", reason="", warning="not deterministic",
    outputs=(
        Placed(path="/home/eva/.cache/zcnb/ab/cd", destination="sub/a.o", executable=False, digest="ab" * 32, size=9),
    ),
    removed=("old.o",),
)  # fmt: skip
JOB = JobSpec(
    id="0123456789abcdef", base=SPEC, variants=(Variant(("-O0",), "g++"), Variant(("-O2", "-march=native"), "clang++")),
    repeat=5,
)  # fmt: skip
STATE = JobState(id=JOB.id, phase="running", variants=2, built=2, runs=10, ran=3)
PUSHED = Tag(Lane.TAGGED, 0)

FRAMES: dict[str, tuple[Tag, Message]] = {
    "ping-plain": (Tag(Lane.PLAIN), Ping()),
    "ping-tagged": (Tag(Lane.TAGGED, 1), Ping()),
    "ping-envelope": (Tag(Lane.ENVELOPE, 1), Ping()),
    "pong-envelope": (TRACED, Pong(4711)),
    "hello-tagged": (Tag(Lane.TAGGED, 1), Hello("0.1.0", 4712, "zcnb/1")),
    "welcome-tagged": (Tag(Lane.TAGGED, 1), Welcome("0.1.0", 4711, "zcnb/1")),
    "build-plain": (Tag(Lane.PLAIN), Build(SPEC)),
    "build-tagged": (Tag(Lane.TAGGED, 2), Build(SPEC)),
    "build-envelope": (TRACED, Build(SPEC)),
    "build-done-plain": (Tag(Lane.PLAIN), BuildDone(BUILT)),
    "build-done-tagged": (Tag(Lane.TAGGED, 2), BuildDone(BUILT)),
    "progress-tagged": (Tag(Lane.TAGGED, 3), Progress("compile", 250.5, 412.25)),
    "status-tagged": (Tag(Lane.TAGGED, 2**63 - 1), STATUS),
    "error-plain": (Tag(Lane.PLAIN), Error("protocol", "not a zcnb frame", "")),
    "error-envelope": (TRACED, Error("usage", "-o belongs to zcnb", "Leave it out.")),
    "backpressure-tagged": (Tag(Lane.TAGGED, 65), Backpressure(50)),
    "hello-session-tagged": (Tag(Lane.TAGGED, 1), Hello("0.1.0", 4712, "zcnb/1", "c0ffee0123456789")),
    "status-passed-tagged": (
        Tag(Lane.TAGGED, 2),
        replace(STATUS, passed=3, passed_reasons={"-E: preprocessing only": 3}),
    ),
    "status-runners-tagged": (
        Tag(Lane.TAGGED, 2),
        replace(STATUS, passed=3, runners="1 interactive (1 of 2 slots busy), 2 batch (0 of 2 slots busy)"),
    ),
    "status-freshness-tagged": (
        Tag(Lane.TAGGED, 2),
        replace(STATUS, passed=3, freshness="inotify: 12 folders; stat: 3 (overlay file system)"),
    ),
    "compile-plain": (Tag(Lane.PLAIN), Compile("c0ffee0123456789", CALL)),
    "compile-ephemeral-plain": (Tag(Lane.PLAIN), CompileEphemeral(4712, "/home/eva/notes", CALL)),
    "link-ephemeral-plain": (Tag(Lane.PLAIN), LinkEphemeral(4712, CALL)),
    "tool-done-plain": (Tag(Lane.PLAIN), ToolDone(OUTCOME)),
    "pass-through-plain": (Tag(Lane.PLAIN), PassThrough("-E: preprocessing only", "not deterministic")),
    "session-start-tagged": (Tag(Lane.TAGGED, 2), SessionStart("c0ffee0123456789", 4712, "/home/eva/notes")),
    "session-stats-tagged": (Tag(Lane.TAGGED, 3), SessionStats("c0ffee0123456789", 5, 2, 1, 812.5)),
    "get-stats-plain": (Tag(Lane.PLAIN), GetStats(zero=True)),
    "stats-plain": (
        Tag(Lane.PLAIN),
        Stats(7, 3, 1, 2, 5120.5, 1_750_000_000.25, {"uses the time of day": 1}, {"-E: preprocessing only": 2}),
    ),
    "identify-envelope": (TRACED, Identify(bytes(range(32)))),
    "identity-envelope": (TRACED, Identity(bytes(range(32)), 4711, "0.1.0", "zcnb/1", 123456)),
    "shutdown-plain": (Tag(Lane.PLAIN), Shutdown("replaced by version 0.2.0")),
    "build-done-unstored-plain": (Tag(Lane.PLAIN), BuildDone(UNSTORED)),
    "build-done-unstored-tagged": (Tag(Lane.TAGGED, 2), BuildDone(UNSTORED)),
    "build-emit-plain": (Tag(Lane.PLAIN), Build(replace(SPEC, emit="asm", remarks=True))),
    "build-emit-tagged": (Tag(Lane.TAGGED, 2), Build(replace(SPEC, emit="asm", remarks=True))),
    "build-emit-envelope": (TRACED, Build(replace(SPEC, emit="asm", remarks=True))),
    "build-done-emitted-plain": (Tag(Lane.PLAIN), BuildDone(replace(UNSTORED, program="", emitted="/c/ab/cd"))),
    "build-done-emitted-tagged": (Tag(Lane.TAGGED, 2), BuildDone(replace(UNSTORED, program="", emitted="/c/ab/cd"))),
    "build-done-why-plain": (Tag(Lane.PLAIN), BuildDone(EXPLAINED)),
    "build-done-why-tagged": (Tag(Lane.TAGGED, 2), BuildDone(EXPLAINED)),
    "explain-plain": (Tag(Lane.PLAIN), Explain("/home/eva/notes", "/home/eva/notes/sub/a.o", "notes.ipynb:4")),
    "explained-plain": (
        Tag(Lane.PLAIN),
        Explained("sub/a.o", "/home/eva/notes", "miss", 1_750_000_000.25, EXPLAINED.steps),
    ),
    "register-host-tagged": (Tag(Lane.TAGGED, 2), RegisterHost("kernel-4712", 2000)),
    "host-registered-tagged": (Tag(Lane.TAGGED, 2), HostRegistered(17)),
    "submit-job-tagged": (Tag(Lane.TAGGED, 3), SubmitJob("kernel-4712", JOB)),
    "get-job-plain": (Tag(Lane.PLAIN), GetJob(JOB.id)),
    "cancel-job-tagged": (Tag(Lane.TAGGED, 4), CancelJob(JOB.id)),
    "job-state-plain": (Tag(Lane.PLAIN), STATE),
    "report-run-tagged": (Tag(Lane.TAGGED, 5), ReportRun(JOB.id, 4, True, 12.5)),
    "variant-built-pushed": (PUSHED, VariantBuilt(JOB.id, 1, replace(BUILT, inputs=()))),
    "variant-built-why-pushed": (PUSHED, VariantBuilt(JOB.id, 1, replace(EXPLAINED, inputs=()))),
    "run-variant-pushed": (PUSHED, RunVariant(JOB.id, 4, 1, "/home/eva/.cache/zcnb/v1/ab/cd")),
    "job-ended-pushed": (PUSHED, JobEnded(replace(STATE, phase="done", ran=10))),
    "job-failed-pushed": (PUSHED, JobFailed(JOB.id, "host unreachable", 3)),
    "health-pushed": (PUSHED, Health(STATUS)),
    "verify-tagged": (Tag(Lane.TAGGED, 6), Verify("ab" * 32, 17)),
    "verified-tagged": (
        Tag(Lane.TAGGED, 6),
        Verified(
            "differs",
            "cd" * 32,
            18,
            "cell.o: 9 bytes were stored, 8 are made now",
            "compile",
            ("g++", "-c", "cell.cpp"),
            "/home/eva/notes",
            ("/home/eva/notes/sum.h",),
        ),
    ),
    "health-runners-pushed": (PUSHED, Health(replace(STATUS, runners="2 interactive (1 of 2 slots busy)"))),
    "health-freshness-pushed": (PUSHED, Health(replace(STATUS, freshness="stat (inotify is switched off)"))),
}
DECODED_ONLY: frozenset[str] = frozenset(
    {
        "hello-tagged", "status-tagged", "status-passed-tagged", "health-pushed", "build-done-plain",
        "build-done-tagged", "build-plain", "build-tagged", "build-envelope",
        "build-done-unstored-plain", "build-done-unstored-tagged", "status-runners-tagged", "health-runners-pushed",
        "build-done-emitted-plain", "build-done-emitted-tagged", "variant-built-pushed",
    }
)  # fmt: skip
"""Frames that older versions wrote and today's does not write any more."""

EACH = pytest.mark.parametrize("name", FRAMES)


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.bin").read_bytes()


def test_every_file_has_an_expectation_and_every_expectation_a_file() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.bin" for name in FRAMES}
    assert FRAMES.keys() >= DECODED_ONLY


@EACH
def test_todays_decoder_reads_it(name: str) -> None:
    connection = Connection()
    connection.receive(golden(name))
    assert connection.next_event() == Received(*FRAMES[name])
    assert connection.next_event() is None
    assert not connection.mid_frame


@pytest.mark.parametrize("name", [name for name in FRAMES if name not in DECODED_ONLY])
def test_todays_encoder_writes_it(name: str) -> None:
    tag, message = FRAMES[name]
    assert Connection().send(tag, message) == golden(name)


def test_all_of_them_in_one_stream() -> None:
    connection = Connection()
    connection.receive(b"".join(map(golden, FRAMES)))
    assert list(iter(connection.next_event, None)) == [Received(*pair) for pair in FRAMES.values()]


def test_the_smallest_ones_by_hand() -> None:
    """Against the layout in DESIGN.md, not against our own encoder."""
    assert golden("ping-plain") == b"\x0b\0\0\0\x01\0\0\0\x92\xa4ping\x80"
    assert golden("ping-tagged") == b"\x1b\0\0\0\x02\0\0\0\x83\xa2id\x01\xa4kind\xa4ping\xa6fields\x80"
    assert golden("ping-envelope") == b"\x01" + (len(golden("ping-envelope")) - 5).to_bytes(4, "little") + (
        b"\x89\xb0envelope_version\x01\xa4kind\xa4ping\xb0payload_protocol\xa6zcnb/1\xa7payload\xc4\x01\x80"
        b"\xaarequest_id\x01\xb0payload_encoding\xa7msgpack\xb0deadline_unix_ms\x00\xabtraceparent\xa0\xaatracestate\xa0"
    )
