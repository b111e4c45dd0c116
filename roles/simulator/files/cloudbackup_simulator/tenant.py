# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated tenant: the jobs of a scenario as series, the license, the settings and the unusual activity."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import facts, values
from .activity import UnusualActivity, read_activity
from .rows import Row, read_rows
from .scenarios import SCENARIOS, Scenario, Stream
from .series import Series, scramble
from .settings import Settings, read_settings

_LONGEST_HISTORY = 400 * facts.DAY
_ARRIVALS = 5000
_OBJECT_LETTERS = dict(enumerate(("EX", "SP", "OD", "GR", "PJ", "PF", "TM", "VE", "TC", "PB", "PA", "PP"), 1))
_JOB_LETTERS = dict(enumerate("BRXDT", 1))
_LOCATIONS = values.some_of(*facts.REGIONS, at_least=1)

_SETTINGS_OPTIONS = ("frequency", "retention", "unusual_activity")
CONTENT_OPTIONS = ("scenario", "jobs", "days", "seed", "license", "rows", "locations", *_SETTINGS_OPTIONS)
"""The options of build_tenant that users can set."""


@dataclass(frozen=True)
class Tenant:
    """The content of a tenant.

    :ivar series: the jobs of its scenario. :ivar rows: its explicit jobs, the oldest first.
    :ivar license: name -> value; fields may be missing.
    :ivar locations: the locations of the scenario's jobs, in turn; the first is the primary location.
    """

    now: int
    series: tuple[Series, ...]
    license: Mapping[str, Any]
    rows: tuple[Row, ...]
    locations: tuple[str, ...]
    settings: Settings
    unusual_activity: UnusualActivity


def build_tenant(
    scenario: str = "healthy",
    *,
    now: int,
    jobs: Any = None,
    seed: Any = 1,
    days: Any = None,
    license: Any = None,  # noqa: A002 - the word of the API
    rows: Any = None,
    locations: Any = None,
    frequency: Any = None,
    retention: Any = None,
    unusual_activity: Any = None,
    unknown_every: int = 0,
) -> Tenant:
    """Build a tenant from the name of a scenario; ``now`` in ticks.

    :param jobs: the exact number of jobs, distributed over the scenario's services.
    :param rows: jobs in addition to those of the scenario, see ROW_KEYS.
    :param locations: names of locations; None are facts.TENANT_LOCATIONS.
    :param frequency: and retention, see read_settings. :param unusual_activity: see read_activity.
    :param unknown_every: every K-th job of a series ends in an undocumented state; 0 means never.
    :raises Mistake: if an option is invalid.
    """
    plan = SCENARIOS[values.one_of(*SCENARIOS).read("scenario", scenario)]
    jobs = None if jobs is None else values.whole().read("jobs", jobs)
    seed = values.whole(-(2**63), 2**63 - 1).read("seed", seed)
    days = plan.days if days is None else values.number(0.01, 3650).read("days", days)
    places = _LOCATIONS.read("locations", facts.TENANT_LOCATIONS if locations is None else locations)
    series: list[Series] = []
    for index, (stream, count) in enumerate(_distribute(scenario, plan.streams, jobs)):
        history = _series(stream, count, now, index, seed, days)
        history = dataclasses.replace(history, traits=_traits(stream.states, count, places, unknown_every))
        series.append(history)
        # A service whose backups have stopped gets no new jobs, either.
        if stream.job_type == "backup" and not stream.fixed and stream.age < 24:
            series.append(_arrivals(history, now, places))
    figures = _license(plan, now, values.MAPPING.read("license", license))
    settings = read_settings(
        {**plan.frequency, **values.MAPPING.read("frequency", frequency)},
        {**plan.retention, **values.MAPPING.read("retention", retention)},
        now,
    )
    activity = {**plan.unusual_activity, **values.MAPPING.read("unusual_activity", unusual_activity)}
    return Tenant(
        now,
        tuple(series),
        figures,
        read_rows(rows, now, places[0]),
        places,
        settings,
        read_activity(activity, now),
    )


def _distribute(scenario: str, streams: Sequence[Stream], jobs: int | None) -> list[tuple[Stream, int]]:
    """Return the streams with their number of jobs: exactly ``jobs`` in total."""
    if jobs is None:
        return [(stream, stream.count) for stream in streams]
    growing = [stream for stream in streams if not stream.fixed]
    if jobs and not growing:
        raise values.Mistake(f"invalid jobs: expected 0 with the scenario {scenario}, got {jobs}")
    fixed = sum(stream.count for stream in streams if stream.fixed)
    # A small number of jobs goes to the backups, which are the subject of a scenario.
    if jobs < fixed + len(growing):
        streams, fixed = growing, 0
    weights = list(itertools.accumulate(stream.weight for stream in growing))
    bounds = [0, *((jobs - fixed) * weight // weights[-1] for weight in weights)]
    shares = iter([high - low for low, high in zip(bounds, bounds[1:])])
    return [(stream, stream.count if stream.fixed else next(shares)) for stream in streams]


def _series(stream: Stream, count: int, now: int, index: int, seed: int, days: float | None) -> Series:
    """Return the jobs of a stream, without their states and locations."""
    age = int(stream.age * facts.HOUR)
    interval = int(stream.every * facts.HOUR)
    if not stream.fixed and days is not None:
        if days * facts.DAY <= age + facts.HOUR:
            raise values.Mistake(f"invalid days: expected more than {stream.age / 24:.1f} days, got {days:g}")
        interval = (int(days * facts.DAY) - age) // max(count, 1)
    elif not stream.fixed and count * interval > _LONGEST_HISTORY:
        interval = (_LONGEST_HISTORY - age) // count
    job_type, object_type = facts.JOB_TYPES[stream.job_type], facts.OBJECT_TYPES[stream.object_type]
    # The letter after the types distinguishes a second stream of the same types.
    letter = chr(ord("A") + index % 26) if stream.fixed else ""
    return Series(
        prefix=f"{_OBJECT_LETTERS[object_type]}{_JOB_LETTERS[job_type]}{letter}",
        job_type=job_type,
        object_type=object_type,
        count=count,
        newest=now - age,
        interval=interval,
        duration=int(stream.minutes * facts.MINUTE),
        traits=(),
        seed=scramble(seed, job_type, object_type, index),
        objects=int((60 + scramble(seed, object_type) % 400) * stream.share),
        kind=stream.kind,
    )


def _traits(
    states: Sequence[int], count: int, places: Sequence[str], unknown_every: int = 0
) -> tuple[tuple[int, str], ...]:
    """Return states and locations in turn: the shortest cycle that contains states, locations and unknown states."""

    def state(number: int) -> int:
        regular = states[(count - 1 - number) % len(states)]
        is_unknown = unknown_every and number % unknown_every == unknown_every - 1 and regular != facts.IN_PROGRESS
        return facts.UNKNOWN if is_unknown else regular

    length = math.lcm(len(states), len(places), unknown_every or 1)
    return tuple((state(number), places[number % len(places)]) for number in range(length))


def _arrivals(history: Series, now: int, places: Sequence[str]) -> Series:
    """Return the jobs that appear one after the other while the server runs (the habit ``growth``)."""
    return dataclasses.replace(
        history,
        prefix=history.prefix + "N",
        count=_ARRIVALS,
        newest=now - facts.MINUTE,
        interval=facts.SECOND // 10,
        duration=5 * facts.SECOND,
        traits=_traits((facts.FINISHED,), _ARRIVALS, places),
        seed=scramble(history.seed, 2),
        kind="arrivals",
    )


def _license(plan: Scenario, now: int, overrides: Mapping[str, Any]) -> dict[str, Any]:
    out = 0 if plan.out_of_policy is None else now - int(plan.out_of_policy * facts.HOUR)
    figures = dict(zip(facts.LICENSE_FIELDS, (out, *plan.seats, *plan.storage)))
    names = {name.lower(): name for name in facts.LICENSE_FIELDS}
    for given, value in overrides.items():
        name = names.get(given.lower()) or values.one_of(*facts.LICENSE_FIELDS).read("license", given)
        if value == "absent":
            figures.pop(name, None)
        else:
            figures[name] = value
    return figures
