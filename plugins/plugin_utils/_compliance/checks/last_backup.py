# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Check ``last_backup``: the outcome of the last completed backup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import jobs
from ..model.check import BACKUPS, Check
from ..model.outcome import Outcome


def judge(backups: jobs.Backups, thresholds: Mapping[str, Any], now: int) -> Outcome:
    """Judge the state of the last completed backup."""
    last = backups.last_completed()
    status = "fail" if last.state in jobs.FAILED else "pass"
    unknown = ", a state that no document names, which counts as failed" if last.state == "unknown" else ""
    observed = f"{last.state_words}, {_time.unix_to_iso(last.ended)}"
    message = f"The last completed backup ended {last.state_words}{unknown}."
    return Outcome(status, observed, "a last completed backup that did not fail", message, jobs.ids([last]))


CHECK = Check(
    "last_backup",
    "Outcome of the last backup",
    BACKUPS,
    judge,
    (),
    "Open the job in the backup console, mend what its errors name (throttling, permission, a full license), and "
    "start the backup by hand.",
)
