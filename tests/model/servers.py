# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random servers: honest ones with every legal habit, and lying ones."""

from __future__ import annotations

import collections
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from .tenant import ALL_SERVICES, CLEAN, FAILED, LONGEST_RUN, MINUTE, RUNNING, SECOND, Job, Tenant


class Behaviour(NamedTuple):
    """How a server answers and is asked.

    :ivar lies: none of an honest one.
    :ivar arrivals: new backups, each with the number of requests of jobs before it.
    """

    habits: dict[str, Any]
    faults: list[str]
    lies: list[str]
    page_size: int
    concurrency: int
    arrivals: tuple[tuple[int, Job], ...] = ()


_HABITS: dict[str, tuple[Any, ...]] = {
    "key_case": ("pascal", "camel", "lower", "upper"),
    "state_names": ("joined",),
    "next_link": ("path", "token", "empty", "absent", "null"),
    "page_base": (1,),
    "page_zero": ("first", "empty"),
    "max_page_size": (3, 10, 50),
    "range_on": ("finish",),
    "total_means": ("page",),
    "count_text": (True,),
    "running_finish": ("null", "absent"),
    "order": ("oldest", "shuffled"),
    "date_offset_hours": (-14, -8, 5.5, 14),
    "v2_counts": ("totalNumber",),
    "details": ("int", "absent"),
}


def honest(dice: random.Random, tenant: Tenant) -> Behaviour:
    """Return a server that does what the documents leave open."""
    habits = {name: dice.choice(values) for name, values in _HABITS.items() if dice.random() < 0.2}
    if "details" in habits and dice.random() < 0.9:
        del habits["details"]
    page_size = dice.choice((3, 5, 10, 20, 50, 100, dice.randint(3, 100)))
    if not tenant.locations and dice.random() < 0.1:
        habits["multi_geo"] = "off"
    links = habits.get("next_link") not in ("absent", "empty", "null")
    if habits.get("total_means") == "page" and habits.get("max_page_size", page_size) < page_size and not links:
        # Nothing that such a server sends shows that there is more: documented, and undetermined
        del habits["max_page_size"]
    if habits.get("total_means") == "page" and habits.get("page_zero") == "empty" and not links:
        # A page 0 without rows, links and a count is that of an empty list
        del habits["page_zero"]
    if any(job.finish is None and job.state != RUNNING for job in tenant.jobs):
        # A completed job without a finish is in no range of finishes: no server that compares those can return it
        habits.pop("range_on", None)
    faults = []
    if dice.random() < 0.05:
        faults.append("no_date")
    if dice.random() < 0.05:
        faults.append(f"status:code=503,after={dice.randint(0, 9)},times=2")
    if dice.random() < 0.05:
        faults.append(f"expire_tokens:after={dice.randint(0, 9)}")
    if dice.random() < 0.15:
        # In turn, since a job that comes after the third answer is to come between the same two each time
        return Behaviour(habits, faults, [], page_size, 1, _arrivals(dice, tenant))
    return Behaviour(habits, faults, [], page_size, dice.choice((1, 4)))


def _arrivals(dice: random.Random, tenant: Tenant) -> tuple[tuple[int, Job], ...]:
    """Return backups that begin, or end, while the gate reads."""
    moments = sorted(dice.sample(range(1, 25), dice.randint(1, 3)))
    jobs = []
    for place, moment in enumerate(moments):
        service = dice.choice((*tenant.services, dice.choice(ALL_SERVICES)))
        location = dice.choice(tenant.locations or ["NAM"])
        end = (10 - place) * SECOND
        job = Job(f"new-{place}", (service,), CLEAN, end + MINUTE, end, 50, 0, 50, 0, location=location)
        jobs.append((moment, dice.choice((job, job._replace(state=FAILED), job._replace(state=RUNNING, finish=None)))))
    return tuple(jobs)


def lying(dice: random.Random, tenant: Tenant) -> Behaviour:
    """Return a server with one lie, or two of them."""
    honestly = honest(dice, tenant)
    habits, faults, lies = dict(honestly.habits), list(honestly.faults), []
    for name in dict.fromkeys(dice.choices(list(_LIES), _WEIGHTS, k=dice.choice((1, 1, 2)))):
        shown = _LIES[name](dice, tenant)
        lies.append(f"{name} {shown}")
        if isinstance(shown, str):
            faults.append(shown)
        else:
            for habit, value in shown.items():
                habits[habit] = [*habits.get(habit, []), *value] if isinstance(value, list) else value
    _spare_what_nothing_shows(habits, tenant)
    # In turn, since a fault of the third answer is to meet the same one each time
    return honestly._replace(habits=habits, faults=faults, lies=lies, concurrency=1)


_FEWEST_ROWS = 5
"""Of a list that another one has to contain before a filter counts as ignored."""


def _spare_what_nothing_shows(habits: dict[str, Any], tenant: Tenant) -> None:
    """Take lies back of which the catalogue has no proof."""
    earliest = tenant.limits.window + LONGEST_RUN
    running = [job for job in tenant.jobs if job.state == RUNNING]
    is_hidden = habits.get("range_on") == "finish" or any(
        job.job_type != "backup" or (job.start or 0) > earliest for job in running
    )
    if running and is_hidden and "in_progress" in habits.get("lost_states", ()):
        # What is in progress is in one other list alone: backups, by their start, within the look-back
        del habits["lost_states"]
    ignored = [*habits.get("ignore", ()), *habits.get("ignore_values", ())]
    if any(text.startswith(("ObjectType", "location")) for text in ignored) and _has_short_lists(tenant):
        # All of a short list in another one: its jobs may as well be listed under two services
        habits.pop("ignore", None)
        habits.pop("ignore_values", None)


def _has_short_lists(tenant: Tenant) -> bool:
    """Return whether all other lists together are too short for one of several services or locations."""

    def rows(service: str, place: str | None) -> int:
        found = [job for job in tenant.jobs if service in job.services and place in (None, job.location)]
        return sum(job.job_type == "backup" for job in found)

    services, places = tenant.services, tenant.locations or [None]
    by_service = [[sum(rows(other, at) for other in services if other != one) for at in places] for one in services]
    by_place = [[sum(rows(one, other) for other in places if other != at) for one in services] for at in places]
    lists = (by_service if len(services) > 1 else []) + (by_place if len(places) > 1 else [])
    return any(max(each) < _FEWEST_ROWS for each in lists)


def _ignore(dice: random.Random, tenant: Tenant) -> dict[str, Any]:
    names = ["ObjectType", "JobType", "JobState", "StartTime", "PageIndex"]
    return {"ignore": [dice.choice([*names, "location"] if tenant.locations else names)]}


def _ignore_values(dice: random.Random, tenant: Tenant) -> dict[str, Any]:
    service = ALL_SERVICES.index(dice.choice(tenant.services)) + 1
    texts = [f"ObjectType={service}"] * 3 + [f"JobType={number}" for number in (1, 2, 4)] + ["JobState=1", "JobState=2"]
    places = [f"location={place}" for place in tenant.locations]
    return {"ignore_values": [dice.choice(texts + 3 * places)]}


def remaining(jobs: Sequence[Job], removed: int, removes: str) -> list[Job]:
    """Return the jobs without so many of the oldest or newest ended backups of each service (the habit removal)."""
    sign = 1 if removes == "newest" else -1
    in_turn = sorted(jobs, key=lambda job: sign * (-(10**18) if job.start is None else job.start))
    seen: collections.Counter[str] = collections.Counter()
    kept = []
    for job in in_turn:
        is_ended = job.job_type == "backup" and job.finish is not None
        if not (is_ended and any(seen[service] < removed for service in job.services)):
            kept.append(job)
        if is_ended:
            seen.update(job.services)
    return kept


def _on_one(dice: random.Random) -> str:
    return f"after={dice.randint(0, 12)},times={dice.randint(1, 2)}"


def _maybe_on_one(dice: random.Random) -> str:
    return dice.choice(("", f"after={dice.randint(0, 12)}", _on_one(dice)))


def _joined(name: str, *arguments: str) -> str:
    return f"{name}:{','.join(filter(None, arguments))}"


_LIES: dict[str, Any] = {
    "ignore": _ignore,
    "ignore values": _ignore_values,
    "max total": lambda dice, _tenant: {"max_total": dice.choice((1, 3, 5, 10, 20, 100))},
    "lost states": lambda dice, _tenant: {"lost_states": [dice.choice(("in_progress", "in_progress", "finished"))]},
    "cached": lambda dice, _tenant: _joined("cached", f"seconds={dice.choice((200, 301, 7200))}", _maybe_on_one(dice)),
    "skewed": lambda dice, _tenant: _joined(
        "skewed_date", f"seconds={dice.choice((-7200, -301, -299, 299, 301, 7200))}", _maybe_on_one(dice)
    ),
    "removal": lambda dice, _tenant: {"removal": dice.randint(1, 12), "removes": dice.choice(("oldest", "newest"))},
    "lose row": lambda dice, _tenant: _joined("lose_row", f"row={dice.randint(0, 3)}", _maybe_on_one(dice)),
    "duplicate row": lambda dice, _tenant: _joined("duplicate_row", _maybe_on_one(dice)),
    "repeat page": lambda dice, _tenant: _joined("repeat_page", _maybe_on_one(dice)),
    "shrink total": lambda dice, _tenant: _joined("shrink_total", f"by={dice.choice((1, 5))}", _maybe_on_one(dice)),
}
_WEIGHTS = [4 if name.startswith("ignore") else 2 if name == "lost states" else 1 for name in _LIES]
"""More of those that could show another tenant than this one."""
