# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evaluation of a simulated tenant on a morning, by what the modules would have returned at that time."""

from __future__ import annotations

import bisect
import collections
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries, records
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import digest as _digest
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.policy import Policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.model.waiver import Waiver

from .tenants import DAY, FIRST, HOUR, Backup, Tenant

AT = 7 * HOUR
"""The gate runs at this time of each day."""


class Criteria(NamedTuple):
    """What the tenants are judged by."""

    policy: Policy
    waivers: list[Waiver]


def criteria(policy: Any = None, waivers: Any = None) -> Criteria:
    """Return the criteria of inputs as people write them."""
    settled, mistakes = settle_policy(policy or {})
    accepted, more = settle_waivers(list(waivers or ()))
    if mistakes or more:
        raise ValueError("; ".join([*mistakes, *more]))
    return Criteria(settled, accepted)


class Mornings:
    """The mornings of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._license = tenant.license
        self._days = tenant.days
        self._jobs: dict[tuple[str, str], list[records.Job]] = collections.defaultdict(list)
        """By type and service, the oldest start first."""
        self._starts: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
        for job in sorted(tenant.jobs, key=lambda job: job.start):
            self._jobs[job.job_type, job.service].append(_record(job))
            self._starts[job.job_type, job.service].append(_time.from_unix(job.start))

    def judged(self, by: Criteria, every: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield day and evaluation of each morning, or of every so many days."""
        for day in self._days[::every]:
            yield day, self.judge(day, by)

    def judge(self, day: int, by: Criteria) -> dict[str, Any]:
        """Return the evaluation of the morning of a day."""
        now = FIRST + day * DAY + AT
        return evaluate(self._read(plan(by.policy, now)["jobs"], now), by.policy, by.waivers, now)

    def _read(self, asked: dict[str, Any], now: int) -> dict[str, Any]:
        """Return what both modules would return."""
        ticks = _time.from_unix(now)
        groups = []
        for query in queries.from_options({"queries": asked["queries"]}, ticks):
            found = self._found(query, ticks)
            if query.count_only:
                digest = _digest.counted(len(found))
            else:
                collected = Collected(query, recent_jobs=asked["recent_jobs"], include_jobs=False)
                shown = [_as_it_was(job, ticks) for job in found]
                collected.add([job for job in shown if not query.states or job.state in query.states])
                digest = collected.digest.described(collected.show)
            parts = {"job_type": query.job_type, "object_type": query.object_type, "query": query.described()}
            groups.append({**parts, **digest, "reported_total_count": len(found)})
        api = {"clock_offset_seconds": 0}
        return {
            "license": {"license": _license.described(self._license(now), ticks), "api": api},
            "jobs": {"groups": groups, "complete": True, "api": api},
            "errors": [],
            "connection": {"url": None, "version": None, "client_id": None},
            "now_given": False,
        }

    def _found(self, query: queries.Query, now: int) -> list[records.Job]:
        """Return the jobs of a query that have started (ticks), in whatever state."""
        found = []
        for (job_type, service), jobs in self._jobs.items():
            if query.job_type in (None, job_type) and query.object_type in (None, service):
                starts = self._starts[job_type, service]
                found += jobs[bisect.bisect_left(starts, query.start or 0) : bisect.bisect_right(starts, now)]
        return found


def scopes(evaluation: dict[str, Any], statuses: Iterable[str]) -> set[tuple[str, str]]:
    """Return the checks that have one of the statuses, each with the scope."""
    return {(one["check"], one["scope"]) for one in evaluation["results"] if one["status"] in statuses}


def _record(job: Backup) -> records.Job:
    successful = 0 if job.state == "failed" else job.total - job.failed - job.unaccounted
    details = records.Details(job.total, job.failed, successful, 0)
    state_text = "Suspended" if job.state == "unknown" else None
    start, finish = _time.from_unix(job.start), _time.from_unix(job.finish)
    return records.Job(job.id, job.state, state_text, start, finish, details, ())


def _as_it_was(job: records.Job, now: int) -> records.Job:
    """Return a job as the server showed it at an instant: one that finishes later is still running."""
    if job.finish is not None and job.finish <= now:
        return job
    return job._replace(state="in_progress", state_text=None, finish=None)
