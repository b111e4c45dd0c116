# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random histories of one service: ordinary backups, and what may happen to them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from .tenant import CLEAN, DAY, DEGRADED, FAILED, HOUR, LONGEST_RUN, MINUTE, RUNNING, SECOND, Job, Limits

_LENGTH = SECOND // 1_000
_UNKNOWN = ("Suspended", "Finished Later", "Cancelled")


class Making(NamedTuple):
    """The circumstances of a history.

    :ivar tick: the finest time that the server shows: a second in v2.
    """

    random: random.Random
    limits: Limits
    service: str
    location: str
    tick: int

    def around(self, *lengths: int) -> int:
        """Return one of the lengths, just under it, or just over it."""
        return self.random.choice(lengths) + self.random.choice(
            (-HOUR, -SECOND, -self.tick, 0, self.tick, SECOND, HOUR)
        )


Jobs = list[Job]
"""The newest first."""


def history(making: Making) -> tuple[str, Jobs]:
    """Return what kind of history it is, and its jobs."""
    kind = making.random.choices(list(_KINDS), [weight for weight, _change in _KINDS.values()])[0]
    jobs = _KINDS[kind][1](making, _ordinary(making))
    return kind, _apart(jobs, making.tick)


def _ordinary(making: Making) -> Jobs:
    """Return clean backups once a day, four times a day, or every hour."""
    dice = making.random
    every = dice.choices((DAY, 6 * HOUR, HOUR), (6, 4, 1))[0]
    days = dice.uniform(3, 5) if every == HOUR else dice.uniform(7.5, 24)
    length = dice.randint(5, 50) * MINUTE if every > HOUR else dice.randint(2, 12) * MINUTE
    usual = dice.choice((40, 1_000, dice.randint(50, 90_000)))
    newest = dice.randint(2 * MINUTE, every - HOUR if every > HOUR else 40 * MINUTE)
    name = f"{making.service}-{making.location}"
    jobs = []
    for place in range(int(days * DAY / every)):
        total = usual if usual in (40, 1_000) else usual + dice.randint(0, usual // 20)
        skipped = dice.choice((0, 0, total // 50))
        finish = newest + place * every + _jitter(making, min(every, HOUR) // 4)
        start = finish + length + _jitter(making, length // 10)
        counts = {"total": total, "failed": 0, "successful": total - skipped, "skipped": skipped}
        job = Job(f"{name}-{place}", (making.service,), CLEAN, start, finish, location=making.location, **counts)
        jobs.append(job)
    return jobs


def _jitter(making: Making, most: int) -> int:
    return making.random.randrange(0, most) // making.tick * making.tick


def _apart(jobs: Jobs, tick: int) -> Jobs:
    """Return the jobs without those that end at the instant of another one: the catalogue names no last one of them."""
    seen: set[int] = set()
    kept = []
    for job in jobs:
        if job.ended is None or job.ended not in seen:
            kept.append(job)
        if job.ended is not None:
            seen.add(job.ended)
    return kept


def _older(jobs: Jobs, newest: int) -> Jobs:
    """Return a history moved so that its newest backup ended so long ago."""
    assert jobs[0].finish is not None
    by = newest - jobs[0].finish
    return [job._replace(start=job.start + by, finish=job.finish + by) for job in jobs if job.start and job.finish]


def _healthy(making: Making, jobs: Jobs) -> Jobs:
    return jobs


def _never(making: Making, jobs: Jobs) -> Jobs:
    return []


def _few(making: Making, jobs: Jobs) -> Jobs:
    return jobs[: making.random.randint(1, 6)]


def _stopped(making: Making, jobs: Jobs) -> Jobs:
    limits = making.limits
    return _older(
        jobs, making.around(*limits.recency, limits.window, limits.window + 7 * DAY, limits.window + LONGEST_RUN)
    )


def _newest(making: Making, jobs: Jobs, state: Callable[[], str]) -> Jobs:
    count = making.random.randint(1, 4)
    return [job._replace(state=state()) for job in jobs[:count]] + jobs[count:]


def _failing(making: Making, jobs: Jobs) -> Jobs:
    return _newest(making, jobs, lambda: FAILED)


def _unknown(making: Making, jobs: Jobs) -> Jobs:
    return _newest(making, jobs, lambda: making.random.choice((FAILED, *_UNKNOWN)))


def _mixed(making: Making, jobs: Jobs) -> Jobs:
    share = making.random.uniform(0.02, 0.4)
    states = (FAILED, FAILED, *DEGRADED)
    return [job._replace(state=making.random.choice(states)) if making.random.random() < share else job for job in jobs]


def _degraded(making: Making, jobs: Jobs) -> Jobs:
    clean = making.random.choice((0, 1, making.random.randint(0, len(jobs))))
    kept = set(making.random.sample(range(len(jobs)), clean))
    states = [making.random.choice(DEGRADED)] if making.random.random() < 0.5 else list(DEGRADED)
    return [
        job if place in kept else job._replace(state=making.random.choice(states)) for place, job in enumerate(jobs)
    ]


def _hollow(making: Making, jobs: Jobs) -> Jobs:
    count = making.random.randint(1, 9)
    if making.random.random() < 0.5:
        empty = {"total": 0, "successful": 0, "skipped": 0}
        return [job._replace(**empty) for job in jobs[:count]] + jobs[count:]
    return [job._replace(successful=0, skipped=job.total) for job in jobs[:count]] + jobs[count:]


def _dropped(making: Making, jobs: Jobs) -> Jobs:
    usual = jobs[-1].total or 0
    share = making.random.choice((0.49, 0.499, 0.5, 0.501, 0.6, 0.699, 0.7, 0.701, 0.9))
    total = int(usual * share)
    state = making.random.choice((CLEAN, CLEAN, *DEGRADED))
    return [jobs[0]._replace(state=state, total=total, successful=total, skipped=0), *jobs[1:]]


def _objects_failed(making: Making, jobs: Jobs) -> Jobs:
    total = making.random.choice((100, 200, 1_000))
    failed = making.random.choice((0, 3, 4, 5, 6, 20, 21, total // 2))
    lost = making.random.choice((0, 0, 1, 5, 16, total // 3))
    skipped = making.random.choice((0, 10))
    successful = max(0, total - failed - lost - skipped)
    state = making.random.choice((CLEAN, *DEGRADED))
    counts = {"total": total, "failed": failed, "successful": successful, "skipped": skipped}
    return [jobs[0]._replace(state=state, **counts), *jobs[1:]]


def _missing_counts(making: Making, jobs: Jobs) -> Jobs:
    name = making.random.choice(("total", "failed", "skipped", "successful"))
    return [jobs[0]._replace(**{name: None}), *jobs[1:]]


def _running(making: Making, jobs: Jobs, start: int | None, **facts: str) -> Jobs:
    services, place = (making.service,), making.location
    name = f"{making.service}-{place}-running"
    return [Job(name, services, RUNNING, start, None, location=place)._replace(**facts), *jobs]


def _stuck(making: Making, jobs: Jobs) -> Jobs:
    # Nothing else runs while it does, in half of the tenants
    ago = making.around(*making.limits.stuck, 10 * DAY, making.limits.window + LONGEST_RUN, 40 * DAY)
    before = [job for job in jobs if (job.start or 0) > ago] if making.random.random() < 0.5 else jobs
    return _running(making, before, ago, job_type=making.random.choice(("backup", "backup", "restore", "export")))


def _queued(making: Making, jobs: Jobs) -> Jobs:
    return _running(making, making.random.choice((jobs, jobs, [])), None)


def _running_now(making: Making, jobs: Jobs) -> Jobs:
    return _running(making, making.random.choice((jobs, jobs, [])), making.random.randint(1, 600) * SECOND)


def _slow(making: Making, jobs: Jobs) -> Jobs:
    last = jobs[0]
    assert last.finish is not None
    usual = (jobs[1].start or 0) - (jobs[1].finish or 0) if len(jobs) > 1 else HOUR
    length = making.around(int(usual * making.random.choice((1.8, 2, 2.2, 5))), 30 * MINUTE)
    # Durations are read to the millisecond
    length = max(MINUTE, length) // _LENGTH * _LENGTH
    return [last._replace(start=last.finish + length // making.tick * making.tick), *jobs[1:]]


def _first(making: Making, jobs: Jobs) -> Jobs:
    """Return one backup that took many days and has just ended."""
    limit = making.limits.window + LONGEST_RUN
    start = making.random.choice((8 * DAY, 13 * DAY, making.around(limit), 30 * DAY))
    return [jobs[0]._replace(start=start)]


def _odd_times(making: Making, jobs: Jobs) -> Jobs:
    last = jobs[0]
    assert last.finish is not None
    odd = making.random.choice(
        (
            last._replace(start=last.finish - SECOND),
            last._replace(start=None),
            last._replace(finish=None),
        )
    )
    return [odd, *jobs[1:]]


def _future(making: Making, jobs: Jobs) -> Jobs:
    # To the second: what is more than a tolerance of minutes by less is the same to everybody
    return _older(jobs, -making.random.choice((MINUTE, 5 * MINUTE, 5 * MINUTE + SECOND, HOUR)))


def _within_a_second(making: Making, jobs: Jobs) -> Jobs:
    """Return a history whose newest two backups end in one second, one of them failed."""
    last = jobs[0]
    assert last.finish is not None
    second = last.finish // SECOND * SECOND
    fractions = making.random.sample(range(0, SECOND, making.tick), 2) if making.tick < SECOND else [0, SECOND]
    pair = [
        last._replace(id=f"{last.id}-{state}", state=state, finish=second + fraction)
        for state, fraction in zip((FAILED, CLEAN), fractions)
    ]
    return [*sorted(pair, key=lambda job: job.finish or 0), *jobs[1:]]


_KINDS: dict[str, tuple[int, Callable[[Making, Jobs], Jobs]]] = {
    "healthy": (90, _healthy),
    "never": (2, _never),
    "few": (2, _few),
    "stopped": (5, _stopped),
    "failing": (4, _failing),
    "unknown": (2, _unknown),
    "mixed": (4, _mixed),
    "degraded": (4, _degraded),
    "hollow": (4, _hollow),
    "dropped": (4, _dropped),
    "objects failed": (4, _objects_failed),
    "missing counts": (1, _missing_counts),
    "stuck": (4, _stuck),
    "queued": (2, _queued),
    "running": (3, _running_now),
    "slow": (3, _slow),
    "first": (2, _first),
    "odd times": (1, _odd_times),
    "future": (1, _future),
    "within a second": (3, _within_a_second),
}
"""How often, and the change to an ordinary history."""
