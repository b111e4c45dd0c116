# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The catalogue of checks: the one table that policy, plan, results and reports are made from.

A new check is one function, one row here, and its tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..model import instants, jobs, kinds
from ..model.outcome import Outcome
from ..reading.sources import ANSWERS, BACKUPS, DELETIONS, LICENSE, RESTORE_EXERCISE, RESTORES, RUNNING, Subject
from . import (
    activity_checks,
    backup_checks,
    content_checks,
    duration_checks,
    evidence_checks,
    license_checks,
    run_checks,
)

FEWEST_ROWS = 20
"""Newest jobs that are kept of each service in any case, for the reports."""
_MOST_ROWS = 100_000
"""As many as the jobs module keeps."""


def _few_rows(thresholds: Mapping[str, Any], window: int) -> int:
    return FEWEST_ROWS


def _rows_of_the_window(thresholds: Mapping[str, Any], window: int) -> int:
    """HISTORY rows, and as many for every further week."""
    return max(jobs.HISTORY, min(_MOST_ROWS, -(-window * jobs.HISTORY // (7 * instants.DAY))))


def _rows_of_recency(thresholds: Mapping[str, Any], window: int) -> int:
    """The digest itself names the last finished job."""
    return FEWEST_ROWS if thresholds["states"] == jobs.CLEAN else _rows_of_the_window(thresholds, window)


def _rows_of_a_row(thresholds: Mapping[str, Any], window: int) -> int:
    """As many failures as fail, and some jobs in progress between them."""
    return FEWEST_ROWS + int(thresholds["fail"])


@dataclass(frozen=True)
class Threshold:
    """A key of a check in the policy, with its default as a person would write it."""

    key: str
    kind: kinds.Kind
    default: Any
    """None: it is not set unless somebody writes it, and null takes it out again."""
    within_window: bool = False
    """Whether it may not reach beyond the policy's window, since nothing older is read."""


@dataclass(frozen=True)
class Check:
    name: str
    title: str
    judge: Callable[[Any, Mapping[str, Any], int], Outcome]
    """Of what its subject finds, the thresholds, and now."""
    subject: Subject
    thresholds: tuple[Threshold, ...]
    remediation: str
    fails_below: bool = False
    """Whether small figures are the bad ones: then ``warn`` lies above ``fail``."""
    optional: bool = True
    """Whether a policy may switch it off and a waiver may cover it."""
    rows: Callable[[Mapping[str, Any], int], int] = _few_rows
    """How many of the newest jobs must be kept for it, by its thresholds and the policy's window."""

    @property
    def per_service(self) -> bool:
        return self.subject.scope is None


CATALOGUE = (
    Check(
        "license_seats",
        "Seats in use",
        license_checks.judge_seats,
        LICENSE,
        (Threshold("warn", kinds.PERCENT, "90 %"), Threshold("fail", kinds.PERCENT, "100 %")),
        "Release seats of people who have left, or buy seats before more users are to be protected.",
    ),
    Check(
        "license_storage",
        "Storage in use",
        license_checks.judge_storage,
        LICENSE,
        (Threshold("warn", kinds.PERCENT, "85 %"), Threshold("fail", kinds.PERCENT, "100 %")),
        "Shorten retention or narrow what is protected, or buy storage before the next backups need it.",
    ),
    Check(
        "license_in_policy",
        "License in policy",
        license_checks.judge_in_policy,
        LICENSE,
        (),
        "Renew or enlarge the subscription with the vendor.",
    ),
    Check(
        "backup_recency",
        "Age of the last backup",
        backup_checks.judge_recency,
        BACKUPS,
        (
            Threshold("states", kinds.STATES, ["finished"]),
            Threshold("warn", kinds.DURATION, "26h", within_window=True),
            Threshold("fail", kinds.DURATION, "48h", within_window=True),
        ),
        "Look at the service's last jobs in the backup console, mend what stops them, and start a backup by hand.",
        rows=_rows_of_recency,
    ),
    Check(
        "backup_presence",
        "Backups run at all",
        backup_checks.judge_presence,
        BACKUPS,
        (),
        "Look whether the service is still in the backup scope and its schedule is on; if it is not used, take it out "
        "of the policy's services.",
    ),
    Check(
        "last_backup",
        "Outcome of the last backup",
        run_checks.judge_last,
        BACKUPS,
        (),
        "Open the job in the backup console, mend what its errors name (throttling, permission, a full license), and "
        "start the backup by hand.",
    ),
    Check(
        "consecutive_failures",
        "Failures in a row",
        run_checks.judge_failures_in_a_row,
        BACKUPS,
        (Threshold("warn", kinds.COUNT, 2), Threshold("fail", kinds.COUNT, 3)),
        "What fails time and again does not mend itself: compare the errors of the jobs, look at the service account "
        "and its permissions first, then turn to the vendor with the job ids.",
        rows=_rows_of_a_row,
    ),
    Check(
        "success_rate",
        "Share of backups that did not fail",
        run_checks.judge_success_rate,
        BACKUPS,
        (
            Threshold("warn", kinds.RATE, "95 %"),
            Threshold("fail", kinds.RATE, "80 %"),
            Threshold("min_jobs", kinds.SAMPLES, 5),
        ),
        "Look at the failed jobs for what they share (an hour of the day, one error), and move the schedule or mend "
        "the cause.",
        fails_below=True,
    ),
    Check(
        "degraded_backups",
        "Backups with exceptions or in part",
        run_checks.judge_degraded,
        BACKUPS,
        (Threshold("warn", kinds.COUNT, 1), Threshold("fail", kinds.DURATION, "7d", within_window=True)),
        "Download the report of the last such job, and mend or exclude the objects that it names until a backup "
        "finishes clean.",
        rows=_rows_of_the_window,
    ),
    Check(
        "failed_objects",
        "Failed objects in the last backup",
        content_checks.judge_failed_objects,
        BACKUPS,
        (
            Threshold("warn", kinds.LOSS, "0.5 %"),
            Threshold("fail", kinds.LOSS, "2 %"),
            Threshold("min_objects", kinds.COUNT, 5),
        ),
        "Download the job's report, mend the access to the failed objects (licenses, locks, permissions), and back "
        "them up again.",
    ),
    Check(
        "hollow_backups",
        "Finished backups with nothing in them",
        content_checks.judge_hollow,
        BACKUPS,
        (
            Threshold("warn", kinds.COUNT, 1),
            Threshold("fail", kinds.COUNT, 3),
            Threshold("span", kinds.DURATION, "48h", within_window=True),
        ),
        "Look whether the service's backup scope still holds its objects and the app's permissions are still granted; "
        "restore one recent item as a test.",
        rows=_rows_of_the_window,
    ),
    Check(
        "coverage_drop",
        "Objects in the last backup against before",
        content_checks.judge_coverage,
        BACKUPS,
        (
            Threshold("warn", kinds.LOSS, "30 %"),
            Threshold("fail", kinds.LOSS, "50 %"),
            Threshold("min_jobs", kinds.SAMPLES, 5),
        ),
        "Compare the backup scope with the tenant: look for containers, dynamic rules or permissions that went away; "
        "if objects were deleted on purpose, waive it until the older backups have left the window.",
        rows=_rows_of_the_window,
    ),
    Check(
        "stuck_jobs",
        "Jobs that do not end",
        duration_checks.judge_stuck,
        RUNNING,
        (Threshold("warn", kinds.DURATION, "12h"), Threshold("fail", kinds.DURATION, "24h")),
        "Stop the job in the backup console and start it anew; if it hangs again, give its id to the vendor's support.",
    ),
    Check(
        "slow_backups",
        "Duration of the last backup against before",
        duration_checks.judge_slow,
        BACKUPS,
        (
            Threshold("warn", kinds.FACTOR, 2),
            Threshold("fail", kinds.FACTOR, None),
            Threshold("min_jobs", kinds.SAMPLES, 5),
            Threshold("floor", kinds.DURATION, "30m"),
        ),
        "Look for throttling, a migration or a large import in that time; if it stays, spread the schedule or ask the "
        "vendor.",
        rows=_rows_of_the_window,
    ),
    Check(
        RESTORE_EXERCISE,
        "Age of the last restore",
        activity_checks.judge_restore_exercise,
        RESTORES,
        (Threshold("warn", kinds.DURATION, "92d"), Threshold("fail", kinds.DURATION, "365d")),
        "Restore a sample of each service to another place, compare it with the original, and keep the record.",
    ),
    Check(
        "deletion_activity",
        "Deletions of backup data",
        activity_checks.judge_deletions,
        DELETIONS,
        (Threshold("warn", kinds.COUNT, 1), Threshold("fail", kinds.COUNT, None)),
        "Find out who started each delete job and on whose request; if nobody can say, revoke that account's access "
        "and look at it as an incident.",
    ),
    Check(
        "evidence",
        "The evidence can be relied on",
        evidence_checks.judge_evidence,
        ANSWERS,
        (),
        "Mend what is named (permission, connection, clock) or add the services to the policy, then run the gate anew.",
        optional=False,
    ),
)

BY_NAME = {check.name: check for check in CATALOGUE}
