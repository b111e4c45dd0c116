# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The license over a period: what was used first, last and at most, and how long what was purchased lasts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ansible_collections.cloudbackup.m365.plugins.module_utils import _time

from . import history_line
from .recorded_run import Run

SHORTEST = 30 * _time.DAY
"""Seconds between the first and the last value. A line through a few days would be a guess."""
LONGEST_RUNWAY = 36_500
"""Days. A longer one is no forecast."""

_MEASURES = {
    "seats": ("assigned_user_seats", "purchased_user_seats"),
    "storage": ("protected_size", "purchased_storage_size"),
}


def usage(runs: Sequence[Run]) -> dict[str, dict[str, Any]]:
    """Return the figures of each measure. ``runs`` are those of the period that prove something, in their order."""
    return {name: _measure(runs, *fields) for name, fields in _MEASURES.items()}


def _measure(runs: Sequence[Run], used: str, bought: str) -> dict[str, Any]:
    values = _known(runs, used)
    purchased = [value for _at, value in _known(runs, bought)]
    found = {
        "first": values[0][1] if values else None,
        "last": values[-1][1] if values else None,
        "highest": max((value for _at, value in values), default=None),
        "purchased": purchased[-1] if purchased else None,
    }
    return {**found, "runway_days": _runway(values, found["purchased"])}


def _known(runs: Sequence[Run], name: str) -> list[tuple[int, int | float]]:
    place = history_line.FIGURES.index(name)
    return [(run.time, value) for run in runs for value in [run.figures[place]] if value is not None]


def _runway(values: Sequence[tuple[int, int | float]], purchased: int | float | None) -> int | None:
    """Return the whole days from the last value until a line from the first to the last one reaches what was purchased.

    None where usage does not rise, where the values are of under 30 days, or where nothing was purchased.
    """
    if not values or not purchased:
        return None
    (begin, first), (end, last) = values[0], values[-1]
    if end - begin < SHORTEST or last <= first:
        return None
    rise = (Fraction(last) - Fraction(first)) / (end - begin)
    days = max((Fraction(purchased) - Fraction(last)) / rise / _time.DAY, Fraction(0))
    return int(days) if days <= LONGEST_RUNWAY else None
