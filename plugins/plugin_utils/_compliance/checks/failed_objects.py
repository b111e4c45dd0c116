# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``failed_objects``: the share of failed objects in the last backup that did not fail.

Objects that the job counts neither as successful nor as skipped count as failed, regardless of its failed count.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold, over
from ..model.outcome import DoesNotApply, Outcome, Undetermined


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the failed objects of the last completed backup."""
    last, fewest = backups.last_good(), thresholds["min_objects"]
    total, failed = last.known("total"), last.known("failed")
    if failed > total:
        raise Undetermined(f"{last.named} reports {failed} failed objects of {total}.")
    if not total:
        raise DoesNotApply("The last backup that did not fail has nothing in it.")
    unaccounted = last.objects.unaccounted
    lost = failed + unaccounted
    percent = Fraction(100 * lost, total)
    status = over(percent, thresholds) if lost >= fewest else "pass"
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"at most {limits['fail']} failed (warning over {limits['warn']}), or fewer than {fewest}"
    missing = f" or unaccounted for ({unaccounted})" if unaccounted else ""
    observed = f"{lost} of {wording.amount(total, 'object')} failed{missing} ({wording.percent(percent)})"
    message = f"In the last backup that did not fail as a whole, {observed}."
    return Outcome(status, observed, expected, message, jobs.ids([last]))


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
    "Download the job's report in the job monitor, fix the access to the failed objects (licenses, locks, "
    "permissions), and back them up again.",
)
