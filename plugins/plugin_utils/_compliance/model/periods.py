# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Retention periods of a policy in whole days: ``7y``, ``6mo``, ``30d``."""

from __future__ import annotations

import re

from .kinds import Kind

_YEAR = 365
_UNITS = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_SPELLED = {spelling: unit for unit, word in _UNITS.items() for spelling in (unit, word, f"{word}s")}
_TEXT = re.compile(r"([0-9]{1,6})\s*([a-z]+)", re.ASCII)
_LONGEST = 100 * _YEAR


def parse(text: str) -> int:
    """Return the days of a period: ``365d``, ``52w``, ``12mo`` (12 months are a year of 365 days), ``7y``, ``7 years``.

    :raises ValueError: for anything else, zero and over a hundred years. ``m`` could be minutes or months.
    """
    match = _TEXT.fullmatch(text.strip().lower())
    if not match or match[2] not in _SPELLED:
        raise ValueError("not a period")
    number, unit = int(match[1]), _SPELLED[match[2]]
    days = number * _YEAR // 12 if unit == "mo" else number * {"d": 1, "w": 7, "y": _YEAR}[unit]
    if not 0 < days <= _LONGEST:
        raise ValueError("not a period")
    return days


def text(days: int) -> str:
    """Return the exact text of a period: whole years, or days."""
    return f"{days // _YEAR}y" if days and days % _YEAR == 0 else f"{days}d"


def words(days: int) -> str:
    """Return a period for display: ``7 years``, ``30 days``."""
    number, unit = (days // _YEAR, "year") if days and days % _YEAR == 0 else (days, "day")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _read(value: object) -> int:
    if not isinstance(value, str):
        # 7 without a unit could be days or years
        raise ValueError("no unit")
    return parse(value)


PERIOD = Kind(_read, text, "a period with its unit (d, w, mo or y), such as 30d, 6mo or 7y")
