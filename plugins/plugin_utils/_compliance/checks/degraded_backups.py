# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``degraded_backups``: backups with exceptions or partial backups, and the last clean one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import durations, jobs, kinds, wording
from ..model.check import BACKUPS, Check, Threshold
from ..model.outcome import Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Evaluate the degraded backups of the window."""
    window, fail, warn = backups.window(), thresholds["fail"], thresholds["warn"]
    backups.last_completed()
    count = window.count(jobs.DEGRADED)
    clean, degraded = backups.jobs.last(jobs.CLEAN), backups.jobs.last(jobs.DEGRADED)
    expected = f"fewer than {warn} degraded, and a clean backup within {durations.text(fail)} where any are"
    observed = f"{count} degraded, " + (f"last clean {_time.unix_to_iso(clean.ended)}" if clean else "none clean")
    message = f"{wording.amount(count, 'backup')} in the window finished with exceptions or in part."
    cited = jobs.ids(window.jobs_in(jobs.DEGRADED))
    if degraded and now - degraded.ended <= fail and not (clean and now - clean.ended <= fail):
        meanwhile = f"None was clean for {durations.text(fail)} or longer."
        return Outcome("fail", observed, expected, f"{message} {meanwhile}", cited)
    return Outcome("warn" if count >= warn else "pass", observed, expected, message, cited)


CHECK = Check(
    "degraded_backups",
    "Backups with exceptions or in part",
    BACKUPS,
    judge,
    (Threshold("warn", kinds.COUNT, 1), Threshold("fail", durations.DURATION, "7d", within_window=True)),
    "Download the report of the last such job in the job monitor, and fix or exclude the objects that it names until a "
    "backup finishes without exceptions.",
)
