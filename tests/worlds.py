# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants and servers whose gate must be red with a reason, and others that look alike and must stay green.

Each is judged twice: by the modules alone, and by the role.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def ago(hours: float, fraction: str = "") -> str:
    """An instant that long before now, with a fraction of its second."""
    return f"{NOW - datetime.timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}{fraction}Z"


class World(NamedTuple):
    """A simulated tenant and what the gate must say of it.

    :ivar tenant: options of the simulator.
    :ivar results: status by check and scope, of those that matter.
    :ivar words: a part of one of its findings.
    :ivar connection: options beside the address and the credentials; ``variables`` are those of the role.
    """

    tenant: dict[str, Any]
    verdict: str = "undetermined"
    results: dict[str, str] = {}
    words: str = ""
    connection: dict[str, Any] = {}
    variables: dict[str, Any] = {}


def backups(
    service: str, days: int = 21, *, every: float = 24, newest: float = 2, **facts: Any
) -> list[dict[str, Any]]:
    """Backups of half an hour, the newest of which ended so many hours ago."""
    ends = [newest + every * place for place in range(int(days * 24 / every))]
    return [
        backup(f"{service}-{facts.get('location', '')}{place}", service, end, **facts) for place, end in enumerate(ends)
    ]


def backup(name: str, service: str, ended: float, **facts: Any) -> dict[str, Any]:
    """A backup of half an hour that ended so many hours ago."""
    figures = {"total": 100, "failed": 0, "successful": 100, "skipped": 0}
    return {"id": name, "object_type": service, "start": f"{ended + 0.5}h", "finish": f"{ended}h", **figures, **facts}


RESTORE = {"id": "restore", "job_type": "restore", "object_type": "exchange_online", "start": "49h", "finish": "48h"}
OLD_RESTORE = {**RESTORE, "start": "60d", "finish": "60d"}


def running(name: str, services: list[str], started: float) -> dict[str, Any]:
    return {"id": name, "object_types": services, "state": "In Progress", "start": f"{started}h", "finish": None}


def rows(*services: str, days: int = 21, more: tuple[dict[str, Any], ...] = (), **facts: Any) -> dict[str, Any]:
    """A tenant whose services are backed up every day, a restore, and more jobs."""
    jobs = [job for service in services or SERVICES for job in backups(service, days, **facts)]
    return {"scenario": "empty", "rows": [*jobs, RESTORE, *more]}


def serving(tenant: dict[str, Any], *faults: str, **habits: Any) -> dict[str, Any]:
    """A tenant behind a server with these habits and faults."""
    return {**tenant, "habits": habits, "faults": list(faults)}


def policy(*services: str, **more: Any) -> dict[str, Any]:
    return {"compliance_policy": {**({"services": list(services)} if services else {}), **more}}


V2 = {"api_version": "v2"}
TWO_PLACES = {
    "scenario": "empty",
    "rows": [
        *(job for service in SERVICES for place in ("NAM", "EUR") for job in backups(service, location=place)),
        RESTORE,
    ],
}
ONLY_NAM = rows(location="NAM")
WITHOUT_TEAMS = rows("exchange_online", "sharepoint_online", "onedrive")
PLACES = policy(locations=["NAM", "EUR"])

RED = {
    "one-service-unknown-to-the-server": World(
        serving(WITHOUT_TEAMS, ignore_values=["ObjectType=7"]), words="the server ignores ObjectType"
    ),
    "one-service-unknown-few-jobs": World(
        serving(rows("exchange_online", "sharepoint_online", "onedrive", days=2), ignore_values=["ObjectType=7"]),
        words="the server ignores ObjectType",
    ),
    "one-service-unknown-page-counts": World(
        serving(WITHOUT_TEAMS, ignore_values=["ObjectType=7"], total_means="page"),
        words="the server ignores ObjectType",
    ),
    "location-ignored": World(
        serving(ONLY_NAM, ignore=["location"]), words="the server ignores location", connection=V2, variables=PLACES
    ),
    "one-location-ignored": World(
        serving(ONLY_NAM, ignore_values=["location=EUR"]),
        words="the server ignores location",
        connection=V2,
        variables=PLACES,
    ),
    "single-location-ignored": World(
        serving(ONLY_NAM, ignore_values=["location=EUR"]),
        results={"evidence run": "error"},
        words="The server ignores location.",
        connection=V2,
        variables=policy(locations=["EUR"]),
    ),
    "single-service-ignored": World(
        serving(WITHOUT_TEAMS, ignore_values=["ObjectType=7"]),
        results={"evidence run": "error", "backup_recency teams": "pass"},
        words="The server ignores ObjectType.",
        variables=policy("teams"),
    ),
    "single-service-all-ignored": World(
        serving(WITHOUT_TEAMS, ignore=["ObjectType"]),
        results={"evidence run": "error"},
        words="The server ignores ObjectType.",
        variables=policy("teams"),
    ),
    "job-type-ignored": World(serving(rows(), ignore=["JobType"]), words="the server ignores JobType"),
    "single-service-job-type-ignored": World(
        serving(
            {"scenario": "empty", "rows": [{**job, "job_type": "export"} for job in backups("teams")] + [OLD_RESTORE]},
            ignore_values=["JobType=1"],
        ),
        results={"evidence run": "error"},
        words="the server ignores JobType",
        variables=policy("teams"),
    ),
    "job-type-of-backups-ignored": World(
        serving(
            rows(
                *("exchange_online", "sharepoint_online", "onedrive"),
                more=tuple({**job, "job_type": "retention"} for job in backups("teams")),
            ),
            ignore_values=["JobType=1"],
        ),
        words="the server ignores JobType",
    ),
    "count-capped": World(
        serving(rows(every=6, more=()), max_total=50, next_link="absent"),
        words="the page after the last has more jobs",
        connection={"page_size": 10},
    ),
    "page-and-count-capped": World(
        serving(rows(), max_page_size=10, total_means="page", next_link="absent"),
        words="the page after the last has more jobs",
    ),
    "running-query-empty": World(
        serving(rows(more=(running("stuck", ["teams"], 72),)), lost_states=["in_progress"]),
        "non_compliant",
        {"stuck_jobs teams": "fail", "stuck_jobs onedrive": "pass"},
    ),
    "license-from-a-cache": World(
        serving(rows(), "cached:seconds=7200,on=license"), results={"evidence run": "error"}, words="A cache kept"
    ),
    "one-page-from-a-cache": World(
        serving(rows(), "cached:seconds=7200,on=jobs,after=3,times=1"),
        results={"evidence run": "error"},
        words="A cache kept",
    ),
    "age-alone": World(
        serving(rows(), "cached:age=301,date=0,on=jobs,after=3,times=1"),
        results={"evidence run": "error"},
        words="A cache kept an answer for 301 s",
    ),
    "one-node-with-a-wrong-clock": World(
        serving(rows(), "skewed_date:seconds=-10800,on=jobs,after=2,times=1"),
        results={"evidence run": "error"},
        words="The clock is off",
    ),
    "failed-within-the-second": World(
        rows(
            "exchange_online",
            "sharepoint_online",
            "onedrive",
            more=(
                *backups("teams", newest=26),
                backup("zz-finished", "teams", 2, finish=ago(2, ".1")),
                backup("aa-failed", "teams", 2, finish=ago(2, ".8"), state="Failed"),
                backup("ab-failed", "teams", 2, finish=ago(2, ".9"), state="Failed"),
            ),
        ),
        "non_compliant",
        {"consecutive_failures teams": "fail", "backup_recency teams": "pass"},
        "The last 2 backups failed",
    ),
    "now-of-last-week": World(
        rows(newest=6 * 24 + 1),
        results={"evidence run": "error"},
        words="Take compliance_now out",
        variables={"compliance_now": ago(6 * 24)},
    ),
    "rows-that-move": World(
        serving(rows(), removal=1, removes="newest", total_means="page"),
        words="could not be proven complete",
        connection={"page_size": 5},
    ),
    "objects-unaccounted-for": World(
        rows(total=1000, successful=1, failed=0, skipped=0),
        "non_compliant",
        {"failed_objects teams": "fail"},
        "unaccounted for (999)",
    ),
    "duration-before-the-start": World(
        rows(more=(backup("odd", "teams", 1, start="60m", finish=ago(1, ".0")),)),
        results={"slow_backups teams": "error", "backup_recency teams": "pass", "failed_objects teams": "pass"},
        words="finished before it started",
    ),
}

HOURLY = rows(every=1, days=21)
GREEN = {
    "ordinary": World(rows(), "compliant", {"evidence run": "pass"}),
    "ordinary-v2": World(rows(), "compliant", {"evidence run": "pass"}, connection=V2),
    "hourly": World(HOURLY, "compliant", {"evidence run": "pass"}),
    "page-counting": World(serving(rows(), total_means="page"), "compliant", {"evidence run": "pass"}),
    "page-counting-hourly": World(
        serving(HOURLY, total_means="page", next_link="absent"), "compliant", {"evidence run": "pass"}
    ),
    "growing": World(serving({"scenario": "healthy"}, growth=9), "compliant", connection={"page_size": 20}),
    "growing-page-counting": World(
        serving({"scenario": "healthy"}, growth=9, total_means="page"), "compliant", connection={"page_size": 20}
    ),
    "two-locations": World(TWO_PLACES, "compliant", {"evidence run": "pass"}, connection=V2, variables=PLACES),
    "single-location": World(
        ONLY_NAM, "compliant", {"evidence run": "pass"}, connection=V2, variables=policy(locations=["NAM"])
    ),
    "single-service": World(rows("teams"), "compliant", {"evidence run": "pass"}, variables=policy("teams")),
    "single-service-of-several": World(rows(), "compliant", {"evidence run": "warn"}, variables=policy("teams")),
    "counted-from-one": World(serving(rows(), page_base=1, page_zero="empty"), "compliant", {"evidence run": "pass"}),
    "running-under-two-services": World(
        rows(more=(running("shared", ["teams", "onedrive"], 1),)), "compliant", {"evidence run": "pass"}
    ),
    "many-running": World(
        rows(more=tuple(running(f"run-{place}", ["teams"], 0.2) for place in range(250))),
        "compliant",
        {"stuck_jobs teams": "pass"},
    ),
    "queued": World(
        rows(more=({"id": "queued", "object_type": "teams", "state": "In Progress", "start": None, "finish": None},)),
        "compliant",
        {"stuck_jobs teams": "pass"},
    ),
    "first-backup-of-eight-days": World(
        rows(
            "exchange_online",
            "sharepoint_online",
            "onedrive",
            more=(backup("first", "teams", 1, start="193h"),),
        ),
        "compliant",
        {"backup_presence teams": "pass", "backup_recency teams": "pass"},
    ),
}
WORLDS = {**RED, **GREEN}
