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
from typing import Any

from . import _instants, _text
from ._outcome import JOBS_CITED, CannotTell
from ._reading import figure

STATES = ("in_progress", "finished", "failed", "finished_with_exception", "partially_finished", "unknown")


@dataclass(frozen=True)
class Job:
    id: str
    state: str
    state_text: str
    """What the server called the state; the state's own name unless it is unknown."""
    start: int | None
    finish: int | None

    @property
    def ended(self) -> int:
        """The instant that orders completed jobs: the finish, else the start."""
        instant = self.finish if self.finish is not None else self.start
        if instant is None:
            raise CannotTell(f"Job {_text.one_line(self.id, 60)} has neither a start nor a finish.")
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

    def last(self, states: Iterable[str]) -> Job | None:
        """The last completed job in one of the states, by finish."""
        jobs = [job for job in self.kept if job.state in states]
        return max(jobs, key=lambda job: (job.ended, job.start or 0, job.id), default=None)

    def keeps_all(self, states: Iterable[str]) -> bool:
        """Whether no job in one of the states was left out of the rows that were kept."""
        return all(self.by_state[state] == sum(job.state == state for job in self.kept) for state in states)


def parse(raw: Mapping[str, Any]) -> Group:
    """A group of plain data. Raises CannotTell where something is missing or does not fit together."""
    by_state = {state: _count(_part(raw, "by_state"), state) for state in STATES}
    rows = raw.get("recent")
    if not isinstance(rows, list):
        raise CannotTell("A group of jobs holds no recent jobs.")
    rows = rows + [raw[name] for name in ("last_success", "last_completed", "oldest_in_progress") if raw.get(name)]
    jobs = {job.id: job for job in map(_job, rows)}
    kept = sorted(jobs.values(), key=lambda job: (-(job.start or 0), job.id))
    group = Group(since(raw), _count(raw, "total_count"), by_state, tuple(kept))
    _refuse_contradictions(raw, group)
    return group


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
            if instant is not None and instant > now + _instants.CLOCK_TOLERANCE:
                told = f"Job {_text.one_line(job.id, 60)} {word} in the future, at {_instants.iso(instant)}"
                raise CannotTell(f"{told}; it is {_instants.iso(now)} now, so no age can be told.")


def ids(jobs: Iterable[Job]) -> tuple[str, ...]:
    """The jobs as an outcome cites them."""
    return tuple(job.id for job in jobs)[:JOBS_CITED]


def _refuse_contradictions(raw: Mapping[str, Any], group: Group) -> None:
    kept = {state: sum(job.state == state for job in group.kept) for state in STATES}
    completed = group.total - group.by_state["in_progress"]
    if sum(group.by_state.values()) != group.total or any(kept[state] > group.by_state[state] for state in STATES):
        raise CannotTell("A group's counts by state do not add up to its jobs.")
    for name, count in (("last_success", group.by_state["finished"]), ("last_completed", completed)):
        if name not in raw or bool(raw[name]) != bool(count):
            raise CannotTell(f"A group counts {_text.amount(count, 'such job')}, but {name} does not fit that.")


def _job(raw: object) -> Job:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise CannotTell("A job has no id.")
    state = raw.get("state")
    if not isinstance(state, str):
        raise CannotTell(f"Job {_text.one_line(raw['id'], 60)} has no state.")
    text = raw.get("state_text")
    known = state if state in STATES else "unknown"
    said = text if known == "unknown" and isinstance(text, str) else state
    return Job(raw["id"], known, said, _instant(raw, "start_time"), _instant(raw, "finish_time"))


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
        return _instants.parse(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise CannotTell(f"{_text.found(value)} as {name} is no time.") from error
