# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``failed_objects``: the share of objects that the last completed backup failed to take."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold, over
from ..model.outcome import CannotTell, DoesNotApply, Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Judge the failed objects of the last completed backup."""
    last, fewest = backups.last_completed(), thresholds["min_objects"]
    total, failed = last.known("total"), last.known("failed")
    if failed > total:
        raise CannotTell(f"{last.named} tells of {failed} failed objects of {total}.")
    if not total:
        raise DoesNotApply("The last completed backup has nothing in it.")
    percent = Fraction(100 * failed, total)
    status = over(percent, thresholds) if failed >= fewest else "pass"
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"at most {limits['fail']} failed (warning over {limits['warn']}), or fewer than {fewest}"
    observed = f"{failed} of {wording.amount(total, 'object')} failed ({wording.percent(percent)})"
    return Outcome(status, observed, expected, f"In the last completed backup {observed}.", jobs.ids([last]))


CHECK = Check(
    "failed_objects",
    "Failed objects in the last backup",
    BACKUPS,
    judge,
    (
        Threshold("warn", kinds.LOSS, "0.5 %"),
        Threshold("fail", kinds.LOSS, "2 %"),
        Threshold("min_objects", kinds.COUNT, 5),
    ),
    "Download the job's report, mend the access to the failed objects (licenses, locks, permissions), and back "
    "them up again.",
)
