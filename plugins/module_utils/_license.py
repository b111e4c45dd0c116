# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The subscription: the server's figures, and what follows from them."""

from __future__ import annotations

from typing import Any

from . import _time
from ._api import records, values
from ._api.generations import Generation
from ._http import client as _client

# Unix seconds and milliseconds are told from ticks by magnitude (api.md): each range covers the years 1973 to 5138.
_SECONDS = range(10**8, 10**11)
_MILLISECONDS = range(10**11, 10**14)
_NONE_SECONDS = (-62_135_596_800, range(253_402_214_400, 253_402_300_800))
"""0001-01-01 and 9999-12-31, the dates that stand for none, as Unix seconds."""


def read(client: _client.Client, api: Generation, now: int) -> dict[str, Any]:
    """Ask for the subscription and return it as a result shows it.

    :param now: ticks.
    """
    told = client.get(api.LICENSE_PATH, {}, api.LICENSE_SCOPE, api.decode_license)
    return described(told, now)


def described(told: records.License, now: int) -> dict[str, Any]:
    """The five figures as sent (None = absent) and the derived ones (None = an input is missing or not bought).

    Sizes in GB, percents rounded to two digits for show.
    """
    since, raw = out_of_policy_time(told.out_of_policy)
    seats = _measure(told.purchased_user_seats, told.assigned_user_seats, told.purchased_storage_size)
    storage = _measure(told.purchased_storage_size, told.protected_size, told.purchased_user_seats)
    return {
        "out_of_policy_time": None if since is None else _time.to_iso(since),
        "out_of_policy_raw": raw,
        # A time that is set in a unit nobody can read is taken for past: what cannot be told is not in order.
        "out_of_policy": None
        if told.out_of_policy is None
        else raw is not None or (since is not None and since <= now),
        "purchased_user_seats": told.purchased_user_seats,
        "assigned_user_seats": told.assigned_user_seats,
        "purchased_storage_size": told.purchased_storage_size,
        "protected_size": told.protected_size,
        "seats_available": seats["available"],
        "seats_exceeded": seats["exceeded"],
        "seats_used_percent": seats["used_percent"],
        "storage_available": storage["available"],
        "storage_exceeded": storage["exceeded"],
        "storage_used_percent": storage["used_percent"],
        "subscription": subscription(told.purchased_user_seats, told.purchased_storage_size),
    }


def out_of_policy_time(value: int | str | None) -> tuple[int | None, int | str | None]:
    """OutOfPolicyTime in ticks, and, where its unit cannot be read, the value as sent; 0 and its kin are none."""
    if value is None:
        return None, None
    ticks = _ticks_of(value)
    if ticks is None:
        return None, value
    return (None, None) if _time.is_none(ticks) else (ticks, None)


def _ticks_of(value: int | str) -> int | None:
    """The instant of a number by its magnitude, or of an ISO 8601 text; None where it cannot be told."""
    if isinstance(value, str):
        return _ticks_of(int(value)) if values.INTEGER_TEXT.fullmatch(value) else _ticks_of_text(value)
    if _is_none_in_unix(value) or value == 0:
        return 0
    if value in _SECONDS:
        return _time.EPOCH + value * _time.TICKS_PER_SECOND
    if value in _MILLISECONDS:
        return _time.EPOCH + value * _time.TICKS_PER_MILLISECOND
    return value if _time.is_plausible(value) else None


def _ticks_of_text(text: str) -> int | None:
    try:
        ticks = _time.from_iso(text)
    except ValueError:
        return None
    return ticks if _time.is_plausible(ticks) or _time.is_none(ticks) else None


def _is_none_in_unix(value: int) -> bool:
    least, latest = _NONE_SECONDS
    return value in (least, least * 1000) or value in latest or value // 1000 in latest


def _measure(purchased: int | None, used: int | None, other_purchased: int | None) -> dict[str, Any]:
    """What is left of one measure. 0 purchased means "not sold by this measure" where the other one was bought."""
    unknown = {"available": None, "exceeded": None, "used_percent": None}
    if purchased is None or used is None:
        return unknown
    # Neither bought: then whatever is used is too much. Not known whether the other was: nothing follows.
    if purchased == 0 and other_purchased != 0:
        return unknown
    return {
        "available": purchased - used,
        "exceeded": used > purchased,
        "used_percent": round(100 * used / purchased, 2) if purchased else None,
    }


def subscription(seats: int | None, storage: int | None) -> str | None:
    """How the subscription is measured; None where a purchased figure is missing."""
    if seats is None or storage is None:
        return None
    return {(True, True): "both", (True, False): "per_user", (False, True): "per_capacity"}.get(
        (seats > 0, storage > 0), "none"
    )
