# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Selection: from filters to the jobs of a page. The effort is independent of the number of jobs before the page."""

from __future__ import annotations

import bisect
import collections
import dataclasses
import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Union

from . import facts
from .rows import Row
from .series import Job, Series
from .tenant import Tenant


@dataclass(frozen=True)
class Filters:
    """The filters of a query. 0 and None are "all"; times in ticks, both ends inclusive."""

    start: int | None = None
    finish: int | None = None
    job_type: int = 0
    object_type: int = 0
    state: int = 0
    location: str | None = None

    def has(self, state: int, location: str) -> bool:
        return self.state in (0, state) and self.location in (None, location)


@dataclass(frozen=True)
class Slice:
    """The jobs of a series with numbers in [low, high) whose index in the cycle of traits is in ``turns``."""

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
        """Return how many start later than a moment."""
        first = max(self.low, self.series.first_started_after(moment))
        return self._before(self.high) - self._before(first) if first < self.high else 0

    def start(self, place: int) -> int:
        """Return the start of the job at an index; the oldest is at 0."""
        return self.series.start(self._number(place))

    def job(self, place: int) -> Job:
        return self.series.job(self._number(place))

    def _number(self, place: int) -> int:
        rounds, turn = divmod(self._before(self.low) + place, len(self.turns))
        return rounds * len(self.series.traits) + self.turns[turn]


@dataclass(frozen=True)
class Listing:
    """Explicit jobs, the oldest first, with their starts; read in the same way as a slice."""

    rows: Sequence[Row]
    starts: Sequence[int]

    def __len__(self) -> int:
        return len(self.rows)

    def started_after(self, moment: int) -> int:
        return len(self.starts) - bisect.bisect_right(self.starts, moment)

    def start(self, place: int) -> int:
        return self.starts[place]

    def job(self, place: int) -> Job:
        return self.rows[place].job


Slices = Sequence[Union[Slice, Listing]]


def select_slices(
    tenant: Tenant,
    filters: Filters,
    *,
    range_on: str = "start",
    grown: int = 0,
    removed: int = 0,
    removes: str = "oldest",
) -> Slices:
    """Select the jobs of a query, as slices of the series and a listing of the explicit jobs.

    :param grown: the number of jobs that have been added to every backup series.
    :param removed: the number of ended jobs that have been removed from the backups of each service.
    :param removes: whether the oldest or the newest are removed.
    """
    if filters.location == facts.PRIMARY_LOCATION:
        filters = dataclasses.replace(filters, location=tenant.locations[0])
    slices: list[Slice | Listing] = []
    for series in tenant.series:
        if filters.job_type not in (0, series.job_type) or filters.object_type not in (0, series.object_type):
            continue
        low, high = 0, series.count
        if series.kind == "arrivals":
            high = min(grown, high)
        elif series.kind == "history" and series.job_type == facts.JOB_TYPES["backup"]:
            low, high = (min(removed, high), high) if removes == "oldest" else (0, max(high - removed, 0))
        turns = tuple(turn for turn, traits in enumerate(series.traits) if filters.has(*traits))
        if (filters.start, filters.finish) != (None, None):
            if range_on == "finish" and series.kind == "running":
                continue
            after = series.first_started_after if range_on == "start" else series.first_finished_after
            if filters.start is not None:
                low = max(low, after(filters.start - 1))
            if filters.finish is not None:
                high = min(high, after(filters.finish))
        if turns and low < high:
            slices.append(Slice(series, low, high, turns))
    if tenant.rows:
        slices.append(_select_rows(_remaining(tenant.rows, removed, removes), filters, range_on))
    return [each for each in slices if len(each)]


def _select_rows(rows: Sequence[Row], filters: Filters, range_on: str) -> Listing:
    low = -math.inf if filters.start is None else filters.start
    high = math.inf if filters.finish is None else filters.finish
    is_bounded = (low, high) != (-math.inf, math.inf)

    def is_in_range(job: Job) -> bool:
        if not is_bounded or job.start is None:
            return True
        moment = job.start if range_on == "start" else job.finish
        return moment is not None and low <= moment <= high

    found = [
        row
        for row in rows
        if filters.job_type in (0, row.job_type)
        and (not filters.object_type or filters.object_type in row.object_types)
        and filters.has(row.job.state, row.location)
        and is_in_range(row.job)
    ]
    return Listing(found, [row.rank for row in found])


def _remaining(rows: Sequence[Row], removed: int, removes: str) -> Sequence[Row]:
    """Return the rows without the oldest or the newest ended backups of each service."""
    if not removed:
        return rows
    seen: collections.Counter[int] = collections.Counter()
    kept = []
    step = 1 if removes == "oldest" else -1
    for row in rows[::step]:
        is_removed = False
        if row.job_type == facts.JOB_TYPES["backup"] and row.job.finish is not None:
            is_removed = any(seen[service] < removed for service in row.object_types)
            seen.update(row.object_types)
        if not is_removed:
            kept.append(row)
    return kept[::step]


def select_jobs(slices: Slices, offset: int, size: int, order: str = "newest") -> list[Job]:
    """Return the jobs of a page."""
    total = sum(map(len, slices))
    size = max(0, min(size, total - offset))
    if not size:
        return []
    if order == "shuffled":
        return [_shuffled(slices, place, total) for place in range(offset, offset + size)]
    if order == "oldest":
        return _newest(slices, total - offset - size, size)[::-1]
    return _newest(slices, offset, size)


def _newest(slices: Slices, offset: int, size: int) -> list[Job]:
    # Find the moment with as many later starts as rows to skip; then only the page itself has to be merged.
    low = min(each.start(0) for each in slices) - 1
    high = max(each.start(len(each) - 1) for each in slices)
    while low < high:
        middle = (low + high) // 2
        is_low = sum(each.started_after(middle) for each in slices) > offset
        low, high = (middle + 1, high) if is_low else (low, middle)
    skipped = [each.started_after(high) for each in slices]
    rows = heapq.merge(*(_backwards(each, skip, rank) for rank, (each, skip) in enumerate(zip(slices, skipped))))
    first = offset - sum(skipped)
    return [slices[rank].job(-place) for _start, rank, place in itertools.islice(rows, first, first + size)]


def _backwards(each: Slice | Listing, skip: int, rank: int) -> Iterator[tuple[int, int, int]]:
    for place in range(len(each) - 1 - skip, -1, -1):
        yield -each.start(place), rank, -place


def _shuffled(slices: Slices, place: int, total: int) -> Job:
    """Return a row in a fixed shuffled order: a factor that is coprime to the total visits every row once."""
    factor = next(candidate for candidate in itertools.count(total * 5 // 8 + 1) if math.gcd(candidate, total) == 1)
    place = place * factor % total
    for each in slices:
        if place < len(each):
            return each.job(place)
        place -= len(each)
    raise AssertionError("an index beyond the total")
