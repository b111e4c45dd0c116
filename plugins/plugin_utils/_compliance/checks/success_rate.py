# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``success_rate``: the share of the window's completed backups that did not fail."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold, under
from ..model.outcome import DoesNotApply, Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the rate, for limits that are missed strictly under their value."""
    window, fewest = backups.window(), thresholds["min_jobs"]
    completed, failed = window.count(jobs.COMPLETED), window.count(jobs.FAILED)
    if completed < fewest:
        found = f"{wording.amount(completed, 'backup')} completed in the window"
        raise DoesNotApply(f"{found}; the rate is judged from {fewest} on.")
    rate = Fraction(100 * (completed - failed), completed)
    limits = {key: wording.percent(thresholds[key]) for key in ("warn", "fail")}
    expected = f"at least {limits['fail']} without failure (warning under {limits['warn']})"
    observed = f"{wording.percent(rate)}, {failed} of {completed} failed"
    message = f"{failed} of {wording.amount(completed, 'completed backup')} in the window failed."
    return Outcome(under(rate, thresholds), observed, expected, message, jobs.ids(window.jobs_in(jobs.FAILED)))


CHECK = Check(
    "success_rate",
    "Share of backups that did not fail",
    BACKUPS,
    judge,
    (
        Threshold("warn", kinds.RATE, "95 %"),
        Threshold("fail", kinds.RATE, "80 %"),
        Threshold("min_jobs", kinds.SAMPLES, 10),
    ),
    "Check what the failed jobs have in common (an hour of the day, an error), and fix the cause or move the schedule.",
    fails_below=True,
)
