# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Counts and times in untrusted plain data: each has its type, or raises Undetermined with its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from ..model import wording
from ..model.outcome import Undetermined

_NO_COUNT = 2**63
"""The API counts in 64 bits; stored evidence may contain anything."""


def figure(record: Mapping[str, Any], name: str) -> int | None:
    """Return a count, or None if the server did not send it (absent is not 0). Raises Undetermined for other values."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _NO_COUNT:
        raise Undetermined(f"The answer's {name} is {wording.found(value)}, which is not a count.")
    return int(value)


def instant(record: Mapping[str, Any], name: str) -> int | None:
    """Return a time in Unix seconds. Raises Undetermined."""
    value = record.get(name)
    if value is None:
        return None
    try:
        return _time.unix_from_iso(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise Undetermined(f"{wording.found(value)} as {name} is not a time.") from error


def seconds(record: Mapping[str, Any], name: str) -> float | None:
    """Return a number of seconds. Raises Undetermined, also for impossible numbers (NaN, 1e308)."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _NO_COUNT:
        raise Undetermined(f"{wording.found(value)} as {name} is not a number of seconds.")
    return value


def part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a dictionary inside a group of jobs. Raises Undetermined."""
    found = raw.get(name)
    if not isinstance(found, Mapping):
        raise Undetermined(f"A group of jobs holds no {name}.")
    return found


def since(raw: Mapping[str, Any]) -> int | None:
    """Return the start of the window of a group of jobs."""
    return instant(part(raw, "query"), "start_time")


def ends(raw: Mapping[str, Any]) -> float:
    """Return the end of the window of a group of jobs; infinity if unbounded."""
    until = instant(part(raw, "query"), "finish_time")
    return math.inf if until is None else until


def count(record: Mapping[str, Any], name: str) -> int:
    """Return a required count. Raises Undetermined."""
    found = figure(record, name)
    if found is None:
        raise Undetermined(f"A group of jobs has no count {name}.")
    return found


def counted_by_server(raw: Mapping[str, Any]) -> int:
    """Return the server's own count of jobs for a group.

    Only such counts are comparable: the rows of a list are filtered by the exact window, but a count is not.
    """
    return max(count(raw, "total_count"), figure(raw, "reported_total_count") or 0)


def overlaps(jobs: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """Return how many jobs two groups share, by their indexes, the lower first. Raises Undetermined."""
    found = {}
    pairs = jobs.get("overlaps")
    for pair in pairs if isinstance(pairs, list) else []:
        places = pair.get("groups") if isinstance(pair, Mapping) else None
        if not isinstance(places, list) or len(places) != 2 or not all(isinstance(place, int) for place in places):
            raise Undetermined("The answer's overlaps are not pairs of groups.")
        found[min(places), max(places)] = count(pair, "shared")
    return found
