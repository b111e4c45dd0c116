# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``coverage_drop``: the drop of objects in the last completed backup from the usual number."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold, over
from ..model.outcome import DoesNotApply, Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the drop against the median of the earlier backups."""
    last = backups.last_good()
    if last.state in jobs.CLEAN and last.is_hollow:
        raise DoesNotApply("The last backup that did not fail has nothing in it.")
    usual = statistics.median(Fraction(job.known("total")) for job in backups.earlier(thresholds["min_jobs"]))
    if not usual:
        raise DoesNotApply("The backups before the last one had nothing in them: there is nothing to lose.")
    total = last.known("total")
    drop = 100 * (usual - total) / usual
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"a drop of at most {limits['fail']} (warning over {limits['warn']})"
    figures = f"{total} objects against {float(usual):g} usually"
    observed = f"{figures}, {wording.percent(abs(drop))} {'fewer' if drop > 0 else 'more'}" if drop else figures
    message = f"The last backup that did not fail has {observed}."
    return Outcome(over(drop, thresholds), observed, expected, message, jobs.ids([last]))


CHECK = Check(
    "coverage_drop",
    "Objects compared with earlier backups",
    BACKUPS,
    judge,
    (
        Threshold("warn", kinds.LOSS, "30 %"),
        Threshold("fail", kinds.LOSS, "50 %"),
        Threshold("min_jobs", kinds.SAMPLES, 5),
    ),
    "Compare the backup scope with the tenant: check for containers, dynamic rules or permissions that were removed; "
    "if objects were deleted on purpose, add a waiver until the older backups are no longer compared.",
    rows=lambda thresholds, window: jobs.rows_of_the_window(window),
)
