# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``backup_frequency``: how many backups a day are scheduled for a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import kinds, wording
from ..model.check import SCHEDULE, Check, Threshold, under
from ..model.outcome import Outcome
from ..model.settings import Schedule


def judge(schedule: Schedule, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate what is intended: a job that is due while the one before still runs is skipped (api.md)."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    warning = "" if warn is None else f" (warning under {warn})"
    expected = f"at least {wording.amount(fail, 'job')} a day{warning}"
    observed = f"{wording.amount(schedule.jobs_per_day, 'job')} a day" if schedule.is_listed else "not scheduled"
    message = (
        f"{wording.amount(schedule.jobs_per_day, 'backup')} a day {'is' if schedule.jobs_per_day == 1 else 'are'} "
        "scheduled."
        if schedule.is_listed
        else "The backup schedule does not contain the service."
    )
    return Outcome(under(schedule.jobs_per_day, thresholds), observed, expected, message)


CHECK = Check(
    "backup_frequency",
    "Scheduled backups a day",
    SCHEDULE,
    judge,
    (Threshold("warn", kinds.COUNT, None), Threshold("fail", kinds.COUNT, 1)),
    "Add the service to the backup schedule in Cloud Backup for Microsoft 365, or raise the number of its daily jobs.",
    fails_below=True,
    is_default=False,
)
