# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Proofs that the server ignored a filter: no filter is believed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .._api.queries import Query
from .._http import errors
from .collected import FILTER_HINT, Collected
from .ids import Ids


def named(query: Query) -> str:
    """Return the name of a query in messages."""
    kind = f"{query.job_type or 'all'} jobs of {query.object_type or 'all services'}"
    return f"{kind} in {query.location}" if query.location else kind


def check(answers: Sequence[Collected]) -> None:
    """Refuse answers that cannot be right together.

    :raises errors.Error: unexpected_answer.
    """
    for one, other in itertools.combinations(answers, 2):
        if not len(one.ids) or not len(other.ids):
            continue
        types = (one.query.job_type, other.query.job_type)
        if None not in types and types[0] != types[1]:
            shared = one.ids.shared(other.ids)
            if shared:
                raise errors.Error(
                    "unexpected_answer",
                    f"{shared} jobs came as {types[0]} jobs and as {types[1]} jobs: the server ignores JobType",
                    hint=FILTER_HINT,
                )
        if _differ_in_service_alone(one.query, other.query) and _are_the_same(one.ids, other.ids):
            raise errors.Error(
                "unexpected_answer",
                f"{named(one.query)} and {named(other.query)} are the same jobs ({one.ids.shared(other.ids)} of "
                f"{max(len(one.ids), len(other.ids))}): the server ignores ObjectType",
                hint=FILTER_HINT,
            )


def _are_the_same(one: Ids, other: Ids) -> bool:
    """Return whether they share nine tenths: on a busy tenant jobs come and go between two readings of one list."""
    return 10 * one.shared(other) >= 9 * max(len(one), len(other))


def _differ_in_service_alone(one: Query, other: Query) -> bool:
    services = (one.object_type, other.object_type)
    if None in services or services[0] == services[1]:
        return False
    asked = [(q.job_type, q.states, q.start, q.finish, q.location) for q in (one, other)]
    return asked[0] == asked[1]
