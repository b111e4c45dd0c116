# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Unusual activity: the parameters of its request, and its rows as records (api.md)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _time
from . import fields

MOST_ROWS = 100_000
"""One for each service of each tenant."""


class Activity(NamedTuple):
    """The unusual activity of one service; None where the server did not send a figure."""

    tenant_owner: str | None
    tenant_id: str | None
    service_type: int | None
    potential_ransomware_attacks: int | None
    unusual_activities: int | None


def parameters(start: int, finish: int, location: str | None) -> dict[str, Any]:
    """Return the query string; times in ticks, of which the endpoint takes the dates."""
    asked = {"startTime": _time.to_iso(start)[:10], "finishTime": _time.to_iso(finish)[:10]}
    return {**asked, "location": location} if location else asked


def activities(data: Any) -> tuple[Activity, ...]:
    """Return the rows, which are in a ``data`` within the envelope's data.

    The API document swaps the descriptions of the two counts. The names of the fields decide.

    :raises errors.Error: unexpected_answer, naming the field.
    """
    rows = fields.items(fields.fold(data, "data").get("data"), "data.data", MOST_ROWS)
    return tuple(_activity(row, f"data.data[{place}]") for place, row in enumerate(rows))


def _activity(value: Any, field: str) -> Activity:
    folded = fields.fold(value, field)
    return Activity(
        fields.short_text(folded.get("tenantowner"), f"{field}.tenantOwner"),
        fields.short_text(folded.get("tenantid"), f"{field}.tenantId"),
        fields.integer(folded.get("servicetype"), f"{field}.serviceType"),
        fields.count(folded.get("potentialransomwareattackcount"), f"{field}.potentialRansomwareAttackCount"),
        fields.count(folded.get("unusualactivitiescount"), f"{field}.unusualActivitiesCount"),
    )
