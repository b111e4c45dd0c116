# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Detect that the server ignored a filter. Filters of the server are not trusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from .._api.queries import Query
from .._http import errors
from .collected import FILTER_HINT, Collected

_FEWEST_ROWS = 5
"""Minimum jobs for a list to count as a copy of another. Fewer may be jobs that are listed under two services."""


def named(query: Query) -> str:
    """Return the name of a query for messages."""
    kind = f"{query.job_type or 'all'} jobs of {query.object_type or 'all services'}"
    return f"{kind} in {query.location}" if query.location else kind


def check(answers: Sequence[Collected]) -> None:
    """Reject results that contradict each other.

    :raises errors.Error: unexpected_answer.
    """
    shared: dict[str, list[tuple[Collected, Collected, int]]] = {}
    for one, other in itertools.combinations(answers, 2):
        if not len(one.ids) or not len(other.ids):
            continue
        types = (one.query.job_type, other.query.job_type)
        name = _only_difference(one.query, other.query)
        if name is None and (None in types or types[0] == types[1]):
            continue
        both = one.ids.shared(other.ids)
        if name is not None:
            shared.setdefault(name, []).append((one, other, both))
        elif both:
            raise _ignored("JobType", f"{both} jobs were returned both as {types[0]} jobs and as {types[1]} jobs")
    for name, pairs in shared.items():
        _refuse_contained(name, pairs)


def _refuse_contained(name: str, pairs: Sequence[tuple[Collected, Collected, int]]) -> None:
    """Reject a list that contains nine tenths of another list, or of all others together, of any length.

    Not all jobs are compared, since on a busy tenant jobs are added and removed between two requests.
    """
    for one, other, both in pairs:
        fewest = min(len(one.ids), len(other.ids))
        if fewest >= _FEWEST_ROWS and 10 * both >= 9 * fewest:
            raise _ignored(name, f"{named(one.query)} and {named(other.query)} are the same jobs ({both} of {fewest})")
    for answer in {id(one): one for pair in pairs for one in pair[:2]}.values():
        beside = [(one if other is answer else other, both) for one, other, both in pairs if answer in (one, other)]
        rows, both = sum(len(other.ids) for other, _both in beside), sum(both for _other, both in beside)
        if len(beside) > 1 and rows >= _FEWEST_ROWS and 10 * both >= 9 * rows:
            raise _ignored(name, f"{named(answer.query)} have the jobs of all others ({both} of {rows})")


def _ignored(name: str, what: str) -> errors.Error:
    return errors.Error("unexpected_answer", f"{what}: the server ignores {name}", hint=FILTER_HINT)


def overlaps(answers: Sequence[Collected]) -> list[dict[str, Any]]:
    """Return the pairs of results, by index, that share jobs: one job may be listed under two services."""
    pairs = (
        {"groups": [i, j], "shared": one.ids.shared(other.ids)}
        for (i, one), (j, other) in itertools.combinations(enumerate(answers), 2)
        if len(one.ids) and len(other.ids)
    )
    return [pair for pair in pairs if pair["shared"]]


def _only_difference(one: Query, other: Query) -> str | None:
    """Return the only parameter, ObjectType or location, in which two queries differ, if both have it."""
    if (one.job_type, one.states) != (other.job_type, other.states):
        return None
    services, locations = (one.object_type, other.object_type), (one.location, other.location)
    if locations[0] == locations[1] and services[0] != services[1] and None not in services:
        return "ObjectType"
    if services[0] == services[1] and locations[0] != locations[1] and None not in locations:
        return "location"
    return None
