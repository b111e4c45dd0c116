# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Episodes: how long a check was red at a scope, from the run that found it to the run that found it well again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model.waiver import EVERY_SCOPE
from .coverage import Span, hours
from .recorded_run import Run, Scope

RED = ("fail", "error", "waived")
"""A waived failure is one. Every other status ends an episode; a check that a run does not judge continues it."""


@dataclass
class _Open:
    first_seen: int
    last_seen: int
    statuses: list[str] = field(default_factory=list)
    waived_by: list[str] = field(default_factory=list)


def episodes(runs: Iterable[Run], span: Span) -> list[dict[str, Any]]:
    """Return the episodes within a span, by their begin.

    What began before the span is clipped to its start, with the status that the last run before it found.

    :param runs: those that prove something, in their order, from before the span to its limit.
    """
    found: list[dict[str, Any]] = []
    red: dict[Scope, _Open] = {}
    for run in runs:
        at = max(run.time, span.start)
        for key, status in run.statuses.items():
            if status in RED:
                if key not in red or run.time < span.start:
                    red[key] = _Open(at, at)
                _see(red[key], run, key, status, at)
            elif key in red:
                ended = red.pop(key)
                if at > span.start:
                    found.append(_episode(key, ended, at))
    found += [_episode(key, one, None) for key, one in red.items()]
    return sorted(found, key=lambda one: (one["first_seen"], one["check"], one["scope"]))


def _see(one: _Open, run: Run, key: Scope, status: str, at: int) -> None:
    one.last_seen = max(one.last_seen, at)
    if status not in one.statuses:
        one.statuses.append(status)
    if status == "waived":
        for accepted in run.acceptances:
            if accepted.check == key[0] and accepted.scope in (EVERY_SCOPE, key[1]):
                one.waived_by += [accepted.approver] if accepted.approver not in one.waived_by else []


def _episode(key: Scope, one: _Open, ended: int | None) -> dict[str, Any]:
    last = one.last_seen if ended is None else ended
    return {
        "check": key[0],
        "scope": key[1],
        "first_seen": _time.unix_to_iso(one.first_seen),
        "last_seen": _time.unix_to_iso(one.last_seen),
        "ended": None if ended is None else _time.unix_to_iso(ended),
        "hours": hours(max(last - one.first_seen, 0)),
        "statuses": one.statuses,
        "waived_by": one.waived_by,
    }
