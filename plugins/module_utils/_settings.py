# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""The settings of the service: the backup schedule and the retention."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Callable, TypeVar

from . import _names, _time
from ._api import fields, generations, service_types, settings_rows
from ._api.generations import Generation
from ._http import errors
from ._http.client import Client
from ._http.pool import Pool

_Content = TypeVar("_Content")

_UNLIMITED = "Unlimited"
_PERIOD = re.compile(r"([0-9]{1,19}) (day|week|month|year)s?", re.ASCII)
_DAYS: dict[str, Callable[[int], int]] = {
    "day": lambda number: number,
    "week": lambda number: number * 7,
    "month": lambda number: number * 365 // 12,
    "year": lambda number: number * 365,
}


def read(client: Client, api: Generation, locations: Iterable[str]) -> dict[str, Any]:
    """Read schedule and retention and return ``frequency``, ``retention`` and ``pages``.

    :param locations: each is requested once. If empty, one request without a location is sent, and the service returns
        the settings of its central location.
    :raises errors.Error: also arguments, if the generation has no such endpoints.
    """
    frequency_path, retention_path = (
        generations.require(path, "cloudbackup_settings_info") for path in (api.FREQUENCY_PATH, api.RETENTION_PATH)
    )
    places: list[str | None] = [*dict.fromkeys(locations)] or [None]
    pool = Pool(client.connection.concurrency)

    def ask(path: str, location: str | None, decode: Callable[[Any], _Content]) -> Future[_Content]:
        asked = {"location": location} if location else {}
        return pool.submit(
            functools.partial(
                client.get, path, asked, _names.SETTINGS_SCOPE, lambda payload: decode(api.content(payload))
            )
        )

    try:
        schedules = [(place, ask(frequency_path, place, settings_rows.schedules)) for place in places]
        policies = [(place, ask(retention_path, place, settings_rows.policy)) for place in places]
        return {
            "frequency": [_frequency(place, _answer(place, asked)) for place, asked in schedules],
            "retention": [_retention(place, _answer(place, asked)) for place, asked in policies],
            "pages": len(schedules) + len(policies),
        }
    except errors.Error:
        client.stop()
        raise
    finally:
        pool.close()


def _answer(location: str | None, asked: Future[_Content]) -> _Content:
    try:
        return asked.result()
    except errors.Error as error:
        # A rejected token or a failed connection does not depend on the location
        is_about_location = location and error.failure.kind in ("unexpected_answer", "incomplete", "rejected")
        raise (error.prefixed(f"location {location}: ") if is_about_location else error) from None


def _frequency(location: str | None, schedules: tuple[settings_rows.Schedule, ...]) -> dict[str, Any]:
    return {
        "location": location,
        "services": [
            {
                **service_types.described(one.service_type),
                "jobs_per_day": one.jobs_per_day,
                "start_times": None if one.start_times is None else [_time.to_iso(start) for start in one.start_times],
            }
            for one in schedules
        ],
    }


def _retention(location: str | None, policy: settings_rows.Policy) -> dict[str, Any]:
    return {
        "location": location,
        "daily_retention_enabled": policy.is_daily,
        "customized": policy.is_customized,
        "default": period(policy.period),
        "services": None if policy.services is None else [_service(one) for one in policy.services],
    }


def _service(policy: settings_rows.ServicePolicy) -> dict[str, Any]:
    containers = policy.containers
    return {
        **service_types.described(policy.service_type),
        "retention": period(policy.period),
        "unassigned": period(policy.unassigned),
        "containers": None
        if containers is None
        else [{"id": one.id, "name": one.name, "retention": period(one.period)} for one in containers],
    }


def period(text: str | None) -> dict[str, Any]:
    """Return a period as in a result: as sent, in days, and whether it is unlimited.

    The API does not document the format (api.md). Accepted are C(Unlimited), or a whole number, a blank and day(s),
    week(s), month(s) (a twelfth of 365 days, in whole days) or year(s) (365 days). Any other text has no days and does
    not pass a check.
    """
    match = _PERIOD.fullmatch(text or "")
    days = None if match is None else _DAYS[match[2]](int(match[1]))
    if days is not None and days >= fields.LONG_END:
        days = None
    return {"text": text, "days": days, "unlimited": text == _UNLIMITED}
