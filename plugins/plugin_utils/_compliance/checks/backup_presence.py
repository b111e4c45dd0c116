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
from ..model.outcome import Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Judge the number of backup jobs in the window."""
    group, start = backups.jobs, backups.window_start
    expected = f"a backup job started since {_time.unix_to_iso(start)}"
    started = [job for job in group.kept if job.start is not None and job.start >= start]
    count = group.total if group.since == start else len(started)
    if count:
        seen = wording.amount(count, "job") + ("" if group.since == start else " or more")
        return Outcome("pass", f"{seen} seen", expected, f"{seen} started in the window.", jobs.ids(started[:1]))
    # One job that was seen is enough; that there is none has to be proven
    backups.window()
    message = "No backup job was seen in the window. Nothing failed, because nothing ran."
    return Outcome("fail", "no job seen", expected, message, jobs.ids(group.kept[:1]))


CHECK = Check(
    "backup_presence",
    "Backups run at all",
    BACKUPS,
    judge,
    (),
    "Look whether the service is still in the backup scope and its schedule is on; if it is not used, take it out "
    "of the policy's services.",
)
