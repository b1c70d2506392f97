"""Acts on what `recovery` decides: ask a silent daemon, replace a stuck one, take over from an older one.

Rules. Whoever answers is never killed. A process is ended only if a start
report names it by pid *and* start; whoever else listens at the endpoint merely
loses the name. All of it happens under the launch lock, where the daemon is
asked once more: of fifty clients that find it stuck, the first replaces it, and
the others find the new one.
"""

from __future__ import annotations

import os
import time

from zcnb import __version__, journal, vitals
from zcnb.client import launch
from zcnb.client.line import Line
from zcnb.client.recovery import Probe, Upgrade, WedgeAction, choose_upgrade, wedge_action
from zcnb.config import Config
from zcnb.errors import DaemonError, EndpointError, Timeout, TransportError
from zcnb.journal import StartReport
from zcnb.osdep import end_process, file_identity
from zcnb.wire.lanes import Lane
from zcnb.wire.messages import Hello, Message, Ping, Shutdown, Welcome
from zcnb.wire.versions import PROTOCOL

LOCK_S = 5.0
"""Somebody else who replaces the daemon needs less than this."""

TERM_GRACE_S = 0.5
"""Between TERM and KILL: a daemon that heeds TERM would have answered."""

AGAIN_S = 0.3
"""For a daemon that has just been silent for the whole budget, and is still the same one."""

WELCOME_S = 2.0
"""For a daemon that is asked who it is while another one is to take its place."""

WATCHED_SHARE = 0.5
"""Of the probe's budget where the client had been listening for signs of life: their lack was half the answer."""

Identity = tuple[int, int] | None


def probe(config: Config, budget: float) -> Probe:
    """Send a ping on a fresh connection; connecting counts against `budget` (seconds), 0 asks nothing."""
    if budget <= 0:
        return Probe.NOT_ASKED
    deadline = time.monotonic() + budget
    try:
        _answer(config, Ping(), deadline)
    except Timeout:
        return Probe.TIMEOUT
    except DaemonError:
        return Probe.PONG  # an answer is an answer
    except TransportError:
        return Probe.ERROR
    return Probe.PONG


def rescue(config: Config, *, watched: bool) -> WedgeAction:
    """Do what is due with a silent daemon (row W6), and say what was done. `watched`: signs of life were asked for
    and did not come. Raises `TransportError` if no fresh one could be put in its place."""
    suspect = file_identity(config.endpoint)
    found = _examined(config, config.wedge_probe_budget * (WATCHED_SHARE if watched else 1.0))
    action = wedge_action(found)
    journal.note(config.endpoint, "wedge", version=__version__, probe=found.name, action=action.name)
    if action is WedgeAction.REPLACE and not replace_daemon(config, suspect):
        return WedgeAction.KEEP
    return action


def _examined(config: Config, budget: float) -> Probe:
    """`probe`, and a look at the process that the start report names if it did not answer."""
    report = journal.read_report(config.endpoint)
    pid = report.pid if report is not None and report.alive else 0
    before = vitals.activity(pid)
    found = probe(config, budget)
    if found is Probe.TIMEOUT and (vitals.at_work(pid) or 0 < before < vitals.activity(pid)):
        return Probe.BUSY
    return found


def replace_daemon(config: Config, suspect: Identity = None) -> bool:
    """End the daemon that does not answer and start a fresh one; `False` if there is one that answers.

    `suspect` is the endpoint's identity when it last failed to answer. Raises `TransportError`.
    """
    with launch.locked(config, LOCK_S) as lock:
        same = suspect is not None and file_identity(config.endpoint) == suspect
        if wedge_action(_examined(config, AGAIN_S if same else config.wedge_probe_budget)) is WedgeAction.KEEP:
            return False
        report = _end(config)
        if report is None or report.how != "systemd":  # systemd still listens, and starts the next one
            launch.take_over(config, lock)
    return True


def end_stuck(config: Config) -> None:
    """End the daemon that does not answer and remove its endpoint. Raises `TransportError` if it answers, or
    if nobody knows who it is."""
    with launch.locked(config, LOCK_S):
        if probe(config, max(AGAIN_S, config.wedge_probe_budget)) is Probe.PONG:
            raise EndpointError(f"the daemon at {config.endpoint} is busy; try again")
        report = _end(config)
        if report is None:
            raise EndpointError(f"whoever listens at {config.endpoint} is no daemon of ours, and does not answer")
        if report.how != "systemd":
            config.endpoint.unlink(missing_ok=True)


def _end(config: Config) -> StartReport | None:
    """End the process that the start report names, if that very process still runs; its report then."""
    report = journal.read_report(config.endpoint)
    ended = report is not None and report.alive and end_process(report.pid, report.started, TERM_GRACE_S)
    journal.note_death(config.endpoint)
    return report if ended else None


def upgrade(config: Config) -> bool:
    """Start a daemon of our version in place of an older one, which finishes what is under way.

    `False` if there is none to replace (any more), or if systemd decides which version runs. Raises
    `TransportError`, `DaemonError`.
    """
    with launch.locked(config, LOCK_S) as lock:
        line = Line(launch.connect(config))
        try:
            welcome = line.request(Hello(__version__, os.getpid(), PROTOCOL), WELCOME_S)
            if not isinstance(welcome, Welcome):
                return False
            if choose_upgrade(__version__, welcome.daemon_version) is Upgrade.KEEP:
                return False
            report = journal.read_report(config.endpoint)
            if report is not None and report.how == "systemd":
                return False
            journal.note(
                config.endpoint,
                "handover",
                old_pid=welcome.pid,
                old_version=welcome.daemon_version,
                version=__version__,
            )
            launch.take_over(config, lock)
            line.request(Shutdown(f"replaced by version {__version__}"), WELCOME_S)
        finally:
            line.close()
    return True


def _answer(config: Config, message: Message, deadline: float) -> Message:
    line = Line(launch.connect(config, _left(deadline)), Lane.TAGGED)
    try:
        return line.request(message, _left(deadline))
    finally:
        line.close()


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())
