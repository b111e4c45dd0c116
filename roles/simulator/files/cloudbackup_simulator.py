# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A faithful Cloud Backup for Microsoft 365 API on loopback: for rehearsals, demonstrations and tests.

One file, the standard library alone, so that it runs wherever a Python 3.9 is. From top to bottom: the facts of the
API, the made-up tenant (pure arithmetic: job i follows from the seed and i, nothing is held in memory), the wire
format of both generations, habits (where the API's documents disagree), faults, credentials, one tenant's service,
the HTTP edge, the class for tests, the command line.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import bisect
import collections
import dataclasses
import datetime
import email.message
import email.utils
import gzip
import hashlib
import heapq
import hmac
import http.client
import http.server
import ipaddress
import itertools
import json
import math
import os
import re
import secrets
import select
import signal
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import uuid
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

# --- The facts of the API ---------------------------------------------------------------------------------------------

JOB_TYPES = {"backup": 1, "restore": 2, "export": 3, "delete": 4, "retention": 5}
OBJECT_TYPES = {
    "exchange_online": 1,
    "sharepoint_online": 2,
    "onedrive": 3,
    "microsoft_365_groups": 4,
    "project_online": 5,
    "public_folder": 6,
    "teams": 7,
    "viva_engage": 8,
    "teams_chat": 9,
    "power_bi": 10,
    "power_automate": 11,
    "power_apps": 12,
}
IN_PROGRESS, FINISHED, FAILED, WITH_EXCEPTION, PARTIALLY, UNKNOWN = 1, 2, 3, 4, 5, 6
STATE_NAMES = {
    "spaced": {
        IN_PROGRESS: "In Progress",
        FINISHED: "Finished",
        FAILED: "Failed",
        WITH_EXCEPTION: "Finished with Exception",
        PARTIALLY: "Partially Finished",
        UNKNOWN: "Suspended",
    },
    "joined": {
        IN_PROGRESS: "InProgress",
        FINISHED: "Finished",
        FAILED: "Failed",
        WITH_EXCEPTION: "FinishedException",
        PARTIALLY: "PartiallyFinished",
        UNKNOWN: "Suspended",
    },
}
LICENSE_FIELDS = ("OutOfPolicyTime", "PurchasedUserSeats", "AssignedUserSeats", "PurchasedStorageSize", "ProtectedSize")
PRIMARY_LOCATION = "PrimaryGeoLocation"
_REGIONS = "NAM EUR GBR JPN APC AUS CAN IND FRA ARE ZAF CHE KOR DEU BRA NOR SWE QAT POL ITA ISR MEX NZL ESP TWN"
LOCATIONS = (PRIMARY_LOCATION, *_REGIONS.split())
TENANT_LOCATIONS = ("NAM", "EUR")
"""Where the made-up tenant's data lives; the first is its primary location."""

JOBS_SCOPE = "microsoft365backup.jobInfo.read.all"
LICENSE_SCOPE = "microsoft365backup.subscriptionInfo.read.all"
SCOPES = (
    JOBS_SCOPE,
    LICENSE_SCOPE,
    "microsoft365backup.settings.read.all",
    "microsoft365backup.unusualActivity.read.all",
)
TOKEN_PATH = "/connect/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 3600


@dataclass(frozen=True)
class Endpoint:
    """What is served at a path: ``target`` names it in faults, ``generation`` is 1 or 2."""

    target: str
    generation: int
    scope: str


ENDPOINTS = {
    "/cloudbackup/jobs": Endpoint("jobs", 1, JOBS_SCOPE),
    "/cloudbackup/licenseconsumption": Endpoint("license", 1, LICENSE_SCOPE),
    "/backup/m365/cloudbackupjobs": Endpoint("jobs", 2, JOBS_SCOPE),
    "/backup/m365/cloudbackuplicenseconsumption": Endpoint("license", 2, LICENSE_SCOPE),
}

# Times are .NET ticks: 100 ns since 0001-01-01T00:00:00Z.
SECOND = 10_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
MAXIMUM_DATE = 3155378975999999999
_YEAR_ONE = datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc)


class Mistake(ValueError):
    """A wrong argument; the message names it."""


def to_ticks(moment: datetime.datetime) -> int:
    since = moment.astimezone(datetime.timezone.utc) - _YEAR_ONE
    return (since.days * 86400 + since.seconds) * SECOND + since.microseconds * 10


def to_iso(ticks: int) -> str:
    """Whole seconds, as the second generation writes them."""
    return (_YEAR_ONE + datetime.timedelta(seconds=ticks // SECOND)).replace(tzinfo=None).isoformat() + "Z"


def parse_now(text: str) -> int:
    """An ISO 8601 time (naive = UTC) as ticks."""
    try:
        moment = datetime.datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        raise Mistake(f"now: {text!r} is no ISO 8601 time such as 2026-01-31T06:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    if not 1990 <= moment.year <= 9000:
        raise Mistake(f"now: {text!r} is not within the years 1990 to 9000")
    return to_ticks(moment)


# --- The made-up tenant -----------------------------------------------------------------------------------------------

_MASK = (1 << 64) - 1


def scramble(*numbers: int) -> int:
    """64 bits that depend on every number (splitmix64): a random figure that needs no memory."""
    value = 0
    for number in numbers:
        value = (value + number + 0x9E3779B97F4A7C15) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


@dataclass(frozen=True)
class Job:
    """A job, before any wire format. Times in ticks; ``finish`` is None while it runs."""

    id: str
    state: int
    start: int
    finish: int | None
    total: int
    failed: int
    skipped: int

    @property
    def successful(self) -> int:
        return self.total - self.failed - self.skipped


@dataclass(frozen=True)
class Series:
    """Jobs of one type and service at regular times, numbered from the oldest (0).

    Start and finish both rise strictly with the number, since neither strays further than 0.4 of the interval: that
    makes every range and every page a matter of arithmetic.

    :ivar prefix: of the job ids; unique in a tenant, ends with a letter.
    :ivar newest: the latest start.
    :ivar traits: (state, location) of job n is traits[n % len(traits)].
    :ivar kind: history, running, or arrivals (jobs that appear while the server runs).
    :ivar objects: how many objects a job has to do with, give or take two; 0 is none at all.
    """

    prefix: str
    job_type: int
    object_type: int
    count: int
    newest: int
    interval: int
    duration: int
    traits: tuple[tuple[int, str], ...]
    seed: int
    objects: int
    kind: str = "history"

    def _stray(self, number: int, limit: int) -> int:
        # The top bits: the low ones of neighbours would do, but a remainder of a small limit would not be even.
        reach = min(limit, self.interval * 2 // 5)
        return scramble(self.seed, number) * reach >> 64

    def start(self, number: int) -> int:
        return self.newest - (self.count - 1 - number) * self.interval - self._stray(number, 20 * MINUTE)

    def finish(self, number: int) -> int:
        return self.start(number) + self.duration + self._stray(~number & _MASK, self.duration // 8)

    def first_started_after(self, moment: int) -> int:
        """The lowest number whose start is later than a moment; ``count`` if there is none."""
        number = min(max((moment - self.newest) // self.interval + self.count, 0), self.count)
        while number < self.count and self.start(number) <= moment:
            number += 1
        return number

    def first_finished_after(self, moment: int) -> int:
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            if self.finish(middle) > moment:
                high = middle
            else:
                low = middle + 1
        return low

    def job(self, number: int) -> Job:
        state = self.traits[number % len(self.traits)][0]
        chance = scramble(self.seed, number, 1)
        start = self.start(number)
        total = self.objects + chance % 3 if self.objects else 0
        skipped = min(total, chance // 3 % 3)
        failed = {FAILED: total - skipped, WITH_EXCEPTION: 1 + total // 100, PARTIALLY: total // 10}.get(state, 0)
        return Job(
            id=f"{self.prefix}{chance % 10**12:012d}{number:08d}",
            state=state,
            start=start,
            finish=None if state == IN_PROGRESS else self.finish(number),
            total=total,
            failed=failed,
            skipped=skipped,
        )


@dataclass(frozen=True)
class Stream:
    """A line of a scenario, before it knows how many jobs it has.

    :ivar age: hours from the newest start to now.
    :ivar every: hours between jobs.
    :ivar count: how many by default.
    :ivar fixed: ``count`` stays although another number of jobs is asked for.
    :ivar states: the states in turn, from the newest job back.
    :ivar share: of the service's objects that a job has to do with.
    """

    job_type: str
    object_type: str
    age: float = 1.0
    every: float = 6.0
    count: int = 140
    fixed: bool = False
    weight: int = 1
    states: tuple[int, ...] = (FINISHED,)
    minutes: float = 12.0
    kind: str = "history"
    share: float = 1.0


@dataclass(frozen=True)
class Scenario:
    """A tenant's situation, a row of the table. ``out_of_policy`` is in hours before now; None is in policy.

    :ivar days: spread the jobs evenly over so many days instead of at their natural pace.
    """

    description: str
    streams: tuple[Stream, ...]
    seats: tuple[int, int] = (100, 47)
    storage: tuple[int, int] = (0, 0)
    out_of_policy: float | None = None
    days: float | None = None


_JUDGED = ("exchange_online", "sharepoint_online", "onedrive", "teams")


def _daily(**ages: float) -> tuple[Stream, ...]:
    """Four backups a day of the four usual services; the arguments say how many hours ago a service had its last."""
    return tuple(
        Stream("backup", service, age=ages.get(service, float(hour))) for hour, service in enumerate(_JUDGED, start=1)
    )


_RUNNING = Stream("backup", "sharepoint_online", age=1 / 3, count=1, fixed=True, states=(IN_PROGRESS,), kind="running")
_EXTRAS = (Stream("restore", "exchange_online", age=30 * 24.0, count=1, fixed=True), _RUNNING)
# One in a hundred of each kind of trouble, never two in a row.
_MIXED = tuple({20: WITH_EXCEPTION, 50: FAILED, 80: PARTIALLY}.get(turn, FINISHED) for turn in range(100))

SCENARIOS = {
    "healthy": Scenario("everything is in order", (*_daily(), *_EXTRAS)),
    "seats_exceeded": Scenario("108 of 100 seats are assigned", (*_daily(), *_EXTRAS), seats=(100, 108)),
    "stale_exchange": Scenario(
        "the last backup of Exchange Online is 3 days old; the rest is in order",
        (*_daily(exchange_online=72.3), *_EXTRAS),
    ),
    "silent_teams": Scenario(
        "Teams backups stopped 10 days ago; nothing ever failed", (*_daily(teams=240.0), *_EXTRAS)
    ),
    "failing": Scenario(
        "the last three backups of Exchange Online failed",
        (
            *_daily(exchange_online=19.0),
            Stream("backup", "exchange_online", count=3, fixed=True, states=(FAILED,)),
            *_EXTRAS,
        ),
    ),
    "unreliable": Scenario(
        "every third backup of Exchange Online fails, though not the last one",
        (
            *_daily()[1:],
            Stream("backup", "exchange_online", states=(FINISHED, FINISHED, FAILED)),
            *_EXTRAS,
        ),
    ),
    "degraded": Scenario(
        "for 8 days every backup of Exchange Online has finished with exceptions",
        (
            *_daily(exchange_online=193.0),
            Stream("backup", "exchange_online", count=32, fixed=True, states=(WITH_EXCEPTION,)),
            *_EXTRAS,
        ),
    ),
    "failed_objects": Scenario(
        "the last backup of OneDrive finished in part, with a tenth of its objects failed",
        (
            *_daily(onedrive=9.0),
            Stream("backup", "onedrive", age=3.0, count=1, fixed=True, states=(PARTIALLY,)),
            *_EXTRAS,
        ),
    ),
    "hollow": Scenario(
        "for 4 days every backup of Teams has finished with nothing in it",
        (*_daily(teams=100.0), Stream("backup", "teams", age=4.0, count=16, fixed=True, share=0.0), *_EXTRAS),
    ),
    "coverage_drop": Scenario(
        "the last backup of OneDrive has two fifths of the objects of those before it",
        (*_daily(onedrive=9.0), Stream("backup", "onedrive", age=3.0, count=1, fixed=True, share=0.4), *_EXTRAS),
    ),
    "stuck": Scenario(
        "a backup of Teams has been running for 30 hours",
        (
            *_daily(),
            Stream("backup", "teams", age=30.0, count=1, fixed=True, states=(IN_PROGRESS,), kind="running"),
            *_EXTRAS,
        ),
    ),
    "slow": Scenario(
        "the last backup of SharePoint Online took 4 hours instead of 12 minutes",
        (
            *_daily(sharepoint_online=11.0),
            Stream("backup", "sharepoint_online", age=5.0, count=1, fixed=True, minutes=240.0),
            *_EXTRAS,
        ),
    ),
    "no_restore": Scenario("nobody has ever restored anything", (*_daily(), _RUNNING)),
    "deletions": Scenario(
        "3 jobs deleted backups of SharePoint Online in the last 2 days",
        (
            *_daily(),
            Stream("delete", "sharepoint_online", age=5.0, every=18.0, count=3, fixed=True, minutes=2.0),
            *_EXTRAS,
        ),
    ),
    "out_of_policy": Scenario("the license went out of policy 5 days ago", (*_daily(), *_EXTRAS), out_of_policy=120.0),
    "per_capacity": Scenario(
        "a subscription by storage: 320 of 500 GB", (*_daily(), *_EXTRAS), seats=(0, 0), storage=(500, 320)
    ),
    "storage_exceeded": Scenario(
        "a subscription by storage: 540 of 500 GB", (*_daily(), *_EXTRAS), seats=(0, 0), storage=(500, 540)
    ),
    "empty": Scenario("a tenant without a single job", ()),
    "large": Scenario(
        "a busy tenant: all services, job types and states, 100000 jobs within the last week",
        (
            *(
                Stream("backup", service, count=7500, weight=15, states=_MIXED, age=0.6 + hour / 10)
                for hour, service in enumerate(OBJECT_TYPES)
            ),
            *(
                Stream(job_type, service, count=625, weight=5, states=_MIXED[:50], age=1.5, minutes=3)
                for job_type in ("restore", "export", "delete", "retention")
                for service in _JUDGED
            ),
        ),
        days=6.9,
    ),
}

_LONGEST_HISTORY = 400 * DAY
_ARRIVALS = 5000
_LETTERS = dict(zip(OBJECT_TYPES.values(), ("EX", "SP", "OD", "GR", "PJ", "PF", "TM", "VE", "TC", "PB", "PA", "PP")))
_JOB_LETTERS = {1: "B", 2: "R", 3: "X", 4: "D", 5: "T"}


@dataclass(frozen=True)
class Tenant:
    """What the API tells about: every job that there is, as series, and the license (name -> value, some may lack)."""

    now: int
    series: tuple[Series, ...]
    license: Mapping[str, Any]


def build_tenant(
    scenario: str,
    now: int,
    *,
    jobs: int | None = None,
    seed: int = 1,
    days: float | None = None,
    unknown_every: int = 0,
    license_values: Mapping[str, Any] | None = None,
) -> Tenant:
    """A tenant from the name of a scenario; ``now`` in ticks.

    :param jobs: exactly so many jobs, shared out over the scenario's services.
    :param unknown_every: every so many jobs of a series end in a state that no document names; 0 is never.
    :raises Mistake: for whatever is not known or does not fit.
    """
    if scenario not in SCENARIOS:
        raise Mistake(f"scenario: {scenario!r} is none of {', '.join(SCENARIOS)}")
    plan = SCENARIOS[scenario]
    span = days if days is not None else plan.days
    if span is not None and not 0 < span <= 3650:
        raise Mistake(f"days: {span:g} is not within 0 and 3650")
    series: list[Series] = []
    for index, (stream, count) in enumerate(_share_out(scenario, plan.streams, jobs)):
        history = _series(stream, count, now, index, seed, span, unknown_every)
        series.append(history)
        # What has stopped gets no new jobs, either.
        if stream.job_type == "backup" and not stream.fixed and stream.age < 24:
            series.append(_arrivals(history, now))
    return Tenant(now, tuple(series), _license(plan, now, license_values or {}))


def _share_out(scenario: str, streams: Sequence[Stream], jobs: int | None) -> list[tuple[Stream, int]]:
    """How many jobs each stream has: exactly ``jobs`` in all."""
    if jobs is None:
        return [(stream, stream.count) for stream in streams]
    if jobs < 0:
        raise Mistake(f"jobs: {jobs} is less than 0")
    growing = [stream for stream in streams if not stream.fixed]
    if jobs and not growing:
        raise Mistake(f"jobs: the scenario {scenario} has none")
    fixed = sum(stream.count for stream in streams if stream.fixed)
    # A handful of jobs goes to the backups, which a scenario is about.
    if jobs < fixed + len(growing):
        streams, fixed = growing, 0
    weights = list(itertools.accumulate(stream.weight for stream in growing))
    bounds = [0, *((jobs - fixed) * weight // weights[-1] for weight in weights)]
    shares = iter([high - low for low, high in zip(bounds, bounds[1:])])
    return [(stream, stream.count if stream.fixed else next(shares)) for stream in streams]


def _series(
    stream: Stream, count: int, now: int, index: int, seed: int, days: float | None, unknown_every: int
) -> Series:
    age = int(stream.age * HOUR)
    interval = int(stream.every * HOUR)
    if not stream.fixed:
        if days is not None:
            if days * DAY <= age + HOUR:
                raise Mistake(f"days: {days:g} is too short for jobs that ended {stream.age / 24:.1f} days ago")
            interval = (int(days * DAY) - age) // max(count, 1)
        elif count * interval > _LONGEST_HISTORY:
            interval = (_LONGEST_HISTORY - age) // count
    job_type, object_type = JOB_TYPES[stream.job_type], OBJECT_TYPES[stream.object_type]
    return Series(
        # The letter after the types keeps a second stream of the same ones apart.
        prefix=f"{_LETTERS[object_type]}{_JOB_LETTERS[job_type]}{chr(ord('A') + index % 26) if stream.fixed else ''}",
        job_type=job_type,
        object_type=object_type,
        count=count,
        newest=now - age,
        interval=interval,
        duration=int(stream.minutes * MINUTE),
        traits=_traits(stream.states, count, unknown_every),
        seed=scramble(seed, job_type, object_type, index),
        objects=int((60 + scramble(seed, object_type) % 400) * stream.share),
        kind=stream.kind,
    )


def _traits(states: Sequence[int], count: int, unknown_every: int) -> tuple[tuple[int, str], ...]:
    """States and locations in turn; the shortest cycle in which states, locations and unknown states all come round."""
    length = math.lcm(len(states), len(TENANT_LOCATIONS), unknown_every or 1)

    def state(number: int) -> int:
        told = states[(count - 1 - number) % len(states)]
        is_unknown = unknown_every and number % unknown_every == unknown_every - 1 and told != IN_PROGRESS
        return UNKNOWN if is_unknown else told

    return tuple((state(number), TENANT_LOCATIONS[number % len(TENANT_LOCATIONS)]) for number in range(length))


def _arrivals(history: Series, now: int) -> Series:
    """The jobs that appear one after the other while the server runs (the habit ``growth``)."""
    return dataclasses.replace(
        history,
        prefix=history.prefix + "N",
        count=_ARRIVALS,
        newest=now - MINUTE,
        interval=SECOND // 10,
        duration=5 * SECOND,
        traits=_traits((FINISHED,), _ARRIVALS, 0),
        seed=scramble(history.seed, 2),
        kind="arrivals",
    )


def _license(plan: Scenario, now: int, overrides: Mapping[str, Any]) -> dict[str, Any]:
    out = 0 if plan.out_of_policy is None else now - int(plan.out_of_policy * HOUR)
    values = dict(zip(LICENSE_FIELDS, (out, *plan.seats, *plan.storage)))
    names = {name.lower(): name for name in LICENSE_FIELDS}
    for name, value in overrides.items():
        if name.lower() not in names:
            raise Mistake(f"license: {name!r} is none of {', '.join(LICENSE_FIELDS)}")
        if value == "absent":
            values.pop(names[name.lower()], None)
        else:
            values[names[name.lower()]] = value
    return values


# --- Selecting a page -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What a query asks for. 0 and None are "all"; times in ticks, both ends inclusive."""

    start: int | None = None
    finish: int | None = None
    job_type: int = 0
    object_type: int = 0
    state: int = 0
    location: str | None = None


@dataclass(frozen=True)
class Slice:
    """The jobs of a series with numbers in [low, high) whose place in the cycle of traits is one of ``turns``."""

    series: Series
    low: int
    high: int
    turns: tuple[int, ...]

    def _before(self, number: int) -> int:
        rounds, turn = divmod(number, len(self.series.traits))
        return rounds * len(self.turns) + bisect.bisect_left(self.turns, turn)

    def __len__(self) -> int:
        return self._before(self.high) - self._before(self.low)

    def started_after(self, moment: int) -> int:
        """How many start later than a moment."""
        first = max(self.low, self.series.first_started_after(moment))
        return self._before(self.high) - self._before(first) if first < self.high else 0

    def number(self, place: int) -> int:
        """The number of the job at a place, the oldest at 0."""
        rounds, turn = divmod(self._before(self.low) + place, len(self.turns))
        return rounds * len(self.series.traits) + self.turns[turn]


def select_slices(
    tenant: Tenant, filters: Filters, *, range_on: str = "start", grown: int = 0, removed: int = 0
) -> list[Slice]:
    """What a query finds, as slices of the series.

    :param grown: so many jobs of every backup series have newly appeared.
    :param removed: so many of the oldest jobs of every backup series are gone.
    """
    slices = []
    for series in tenant.series:
        if filters.job_type not in (0, series.job_type) or filters.object_type not in (0, series.object_type):
            continue
        low, high = 0, series.count
        if series.kind == "arrivals":
            high = min(grown, high)
        elif series.kind == "history" and series.job_type == JOB_TYPES["backup"]:
            low = min(removed, high)
        turns = tuple(
            turn
            for turn, (state, location) in enumerate(series.traits)
            if filters.state in (0, state) and _is_there(filters.location, location)
        )
        if (filters.start, filters.finish) != (None, None):
            if range_on == "finish" and series.kind == "running":
                continue
            after = series.first_started_after if range_on == "start" else series.first_finished_after
            if filters.start is not None:
                low = max(low, after(filters.start - 1))
            if filters.finish is not None:
                high = min(high, after(filters.finish))
        if turns and low < high:
            found = Slice(series, low, high, turns)
            if len(found):
                slices.append(found)
    return slices


def _is_there(asked: str | None, location: str) -> bool:
    if asked is None:
        return True
    return location == (TENANT_LOCATIONS[0] if asked == PRIMARY_LOCATION else asked)


def select_jobs(slices: Sequence[Slice], offset: int, size: int, order: str = "newest") -> list[Job]:
    """The jobs of a page; the work does not depend on how many jobs come before it."""
    total = sum(map(len, slices))
    size = max(0, min(size, total - offset))
    if not size:
        return []
    if order == "shuffled":
        return [_shuffled(slices, place, total) for place in range(offset, offset + size)]
    if order == "oldest":
        return _newest(slices, total - offset - size, size)[::-1]
    return _newest(slices, offset, size)


def _newest(slices: Sequence[Slice], offset: int, size: int) -> list[Job]:
    # The moment with as many later starts as rows to pass over; then only the page itself has to be merged.
    low = min(each.series.start(each.number(0)) for each in slices) - 1
    high = max(each.series.start(each.number(len(each) - 1)) for each in slices)
    while low < high:
        middle = (low + high) // 2
        if sum(each.started_after(middle) for each in slices) <= offset:
            high = middle
        else:
            low = middle + 1
    passed = [each.started_after(high) for each in slices]
    rows = heapq.merge(*(_backwards(each, skip, rank) for rank, (each, skip) in enumerate(zip(slices, passed))))
    beyond = offset - sum(passed)
    return [slices[rank].series.job(number) for _start, rank, number in itertools.islice(rows, beyond, beyond + size)]


def _backwards(each: Slice, skip: int, rank: int) -> Iterator[tuple[int, int, int]]:
    for place in range(len(each) - 1 - skip, -1, -1):
        number = each.number(place)
        yield -each.series.start(number), rank, number


def _shuffled(slices: Sequence[Slice], place: int, total: int) -> Job:
    """A fixed disorder: multiplying by a number that shares no factor with the total visits every row once."""
    factor = next(candidate for candidate in itertools.count(total * 5 // 8 + 1) if math.gcd(candidate, total) == 1)
    place = place * factor % total
    for each in slices:
        if place < len(each):
            return each.series.job(each.number(place))
        place -= len(each)
    raise AssertionError("a place beyond the total")


# --- Habits: where the documents disagree or are silent ---------------------------------------------------------------


@dataclass(frozen=True)
class Habit:
    """A way in which servers may differ. ``read`` turns what was given into the value, or raises ValueError."""

    default: Any
    read: Callable[[Any], Any]
    values: str
    meaning: str


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        # YAML reads the bare words on and off as booleans, null as nothing.
        words_of_yaml = ((True, "on"), (False, "off"), (None, "null"))
        text = next((word for said, word in words_of_yaml if value is said), str(value))
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return read


def _whole(low: int, high: int = 10**9) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, (bool, float)) or not re.fullmatch(r"[0-9]{1,10}", str(value).strip()):
            raise ValueError("is no whole number")
        number = int(value)
        if not low <= number <= high:
            raise ValueError(f"is not within {low} and {high}")
        return number

    return read


def _switch(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in ("true", "false", "on", "off", "yes", "no", "1", "0"):
        raise ValueError("is neither on nor off")
    return text in ("true", "on", "yes", "1")


def _every(value: Any) -> int:
    """Every how many jobs: a whole number, or a share such as 0.05."""
    try:
        number = float(str(value))
        every = round(1 / number) if 0 < number < 1 else int(number)
    except (ValueError, OverflowError):
        raise ValueError("is no number") from None
    if not 0 <= every <= 1000 or (number >= 1 and number != every):
        raise ValueError("is neither a share of at least 0.001 nor a whole number up to 1000")
    return every


_FILTER_NAMES = ("StartTime", "FinishTime", "JobType", "ObjectType", "JobState", "PageIndex")


def _filter_names(value: Any) -> tuple[str, ...]:
    given = re.split(r"[,+\s]+", value.strip()) if isinstance(value, str) else list(value or ())
    for name in filter(None, given):
        if name not in _FILTER_NAMES:
            raise ValueError(f"names {name!r}, which is none of {', '.join(_FILTER_NAMES)}")
    return tuple(filter(None, given))


HABITS = {
    "key_case": Habit(
        "documented",
        _one_of("documented", "pascal", "camel", "lower", "upper"),
        "documented|pascal|camel|lower|upper",
        "case of the JSON keys; documented is Pascal in v1 and camel in v2",
    ),
    "state_names": Habit(
        "spaced",
        _one_of("spaced", "joined"),
        "spaced|joined",
        '"Finished with Exception" or "FinishedException"',
    ),
    "next_link": Habit(
        "absolute",
        _one_of("absolute", "path", "token", "empty", "absent", "null"),
        "absolute|path|token|empty|absent|null",
        "what NextLink is while there is more; on the last page it is left out (empty and null: always there)",
    ),
    "page_base": Habit(0, _whole(0, 1), "0|1", "the number of the first page; with 1, page 0 is the first one too"),
    "max_page_size": Habit(0, _whole(0), "N", "a larger PageSize silently counts as N; 0 is no limit"),
    "range_on": Habit(
        "start",
        _one_of("start", "finish"),
        "start|finish",
        "whether StartTime and FinishTime ask for a job's start or for its finish",
    ),
    "ignore": Habit((), _filter_names, "NAME,NAME...", f"query parameters without effect: {', '.join(_FILTER_NAMES)}"),
    "total_means": Habit(
        "whole", _one_of("whole", "page"), "whole|page", "TotalCount of the whole list or of the page"
    ),
    "count_text": Habit(False, _switch, "on|off", "counts and license figures as text instead of numbers"),
    "details": Habit("object", _one_of("object", "int", "absent"), "object|int|absent", "the shape of BackupDetails"),
    "running_finish": Habit(
        "zero",
        _one_of("zero", "null", "absent"),
        "zero|null|absent",
        "FinishTime of a job in progress (zero: the minimum date)",
    ),
    "order": Habit(
        "newest", _one_of("newest", "oldest", "shuffled"), "newest|oldest|shuffled", "the order of the rows"
    ),
    "unknown_state": Habit(
        0, _every, "K|SHARE", 'every K-th job, or such a share as 0.05, ends in the undocumented state "Suspended"'
    ),
    "growth": Habit(0, _whole(0), "K", "every K job requests, each service that is backed up gets a new job"),
    "removal": Habit(0, _whole(0), "K", "every K job requests, each service that is backed up loses its oldest job"),
    "v2_counts": Habit(
        "totalCount", _one_of("totalCount", "totalNumber"), "totalCount|totalNumber", "the spelling of counts in v2"
    ),
    "multi_geo": Habit(
        "on",
        _one_of("on", "off"),
        "on|off",
        f"with on, jobs are in {' and '.join(TENANT_LOCATIONS)}; with off, a query with a location finds nothing",
    ),
    "ungranted_scope": Habit(
        "refuse",
        _one_of("refuse", "issue"),
        "refuse|issue",
        "a scope that is not granted: refused as invalid_scope, or a token that the API answers with 403",
    ),
}


def read_habits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Every habit with its value. :raises Mistake: naming the habit."""
    habits = {name: habit.default for name, habit in HABITS.items()}
    for name, value in given.items():
        if name not in HABITS:
            raise Mistake(f"habit: {name!r} is none of {', '.join(HABITS)}")
        try:
            habits[name] = HABITS[name].read(value)
        except ValueError as error:
            raise Mistake(f"habit {name}: {value!r} {error}") from None
    return habits


# --- The wire format of both generations ------------------------------------------------------------------------------

_CASES: dict[str, Callable[[str], str]] = {
    "pascal": lambda key: key[:1].upper() + key[1:],
    "camel": lambda key: key[:1].lower() + key[1:],
    "lower": str.lower,
    "upper": str.upper,
}


def apply_key_case(value: Any, case: str) -> Any:
    if isinstance(value, dict):
        return {_CASES[case](key): apply_key_case(item, case) for key, item in value.items()}
    if isinstance(value, list):
        return [apply_key_case(item, case) for item in value]
    return value


@dataclass(frozen=True)
class Page:
    """What a jobs query found. ``next_link`` is a text or None, or absent where the answer has no such field."""

    total: int
    jobs: Sequence[Job]
    next_link: str | None
    has_next_link: bool


class FirstGeneration:
    """Pascal case, ticks as integers."""

    key_case = "pascal"

    def __init__(self, habits: Mapping[str, Any]) -> None:
        self._habits = habits
        self._case = self.key_case if habits["key_case"] == "documented" else habits["key_case"]

    def time_filter(self, text: str, is_end: bool) -> int | None:
        """Ticks; the minimum and maximum date are no bound. :raises ValueError: where it is no time."""
        if not re.fullmatch(r"-?[0-9]{1,19}", text) or not -(2**63) <= int(text) < 2**63:
            raise ValueError("is not a valid long")
        return None if int(text) in (0, MAXIMUM_DATE) else int(text)

    def jobs(self, page: Page) -> Any:
        answer: dict[str, Any] = {
            "totalCount": self._count(page.total),
            "jobs": [self._job(job) for job in page.jobs],
        }
        if page.has_next_link:
            answer["nextLink"] = page.next_link
        return apply_key_case(answer, self._case)

    def license(self, values: Mapping[str, Any]) -> Any:
        return apply_key_case({name: self._license_value(name, value) for name, value in values.items()}, self._case)

    def problem(self, status: int, message: str, details: Sequence[str] = ()) -> Any:
        return {"message": message, **({"errors": list(details)} if details else {})}

    def _license_value(self, name: str, value: Any) -> Any:
        is_count = name != "OutOfPolicyTime" and isinstance(value, int) and not isinstance(value, bool)
        return self._count(value) if is_count else value

    def _job(self, job: Job) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": job.id,
            "state": STATE_NAMES[self._habits["state_names"]][job.state],
            "startTime": self._time(job.start),
        }
        if job.finish is not None:
            row["finishTime"] = self._time(job.finish)
            row["duration"] = self._duration(job.finish - job.start)
        elif self._habits["running_finish"] != "absent":
            is_zero = self._habits["running_finish"] == "zero"
            row["finishTime"] = self._time(0) if is_zero else None
            row["duration"] = self._duration(0) if is_zero else None
        if self._habits["details"] != "absent":
            row["backupDetails"] = self._details(job)
        row["jobErrors"] = self._errors(job)
        return row

    def _details(self, job: Job) -> Any:
        if self._habits["details"] == "int":
            return self._count(job.total)
        counts = {"total": job.total, "failed": job.failed, "successful": job.successful, "skipped": job.skipped}
        return {f"{name}{self._suffix()}": self._count(number) for name, number in counts.items()}

    def _errors(self, job: Job) -> list[dict[str, Any]]:
        if not job.failed:
            return []
        said = "The service did not answer in time." if job.state == FAILED else "The object is locked for editing."
        url = "https://docs.example.com/cloud-backup/errors"
        return [{"isErrorCode": False, "value": said, "url": url, "number": self._count(job.failed)}]

    def _suffix(self) -> str:
        return "Count"

    def _count(self, number: int) -> int | str:
        return str(number) if self._habits["count_text"] else number

    def _time(self, ticks: int) -> Any:
        return ticks

    def _duration(self, ticks: int) -> Any:
        return ticks


class SecondGeneration(FirstGeneration):
    """An envelope, camel case, ISO 8601 times, durations as hours in text."""

    key_case = "camel"

    def time_filter(self, text: str, is_end: bool) -> int | None:
        """A date: its first tick, or its last one as an end."""
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise ValueError("is not a valid date such as 2024-01-01") from None
        if text in ("0001-01-01", "9999-12-31"):
            return None
        return to_ticks(day) + (DAY - 1 if is_end else 0)

    def jobs(self, page: Page) -> Any:
        metadata: dict[str, Any] = {f"total{self._suffix()}": self._count(page.total)}
        if page.has_next_link:
            metadata["nextLink"] = page.next_link
        return self._envelope(200, "", [self._job(job) for job in page.jobs], metadata=metadata)

    def license(self, values: Mapping[str, Any]) -> Any:
        return self._envelope(200, "", {name: self._license_value(name, value) for name, value in values.items()})

    def problem(self, status: int, message: str, details: Sequence[str] = ()) -> Any:
        return self._envelope(status, message, None, errors=list(details) or [message])

    def _envelope(self, status: int, message: str, data: Any, **more: Any) -> Any:
        number = secrets.token_hex(4).upper()
        now = datetime.datetime.now(datetime.timezone.utc)
        envelope = {
            "statusCode": status,
            "message": message,
            "data": data,
            "requestId": f"0HNEVHLNSPSEJ:{number}",
            "timestamp": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            **more,
            "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
        }
        return apply_key_case(envelope, self._case)

    def _suffix(self) -> str:
        return "Number" if self._habits["v2_counts"] == "totalNumber" else "Count"

    def _time(self, ticks: int) -> str:
        return to_iso(ticks)

    def _duration(self, ticks: int) -> str:
        return f"{ticks / HOUR:.3f}"


GENERATIONS = {1: FirstGeneration, 2: SecondGeneration}

# --- Requests and answers ---------------------------------------------------------------------------------------------


@dataclass
class Request:
    """A request as it arrived. ``headers`` are found in whatever case they are asked for."""

    method: str
    path: str
    query: dict[str, str]
    headers: email.message.Message
    body: str = ""
    repeated: tuple[str, ...] = ()
    """Query parameters that came more than once."""

    @property
    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.body, keep_blank_values=True))


@dataclass
class Answer:
    """An answer on its way out; faults change it.

    :ivar payload: what becomes JSON, unless ``body`` is set.
    :ivar deliver: sends it; None is the usual way.
    :ivar date_skew: seconds added to the Date header; None leaves it out.
    """

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})
    body: bytes | None = None
    deliver: Callable[[Outlet, Answer], None] | None = None
    date_skew: float | None = 0.0

    def content(self) -> bytes:
        return self.body if self.body is not None else json.dumps(self.payload).encode("utf-8")

    def head(self, framing: Mapping[str, str]) -> bytes:
        reason = http.client.responses.get(self.status, "Unknown")
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        if self.date_skew is not None:
            # The machine's own clock, also where the tenant's now is another: it is what clocks are compared with.
            lines.append(f"Date: {email.utils.formatdate(time.time() + self.date_skew, usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in {**self.headers, **framing}.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


class HungUp(Exception):
    """The client is gone, or the server stops: nothing more is to be sent."""


class Outlet:
    """The way to one client, as faults need it."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.is_open = True

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait. :raises HungUp: as soon as the client hangs up or the server stops."""
        end = time.monotonic() + seconds
        while True:
            if self._stopping.wait(max(0.0, min(0.1, end - time.monotonic()))) or self._is_hung_up():
                raise HungUp
            if time.monotonic() >= end:
                return

    def close(self) -> None:
        self.is_open = False

    def reset(self) -> None:
        """Close with RST, which a pending read sees as an error."""
        self.is_open = False
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Detached: the files made from the socket would keep a close() waiting.
        os.close(self._connection.detach())

    def _is_hung_up(self) -> bool:
        try:
            poll = select.poll()
            poll.register(self._connection, select.POLLIN)
            if not poll.poll(0):
                return False
            # The plain socket's recv: TLS has no peeking, and a closed connection shows below it.
            return socket.socket.recv(self._connection, 1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True


def deliver_whole(outlet: Outlet, answer: Answer) -> None:
    content = answer.content()
    outlet.send(answer.head({"Content-Length": str(len(content))}) + content)


# --- Faults -----------------------------------------------------------------------------------------------------------


@dataclass
class Moment:
    """What a fault may look at and act on besides the answer."""

    service: Service
    request: Request
    target: str
    generation: int
    page_index: int


@dataclass(frozen=True)
class Argument:
    """An argument of a fault: ``read`` turns its text into a value or raises ValueError."""

    default: Any
    read: Callable[[str], Any]
    meaning: str


Before = Callable[[Moment, Mapping[str, Any]], None]
After = Callable[[Answer, Moment, Mapping[str, Any]], None]


@dataclass(frozen=True)
class FaultKind:
    """A row of the table of faults: something done before the request is answered, or to its answer."""

    meaning: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    before: Before | None = None
    after: After | None = None
    times: int | None = None


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 86400:
        raise ValueError("is not within 0 and 86400")
    return number


def _signed(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("is no number")
    return number


def _text(text: str) -> str:
    return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError('is not JSON (a text needs its quotes: value="Finished")') from None


def _status(text: str) -> int:
    return _whole(200, 999)(text)


_ON_PAGE = Argument(None, _whole(0), "only on the page with this index")
_TO = Argument(None, _text, "the address; by default this server under another name, so that a follow-up is recorded")


def _elsewhere(moment: Moment, to: str | None) -> str:
    return to or f"{moment.service.other_origin}/elsewhere"


def _set_status(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    code, said = arguments["code"], arguments["text"]
    answer.status, answer.body = code, None
    if arguments["as"] == "html":
        answer.headers["Content-Type"] = "text/html"
        answer.body = f"<html><head><title>{said}</title></head><body><h1>{said}</h1></body></html>".encode()
    elif arguments["as"] == "plain":
        answer.headers["Content-Type"] = "text/plain"
        answer.body = said.encode()
    elif moment.target == "token":
        answer.payload = {"error": arguments["error"], "error_description": said}
    else:
        answer.payload = moment.service.wire(moment.generation).problem(code, said)
    if arguments["retry_after"] is not None:
        answer.headers["Retry-After"] = arguments["retry_after"]
    if arguments["retry_after_date"] is not None:
        date = email.utils.formatdate(time.time() + arguments["retry_after_date"], usegmt=True)
        answer.headers["Retry-After"] = date


def _deliver_with(deliver: Callable[[Outlet, Answer, Mapping[str, Any]], None]) -> After:
    def after(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
        answer.deliver = lambda outlet, told: deliver(outlet, told, arguments)

    return after


def _reset(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.reset()


def _close(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.close()


def _truncated(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    content = answer.content()
    outlet.send(answer.head({"Content-Length": str(len(content))}) + content[: max(0, len(content) - arguments["by"])])
    outlet.close()


def _truncated_chunked(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.send(answer.head({"Transfer-Encoding": "chunked"}) + _chunk(answer.content()))
    outlet.close()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _drip(outlet: Outlet, data: bytes, every: float) -> None:
    for position in range(len(data)):
        outlet.send(data[position : position + 1])
        outlet.pause(every)


def _drip_headers(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    content = answer.content()
    _drip(outlet, answer.head({"Content-Length": str(len(content))}), arguments["every"])
    outlet.send(content)


def _drip_body(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    content = answer.content()
    outlet.send(answer.head({"Content-Length": str(len(content))}))
    _drip(outlet, content, arguments["every"])


def _silent(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.pause(math.inf)


def _silent_after_headers(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.send(answer.head({"Content-Length": str(len(answer.content()))}))
    outlet.pause(math.inf)


def _endless_chunked(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.send(answer.head({"Transfer-Encoding": "chunked"}))
    spaces = _chunk(b" " * 65536)
    while True:
        outlet.send(spaces)
        outlet.pause(0)


def _huge_content_length(outlet: Outlet, answer: Answer, arguments: Mapping[str, Any]) -> None:
    outlet.send(answer.head({"Content-Length": str(arguments["bytes"])}) + answer.content())
    outlet.pause(math.inf)


def _gzip_bomb(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    answer.body = _inflated_by_spaces(answer.content(), arguments["mib"])
    answer.headers["Content-Encoding"] = "gzip"


def _inflated_by_spaces(content: bytes, mib: int) -> bytes:
    """gzip of so many MiB of spaces and then the content: valid JSON for whoever has the memory."""
    block = b" " * 2**20
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush blocks stand for themselves: one, repeated, is as good as packing them all.
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    tail = last.compress(content) + last.flush(zlib.Z_FINISH)
    checksum = 0
    for _round in range(mib):
        checksum = zlib.crc32(block, checksum)
    checksum = zlib.crc32(content, checksum)
    size = (mib * len(block) + len(content)) & 0xFFFFFFFF
    return head + packed * mib + tail + struct.pack("<LL", checksum, size)


def _corrupt_gzip(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    packed = bytearray(gzip.compress(answer.content()))
    for position in range(12, min(len(packed), 28)):
        packed[position] ^= 0xFF
    answer.body = bytes(packed)
    answer.headers["Content-Encoding"] = "gzip"


def _replace_body(content_type: str, make: Callable[[Mapping[str, Any]], bytes]) -> After:
    def after(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
        answer.status, answer.body = 200, make(arguments)
        answer.headers["Content-Type"] = content_type

    return after


def _wrong_content_type(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    answer.headers["Content-Type"] = arguments["type"]


def _redirect(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    answer.status, answer.body = arguments["code"], b""
    answer.headers["Location"] = _elsewhere(moment, arguments["to"])


def _foreign_next_link(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    link = f"{_elsewhere(moment, arguments['to'])}?PageIndex={moment.page_index + 1}"
    _set_field(answer, moment, {"field": "NextLink", "value": link})


def _echo_secret(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    authorization = moment.request.headers.get("Authorization", "")
    form = moment.request.form
    secret = form.get("client_secret") or form.get("client_assertion") or authorization.partition(" ")[2]
    said = f"refused: {secret} / {urllib.parse.quote(secret, safe='')} / {json.dumps(secret)[1:-1]}"
    if authorization:
        said += f" / Authorization: {authorization}"
    answer.status = arguments["code"]
    if moment.target == "token":
        payload: Any = {"error": "invalid_client", "error_description": said}
    else:
        payload = moment.service.wire(moment.generation).problem(arguments["code"], said)
    answer.body = None
    answer.payload = payload


def _expire_tokens(moment: Moment, arguments: Mapping[str, Any]) -> None:
    moment.service.authority.revoke_all()


def _latency(moment: Moment, arguments: Mapping[str, Any]) -> None:
    moment.service.stopping.wait(arguments["seconds"])


def _repeat_page(moment: Moment, arguments: Mapping[str, Any]) -> None:
    first = moment.service.habits["page_base"]
    if moment.target == "jobs" and moment.page_index > first:
        name = next((name for name in moment.request.query if name.lower() == "pageindex"), "PageIndex")
        # A copy: what was recorded stays what was sent.
        moment.request = dataclasses.replace(
            moment.request, query={**moment.request.query, name: str(moment.page_index - 1)}
        )


def _set_field(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    _change(answer, moment, arguments["field"], lambda holder, key: holder.__setitem__(key, arguments["value"]))


def _drop_field(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    def drop(holder: Any, key: Any) -> None:
        if isinstance(holder, list) or key in holder:
            del holder[key]

    _change(answer, moment, arguments["field"], drop)


def _change(answer: Answer, moment: Moment, path: str, change: Callable[[Any, Any], None]) -> None:
    """Do something to a field of a successful answer; one that is not there (no such row) stays alone."""
    if answer.status != 200 or answer.body is not None:
        return
    found = find_field(answer.payload, path, moment.generation)
    if found is not None:
        change(*found)


_SECOND_GENERATION_PLACES = {
    "jobs": ("data",),
    "totalcount": ("metadata", "totalCount"),
    "nextlink": ("metadata", "nextLink"),
    **{name.lower(): ("data", name) for name in LICENSE_FIELDS},
}


def find_field(payload: Any, path: str, generation: int) -> tuple[Any, Any] | None:
    """The object or list that holds a field, and its key there; None if there is no such place.

    Keys in any case. The names of the first generation also find their place in an envelope of the second.
    """
    parts = path.split(".")
    if generation == 2:
        parts = [*_SECOND_GENERATION_PLACES.get(parts[0].lower(), (parts[0],)), *parts[1:]]
    holder = payload
    for part in parts[:-1]:
        key = _key(holder, part)
        if key is None or (isinstance(holder, dict) and key not in holder):
            return None
        holder = holder[key]
    key = _key(holder, parts[-1])
    return None if key is None else (holder, key)


def _key(holder: Any, part: str) -> Any:
    """The key or index that a part of a path means; None where there can be none."""
    if isinstance(holder, dict):
        names = (part.lower(), part.lower().replace("count", "number"))
        return next((name for name in holder if name.lower() in names), part)
    return int(part) if isinstance(holder, list) and part.isdigit() and int(part) < len(holder) else None


def _named_value(**by_target: tuple[str, Any]) -> After:
    """A wrong value at a telling place: target (or target and generation, as jobs2) -> field and value."""

    def after(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
        place = by_target.get(f"{moment.target}{moment.generation}", by_target.get(moment.target))
        if place is not None:
            _set_field(answer, moment, {"field": place[0], "value": place[1]})

    return after


def _list_answer(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    if answer.status == 200:
        answer.payload = [answer.payload]


def _rows(answer: Answer, moment: Moment) -> list[Any] | None:
    if answer.status != 200 or answer.body is not None or moment.target != "jobs":
        return None
    found = find_field(answer.payload, "Jobs", moment.generation)
    rows = found[0].get(found[1]) if found is not None else None
    return rows if isinstance(rows, list) else None


def _shrink_total(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    def shrink(holder: Any, key: Any) -> None:
        kind = type(holder[key])
        holder[key] = kind(max(0, int(holder[key]) - arguments["by"]))

    if moment.target == "jobs":
        _change(answer, moment, "TotalCount", shrink)


def _lose_row(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    rows = _rows(answer, moment)
    if rows and arguments["row"] < len(rows):
        del rows[arguments["row"]]


def _duplicate_row(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    rows = _rows(answer, moment)
    if rows and len(rows) > 1:
        rows[-1] = rows[0]


def _envelope_status(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    if answer.status == 200 and moment.generation == 2:
        answer.payload = moment.service.wire(2).problem(arguments["code"], arguments["text"])


def _envelope_errors(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    if answer.status == 200 and moment.generation == 2:
        answer.payload = {**answer.payload, "errors": [arguments["text"]]}


def _skew_date(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    answer.date_skew = arguments["seconds"]


def _no_date(answer: Answer, moment: Moment, arguments: Mapping[str, Any]) -> None:
    answer.date_skew = None


_EVERY = {"every": Argument(1.0, _seconds, "seconds from byte to byte")}
_TEXT = Argument("The service is not well.", _text, "what it says; takes the rest, commas too")

FAULTS = {
    "status": FaultKind(
        "answers with a status code",
        {
            "code": Argument(503, _status, "the status"),
            "as": Argument("json", _one_of("json", "html", "plain"), "json, html or plain"),
            "error": Argument("temporarily_unavailable", _text, "the error code at the token endpoint"),
            "retry_after": Argument(None, _text, "the Retry-After header as it is"),
            "retry_after_date": Argument(None, _signed, "Retry-After as the date so many seconds from now"),
            "text": _TEXT,
        },
        after=_set_status,
    ),
    "reset": FaultKind("resets the connection instead of answering", after=_deliver_with(_reset)),
    "close_before_answer": FaultKind("closes the connection instead of answering", after=_deliver_with(_close)),
    "truncated": FaultKind(
        "ends the body early",
        {"by": Argument(10, _whole(1), "so many bytes are missing")},
        after=_deliver_with(_truncated),
    ),
    "truncated_chunked": FaultKind(
        "ends a chunked body without its last chunk", after=_deliver_with(_truncated_chunked)
    ),
    "drip_headers": FaultKind("sends the headers byte by byte", _EVERY, after=_deliver_with(_drip_headers)),
    "drip_body": FaultKind("sends the body byte by byte", _EVERY, after=_deliver_with(_drip_body)),
    "silent": FaultKind("never answers", after=_deliver_with(_silent)),
    "silent_after_headers": FaultKind("sends the headers and then nothing", after=_deliver_with(_silent_after_headers)),
    "html": FaultKind(
        "answers with a web page, status 200",
        after=_replace_body("text/html", lambda _: b"<html><head><title>Sign in</title></head><body></body></html>"),
    ),
    "not_json": FaultKind(
        "answers with something that only claims to be JSON",
        after=_replace_body("application/json", lambda _: b'{"TotalCount": 1, "Jobs": ['),
    ),
    "wrong_content_type": FaultKind(
        "gives the right body another content type",
        {"type": Argument("text/plain", _text, "the content type")},
        after=_wrong_content_type,
    ),
    "undecodable": FaultKind(
        "answers with JSON that is not UTF-8",
        after=_replace_body("application/json", lambda _: b'{"TotalCount": 0, "Jobs": [], "NextLink": "\xff\xfe\x80"}'),
    ),
    "deep_nesting": FaultKind(
        "answers with lists in lists in lists",
        {"depth": Argument(200_000, _whole(1, 10_000_000), "how many")},
        after=_replace_body("application/json", lambda given: b"[" * given["depth"] + b"]" * given["depth"]),
    ),
    "gzip_bomb": FaultKind(
        "answers with a little gzip that unpacks to a lot (of spaces, then the right JSON)",
        {"mib": Argument(200, _whole(1, 100_000), "unpacked size in MiB")},
        after=_gzip_bomb,
    ),
    "corrupt_gzip": FaultKind("answers with a gzip that cannot be unpacked", after=_corrupt_gzip),
    "endless_chunked": FaultKind("sends a body that never ends", after=_deliver_with(_endless_chunked)),
    "huge_content_length": FaultKind(
        "announces a body far larger than what it sends, and keeps the connection",
        {"bytes": Argument(5 * 2**30, _whole(0, 10**10 - 1), "the Content-Length")},
        after=_deliver_with(_huge_content_length),
    ),
    "redirect": FaultKind(
        "sends elsewhere", {"code": Argument(302, _status, "the status"), "to": _TO}, after=_redirect
    ),
    "foreign_next_link": FaultKind(
        "gives a NextLink on another origin, also on the last page", {"to": _TO}, after=_foreign_next_link
    ),
    "expire_tokens": FaultKind(
        "makes all tokens issued so far invalid (401); new ones are good again", before=_expire_tokens, times=1
    ),
    "latency": FaultKind("waits before it answers", {"seconds": Argument(0.05, _seconds, "how long")}, before=_latency),
    "set": FaultKind(
        "overwrites a field of a good answer",
        {
            "field": Argument(..., _text, "such as Jobs.0.State, TotalCount, access_token (names of v1 do in v2, too)"),
            "value": Argument(..., _json, "JSON, also NaN; takes the rest, commas too"),
        },
        after=_set_field,
    ),
    "missing": FaultKind(
        "leaves a field out of a good answer", {"field": Argument(..., _text, "as for set")}, after=_drop_field
    ),
    "bool_count": FaultKind(
        "a boolean as a count",
        after=_named_value(jobs=("TotalCount", True), license=("PurchasedUserSeats", True)),
    ),
    "float_count": FaultKind(
        "a fraction as a count",
        after=_named_value(jobs=("TotalCount", 1.5), license=("PurchasedUserSeats", 99.5)),
    ),
    "nan": FaultKind(
        "NaN as a count",
        after=_named_value(jobs=("TotalCount", math.nan), license=("PurchasedUserSeats", math.nan)),
    ),
    "negative_count": FaultKind(
        "a count below 0",
        after=_named_value(jobs=("TotalCount", -1), license=("PurchasedUserSeats", -1)),
    ),
    "list_answer": FaultKind("a list around the answer", after=_list_answer),
    "null_jobs": FaultKind("null instead of the list of jobs", after=_named_value(jobs=("Jobs", None))),
    "time_out_of_range": FaultKind(
        "a time beyond the year 9999",
        after=_named_value(
            jobs1=("Jobs.0.StartTime", 4 * 10**18),
            jobs2=("Jobs.0.StartTime", "10000-01-01T00:00:00Z"),
            license=("OutOfPolicyTime", 4 * 10**18),
        ),
    ),
    "time_text": FaultKind(
        "words as a time",
        after=_named_value(jobs=("Jobs.0.StartTime", "yesterday"), license=("OutOfPolicyTime", "yesterday")),
    ),
    "repeat_page": FaultKind(
        "every page after the first shows the page before it", {"page": _ON_PAGE}, before=_repeat_page
    ),
    "shrink_total": FaultKind(
        "TotalCount is smaller than it should be (with after=1: it shrinks)",
        {"by": Argument(1, _whole(1), "by how much"), "page": _ON_PAGE},
        after=_shrink_total,
    ),
    "lose_row": FaultKind(
        "a row is missing", {"row": Argument(0, _whole(0), "which of the page"), "page": _ON_PAGE}, after=_lose_row
    ),
    "duplicate_row": FaultKind(
        "the first row of a page stands in the place of the last, too", {"page": _ON_PAGE}, after=_duplicate_row
    ),
    "envelope_status": FaultKind(
        "v2: another statusCode inside an answer of status 200",
        {"code": Argument(500, _status, "the statusCode"), "text": _TEXT},
        after=_envelope_status,
    ),
    "envelope_errors": FaultKind("v2: errors inside an answer of status 200", {"text": _TEXT}, after=_envelope_errors),
    "echo_secret": FaultKind(
        "repeats the secret, assertion or token that it was sent, in several spellings",
        {"code": Argument(400, _status, "the status")},
        after=_echo_secret,
    ),
    "skewed_date": FaultKind(
        "a Date header that is off", {"seconds": Argument(3600.0, _signed, "by how much")}, after=_skew_date
    ),
    "no_date": FaultKind("no Date header", after=_no_date),
}

TARGETS = {
    "api": ("jobs", "license"),
    "jobs": ("jobs",),
    "license": ("license",),
    "token": ("token",),
    "any": ("jobs", "license", "token"),
}
_COMMON = {
    "on": Argument("api", _one_of(*TARGETS), "which requests: " + ", ".join(TARGETS)),
    "after": Argument(0, _whole(0), "so many of these requests pass first"),
    "times": Argument(None, _whole(1), "so many are hit then; without it all"),
}
_GREEDY = ("text", "value")


class Fault:
    """One fault that is switched on, as its text says: C(name:argument=value,argument=value)."""

    def __init__(self, text: str) -> None:
        name, _colon, rest = text.strip().partition(":")
        if name not in FAULTS:
            raise Mistake(f"fault: {name!r} is none of {', '.join(FAULTS)}")
        self.kind = FAULTS[name]
        known = {**_COMMON, **self.kind.arguments}
        self._arguments = {key: argument.default for key, argument in known.items()}
        if self._arguments["times"] is None:
            self._arguments["times"] = self.kind.times
        for key, value in _split_arguments(rest):
            if key not in known:
                raise Mistake(f"fault {name}: {key!r} is none of {', '.join(known)}")
            try:
                self._arguments[key] = known[key].read(value)
            except ValueError as error:
                raise Mistake(f"fault {name}: {key}={value!r} {error}") from None
        lacking = [key for key, value in self._arguments.items() if value is ...]
        if lacking:
            raise Mistake(f"fault {name}: {lacking[0]} is missing")
        self._seen = 0
        self._lock = threading.Lock()

    def is_due(self, target: str, page_index: int) -> bool:
        """Whether it hits this request, which is counted."""
        arguments = self._arguments
        if target not in TARGETS[arguments["on"]]:
            return False
        if arguments.get("page") is not None and (target != "jobs" or page_index != arguments["page"]):
            return False
        with self._lock:
            place = self._seen - arguments["after"]
            self._seen += 1
        return place >= 0 and (arguments["times"] is None or place < arguments["times"])

    def before(self, moment: Moment) -> None:
        if self.kind.before is not None:
            self.kind.before(moment, self._arguments)

    def after(self, answer: Answer, moment: Moment) -> None:
        if self.kind.after is not None:
            self.kind.after(answer, moment, self._arguments)


def _split_arguments(text: str) -> Iterator[tuple[str, str]]:
    """key=value pairs; a value that may hold commas comes last and takes the rest."""
    while text:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals:
            raise Mistake(f"fault: {key!r} lacks its value (argument=value)")
        if key in _GREEDY:
            yield key, rest
            return
        value, _comma, text = rest.partition(",")
        yield key, value.strip()


# --- Credentials ------------------------------------------------------------------------------------------------------


class Refusal(Exception):
    """A refusal in OAuth's words (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Certificate:
    """A registered certificate, as far as signatures need it."""

    modulus: int
    exponent: int
    thumbprint: bytes

    @property
    def x5t(self) -> str:
        return base64.urlsafe_b64encode(self.thumbprint).rstrip(b"=").decode("ascii")

    @property
    def kid(self) -> str:
        return self.thumbprint.hex().upper()


def read_certificate(pem: str) -> Certificate:
    """The RSA key and the thumbprint of a PEM certificate. :raises Mistake: if it is none."""
    found = re.search(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", pem, re.DOTALL)
    try:
        if found is None:
            raise ValueError
        der = base64.b64decode("".join(found[1].split()), validate=True)
        to_be_signed = _der_items(_der_items(der)[0])
        if to_be_signed[0][:1] == b"\xa0":
            del to_be_signed[0]  # the version
        # serial number, signature algorithm, issuer, validity, subject, public key
        algorithm, key_bits = _der_items(to_be_signed[5])
        if _der_items(algorithm)[0] != bytes.fromhex("06092a864886f70d010101"):
            raise ValueError
        modulus, exponent = _der_items(_der_content(key_bits)[1:])
    except (ValueError, IndexError, binascii.Error):
        raise Mistake("certificate: it is no PEM certificate with an RSA key") from None
    return Certificate(
        int.from_bytes(_der_content(modulus), "big"),
        int.from_bytes(_der_content(exponent), "big"),
        hashlib.sha1(der).digest(),
    )


def _der_header(data: bytes) -> tuple[int, int]:
    """Where the content of the first item begins and ends."""
    length, begin = data[1], 2
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(data[2:begin], "big")
    if begin + length > len(data):
        raise ValueError("the data ends too early")
    return begin, begin + length


def _der_content(data: bytes) -> bytes:
    begin, end = _der_header(data)
    return data[begin:end]


def _der_items(data: bytes) -> list[bytes]:
    """The items in a sequence, headers included."""
    content, items = _der_content(data), []
    while content:
        _begin, end = _der_header(content)
        items.append(content[:end])
        content = content[end:]
    return items


_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def is_signed(certificate: Certificate, message: bytes, signature: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.2)."""
    size = (certificate.modulus.bit_length() + 7) // 8
    told = int.from_bytes(signature, "big")
    if len(signature) != size or told >= certificate.modulus:
        return False
    digest = _SHA256_PREFIX + hashlib.sha256(message).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return hmac.compare_digest(pow(told, certificate.exponent, certificate.modulus).to_bytes(size, "big"), expected)


class Authority:
    """The token endpoint of one tenant, and the check of its tokens."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        certificate: Certificate | None,
        granted_scopes: Sequence[str],
        token_lifetime: float,
        issues_ungranted: bool,
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._certificate = certificate
        self._granted = frozenset(granted_scopes)
        self._lifetime = token_lifetime
        self._issues_ungranted = issues_ungranted
        self._tokens: dict[str, tuple[str, float]] = {}
        self._assertions: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, request: Request) -> dict[str, Any]:
        """The answer to a token request. :raises Refusal: in OAuth's words."""
        form = self._form(request)
        if form.get("grant_type") != "client_credentials":
            said = "grant_type is missing" if "grant_type" not in form else "only client_credentials is supported"
            raise Refusal("unsupported_grant_type" if "grant_type" in form else "invalid_request", said)
        self._check_client(form)
        scope = self._scope(form)
        token = secrets.token_urlsafe(48)
        now = time.monotonic()
        with self._lock:
            self._tokens = {known: item for known, item in self._tokens.items() if item[1] > now}
            self._tokens[token] = (scope, now + self._lifetime)
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(self._lifetime), "scope": scope}

    def check(self, authorization: str | None, scope: str) -> tuple[int, str] | None:
        """Why a request to the API is refused (status and words), or None."""
        kind, _space, token = (authorization or "").partition(" ")
        if not authorization:
            return 401, "The Authorization header is missing."
        with self._lock:
            held = self._tokens.get(token.strip()) if kind.lower() == "bearer" else None
        if held is None or held[1] <= time.monotonic():
            return 401, "The access token is not valid or has expired."
        if held[0] != scope or scope not in self._granted:
            return 403, f"The application is not granted the permission {scope}."
        return None

    def revoke_all(self) -> None:
        with self._lock:
            self._tokens.clear()

    def _form(self, request: Request) -> dict[str, str]:
        if request.headers.get_content_type() != "application/x-www-form-urlencoded":
            raise Refusal("invalid_request", "the body must be application/x-www-form-urlencoded")
        pairs = urllib.parse.parse_qsl(request.body, keep_blank_values=True)
        if len({name for name, _value in pairs}) < len(pairs):
            raise Refusal("invalid_request", "a parameter is given twice")
        return dict(pairs)

    def _scope(self, form: Mapping[str, str]) -> str:
        asked = form.get("scope", "").split()
        if len(asked) != 1 or asked[0] not in SCOPES:
            said = f"unknown scope {asked[0]}" if len(asked) == 1 else "exactly one scope must be asked for"
            raise Refusal("invalid_scope", said)
        if asked[0] not in self._granted and not self._issues_ungranted:
            raise Refusal("invalid_scope", f"the application is not granted {asked[0]}")
        return asked[0]

    def _check_client(self, form: Mapping[str, str]) -> None:
        if not form.get("client_id"):
            raise Refusal("invalid_request", "client_id is missing")
        has_assertion = "client_assertion" in form or "client_assertion_type" in form
        if has_assertion == ("client_secret" in form):
            raise Refusal("invalid_request", "either client_secret or client_assertion is needed")
        is_known = hmac.compare_digest(form["client_id"].encode(), self._client_id.encode())
        if has_assertion:
            if not is_known:
                raise Refusal("invalid_client", "the client is unknown")
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise Refusal("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
            self._check_assertion(form.get("client_assertion", ""))
        elif not is_known or not hmac.compare_digest(form["client_secret"].encode(), self._client_secret.encode()):
            raise Refusal("invalid_client", "the client is unknown or its secret is wrong")

    def _check_assertion(self, assertion: str) -> None:
        certificate = self._certificate
        if certificate is None:
            raise Refusal("invalid_client", "no certificate is registered for the client")
        try:
            parts = [part.encode("ascii") for part in assertion.split(".")]
            header_part, claims_part, signature_part = parts
            header, claims = json.loads(_base64url(header_part)), json.loads(_base64url(claims_part))
            signature = _base64url(signature_part)
        except (ValueError, RecursionError):
            raise Refusal("invalid_client", "the assertion is no JWT") from None
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise Refusal("invalid_client", "the assertion is no JWT")
        if header.get("alg") != "RS256":
            raise Refusal("invalid_client", "the assertion must be signed with RS256")
        if header.get("x5t") != certificate.x5t or header.get("kid") != certificate.kid:
            raise Refusal("invalid_client", "x5t and kid are not the registered certificate's thumbprint")
        if not is_signed(certificate, header_part + b"." + claims_part, signature):
            raise Refusal("invalid_client", "the signature of the assertion is wrong")
        self._check_claims(claims)

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        now = time.time()
        audience = claims.get("aud")
        if self._token_url not in (audience if isinstance(audience, list) else [audience]):
            raise Refusal("invalid_client", "aud is not this token URL")
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:
            raise Refusal("invalid_client", "iss and sub must be the client id")
        for name in ("exp", "nbf"):
            if isinstance(claims.get(name), bool) or not isinstance(claims.get(name), (int, float)):
                raise Refusal("invalid_client", f"{name} is missing or no time")
        if claims["exp"] <= now:
            raise Refusal("invalid_client", "the assertion has expired")
        if claims["exp"] > now + ASSERTION_LIFETIME + 1:
            raise Refusal("invalid_client", "exp is more than an hour ahead")
        if claims["nbf"] > now + 1:
            raise Refusal("invalid_client", "nbf is in the future")
        identity = claims.get("jti")
        if not isinstance(identity, str) or not identity:
            raise Refusal("invalid_client", "jti is missing")
        with self._lock:
            self._assertions = {known: end for known, end in self._assertions.items() if end > now}
            if identity in self._assertions:
                raise Refusal("invalid_client", "the assertion was used before")
            self._assertions[identity] = claims["exp"]


def _base64url(part: bytes) -> bytes:
    if not re.fullmatch(rb"[A-Za-z0-9_-]+", part):
        raise ValueError("no base64url")
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


# --- The service of one tenant ----------------------------------------------------------------------------------------


class BadParameter(Exception):
    """A query parameter that cannot be understood."""


_LARGEST_INT = 2**31 - 1
_RECORDED_REQUESTS = 10_000


class Service:
    """Answers one tenant's requests: tenant, habits, faults, credentials and what was asked so far."""

    def __init__(
        self,
        tenant: Tenant,
        habits: Mapping[str, Any],
        faults: Sequence[Fault],
        authority: Authority,
        url: str,
        other_origin: str,
        stopping: threading.Event,
    ) -> None:
        self.tenant = tenant
        self.habits = habits
        self.authority = authority
        self.other_origin = other_origin
        self.stopping = stopping
        self.requests: collections.deque[Request] = collections.deque(maxlen=_RECORDED_REQUESTS)
        self._faults = list(faults)
        self._url = url
        self._jobs_requests = 0
        self._lock = threading.Lock()
        self._wires = {generation: make(habits) for generation, make in GENERATIONS.items()}

    def wire(self, generation: int) -> FirstGeneration:
        return self._wires[generation]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        endpoint = ENDPOINTS.get(request.path)
        target = endpoint.target if endpoint else "token" if request.path == TOKEN_PATH else "unknown"
        generation = endpoint.generation if endpoint else 1
        moment = Moment(self, request, target, generation, self._asked_page(request))
        due = [fault for fault in self._faults if fault.is_due(target, moment.page_index)]
        for fault in due:
            fault.before(moment)
        answer = self._token(request) if target == "token" else self._api(moment.request, endpoint)
        for fault in due:
            fault.after(answer, moment)
        return answer

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(405, {"error": "invalid_request", "error_description": "only POST is supported"})
        try:
            answer = Answer(200, self.authority.issue(request))
        except Refusal as refusal:
            answer = Answer(400, {"error": refusal.error, "error_description": refusal.description})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _api(self, request: Request, endpoint: Endpoint | None) -> Answer:
        if endpoint is None:
            return Answer(404, self.wire(1).problem(404, "There is nothing at this path."))
        wire = self.wire(endpoint.generation)
        if request.method != "GET":
            return Answer(405, wire.problem(405, "Only GET is supported."))
        refused = self.authority.check(request.headers.get("Authorization"), endpoint.scope)
        if refused is not None:
            answer = Answer(refused[0], wire.problem(*refused))
            if refused[0] == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if endpoint.target == "license":
            return Answer(200, wire.license(self.tenant.license))
        try:
            return Answer(200, wire.jobs(self._page(request, wire, endpoint.generation)))
        except BadParameter as mistake:
            return Answer(400, wire.problem(400, f"The request is not valid: {mistake}"))

    def _page(self, request: Request, wire: FirstGeneration, generation: int) -> Page:
        query = {name.lower(): value for name, value in request.query.items()}
        if request.repeated or len(query) < len(request.query):
            raise BadParameter("a parameter is given more than once.")
        base = self.habits["page_base"]
        index = _integer(query, "PageIndex", base, 0, _LARGEST_INT)
        asked_size = _integer(query, "PageSize", 10, 1, _LARGEST_INT)
        size = min(asked_size, self.habits["max_page_size"] or asked_size)
        filters = self._filters(query, wire, generation)
        with self._lock:
            changes = self._jobs_requests
            self._jobs_requests += 1
        slices: list[Slice] = []
        if filters.location is None or self.habits["multi_geo"] == "on":
            slices = select_slices(
                self.tenant,
                filters,
                range_on=self.habits["range_on"],
                grown=changes // self.habits["growth"] if self.habits["growth"] else 0,
                removed=changes // self.habits["removal"] if self.habits["removal"] else 0,
            )
        place = 0 if "PageIndex" in self.habits["ignore"] else max(0, index - base)
        total = sum(map(len, slices))
        jobs = select_jobs(slices, place * size, size, self.habits["order"])
        has_more = (place + 1) * size < total
        link, has_link = self._next_link(request, max(index, base) + 1, has_more)
        return Page(total if self.habits["total_means"] == "whole" else len(jobs), jobs, link, has_link)

    def _filters(self, query: Mapping[str, str], wire: FirstGeneration, generation: int) -> Filters:
        given: dict[str, Any] = {
            "start": _time(query, "StartTime", wire, is_end=False),
            "finish": _time(query, "FinishTime", wire, is_end=True),
            "job_type": _integer(query, "JobType", 0, 0, len(JOB_TYPES)),
            "object_type": _integer(query, "ObjectType", 0, 0, len(OBJECT_TYPES)),
            "state": _integer(query, "JobState", 0, 0, PARTIALLY),
        }
        names = dict(zip(given, _FILTER_NAMES))
        filters = Filters(**{key: value for key, value in given.items() if names[key] not in self.habits["ignore"]})
        location = query.get("location") if generation == 2 else None
        if location:
            known = {name.lower(): name for name in LOCATIONS}
            if location.lower() not in known:
                raise BadParameter(f"location {location[:40]!r} is not known.")
            filters = dataclasses.replace(filters, location=known[location.lower()])
        return filters

    def _next_link(self, request: Request, next_index: int, has_more: bool) -> tuple[str | None, bool]:
        style = self.habits["next_link"]
        if style == "absent":
            return None, False
        if style in ("empty", "null"):
            return ("" if style == "empty" else None), True
        if not has_more:
            return None, False
        kept = {name: value for name, value in request.query.items() if name.lower() != "pageindex"}
        target = f"{request.path}?{urllib.parse.urlencode({**kept, 'PageIndex': next_index})}"
        if style == "token":
            return base64.urlsafe_b64encode(target.encode()).decode("ascii"), True
        return (self._url if style == "absolute" else "") + target, True

    def _asked_page(self, request: Request) -> int:
        asked = next((value for name, value in request.query.items() if name.lower() == "pageindex"), "")
        return int(asked) if re.fullmatch(r"[0-9]{1,10}", asked) else self.habits["page_base"]


def _integer(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name.lower())
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
        raise BadParameter(f"{name} {text[:40]!r} is not an integer from {low} to {high}.")
    return int(text)


def _time(query: Mapping[str, str], name: str, wire: FirstGeneration, *, is_end: bool) -> int | None:
    text = query.get(name.lower())
    if not text:
        return None
    try:
        return wire.time_filter(text, is_end)
    except ValueError as error:
        raise BadParameter(f"{name} {text[:40]!r} {error}.") from None


# --- The HTTP edge ----------------------------------------------------------------------------------------------------

_LARGEST_BODY = 64 * 1024
_CONTROL_PATH = "/simulator/"


class _Handler(http.server.BaseHTTPRequestHandler):
    """Bytes to Request, Answer to bytes."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 120
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, HungUp):
            self.close_connection = True  # the client hung up

    def do_GET(self) -> None:
        outlet = Outlet(self.connection, self.server.stopping)
        body = self._body()
        if body is None:
            answer = Answer(413, {"message": "The body is too large or of unknown length."})
            outlet.close()
        else:
            answer = self.server.answer(self._request(body))
        (answer.deliver or deliver_whole)(outlet, answer)
        if not outlet.is_open:
            self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def _body(self) -> bytes | None:
        told = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,9}", told) or int(told) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(told))

    def _request(self, body: bytes) -> Request:
        split = urllib.parse.urlsplit(self.path)
        pairs = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
        names = collections.Counter(name for name, _value in pairs)
        repeated = tuple(name for name, count in names.items() if count > 1)
        text = body.decode("utf-8", "replace")
        return Request(self.command, split.path, dict(pairs), self.headers, text, repeated)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing is logged: a request line may hold what nobody should read."""


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves tenants by path prefix: C("") is the one of every other path."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self.services: dict[str, Service] = {}
        self.instance = secrets.token_urlsafe(24)
        self.stopping = threading.Event()
        self._tls = tls
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(_CONTROL_PATH):
            # Only who has the state file knows the key: the answer proves that this is the process it names.
            if hmac.compare_digest(request.path[len(_CONTROL_PATH) :].encode(), self.instance.encode()):
                return Answer(200, {"pid": os.getpid()})
            return Answer(404, {"message": "There is nothing at this path."})
        prefixes = [prefix for prefix in self.services if request.path.startswith(f"{prefix}/") or not prefix]
        prefix = max(prefixes, key=len)
        return self.services[prefix].answer(dataclasses.replace(request, path=request.path[len(prefix) :]))

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: a slow TLS handshake must not hold up the others."""
        if self._tls is not None:
            request.settimeout(10)
            try:
                request = self._tls.wrap_socket(request, server_side=True)
            except OSError:  # ssl.SSLError is one
                return
            request.settimeout(None)
        with self._connections_lock:
            self._connections.add(request)
        try:
            if not self.stopping.is_set():
                super().finish_request(request, client_address)
        finally:
            with self._connections_lock:
                self._connections.discard(request)
            if self._tls is not None:
                # Wrapping detached the plain socket, which is all that the base class would close.
                self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop listening, end every connection, and what waits on one."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._connections_lock:
            held = list(self._connections)
        for connection in held:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed already


@dataclass(frozen=True)
class Tls:
    """Paths of a PEM certificate (chain) and its key; ``max_version`` is 1.0, 1.1, 1.2, 1.3 or None."""

    certificate: str
    key: str
    max_version: str | None = None


_TLS_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


def tls_context(tls: Tls) -> ssl.SSLContext:
    """:raises Mistake: where the files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls.max_version is not None:
        if tls.max_version not in _TLS_VERSIONS:
            raise Mistake(f"tls: {tls.max_version!r} is none of the versions {', '.join(_TLS_VERSIONS)}")
        with warnings.catch_warnings():
            # Python calls the old versions deprecated, which is why one wants to see them refused.
            warnings.simplefilter("ignore", DeprecationWarning)
            if tls.max_version in ("1.0", "1.1"):
                # OpenSSL 3 offers them at security level 0 alone.
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
                context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = _TLS_VERSIONS[tls.max_version]
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:
        raise Mistake(f"tls: certificate and key cannot be used: {error.strerror or error}") from None
    return context


# --- The class for tests ----------------------------------------------------------------------------------------------

CLIENT_ID = "11111111-2222-3333-4444-555555555555"


TENANT_SETTINGS = ("scenario", "jobs", "days", "seed", "license", "habits", "faults")
"""What each of several tenants can differ in; the names are those of Simulator."""
_TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class Connection(NamedTuple):
    """How one tenant is reached."""

    api_url: str
    token_url: str
    client_id: str
    client_secret: str


def tenant_settings(name: str, given: str | Mapping[str, Any]) -> dict[str, Any]:
    """A tenant's settings, with a client id that follows from the name. :raises Mistake: for whatever is not known."""
    if not isinstance(name, str) or not _TENANT_NAME.fullmatch(name):
        raise Mistake(
            f"tenants: {name!r} is no name for a path; letters, digits, dots, dashes and underscores make one"
        )
    settings = {"scenario": given} if isinstance(given, str) else given
    if not isinstance(settings, Mapping):
        raise Mistake(f"tenants: {name} is neither a scenario nor a dictionary of {', '.join(TENANT_SETTINGS)}")
    unknown = set(settings) - set(TENANT_SETTINGS)
    if unknown:
        raise Mistake(f"tenants: {name}: {sorted(unknown)[0]!r} is none of {', '.join(TENANT_SETTINGS)}")
    return {**settings, "client_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name))}


def _prepare(settings: Mapping[str, Any], now: int) -> tuple[Tenant, dict[str, Any], list[Fault]]:
    """A tenant's jobs and license, habits and faults."""
    read = read_habits(settings.get("habits") or {})
    tenant = build_tenant(
        settings.get("scenario", "healthy"),
        now,
        jobs=settings.get("jobs"),
        seed=settings.get("seed", 1),
        days=settings.get("days"),
        unknown_every=read["unknown_state"],
        license_values=settings.get("license"),
    )
    return tenant, read, [Fault(text) for text in settings.get("faults") or ()]


class Simulator:
    """A running server, in threads of this process; a context manager that stops it.

    :param now: an ISO 8601 time, a datetime with a zone, or None for the real clock's time at the start.
    :param habits: name -> value, see HABITS. :param faults: texts, see FAULTS and Fault.
    :param license: field -> value; "absent" leaves it out. :param tls: Tls, or a dict with its fields.
    :param tenants: more tenants, each below a path of its own: name -> scenario, or a dict of TENANT_SETTINGS.
    :raises Mistake: for whatever is not known.
    """

    def __init__(
        self,
        scenario: str = "healthy",
        now: str | datetime.datetime | None = None,
        jobs: int | None = None,
        seed: int = 1,
        habits: Mapping[str, Any] | None = None,
        faults: Sequence[str] = (),
        license: Mapping[str, Any] | None = None,  # noqa: A002 - the word of the API
        client_id: str = CLIENT_ID,
        client_secret: str | None = None,
        certificate_pem: str | None = None,
        granted_scopes: Sequence[str] | None = None,
        token_lifetime: float = 3600,
        tls: Tls | Mapping[str, Any] | None = None,
        days: float | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tenants: Mapping[str, str | Mapping[str, Any]] | None = None,
    ) -> None:
        self._is_stopped = False
        certificate = None if certificate_pem is None else read_certificate(certificate_pem)
        unknown = set(granted_scopes or ()) - set(SCOPES)
        if unknown:
            raise Mistake(f"granted scopes: {sorted(unknown)[0]!r} is none of {', '.join(SCOPES)}")
        if tls is not None and not isinstance(tls, Tls):
            tls = Tls(**tls)
        own = {"scenario": scenario, "jobs": jobs, "days": days, "seed": seed, "license": license}
        settled = {
            "": {**own, "habits": habits, "faults": faults, "client_id": client_id, "client_secret": client_secret},
            **{f"/{name}": tenant_settings(name, given) for name, given in (tenants or {}).items()},
        }
        moment = _now(now)
        prepared = {prefix: _prepare(given, moment) for prefix, given in settled.items()}
        self._server = Server(loopback(host), port, None if tls is None else tls_context(tls))
        real_port = self._server.server_address[1]
        scheme = "http" if tls is None else "https"
        shown = f"[{host}]" if ":" in host else host
        origin = f"{scheme}://{shown}:{real_port}"
        other_origin = f"{scheme}://{'127.0.0.1' if host == 'localhost' else 'localhost'}:{real_port}"
        granted = SCOPES if granted_scopes is None else granted_scopes
        connections = {}
        for prefix, (tenant, read, switched) in prepared.items():
            url, client = origin + prefix, settled[prefix]["client_id"]
            secret = settled[prefix].get("client_secret") or secrets.token_urlsafe(24)
            authority = Authority(
                url + TOKEN_PATH,
                client,
                secret,
                None if prefix else certificate,
                granted,
                token_lifetime,
                read["ungranted_scope"] == "issue",
            )
            self._server.services[prefix] = Service(
                tenant, read, switched, authority, url, other_origin, self._server.stopping
            )
            connections[prefix] = Connection(url, url + TOKEN_PATH, client, secret)
        self.url, self.token_url, self.client_id, self.client_secret = connections.pop("")
        self.tenants = {prefix[1:]: connection for prefix, connection in connections.items()}
        self.instance = self._server.instance
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def requests(self) -> list[Request]:
        """What the first tenant was asked, the latest 10000 requests, in order."""
        return self.requests_of("")

    def requests_of(self, name: str) -> list[Request]:
        """The same of one of ``tenants``."""
        return list(self._server.services[f"/{name}" if name else ""].requests)

    def stop(self) -> None:
        if not self._is_stopped:
            self._is_stopped = True
            self._server.stop()
            self._thread.join()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stop()


def _now(now: str | datetime.datetime | None) -> int:
    if isinstance(now, str):
        return parse_now(now)
    return to_ticks(now or datetime.datetime.now(datetime.timezone.utc))


def loopback(host: str) -> str:
    """The host as it is. :raises Mistake: if it is not this machine's own address."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise Mistake(f"host: {host!r} is not loopback; the simulator serves this machine alone")
    return host


# --- The command line -------------------------------------------------------------------------------------------------

SECRET_VARIABLE = "CLOUDBACKUP_SIMULATOR_CLIENT_SECRET"
DETACHED_LIFETIME = 3600.0


def _table(rows: Mapping[str, str]) -> str:
    width = max(map(len, rows)) + 2
    return "\n".join(f"  {name:<{width}}{meaning}" for name, meaning in rows.items())


def _shown_argument(name: str, argument: Argument) -> str:
    default = "" if argument.default is None else " (needed)" if argument.default is ... else f" ({argument.default})"
    return f"      {name}={default} {argument.meaning}"


def _epilog() -> str:
    faults = []
    for name, kind in FAULTS.items():
        once = "; once, unless times says otherwise" if kind.times == 1 else ""
        faults.append(f"  {name}: {kind.meaning}{once}")
        faults += [_shown_argument(key, argument) for key, argument in kind.arguments.items()]
    return "\n".join(
        [
            "scenarios:",
            _table({name: scenario.description for name, scenario in SCENARIOS.items()}),
            "",
            "habits (--habit NAME=VALUE, the default in brackets):",
            _table(
                {
                    f"{name}={habit.values}": f"[{', '.join(habit.default) if name == 'ignore' else habit.default}]"
                    f" {habit.meaning}"
                    for name, habit in HABITS.items()
                }
            ),
            "",
            "faults (--fault NAME:ARGUMENT=VALUE,ARGUMENT=VALUE...); arguments of every fault:",
            *(_shown_argument(key, argument) for key, argument in _COMMON.items()),
            "and of each (the default in brackets):",
            *faults,
            "",
            "example:",
            "  cloudbackup_simulator.py --scenario silent_teams --habit key_case=camel --state /tmp/simulator.json \\",
            "      --fault status:code=503,on=jobs,times=2,retry_after=1",
            "  cloudbackup_simulator.py --stop /tmp/simulator.json",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cloudbackup_simulator.py",
        description="A Cloud Backup for Microsoft 365 API on loopback, with a made-up tenant. Prints one line of JSON"
        " {api_url, token_url, client_id, pid, started} when it listens.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tenant = parser.add_argument_group("the tenant")
    tenant.add_argument("--scenario", default="healthy", metavar="NAME", help="its situation, see below (%(default)s)")
    tenant.add_argument("--jobs", type=int, metavar="N", help="exactly so many jobs, not the scenario's own number")
    tenant.add_argument("--days", type=float, metavar="D", help="spread the jobs over so many days instead of 4 a day")
    tenant.add_argument("--seed", type=int, default=1, metavar="S", help="makes ids and figures (%(default)s)")
    tenant.add_argument("--now", metavar="ISO", help="the time that the tenant's times relate to (the start)")
    tenant.add_argument(
        "--license",
        action="append",
        default=[],
        metavar="FIELD=VALUE,...",
        help=f"license figures: {', '.join(LICENSE_FIELDS)}; a value is JSON or the word absent",
    )
    tenant.add_argument(
        "--tenant",
        action="append",
        default=[],
        metavar="NAME=SCENARIO",
        help="one more tenant, at the address below /NAME, with credentials of its own that the state file holds;"
        f" instead of the scenario also JSON with {', '.join(TENANT_SETTINGS)}; repeatable",
    )
    behaviour = parser.add_argument_group("behaviour")
    behaviour.add_argument("--habit", action="append", default=[], metavar="NAME=VALUE", help="see below; repeatable")
    behaviour.add_argument("--fault", action="append", default=[], metavar="TEXT", help="see below; repeatable")
    access = parser.add_argument_group("access")
    access.add_argument("--client-id", default=CLIENT_ID, metavar="ID", help="(%(default)s)")
    access.add_argument(
        "--client-secret-file",
        metavar="FILE",
        help=f"holds the client secret; written if there is none. Or the environment variable {SECRET_VARIABLE}; with"
        " --state a random one goes to the state file",
    )
    access.add_argument("--certificate", metavar="FILE", help="a PEM certificate whose key may sign assertions")
    access.add_argument("--granted-scope", action="append", metavar="SCOPE", help="repeatable; all are by default")
    access.add_argument("--token-lifetime", type=float, default=3600, metavar="SECONDS", help="(%(default)s)")
    serving = parser.add_argument_group("serving")
    serving.add_argument("--host", default="127.0.0.1", help="a loopback address (%(default)s)")
    serving.add_argument("--port", type=int, default=0, help="a free one by default")
    serving.add_argument("--tls-certificate", metavar="FILE", help="serve https with this PEM certificate")
    serving.add_argument("--tls-key", metavar="FILE", help="and its key")
    serving.add_argument("--tls-max-version", metavar="VERSION", help="offer nothing newer, such as 1.1")
    serving.add_argument(
        "--state",
        metavar="FILE",
        help="serve in the background and write address and credentials here, for the owner's eyes alone. If the"
        " simulator of this file runs already: with the same arguments it stays, otherwise it is replaced",
    )
    serving.add_argument("--stop", metavar="FILE", help="stop the simulator of this state file, and remove the file")
    serving.add_argument(
        "--lifetime",
        type=float,
        metavar="SECONDS",
        help=f"end after so long, come what may ({DETACHED_LIFETIME:g} with --state, otherwise none)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.stop is not None:
            print(json.dumps({"stopped": stop_detached(options.stop)}))
            return 0
        if options.lifetime is not None and not 0 < options.lifetime <= 10**7:
            raise Mistake(f"lifetime: {options.lifetime:g} is not within 0 and 10000000 seconds")
        settings = _settings(options)
        if options.state is not None:
            print(json.dumps(start_detached(os.path.abspath(options.state), settings, options.lifetime)))
            return 0
        if settings["client_secret"] is None:
            raise Mistake(f"client secret: give one in {SECRET_VARIABLE} or --client-secret-file, or use --state")
        _serve(settings, options.lifetime, lambda simulator: print(json.dumps(_public(simulator)), flush=True))
    except (Mistake, OSError) as error:
        print(f"{parser.prog}: {_sentence(error)}", file=sys.stderr)
        return 2
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of Simulator."""
    if bool(options.tls_certificate) != bool(options.tls_key):
        raise Mistake("tls: a certificate and a key are needed")
    if options.tls_max_version and not options.tls_certificate:
        raise Mistake("tls: a version without a certificate")
    tls = None
    if options.tls_certificate:
        # The process in the background works from another folder.
        files = {"certificate": options.tls_certificate, "key": options.tls_key}
        tls = {**{name: os.path.abspath(path) for name, path in files.items()}, "max_version": options.tls_max_version}
    license_values: dict[str, Any] = {}
    for text in options.license:
        for pair in re.split(r",(?=\s*[A-Za-z]+=)", text):
            name, value = _pair("license", pair)
            license_values[name] = _json_or_text(value)
    if not 0 <= options.port <= 65535:
        raise Mistake(f"port: {options.port} is not within 0 and 65535")
    return {
        "scenario": options.scenario,
        "now": options.now,
        "jobs": options.jobs,
        "seed": options.seed,
        "days": options.days,
        "habits": {name: _json_or_text(value) for name, value in (_pair("habit", text) for text in options.habit)},
        "faults": options.fault,
        "license": license_values,
        "client_id": options.client_id,
        "client_secret": _given_secret(options.client_secret_file),
        "certificate_pem": _read(options.certificate) if options.certificate else None,
        "granted_scopes": options.granted_scope,
        "token_lifetime": options.token_lifetime,
        "tls": tls,
        "host": options.host,
        "port": options.port,
        "tenants": {name: _json_or_text(value) for name, value in (_pair("tenant", text) for text in options.tenant)},
    }


def _pair(what: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Mistake(f"{what}: {text!r} is no NAME=VALUE")
    return name.strip(), value.strip()


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _given_secret(path: str | None) -> str | None:
    if path is None:
        return os.environ.get(SECRET_VARIABLE) or None
    try:
        secret = _read(path).strip()
    except FileNotFoundError:
        secret = ""
    if not secret:
        secret = secrets.token_urlsafe(24)
        _write_private(path, secret + "\n")
    return secret


def _write_private(path: str, text: str) -> None:
    """Whole or not at all, and never readable by others."""
    draft = f"{path}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        raise


def _public(simulator: Simulator) -> dict[str, Any]:
    return {
        "api_url": simulator.url,
        "token_url": simulator.token_url,
        "client_id": simulator.client_id,
        "pid": os.getpid(),
        "started": True,
    }


def _serve(
    settings: Mapping[str, Any],
    lifetime: float | None,
    announce: Callable[[Simulator], None],
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Serve until a signal, the end of the lifetime, or until nobody wants it."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if lifetime is not None:
        # The system's own alarm ends the process even where no line of this file gets to run any more.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, lifetime + 5)
    end = time.monotonic() + (math.inf if lifetime is None else lifetime)
    with Simulator(**settings) as simulator:
        announce(simulator)
        while is_wanted() and not ended.wait(max(0.0, min(1.0, end - time.monotonic()))) and time.monotonic() < end:
            pass


# --- In the background ------------------------------------------------------------------------------------------------


def start_detached(state: str, settings: Mapping[str, Any], lifetime: float | None) -> dict[str, Any]:
    """Serve in a process of its own; returns what may be printed, once it listens.

    :raises Mistake: with what kept the server from starting.
    """
    fingerprint = _fingerprint(settings)
    held = _read_state(state)
    if held is not None:
        if held.get("fingerprint") == fingerprint and _is_answering(held):
            return {name: held[name] for name in ("api_url", "token_url", "client_id", "pid")} | {"started": False}
        stop_detached(state)
    os.makedirs(os.path.dirname(state), mode=0o700, exist_ok=True)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _become_daemon(writer, state, settings, lifetime or DETACHED_LIFETIME, fingerprint)
    os.close(writer)
    os.waitpid(child, 0)
    with open(reader, encoding="utf-8") as pipe:
        told = json.loads(pipe.read() or '{"mistake": "the server ended before it listened"}')
    if "mistake" in told:
        raise Mistake(told["mistake"])
    return dict(told)


def _become_daemon(writer: int, state: str, settings: Mapping[str, Any], lifetime: float, fingerprint: str) -> None:
    """Never returns: this is another process now."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.chdir("/")
        os.umask(0o077)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        # Whoever started us may wait for the end of some inherited pipe.
        os.closerange(3, writer)
        os.closerange(writer + 1, 4096)

        def announce(simulator: Simulator) -> None:
            public = _public(simulator)
            private = {
                **public,
                "client_secret": simulator.client_secret,
                "tenants": {name: connection._asdict() for name, connection in simulator.tenants.items()},
                "instance": simulator.instance,
                "process_started": _process_started(os.getpid()),
                "fingerprint": fingerprint,
            }
            _write_private(state, json.dumps(private) + "\n")
            _tell(writer, public)

        def is_wanted() -> bool:
            # Without its state file nobody could stop it.
            held = _read_state(state)
            return held is not None and held["pid"] == os.getpid()

        try:
            _serve(settings, lifetime, announce, is_wanted)
            if is_wanted():
                os.unlink(state)
        except (Mistake, OSError) as error:
            _tell(writer, {"mistake": _sentence(error)})
    finally:
        os._exit(0)


def _tell(writer: int, told: Mapping[str, Any]) -> None:
    try:
        os.write(writer, json.dumps(told).encode())
        os.close(writer)
    except OSError:
        return  # told already


def _fingerprint(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def _read_state(path: str) -> dict[str, Any] | None:
    try:
        state = json.loads(_read(path))
    except FileNotFoundError:
        return None
    except (ValueError, UnicodeDecodeError):
        state = None
    if not isinstance(state, dict) or not isinstance(state.get("pid"), int) or "instance" not in state:
        raise Mistake(f"state: {path} is no state file of the simulator")
    return state


def stop_detached(path: str) -> bool:
    """Stop the process that a state file names and remove the file; whether there was one to stop.

    :raises Mistake: if it cannot be told whether the process is ours, or if it does not end.
    """
    state = _read_state(path)
    if state is None:
        return False
    pid = state["pid"]
    was_there = _is_alive(pid) and _is_ours(state)
    if was_there:
        for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            if _is_gone(pid, patience):
                break
        else:
            raise Mistake(f"stop: process {pid} does not end")
    try:
        os.unlink(path)
    except FileNotFoundError:
        return was_there  # the process removed it
    return was_there


def _is_ours(state: Mapping[str, Any]) -> bool:
    """Whether the process is the one that wrote the file, and not a later one of the same number."""
    if _is_answering(state):
        return True
    started = _process_started(state["pid"])
    if started is None:
        raise Mistake(f"stop: process {state['pid']} does not answer and cannot be told from another one")
    return started == state.get("process_started")


def _is_answering(state: Mapping[str, Any]) -> bool:
    split = urllib.parse.urlsplit(state["api_url"])
    if split.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        # Also a server that offers old versions alone is to be recognized.
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            split.hostname or "", split.port, timeout=2, context=context
        )
    else:
        connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=2)
    try:
        connection.request("GET", _CONTROL_PATH + state["instance"])
        told = json.loads(connection.getresponse().read(1000))
        return isinstance(told, dict) and told.get("pid") == state["pid"]
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _process_started(pid: int) -> str | None:
    """When a process started, as Linux tells it; None elsewhere."""
    status = _process_status(pid)
    return None if status is None else status[19]


def _process_status(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name, which may hold anything."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = _process_status(pid)
    # In a container nobody may collect the dead: a zombie is gone all the same.
    return status is None or status[0] not in ("Z", "X")


def _is_gone(pid: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while _is_alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


if __name__ == "__main__":
    sys.exit(main())
