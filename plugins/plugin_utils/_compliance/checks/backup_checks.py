# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of one service's backups.

Each takes the backups that were read, the thresholds and the instant that is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import durations, instants, wording
from ..model import jobs as _jobs
from ..model.outcome import CannotTell, Outcome
from ..reading.sources import Backups


def judge_recency(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """The age of the last backup in one of the accepted states."""
    states, warn, fail = thresholds["states"], thresholds["warn"], thresholds["fail"]
    expected = f"a {_or(states)} backup within {durations.text(fail)} (warning after {durations.text(warn)})"
    last = backups.jobs.last(states)
    if last and now - last.ended <= warn:
        return _of_age("pass", last, now, expected)
    if states != _jobs.CLEAN and not backups.jobs.keeps_all(states):
        # The digest knows the last finished job whatever was kept, of other states only the rows
        raise CannotTell(f"To find the last {_or(states)} backup, more rows are needed than were kept.")
    if last is None:
        return _none_since(backups, states, expected)
    return _of_age("fail" if now - last.ended > fail else "warn", last, now, expected)


def judge_presence(backups: Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Any backup job at all, whatever became of it: a service that left the schedule has no failures to show."""
    jobs, start = backups.jobs, backups.window_start
    expected = f"a backup job started since {instants.iso(start)}"
    started = [job for job in jobs.kept if job.start is not None and job.start >= start]
    count = jobs.total if jobs.since == start else len(started)
    if count:
        seen = wording.amount(count, "job") + ("" if jobs.since == start else " or more")
        return Outcome("pass", f"{seen} seen", expected, f"{seen} started in the window.", _jobs.ids(started[:1]))
    # One job that was seen is enough; that there is none has to be proven
    backups.window()
    message = "No backup job was seen in the window. Nothing failed, because nothing ran."
    return Outcome("fail", "no job seen", expected, message, _jobs.ids(jobs.kept[:1]))


def _of_age(status: str, last: _jobs.Job, now: int, expected: str) -> Outcome:
    # A finish up to five minutes ahead is a clock, not an age
    age = durations.words(max(0, now - last.ended))
    word = "finish" if last.finish is not None else "start, for it has no finish"
    message = f"The last {_or([last.state])} backup is {age} old by its {word}."
    return Outcome(status, f"{age} ago, {instants.iso(last.ended)}", expected, message, _jobs.ids([last]))


def _none_since(backups: Backups, states: Iterable[str], expected: str) -> Outcome:
    jobs = backups.jobs
    observed = "none at all" if jobs.since is None else f"none since {instants.iso(jobs.since)}"
    ran = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in jobs.by_state.items() if count)
    message = f"No {_or(states)} backup: {observed}. Jobs that ran: {ran or 'none'}."
    return Outcome("fail", observed, expected, message, _jobs.ids(jobs.kept))


def _or(states: Iterable[str]) -> str:
    return " or ".join(state.replace("_", " ") for state in states)
