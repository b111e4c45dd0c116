# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The subscription: the values that the server sends, and the values derived from them."""

from __future__ import annotations

from typing import Any

from . import _names, _subscription, _time
from ._api import fields, generations
from ._api.generations import Generation
from ._api.records import License
from ._http.client import Client

# Read by magnitude (api.md): each range covers the years 1973 to 5138.
_SECONDS = range(10**8, 10**11)
_MILLISECONDS = range(10**11, 10**14)
_NONE_SECONDS = (-62_135_596_800, range(253_402_214_400, 253_402_300_800))
"""0001-01-01 and 9999-12-31, the dates that mean "none", as Unix seconds."""


def read(client: Client, api: Generation, now: int, location: str | None = None) -> dict[str, Any]:
    """Read the subscription and return it as in a result.

    :param now: ticks.
    :param location: None for all locations.
    :raises errors.Error: also arguments, if the generation has no locations.
    """
    generations.require(not location or api.HAS_LOCATION, "location")
    asked = {"location": location} if location else {}
    sent = client.get(api.LICENSE_PATH, asked, _names.LICENSE_SCOPE, api.decode_license)
    return described(sent, now)


def described(sent: License, now: int) -> dict[str, Any]:
    """Return the five values as sent (None = absent), and the derived values (None = input missing or not purchased).

    Sizes in GB, percentages rounded to two digits for display.
    """
    since, raw = out_of_policy_time(sent.out_of_policy)
    seats = _measure(sent.purchased_user_seats, sent.assigned_user_seats, sent.purchased_storage_size)
    storage = _measure(sent.purchased_storage_size, sent.protected_size, sent.purchased_user_seats)
    return {
        "out_of_policy_time": None if since is None else _time.to_iso(since),
        "out_of_policy_raw": raw,
        # A time in an unknown unit counts as past, so that it does not pass.
        "out_of_policy": None
        if sent.out_of_policy is None
        else raw is not None or (since is not None and since <= now),
        "purchased_user_seats": sent.purchased_user_seats,
        "assigned_user_seats": sent.assigned_user_seats,
        "purchased_storage_size": sent.purchased_storage_size,
        "protected_size": sent.protected_size,
        "seats_available": seats["available"],
        "seats_exceeded": seats["exceeded"],
        "seats_used_percent": seats["used_percent"],
        "storage_available": storage["available"],
        "storage_exceeded": storage["exceeded"],
        "storage_used_percent": storage["used_percent"],
        "subscription": _subscription.kind(sent.purchased_user_seats, sent.purchased_storage_size),
    }


def out_of_policy_time(value: int | str | None) -> tuple[int | None, int | str | None]:
    """Return OutOfPolicyTime in ticks, and the value as sent if its unit is unknown; 0 and the like are None."""
    if value is None:
        return None, None
    ticks = _ticks_of(value)
    if ticks is None:
        return None, value
    return (None, None) if _time.is_none(ticks) else (ticks, None)


def _ticks_of(value: int | str) -> int | None:
    """Return the instant of a number, by its magnitude, or of an ISO 8601 text, in ticks; None if it is not a time."""
    if isinstance(value, str):
        return _ticks_of(int(value)) if fields.INTEGER_TEXT.fullmatch(value) else _ticks_of_text(value)
    if _is_none_in_unix(value) or value == 0:
        return 0
    if value in _SECONDS:
        return _time.EPOCH + value * _time.TICKS_PER_SECOND
    if value in _MILLISECONDS:
        return _time.EPOCH + value * _time.TICKS_PER_MILLISECOND
    return value if _time.is_plausible(value) else None


def _ticks_of_text(text: str) -> int | None:
    if not text.strip():
        # No time, like 0
        return 0
    try:
        ticks = _time.from_iso(text)
    except ValueError:
        return None
    return ticks if _time.is_plausible(ticks) or _time.is_none(ticks) else None


def _is_none_in_unix(value: int) -> bool:
    least, latest = _NONE_SECONDS
    return value in (least, least * 1000) or value in latest or value // 1000 in latest


def _measure(purchased: int | None, used: int | None, other_purchased: int | None) -> dict[str, Any]:
    """Return the derived values of one measure; null if it was not sold or a value is missing."""
    standing = _subscription.standing(purchased, other_purchased)
    if purchased is None or used is None or standing not in (_subscription.SOLD, _subscription.NOTHING_SOLD):
        return {"available": None, "exceeded": None, "used_percent": None}
    return {
        "available": purchased - used,
        "exceeded": used > purchased,
        "used_percent": round(100 * used / purchased, 2) if purchased else None,
    }
