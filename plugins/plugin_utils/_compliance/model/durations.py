# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Durations in user input, such as ``26h``, in whole seconds."""

from __future__ import annotations

import re

from .kinds import Kind

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SPELLED = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "day": "d", "week": "w"}
_TEXT = re.compile(r"([0-9]{1,9})\s*([a-z]+)", re.ASCII)
_LONGEST = 10 * 366 * 86_400
"""Ten years: a longer duration is a typo, and might exceed the range of dates."""

_IN_DAYS = 4 * 86_400
"""From this duration, days are easier to read than hours."""


def parse(text: str) -> int:
    """Parse ``90m``, ``26h``, ``7d``, ``2w``, ``7 days``. Raises ValueError for others, zero and over ten years."""
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
    """Return the exact text of a duration, in hours up to four days: ``7d``, ``48h``, ``90m``, ``45s``."""
    unit = next(unit for unit in ("dhms" if seconds >= _IN_DAYS else "hms") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def words(seconds: int) -> str:
    """Return an age for display: its two largest parts, in days or hours like ``text``, to compare the two.

    Parts of zero are left out: one second over two days is ``48 h 1 s``, not ``48 h 0 min``.
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
        # 48 without a unit could be hours or days
        raise ValueError("no unit")
    return parse(value)


DURATION = Kind(_read, text, "a duration with its unit, such as 90m, 26h, 7d or 2w")
