# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Instants: .NET ticks for reading the API, Unix seconds for the evaluation, ISO 8601 text in results.

A tick is 100 ns since 0001-01-01T00:00:00Z, the unit of the v1 API (api.md). Ticks stay integers: a float would lose
the last digits. No function reads the clock; "now" is always a parameter.
"""

from __future__ import annotations

import datetime
import email.utils
import re

TICKS_PER_SECOND = 10_000_000
TICKS_PER_MILLISECOND = 10_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
EPOCH = 621_355_968_000_000_000
"""1970-01-01T00:00:00Z."""
END = 3_155_378_976_000_000_000
"""10000-01-01T00:00:00Z, the first tick after the last possible date."""

LAST_DAY = END - TICKS_PER_DAY
"""9999-12-31T00:00:00Z."""

DAY = 86_400
"""Seconds."""
CLOCK_TOLERANCE = 300
"""Maximum clock offset in seconds for ages to be reliable."""

_EARLIEST_NOW = 631_152_000
_LATEST_NOW = 253_086_768_000
"""1990-01-01 and 9990-01-01."""

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
# Compiled at first use and cached by re: most runs need one of them, and some none.
_AGE = r"([0-9]{1,9})\s*([smhdw])"
_ISO = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,12}))?)?"
    r"\s?(?P<zone>[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_YEAR_ONE = datetime.datetime(1, 1, 1)


def is_none(ticks: int) -> bool:
    """Return whether an instant means "no time": 0 (0001-01-01), or any time on 9999-12-31 (api.md).

    Of 0001-01-01 only tick 0 counts, since Unix seconds that are read as ticks are also on that day.
    """
    return ticks == 0 or LAST_DAY <= ticks < END


def is_plausible(ticks: int) -> bool:
    """Return whether an instant is in the years 1970 to 9999."""
    return EPOCH <= ticks < END


def from_unix(seconds: float) -> int:
    """Return the instant of a Unix time (the machine's clock), to the microsecond."""
    return EPOCH + round(seconds * 1_000_000) * 10


def to_iso(ticks: int) -> str:
    """Return YYYY-MM-DDTHH:MM:SSZ, truncated to the second, so that texts sort like the times."""
    moment = _YEAR_ONE + datetime.timedelta(seconds=ticks // TICKS_PER_SECOND)
    return moment.isoformat() + "Z"


def from_iso(text: str) -> int:
    """Return the instant of an ISO 8601 date or date and time; without an offset it is UTC.

    :raises ValueError: if the text is invalid.
    """
    match = re.fullmatch(_ISO, text.strip(), re.ASCII)
    if match is None:
        raise ValueError("not an ISO 8601 date or time")
    days = datetime.date(int(match["year"]), int(match["month"]), int(match["day"])).toordinal() - 1
    clock = datetime.time(int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
    ticks = (days * 86_400 + clock.hour * 3_600 + clock.minute * 60 + clock.second) * TICKS_PER_SECOND
    ticks += int((match["fraction"] or "0").ljust(7, "0")[:7])
    return ticks - _offset_seconds(match["zone"]) * TICKS_PER_SECOND


def _offset_seconds(zone: str | None) -> int:
    if zone is None or zone in ("Z", "z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError("not a UTC offset")
    return (hours * 3_600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def from_http_date(text: str) -> int | None:
    """Return the Unix time of a date in an HTTP header; None if it is invalid or not in the years 1970 to 9999."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    seconds = int(moment.timestamp())
    return seconds if is_plausible(from_unix(seconds)) else None


def unix_from_iso(text: str) -> int:
    """Return the Unix time of an ISO 8601 date or time, truncated to the second.

    :raises ValueError: if the text is invalid.
    """
    return (from_iso(text) - EPOCH) // TICKS_PER_SECOND


def unix_to_iso(seconds: int) -> str:
    """Return YYYY-MM-DDTHH:MM:SSZ; an instant outside of the years 1 to 9999 is limited to them."""
    return to_iso(min(max(EPOCH + seconds * TICKS_PER_SECOND, 0), END - 1))


def unix_to_date(seconds: int) -> str:
    """Return the day of an instant in UTC, as YYYY-MM-DD, which sorts and compares like the days."""
    return unix_to_iso(seconds)[:10]


def read_now(value: object) -> int:
    """Return the Unix time of "now", from 1990 to 9990, so that every window around it has valid dates.

    :raises ValueError: for anything else.
    """
    if not isinstance(value, str):
        raise ValueError("not a text")
    now = unix_from_iso(value)
    if not _EARLIEST_NOW <= now <= _LATEST_NOW:
        raise ValueError("not within the years 1990 to 9990")
    return now


def is_date(text: str) -> bool:
    """Return whether a text is a date without a time."""
    match = re.fullmatch(_ISO, text.strip(), re.ASCII)
    return match is not None and match["hour"] is None


def parse_option(text: str, now: int, *, end_of_day: bool = False) -> int:
    """Return the instant of user input: ISO 8601, a date, or an age such as C(36h) or C(7d) (that long before now).

    :param end_of_day: a date means its last tick instead of its first.
    :raises ValueError: with the problem; the caller adds the name of the option.
    """
    age = re.fullmatch(_AGE, text.strip(), re.ASCII)
    if age is not None:
        ticks = now - int(age[1]) * _UNITS[age[2]] * TICKS_PER_SECOND
    else:
        try:
            ticks = from_iso(text)
        except ValueError as error:
            raise ValueError(
                f"{text!r} is not a time. Use ISO 8601 (2026-01-31T06:00:00Z), a date (2026-01-31) "
                "or an age (36h, 7d, 2w)"
            ) from error
        if end_of_day and is_date(text):
            ticks += TICKS_PER_DAY - 1
    if not is_plausible(ticks):
        raise ValueError(f"{text!r} is not a time in the years 1970 to 9999")
    return ticks
