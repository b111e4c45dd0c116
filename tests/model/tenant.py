# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the model test share: a tenant as data, its jobs, and the limits of its policy."""

from __future__ import annotations

from typing import Any, NamedTuple

SECOND = 10_000_000
"""Times are in ticks of 100 ns."""
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
LONGEST_RUN = 14 * DAY
"""So long before the window backups are read."""
ALL_SERVICES = (
    *("exchange_online", "sharepoint_online", "onedrive", "microsoft_365_groups", "project_online", "public_folder"),
    *("teams", "viva_engage", "teams_chat", "power_bi", "power_automate", "power_apps"),
)
"""In the order of their numbers."""
RUNNING, CLEAN, FAILED = "In Progress", "Finished", "Failed"
DEGRADED = ("Finished with Exception", "Partially Finished")
KNOWN = (RUNNING, CLEAN, FAILED, *DEGRADED)


class Job(NamedTuple):
    """A job as it is, whatever a server shows of it.

    :ivar start: ticks before now, negative after it, None without; ``finish`` likewise.
    """

    id: str
    services: tuple[str, ...]
    state: str
    start: int | None
    finish: int | None
    total: int | None = None
    failed: int | None = None
    successful: int | None = None
    skipped: int | None = None
    job_type: str = "backup"
    location: str = "NAM"

    @property
    def ended(self) -> int | None:
        """Ticks between its end and now: its finish, else its start."""
        return self.start if self.finish is None else self.finish

    def row(self) -> dict[str, Any]:
        """Return the job as the simulator takes it."""
        fields = self._asdict()
        fields["object_types"] = list(fields.pop("services"))
        for name in ("start", "finish"):
            ticks = fields[name]
            if ticks is not None:
                sign, (seconds, rest) = "-" if ticks < 0 else "", divmod(abs(ticks), SECOND)
                fields[name] = f"{sign}{seconds}.{rest:07}s"
        return fields


class Limits(NamedTuple):
    """Thresholds of a policy, each as warn and fail: percents, counts, and ages in ticks. None is no such limit."""

    window: int = 7 * DAY
    seats: tuple[int, int] = (90, 100)
    storage: tuple[int, int] = (85, 100)
    recency: tuple[int, int] = (26 * HOUR, 48 * HOUR)
    recency_states: tuple[str, ...] = ("finished", "finished_with_exception")
    failures: tuple[int, int] = (1, 2)
    success: tuple[int, int] = (95, 80)
    success_jobs: int = 10
    degraded: tuple[int, int] = (1, 7 * DAY)
    objects: tuple[float, float] = (0.5, 2)
    least_objects: int = 5
    hollow: tuple[int, int] = (1, 3)
    # Neither three backups of a day in a row nor seven of six hours are near it, whatever their newest end
    hollow_span: int = 35 * HOUR + 30 * MINUTE
    drop: tuple[int, int] = (30, 50)
    samples: int = 5
    stuck: tuple[int, int] = (12 * HOUR, 24 * HOUR)
    slow: tuple[int, int | None] = (2, None)
    slow_floor: int = 30 * MINUTE
    restore: tuple[int, int] = (92 * DAY, 365 * DAY)
    deletions: tuple[int, int | None] = (1, None)

    def checks(self) -> dict[str, dict[str, Any]]:
        """Return the settings of every check, so that no default decides a case."""

        def percents(limit: tuple[float, float]) -> dict[str, Any]:
            return {"warn": f"{limit[0]} %", "fail": f"{limit[1]} %"}

        def ages(limit: tuple[int, int]) -> dict[str, Any]:
            return {"warn": _age(limit[0]), "fail": _age(limit[1])}

        def plain(limit: tuple[Any, Any]) -> dict[str, Any]:
            return {"warn": limit[0], "fail": limit[1]}

        return {
            "license_seats": percents(self.seats),
            "license_storage": percents(self.storage),
            "backup_recency": {**ages(self.recency), "states": list(self.recency_states)},
            "consecutive_failures": plain(self.failures),
            "success_rate": {**percents(self.success), "min_jobs": self.success_jobs},
            "degraded_backups": {"warn": self.degraded[0], "fail": _age(self.degraded[1])},
            "failed_objects": {**percents(self.objects), "min_objects": self.least_objects},
            "hollow_backups": {**plain(self.hollow), "span": _age(self.hollow_span)},
            "coverage_drop": {**percents(self.drop), "min_jobs": self.samples},
            "stuck_jobs": ages(self.stuck),
            "slow_backups": {**plain(self.slow), "min_jobs": self.samples, "floor": _age(self.slow_floor)},
            "restore_exercise": ages(self.restore),
            "deletion_activity": plain(self.deletions),
        }


class Tenant(NamedTuple):
    """A tenant and the policy that judges it.

    :ivar license: figures by the API's names; a missing one is absent.
    :ivar kinds: what was made of each scope, for a reader.
    """

    jobs: list[Job]
    license: dict[str, int]
    services: list[str]
    locations: list[str]
    limits: Limits
    version: str
    kinds: dict[str, str]

    def policy(self) -> dict[str, Any]:
        places = {"locations": self.locations} if self.locations else {}
        window = _age(self.limits.window)
        return {"services": self.services, "window": window, "checks": self.limits.checks(), **places}

    def scopes(self) -> list[tuple[str, str, str | None]]:
        """Return name, service and location of each scope of the policy."""
        if not self.locations:
            return [(service, service, None) for service in self.services]
        return [(f"{service}@{place}", service, place) for service in self.services for place in self.locations]


def _age(ticks: int) -> str:
    return f"{ticks // SECOND}s"
