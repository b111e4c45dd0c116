# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The digest of a list of jobs of any length: counts, sums and the few jobs that matter.

It is computed page by page, and independent of the order of jobs. "Last" is decided here from the exact times, since
results contain times truncated to the second.
"""

from __future__ import annotations

import collections
import heapq
from collections.abc import Sequence
from typing import Any, Callable

from .. import _names
from .._api.records import Job

DETAIL_NAMES = ("total_count", "failed_count", "successful_count", "skipped_count")


def newest_first(job: Job) -> tuple[bool, int, str]:
    """Return the sort key: newest start first, then id; jobs without a start last."""
    return job.start is None, -(job.start or 0), job.id


def _by_finish(job: Job) -> tuple[int, int, str]:
    """Return the sort key for "last": finish (else start), then start, then id."""
    return (job.start or 0) if job.finish is None else job.finish, job.start or 0, job.id


def _oldest_first(job: Job) -> tuple[bool, int, str]:
    return job.start is None, job.start or 0, job.id


class Figures:
    """Counts by state and sums of objects."""

    def __init__(self) -> None:
        self.by_state = dict.fromkeys(_names.ALL_STATES, 0)
        self._sums = [0] * len(DETAIL_NAMES)
        self._known = [0] * len(DETAIL_NAMES)

    def add(self, jobs: Sequence[Job]) -> dict[str, int]:
        """Add jobs, each once. Return the number of them in each state that occurs."""
        counts = collections.Counter([job.state for job in jobs])
        for state, count in counts.items():
            self.by_state[state] += count
        for position, figures in enumerate(zip(*[job.details for job in jobs])):
            known = [figure for figure in figures if figure is not None]
            self._sums[position] += sum(known)
            self._known[position] += len(known)
        return counts

    @property
    def total_count(self) -> int:
        """The number of jobs."""
        return sum(self.by_state.values())

    def described(self) -> dict[str, Any]:
        """Return the counts and sums as in a result; a sum is null if there are jobs, but none has the value."""
        # A value that no job had is not 0; without any job, it is.
        sums = [sum_ if known or not self.total_count else None for sum_, known in zip(self._sums, self._known)]
        return {
            "total_count": self.total_count,
            "by_state": dict(self.by_state),
            "objects": dict(zip(DETAIL_NAMES, sums)),
        }


class Digest:
    """The running digest of one query.

    :param recent_jobs: the number of newest jobs to keep.
    :param with_ended: whether some jobs are also counted separately (C(Query.ended_since)).
    """

    def __init__(self, recent_jobs: int, *, with_ended: bool = False) -> None:
        self._limit = recent_jobs
        self._figures = Figures()
        self._ended = Figures() if with_ended else None
        self._last: dict[str, Job] = {}
        self._oldest_in_progress: Job | None = None
        self._recent: list[Job] = []

    @property
    def total_count(self) -> int:
        """The number of jobs."""
        return self._figures.total_count

    def add(self, jobs: Sequence[Job], ended: Sequence[Job] = ()) -> None:
        """Add jobs, each once.

        :param ended: the jobs among them that are also counted separately.
        """
        states = self._figures.add(jobs)
        if self._ended is not None:
            self._ended.add(ended)
        # Most pages of a long list contain no newer job: comparing their latest end is enough
        ends = [(job.start or 0) if job.finish is None else job.finish for job in jobs]
        newest_end = max(ends, default=0)
        for state in states:
            last = self._last.get(state)
            if last is None or newest_end >= _by_finish(last)[0]:
                candidates = [job for job in jobs if job.state == state] + ([last] if last is not None else [])
                self._last[state] = max(candidates, key=_by_finish)
        running = [job for job in jobs if job.state == "in_progress"] if "in_progress" in states else []
        if self._oldest_in_progress is not None:
            running.append(self._oldest_in_progress)
        self._oldest_in_progress = min(running, key=_oldest_first, default=None)
        self._keep_newest(jobs)

    def _keep_newest(self, jobs: Sequence[Job]) -> None:
        if len(self._recent) >= self._limit:
            if not self._limit:
                return
            # Jobs without a start come last
            cutoff = self._recent[-1].start or 0
            jobs = [job for job in jobs if (job.start or 0) >= cutoff]
        self._recent = heapq.nsmallest(self._limit, [*self._recent, *jobs], key=newest_first)

    def described(self, show: Callable[[Job], dict[str, Any]]) -> dict[str, Any]:
        """Return the digest as in a result.

        :param show: function that returns a job as in a result.
        """
        completed = [job for state, job in self._last.items() if state != "in_progress"]
        last = {state: self._last.get(state) for state in _names.ALL_STATES}
        shown = {state: None if job is None else show(job) for state, job in last.items()}
        last_completed = max(completed, key=_by_finish, default=None)
        return {
            **self._figures.described(),
            "last_success": shown["finished"],
            "last_completed": None if last_completed is None else show(last_completed),
            "last_by_state": shown,
            "oldest_in_progress": self._oldest_in_progress and show(self._oldest_in_progress),
            "recent": self._ranked(show),
            "ended_since": None if self._ended is None else self._ended.described(),
        }

    def _ranked(self, show: Callable[[Job], dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the newest jobs, each with its rank by finish time; jobs in progress rank last.

        The rank is computed from the exact times, since the times in a result are truncated.
        """
        order = sorted(self._recent, key=lambda job: (job.state != "in_progress", *_by_finish(job)), reverse=True)
        ranks = {job.id: rank for rank, job in enumerate(order)}
        return [{**show(job), "finish_rank": ranks[job.id]} for job in self._recent]


def counted(total_count: int) -> dict[str, Any]:
    """Return the digest of a query for a count only. Values that were not read are null, not 0."""
    return {
        "total_count": total_count,
        "by_state": dict.fromkeys(_names.ALL_STATES),
        "objects": dict.fromkeys(DETAIL_NAMES),
        "last_success": None,
        "last_completed": None,
        "last_by_state": dict.fromkeys(_names.ALL_STATES),
        "oldest_in_progress": None,
        "recent": [],
        "ended_since": None,
    }


def summary(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums over all groups, without missing values."""
    return {
        "total_count": sum(group["total_count"] for group in groups),
        "by_state": {state: sum(group["by_state"][state] or 0 for group in groups) for state in _names.ALL_STATES},
        "objects": {name: _sum([group["objects"][name] for group in groups]) for name in DETAIL_NAMES},
    }


def _sum(figures: list[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
