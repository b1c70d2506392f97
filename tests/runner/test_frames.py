"""Frames between daemon and runner: whole, in pieces, too large, empty, and not ours."""

from __future__ import annotations

import pytest

from zcnb.errors import ProtocolError
from zcnb.model.scene import Scene
from zcnb.runner.frames import Inbox, Said, frame_of
from zcnb.runner.job import ToolJob, ToolResult, job_fields, job_from, result_fields, result_from
from zcnb.wire import small
from zcnb.wire.framing import encode
from zcnb.wire.lanes import Lane
from zcnb.wire.versions import MAX_LENGTH

JOB = ToolJob(
    argv=("g++", "-DX=\udcff"), program="/usr/bin/g++", stdin=b"\0\xff", more_env={"TMPDIR": "/w"},
    scene=Scene(
        cwd="/p", env={"PATH": "/bin", "L": "ü"}, umask=0o27, nice=5, stdout_tty=True, stderr_tty=False, columns=80
    ),
)  # fmt: skip
RESULT = ToolResult(exit_code=-9, stdout="a\udcff", stderr="ü\n", ms=12.345, truncated=True)
RUN = frame_of("run", 7, 3, job_fields(JOB))
DONE = frame_of("done", 7, 3, result_fields(RESULT))


def test_a_job_and_its_result_arrive_as_they_were_sent() -> None:
    (run,) = Inbox().take(RUN)
    (done,) = Inbox().take(DONE)
    assert (run.kind, run.id, run.job, job_from(run.fields)) == ("run", 7, 3, JOB)
    assert (done.kind, done.id, done.job, result_from(done.fields)) == ("done", 7, 3, RESULT)


def test_a_scene_without_wishes_arrives_so() -> None:
    job = ToolJob(argv=("a",), scene=Scene(cwd="/", env={}))
    (run,) = Inbox().take(frame_of("run", 1, 1, job_fields(job)))
    assert job_from(run.fields) == job


def test_frames_byte_by_byte_and_many_at_once() -> None:
    inbox, expected = Inbox(), [*Inbox().take(RUN), Said("ping"), *Inbox().take(DONE)]
    stream = RUN + frame_of("ping") + DONE
    assert [said for byte in stream for said in inbox.take(bytes([byte]))] == expected
    assert list(Inbox().take(stream + RUN[:9])) == expected


@pytest.mark.parametrize("size", [MAX_LENGTH - 100, MAX_LENGTH])
def test_a_frame_holds_16_mib_and_no_more(size: int) -> None:
    fields = {"stdin": bytes(size)}
    if size < MAX_LENGTH - 60:
        (said,) = Inbox().take(frame_of("run", 1, 1, fields))
        assert len(said.fields["stdin"]) == size
    else:
        with pytest.raises(ProtocolError, match="over the limit"):
            frame_of("run", 1, 1, fields)


@pytest.mark.parametrize(
    "data",
    [
        (MAX_LENGTH + 1).to_bytes(4, "little") + b"\2\0\0\0",
        b"\4\0\0\0\2\0\0\0",
        b"\0\0\0\0\2\0\0\0",
        encode(Lane.PLAIN, small.pack(["ping", {}])),
        encode(Lane.TAGGED, small.pack(["ping", {}])),
        encode(Lane.TAGGED, small.pack({"kind": "ping"})),
        encode(Lane.TAGGED, small.pack({"kind": 1, "fields": {}})),
        encode(Lane.TAGGED, small.pack({"kind": "ping", "id": "1", "fields": {}})),
        encode(Lane.TAGGED, small.pack({"kind": "ping", "id": True, "fields": {}})),
        encode(Lane.TAGGED, b"\xc1"),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["over 16 MiB", "empty", "less than empty", "plain", "a list", "no fields", "a number for a kind",
         "a text for an id", "a truth for an id", "no msgpack", "http"],
)  # fmt: skip
def test_what_is_no_frame_of_ours_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(Inbox().take(data))
