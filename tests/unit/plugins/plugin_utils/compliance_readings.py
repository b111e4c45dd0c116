# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readings as the two modules return them, for the tests of the judging side."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance import _instants
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._evaluate import evaluate
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance._waivers import settle_waivers

NOW_TEXT = "2026-11-24T06:00:00Z"
NOW = _instants.parse(NOW_TEXT)
WINDOW_START = NOW - 7 * 86_400
SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
STATES = ("in_progress", "finished", "failed", "finished_with_exception", "partially_finished", "unknown")


def ago(**length: float) -> int:
    """The instant that long before now."""
    return NOW - int(datetime.timedelta(**length).total_seconds())


def job(name: str, state: str = "finished", start: int | None = None, finish: int | None = None) -> dict[str, Any]:
    """A job that took half an hour, unless both times are given."""
    if start is None and finish is not None:
        start = finish - 1_800
    return {
        "id": name,
        "state": state if state in STATES else "unknown",
        "state_text": None if state in STATES else state,
        "start_time": None if start is None else _instants.iso(start),
        "finish_time": None if finish is None else _instants.iso(finish),
        "duration_seconds": 1_800.0,
        "job_type": "backup",
        "object_type": None,
        "backup_details": {"total_count": 9, "failed_count": 0, "successful_count": 9, "skipped_count": 0},
        "errors": [],
    }


def group(
    jobs: list[dict[str, Any]],
    service: str = "teams",
    since: int | None = WINDOW_START,
    location: str | None = None,
    recent: int = 20,
) -> dict[str, Any]:
    """A group of jobs with its digest, as the jobs module makes it."""

    def ended(one: dict[str, Any]) -> tuple[str, str, str]:
        return one["finish_time"] or one["start_time"] or "", one["start_time"] or "", one["id"]

    ordered = sorted(sorted(jobs, key=lambda one: one["id"]), key=lambda one: one["start_time"] or "", reverse=True)
    running = [one for one in ordered if one["state"] == "in_progress"]
    return {
        "job_type": "backup",
        "object_type": service,
        "query": {
            "start_time": None if since is None else _instants.iso(since),
            "finish_time": None,
            "states": [],
            "location": location,
            "count_only": False,
        },
        "total_count": len(jobs),
        "by_state": {state: sum(one["state"] == state for one in jobs) for state in STATES},
        "objects": {"total_count": 9, "failed_count": 0, "successful_count": 9, "skipped_count": 0},
        "last_success": max((one for one in jobs if one["state"] == "finished"), key=ended, default=None),
        "last_completed": max((one for one in jobs if one["state"] != "in_progress"), key=ended, default=None),
        "oldest_in_progress": running[-1] if running else None,
        "recent": ordered[:recent],
    }


def count(total: int, since: int = WINDOW_START) -> dict[str, Any]:
    """The group of a query of which only the count was asked."""
    empty = group([], "", since)
    return {
        **empty,
        "object_type": None,
        "query": {**empty["query"], "count_only": True},
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


def jobs_result(*groups: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"groups": list(groups), "summary": {}, "complete": True, "query": {}, "api": api(), **fields}


def read(*groups: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A reading of these groups and a healthy license."""
    return {"license": license_result(), "jobs": jobs_result(*groups), "errors": [], **parts}


def healthy(**parts: Any) -> dict[str, Any]:
    """Every default service with a backup an hour ago, and one a day before."""
    groups = []
    for service in SERVICES:
        jobs = [job(f"{service}-{hours}", finish=ago(hours=hours)) for hours in (1, 25)]
        groups.append(group(jobs, service))
    return read(*groups, count(8), **parts)


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


def result(evaluation: dict[str, Any], check: str, scope: str | None = None) -> dict[str, Any]:
    """The one result of a check, at a scope if it has several."""
    found = [one for one in evaluation["results"] if one["check"] == check and scope in (None, one["scope"])]
    assert len(found) == 1
    return found[0]
