# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Groups of jobs as the checks take them: one group answers one question.

Nothing here reads plain data: ``reading.groups`` does, and refuses what contradicts itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from . import wording
from .outcome import JOBS_CITED, CannotTell, DoesNotApply

STATES = _names.ALL_STATES
RUNNING = ("in_progress",)
CLEAN = ("finished",)
DEGRADED = ("finished_with_exception", "partially_finished")
FAILED = ("failed", "unknown")
"""An undocumented state is no success."""
COMPLETED = (*CLEAN, *DEGRADED, *FAILED)

HISTORY = 200
"""So many of the newest jobs are enough history: more than a job an hour for a week."""
_MOST_ROWS = 100_000
"""The most rows that the jobs module keeps of a query."""


def rows_of_the_window(window: int) -> int:
    """Return HISTORY rows, and as many for every further week of the window (seconds)."""
    return max(HISTORY, min(_MOST_ROWS, -(-window * HISTORY // (7 * _time.DAY))))


class Objects(NamedTuple):
    """Counts of objects in a job; None where the server did not send the figure."""

    total: int | None
    failed: int | None
    successful: int | None
    skipped: int | None


class Job(NamedTuple):
    """A job with its times in Unix seconds.

    :ivar state_text: the server's own word for the state where it is unknown, else the state's name.
    :ivar duration: milliseconds from the exact times; None while it runs and where a time is missing.
    """

    id: str
    state: str
    state_text: str
    start: int | None
    finish: int | None
    duration: int | None
    objects: Objects

    @property
    def named(self) -> str:
        return f"Job {wording.one_line(self.id, 60)}"

    @property
    def state_words(self) -> str:
        """The state for people; an unknown one in the server's own word."""
        return wording.found(self.state_text) if self.state == "unknown" else self.state.replace("_", " ")

    @property
    def ended(self) -> int:
        """The instant that orders completed jobs: the finish, else the start."""
        instant = self.finish if self.finish is not None else self.start
        if instant is None:
            raise CannotTell(f"{self.named} has neither a start nor a finish.")
        return instant

    @property
    def is_hollow(self) -> bool | None:
        """Whether a backup has nothing in it; None where its counts do not decide it, or contradict each other."""
        total, successful = self.objects.total, self.objects.successful
        if total is not None and successful is not None and successful > total:
            return None
        if total == 0 or successful == 0:
            return True
        return None if successful is None else False

    def known(self, name: str) -> int:
        """Return a count of objects. Raises CannotTell where the server did not send it: that is not 0."""
        count: int | None = getattr(self.objects, name)
        if count is None:
            raise CannotTell(f"{self.named} does not say its {name} count of objects.")
        return count


@dataclass(frozen=True)
class Group:
    """The jobs that answer one question.

    :ivar since: jobs that started earlier are not in it; None is no bound.
    :ivar kept: the newest jobs and those that the digest names, newest start first, each once.
    :ivar recent: the newest jobs alone: none that was left out started later than one of them.
    """

    since: int | None
    total: int
    by_state: Mapping[str, int]
    kept: tuple[Job, ...]
    recent: tuple[Job, ...]

    def count(self, states: Iterable[str]) -> int:
        return sum(self.by_state[state] for state in states)

    def jobs_in(self, states: Iterable[str]) -> list[Job]:
        """Return the kept jobs in one of the states."""
        return [job for job in self.kept if job.state in states]

    def last(self, states: Iterable[str]) -> Job | None:
        """Return the last completed job in one of the states, by finish."""
        return max(self.jobs_in(states), key=_by_end, default=None)

    def newest_completed(self) -> tuple[Job, ...]:
        """Return the completed jobs that were kept, the last to finish first and without gaps.

        Where some were left out, only as many as no older job can come between, unless it ran longer than any that was
        kept.
        """
        jobs = sorted(self.jobs_in(COMPLETED), key=_by_end, reverse=True)
        if self.keeps_all(COMPLETED):
            return tuple(jobs)
        recent, certain = {job.id for job in self.recent}, self._certain_from()
        # The digest names the very last one whatever was kept
        return tuple(jobs[:1] + [job for job in jobs[1:] if job.id in recent and job.ended >= certain])

    def _certain_from(self) -> float:
        """Return the latest end of any job that was left out, if none ran longer than the longest one kept."""
        started = [(job.start, job.finish or job.start) for job in self.recent if job.start is not None]
        if not started or len(started) < len(self.recent):
            # Jobs without a start are the last to be kept, so those that were left out have none either
            return math.inf
        return min(start for start, _end in started) + max(end - start for start, end in started)

    def history(self) -> tuple[Job, ...]:
        """Return the HISTORY jobs that started last, or all there are, newest start first. Raises CannotTell."""
        self.refuse_few_rows()
        return (self.kept if self.keeps_all(COMPLETED) else self.recent)[:HISTORY]

    def refuse_few_rows(self) -> None:
        """Raise CannotTell where neither all completed jobs nor the HISTORY newest jobs were kept."""
        if len(self.recent) < HISTORY and not self.keeps_all(COMPLETED):
            raise CannotTell("To look at the backups before the last one, more rows are needed than were kept.")

    def keeps_all(self, states: Iterable[str]) -> bool:
        """Return whether no job in one of the states was left out of the rows that were kept."""
        return all(self.by_state[state] == len(self.jobs_in((state,))) for state in states)

    def refuse_future(self, now: int) -> None:
        """Raise CannotTell if a job starts or finishes later than a clock may be wrong."""
        for job in self.kept:
            for word, instant in (("starts", job.start), ("finishes", job.finish)):
                if instant is not None and instant > now + _time.CLOCK_TOLERANCE:
                    future = f"{job.named} {word} in the future, at {_time.unix_to_iso(instant)}"
                    raise CannotTell(f"{future}; it is {_time.unix_to_iso(now)} now, so no age can be told.")

    def started_since(self, start: int) -> Group:
        """Return the jobs that started at an instant or later, as a group.

        Raises CannotTell where the group begins earlier and its newest jobs do not prove that they hold all of them.
        """
        if self.since == start:
            return self
        older = [job for job in self.recent if job.start is not None and job.start < start]
        if len(self.recent) < self.total and not older:
            raise CannotTell("The answer reaches back beyond the window, and more rows are needed than were kept.")
        if any(job.start is None and job.state != "in_progress" for job in self.kept):
            raise CannotTell("The answer reaches back beyond the window, and a job in it has no start.")
        jobs = tuple(job for job in self.kept if job.start is not None and job.start >= start)
        by_state = {state: sum(job.state == state for job in jobs) for state in STATES}
        return Group(start, len(jobs), by_state, jobs, jobs)


@dataclass(frozen=True)
class Backups:
    """The backup jobs of one service, and the start of the window: the group may reach further back."""

    jobs: Group
    window_start: int

    def window(self) -> Group:
        """Return those that started in the window. Raises CannotTell where the kept rows do not prove them all."""
        return self.jobs.started_since(self.window_start)

    def last_completed(self) -> Job:
        """Return the last one of the window, by finish. Raises CannotTell, and DoesNotApply where none completed."""
        last = self.window().last(COMPLETED)
        if last is None:
            raise DoesNotApply("No backup completed in the window.")
        return last

    def earlier(self, fewest: int) -> tuple[Job, ...]:
        """Return the completed backups that the last one is compared with, out of the HISTORY newest jobs.

        By start, so that one that ran for days leaves no gap among them. Failed ones are left out: they would drag down
        the usual figures. Raises CannotTell where rows are missing, and DoesNotApply where there are fewer.
        """
        last, states = self.last_completed(), (*CLEAN, *DEGRADED)
        before = [job for job in self.window().history() if job.state in states and job.id != last.id]
        if len(before) < fewest:
            found = wording.amount(len(before), "earlier backup")
            raise DoesNotApply(f"{found} of the window did not fail; the last one is held against {fewest} or more.")
        return tuple(before)


@dataclass(frozen=True)
class Answers:
    """Everything that was read, for the check of the evidence itself. A CannotTell takes the place of a value.

    :ivar offsets: clock offset in seconds by read; None without a Date header.
    :ivar groups: every list of jobs with its name.
    :ivar unjudged: backups in the window beyond those of the judged services.
    """

    offsets: Mapping[str, float | CannotTell | None]
    groups: Sequence[tuple[str, Group | CannotTell]] | CannotTell
    unjudged: int | CannotTell


def ids(jobs: Iterable[Job]) -> tuple[str, ...]:
    """Return the ids of the jobs that an outcome cites."""
    return tuple(job.id for job in jobs)[:JOBS_CITED]


def _by_end(job: Job) -> tuple[int, int, str]:
    return job.ended, job.start or 0, job.id
