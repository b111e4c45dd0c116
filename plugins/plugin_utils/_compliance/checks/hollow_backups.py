# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``hollow_backups``: finished backups without content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold
from ..model.outcome import DoesNotApply, Outcome, Undetermined


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the hollow backups of the window, and the newest ones in a row."""
    window, fail, warn = backups.window(), thresholds["fail"], thresholds["warn"]
    if not window.count(jobs.CLEAN):
        raise DoesNotApply("No backup finished in the window.")
    backups.jobs.refuse_few_rows()
    newest = backups.jobs.newest_completed()
    successes = window.jobs_in(jobs.CLEAN)
    hollow = [job for job in successes if job.is_hollow]
    row = _in_a_row(newest)
    age = now - row[-1].ended if row else 0
    if len(row) >= fail and age >= thresholds["span"]:
        status = "fail"
    else:
        _refuse_open_row(backups.jobs, newest)
        status = "warn" if len(hollow) >= warn else "pass"
        if status == "pass":
            _refuse_doubts(successes, warn - len(hollow))
    limit = f"{fail} in a row that began {durations.text(thresholds['span'])} ago or earlier"
    observed = f"{len(hollow)} of {wording.amount(len(successes), 'finished backup')} hollow"
    observed += f", the last {len(row)} in a row since {_time.unix_to_iso(row[-1].ended)}" if len(row) > 1 else ""
    expected = f"fewer than {warn} hollow (failure from {limit})"
    return Outcome(status, observed, expected, f"{observed}{_of_objects(hollow)}.", jobs.ids(hollow))


def _in_a_row(newest: Sequence[jobs.Job]) -> list[jobs.Job]:
    """Return the newest clean successes while they are hollow. A degraded backup ends the row, a failure does not."""
    row = []
    for job in newest:
        if job.state not in jobs.FAILED:
            if not job.is_hollow:
                break
            if job.state in jobs.CLEAN:
                row.append(job)
    return row


def _refuse_open_row(group: jobs.Group, newest: Sequence[jobs.Job]) -> None:
    """Raise Undetermined if the row may be longer than the rows that were kept."""
    ends = next((job for job in newest if job.state not in jobs.FAILED and not job.is_hollow), None)
    if ends is None and not group.keeps_all(jobs.COMPLETED):
        raise Undetermined("To find the last backup with something in it, more rows are needed than were kept.")
    if ends is not None:
        _refuse_doubts([ends], 1)


def _refuse_doubts(candidates: Sequence[jobs.Job], many: int) -> None:
    """Raise Undetermined if it is unknown for too many jobs whether they are hollow."""
    doubtful = [job for job in candidates if job.is_hollow is None]
    if len(doubtful) >= many:
        raise Undetermined(f"{doubtful[0].named} does not report how many objects it backed up.")


def _of_objects(hollow: Sequence[jobs.Job]) -> str:
    """Return the objects of the newest hollow backup: skipped objects may be unchanged."""
    if not hollow:
        return ""
    total, skipped = hollow[0].objects.total, hollow[0].objects.skipped
    if not total:
        return "; the newest of them had no object at all"
    of_them = f", {skipped} of them skipped" if skipped else ""
    return f"; the newest of them took none of {wording.amount(total, 'object')}{of_them}"


CHECK = Check(
    "hollow_backups",
    "Finished backups without content",
    BACKUPS,
    judge,
    (
        Threshold("warn", kinds.COUNT, 1),
        Threshold("fail", kinds.COUNT, 3),
        Threshold("span", durations.DURATION, "72h", within_window=True),
    ),
    "Check that the service's backup scope still contains its objects and that the app's permissions are still "
    "granted; restore a recent item as a test.",
    rows=lambda thresholds, window: jobs.rows_of_the_window(window),
)
