# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Groups of jobs as the jobs module digests them: one group answers one question.

Everything in a group is checked where it is read, so that a check can rely on what it is given. What contradicts
itself raises CannotTell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..reading.results import figure
from . import instants, wording
from .outcome import JOBS_CITED, CannotTell

STATES = ("in_progress", "finished", "failed", "finished_with_exception", "partially_finished", "unknown")
RUNNING = ("in_progress",)
CLEAN = ("finished",)
DEGRADED = ("finished_with_exception", "partially_finished")
FAILED = ("failed", "unknown")
"""What nobody has documented is no success."""
COMPLETED = (*CLEAN, *DEGRADED, *FAILED)

HISTORY = 200
"""So many of the newest jobs are history enough: a job an hour for a week, and more."""

_NAMED = ("last_success", "last_completed", "oldest_in_progress")
"""The jobs that a digest names."""


class Objects(NamedTuple):
    """How many objects a job had to do with; None is a figure that the server did not send."""

    total: int | None
    failed: int | None
    successful: int | None
    skipped: int | None


class Job(NamedTuple):
    id: str
    state: str
    state_text: str
    """What the server called the state; the state's own name unless it is unknown."""
    start: int | None
    finish: int | None
    duration: int | None
    """Milliseconds from the exact times; None while it runs and where a time is missing."""
    objects: Objects

    @property
    def named(self) -> str:
        return f"Job {wording.one_line(self.id, 60)}"

    @property
    def said(self) -> str:
        """The state for people; one that no document names as the server said it."""
        return wording.found(self.state_text) if self.state == "unknown" else self.state.replace("_", " ")

    @property
    def ended(self) -> int:
        """The instant that orders completed jobs: the finish, else the start."""
        instant = self.finish if self.finish is not None else self.start
        if instant is None:
            raise CannotTell(f"{self.named} has neither a start nor a finish.")
        return instant


@dataclass(frozen=True)
class Group:
    """The jobs that answer one question."""

    since: int | None
    """Jobs that started earlier are not in it; None is no bound."""
    total: int
    by_state: Mapping[str, int]
    kept: tuple[Job, ...]
    """The newest jobs and those that the digest names, newest start first, each once."""
    recent: tuple[Job, ...]
    """The newest jobs alone: none that was left out started later than one of them."""

    def count(self, states: Iterable[str]) -> int:
        return sum(self.by_state[state] for state in states)

    def last(self, states: Iterable[str]) -> Job | None:
        """The last completed job in one of the states, by finish."""
        return max((job for job in self.kept if job.state in states), key=_by_end, default=None)

    def newest_completed(self) -> tuple[Job, ...]:
        """The completed jobs that were kept, the last to finish first and without gaps.

        Where some were left out, only as many as no older job can stand between, unless it ran longer than any that was
        kept.
        """
        jobs = sorted((job for job in self.kept if job.state in COMPLETED), key=_by_end, reverse=True)
        if self.keeps_all(COMPLETED):
            return tuple(jobs)
        recent, certain = {job.id for job in self.recent}, self._certain_from()
        # The digest names the very last one whatever was kept
        return tuple(jobs[:1] + [job for job in jobs[1:] if job.id in recent and job.ended >= certain])

    def _certain_from(self) -> float:
        """The latest end of any job that was left out, if none of them ran longer than the longest one kept."""
        started = [(job.start, job.finish or job.start) for job in self.recent if job.start is not None]
        if not started or len(started) < len(self.recent):
            # Jobs without a start are the last to be kept, so those that were left out have none either
            return math.inf
        return min(start for start, _end in started) + max(end - start for start, end in started)

    def history(self) -> tuple[Job, ...]:
        """The HISTORY jobs that started last, or all there are, newest start first. Raises CannotTell for fewer."""
        self.refuse_few_rows()
        return (self.kept if self.keeps_all(COMPLETED) else self.recent)[:HISTORY]

    def refuse_few_rows(self) -> None:
        """Raises CannotTell where neither all completed jobs nor the HISTORY newest jobs were kept."""
        if len(self.recent) < HISTORY and not self.keeps_all(COMPLETED):
            raise CannotTell("To look at the backups before the last one, more rows are needed than were kept.")

    def keeps_all(self, states: Iterable[str]) -> bool:
        """Whether no job in one of the states was left out of the rows that were kept."""
        return all(self.by_state[state] == sum(job.state == state for job in self.kept) for state in states)


def parse(raw: Mapping[str, Any]) -> Group:
    """A group of plain data. Raises CannotTell where something is missing or does not fit together."""
    by_state = {state: _count(_part(raw, "by_state"), state) for state in STATES}
    rows = raw.get("recent")
    if not isinstance(rows, list):
        raise CannotTell("A group of jobs holds no recent jobs.")
    recent = {job.id: job for job in map(_job, rows)}
    named = [_job(raw[name]) for name in _NAMED if raw.get(name)]
    jobs = {**{job.id: job for job in named}, **recent}
    if any(jobs[job.id] != job for job in named):
        raise CannotTell("A group tells of one job in two ways.")
    kept = tuple(sorted(jobs.values(), key=_by_start))
    newest = tuple(job for job in kept if job.id in recent)
    group = Group(since(raw), _count(raw, "total_count"), by_state, kept, newest)
    _refuse_contradictions(raw, group)
    return group


def started_since(group: Group, start: int) -> Group:
    """The jobs of a group that started at an instant or later, as a group of its own.

    Raises CannotTell where the group begins earlier and its newest jobs do not prove that they hold all of them.
    """
    if group.since == start:
        return group
    older = [job for job in group.recent if job.start is not None and job.start < start]
    if len(group.recent) < group.total and not older:
        raise CannotTell("The answer reaches back beyond the window, and more rows are needed than were kept.")
    if any(job.start is None and job.state != "in_progress" for job in group.kept):
        raise CannotTell("The answer reaches back beyond the window, and a job in it has no start.")
    jobs = tuple(job for job in group.kept if job.start is not None and job.start >= start)
    by_state = {state: sum(job.state == state for job in jobs) for state in STATES}
    return Group(start, len(jobs), by_state, jobs, jobs)


def counted_by_server(raw: Mapping[str, Any]) -> int:
    """How many jobs the server counts for a group, by its own idea of the window.

    Only such counts compare with one another: the rows of a list are held to the exact window, a mere count cannot be.
    """
    return max(_count(raw, "total_count"), figure(raw, "reported_total_count") or 0)


def since(raw: Mapping[str, Any]) -> int | None:
    """Where a group's window begins."""
    return _instant(_part(raw, "query"), "start_time")


def ends(raw: Mapping[str, Any]) -> float:
    """Where a group's window ends; infinity without a bound."""
    until = _instant(_part(raw, "query"), "finish_time")
    return math.inf if until is None else until


def refuse_future(group: Group, now: int) -> None:
    """Raises CannotTell if a job starts or finishes later than a clock may be wrong."""
    for job in group.kept:
        for word, instant in (("starts", job.start), ("finishes", job.finish)):
            if instant is not None and instant > now + instants.CLOCK_TOLERANCE:
                told = f"{job.named} {word} in the future, at {instants.iso(instant)}"
                raise CannotTell(f"{told}; it is {instants.iso(now)} now, so no age can be told.")


def ids(jobs: Iterable[Job]) -> tuple[str, ...]:
    """The jobs as an outcome cites them."""
    return tuple(job.id for job in jobs)[:JOBS_CITED]


def _by_end(job: Job) -> tuple[int, int, str]:
    return job.ended, job.start or 0, job.id


def _by_start(job: Job) -> tuple[int, str]:
    return -(job.start or 0), job.id


def _refuse_contradictions(raw: Mapping[str, Any], group: Group) -> None:
    kept = {state: sum(job.state == state for job in group.kept) for state in STATES}
    completed = group.count(COMPLETED)
    if sum(group.by_state.values()) != group.total or any(kept[state] > group.by_state[state] for state in STATES):
        raise CannotTell("A group's counts by state do not add up to its jobs.")
    for name, count in zip(_NAMED, (group.by_state["finished"], completed, group.by_state["in_progress"])):
        if name not in raw or bool(raw[name]) != bool(count):
            raise CannotTell(f"A group counts {wording.amount(count, 'such job')}, but {name} does not fit that.")


def _job(raw: object) -> Job:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise CannotTell("A job has no id.")
    state = raw.get("state")
    if not isinstance(state, str):
        raise CannotTell(f"Job {wording.one_line(raw['id'], 60)} has no state.")
    text = raw.get("state_text")
    known = state if state in STATES else "unknown"
    said = text if known == "unknown" and isinstance(text, str) else state
    times = _instant(raw, "start_time"), _instant(raw, "finish_time")
    return Job(raw["id"], known, said, *times, _duration(raw), _objects(raw))


def _objects(raw: Mapping[str, Any]) -> Objects:
    details = raw.get("backup_details")
    if not isinstance(details, Mapping):
        return Objects(None, None, None, None)
    return Objects(*(figure(details, f"{name}_count") for name in Objects._fields))


def _duration(raw: Mapping[str, Any]) -> int | None:
    seconds = raw.get("duration_seconds")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        raise CannotTell(f"{wording.found(seconds)} as duration_seconds is no number of seconds.")
    # They come with three decimals, so this is exact
    return round(seconds * 1_000)


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = raw.get(name)
    if not isinstance(part, Mapping):
        raise CannotTell(f"A group of jobs holds no {name}.")
    return part


def _count(record: Mapping[str, Any], name: str) -> int:
    count = figure(record, name)
    if count is None:
        raise CannotTell(f"A group of jobs holds no count {name}.")
    return count


def _instant(record: Mapping[str, Any], name: str) -> int | None:
    value = record.get(name)
    if value is None:
        return None
    try:
        return instants.parse(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise CannotTell(f"{wording.found(value)} as {name} is no time.") from error
