# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Checks of jobs that are no backups: restores that prove something, deletions that take it away.

Each takes the jobs that were read, the thresholds and the instant that is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import durations, instants, jobs, wording
from ..model.outcome import Outcome


def judge_restore_exercise(restores: jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """The age of the last restore that finished, of any service; what it brought back, no job tells."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"a restore that finished within {durations.text(fail)} (warning after {durations.text(warn)})"
    last = restores.last(jobs.CLEAN)
    if last is None:
        since = f"none since {instants.iso(now - fail)}"
        return Outcome("fail", since, expected, f"No restore finished: {since}.", jobs.ids(restores.kept))
    age = now - last.ended
    status = "fail" if age > fail else "warn" if age > warn else "pass"
    observed = f"{durations.words(max(0, age))} ago, {instants.iso(last.ended)}"
    message = f"A restore finished {observed}. Whether its data was verified, no job tells."
    return Outcome(status, observed, expected, message, jobs.ids([last]))


def judge_deletions(deletions: jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Delete jobs that started in the window, whatever became of them."""
    count, warn, fail = deletions.total, thresholds["warn"], thresholds["fail"]
    status = "fail" if fail is not None and count >= fail else "warn" if count >= warn else "pass"
    expected = f"fewer than {warn} delete jobs" + ("" if fail is None else f" (failure from {fail})")
    observed = wording.amount(count, "delete job")
    return Outcome(status, observed, expected, f"{observed} started in the window.", jobs.ids(deletions.kept))
