# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``retention_period``: the shortest retention that applies to a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import periods
from ..model.check import RETENTION, Check, Threshold, under
from ..model.outcome import Outcome
from ..model.settings import Retention


def judge(retention: Retention, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the shortest, since every container must be kept for as long as the policy requires."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    warning = "" if warn is None else f" (warning under {periods.words(warn)})"
    expected = f"kept for at least {periods.words(fail)}{warning}"
    shortest = retention.shortest
    length = "without an end" if shortest.days is None else periods.words(shortest.days)
    observed = f"{length} ({shortest.what})"
    message = f"The shortest retention in force is {length}: {shortest.what}."
    return Outcome(under(shortest.length, thresholds), observed, expected, message)


CHECK = Check(
    "retention_period",
    "Retention of backups",
    RETENTION,
    judge,
    (Threshold("warn", periods.PERIOD, None), Threshold("fail", periods.PERIOD, "1y")),
    "Lengthen the named retention in the retention policy of Cloud Backup for Microsoft 365. Backups that have been "
    "deleted do not come back.",
    fails_below=True,
    is_default=False,
)
