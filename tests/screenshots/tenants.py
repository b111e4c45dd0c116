# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants for the pictures of the report and for its tests: the same evidence at any time."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.inputs.policy_rules import settle_policy
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports import evidence_json
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.facts import gather
from ansible_collections.cloudbackup.m365.plugins.plugin_utils._compliance.reports.html import report
from ansible_collections.cloudbackup.m365.tests.unit import readings

HOUR = 3_600
CLIENT = "0a1b2c3d-0000-4000-8000-5e6f7a8b9c0d"


def evidence_of(subject: str, read: Any, policy: Any = None, waivers: Any = None) -> dict[str, Any]:
    """The content of evidence.json."""
    settled, _unused_mistakes = settle_policy(policy or {})
    return evidence_json.evidence(
        subject=subject,
        evaluated_at=readings.NOW_TEXT,
        policy=settled.data,
        read=read,
        evaluation=readings.judge(read, policy, waivers),
    )


def page_of(data: dict[str, Any]) -> str:
    """The report.html of an evidence.json with this content."""
    policy, _unused_mistakes = settle_policy(data["policy"])
    return report.report(data, gather(data, policy))


def history(service: str, since: int, states: dict[int, str] | None = None, count: int = 14) -> list[dict[str, Any]]:
    """Backups of a service, the last one ``since`` hours ago and 12 hours apart; by number those not ``finished``."""
    jobs = []
    for number in range(count):
        finish = readings.NOW - (since + number * 12) * HOUR - number * 420 % 1_500
        start = finish - 2_400 - number * 977 % 1_800
        state = (states or {}).get(number, "finished")
        name = f"{service[:4]}-{4_096 - number:x}"
        jobs.append(readings.job(name, state, start, None if state == "in_progress" else finish))
    return jobs


def tenant(jobs: dict[str, list[dict[str, Any]]], recent: int = 200, **parts: Any) -> dict[str, Any]:
    """What was read of a tenant with these backups by service."""
    groups = [readings.group(found, service, recent=recent) for service, found in jobs.items()]
    read = readings.read(*groups, readings.count(sum(map(len, jobs.values()))), **parts)
    read["license"]["api"].update(pages=1, requests=1, client_id=CLIENT)
    read["jobs"]["api"].update(pages=len(groups) + 1, requests=len(groups) + 1, client_id=CLIENT)
    return read


def healthy() -> dict[str, Any]:
    jobs = {service: history(service, 1 + place) for place, service in enumerate(readings.SERVICES)}
    license_ = readings.license_result(
        purchased_user_seats=2_500, assigned_user_seats=2_112, purchased_storage_size=40_960, protected_size=27_300
    )
    return evidence_of("contoso.onmicrosoft.com", tenant(jobs, license=license_))


def failing() -> dict[str, Any]:
    """Failures, warnings, a waived failure and an expired waiver."""
    jobs = {
        "exchange_online": history("exchange_online", 5, {0: "failed", 1: "failed", 2: "failed", 3: "failed"}),
        "sharepoint_online": history("sharepoint_online", 2, {0: "in_progress", 3: "finished_with_exception"}),
        "onedrive": history("onedrive", 27, {2: "partially_finished", 5: "Suspended"}, 11),
        "teams": [],
    }
    license_ = readings.license_result(
        purchased_user_seats=2_500,
        assigned_user_seats=2_708,
        purchased_storage_size=40_960,
        protected_size=38_100,
        out_of_policy_time="2026-12-10T00:00:00Z",
    )
    policy = {"checks": {"backup_recency": {"services": {"exchange_online": {"warn": "12h", "fail": "24h"}}}}}
    waivers = [
        {
            "check": "backup_presence",
            "scope": "teams",
            "reason": "Teams moves to the new tenant until the middle of December",
            "approver": "J. Doe, head of IT",
            "expires": "2026-12-15",
        },
        {"check": "license_storage", "reason": "2 TB are ordered", "approver": "A. Roe", "expires": "2026-11-01"},
    ]
    return evidence_of("fabrikam.onmicrosoft.com", tenant(jobs, license=license_), policy, waivers)


def undetermined() -> dict[str, Any]:
    """The license was read, the jobs were refused."""
    failure = {"kind": "permission", "status": 403, "request_id": "5f0c2a51", "hint": "Grant the app the jobs' scope."}
    error = {"read": "jobs", "message": "The jobs were refused: insufficient permissions", "failure": failure}
    license_ = readings.license_result(purchased_user_seats=800, assigned_user_seats=731)
    reading = {**readings.NOT_PLANNED, "license": license_, "jobs": None, "errors": [error]}
    return evidence_of("tailspin.onmicrosoft.com", reading)


def fleet() -> dict[str, Any]:
    """The largest that is usual: every service, with more backups than are kept; three of them stopped days ago."""
    jobs: dict[str, list[dict[str, Any]]] = {}
    for place, service in enumerate(_names.OBJECT_TYPES):
        states = {7 + place: "failed", 40: "Suspended", 90: "partially_finished"}
        jobs[service] = [
            readings.job(
                f"{service}-{number}", states.get(number, "finished"), finish=readings.NOW - 60 - 2_300 * number
            )
            for number in range(260)
        ]
        if place in (3, 4, 5):
            jobs[service] = jobs[service][90:]
    return evidence_of("northwind", tenant(jobs, recent=216), {"services": list(_names.OBJECT_TYPES)})
