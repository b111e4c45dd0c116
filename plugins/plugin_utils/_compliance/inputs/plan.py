# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What has to be read for a policy, and nothing else."""

from __future__ import annotations

from typing import Any

from ..checks.catalogue import CATALOGUE
from ..model.check import FEWEST_ROWS
from ..model.policy import Policy
from ..reading.sources import SOURCES, reads_of


def plan(policy: Policy, now: int) -> dict[str, Any]:
    """Return ``reads`` (license, jobs), the ``queries`` of the jobs module and how many ``recent_jobs`` each keeps."""
    asked = [source for name, source in SOURCES.items() if name in policy.sources]
    questions = dict.fromkeys(question for source in asked for question in source.questions(policy, now))
    # Counts first: a job that starts meanwhile then makes the count too small, which raises no false alarm
    in_order = sorted(questions, key=lambda question: not question.count_only)
    return {
        "reads": list(reads_of(policy)),
        "queries": [question.as_query() for question in in_order],
        "recent_jobs": _rows(policy),
    }


def _rows(policy: Policy) -> int:
    """Return the rows for the most demanding check that is enabled, everywhere or for one service."""
    needs = [FEWEST_ROWS]
    for check in CATALOGUE:
        settings = [policy.settings(check.name, service) for service in policy.services]
        needs += [check.rows(one.thresholds, policy.window) for one in settings if one.enabled]
    return max(needs)
