# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The verdict over all results: green only if everything was verified."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..model import wording
from ..model.check import EVIDENCE
from ..model.outcome import STATUSES

_VERIFIED = {"pass", "warn"}


def count(results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the number of results with each status, including zeros."""
    return {status: sum(result["status"] == status for result in results) for status in STATUSES}


def decide(results: Sequence[Mapping[str, Any]], parts: Mapping[str, Collection[str]]) -> tuple[str, str]:
    """Return the verdict and its reason.

    At least one check of every part must have passed or warned, since an empty tenant also has no stuck jobs and no
    deletions. A part whose checks are all disabled has no results and is not required; ``not_judged`` lists disabled
    checks.

    :param parts: by check, the parts of the tenant (license, jobs, backups) that it verifies.
    """
    counts = count(results)
    if counts["fail"]:
        return "non_compliant", f"{wording.amount(counts['fail'], 'check')} failed."
    if counts["error"]:
        return "undetermined", f"{wording.amount(counts['error'], 'check')} could not be judged."
    statuses: dict[str, set[str]] = {}
    for result in results:
        for part in parts[result["check"]]:
            statuses.setdefault(part, set()).add(result["status"])
    for part, found in sorted(statuses.items()):
        if not found & _VERIFIED:
            return "undetermined", f"Nothing of the {part} was verified: no check of it passed."
    if all(result["check"] == EVIDENCE for result in results):
        return "undetermined", "No check is enabled at any scope of the policy."
    return "compliant", "Every enabled check passed, warned or is waived."
