# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The queries for the jobs module, and the search for their results among its groups.

A group matches a query if it has the same type, service and states, and at least the same window, anywhere in the list.
A missing group is an error, not an empty result.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import jobs
from ..model.outcome import Undetermined
from ..model.policy import Policy, Scope, scope_name
from .figures import ends, since


@dataclass(frozen=True)
class Question:
    """One query of the jobs module. None and empty are "all"; times in Unix seconds.

    :ivar until: now: a group may end there or later. It is not sent, so that no job is left out.
    :ivar ended_since: jobs that ended then or later are also counted separately; a group may lack that.
    """

    job_type: str | None
    since: int | None
    until: int
    object_type: str | None = None
    location: str | None = None
    states: tuple[str, ...] = ()
    count_only: bool = False
    ended_since: int | None = None

    @property
    def text(self) -> str:
        service = scope_name(self.object_type, self.location) if self.object_type else "all services"
        states = f" in state {', '.join(self.states)}" if self.states else ""
        since = "" if self.since is None else f" since {_time.unix_to_iso(self.since)}"
        return f"{self.job_type or ''} jobs of {service}{states}{since}".lstrip()

    def as_query(self) -> dict[str, Any]:
        """Return an entry of ``queries`` of the jobs module."""
        query = {
            "job_type": self.job_type,
            "start_time": None if self.since is None else _time.unix_to_iso(self.since),
            "object_type": self.object_type,
            "location": self.location,
            "states": list(self.states),
            "count_only": self.count_only,
            "ended_since": None if self.ended_since is None else _time.unix_to_iso(self.ended_since),
        }
        return {name: value for name, value in query.items() if value}


def backups(policy: Policy, now: int, scope: Scope) -> Question:
    """Return the query for the backups of a service that ended in the window, and earlier ones: it is by start."""
    start = now - policy.window
    return Question("backup", _first_start(policy, now), now, scope.service, scope.location, ended_since=start)


def others(policy: Policy, now: int, job_type: str) -> Question:
    """Return the query for jobs of another type, over the same starts, to compare their ids with those of backups."""
    return Question(job_type, _first_start(policy, now), now)


def count_of(policy: Policy, now: int, job_type: str | None, service: str | None, location: str | None) -> Question:
    """Return the query for the count of jobs by type, service and location, over the same starts; None means all."""
    return Question(job_type, _first_start(policy, now), now, service, location, count_only=True)


def _first_start(policy: Policy, now: int) -> int:
    return now - policy.window - jobs.LONGEST_RUN


def running(now: int, scope: Scope) -> Question:
    """Return the query for the jobs of a service that are in progress, whenever they started."""
    return Question(None, None, now, scope.service, scope.location, jobs.RUNNING)


def finished_restores(now: int, age: int) -> Question:
    """Return the query for finished restores of all services, up to an age in seconds."""
    return Question("restore", now - age, now, states=jobs.CLEAN)


def deletions(policy: Policy, now: int) -> Question:
    """Return the query for delete jobs of all services that started in the window."""
    return Question("delete", now - policy.window, now)


def answer(question: Question, groups: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the group of a query; of several, the one with the closest window. Raises Undetermined."""
    same = [group for group in groups if _asks_the_same(question, group)]
    earliest = -math.inf if question.since is None else question.since
    covering = [group for group in same if _begins(group) <= earliest]
    if not covering:
        short = ": what was asked begins later" if same else ""
        raise Undetermined(f"There is no answer about the {question.text}{short}.")
    closest = [group for group in covering if _begins(group) == max(map(_begins, covering))]
    return max(closest, key=_as_text) if len(closest) > 1 else closest[0]


def _asks_the_same(question: Question, group: Mapping[str, Any]) -> bool:
    query = group.get("query")
    return (
        isinstance(query, Mapping)
        and group.get("job_type") == question.job_type
        and group.get("object_type") == question.object_type
        and query.get("location") == question.location
        and _states(query) == sorted(question.states)
        and ends(group) >= question.until
        # A full list has a count, but a count has no list
        and (question.count_only or not query.get("count_only"))
    )


def _as_text(group: Mapping[str, Any]) -> str:
    """Return a sort key for equal groups, so that their order does not matter."""
    return json.dumps(group, sort_keys=True)


def _states(query: Mapping[str, Any]) -> list[str] | None:
    """Return the states of the query, sorted; None if they are not a list."""
    states = query.get("states") or []
    return sorted(map(str, states)) if isinstance(states, list) else None


def _begins(group: Mapping[str, Any]) -> float:
    earliest = since(group)
    return -math.inf if earliest is None else earliest
