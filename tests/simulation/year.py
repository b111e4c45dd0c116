# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A year of ordinary tenants through the default policy: how often is a gate red that nothing is wrong with?

    python -m ansible_collections.cloudbackup.m365.tests.simulation.year [TENANTS]

prints the table that the guide shows. A tenant is judged each morning, by what the jobs module would have returned.
"""

from __future__ import annotations

import bisect
import collections
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _license, _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import queries, records
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs import digest as _digest
from ansible_collections.cloudbackup.m365.plugins.module_utils._jobs.collected import Collected
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.plan import plan
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy

DAY, HOUR = 86_400, 3_600
FIRST = _time.unix_from_iso("2026-01-01")
"""A Thursday. The first days of it only make the history that the first morning looks back on."""
WARM_UP = 14
MORNING = 7 * HOUR
SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
OBJECTS = 4_000
FAILED, DEGRADED = 0.02, 0.20


class Backup(NamedTuple):
    """A job of the year, in seconds since 1970."""

    job_type: str
    service: str
    id: str
    state: str
    start: int
    finish: int | None
    total: int
    failed: int


class Tenant(NamedTuple):
    """What it does in a year."""

    jobs: list[Backup]
    seats: Callable[[int], tuple[int, int]]
    """Now -> purchased and assigned."""


Lists = dict[tuple[str, str], "list[records.Job]"]


def ordinary(seed: int, runs_a_day: int, together: bool) -> Tenant:
    """Runs at the same hours each day; 2 % fail, 20 % finish with an exception, half the objects at weekends.

    :param together: a run ends for all four services alike (throttling, an expired app profile), or for each by itself.
    """
    chance = random.Random(seed)
    jobs = []
    for day in range(WARM_UP + 365):
        for run in range(runs_a_day):
            shared = chance.random()
            for place, service in enumerate(SERVICES):
                start = FIRST + day * DAY + run * DAY // runs_a_day + HOUR + place * 600 + chance.randrange(300)
                state, failed = outcome(shared if together else chance.random())
                # The first day of the year is a Thursday
                total = OBJECTS // 2 if day % 7 in (2, 3) else OBJECTS
                took = 1_500 + chance.randrange(900)
                jobs.append(
                    Backup("backup", service, f"{day}-{run}-{place}", state, start, start + took, total, failed)
                )
        if day % 30 == 0:
            start = FIRST + day * DAY + 10 * HOUR
            jobs.append(Backup("restore", SERVICES[day % 4], f"r{day}", "finished", start, start + 900, 20, 0))
    return Tenant(jobs, lambda now: (2_500, 2_000))


def outcome(drawn: float) -> tuple[str, int]:
    """State and failed objects."""
    if drawn < FAILED:
        return "failed", 0
    if drawn < FAILED + DEGRADED:
        return "finished_with_exception", 3
    return "finished", 0


def mornings(
    tenant: Tenant, raw_policy: dict[str, Any] | None = None, every: int = 1
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield now and the evaluation of each morning of the year, or of every so many days."""
    policy, _no_mistakes = settle_policy(raw_policy or {})
    lists = by_question(tenant)
    for day in range(WARM_UP, WARM_UP + 365, every):
        yield judged(tenant, lists, policy, FIRST + day * DAY + MORNING)


def morning(tenant: Tenant, now: int) -> dict[str, Any]:
    """The evaluation of one morning."""
    policy, _no_mistakes = settle_policy({})
    return judged(tenant, by_question(tenant), policy, now)[1]


def judged(tenant: Tenant, lists: Lists, policy: Any, now: int) -> tuple[int, dict[str, Any]]:
    return now, evaluate(reading(tenant, lists, plan(policy, now), now), policy, [], now)


def by_question(tenant: Tenant) -> Lists:
    """The jobs of each type and service, oldest start first."""
    lists: Lists = collections.defaultdict(list)
    for job in sorted(tenant.jobs, key=lambda job: job.start):
        lists[job.job_type, job.service].append(record(job))
    return lists


def reading(tenant: Tenant, lists: Lists, asked: dict[str, Any], now: int) -> dict[str, Any]:
    """What both modules would return."""
    ticks = _time.from_unix(now)
    groups = []
    for query in queries.from_options({"queries": asked["queries"]}, ticks):
        found = [
            as_it_was(job, ticks)
            for (job_type, service), jobs in lists.items()
            if query.job_type in (None, job_type) and query.object_type in (None, service)
            for job in started(jobs, query.start or 0, ticks)
        ]
        collected = Collected(query, recent_jobs=asked["recent_jobs"], include_jobs=False)
        collected.add([job for job in found if not query.states or job.state in query.states])
        digest = _digest.counted(len(found)) if query.count_only else collected.digest.described(collected.show)
        parts = {"job_type": query.job_type, "object_type": query.object_type, "query": query.described()}
        groups.append({**parts, **digest, "reported_total_count": len(found)})
    purchased, assigned = tenant.seats(now)
    license_ = _license.described(records.License(0, purchased, assigned, 0, 0), ticks)
    api = {"clock_offset_seconds": 0}
    return {
        "license": {"license": license_, "api": api},
        "jobs": {"groups": groups, "complete": True, "api": api},
        "errors": [],
        "connection": {"url": None, "version": None, "client_id": None},
        "now_given": False,
    }


def started(jobs: list[records.Job], since: int, until: int) -> list[records.Job]:
    """Those that started between two instants, both within."""
    starts = [job.start or 0 for job in jobs]
    return jobs[bisect.bisect_left(starts, since) : bisect.bisect_right(starts, until)]


def record(job: Backup) -> records.Job:
    finish = None if job.finish is None else _time.from_unix(job.finish)
    details = records.Details(job.total, job.failed, 0 if job.state == "failed" else job.total - job.failed, 0)
    return records.Job(job.id, job.state, None, _time.from_unix(job.start), finish, details, ())


def as_it_was(job: records.Job, now: int) -> records.Job:
    """A job that finishes later is still running."""
    if job.finish is not None and job.finish <= now:
        return job
    return job._replace(state="in_progress", finish=None)


def red_share(
    tenants: list[Tenant], raw_policy: dict[str, Any] | None = None, every: int = 1
) -> tuple[float, collections.Counter[str]]:
    """Return the percent of the mornings that are red, and the checks that made them so."""
    evaluations = [evaluation for tenant in tenants for _now, evaluation in mornings(tenant, raw_policy, every)]
    reasons = collections.Counter[str]()
    for evaluation in evaluations:
        reasons.update({one["check"] for one in evaluation["results"] if one["status"] in ("fail", "error")})
    red = sum(evaluation["verdict"] != "compliant" for evaluation in evaluations)
    return 100 * red / len(evaluations), reasons


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    kinds = {
        f"{runs} a day, {'services together' if together else 'each service by itself'}": (runs, together)
        for together in (True, False)
        for runs in (1, 4)
    }
    lenient = {"checks": {"backup_recency": {"states": ["finished", "finished_with_exception"]}}}
    print(f"{count} tenants of each kind, a year each\n")
    for name, (runs, together) in kinds.items():
        tenants = [ordinary(seed, runs, together) for seed in range(count)]
        for label, policy in (("default policy", {}), ("degraded backups count as backups", lenient)):
            share, reasons = red_share(tenants, policy)
            print(f"{name}, {label}: {share:.1f} % red ({dict(reasons.most_common())})", flush=True)


if __name__ == "__main__":
    main()
