# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Display names of statuses and verdicts, and the order of results, for all reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import wording
from ..model.check import EVIDENCE
from ..model.outcome import STATUSES

VERDICTS = {"compliant": "COMPLIANT", "non_compliant": "NON-COMPLIANT", "undetermined": "UNDETERMINED"}
LABELS = {
    "fail": "FAIL",
    "error": "ERROR",
    "warn": "WARN",
    "waived": "WAIVED",
    "not_applicable": "N/A",
    "pass": "PASS",
}
MEANINGS = {
    "compliant": "Every requirement of the policy is met or waived.",
    "non_compliant": "At least one requirement of the policy is not met.",
    "undetermined": "Whether the policy is met could not be determined, which fails the gate.",
}


def worst_first(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return all results except the passed ones. Among errors, the evidence is first, since it explains the others."""
    bad = [result for result in results if result["status"] != "pass"]
    return sorted(bad, key=lambda result: (STATUSES.index(result["status"]), result["check"] != EVIDENCE))


def label(status: str) -> str:
    """Return a status for use in a sentence."""
    return LABELS[status].lower() if status != "not_applicable" else "not applicable"


def cited(result: Mapping[str, Any]) -> str:
    """Return the ids of the jobs that a result is based on."""
    return ", ".join(wording.one_line(job, 80) for job in result["jobs"])
