# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readings as the two modules return them, for the tests of the judging side."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.evaluation.evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.settle import settle_criteria
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.waivers import settle_waivers
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.evidence_json import evidence

NOW_TEXT = "2026-11-24T06:00:00Z"
NOW = _time.unix_from_iso(NOW_TEXT)
WINDOW_START = NOW - 7 * 86_400
READ_START = WINDOW_START - 14 * 86_400
"""Backups are asked for by their start, and belong to the window by their end."""
SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
HEALTHY_OF_A_SERVICE = 14
HEALTHY_BACKUPS = 4 * HEALTHY_OF_A_SERVICE
NOT_PLANNED: dict[str, Any] = {
    "connection": {"url": None, "version": None, "client_id": None},
    "now_given": False,
    "settings": None,
    "unusual_activity": None,
}
"""The part of a reading that a gate without inputs has."""
STATES = ("in_progress", "finished", "failed", "finished_with_exception", "partially_finished", "unknown")


def ago(**length: float) -> int:
    """The instant that long before now."""
    return NOW - int(datetime.timedelta(**length).total_seconds())


def job(
    name: str,
    state: str = "finished",
    start: int | None = None,
    finish: int | None = None,
    objects: tuple[int | None, int | None, int | None, int | None] | None = (9, 0, 9, 0),
    took: float | None = 1_800.0,
) -> dict[str, Any]:
    """A job that took half an hour, unless both times are given.

    :param objects: total, failed, successful and skipped.
    :param took: the duration that it reports, in seconds.
    """
    if start is None and finish is not None:
        start = finish - 1_800
    names = ("total_count", "failed_count", "successful_count", "skipped_count")
    return {
        "id": name,
        "state": state if state in STATES else "unknown",
        "state_text": None if state in STATES else state,
        "start_time": None if start is None else _time.unix_to_iso(start),
        "finish_time": None if finish is None else _time.unix_to_iso(finish),
        "duration_seconds": took,
        "job_type": "backup",
        "object_type": None,
        "backup_details": dict(zip(names, objects)) if objects else None,
        "errors": [],
        "errors_left_out": 0,
    }


def group(
    jobs: list[dict[str, Any]],
    service: str | None = "teams",
    since: int | None = READ_START,
    location: str | None = None,
    recent: int = 200,
    job_type: str | None = "backup",
    states: tuple[str, ...] = (),
    ended_since: int | None = WINDOW_START,
) -> dict[str, Any]:
    """A group of jobs with its digest, as the jobs module makes it from jobs that have no fractions of a second.

    :param ended_since: of backups alone.
    """
    if job_type != "backup":
        ended_since = None

    def ended(one: dict[str, Any]) -> tuple[str, str, str]:
        return one["finish_time"] or one["start_time"] or "", one["start_time"] or "", one["id"]

    def started(one: dict[str, Any]) -> tuple[bool, str, str]:
        return one["start_time"] is None, one["start_time"] or "", one["id"]

    ordered = sorted(sorted(jobs, key=lambda one: one["id"]), key=lambda one: one["start_time"] or "", reverse=True)
    running = [one for one in jobs if one["state"] == "in_progress"]
    by_finish = sorted(ordered[:recent], key=lambda one: (one["state"] != "in_progress", ended(one)), reverse=True)
    ranks = {one["id"]: rank for rank, one in enumerate(by_finish)}

    def in_window(one: dict[str, Any]) -> bool:
        end = one["finish_time"] or one["start_time"]
        return one["state"] == "in_progress" or end is None or end >= _time.unix_to_iso(ended_since)

    return {
        "job_type": job_type,
        "object_type": service,
        "query": {
            "start_time": None if since is None else _time.unix_to_iso(since),
            "finish_time": None,
            "states": list(states),
            "location": location,
            "count_only": False,
            "ended_since": None if ended_since is None else _time.unix_to_iso(ended_since),
        },
        **figures(jobs),
        "ended_since": None if ended_since is None else figures([one for one in jobs if in_window(one)]),
        "last_by_state": {
            state: max((one for one in jobs if one["state"] == state), key=ended, default=None) for state in STATES
        },
        "last_success": max((one for one in jobs if one["state"] == "finished"), key=ended, default=None),
        "last_completed": max((one for one in jobs if one["state"] != "in_progress"), key=ended, default=None),
        "oldest_in_progress": min(running, key=started, default=None),
        "recent": [{**one, "finish_rank": ranks[one["id"]]} for one in ordered[:recent]],
    }


def figures(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of jobs."""
    return {
        "total_count": len(jobs),
        "by_state": {state: sum(one["state"] == state for one in jobs) for state in STATES},
        "objects": {"total_count": 9, "failed_count": 0, "successful_count": 9, "skipped_count": 0},
    }


def running(*jobs: dict[str, Any], service: str = "teams", location: str | None = None) -> dict[str, Any]:
    """The group of a service's jobs in progress."""
    return group(list(jobs), service, None, location, job_type=None, states=("in_progress",))


def restores(*jobs: dict[str, Any], since: int | None = None) -> dict[str, Any]:
    """The group of the restores that finished within a year."""
    return group(list(jobs), None, since or ago(days=365), job_type="restore", states=("finished",))


def deletions(*jobs: dict[str, Any], since: int | None = WINDOW_START, recent: int = 200) -> dict[str, Any]:
    """The group of the delete jobs of the window."""
    return group(list(jobs), None, since, job_type="delete", recent=recent)


def count(
    total: int,
    since: int | None = READ_START,
    *,
    job_type: str | None = "backup",
    service: str | None = None,
    location: str | None = None,
) -> dict[str, Any]:
    """The group of a query of which only the count was asked."""
    empty = group([], service, since, location, job_type=job_type)
    return {
        **empty,
        "query": {**empty["query"], "count_only": True, "ended_since": None},
        "ended_since": None,
        "total_count": total,
        "by_state": dict.fromkeys(STATES),
        "objects": dict.fromkeys(empty["objects"]),
    }


def api(**facts: Any) -> dict[str, Any]:
    return {
        "url": "https://graph-us.example.com",
        "version": "v1",
        "requests": 2,
        "retries": 0,
        "server_time": NOW_TEXT,
        "clock_offset_seconds": 0,
        "age_seconds": None,
        "request_ids": ["r-1", "r-2"],
        "client_id": "0a1b",
        **facts,
    }


def license_result(**fields: Any) -> dict[str, Any]:
    """The license module's result; a field given as the text "absent" is taken out."""
    fields = {
        "out_of_policy_time": None,
        "out_of_policy_raw": None,
        "out_of_policy": False,
        "purchased_user_seats": 100,
        "assigned_user_seats": 50,
        "purchased_storage_size": 0,
        "protected_size": 0,
        **fields,
    }
    return {"license": {name: value for name, value in fields.items() if value != "absent"}, "api": api()}


def period(text: str | None, days: int | None = None) -> dict[str, Any]:
    return {"text": text, "days": days, "unlimited": text == "Unlimited"}


YEARS = period("7 years", 2555)


def of_service(name: str, **facts: Any) -> dict[str, Any]:
    """What the settings and unusual activity modules call a service."""
    number = _names.SERVICE_TYPES.index(name) if name in _names.SERVICE_TYPES else 99
    object_type = name if name in _names.OBJECT_TYPES else None
    service_type = name if name in _names.SERVICE_TYPES else "unknown"
    return {"object_type": object_type, "service_type": service_type, "service_type_number": number, **facts}


def scheduled(name: str, jobs_per_day: Any = 4) -> dict[str, Any]:
    return of_service(name, jobs_per_day=jobs_per_day, start_times=["2026-11-24T00:00:00Z"])


def kept(name: str, retention: Any = ..., unassigned: Any = ..., **containers: Any) -> dict[str, Any]:
    """The retention of a service: 7 years, where the test gives nothing else."""
    retention, unassigned = (YEARS if given is ... else given for given in (retention, unassigned))
    shown = [{"id": f"id-{one}", "name": one, "retention": found} for one, found in containers.items()]
    return of_service(name, retention=retention, unassigned=unassigned, containers=shown)


def settings_result(
    frequency: Any = None,
    services: Any = None,
    default: Any = ...,
    customized: Any = True,
    locations: Any = (None,),
    **facts: Any,
) -> dict[str, Any]:
    """The settings module's result: every default service 4 times a day, kept for 7 years."""
    frequency = [scheduled(name) for name in SERVICES] if frequency is None else frequency
    services = [kept(name) for name in SERVICES] if services is None else services
    policy = {"daily_retention_enabled": False, "customized": customized, "services": services}
    policy["default"] = YEARS if default is ... else default
    return {
        "frequency": [{"location": place, "services": frequency} for place in locations],
        "retention": [{"location": place, **policy} for place in locations],
        "api": api(),
        **facts,
    }


def detected(name: str, attacks: Any = 0, activities: Any = 0) -> dict[str, Any]:
    counts = {"potential_ransomware_attacks": attacks, "unusual_activities": activities}
    return of_service(name, tenant_owner="admin@contoso.example", tenant_id="t-1", **counts)


def activity_result(*rows: dict[str, Any], **query: Any) -> dict[str, Any]:
    """The unusual activity module's result, for the whole days of the window."""
    asked = {"start_time": "2026-11-17T00:00:00Z", "finish_time": "2026-11-24T23:59:59Z", "location": None, **query}
    return {"activity": list(rows), "summary": {}, "query": asked, "api": api()}


def jobs_result(*groups: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "groups": list(groups),
        "overlaps": [],
        "summary": {},
        "complete": True,
        "query": {},
        "api": api(),
        **fields,
    }


def read(*groups: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A reading of these groups and a healthy license.

    What is not given beside the backups is healthy: nothing runs or was deleted, a restore finished a month ago.
    Counts are last.
    """
    lists = [one for one in groups if "job_type" in one and not _query(one).get("count_only")]
    quiet = [restores(job("restore", finish=ago(days=30))), deletions()]
    quiet += [group([], None, job_type=job_type) for job_type in ("export", "retention")]
    for one in lists:
        if one["job_type"] == "backup":
            quiet.append(running(service=one["object_type"], location=_query(one).get("location")))
    asked = [_asked(one) for one in lists]
    quiet = [one for one in quiet if _asked(one) not in asked]
    rest = [one for one in groups if one not in lists]
    counts = [one for one in _other_counts(lists) if _asked(one) not in map(_asked, rest)]
    jobs = jobs_result(*lists, *quiet, *rest, *counts)
    return {**NOT_PLANNED, "license": license_result(), "jobs": jobs, "errors": [], **parts}


def _other_counts(lists: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is counted besides, of a single service or location: nothing but its backups is there."""
    backups = [one for one in lists if one["job_type"] == "backup"]
    services, locations = ({find(one) for one in backups} for find in (lambda one: one["object_type"], _location))
    total = sum(one["total_count"] for one in backups)
    counts = []
    if len(services) == 1:
        (service,) = services
        counts += [count(0, service=other) for other in _names.OBJECT_TYPES if other != service]
        counts += [count(0, job_type=other, service=service) for other in _names.JOB_TYPES if other != "backup"]
        counts += [count(total, job_type=None, service=service)]
    if len(locations) == 1 and None not in locations:
        counts += [count(total if place in locations else 0, location=place) for place in _names.LOCATIONS]
    return counts


def _location(one: dict[str, Any]) -> str | None:
    return _query(one).get("location")


def _asked(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["job_type"], one["object_type"], _query(one).get("location")


def _query(one: dict[str, Any]) -> dict[str, Any]:
    return one.get("query") or {}


def healthy(**parts: Any) -> dict[str, Any]:
    """Every default service with a backup an hour ago, and two a day before it."""
    groups = []
    for service in SERVICES:
        jobs = [job(f"{service}-{hours}", finish=ago(hours=hours)) for hours in range(1, 168, 12)]
        groups.append(group(jobs, service))
    return read(*groups, count(HEALTHY_BACKUPS), **parts)


def history(*states: str, every: float = 6, newest: float = 1, **facts: Any) -> list[dict[str, Any]]:
    """Jobs in these states, the newest first, so many hours apart; the newest ended so many hours ago."""
    return [
        job(f"j{index:03}", state, start=end - 1_800, finish=None if state == "in_progress" else end, **facts)
        for index, state in enumerate(states)
        for end in [ago(hours=newest + every * index)]
    ]


def only(*services: str, **checks: Any) -> dict[str, Any]:
    """A policy for these services alone."""
    return {"services": list(services), "checks": checks}


def judge(reading: Any, policy: Any = None, waivers: Any = None, now: int = NOW) -> dict[str, Any]:
    """The evaluation; policy and waivers must be without mistakes."""
    settled, mistakes = settle_policy(policy or {})
    assert mistakes == []
    settled_waivers, mistakes = settle_waivers(waivers or [])
    assert mistakes == []
    return evaluate(reading, settled, settled_waivers, now)


def outcome(check: str, *groups: dict[str, Any], settings: Any = None, **policy: Any) -> dict[str, Any]:
    """The result of a check for a tenant that has Teams alone, or of the run."""
    total = sum(one["total_count"] for one in groups if one["job_type"] == "backup")
    return result(judge(read(*groups, count(total)), {**only("teams", **{check: settings or {}}), **policy}), check)


def result(evaluation: dict[str, Any], check: str, scope: str | None = None) -> dict[str, Any]:
    """The one result of a check, at a scope if it has several."""
    found = [one for one in evaluation["results"] if one["check"] == check and scope in (None, one["scope"])]
    assert len(found) == 1
    return found[0]


def evidence_of(reading: Any, policy: Any = None, waivers: Any = None, subject: str = "contoso") -> dict[str, Any]:
    """The content of evidence.json of a gate that ran at NOW_TEXT."""
    criteria, mistakes = settle_criteria(policy or {}, waivers or [], NOW_TEXT)
    assert mistakes == []
    return evidence(subject, NOW_TEXT, criteria.policy.data, reading, judge(reading, policy, waivers))
