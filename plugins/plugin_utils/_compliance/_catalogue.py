# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The catalogue of checks: the one table that policy, plan, results and reports are made from.

A new check is one function, one row here, and its tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from . import _backup_checks, _evidence_checks, _kinds, _license_checks
from ._outcome import Outcome
from ._subjects import ANSWERS, BACKUPS, LICENSE, Subject

FEWEST_ROWS = 20
"""Newest jobs that are kept of each service in any case, for the reports."""
_MANY_ROWS = 200
"""A window of 7 days with a job an hour."""


@dataclass(frozen=True)
class Threshold:
    """A key of a check in the policy, with its default as a person would write it."""

    key: str
    kind: _kinds.Kind
    default: Any
    within_window: bool = False
    """Whether it may not reach beyond the policy's window, since nothing older is read."""


@dataclass(frozen=True)
class Check:
    name: str
    title: str
    judge: Callable[[Any, Mapping[str, Any], int], Outcome]
    """Of what its subject finds, the thresholds, and now."""
    subject: Subject
    thresholds: tuple[Threshold, ...]
    remediation: str
    fails_below: bool = False
    """Whether small figures are the bad ones: then ``warn`` lies above ``fail``."""
    optional: bool = True
    """Whether a policy may switch it off and a waiver may cover it."""
    rows: Callable[[Mapping[str, Any]], int] = lambda thresholds: FEWEST_ROWS
    """How many of the newest jobs must be kept for it, by its thresholds."""

    @property
    def per_service(self) -> bool:
        return self.subject.scope is None


CATALOGUE = (
    Check(
        "license_seats",
        "Seats in use",
        _license_checks.judge_seats,
        LICENSE,
        (Threshold("warn", _kinds.PERCENT, "90 %"), Threshold("fail", _kinds.PERCENT, "100 %")),
        "Release seats of people who have left, or buy seats before more users are to be protected.",
    ),
    Check(
        "license_storage",
        "Storage in use",
        _license_checks.judge_storage,
        LICENSE,
        (Threshold("warn", _kinds.PERCENT, "85 %"), Threshold("fail", _kinds.PERCENT, "100 %")),
        "Shorten retention or narrow what is protected, or buy storage before the next backups need it.",
    ),
    Check(
        "license_in_policy",
        "License in policy",
        _license_checks.judge_in_policy,
        LICENSE,
        (),
        "Renew or enlarge the subscription with the vendor.",
    ),
    Check(
        "backup_recency",
        "Age of the last backup",
        _backup_checks.judge_recency,
        BACKUPS,
        (
            Threshold("states", _kinds.STATES, ["finished"]),
            Threshold("warn", _kinds.DURATION, "26h", within_window=True),
            Threshold("fail", _kinds.DURATION, "48h", within_window=True),
        ),
        "Look at the service's last jobs in the backup console, mend what stops them, and start a backup by hand.",
        # The digest itself names the last finished job
        rows=lambda thresholds: FEWEST_ROWS if thresholds["states"] == ("finished",) else _MANY_ROWS,
    ),
    Check(
        "backup_presence",
        "Backups run at all",
        _backup_checks.judge_presence,
        BACKUPS,
        (),
        "Look whether the service is still in the backup scope and its schedule is on; if it is not used, take it out "
        "of the policy's services.",
    ),
    Check(
        "evidence",
        "The evidence can be relied on",
        _evidence_checks.judge_evidence,
        ANSWERS,
        (),
        "Mend what is named (permission, connection, clock) or add the services to the policy, then run the gate anew.",
        optional=False,
    ),
)

BY_NAME = {check.name: check for check in CATALOGUE}
