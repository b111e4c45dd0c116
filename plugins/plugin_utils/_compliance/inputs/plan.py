# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The reads that a policy requires, and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..checks.catalogue import CATALOGUE
from ..model.check import FEWEST_ROWS
from ..model.policy import Policy
from ..reading.results import V2_READS
from ..reading.sources import SOURCES, reads_of


def needs_v2(policy: Policy) -> list[str]:
    """Return the names of the enabled checks that require the second API generation."""
    return [
        check.name
        for check in CATALOGUE
        if check.source in policy.sources and SOURCES[check.source].read in V2_READS and _is_enabled(check.name, policy)
    ]


def _is_enabled(check: str, policy: Policy) -> bool:
    return any(policy.settings(check, service).enabled for service in policy.services)


def plan(policy: Policy, now: int) -> dict[str, dict[str, Any]]:
    """Return the necessary reads (``results.READS``) in their order, each with the arguments of its module."""
    necessary = reads_of(policy)
    return {read: arguments(policy, now) for read, arguments in _ARGUMENTS.items() if read in necessary}


def _nothing(_policy: Policy, _now: int) -> dict[str, Any]:
    return {}


def _jobs(policy: Policy, now: int) -> dict[str, Any]:
    asked = [source for name, source in SOURCES.items() if name in policy.sources]
    questions = dict.fromkeys(question for source in asked for question in source.questions(policy, now))
    # Counts first: a job that starts meanwhile makes the count too small, which is not a false alarm
    in_order = sorted(questions, key=lambda question: not question.count_only)
    queries = [question.as_query() for question in in_order]
    return {"queries": queries, "include_jobs": False, "recent_jobs": _rows(policy)}


def _settings(policy: Policy, _now: int) -> dict[str, Any]:
    return {"locations": list(policy.locations)}


def _unusual_activity(policy: Policy, now: int) -> dict[str, Any]:
    # Without a location, the service returns all locations (api.md)
    return {"start_time": _time.unix_to_iso(now - policy.window), "finish_time": _time.unix_to_iso(now)}


_ARGUMENTS: dict[str, Callable[[Policy, int], dict[str, Any]]] = {
    "license": _nothing,
    "jobs": _jobs,
    "settings": _settings,
    "unusual_activity": _unusual_activity,
}


def _rows(policy: Policy) -> int:
    """Return the number of rows that the enabled checks need at most, for any service."""
    needs = [FEWEST_ROWS]
    for check in CATALOGUE:
        settings = [policy.settings(check.name, service) for service in policy.services]
        needs += [check.rows(one.thresholds, policy.window) for one in settings if one.enabled]
    return max(needs)
