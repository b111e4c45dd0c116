# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The result of one query: the jobs that match, their ids and their digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _names, _time
from .._api.queries import Query
from .._api.records import Job
from .._http import errors
from . import digest, ids

FILTER_HINT = (
    "The jobs do not match the query, so they were discarded. Check whether another server answers at api_url, such as "
    "a caching proxy; otherwise report it to the vendor."
)
_CHANGING_JOBS = 5
"""More jobs of one page than can change their state between the server's filter and its response."""


class Collected:
    """The sink for the pages of one query.

    :ivar doubt: why the rows may not match the query, which means that the list must be read again.
    """

    def __init__(self, query: Query, *, recent_jobs: int, include_jobs: bool) -> None:
        self.query = query
        self._recent_jobs = recent_jobs
        self._include_jobs = include_jobs
        self.restart()

    def restart(self) -> None:
        """Forget all jobs, before the list is read again."""
        self.ids = ids.Ids()
        self.jobs: list[Job] = []
        self.digest = digest.Digest(self._recent_jobs, with_ended=self.query.ended_since is not None)
        self.doubt: errors.Error | None = None

    def add(self, jobs: Sequence[Job]) -> int:
        """Add the new jobs of a page, and keep those that match the query. Return the number of new jobs.

        :raises errors.Error: unexpected_answer, if the server ignored a filter.
        """
        new = [job for job in jobs if self.ids.add(job.id)]
        self.check_states(new)
        held = self.query.held(new)
        self.digest.add(held, self.query.ended(held))
        if self._include_jobs:
            self.jobs.extend(held)
        return len(new)

    def check_states(self, jobs: Sequence[Job]) -> None:
        """Set ``doubt`` for a job in a state that differs from the only state that was requested from the server.

        A few jobs may have changed their state between the server's filter and its response, so the list is read again.

        :raises errors.Error: unexpected_answer, if there are more such jobs.
        """
        if len(self.query.states) != 1:
            return
        (asked,) = self.query.states
        others = [job for job in jobs if job.state not in (asked, _names.UNKNOWN_STATE)]
        if others:
            self.doubt = errors.Error(
                "unexpected_answer",
                f"jobs in state {asked} were requested, but job {others[0].id} is {others[0].state}: "
                "the server ignores JobState",
                quotes=(others[0].id,),
                hint=FILTER_HINT,
            )
            if len(others) >= _CHANGING_JOBS:
                raise self.doubt

    def show(self, job: Job) -> dict[str, Any]:
        """Return a job as in a result, with the type and service of its query."""
        return {
            "id": job.id,
            "state": job.state,
            "state_text": job.state_text,
            "start_time": _iso(job.start),
            "finish_time": _iso(job.finish),
            "duration_seconds": duration_seconds(job),
            "job_type": self.query.job_type,
            "object_type": self.query.object_type,
            "backup_details": {name: getattr(job.details, name) for name in digest.DETAIL_NAMES},
            "errors": [
                {"message": error.message, "code_url": error.code_url, "count": error.times} for error in job.errors
            ],
            "errors_left_out": job.errors_left_out,
        }


def _iso(ticks: int | None) -> str | None:
    return None if ticks is None else _time.to_iso(ticks)


def duration_seconds(job: Job) -> float | None:
    """Return finish minus start from the exact values, truncated to the millisecond; None while running or unknown."""
    if job.state == "in_progress" or job.start is None or job.finish is None:
        return None
    return (job.finish - job.start) // _time.TICKS_PER_MILLISECOND / 1000
