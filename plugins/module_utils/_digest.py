# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What stays of a list of jobs, however long: counts, sums and the few jobs that matter.

Computed while jobs stream by; the order they come in makes no difference.
"""

from __future__ import annotations

import bisect
from typing import Any, Callable, Optional

from . import _records

DETAIL_NAMES = ("total_count", "failed_count", "successful_count", "skipped_count")
ALL_STATES = (*_records.STATES, _records.UNKNOWN_STATE)


def newest_first(job: _records.Job) -> tuple[bool, int, str]:
    """Sort key: newest start first, ties by id; jobs without a start last."""
    return job.start is None, -(job.start or 0), job.id


def _by_finish(job: _records.Job) -> tuple[int, int, str]:
    """Sort key of "last": by finish (else start), then start, then id."""
    return (job.start or 0) if job.finish is None else job.finish, job.start or 0, job.id


def _oldest_first(job: _records.Job) -> tuple[bool, int, str]:
    return job.start is None, job.start or 0, job.id


_Last = Optional[tuple[tuple[int, int, str], _records.Job]]
"""The last job so far, behind its sort key."""


class Digest:
    """The running digest of one query.

    :param recent_jobs: how many of the newest jobs are kept.
    """

    def __init__(self, recent_jobs: int) -> None:
        self._limit = recent_jobs
        self.by_state = dict.fromkeys(ALL_STATES, 0)
        self._sums = [0] * len(DETAIL_NAMES)
        self._told = [0] * len(DETAIL_NAMES)
        self._last_success: _Last = None
        self._last_completed: _Last = None
        self._oldest_in_progress: _records.Job | None = None
        self._recent: list[tuple[tuple[bool, int, str], _records.Job]] = []

    def add(self, job: _records.Job) -> None:
        """Take one job, once."""
        self.by_state[job.state] += 1
        for position, figure in enumerate(job.details):
            if figure is not None:
                self._sums[position] += figure
                self._told[position] += 1
        if job.state == "in_progress":
            if self._oldest_in_progress is None or _oldest_first(job) < _oldest_first(self._oldest_in_progress):
                self._oldest_in_progress = job
        else:
            last = _by_finish(job), job
            if self._last_completed is None or last[0] > self._last_completed[0]:
                self._last_completed = last
            if job.state == "finished" and (self._last_success is None or last[0] > self._last_success[0]):
                self._last_success = last
        place = newest_first(job)
        if len(self._recent) < self._limit or (self._recent and place < self._recent[-1][0]):
            bisect.insort(self._recent, (place, job))
            del self._recent[self._limit :]

    @property
    def total_count(self) -> int:
        """How many jobs were taken."""
        return sum(self.by_state.values())

    @property
    def objects(self) -> dict[str, int | None]:
        """The four sums over the jobs that told them; null where jobs came and none did."""
        # What nobody said is not 0; where nobody was there to say it, it is.
        said = [sum_ if told or not self.total_count else None for sum_, told in zip(self._sums, self._told)]
        return dict(zip(DETAIL_NAMES, said))

    def described(self, show: Callable[[_records.Job], dict[str, Any]]) -> dict[str, Any]:
        """The digest as a result shows it.

        :param show: a job as a result shows it.
        """
        return {
            "total_count": self.total_count,
            "by_state": dict(self.by_state),
            "objects": self.objects,
            "last_success": self._last_success and show(self._last_success[1]),
            "last_completed": self._last_completed and show(self._last_completed[1]),
            "oldest_in_progress": self._oldest_in_progress and show(self._oldest_in_progress),
            "recent": [show(job) for _key, job in self._recent],
        }


def counted(total_count: int) -> dict[str, Any]:
    """The digest of a query of which only the count was asked: what was not read is null, not 0."""
    return {
        "total_count": total_count,
        "by_state": dict.fromkeys(ALL_STATES),
        "objects": dict.fromkeys(DETAIL_NAMES),
        "last_success": None,
        "last_completed": None,
        "oldest_in_progress": None,
        "recent": [],
    }


def summary(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over all groups; what a group does not tell adds nothing."""
    return {
        "total_count": sum(group["total_count"] for group in groups),
        "by_state": {state: sum(group["by_state"][state] or 0 for group in groups) for state in ALL_STATES},
        "objects": {name: _sum([group["objects"][name] for group in groups]) for name in DETAIL_NAMES},
    }


def _sum(figures: list[int | None]) -> int | None:
    told = [figure for figure in figures if figure is not None]
    return sum(told) if told or not figures else None
