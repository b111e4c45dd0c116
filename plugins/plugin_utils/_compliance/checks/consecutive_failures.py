# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``consecutive_failures``: how many of the newest completed backups failed, one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, FEWEST_ROWS, Check, Threshold, by_count
from ..model.outcome import CannotTell, Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Judge the number of failures in a row."""
    group, last = backups.jobs, backups.last_completed()
    newest = group.newest_completed()
    row = list(itertools.takewhile(lambda job: job.state in jobs.FAILED, newest))
    # Where the rows end before the row does, every other failure may belong to it
    is_whole = len(row) < len(newest) or group.keeps_all(jobs.COMPLETED)
    status = by_count(len(row), thresholds)
    if not is_whole and status != by_count(group.count(jobs.FAILED), thresholds):
        raise CannotTell("To count the failures in a row, more rows are needed than were kept.")
    expected = f"fewer than {thresholds['fail']} failures in a row (warning from {thresholds['warn']})"
    observed = f"{'' if is_whole else 'at least '}{len(row)} failed in a row"
    failed = f"The last {wording.amount(len(row), 'completed backup')} failed."
    message = failed if row else f"The last one ended {last.state_words}."
    return Outcome(status, observed, expected, message, jobs.ids(row or [last]))


def _rows(thresholds: Mapping[str, Any], window: int) -> int:
    """Return as many rows as failures fail, and some for jobs in progress between them."""
    return FEWEST_ROWS + int(thresholds["fail"])


CHECK = Check(
    "consecutive_failures",
    "Failures in a row",
    BACKUPS,
    judge,
    (Threshold("warn", kinds.COUNT, 2), Threshold("fail", kinds.COUNT, 3)),
    "What fails time and again does not mend itself: compare the errors of the jobs, look at the service account "
    "and its permissions first, then turn to the vendor with the job ids.",
    rows=_rows,
)
