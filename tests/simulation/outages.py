# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outages that are planted in a tenant in which nothing else is wrong, and how many days pass until each is found."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records

from .mornings import AT, Mornings, criteria, scopes
from .tenants import DAY, FIRST, HOUR, SERVICES, Backup, Habits, Tenant, license_in_order, tenant

BEGINS_ON = 39
"""The day on which an outage begins, right after midnight. A Monday."""
BEGINS = FIRST + BEGINS_ON * DAY
_LONGEST = 380
"""More days than the slowest check needs."""

_Change = Callable[[list[Backup]], list[Backup]]


class Outage(NamedTuple):
    """A planted outage.

    :ivar check: the check that finds it, with the status and at the scopes.
    :ivar limit: the check's own limit, in days from the beginning of the outage.
    :ivar change: what becomes of the jobs that start from the beginning on; ``license`` is that from then on.
    """

    check: str
    limit: float
    change: _Change = lambda jobs: jobs
    scopes: Collection[str] = ("teams",)
    status: str = "fail"
    license: records.License | None = None


def _of_teams(**changed: object) -> _Change:
    def change(jobs: list[Backup]) -> list[Backup]:
        return [job._replace(**changed) if _is_of_teams(job) else job for job in jobs]  # type: ignore[arg-type]

    return change


def _is_of_teams(job: Backup) -> bool:
    return (job.job_type, job.service) == ("backup", "teams")


def _without_teams(jobs: list[Backup]) -> list[Backup]:
    return [job for job in jobs if not _is_of_teams(job)]


def _three_failed(jobs: list[Backup]) -> list[Backup]:
    ids = [job.id for job in sorted(filter(_is_of_teams, jobs), key=lambda job: job.start)[:3]]
    return [job._replace(state="failed") if job.id in ids else job for job in jobs]


def _all_failed(jobs: list[Backup]) -> list[Backup]:
    return [job._replace(state="failed") if job.job_type == "backup" else job for job in jobs]


def _of_objects(share: float) -> _Change:
    def change(jobs: list[Backup]) -> list[Backup]:
        return [job._replace(total=int(job.total * share)) if _is_of_teams(job) else job for job in jobs]

    return change


def _hanging(jobs: list[Backup]) -> list[Backup]:
    """The first job hangs, and the due ones after it are skipped."""
    first = min(filter(_is_of_teams, jobs), key=lambda job: job.start)
    return [*_without_teams(jobs), first._replace(finish=first.start + 10 * _LONGEST * DAY)]


def _slower(jobs: list[Backup]) -> list[Backup]:
    return [
        job._replace(finish=job.finish + 2 * (job.finish - job.start)) if _is_of_teams(job) else job for job in jobs
    ]


def _without_restores(jobs: list[Backup]) -> list[Backup]:
    """The last restore ends right before."""
    last = Backup("restore", "teams", "last-restore", "finished", BEGINS - HOUR, BEGINS, 20, 0)
    return [last, *(job for job in jobs if job.job_type != "restore")]


def _with_deletion(jobs: list[Backup]) -> list[Backup]:
    return [*jobs, Backup("delete", "teams", "deletion", "finished", BEGINS + HOUR, BEGINS + 2 * HOUR, 20, 0)]


def outages(runs_a_day: int) -> dict[str, Outage]:
    """Return every outage by its name."""
    run = 1 / runs_a_day
    # Four runs a day are over before the next morning: then the rate alone shows the failures
    row = Outage("consecutive_failures", 2 * run, _three_failed)
    rate = Outage("success_rate", 3 * run, _three_failed, status="warn")
    sold = license_in_order(BEGINS)
    return {
        "a service leaves the schedule": Outage("backup_recency", 2, _without_teams),
        "a service leaves the schedule, for a week": Outage("backup_presence", 7, _without_teams),
        "a service fails": Outage("consecutive_failures", 2 * run, _of_teams(state="failed")),
        "three failed runs in a row": row if runs_a_day == 1 else rate,
        "every service fails (expired permission)": Outage("consecutive_failures", 2 * run, _all_failed, SERVICES),
        "an unknown state": Outage("consecutive_failures", 2 * run, _of_teams(state="unknown")),
        "nothing in the backups": Outage("hollow_backups", 3, _of_teams(total=0)),
        "more than half of the objects are gone": Outage("coverage_drop", run, _of_objects(0.45)),
        "objects fail": Outage("failed_objects", run, _of_teams(failed=200, state="finished_with_exception")),
        "objects are unaccounted for": Outage("failed_objects", run, _of_teams(unaccounted=200)),
        "every backup has exceptions": Outage(
            "degraded_backups", 7, _of_teams(failed=3, state="finished_with_exception")
        ),
        "a job hangs": Outage("stuck_jobs", 1, _hanging),
        "backups take three times as long": Outage("slow_backups", run, _slower, status="warn"),
        "no restore, for a quarter": Outage("restore_exercise", 92, _without_restores, ("run",), "warn"),
        "no restore, for a year": Outage("restore_exercise", 365, _without_restores, ("run",)),
        "backups are deleted": Outage("deletion_activity", 0, _with_deletion, ("run",), "warn"),
        "more seats than purchased": Outage(
            "license_seats", 0, scopes=("license",), license=sold._replace(assigned_user_seats=2_501)
        ),
        "more storage than purchased": Outage(
            "license_storage", 0, scopes=("license",), license=sold._replace(protected_size=5_001)
        ),
        "the license is out of policy": Outage(
            "license_in_policy", 0, scopes=("license",), license=sold._replace(out_of_policy=BEGINS)
        ),
    }


def planted(outage: Outage, runs_a_day: int) -> Tenant:
    """Return a tenant in which nothing goes wrong but the outage."""
    length = BEGINS_ON + (_LONGEST if outage.limit > 20 else 12)
    jobs = tenant(1, Habits(runs_a_day), length).jobs
    clean = [job._replace(state="finished", failed=0) for job in jobs]
    after = outage.change([job for job in clean if job.start >= BEGINS])
    return Tenant(
        [job for job in clean if job.start < BEGINS] + after,
        lambda now: outage.license if outage.license and now >= BEGINS else license_in_order(now),
        range(BEGINS_ON - 1, length),
    )


class Found(NamedTuple):
    """The morning on which an outage was found.

    :ivar days: since the beginning of the outage.
    :ivar failed: every check that failed, with its scope.
    """

    days: float
    verdict: str
    failed: set[tuple[str, str]]


def find(outage: Outage, runs_a_day: int) -> Found:
    """Return the first morning on which the outage is found."""
    mornings, by = Mornings(planted(outage, runs_a_day)), criteria()
    wanted = {(outage.check, scope) for scope in outage.scopes}

    def finds(day: int) -> Found | None:
        evaluation = mornings.judge(day, by)
        if not wanted <= scopes(evaluation, (outage.status,)):
            return None
        return Found(day - BEGINS_ON + AT / DAY, evaluation["verdict"], scopes(evaluation, ("fail", "error")))

    # None of these findings goes away again, so the first morning that could have one is near the limit
    day = max(BEGINS_ON - 1, BEGINS_ON + int(outage.limit) - 2)
    found = finds(day)
    if found:
        raise ValueError(f"{outage.check} finds it earlier than two days before its limit")
    while not found:
        day += 1
        found = finds(day)
    return found
