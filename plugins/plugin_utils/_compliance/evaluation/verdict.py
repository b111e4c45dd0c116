# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The verdict of all results together. Whatever cannot be told is red: only seen order is green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..checks.catalogue import BY_NAME
from ..model import wording
from ..model.outcome import STATUSES
from ..reading.sources import BACKUPS

_SEEN = ("pass", "warn")


def count(results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many results have each status; every status is in it."""
    return {status: sum(result["status"] == status for result in results) for status in STATUSES}


def decide(results: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The verdict and the sentence that gives its reason.

    Something of each read must have been seen to be in order, and of the backups themselves: that no job hangs and
    nothing was deleted holds of an empty tenant too. A read whose checks are all switched off has no results and is
    not asked for; what was switched off is listed under ``not_judged``.
    """
    counts = count(results)
    if counts["fail"]:
        return "non_compliant", f"{wording.amount(counts['fail'], 'check')} failed."
    if counts["error"]:
        return "undetermined", f"{wording.amount(counts['error'], 'check')} could not be judged."
    seen: dict[str, list[str]] = {}
    for result in results:
        subject = BY_NAME[result["check"]].subject
        for name in {subject.read, subject.name} & {"license", "jobs", BACKUPS.name}:
            seen.setdefault(str(name), []).append(result["status"])
    for name, statuses in sorted(seen.items()):
        if not set(statuses) & set(_SEEN):
            return "undetermined", f"Nothing was seen to be in order of the {name}: no check of it passed."
    if not seen:
        return "undetermined", "No check of the license or the jobs is switched on."
    return "compliant", "Every check that is switched on was seen to be in order, warned or is waived."
