# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The OSCAL status of a statement of a control, from the results of its checks.

Only verified statements are ``satisfied``: neither accepted failures, nor any statement if the evidence is in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..model.check import EVIDENCE
from ..model.outcome import STATUSES
from . import labels

_VERIFIED = ("pass", "warn")


def target(
    statement: str, standing: str, results: Sequence[Mapping[str, Any]], evidence: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the target of a finding with its status.

    :param standing: the support of the control under the policy.
    :param results: the results of its checks.
    """
    counts = Counter(result["status"] for result in results)
    state, reason, words = _status(counts, standing, _is_doubtful(evidence))
    found = ", ".join(f"{counts[status]} {labels.label(status)}" for status in STATUSES if counts[status])
    return {
        "type": "statement-id",
        "target-id": statement,
        "status": {"state": state, "reason": reason, "remarks": f"{words} Results: {found}."},
    }


def _status(counts: Mapping[str, int], standing: str, is_doubtful: bool) -> tuple[str, str, str]:
    """Return the state, the reason and a sentence, the worst that applies."""
    if counts["fail"]:
        return "not-satisfied", "fail", "A requirement of the policy is not met."
    if is_doubtful:
        return "not-satisfied", "other", "The evidence itself is in doubt, see the check evidence."
    if counts["error"]:
        return "not-satisfied", "other", "A result could not be determined."
    if counts["waived"]:
        return "not-satisfied", "other", "A requirement of the policy is not met, which was accepted by a waiver."
    if not any(counts[status] for status in _VERIFIED):
        return "not-satisfied", "other", "No check of it applied, so nothing was verified."
    if standing.startswith("not supported"):
        return "not-satisfied", "other", "The policy in force does not support the control."
    return (
        "satisfied",
        "pass",
        f"All that the policy judges is met. The policy and the control: {standing}.",
    )


def _is_doubtful(evidence: Mapping[str, Any]) -> bool:
    return any(result["check"] == EVIDENCE and result["status"] == "error" for result in evidence["results"])
