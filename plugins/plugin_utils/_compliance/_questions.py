# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What the jobs module is asked, and the answer found again by what it asked.

The order of the groups says nothing: a group answers a question if it asked for the same type and service, without a
state filter, over at least the same window. An answer that is not there is an error, never an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _instants, _jobs
from ._outcome import CannotTell
from ._policy import Policy
from ._services import scope_name


@dataclass(frozen=True)
class Question:
    job_type: str
    since: int
    until: int
    """Now: an answer may end there or later. It is not asked for, so that nothing is left out."""
    object_type: str | None = None
    location: str | None = None
    count_only: bool = False

    @property
    def text(self) -> str:
        service = scope_name(self.object_type, self.location) if self.object_type else "all services"
        return f"{self.job_type} jobs of {service} since {_instants.iso(self.since)}"

    def as_query(self) -> dict[str, Any]:
        """One entry of the jobs module's ``queries``."""
        query: dict[str, Any] = {"job_type": self.job_type, "start_time": _instants.iso(self.since)}
        if self.object_type is not None:
            query["object_type"] = self.object_type
        if self.location is not None:
            query["location"] = self.location
        if self.count_only:
            query["count_only"] = True
        return query


def backups(policy: Policy, now: int, service: str, location: str | None) -> Question:
    """The backups of one service that started in the window."""
    return Question("backup", now - policy.window, now, service, location)


def all_backups(policy: Policy, now: int) -> Question:
    """How many backups of any service started in the window."""
    return Question("backup", now - policy.window, now, count_only=True)


def answer(question: Question, groups: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The group that answers a question; of several the one with the closest window. Raises CannotTell without one."""
    same = [group for group in groups if _asks_the_same(question, group)]
    covering = [group for group in same if _begins(group) <= question.since]
    if not covering:
        short = ": what was asked begins later" if same else ""
        raise CannotTell(f"There is no answer about the {question.text}{short}.")
    return max(covering, key=lambda group: (_begins(group), json.dumps(group, sort_keys=True)))


def _asks_the_same(question: Question, group: Mapping[str, Any]) -> bool:
    query = group.get("query")
    return (
        isinstance(query, Mapping)
        and group.get("job_type") == question.job_type
        and group.get("object_type") == question.object_type
        and query.get("location") == question.location
        and not query.get("states")
        and _jobs.ends(group) >= question.until
        # A full list knows its count, a count knows no list
        and (question.count_only or not query.get("count_only"))
    )


def _begins(group: Mapping[str, Any]) -> int:
    since = _jobs.since(group)
    return since if since is not None else _instants.parse("0001-01-01")
