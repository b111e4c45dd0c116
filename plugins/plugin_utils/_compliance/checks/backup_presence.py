# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``backup_presence``: any backup job at all, whatever its outcome.

A service that left the schedule has no failures to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import jobs, wording
from ..model.check import BACKUPS, Check
from ..model.outcome import Outcome, Undetermined


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the number of backup jobs that ended in the window or still run."""
    expected = f"a backup job since {_time.unix_to_iso(backups.window_start)}"
    seen = [job for job in backups.jobs.kept if job.state in jobs.RUNNING or _ended_in(job, backups.window_start)]
    try:
        count, more = backups.window().total, ""
        if not seen:
            # One without any time is counted, because it may belong to the window
            backups.jobs.refuse_timeless(jobs.COMPLETED)
    except Undetermined:
        # One job that was seen is enough; that there is none has to be proven
        if not seen:
            raise
        count, more = len(seen), " or more"
    if count:
        amount = wording.amount(count, "job") + more
        return Outcome("pass", f"{amount} seen", expected, f"{amount} ended in the window or run.", jobs.ids(seen[:1]))
    message = "No backup job was seen in the window."
    return Outcome("fail", "no job seen", expected, message, jobs.ids(backups.jobs.kept[:1]))


def _ended_in(job: jobs.Job, start: int) -> bool:
    return (job.finish or job.start or 0) >= start


CHECK = Check(
    "backup_presence",
    "Presence of backups",
    BACKUPS,
    judge,
    (),
    "Check that the service is still in the backup scope and that its schedule is on; if the service is not used, "
    "remove it from the policy's services.",
)
