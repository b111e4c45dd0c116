# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Groups of jobs for the checks: a group is the result of one query.

``reading.groups`` creates them from plain data, and rejects contradictions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.cloudbackup.m365.plugins.module_utils import _names, _time

from . import wording
from .outcome import JOBS_CITED, DoesNotApply, Undetermined

STATES = _names.ALL_STATES
RUNNING = ("in_progress",)
CLEAN = ("finished",)
DEGRADED = ("finished_with_exception", "partially_finished")
FAILED = ("failed", "unknown")
"""States that count as failed, including undocumented states."""
COMPLETED = (*CLEAN, *DEGRADED, *FAILED)

LONGEST_RUN = 14 * _time.DAY
"""How long before the window jobs are read: a backup is in the window by its end, but the API filters by start."""
HISTORY = 200
"""The number of newest jobs that are enough history: more than one per hour for a week."""
_MOST_ROWS = 100_000
"""The maximum rows that the jobs module keeps for a query."""


def rows_of_the_window(window: int) -> int:
    """Return the number of rows: HISTORY, and as many for every further week of the window (seconds)."""
    return max(HISTORY, min(_MOST_ROWS, -(-window * HISTORY // (7 * _time.DAY))))


class Objects(NamedTuple):
    """Counts of objects in a job; None for a count that the server did not send."""

    total: int | None
    failed: int | None
    successful: int | None
    skipped: int | None

    @property
    def unaccounted(self) -> int:
        """Objects that only the total contains; 0 if a count is missing."""
        if self.total is None or self.failed is None or self.successful is None or self.skipped is None:
            return 0
        return max(0, self.total - self.failed - self.successful - self.skipped)


class Job(NamedTuple):
    """A job with its times in Unix seconds.

    :ivar state_text: the state as the server sent it if it is unknown, else the name of the state.
    :ivar duration: milliseconds from the exact times; None while it is in progress and if a time is missing.
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
        """The state for display; an unknown state as the server sent it."""
        return wording.found(self.state_text) if self.state == "unknown" else self.state.replace("_", " ")

    @property
    def ended(self) -> int:
        """The instant that orders completed jobs: finish, else start. Raises Undetermined if both are missing."""
        self.refuse_timeless()
        return (self.finish if self.finish is not None else self.start) or 0

    def refuse_timeless(self) -> None:
        """Raise Undetermined for a job without any time."""
        if self.finish is None and self.start is None:
            raise Undetermined(f"{self.named} has neither a start nor a finish.")

    @property
    def is_hollow(self) -> bool | None:
        """Whether a backup contains no objects; None if its counts are missing or contradict each other."""
        total, successful = self.objects.total, self.objects.successful
        if total is not None and successful is not None and successful > total:
            return None
        if total == 0 or successful == 0:
            return True
        return None if successful is None else False

    def known(self, name: str) -> int:
        """Return a count of objects. Raises Undetermined if the server did not send it, which does not mean 0."""
        count: int | None = getattr(self.objects, name)
        if count is None:
            raise Undetermined(f"{self.named} contains no {name} count of objects.")
        return count


@dataclass(frozen=True)
class Group:
    """The jobs of one query.

    :ivar since: the earliest start of its jobs; None is unbounded.
    :ivar kept: the newest jobs and the single jobs of the digest, newest start first, without duplicates.
    :ivar recent: only the newest jobs; no other job started later than any of them.
    :ivar ranks: by id, the rank of the recent jobs by finish, from the exact times.
    :ivar last_by_state: the last job in each state that occurs, by the exact times; ``last_completed`` is the last of
        all that are not in progress.
    :ivar ended_since: the start of the counts in ``ended``: jobs by state that ended then or later, or are in progress.
    """

    since: int | None
    total: int
    by_state: Mapping[str, int]
    kept: tuple[Job, ...]
    recent: tuple[Job, ...]
    ranks: Mapping[str, int]
    last_by_state: Mapping[str, Job]
    last_completed: Job | None
    ended_since: int | None = None
    ended: Mapping[str, int] | None = None

    def count(self, states: Iterable[str]) -> int:
        return sum(self.by_state[state] for state in states)

    def jobs_in(self, states: Iterable[str]) -> list[Job]:
        """Return the kept jobs in any of the states."""
        return [job for job in self.kept if job.state in states]

    def last(self, states: Collection[str]) -> Job | None:
        """Return the last completed job in any of the states, by finish."""
        if set(states) >= set(COMPLETED):
            return self.last_completed
        found = [job for state, job in self.last_by_state.items() if state in states]
        return self._by_finish(found)[0] if found else None

    def refuse_timeless(self, states: Iterable[str]) -> None:
        """Raise Undetermined if a job in any of the states has no time, since it may be the last one."""
        for job in self.jobs_in(states):
            job.refuse_timeless()

    def refuse_tie(self, states: Collection[str]) -> None:
        """Raise Undetermined if the last jobs of two states ended in the same second and their order is unknown."""
        found = self._by_finish([job for state, job in self.last_by_state.items() if state in states])
        for first, other in zip(found[:1], found[1:]):
            is_ranked = first.id in self.ranks and other.id in self.ranks
            if first.ended == other.ended and first != self.last_completed and not is_ranked:
                raise Undetermined(
                    f"{first.named} and {other.named} ended in one second: which was the last is not known."
                )

    def newest_completed(self) -> tuple[Job, ...]:
        """Return the completed jobs that were kept, the last to finish first, without gaps. Raises Undetermined.

        If jobs were left out, return only those that finished after all of them, assuming that none ran longer than the
        longest job that was kept.
        """
        jobs = self._by_finish(self.jobs_in(COMPLETED))
        if self.keeps_all(COMPLETED):
            return tuple(jobs)
        recent, certain = {job.id for job in self.recent}, self._certain_from()
        # The digest always contains the last one
        return tuple(jobs[:1] + [job for job in jobs[1:] if job.id in recent and job.ended >= certain])

    def _certain_from(self) -> float:
        """Return the latest end of any job that was left out, if none ran longer than the longest one kept."""
        started = [(job.start, job.finish or job.start) for job in self.recent if job.start is not None]
        if not started or len(started) < len(self.recent):
            # Jobs without a start are kept last, so the jobs that were left out have none either
            return math.inf
        return min(start for start, _end in started) + max(max(0, end - start) for start, end in started)

    def history(self) -> tuple[Job, ...]:
        """Return the HISTORY jobs that started last, or all if there are fewer, newest first. Raises Undetermined."""
        self.refuse_few_rows()
        return (self.kept if self.keeps_all(COMPLETED) else self.recent)[:HISTORY]

    def refuse_few_rows(self) -> None:
        """Raise Undetermined unless all completed jobs or the HISTORY newest jobs were kept."""
        if len(self.recent) < HISTORY and not self.keeps_all(COMPLETED):
            raise Undetermined(
                "The backups before the last one cannot be evaluated: more rows are needed than were kept."
            )

    def keeps_all(self, states: Iterable[str]) -> bool:
        """Return whether all jobs in the states were kept."""
        return all(self.by_state[state] == len(self.jobs_in((state,))) for state in states)

    def refuse_future(self, now: int) -> None:
        """Raise Undetermined if a job starts or finishes in the future, beyond the clock tolerance."""
        for job in self.kept:
            for word, instant in (("starts", job.start), ("finishes", job.finish)):
                if instant is not None and instant > now + _time.CLOCK_TOLERANCE:
                    future = f"{job.named} {word} in the future, at {_time.unix_to_iso(instant)}"
                    raise Undetermined(f"{future}; it is {_time.unix_to_iso(now)} now, so no age is known.")

    def started_since(self, start: int) -> Group:
        """Return the jobs that started at an instant or later, as a group.

        Raises Undetermined if the group begins earlier and its newest jobs may not contain all of them.
        """
        if self.since == start:
            return self
        older = [job for job in self.recent if job.start is not None and job.start < start]
        if len(self.recent) < self.total and not older:
            raise Undetermined("The answer reaches back beyond the window, and more rows are needed than were kept.")
        if any(job.start is None and job.state != "in_progress" for job in self.kept):
            raise Undetermined("The answer reaches back beyond the window, and a job in it has no start.")
        jobs = [job for job in self.kept if job.start is not None and job.start >= start]
        return self._part(start, jobs, {state: sum(job.state == state for job in jobs) for state in STATES})

    def ended_from(self, start: int) -> Group:
        """Return the jobs that ended at an instant or later, or are in progress, as a group. Raises Undetermined.

        Jobs without any time are included.
        """
        jobs = [job for job in self.kept if job.state in RUNNING or (job.finish or job.start or start) >= start]
        by_state = {state: sum(job.state == state for job in jobs) for state in STATES}
        if self.ended_since == start and self.ended is not None:
            if any(by_state[state] > self.ended[state] for state in STATES):
                raise Undetermined("A group counts fewer jobs that ended in the window than it contains.")
            return self._part(start, jobs, self.ended)
        if len(self.kept) < self.total:
            # A job that was left out may have run so long that it ended in the window
            raise Undetermined("The answer is about another window, and more rows are needed than were kept.")
        return self._part(start, jobs, by_state)

    def _part(self, start: int, jobs: Sequence[Job], by_state: Mapping[str, int]) -> Group:
        """Return a part of the jobs as a separate group."""
        held = {job.id for job in jobs}
        last = {state: job for state, job in self.last_by_state.items() if job.id in held}
        last_completed = self.last_completed if self.last_completed and self.last_completed.id in held else None
        recent = tuple(job for job in self.recent if job.id in held)
        return Group(start, sum(by_state.values()), by_state, tuple(jobs), recent, self.ranks, last, last_completed)

    def _by_finish(self, jobs: Iterable[Job]) -> list[Job]:
        """Return jobs in the order of their finish, the last one first, those in progress last. Raises Undetermined.

        Times are truncated to the second. Within a second, the last completed job is first, then the ranks decide. Jobs
        without a rank come after those with one, unless they failed.
        """

        def place(job: Job) -> tuple[bool, int, bool, int]:
            unranked = -1 if job.state in FAILED else len(self.ranks)
            return job.state in RUNNING, -job.ended, job != self.last_completed, self.ranks.get(job.id, unranked)

        return sorted(jobs, key=place)


@dataclass(frozen=True)
class Backups:
    """The backup jobs of one service, from before the window, and the start of the window."""

    jobs: Group
    window_start: int

    def window(self) -> Group:
        """Return those that ended in the window or are in progress. Raises Undetermined if some may be missing."""
        return self.jobs.ended_from(self.window_start)

    def last_completed(self) -> Job:
        """Return the last one, by finish. Raises Undetermined, and DoesNotApply if none completed."""
        self.jobs.refuse_timeless(COMPLETED)
        return self._found(self.jobs.last_completed, "completed")

    def last_good(self) -> Job:
        """Return the last one that completed without failing. Raises Undetermined, or DoesNotApply if there is none."""
        self.jobs.refuse_timeless((*CLEAN, *DEGRADED))
        self.jobs.refuse_tie((*CLEAN, *DEGRADED))
        return self._found(self.jobs.last((*CLEAN, *DEGRADED)), "completed without failing")

    def _found(self, last: Job | None, how: str) -> Job:
        if last is None:
            since = "" if self.jobs.since is None else f" since {_time.unix_to_iso(self.jobs.since)}"
            raise DoesNotApply(f"No backup {how}{since}.")
        return last

    def earlier(self, fewest: int) -> tuple[Job, ...]:
        """Return the completed backups to compare the last one with, out of the HISTORY newest jobs.

        They are selected by start, so that a backup that ran for days does not leave a gap. Failed backups are left
        out, as they would lower the median. Raises Undetermined without enough rows, DoesNotApply if there are fewer.
        """
        last, states = self.last_good(), (*CLEAN, *DEGRADED)
        before = [job for job in self.jobs.history() if job.state in states and job.id != last.id]
        if len(before) < fewest:
            found = wording.amount(len(before), "earlier backup")
            raise DoesNotApply(f"{found} did not fail; the last one is compared with {fewest} or more.")
        return tuple(before)


@dataclass(frozen=True)
class Running:
    """The jobs of one service that are in progress, from two queries, either of which may miss some."""

    groups: tuple[Group, ...]

    def jobs(self) -> list[Job]:
        """Return the kept jobs without duplicates, with the earlier start. A job without a start is queued."""
        every = [job for group in self.groups for job in group.jobs_in(RUNNING)]
        found = {job.id: job for job in sorted(every, key=lambda job: (job.start is not None, -(job.start or 0)))}
        return list(found.values())

    def count(self) -> int:
        """Return the minimum number of them."""
        return max(len(self.jobs()), *(group.count(RUNNING) for group in self.groups))


@dataclass(frozen=True)
class Answers:
    """Everything that was read, for the check of the evidence itself. A Undetermined takes the place of a value.

    :ivar offsets: clock offset in seconds by read; None without a Date header.
    :ivar ages: by read, the Age of a cached response in seconds; None without an Age header.
    :ivar server_times: by read, the Date of the first response; None without one.
    :ivar now_given: whether the instant of the evaluation is an input.
    :ivar strangers: a sentence for each read of a tenant other than planned or than another read.
    :ivar groups: every list of jobs with its name.
    :ivar unjudged: the number of backups of services that are not evaluated.
    :ivar excesses: a sentence for each sum of parts that exceeds its whole; ``unproven`` for each list that may be that
        of another service.
    """

    offsets: Mapping[str, float | Undetermined | None]
    ages: Mapping[str, float | Undetermined | None]
    server_times: Mapping[str, int | Undetermined | None]
    now_given: bool
    strangers: Sequence[str]
    groups: Sequence[tuple[str, Group | Undetermined]] | Undetermined
    unjudged: int | Undetermined
    excesses: Sequence[str] | Undetermined
    unproven: Sequence[str] | Undetermined


def ids(jobs: Iterable[Job]) -> tuple[str, ...]:
    """Return the ids of the jobs of an outcome."""
    return tuple(job.id for job in jobs)[:JOBS_CITED]
