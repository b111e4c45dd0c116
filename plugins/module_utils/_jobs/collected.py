# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The answer to one query: the jobs that were kept, their ids and their digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _names, _time
from .._api.queries import Query
from .._api.records import Job
from .._http import errors
from . import digest, ids

FILTER_HINT = (
    "An answer that was not filtered as asked could pass for another. Nothing of it was used. Check what answers at "
    "api_url, such as a proxy that keeps answers; otherwise report it to the vendor."
)
_CHANGING_JOBS = 5
"""So many jobs of one page do not all change their state between the server's filter and its answer."""


class Collected:
    """A sink for the pages of one query.

    :ivar doubt: why the rows are not those that were asked for; the list has to be read again.
    """

    def __init__(self, query: Query, *, recent_jobs: int, include_jobs: bool) -> None:
        self.query = query
        self._recent_jobs = recent_jobs
        self._include_jobs = include_jobs
        self.restart()

    def restart(self) -> None:
        """Forget every job: the list is read anew."""
        self.ids = ids.Ids()
        self.jobs: list[Job] = []
        self.digest = digest.Digest(self._recent_jobs, with_ended=self.query.ended_since is not None)
        self.doubt: errors.Error | None = None

    def add(self, jobs: Sequence[Job]) -> int:
        """Take the jobs of a page that are new, and keep those that belong to the query. Return how many were new.

        :raises errors.Error: unexpected_answer, where the server's filter did not filter.
        """
        new = [job for job in jobs if self.ids.add(job.id)]
        self.check_states(new)
        held = self.query.held(new)
        self.digest.add(held, self.query.ended(held))
        if self._include_jobs:
            self.jobs.extend(held)
        return len(new)

    def check_states(self, jobs: Sequence[Job]) -> None:
        """Doubt a job in another state than the one that the server was asked for; several it is not asked for.

        A single job may have changed its state between filter and answer, so the list is read again.

        :raises errors.Error: unexpected_answer, for more jobs than that.
        """
        if len(self.query.states) != 1:
            return
        (asked,) = self.query.states
        others = [job for job in jobs if job.state not in (asked, _names.UNKNOWN_STATE)]
        if others:
            self.doubt = errors.Error(
                "unexpected_answer",
                f"jobs in state {asked} were asked for, job {others[0].id} is {others[0].state}: the server ignores "
                "JobState",
                quotes=(others[0].id,),
                hint=FILTER_HINT,
            )
            if len(others) >= _CHANGING_JOBS:
                raise self.doubt

    def show(self, job: Job) -> dict[str, Any]:
        """Return a job as a result shows it, with the type and service of its query."""
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
