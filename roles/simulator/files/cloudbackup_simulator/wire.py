# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire formats of both generations of the API."""

from __future__ import annotations

import datetime
import functools
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from . import facts
from .activity import Row as ActivityRow
from .series import Job
from .settings import ABSENT, Policy, Schedule, ServicePolicy

# Cached, because the rows of a page repeat the same few keys.
_CASES: dict[str, Callable[[str], str]] = {
    "pascal": functools.lru_cache(1000)(lambda key: key[:1].upper() + key[1:]),
    "camel": functools.lru_cache(1000)(lambda key: key[:1].lower() + key[1:]),
    "lower": str.lower,
    "upper": str.upper,
}
_ERROR_URL = "https://docs.example.com/cloud-backup/errors"


def apply_key_case(value: Any, case: str) -> Any:
    return _with_keys(value, _CASES[case])


def _with_keys(value: Any, convert: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            convert(key): _with_keys(item, convert) if isinstance(item, (dict, list)) else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_with_keys(item, convert) for item in value]
    return value


@dataclass(frozen=True)
class Page:
    """The result of a jobs query. ``next_link`` is a text or None; without ``has_next_link`` the field is missing."""

    total: int
    jobs: Sequence[Job]
    next_link: str | None
    has_next_link: bool


class FirstGeneration:
    """The format of v1: Pascal case, ticks as integers."""

    key_case = "pascal"

    def __init__(self, habits: Mapping[str, Any]) -> None:
        self._habits = habits
        self._case = self.key_case if habits["key_case"] == "documented" else habits["key_case"]

    def time_filter(self, text: str, is_end: bool) -> int | None:
        """Return ticks, or None for the minimum and maximum date. :raises ValueError: if the text is not a time."""
        if not re.fullmatch(r"-?[0-9]{1,19}", text) or not -(2**63) <= int(text) < 2**63:
            raise ValueError("is not a valid long")
        return None if int(text) in (0, facts.MAXIMUM_DATE) else int(text)

    def jobs(self, page: Page) -> Any:
        answer: dict[str, Any] = {"totalCount": self._count(page.total), "jobs": [self._job(job) for job in page.jobs]}
        if page.has_next_link:
            answer["nextLink"] = page.next_link
        return apply_key_case(answer, self._case)

    def license(self, figures: Mapping[str, Any]) -> Any:
        return apply_key_case(self._figures(figures), self._case)

    def problem(self, status: int, message: str, details: Sequence[str] = ()) -> Any:
        return {"message": message, **({"errors": list(details)} if details else {})}

    def _figures(self, figures: Mapping[str, Any]) -> dict[str, Any]:
        def is_count(name: str, value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and name != "OutOfPolicyTime"

        return {name: self._count(value) if is_count(name, value) else value for name, value in figures.items()}

    def _job(self, job: Job) -> dict[str, Any]:
        names = facts.STATE_NAMES[self._habits["state_names"]]
        row: dict[str, Any] = {"id": job.id, "state": names[job.state] if job.state_text is None else job.state_text}
        self._put(row, "startTime", self._time, job.start)
        self._put(row, "finishTime", self._time, job.finish)
        self._put(row, "duration", self._duration, job.duration)
        details = self._details(job)
        if details is not None:
            row["backupDetails"] = details
        row["jobErrors"] = self._errors(job)
        return row

    def _put(self, row: dict[str, Any], name: str, form: Callable[[int], Any], ticks: int | None) -> None:
        """Write a time or a duration, or the server's text for none."""
        style = self._habits["running_finish"]
        if ticks is not None or style == "zero":
            row[name] = form(ticks or 0)
        elif style == "null":
            row[name] = None

    def _details(self, job: Job) -> Any:
        """Return the counts of a job; None if the row has no details."""
        shape = self._habits["details"]
        if shape == "absent":
            return None
        if shape == "int":
            return None if job.total is None else self._count(job.total)
        counts = {"total": job.total, "failed": job.failed, "successful": job.successful, "skipped": job.skipped}
        suffix = self._suffix()
        return {f"{name}{suffix}": self._count(number) for name, number in counts.items() if number is not None} or None

    def _errors(self, job: Job) -> list[dict[str, Any]]:
        if job.errors is not None:
            return [self._error(text, 1) for text in job.errors]
        if not job.failed:
            return []
        is_failed = job.state == facts.FAILED
        text = "The service did not answer in time." if is_failed else "The object is locked for editing."
        return [self._error(text, job.failed)]

    def _error(self, text: str, number: int) -> dict[str, Any]:
        return {"isErrorCode": False, "value": text, "url": _ERROR_URL, "number": self._count(number)}

    def _suffix(self) -> str:
        return "Count"

    def _count(self, number: int) -> int | str:
        return str(number) if self._habits["count_text"] else number

    def _time(self, ticks: int) -> Any:
        return ticks

    def _duration(self, ticks: int) -> Any:
        return ticks


class SecondGeneration(FirstGeneration):
    """The format of v2: an envelope, camel case, ISO 8601 times, durations as hours in text."""

    key_case = "camel"

    def time_filter(self, text: str, is_end: bool) -> int | None:
        """Return the first tick of a date, or its last tick as an end, in the time zone of the server."""
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise ValueError("is not a valid date such as 2024-01-01") from None
        if text in ("0001-01-01", "9999-12-31"):
            return None
        midnight = facts.to_ticks(day) - int(self._habits["date_offset_hours"] * facts.HOUR)
        return midnight + (facts.DAY - 1 if is_end else 0)

    def jobs(self, page: Page) -> Any:
        metadata: dict[str, Any] = {f"total{self._suffix()}": self._count(page.total)}
        if page.has_next_link:
            metadata["nextLink"] = page.next_link
        return self._envelope(200, "", [self._job(job) for job in page.jobs], metadata=metadata)

    def license(self, figures: Mapping[str, Any]) -> Any:
        return self._envelope(200, "", self._figures(figures))

    def nothing(self) -> Any:
        """Return the answer for a location that the tenant does not have."""
        return self._envelope(200, "", [])

    def frequency(self, schedules: Iterable[Schedule]) -> Any:
        rows = [
            {
                "serviceType": one.service,
                "frequency": self._figure(one.jobs),
                "backupStartTime": [self._time(start) for start in one.starts],
            }
            for one in schedules
        ]
        return self._envelope(200, "", rows)

    def retention(self, policy: Policy) -> Any:
        answer = {
            "enableDailyRetentionPolicy": policy.is_daily,
            "enableCustomizedRetentionPolicy": policy.is_customized,
            "retentionPeriod": policy.period,
        }
        if policy.is_customized is not False:
            answer["servicePolicies"] = [self._service_policy(one) for one in policy.services]
        return self._envelope(200, "", {name: value for name, value in answer.items() if value != ABSENT})

    def _service_policy(self, policy: ServicePolicy) -> dict[str, Any]:
        return {
            "serviceType": policy.service,
            "containerPolicies": [
                {"containerId": one, "containerName": name, "retentionPeriod": period}
                for one, name, period in policy.containers
            ],
            "retentionPeriod": policy.period,
            "unassignedObjectRetentionPeriod": policy.unassigned,
        }

    def unusual_activity(self, rows: Iterable[ActivityRow]) -> Any:
        answer = [
            {
                "tenantOwner": "Alex Simulated",
                "tenantId": "12345678-1234-1234-1234-123456789012",
                "serviceType": row.service,
                "potentialRansomwareAttackCount": self._figure(row.attacks),
                "unusualActivitiesCount": self._figure(row.activities),
            }
            for row in rows
        ]
        return self._envelope(200, "", {"data": answer})

    def problem(self, status: int, message: str, details: Sequence[str] = ()) -> Any:
        return self._envelope(status, message, None, errors=list(details) or [message])

    def _envelope(self, status: int, message: str, data: Any, **more: Any) -> Any:
        now = datetime.datetime.now(datetime.timezone.utc)
        envelope = {
            "statusCode": status,
            "message": message,
            "data": data,
            "requestId": f"0HNEVHLNSPSEJ:{secrets.token_hex(4).upper()}",
            "timestamp": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            **more,
            "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
        }
        return apply_key_case(envelope, self._case)

    def _figure(self, value: Any) -> Any:
        """Return a count; any other value is returned unchanged."""
        return self._count(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def _suffix(self) -> str:
        return "Number" if self._habits["v2_counts"] == "totalNumber" else "Count"

    def _time(self, ticks: int) -> str:
        return facts.to_iso(ticks)

    def _duration(self, ticks: int) -> str:
        return f"{ticks / facts.HOUR:.3f}"


GENERATIONS = {1: FirstGeneration, 2: SecondGeneration}
