# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""A query: jobs of one type and service, in a window, in some states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import _names, _time
from .._http import errors
from .records import Job

_FINISH_MARGIN = 2 * _time.TICKS_PER_DAY


class Query(NamedTuple):
    """One query. None and empty mean all; times in ticks, both ends within the window.

    :ivar ended_since: a separate summary covers jobs that ended at this instant or later, or are in progress; or None.
    """

    job_type: str | None = None
    object_type: str | None = None
    states: tuple[str, ...] = ()
    start: int | None = None
    finish: int | None = None
    location: str | None = None
    count_only: bool = False
    ended_since: int | None = None

    def described(self) -> dict[str, Any]:
        """Return the window and filters of the query, as in a result."""
        return {
            "start_time": None if self.start is None else _time.to_iso(self.start),
            "finish_time": None if self.finish is None else _time.to_iso(self.finish),
            "states": list(self.states),
            "location": self.location,
            "count_only": self.count_only,
            "ended_since": None if self.ended_since is None else _time.to_iso(self.ended_since),
        }

    def parameters(self, page_index: int, page_size: int) -> dict[str, Any]:
        """Return the parameters of one page that both generations share, times in ticks. "All" is not sent."""
        one_state = self.states[0] if len(self.states) == 1 else None
        asked = {
            "StartTime": self.start,
            "FinishTime": self._last_finish(),
            "JobType": None if self.job_type is None else _names.JOB_TYPES[self.job_type],
            "ObjectType": None if self.object_type is None else _names.OBJECT_TYPES[self.object_type],
            "JobState": None if one_state is None else _names.STATES[one_state],
            "PageIndex": page_index,
            "PageSize": page_size,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def _last_finish(self) -> int | None:
        """Return the FinishTime to send: later than requested, since the server may filter by start or by finish.

        For a count alone it is the requested time, since the count cannot be filtered afterwards.
        """
        if self.finish is None or self.count_only:
            return self.finish
        return min(self.finish + _FINISH_MARGIN, _time.END - 1)

    def held(self, jobs: list[Job]) -> list[Job]:
        """Return the jobs that match the query by start and state.

        A job is removed only if it certainly does not match. Jobs in an unknown state are kept, and so are jobs
        without a start, unless they finished before the window, or are queued and the window has an end.
        """
        if self.start is not None or self.finish is not None:
            jobs = [job for job in jobs if self._is_in_window(job)]
        if self.states:
            jobs = [job for job in jobs if job.state in self.states or job.state == _names.UNKNOWN_STATE]
        return jobs

    def _is_in_window(self, job: Job) -> bool:
        if job.start is not None:
            return (self.start is None or job.start >= self.start) and (self.finish is None or job.start <= self.finish)
        if job.state == "in_progress":
            return self.finish is None
        return self.start is None or job.finish is None or job.finish >= self.start

    def ended(self, jobs: list[Job]) -> list[Job]:
        """Return the jobs that ended at ``ended_since`` or later, are in progress, or have no time at all."""
        since = self.ended_since
        if since is None:
            return []
        return [job for job in jobs if job.state == "in_progress" or (job.finish or job.start or since) >= since]


def window(options: Mapping[str, Any], now: int, where: str = "") -> tuple[int | None, int | None]:
    """Return start and finish in ticks from the options C(start_time) and C(finish_time); empty ones are unbounded.

    :param now: ticks; ages are relative to it.
    :param where: prefix of option names in messages.
    :raises errors.Error: arguments, naming the option.
    """
    start = _instant(options, "start_time", now, where)
    finish = _instant(options, "finish_time", now, where, end_of_day=True)
    if start is not None and finish is not None and start > finish:
        raise errors.Error(
            "arguments",
            f"{where}start_time ({_time.to_iso(start)}) is after {where}finish_time ({_time.to_iso(finish)})",
        )
    return start, finish


def _instant(options: Mapping[str, Any], option: str, now: int, where: str, *, end_of_day: bool = False) -> int | None:
    text = options.get(option)
    try:
        return _time.parse_option(text, now, end_of_day=end_of_day) if text and text.strip() else None
    except ValueError as error:
        raise errors.Error("arguments", f"{where}{option}: {error}") from None


def from_options(options: Mapping[str, Any], now: int) -> list[Query]:
    """Return the queries that the module's options describe: ``queries``, or every pair of job and object type."""
    if options.get("queries"):
        _refuse_both(options)
        return [_query(item, now, f"queries[{position}].") for position, item in enumerate(options["queries"])]
    start, finish = window(options, now)
    states = tuple(dict.fromkeys(options.get("states") or ()))
    return [
        Query(job_type, object_type, states, start, finish, options.get("location") or None)
        for job_type in dict.fromkeys(options.get("job_types") or [None])
        for object_type in dict.fromkeys(options.get("object_types") or [None])
    ]


def _refuse_both(options: Mapping[str, Any]) -> None:
    names = ("job_types", "object_types", "states", "start_time", "finish_time", "location")
    both = [name for name in names if options.get(name)]
    if both:
        raise errors.Error("arguments", f"queries and {', '.join(both)} are mutually exclusive: set them in each query")


def _query(item: Mapping[str, Any], now: int, where: str) -> Query:
    start, finish = window(item, now, where)
    ended_since = _instant(item, "ended_since", now, where)
    if ended_since is not None and item.get("count_only"):
        raise errors.Error("arguments", f"{where}ended_since needs the jobs, but count_only does not read them")
    return Query(
        item.get("job_type") or None,
        item.get("object_type") or None,
        tuple(dict.fromkeys(item.get("states") or ())),
        start,
        finish,
        item.get("location") or None,
        bool(item.get("count_only")),
        ended_since,
    )


def described(options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the window, types, services, states and location of the module options, as in a result."""
    start, finish = window(options, now)
    return {
        "start_time": None if start is None else _time.to_iso(start),
        "finish_time": None if finish is None else _time.to_iso(finish),
        **{name: list(options.get(name) or ()) for name in ("job_types", "object_types", "states")},
        "location": options.get("location") or None,
    }
