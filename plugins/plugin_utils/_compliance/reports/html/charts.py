# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The geometry of the charts on the page: the position of each part of a gauge or of the timeline.

A position on a line is a share of its length, so that the charts scale with the page: steps of a thousandth, or a
percentage as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ...model.jobs import STATES, Job

_WHOLE = 1_000
"""Steps in a lane of the timeline: marks of the same state in the same step are drawn once."""
_MARGIN = 20
"""Steps from an end in which the name of a day would not fit on the page."""
_TRAIL = 5
"""Minimum steps of a job for its duration to be visible."""
_MOST_DAYS = 8
_STEPS = [_time.DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 364, 728)]
"""Seconds between two named days; the last value is for the longest window, ten years."""
_YEARS_FROM = _time.DAY * 91
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Gauge(NamedTuple):
    """The used share of the purchased amount. Beyond 100 %, the whole line is the used amount, with a mark at 100 %."""

    used: str
    limit: str
    """The position of 100 %."""
    excess: str
    """The used amount beyond the limit; empty if none."""
    anchor: str
    """The text anchor of the name of the limit."""


class Strip(NamedTuple):
    """The jobs of one service along the window."""

    days: list[int]
    trails: list[tuple[int, int]]
    """Start and end of each job with a visible duration."""
    ticks: list[int]
    """Finished backups."""
    marks: list[tuple[str, str]]
    """State and position of all other jobs."""
    unseen: str
    """The share from the start in which jobs may be missing; empty if none."""


def gauge(percent: Fraction | None) -> Gauge | None:
    """Return the bars of a gauge; None without a percentage."""
    if percent is None:
        return None
    limit = min(Fraction(100), 10_000 / percent) if percent else Fraction(100)
    excess = _exact(100 - limit) if percent > 100 else ""
    return Gauge(_exact(min(percent, limit)), _exact(limit), excess, "end" if limit > 15 else "start")


def strip(jobs: Iterable[Job], start: int, now: int, all_since: int | None) -> Strip:
    """Return the jobs of a window, each at its end, or at its start while in progress; earlier parts are cut off.

    ``all_since``: jobs that started earlier may be missing; None if none is missing.
    """
    places: dict[str, set[int]] = {state: set() for state in STATES}
    trails = set()
    for job in jobs:
        began = job.start if job.start is not None else job.finish
        if began is None or began > now + _time.CLOCK_TOLERANCE:
            continue
        running = job.state == "in_progress"
        first, last = _place(began, start, now), _place(now if running else job.ended, start, now)
        places[job.state].add(first if running else last)
        if last - first >= _TRAIL:
            trails.add((first, last))
    ticks = sorted(places.pop("finished"))
    marks = [(state, _share(place)) for state, found in places.items() for place in sorted(found)]
    unseen = 0 if all_since is None else _place(all_since, start, now)
    return Strip(
        [place for place, _day in days(start, now)], sorted(trails), ticks, marks, _share(unseen) if unseen else ""
    )


def axis(start: int, now: int) -> list[tuple[str, str]]:
    """The positions and names of days in a window."""
    return [(_share(place), name) for place, name in days(start, now) if _MARGIN <= place <= _WHOLE - _MARGIN]


def days(start: int, now: int) -> list[tuple[int, str]]:
    """Return the beginnings of days in a window, in UTC, and their names: as many as remain readable."""
    step = next((step for step in _STEPS if (now - start) // step < _MOST_DAYS), _STEPS[-1])
    first = start - start % step + step if start % step else start
    return [(_place(day, start, now), _day(day, step)) for day in range(first, now + 1, step)]


def _day(instant: int, step: int) -> str:
    year, month, day = _time.unix_to_date(instant).split("-")
    name = _MONTHS[int(month) - 1]
    return f"{int(day)} {name}" if step < _YEARS_FROM else f"{name} {year}"


def _place(instant: int, start: int, now: int) -> int:
    """Return the position of an instant in the window, in steps."""
    return min(max(_WHOLE * (instant - start) // (now - start), 0), _WHOLE)


def _share(place: int) -> str:
    return f"{place // 10}.{place % 10}%".replace(".0%", "%")


def _exact(percent: Fraction) -> str:
    return _share(round(percent * 10))
