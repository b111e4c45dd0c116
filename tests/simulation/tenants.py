# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants of a simulated year: their jobs by their habits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time
from ansible_collections.cloudbackup.m365.plugins.module_utils._api import records

DAY, HOUR = 86_400, 3_600
FIRST = _time.unix_from_iso("2026-01-01")
"""A Thursday. The first days of it are the history that the first morning reads."""
WARM_UP = 21
YEAR = 365
SERVICES = ("exchange_online", "sharepoint_online", "onedrive", "teams")
OBJECTS = 4_000
FAILED, DEGRADED = 0.02, 0.20
FAILED_AFTER_A_FAILURE = 0.5
HOLIDAYS = tuple(range(33, WARM_UP + YEAR, 35))
"""Eleven days of the year."""
NIGHT, MORNING, AFTERNOON, EVENING = 0.1, 0.05, 0.45, 0.4
"""The shares of a day's changes in the six hours before each of four runs."""


class Habits(NamedTuple):
    """What is usual for a tenant.

    :ivar together: whether a run ends alike for all services (throttling, an expired app profile).
    :ivar bad_days: whether a failure makes the failure of the next run likely.
    :ivar skips: whether one run of 50 is missed, and one of 50 takes 8 to 20 hours, during which due runs are skipped.
    :ivar rare_restores: whether 2 to 5 months pass between restores, instead of one month.
    :ivar few_objects: whether a service has 5 to 50 objects.
    :ivar varies: by what share the number of objects varies from run to run.
    :ivar counts: what a job counts: ``weekdays`` half of the objects at weekends, ``all`` every object, ``changes`` the
        objects that changed since the run before.
    :ivar holidays: whether nearly no object is counted on public holidays.
    :ivar is_new: whether the history begins with the first day, which is not in the past. The first backup of each
        service takes 10 to 70 hours, and the first restore follows after 10 to 25 days.
    """

    runs_a_day: int = 1
    together: bool = False
    bad_days: bool = False
    skips: bool = False
    rare_restores: bool = False
    few_objects: bool = False
    varies: float = 0
    counts: str = "weekdays"
    holidays: bool = False
    is_new: bool = False


class Backup(NamedTuple):
    """A job of the year, in seconds since 1970.

    :ivar unaccounted: objects that the job counts neither as successful nor as failed nor as skipped.
    """

    job_type: str
    service: str
    id: str
    state: str
    start: int
    finish: int
    total: int
    failed: int
    unaccounted: int = 0


class Tenant(NamedTuple):
    """What a tenant does in a year.

    :ivar license: the license at an instant.
    :ivar days: the days on whose mornings it is judged.
    """

    jobs: list[Backup]
    license: Callable[[int], records.License]
    days: range


def license_in_order(_now: int) -> records.License:
    """Return a license with seats and storage left."""
    return records.License(0, 2_500, 2_000, 5_000, 3_000)


def tenant(seed: int, habits: Habits, length: int = WARM_UP + YEAR) -> Tenant:
    """Return a tenant in which 2 % of the runs fail and 20 % end with an exception.

    :param length: the days for which it has jobs.
    """
    chance = random.Random(seed)
    first, days = (0, range(1, 31)) if habits.is_new else (WARM_UP, range(WARM_UP, length))
    jobs = [*_backups(chance, habits, length if first else days.stop), *_restores(chance, habits, length)]
    return Tenant(jobs, license_in_order, days)


def _backups(chance: random.Random, habits: Habits, length: int) -> list[Backup]:
    sizes = {service: chance.randint(5, 50) if habits.few_objects else OBJECTS for service in SERVICES}
    busy_until = dict.fromkeys(SERVICES, 0)
    last_state = dict.fromkeys(SERVICES, "finished")
    jobs = []
    for number in range(length * habits.runs_a_day):
        day, run = divmod(number, habits.runs_a_day)
        shared = chance.random()
        for place, service in enumerate(SERVICES):
            start = FIRST + day * DAY + run * DAY // habits.runs_a_day + HOUR + place * 600 + chance.randrange(300)
            is_missed = habits.skips and chance.random() < 0.02
            if start < busy_until[service] or is_missed:
                continue
            drawn = shared if habits.together else chance.random()
            is_bad = habits.bad_days and last_state[service] == "failed"
            state = last_state[service] = _state(drawn, FAILED_AFTER_A_FAILURE if is_bad else FAILED)
            total = _counted(chance, habits, sizes[service], start)
            failed = min(chance.randint(1, 3), total) if state == "finished_with_exception" else 0
            is_first = habits.is_new and not busy_until[service]
            finish = busy_until[service] = start + _duration(chance, habits, is_first)
            state = "finished" if is_first else state
            jobs.append(Backup("backup", service, f"{number}-{place}", state, start, finish, total, failed))
    return jobs


def _state(drawn: float, failing: float) -> str:
    if drawn < failing:
        return "failed"
    return "finished_with_exception" if drawn < failing + DEGRADED else "finished"


def _duration(chance: random.Random, habits: Habits, is_first: bool) -> int:
    if is_first:
        return chance.randrange(10 * HOUR, 70 * HOUR)
    if habits.skips and chance.random() < 0.02:
        return chance.randrange(8 * HOUR, 20 * HOUR)
    return 1_500 + chance.randrange(900)


def _counted(chance: random.Random, habits: Habits, size: int, start: int) -> int:
    """Return the number of objects that a job counts."""
    # A run at night has the objects of the evening before
    day, hour = divmod(start - FIRST - 6 * HOUR, DAY)
    counted = float(size)
    if habits.counts != "all":
        # The first day is a Thursday
        counted *= 0.5 if day % 7 in (2, 3) else 1.0
    if habits.counts == "changes" and habits.runs_a_day == 4:
        counted *= (MORNING, AFTERNOON, EVENING, NIGHT)[hour // (6 * HOUR)]
    counted *= chance.uniform(1 - habits.varies, 1 + habits.varies)
    if habits.holidays and day in HOLIDAYS:
        return int(counted * chance.uniform(0, 0.01))
    return math.ceil(counted)


def _restores(chance: random.Random, habits: Habits, length: int) -> list[Backup]:
    day, jobs = (chance.randint(10, 25) if habits.is_new else 0), []
    while day < length:
        start = FIRST + day * DAY + 10 * HOUR
        jobs.append(Backup("restore", SERVICES[day % 4], f"r{day}", "finished", start, start + 900, 20, 0))
        day += chance.randint(60, 150) if habits.rare_restores else 30
    return jobs
