# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``unusual_activity``: potential ransomware attacks and unusual activities that the service reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import kinds, wording
from ..model.check import ACTIVITY, Check, Threshold
from ..model.outcome import Outcome
from ..model.settings import Activity


def judge(activity: Activity, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate both sums: ``fail`` is for attacks, ``warn`` for unusual activities."""
    warn, fail = thresholds["warn"], thresholds["fail"]
    expected = f"fewer than {wording.amount(fail, 'potential ransomware attack')} (warning from {_activities(warn)})"
    if not activity.rows:
        message = f"No row of unusual activity was reported {activity.days}."
        return Outcome("pass", "no row", expected, message)
    attacks, activities = activity.attacks, activity.activities
    status = "fail" if attacks >= fail else "warn" if activities >= warn else "pass"
    observed = f"{wording.amount(attacks, 'potential ransomware attack')}, {_activities(activities)}"
    services = dict.fromkeys(row.service for row in activity.rows if row.attacks or row.activities)
    where = f" ({wording.listed(list(services), 12)})" if services else ""
    return Outcome(status, observed + where, expected, f"{observed} reported {activity.days}{where}.")


def _activities(count: int) -> str:
    return f"{count} unusual activity" if count == 1 else f"{count} unusual activities"


CHECK = Check(
    "unusual_activity",
    "Unusual activity",
    ACTIVITY,
    judge,
    (Threshold("warn", kinds.COUNT, 1), Threshold("fail", kinds.ATTACKS, 1)),
    "Open the report of unusual activity in Cloud Backup for Microsoft 365, treat it as an incident until it is "
    "explained, and do not restore over data that may be needed as proof.",
    is_default=False,
)
