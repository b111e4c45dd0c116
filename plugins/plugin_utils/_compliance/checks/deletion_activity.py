# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``deletion_activity``: delete jobs that started in the window, regardless of their outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import DELETIONS, Check, Threshold, by_count
from ..model.outcome import Outcome


def judge(deletions: jobs.Group, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the number of delete jobs."""
    count, warn, fail = deletions.total, thresholds["warn"], thresholds["fail"]
    expected = f"fewer than {warn} delete jobs" + ("" if fail is None else f" (failure from {fail})")
    observed = wording.amount(count, "delete job")
    message = f"{observed} started in the window."
    return Outcome(by_count(count, thresholds), observed, expected, message, jobs.ids(deletions.kept))


CHECK = Check(
    "deletion_activity",
    "Deletions of backup data",
    DELETIONS,
    judge,
    (Threshold("warn", kinds.COUNT, 1), Threshold("fail", kinds.COUNT, None)),
    "Check in the job monitor who started each delete job, and match it with a request; if there is none, revoke that "
    "account's access and treat it as an incident.",
)
