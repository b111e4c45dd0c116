# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``slow_backups``: the duration of the last completed backup compared with the usual duration."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import durations, jobs, kinds
from ..model.check import BACKUPS, Check, Threshold
from ..model.outcome import Outcome, Undetermined


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the duration by a factor of the median of the earlier backups, over a floor."""
    last = backups.last_good()
    usual = statistics.median(Fraction(_duration(job)) for job in backups.earlier(thresholds["min_jobs"]))
    took, floor = _duration(last), thresholds["floor"]
    limits = [(key, thresholds[key]) for key in ("fail", "warn") if thresholds[key] is not None]
    status = next((key for key, factor in limits if took > factor * usual and took > floor * 1_000), "pass")
    most = " and ".join(f"{float(factor):g} times ({key})" for key, factor in reversed(limits))
    expected = f"at most {most} what is usual, or {durations.text(floor)}"
    observed = f"{_words(took)} against {_words(int(usual))} usually"
    return Outcome(status, observed, expected, f"The last backup that did not fail took {observed}.", jobs.ids([last]))


def _duration(job: jobs.Job) -> int:
    """Return milliseconds, from the times of the server. Raises Undetermined."""
    if job.duration is None or job.duration < 0:
        problem = "has no duration" if job.duration is None else "finished before it started"
        raise Undetermined(f"{job.named} {problem}.")
    return job.duration


def _words(milliseconds: int) -> str:
    return durations.words(milliseconds // 1_000)


CHECK = Check(
    "slow_backups",
    "Duration compared with earlier backups",
    BACKUPS,
    judge,
    (
        Threshold("warn", kinds.FACTOR, 2),
        Threshold("fail", kinds.FACTOR, None),
        Threshold("min_jobs", kinds.SAMPLES, 5),
        Threshold("floor", durations.DURATION, "30m"),
    ),
    "Check for throttling, a migration or a large import at that time; if backups stay slow, spread the schedule or "
    "ask the vendor.",
    rows=lambda thresholds, window: jobs.rows_of_the_window(window),
)
