# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``consecutive_failures``: how many of the newest completed backups failed in a row.

1 means that the last backup failed. Unknown states count as failed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, FEWEST_ROWS, Check, Threshold, by_count
from ..model.outcome import Outcome, Undetermined

_STATES_NAMED = 3
"""Maximum unknown states in a message."""


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the number of failures in a row."""
    group, last = backups.jobs, backups.last_completed()
    newest = group.newest_completed()
    row = list(itertools.takewhile(lambda job: job.state in jobs.FAILED, newest))
    # If the kept rows end before the failures do, any other failure may belong to them
    is_whole = len(row) < len(newest) or group.keeps_all(jobs.COMPLETED)
    status = by_count(len(row), thresholds)
    if not is_whole and status != by_count(group.count(jobs.FAILED), thresholds):
        raise Undetermined("To count the failures in a row, more rows are needed than were kept.")
    expected = f"fewer than {thresholds['fail']} failures in a row (warning from {thresholds['warn']})"
    observed = f"{'' if is_whole else 'at least '}{len(row)} failed in a row"
    message = f"{_of_failures(row)}{_of_unknown(row)}." if row else f"The last backup ended {last.state_words}."
    return Outcome(status, observed, expected, message, jobs.ids(row or [last]))


def _of_failures(row: Sequence[jobs.Job]) -> str:
    last = _time.unix_to_iso(row[0].ended)
    return f"The last backup failed, {last}" if len(row) == 1 else f"The last {len(row)} backups failed, newest {last}"


def _of_unknown(row: Sequence[jobs.Job]) -> str:
    """Return the undocumented states as the server sent them."""
    states = list(dict.fromkeys(job.state_words for job in row if job.state == "unknown"))
    return f"; unknown states count as failed: {wording.listed(states, _STATES_NAMED)}" if states else ""


def _rows(thresholds: Mapping[str, Any], window: int) -> int:
    """Return the number of rows: the failures that fail, plus jobs in progress between them."""
    return FEWEST_ROWS + int(thresholds["fail"])


CHECK = Check(
    "consecutive_failures",
    "Failures in a row",
    BACKUPS,
    judge,
    (Threshold("warn", kinds.COUNT, 1), Threshold("fail", kinds.COUNT, 2)),
    "Open the job in the job monitor and fix what its error names (permission, throttling, a license limit), then "
    "start a backup manually. If backups keep failing, send the job ids to the vendor's support.",
    rows=_rows,
)
