# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``restore_exercise``: the age of the last finished restore of any service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, jobs
from ..model.check import RESTORES, Check, Threshold, over
from ..model.outcome import Outcome


def judge(restores: jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the age. Jobs do not report whether the restored data was verified."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"a restore that finished within {durations.text(fail)} (warning after {durations.text(warn)})"
    last = restores.last(jobs.CLEAN)
    if last is None:
        since = f"none since {_time.unix_to_iso(now - fail)}"
        return Outcome("fail", since, expected, f"No restore finished: {since}.", jobs.ids(restores.kept))
    age = now - last.ended
    observed = f"{durations.words(max(0, age))} ago, {_time.unix_to_iso(last.ended)}"
    message = f"A restore finished {observed}. No job reports whether its data was verified."
    return Outcome(over(age, thresholds), observed, expected, message, jobs.ids([last]))


CHECK = Check(
    "restore_exercise",
    "Age of the last restore",
    RESTORES,
    judge,
    (Threshold("warn", durations.DURATION, "92d"), Threshold("fail", durations.DURATION, "365d")),
    "Restore a sample of each service to another location, compare it with the original, and keep the record.",
)
