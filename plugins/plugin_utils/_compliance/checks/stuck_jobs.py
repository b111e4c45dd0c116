# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``stuck_jobs``: jobs that have been in progress for too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, jobs, wording
from ..model.check import RUNNING, Check, Threshold, over
from ..model.outcome import JOBS_CITED, CannotTell, Outcome


def judge(running: jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Judge the age of the oldest job in progress."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"no job in progress for longer than {durations.text(fail)} (warning over {durations.text(warn)})"
    kept = running.jobs_in(jobs.RUNNING)
    timed = sorted((now - job.start, job.id) for job in kept if job.start is not None)[::-1]
    age = timed[0][0] if timed else 0
    if age <= fail and len(timed) < len(kept):
        raise CannotTell("Not every job in progress tells when it started: how long it has been running is not known.")
    if age <= fail and not running.keeps_all(jobs.RUNNING):
        raise CannotTell("To see when every job in progress started, more rows are needed than were kept.")
    if not timed:
        return Outcome("pass", "no job in progress", expected, "No job is in progress.")
    status = over(age, thresholds)
    count = wording.amount(running.count(jobs.RUNNING), "job")
    observed = f"{count} in progress, the oldest for {durations.words(max(0, age))}"
    beyond = sum(one > (fail if status == "fail" else warn) for one, _id in timed)
    at_least = "" if running.keeps_all(jobs.RUNNING) else "at least "
    of_them = f", {at_least}{beyond} of them over the limit" if beyond else ""
    message = f"{observed}, since {_time.unix_to_iso(now - age)}{of_them}."
    return Outcome(status, observed, expected, message, tuple(name for _age, name in timed)[:JOBS_CITED])


CHECK = Check(
    "stuck_jobs",
    "Jobs that do not end",
    RUNNING,
    judge,
    (Threshold("warn", durations.DURATION, "12h"), Threshold("fail", durations.DURATION, "24h")),
    "Stop the job in the backup console and start it anew; if it hangs again, give its id to the vendor's support.",
)
