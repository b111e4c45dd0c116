# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Create a ``Group`` from a group of the jobs module, which is untrusted plain data.

Everything is validated when it is read, so that checks can rely on it. Contradictions raise Undetermined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import wording
from ..model.jobs import COMPLETED, STATES, Group, Job, Objects
from ..model.outcome import Undetermined
from .figures import count, figure, instant, part, seconds, since

_NAMED = ("last_success", "last_completed", "oldest_in_progress")
"""The keys of single jobs in a digest."""


def parse(raw: Mapping[str, Any]) -> Group:
    """Return the group. Raises Undetermined if data is missing or contradictory."""
    rows = raw.get("recent")
    if not isinstance(rows, list):
        raise Undetermined("A group of jobs has no recent jobs.")
    recent = {job.id: job for job in map(_job, rows)}
    last = {state: _job(row) for state, row in part(raw, "last_by_state").items() if row and state in STATES}
    named = [_job(raw[name]) for name in _NAMED if raw.get(name)] + list(last.values())
    jobs = {**{job.id: job for job in named}, **recent}
    if any(jobs[job.id] != job for job in named):
        raise Undetermined("A group describes one job in two ways.")
    kept = tuple(sorted(jobs.values(), key=_by_start))
    ended_since, ended = _ended(raw)
    group = Group(
        since(raw),
        count(raw, "total_count"),
        _by_state(raw),
        kept,
        tuple(job for job in kept if job.id in recent),
        _ranks(rows, recent),
        last,
        _job(raw["last_completed"]) if raw.get("last_completed") else None,
        ended_since,
        ended,
    )
    _refuse_contradictions(raw, group)
    _refuse_later_than_last(group)
    return group


def _by_state(raw: Mapping[str, Any]) -> dict[str, int]:
    return {state: count(part(raw, "by_state"), state) for state in STATES}


def _ended(raw: Mapping[str, Any]) -> tuple[int | None, dict[str, int] | None]:
    """Return the start of the counts of ended jobs, and the counts by state; None if they were not requested."""
    start = instant(part(raw, "query"), "ended_since")
    if start is None or raw.get("ended_since") is None:
        return None, None
    return start, _by_state(part(raw, "ended_since"))


def _ranks(rows: list[Any], recent: Mapping[str, Job]) -> dict[str, int]:
    """Return the ranks of the recent jobs by finish. Raises Undetermined if they contradict the times."""
    ranks = {row["id"]: count(row, "finish_rank") for row in rows}
    if sorted(ranks.values()) != list(range(len(rows))):
        raise Undetermined("The finish_rank of the recent jobs does not count them.")
    completed = sorted((job for job in recent.values() if job.state in COMPLETED), key=lambda job: ranks[job.id])
    ends = [_end(job) for job in completed]
    if ends != sorted(ends, reverse=True):
        raise Undetermined("The finish_rank of the recent jobs contradicts the times when they finished.")
    return ranks


def _end(job: Job) -> int:
    """Return when a job ended, from its times. A job without any is the first."""
    return job.finish if job.finish is not None else job.start or 0


def _by_start(job: Job) -> tuple[int, str]:
    return -(job.start or 0), job.id


def _refuse_contradictions(raw: Mapping[str, Any], group: Group) -> None:
    kept = {state: len(group.jobs_in((state,))) for state in STATES}
    completed = group.count(COMPLETED)
    if sum(group.by_state.values()) != group.total or any(kept[state] > group.by_state[state] for state in STATES):
        raise Undetermined("A group's counts by state do not add up to its jobs.")
    if group.ended is not None and any(group.ended[state] > group.by_state[state] for state in STATES):
        raise Undetermined("A group counts more ended jobs than jobs.")
    if group.ended_since is not None:
        # Raises if the count is lower than the number of jobs in the group
        group.ended_from(group.ended_since)
    for name, number in zip(_NAMED, (group.by_state["finished"], completed, group.by_state["in_progress"])):
        if name not in raw or bool(raw[name]) != bool(number):
            raise Undetermined(f"A group counts {wording.amount(number, 'such job')}, but {name} does not fit that.")
    for state in STATES:
        job = group.last_by_state.get(state)
        if (job is not None) != bool(group.by_state[state]) or (job is not None and job.state != state):
            raise Undetermined(f"A group's last_by_state does not fit its {group.by_state[state]} {state} jobs.")
    if group.last_completed not in (None, *group.last_by_state.values()):
        raise Undetermined("A group's last_completed is none of its last_by_state.")


def _refuse_later_than_last(group: Group) -> None:
    """Raise Undetermined if a job that was kept ended after the job that the digest has as the last."""
    lasts = [((state,), last) for state, last in group.last_by_state.items() if state in COMPLETED]
    whole = [(COMPLETED, group.last_completed)] if group.last_completed else []
    for states, last in [*lasts, *whole]:
        for job in group.jobs_in(states):
            is_ranked = job.id in group.ranks and last.id in group.ranks
            if _end(job) > _end(last) or (is_ranked and group.ranks[job.id] < group.ranks[last.id]):
                raise Undetermined(f"{last.named} is named as the last, and {job.named} ended after it.")


def _job(raw: object) -> Job:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise Undetermined("A job has no id.")
    state = raw.get("state")
    if not isinstance(state, str):
        raise Undetermined(f"Job {wording.one_line(raw['id'], 60)} has no state.")
    text = raw.get("state_text")
    known = state if state in STATES else "unknown"
    state_text = text if known == "unknown" and isinstance(text, str) else state
    times = instant(raw, "start_time"), instant(raw, "finish_time")
    return Job(raw["id"], known, state_text, *times, _duration(raw), _objects(raw))


def _objects(raw: Mapping[str, Any]) -> Objects:
    details = raw.get("backup_details")
    if not isinstance(details, Mapping):
        return Objects(None, None, None, None)
    return Objects(*(figure(details, f"{name}_count") for name in Objects._fields))


def _duration(raw: Mapping[str, Any]) -> int | None:
    took = seconds(raw, "duration_seconds")
    # The values have three decimals, so this is exact
    return None if took is None else round(took * 1_000)
