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
from ..model.outcome import JOBS_CITED, Outcome


def judge(running: jobs.Running, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the age of the oldest job in progress, which every digest contains."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"no job in progress for longer than {durations.text(fail)} (warning over {durations.text(warn)})"
    count, found = running.count(), running.jobs()
    timed = sorted((now - job.start, job.id) for job in found if job.start is not None)[::-1]
    queued = len(found) - len(timed)
    if not timed:
        waiting = f"{wording.amount(queued, 'job')} queued, none running" if queued else "no job in progress"
        return Outcome("pass", waiting, expected, f"{waiting[0].upper()}{waiting[1:]}.")
    age = timed[0][0]
    status = over(age, thresholds)
    observed = f"{wording.amount(count, 'job')} in progress, the oldest for {durations.words(max(0, age))}"
    beyond = sum(one > (fail if status == "fail" else warn) for one, _id in timed)
    at_least = "at least " if count > len(found) else ""
    of_them = f", {at_least}{beyond} of them over the limit" if beyond else ""
    message = f"{observed}, since {_time.unix_to_iso(now - age)}{of_them}."
    return Outcome(status, observed, expected, message, tuple(name for _age, name in timed)[:JOBS_CITED])


CHECK = Check(
    "stuck_jobs",
    "Jobs running too long",
    RUNNING,
    judge,
    (Threshold("warn", durations.DURATION, "12h"), Threshold("fail", durations.DURATION, "24h")),
    "Stop the job in the job monitor and start it again; if it hangs again, send its id to the vendor's support.",
)
