# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tenants: the services of a policy and others, their histories, other jobs and the license."""

from __future__ import annotations

import random

from .histories import Making, history
from .tenant import ALL_SERVICES, CLEAN, DAY, FAILED, HOUR, MINUTE, SECOND, Job, Limits, Tenant

_PLACES = ("NAM", "EUR", "GBR")


def tenant(dice: random.Random, *, shares_all: bool = False) -> Tenant:
    """Return a tenant.

    :param shares_all: whether the few jobs of a service may all be another one's. No answer proves then that the
        service has separate backups, and a gate is red of an honest server, too.
    """
    version = dice.choice(("v1", "v2"))
    services = dice.sample(ALL_SERVICES, dice.choices((1, 2, 3, 4, 5), (3, 2, 2, 3, 1))[0])
    locations = dice.sample(_PLACES, dice.choices((0, 1, 2), (4, 1, 1))[0]) if version == "v2" else []
    limits = Limits(
        failures=dice.choice(((1, 2), (2, 3))),
        success_jobs=dice.choice((5, 10)),
        recency_states=dice.choice((("finished",), ("finished", "finished_with_exception"))),
    )
    tick = SECOND if version == "v2" else 1
    jobs: list[Job] = []
    kinds = {}
    for service in services:
        for place in locations or ("NAM",):
            kind, made = history(Making(dice, limits, service, place, tick))
            kinds[f"{service}@{place}"] = kind
            jobs += made
    if len(services) > 1 and dice.random() < 0.2:
        jobs = _shared(dice, jobs, services[0], services[1], shares_all=shares_all)
    jobs += _unjudged(dice, services, locations) + _restores(dice) + _other_jobs(dice, services)
    return Tenant(jobs, _license(dice), services, locations, limits, version, kinds)


def _shared(dice: random.Random, jobs: list[Job], one: str, other: str, *, shares_all: bool) -> list[Job]:
    """Return the jobs with some of a service also listed under another one, but less than half of either list."""
    place = dice.choice(jobs).location if jobs else "NAM"
    lists = [[job for job in jobs if service in job.services and job.location == place] for service in (one, other)]
    # Those that are certainly among what is read, whichever time the server compares
    lists = [[job for job in found if job.job_type == "backup" and _is_recent(job)] for found in lists]
    most = len(lists[0]) if shares_all else min(len(lists[0]) - 1, len(lists[1]), 10 * len(lists[0]) // 21)
    ends = {job.ended for job in jobs if other in job.services and job.location == place}
    able = [job for job in lists[0] if job.ended not in ends]
    chosen = set(dice.sample([job.id for job in able], max(0, min(len(able), dice.randint(0, max(0, most))))))
    return [job._replace(services=(one, other)) if job.id in chosen else job for job in jobs]


def _is_recent(job: Job) -> bool:
    return job.start is not None and job.finish is not None and job.start < 20 * DAY


def _unjudged(dice: random.Random, services: list[str], locations: list[str]) -> list[Job]:
    """Return backups of services or locations that the policy does not judge; none near the beginning of the reads."""
    jobs = []
    for service in dice.sample([name for name in ALL_SERVICES if name not in services], dice.choice((0, 0, 1, 2))):
        jobs += [_backup(service, place, "NAM") for place in range(dice.choice((1, 4, 14)))]
    if locations and dice.random() < 0.3:
        jobs += [_backup(services[0], place, "APC") for place in range(dice.choice((1, 14)))]
    return jobs


def _backup(service: str, place: int, location: str) -> Job:
    end = 5 * HOUR + place * DAY
    return Job(f"other-{service}-{location}-{place}", (service,), CLEAN, end + HOUR, end, 9, 0, 9, 0, location=location)


def _restores(dice: random.Random) -> list[Job]:
    age = dice.choices(
        (0, dice.randint(1, 80), dice.choice((91, 92, 93)), dice.randint(100, 360), 400), (1, 30, 2, 3, 1)
    )[0]
    jobs = [_job(dice, "restore", CLEAN, age * DAY + 3 * HOUR)] if age else []
    if dice.random() < 0.2:
        jobs.append(_job(dice, "restore", FAILED, dice.randint(1, 60) * DAY))
    return jobs


def _other_jobs(dice: random.Random, services: list[str]) -> list[Job]:
    """Return deletions, exports, and what retention removes each day, mostly of judged services."""
    jobs = []
    for job_type, most in (("delete", 1), ("export", 3), ("retention", 15)):
        if dice.random() < 0.3:
            service = dice.choice((*services, *services, dice.choice(ALL_SERVICES)))
            ends = [place * DAY + dice.randint(1, 20) * HOUR for place in range(dice.randint(1, most))]
            jobs += [_job(dice, job_type, dice.choice((CLEAN, CLEAN, FAILED)), end, service) for end in ends]
    return jobs


def _job(dice: random.Random, job_type: str, state: str, end: int, service: str | None = None) -> Job:
    service = service or dice.choice(ALL_SERVICES)
    counts = dice.choice(({}, {"total": 50, "failed": 0, "successful": 50, "skipped": 0}))
    name = f"{job_type}-{dice.getrandbits(48):x}"
    return Job(name, (service,), state, end + 10 * MINUTE, end, job_type=job_type, **counts)


def _license(dice: random.Random) -> dict[str, int]:
    bought, gb = dice.choice((10, 100, 2_000)), dice.choice((100, 500))
    seats = {"PurchasedUserSeats": bought, "AssignedUserSeats": _used(dice, bought, 90)}
    storage = {"PurchasedStorageSize": gb, "ProtectedSize": _used(dice, gb, 85)}
    no_seats, no_storage = dict.fromkeys(seats, 0), dict.fromkeys(storage, 0)
    figures = dice.choices(
        (seats | no_storage, no_seats | storage, seats | storage, seats, storage, {}, {"PurchasedUserSeats": bought}),
        (60, 10, 5, 5, 3, 1, 1),
    )[0]
    out = dice.choices((0, DAY, SECOND, -SECOND, -9 * DAY, None), (100, 2, 1, 1, 2, 1))[0]
    return figures if out is None else {"OutOfPolicyTime": out, **figures}


def _used(dice: random.Random, bought: int, warn: int) -> int:
    at = bought * warn // 100
    return dice.choices((bought // 2, at - 1, at, bought, bought + 1, bought * 3), (20, 2, 2, 2, 1, 1))[0]
