# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Durations as people write them, in whole seconds."""

from __future__ import annotations

import re

from .kinds import Kind

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SPELLED = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "day": "d", "week": "w"}
_TEXT = re.compile(r"([0-9]{1,9})\s*([a-z]+)", re.ASCII)
_LONGEST = 10 * 366 * 86_400
"""Ten years: a longer look-back is a slip of the pen, and dates run out before 9 digits of weeks do."""

_IN_DAYS = 4 * 86_400
"""From here on days are easier to read than hours."""


def parse(text: str) -> int:
    """``90m``, ``26h``, ``7d``, ``2w``, ``7 days``. Raises ValueError for anything else, zero and over ten years."""
    match = _TEXT.fullmatch(text.strip().lower())
    if not match:
        raise ValueError("not a duration")
    word = match[2]
    unit = word if word in _SECONDS else _SPELLED.get(word[:-1] if word.endswith("s") else word, "")
    seconds = int(match[1]) * _SECONDS.get(unit, 0)
    if not 0 < seconds <= _LONGEST:
        raise ValueError("not a duration")
    return seconds


def text(seconds: int) -> str:
    """An exact way to write it, in hours up to four days: ``7d``, ``48h``, ``90m``, ``45s``."""
    unit = next(unit for unit in ("dhms" if seconds >= _IN_DAYS else "hms") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def words(seconds: int) -> str:
    """An age for people: its two largest parts, in days and hours as ``text`` has them, so that the two compare.

    Parts of zero are left out: one second over two days reads ``48 h 1 s`` and not ``48 h 0 min``.
    """
    units = [("h", 3_600), ("min", 60), ("s", 1)]
    if seconds >= _IN_DAYS:
        units.insert(0, ("d", 86_400))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def _read(value: object) -> int:
    if not isinstance(value, str):
        # A bare 48 could be hours or days
        raise ValueError("no unit")
    return parse(value)


DURATION = Kind(_read, text, "a duration with its unit, such as 90m, 26h, 7d or 2w")
