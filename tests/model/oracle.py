# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of the checks once more, from its text alone, for tenants that are known as data.

It shares no code with the plugins and reads the jobs themselves, not what a server answers. Where the two disagree, one
of them is wrong.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from .tenant import CLEAN, DEGRADED, FAILED, KNOWN, LONGEST_RUN, MINUTE, RUNNING, Job, Limits, Tenant

Results = dict[tuple[str, str], str]
"""Status by check and scope."""
_STATES = {CLEAN: "finished", DEGRADED[0]: "finished_with_exception", DEGRADED[1]: "partially_finished"}
_LICENSE = ("license_seats", "license_storage", "license_in_policy")
_FUTURE = -5 * MINUTE


class Expected(NamedTuple):
    """What a gate has to find of a tenant."""

    verdict: str
    results: Results


def judge(tenant: Tenant, *, has_dates: bool = True, lists_running: bool = True) -> Expected:
    """Judge a tenant by its jobs.

    :param has_dates: whether the server's answers have a Date header.
    :param lists_running: whether a list of backups has those in progress, too. Where a server compares finishes it has
        none, and the list of what is in progress does not say which of them are backups.
    """
    results: Results = {(check, "license"): status for check, status in _license(tenant).items()}
    for name, service, place in tenant.scopes():
        found = [job for job in tenant.jobs if service in job.services and (place is None or job.location == place)]
        for check, status in _scope(found, tenant.limits, lists_running).items():
            results[check, name] = status
    results["restore_exercise", "run"] = _restore(tenant.jobs, tenant.limits)
    deletions = len(_deletions(tenant))
    results["deletion_activity", "run"] = _at_least(deletions, *tenant.limits.deletions)
    results["evidence", "run"] = _evidence(tenant, has_dates=has_dates)
    return Expected(_verdict(results), results)


def _verdict(results: Results) -> str:
    statuses = set(results.values())
    if "fail" in statuses:
        return "non_compliant"
    if "error" in statuses:
        return "undetermined"
    of_license = {status for (check, _scope), status in results.items() if check in _LICENSE}
    of_backups = {status for (_check, scope), status in results.items() if scope not in ("license", "run")}
    verified = {"pass", "warn"}
    return "compliant" if of_license & verified and of_backups & verified else "undetermined"


# --- The license ------------------------------------------------------------------------------------------------------


def _license(tenant: Tenant) -> dict[str, str]:
    given, limits = tenant.license, tenant.limits
    seats = given.get("PurchasedUserSeats"), given.get("AssignedUserSeats")
    storage = given.get("PurchasedStorageSize"), given.get("ProtectedSize")
    out = given.get("OutOfPolicyTime")
    return {
        "license_seats": _measure(seats, storage, limits.seats),
        "license_storage": _measure(storage, seats, limits.storage),
        "license_in_policy": "error" if out is None else _in_policy(out),
    }


def _in_policy(out: int) -> str:
    return "fail" if out > 0 else "warn" if out < 0 else "pass"


def _measure(own: tuple[int | None, int | None], other: tuple[int | None, int | None], limits: tuple[int, int]) -> str:
    purchased, used = own
    if not purchased and other[0]:
        return "not_applicable"
    if purchased is None or used is None:
        return "error"
    if used > Fraction(purchased * limits[1], 100):
        return "fail"
    return "warn" if purchased and used >= Fraction(purchased * limits[0], 100) else "pass"


# --- A service --------------------------------------------------------------------------------------------------------


def _scope(jobs: list[Job], limits: Limits, lists_running: bool) -> dict[str, str]:
    """Judge the jobs of one service, of all types."""
    read = [job for job in jobs if _is_read(job, limits)]
    if any(_is_future(job) for job in read):
        return dict.fromkeys(_BACKUP_CHECKS, "error") | {"stuck_jobs": "error"}
    stuck = _stuck([job for job in jobs if job.state == RUNNING], limits)
    completed = sorted((job for job in read if job.state != RUNNING), key=_ended)
    window = [job for job in completed if _ended(job) <= limits.window]
    good = [job for job in completed if job.state in (CLEAN, *DEGRADED)]
    # A backup in progress without a start is queued: it is counted, and no range of times leaves it out
    in_window = window or [job for job in read if job.state == RUNNING and (lists_running or job.start is None)]
    results = {
        "backup_recency": _recency(completed, limits),
        "backup_presence": "pass" if in_window else "fail",
        "consecutive_failures": "not_applicable",
        "success_rate": _success(window, limits),
        "degraded_backups": "not_applicable",
        "failed_objects": "not_applicable",
        "hollow_backups": _hollow(completed, window, limits),
        "coverage_drop": "not_applicable",
        "slow_backups": "not_applicable",
        "stuck_jobs": stuck,
    }
    if completed:
        results["consecutive_failures"] = _at_least(_leading(completed, _has_failed), *limits.failures)
        results["degraded_backups"] = _degraded(completed, window, limits)
    if good:
        results["failed_objects"] = _failed_objects(good[0], limits)
        results["coverage_drop"] = _coverage(good[0], good[1:], limits)
        results["slow_backups"] = _slow(good[0], good[1:], limits)
    return results


_BACKUP_CHECKS = (
    *("backup_recency", "backup_presence", "consecutive_failures", "success_rate", "degraded_backups"),
    *("failed_objects", "hollow_backups", "coverage_drop", "slow_backups"),
)


def _is_read(job: Job, limits: Limits) -> bool:
    """Return whether a job is among the backups that are read: by its start."""
    earliest = limits.window + LONGEST_RUN
    if job.job_type != "backup":
        return False
    if job.start is None:
        return job.finish is None or job.finish <= earliest
    return job.start <= earliest


def _is_future(job: Job) -> bool:
    return any(time is not None and time < _FUTURE for time in (job.start, job.finish))


def _ended(job: Job) -> int:
    assert job.ended is not None
    return job.ended


def _has_failed(job: Job) -> bool:
    return job.state == FAILED or job.state not in KNOWN


def _leading(jobs: list[Job], is_one: Callable[[Job], bool]) -> int:
    """Return how many jobs at the beginning of a list, the newest first, are of a kind."""
    count = 0
    for job in jobs:
        if not is_one(job):
            break
        count += 1
    return count


def _over(value: Fraction | int, warn: float, fail: float | None) -> str:
    return "fail" if fail is not None and value > Fraction(fail) else "warn" if value > Fraction(warn) else "pass"


def _at_least(value: int, warn: int, fail: int | None) -> str:
    return "fail" if fail is not None and value >= fail else "warn" if value >= warn else "pass"


def _recency(completed: list[Job], limits: Limits) -> str:
    ages = [_ended(job) for job in completed if _STATES.get(job.state) in limits.recency_states]
    return _over(min(ages), *limits.recency) if ages else "fail"


def _success(window: list[Job], limits: Limits) -> str:
    if len(window) < limits.success_jobs:
        return "not_applicable"
    rate = Fraction(100 * sum(not _has_failed(job) for job in window), len(window))
    warn, fail = limits.success
    return "fail" if rate < fail else "warn" if rate < warn else "pass"


def _degraded(completed: list[Job], window: list[Job], limits: Limits) -> str:
    warn, fail = limits.degraded
    count = sum(job.state in DEGRADED for job in window)
    clean = [_ended(job) for job in completed if job.state == CLEAN]
    if count and (not clean or min(clean) > fail):
        return "fail"
    return "warn" if count >= warn else "pass"


def _failed_objects(last: Job, limits: Limits) -> str:
    if last.total is None or last.failed is None or last.failed > last.total:
        return "error"
    if not last.total:
        return "not_applicable"
    unaccounted = 0
    if last.successful is not None and last.skipped is not None:
        unaccounted = max(0, last.total - last.successful - last.failed - last.skipped)
    lost = last.failed + unaccounted
    return "pass" if lost < limits.least_objects else _over(Fraction(100 * lost, last.total), *limits.objects)


def _is_hollow(job: Job) -> bool | None:
    """Return whether a success has nothing in it, None where that is not known."""
    if job.total == 0 or job.successful == 0:
        return True
    return False if job.successful else None


def _hollow(completed: list[Job], window: list[Job], limits: Limits) -> str:
    if not any(job.state == CLEAN for job in window):
        return "not_applicable"
    warn, fail = limits.hollow
    # A failure is no end of a row, a degraded backup with something in it is
    good = [job for job in completed if not _has_failed(job)]
    known = good[: _leading(good, lambda job: _is_hollow(job) is True)]
    longest = good[: _leading(good, lambda job: _is_hollow(job) is not False)]

    def row(jobs: list[Job]) -> list[int]:
        return [_ended(job) for job in jobs if job.state == CLEAN]

    def is_failure(ends: list[int]) -> bool:
        return len(ends) >= fail and ends[-1] >= limits.hollow_span

    if is_failure(row(known)):
        return "fail"
    if len(known) < len(longest) and (is_failure(row(longest)) or len(row(known)) < warn):
        return "error"
    hollow = sum(job.state == CLEAN and bool(_is_hollow(job)) for job in window)
    return "warn" if hollow >= warn else "pass"


def _coverage(last: Job, before: list[Job], limits: Limits) -> str:
    if (last.state == CLEAN and _is_hollow(last)) or len(before) < limits.samples:
        return "not_applicable"
    totals = [job.total for job in (last, *before)]
    if None in totals:
        return "error"
    usual = statistics.median(Fraction(total) for total in totals[1:] if total is not None)
    if not usual:
        return "not_applicable"
    return _over(100 * (usual - Fraction(totals[0] or 0)) / usual, *limits.drop)


def _slow(last: Job, before: list[Job], limits: Limits) -> str:
    if len(before) < limits.samples:
        return "not_applicable"
    lengths = [
        None if job.start is None or job.finish is None or job.start < job.finish else job.start - job.finish
        for job in (last, *before)
    ]
    if None in lengths:
        return "error"
    usual = statistics.median(Fraction(length) for length in lengths[1:] if length is not None)
    took = lengths[0] or 0
    return "pass" if took <= limits.slow_floor else _over(Fraction(took) / usual if usual else took, *limits.slow)


def _stuck(running: Iterable[Job], limits: Limits) -> str:
    return _over(max((job.start for job in running if job.start is not None), default=0), *limits.stuck)


# --- The run ----------------------------------------------------------------------------------------------------------


def _restore(jobs: list[Job], limits: Limits) -> str:
    warn, fail = limits.restore
    finished = [job for job in jobs if job.job_type == "restore" and job.state == CLEAN and (job.start or 0) <= fail]
    return _over(min(map(_ended, finished)), warn, fail) if finished else "fail"


def _deletions(tenant: Tenant) -> list[Job]:
    window = tenant.limits.window
    return [job for job in tenant.jobs if job.job_type == "delete" and (job.start or 0) <= window]


def _evidence(tenant: Tenant, *, has_dates: bool) -> str:
    backups = [job for job in tenant.jobs if _is_read(job, tenant.limits)]
    judged = [
        job
        for job in backups
        if set(job.services) & set(tenant.services) and (not tenant.locations or job.location in tenant.locations)
    ]
    seen = [*judged, *_deletions(tenant)]
    # An answer without any of the five figures is none of a license
    if not tenant.license or any(map(_is_future, seen)):
        return "error"
    has_unknown = any(job.state not in KNOWN for job in seen)
    return "warn" if has_unknown or len(judged) < len(backups) or not has_dates else "pass"
