"""`JobRun`: a kernel's part in a job. The caller pulls what the daemon says, runs what it is asked to, and reports.

Rules. All decisions are made in the caller's thread, inside of `next`; the line's thread only fills a queue, so an
interrupt at any point leaves nothing half done. After a lost connection the job is submitted again: a daemon that
knows it tells everything once more, and what was handed out already is not handed out again; another one builds
anew, from the cache, and its runs begin from the first. A command whose run was reported already is answered with the
same report.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections import deque

from zcnb.client import launch
from zcnb.client.host import HostLine
from zcnb.client.line import Line
from zcnb.client.session import Session
from zcnb.config import Config
from zcnb.errors import ConnectionClosed, DaemonError, ProtocolError, Timeout, TransportError, TransportIOError
from zcnb.model.job import JobSpec, JobState
from zcnb.wire.messages import (
    CancelJob,
    GetJob,
    JobEnded,
    JobFailed,
    Message,
    Push,
    ReportRun,
    RunVariant,
    SubmitJob,
    VariantBuilt,
)

__all__ = ["JobEnded", "JobFailed", "JobRun", "JobState", "RunVariant", "VariantBuilt"]

CONNECT_S = 15.0
"""For the first connection; a daemon may have to be started, or a stuck one shows that it is."""

LOST_S = 30.0
"""A daemon that cannot be reached for so long is given up."""

REQUEST_S = 10.0
"""For the answer to a request; it takes the daemon well under a millisecond."""

SUBMISSIONS = 2
"""How many daemons in a row the job is begun with: the first, and the one that took its place."""

Told = VariantBuilt | RunVariant | JobEnded | JobFailed


class JobRun:
    """One job, from `with` to its end. For one thread. `host` is nobody else's; its builds count in `session`."""

    def __init__(self, config: Config, host: str, job: JobSpec, session: str = "") -> None:
        self._config, self._host, self._job, self._session = config, host, job, session
        self._inbox: queue.SimpleQueue[Push | bool] = queue.SimpleQueue()
        """Pushes, and whether there is a connection now."""
        self._early: deque[Told] = deque()
        self._line: HostLine | None = None
        self._submissions = 0
        self._built: set[int] = set()
        self._given = 0
        self._reports: dict[int, ReportRun] = {}
        self.ended = False
        """Whether the daemon said that nothing more comes."""

    def __repr__(self) -> str:
        return f"<JobRun {self._job.id} {'ended' if self.ended else 'goes on'}, {len(self._built)} built>"

    def __enter__(self) -> JobRun:
        """Connect, starting a daemon if need be, and submit. Raises `TransportError`, `DaemonError`."""
        with Session(self._config) as session:
            session.ping()  # an older daemon, or one that is stuck, is replaced by now
        self._line = HostLine(
            self._config, self._host, self._inbox.put, on_change=self._inbox.put, session=self._session
        )
        try:
            deadline = time.monotonic() + CONNECT_S
            while not self._submissions:
                if (message := self._pull(deadline)) is not None:
                    self._early.append(message)
                elif time.monotonic() >= deadline:
                    raise self._line.failure or Timeout(CONNECT_S)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel the job if it has not ended, and hang up."""
        assert self._line is not None
        try:
            self.cancel()
        finally:
            self._line.close()

    def next(self, timeout: float) -> Told | None:
        """What comes next, each thing once; `None` if nothing does within `timeout` seconds.

        Raises `TransportError` when the daemon cannot be reached for `LOST_S`, or a second one lost the job, and
        `DaemonError` if it does not take the job again.
        """
        assert self._line is not None
        if self._early:
            return self._early.popleft()
        deadline = time.monotonic() + timeout
        while True:
            message = self._pull(deadline)
            if message is not None:
                return message
            if self._line.away_s > LOST_S:
                raise ConnectionClosed(f"the daemon cannot be reached any more ({self._line.failure})")
            if time.monotonic() >= deadline:
                return None

    def report(self, step: int, *, ok: bool, ms: float) -> None:
        """Say what the run `step` came to. While the daemon is away it waits until it asks again."""
        report = self._reports[step] = ReportRun(self._job.id, step, ok, ms)
        self._send_report(report)

    def cancel(self) -> None:
        """Stop the job, if it has not ended; best effort. Its builds are killed. `next` still tells its end."""
        if self.ended:
            return
        with contextlib.suppress(TransportError, DaemonError):
            line = Line(launch.connect(self._config))  # the other one may have broken under an interrupt
            try:
                line.request(CancelJob(self._job.id), REQUEST_S)
            finally:
                line.close()

    def _pull(self, deadline: float) -> Told | None:
        """What the next entry of the inbox comes to; `None` if there is none by then, or it is nothing to tell."""
        try:
            entry = self._inbox.get(timeout=max(0.0, min(deadline - time.monotonic(), LOST_S)))
        except queue.Empty:
            return None
        if entry is True:
            self._submit()
        return self._taken(entry) if not isinstance(entry, bool) else None

    def _taken(self, message: Push) -> Told | None:
        """`message`, unless it was handed out already, or is about something else."""
        match message:
            case VariantBuilt(job=self._job.id) if message.variant not in self._built:
                self._built.add(message.variant)
                return message
            case RunVariant(job=self._job.id):
                return self._asked(message)
            case JobEnded() if message.state.id == self._job.id and not self.ended:
                self.ended = True
                return message
            case JobFailed(job=self._job.id) if not self.ended:
                self.ended = True
                return message
        return None

    def _asked(self, command: RunVariant) -> RunVariant | None:
        if command.step in self._reports:
            self._send_report(self._reports[command.step])
        elif command.step > self._given:
            self._given = command.step
            return command
        return None

    def _submit(self) -> None:
        """A connection was made: have its daemon go on with the job, or begin it. Raises `TransportError` when that
        happens too often, and `DaemonError`."""
        try:
            state = self._request(GetJob(self._job.id))
            known = not isinstance(state, JobState) or state.phase != "unknown"
            if not known and self._submissions == SUBMISSIONS:
                raise ProtocolError("one daemon after the other lost the job")
            if not known:
                self._given, self._reports = 0, {}
            self._request(SubmitJob(self._host, self._job))
            if not known or not self._submissions:
                self._submissions += 1
        except Timeout:
            self._inbox.put(True)  # it is connected all the same: try again
        except (ConnectionClosed, TransportIOError):
            pass  # the line tells when there is another one
        except DaemonError as error:
            if error.code != "ending":  # it closes the connection when it has ended
                raise

    def _send_report(self, report: ReportRun) -> None:
        # Lost: the daemon asks for the run again. Late: the job has ended, which `next` tells.
        with contextlib.suppress(TransportError, DaemonError):
            self._request(report)

    def _request(self, message: Message) -> Message:
        assert self._line is not None
        return self._line.request(message, REQUEST_S)
