# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``backup_recency``: the age of the last backup in one of the accepted states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, jobs, kinds
from ..model.check import BACKUPS, Check, Threshold
from ..model.outcome import Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the age, now minus finish."""
    states, warn, fail = thresholds["states"], thresholds["warn"], thresholds["fail"]
    expected = f"a {_or(states)} backup within {durations.text(fail)} (warning after {durations.text(warn)})"
    last = backups.jobs.last(states)
    if last and now - last.ended <= warn:
        return _of_age("pass", last, now, expected)
    # A job without times may be later
    backups.jobs.refuse_timeless(states)
    if last is None:
        return _none_since(backups, states, expected)
    return _of_age("fail" if now - last.ended > fail else "warn", last, now, expected)


def _of_age(status: str, last: jobs.Job, now: int, expected: str) -> Outcome:
    # A finish up to five minutes in the future is a clock difference
    age = durations.words(max(0, now - last.ended))
    word = "finish" if last.finish is not None else "start, for it has no finish"
    message = f"The last {_or([last.state])} backup is {age} old by its {word}."
    return Outcome(status, f"{age} ago, {_time.unix_to_iso(last.ended)}", expected, message, jobs.ids([last]))


def _none_since(backups: jobs.Backups, states: Iterable[str], expected: str) -> Outcome:
    group = backups.jobs
    observed = "none at all" if group.since is None else f"none since {_time.unix_to_iso(group.since)}"
    ran = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in group.by_state.items() if count)
    message = f"No {_or(states)} backup: {observed}. Jobs that ran: {ran or 'none'}."
    return Outcome("fail", observed, expected, message, jobs.ids(group.kept))


def _or(states: Iterable[str]) -> str:
    return " or ".join(state.replace("_", " ") for state in states)


CHECK = Check(
    "backup_recency",
    "Age of the last backup",
    BACKUPS,
    judge,
    (
        Threshold("states", kinds.STATES, ["finished", "finished_with_exception"]),
        Threshold("warn", durations.DURATION, "26h", within_window=True),
        Threshold("fail", durations.DURATION, "48h", within_window=True),
    ),
    "Check the service's last jobs in the job monitor, fix what stops them, and start a backup manually.",
)
