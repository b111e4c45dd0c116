# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Unusual activity that the service detected, such as potential ransomware attacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import _names, _time
from ._api import activity_rows, generations, queries, service_types
from ._api.generations import Generation
from ._http import errors
from ._http.client import Client

_COUNTS = ("potential_ransomware_attacks", "unusual_activities")


def read(client: Client, api: Generation, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Read the unusual activity of a window and return ``activity``, ``summary`` and ``query`` (the days read).

    :param options: start_time, finish_time and location.
    :param now: ticks.
    :raises errors.Error: also arguments, before anything is sent.
    """
    path = generations.require(api.UNUSUAL_ACTIVITY_PATH, "cloudbackup_unusual_activity_info")
    start, finish = days(options, now)
    location = options.get("location") or None
    sent = client.get(
        path,
        activity_rows.parameters(start, finish, location),
        _names.UNUSUAL_ACTIVITY_SCOPE,
        lambda payload: activity_rows.activities(api.content(payload)),
    )
    activity = [_described(one) for one in sent]
    return {
        "activity": activity,
        "summary": {name: _sum(one[name] for one in activity) for name in _COUNTS},
        "query": {"start_time": _time.to_iso(start), "finish_time": _time.to_iso(finish), "location": location},
    }


def days(options: Mapping[str, Any], now: int) -> tuple[int, int]:
    """Return the first and the last tick of the days of a window, since the endpoint takes dates."""
    finish_time = (options.get("finish_time") or "").strip()
    start, finish = queries.window({**options, "finish_time": finish_time or "0s"}, now)
    if start is None or finish is None:
        raise errors.Error("arguments", "start_time is required, but empty")
    day = _time.TICKS_PER_DAY
    return start - start % day, finish - finish % day + day - 1


def _described(sent: activity_rows.Activity) -> dict[str, Any]:
    return {
        "tenant_owner": sent.tenant_owner,
        "tenant_id": sent.tenant_id,
        **service_types.described(sent.service_type),
        "potential_ransomware_attacks": sent.potential_ransomware_attacks,
        "unusual_activities": sent.unusual_activities,
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum; None if a count is missing, which does not mean 0."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total
