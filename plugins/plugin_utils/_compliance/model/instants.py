# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Instants as whole seconds since 1970-01-01T00:00:00Z.

Text enters as ISO 8601 and leaves as YYYY-MM-DDTHH:MM:SSZ. A clock is never read: "now" is always handed in.
"""

from __future__ import annotations

import calendar
import datetime
import re

DAY = 86_400
CLOCK_TOLERANCE = 300
"""Seconds that a clock may be off before ages mean nothing."""

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"\s?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?)?",
    re.ASCII,
)
_EPOCH = datetime.datetime(1970, 1, 1)
_FIRST = calendar.timegm((1, 1, 1, 0, 0, 0))
_LAST = calendar.timegm((9999, 12, 31, 23, 59, 59))


def parse(text: str) -> int:
    """The instant of an ISO 8601 text; without a zone it is UTC, without a time the day's first second.

    Fractions of a second are cut off. Raises ValueError for anything else.
    """
    match = _ISO.fullmatch(text.strip())
    if not match:
        raise ValueError("not an ISO 8601 time")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    moment = datetime.datetime(year, month, day, hour, minute, second)
    offset = int(match[8] or 0) * 3_600 + int(match[9] or 0) * 60
    return calendar.timegm(moment.timetuple()) - (-offset if match[7] == "-" else offset)


def iso(instant: int) -> str:
    """YYYY-MM-DDTHH:MM:SSZ; what lies beyond the years 1 to 9999 is shown as their end."""
    return (_EPOCH + datetime.timedelta(seconds=min(max(instant, _FIRST), _LAST))).isoformat() + "Z"


def date(instant: int) -> str:
    """The day of an instant in UTC, YYYY-MM-DD: as text it sorts and compares as the days do."""
    return iso(instant)[:10]
