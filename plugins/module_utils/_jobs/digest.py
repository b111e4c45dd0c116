# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The digest of a list of jobs, however long: counts, sums and the few jobs that matter.

Computed while jobs stream by; the order they come in makes no difference.
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
    """Sort key: newest start first, ties by id; jobs without a start last."""
    return job.start is None, -(job.start or 0), job.id


def _by_finish(job: Job) -> tuple[int, int, str]:
    """Sort key of "last": by finish (else start), then start, then id."""
    return (job.start or 0) if job.finish is None else job.finish, job.start or 0, job.id


def _oldest_first(job: Job) -> tuple[bool, int, str]:
    return job.start is None, job.start or 0, job.id


def _later(
    last: Job | None,
    jobs: Sequence[Job],
    newest_end: int,
    is_one: Callable[[Job], bool],
) -> Job | None:
    """The last of the jobs that count and of the one that was the last so far."""
    if last is not None and newest_end < _by_finish(last)[0]:
        return last
    candidates = [job for job in jobs if is_one(job)]
    if last is not None:
        candidates.append(last)
    return max(candidates, key=_by_finish, default=None)


class Digest:
    """The running digest of one query.

    :param recent_jobs: how many of the newest jobs are kept.
    """

    def __init__(self, recent_jobs: int) -> None:
        self._limit = recent_jobs
        self.by_state = dict.fromkeys(_names.ALL_STATES, 0)
        self._sums = [0] * len(DETAIL_NAMES)
        self._known = [0] * len(DETAIL_NAMES)
        self._last_success: Job | None = None
        self._last_completed: Job | None = None
        self._oldest_in_progress: Job | None = None
        self._recent: list[Job] = []

    def add(self, jobs: Sequence[Job]) -> None:
        """Take jobs, each once."""
        for state, count in collections.Counter([job.state for job in jobs]).items():
            self.by_state[state] += count
        for position, figures in enumerate(zip(*[job.details for job in jobs])):
            known = [figure for figure in figures if figure is not None]
            self._sums[position] += sum(known)
            self._known[position] += len(known)
        # Most pages of a long list hold nothing newer than what is kept: their largest values alone tell that
        ends = [(job.start or 0) if job.finish is None else job.finish for job in jobs]
        newest_end = max(ends, default=0)
        self._last_success = _later(self._last_success, jobs, newest_end, lambda job: job.state == "finished")
        self._last_completed = _later(self._last_completed, jobs, newest_end, lambda job: job.state != "in_progress")
        running = [job for job in jobs if job.state == "in_progress"]
        if self._oldest_in_progress is not None:
            running.append(self._oldest_in_progress)
        self._oldest_in_progress = min(running, key=_oldest_first, default=None)
        self._keep_newest(jobs)

    def _keep_newest(self, jobs: Sequence[Job]) -> None:
        if len(self._recent) >= self._limit:
            if not self._limit:
                return
            # Those without a start come last
            cutoff = self._recent[-1].start or 0
            jobs = [job for job in jobs if (job.start or 0) >= cutoff]
        self._recent = heapq.nsmallest(self._limit, [*self._recent, *jobs], key=newest_first)

    @property
    def total_count(self) -> int:
        """How many jobs were taken."""
        return sum(self.by_state.values())

    @property
    def objects(self) -> dict[str, int | None]:
        """The four sums over the jobs that have them; null where there are jobs and none has."""
        # A figure that no job had is not 0; without any job it is.
        sums = [sum_ if known or not self.total_count else None for sum_, known in zip(self._sums, self._known)]
        return dict(zip(DETAIL_NAMES, sums))

    def described(self, show: Callable[[Job], dict[str, Any]]) -> dict[str, Any]:
        """The digest as a result shows it.

        :param show: a job as a result shows it.
        """
        return {
            "total_count": self.total_count,
            "by_state": dict(self.by_state),
            "objects": self.objects,
            "last_success": self._last_success and show(self._last_success),
            "last_completed": self._last_completed and show(self._last_completed),
            "oldest_in_progress": self._oldest_in_progress and show(self._oldest_in_progress),
            "recent": [show(job) for job in self._recent],
        }


def counted(total_count: int) -> dict[str, Any]:
    """Return the digest of a query for a mere count: what was not read is null, not 0."""
    return {
        "total_count": total_count,
        "by_state": dict.fromkeys(_names.ALL_STATES),
        "objects": dict.fromkeys(DETAIL_NAMES),
        "last_success": None,
        "last_completed": None,
        "oldest_in_progress": None,
        "recent": [],
    }


def summary(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums over all groups; a figure that a group lacks adds nothing."""
    return {
        "total_count": sum(group["total_count"] for group in groups),
        "by_state": {state: sum(group["by_state"][state] or 0 for group in groups) for state in _names.ALL_STATES},
        "objects": {name: _sum([group["objects"][name] for group in groups]) for name in DETAIL_NAMES},
    }


def _sum(figures: list[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
