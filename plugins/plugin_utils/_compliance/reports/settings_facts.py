# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The facts about schedule, retention and unusual activity, for the reports."""

from __future__ import annotations

from typing import Any, Callable

from ..model import check, periods, wording
from ..model.policy import Policy, Scope
from ..model.settings import Kept, Retention, Schedule
from .fact_types import Activity, Setting

_UNKNOWN = "not known"
_MOST_STARTS = 6

Find = Callable[[str, Scope], tuple[Any, str]]
"""Returns the data of a source at a scope and an empty text, or None and the reason."""


def settings(find: Find, policy: Policy) -> tuple[Setting, ...]:
    """Return a row for each service at each location; empty if no check of settings is enabled."""
    if not {check.SCHEDULE, check.RETENTION} & policy.sources:
        return ()
    return tuple(_setting(find, scope) for scope in policy.scopes())


def activity(find: Find, policy: Policy) -> Activity | None:
    """Return the unusual activity; None if its check is not enabled."""
    if check.ACTIVITY not in policy.sources:
        return None
    return Activity(*find(check.ACTIVITY, Scope("run")))


def _setting(find: Find, scope: Scope) -> Setting:
    schedule, no_schedule = find(check.SCHEDULE, scope)
    retention, no_retention = find(check.RETENTION, scope)
    doubts = dict.fromkeys(filter(None, (no_schedule, no_retention)))
    return Setting(scope.name, *_scheduled(schedule), *_kept(retention), " ".join(doubts))


def _scheduled(schedule: Schedule | None) -> tuple[str, str]:
    """Return the jobs per day and their first starts, as times of day."""
    if schedule is None:
        return _UNKNOWN, _UNKNOWN
    if not schedule.is_listed:
        return "not scheduled", "none"
    starts = [start[11:16] for start in schedule.starts if len(start) >= len("2026-11-24T06:00")]
    return str(schedule.jobs_per_day), wording.listed(starts, _MOST_STARTS) or "not reported"


def _kept(retention: Retention | None) -> tuple[str, str]:
    """Return the shortest retention and all of them, the shortest first."""
    if retention is None:
        return _UNKNOWN, _UNKNOWN
    lengths: dict[str, list[str]] = {}
    for one in sorted(retention.kept, key=lambda kept: kept.length):
        lengths.setdefault(_length(one), []).append(one.what)
    everything = "; ".join(f"{length}: {wording.listed(what, 6)}" for length, what in lengths.items())
    return _length(retention.shortest), everything


def _length(kept: Kept) -> str:
    return "without an end" if kept.days is None else periods.words(kept.days)
