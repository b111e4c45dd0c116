# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explicit jobs: the option ``rows``, a dictionary for each job."""

from __future__ import annotations

import datetime
import decimal
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Callable

from . import facts, values
from .series import Job

ROW_KEYS = {
    "id": "the job id; by default ROW and its number",
    "job_type": f"{', '.join(facts.JOB_TYPES)}, or its number; by default backup",
    "object_type": f"the service: {', '.join(facts.OBJECT_TYPES)}, or its number; required, or object_types",
    "object_types": "a list of services, under each of which the job is listed; an empty list: only under All",
    "state": 'any text; names of the API in the spelling of state_names, others unchanged; by default "Finished"',
    "start": 'ISO 8601 to the tick, or an age before now such as "3h", "-10m" (in 10 minutes), 90 (seconds); or null',
    "finish": "the same",
    "location": "by default the first of locations",
    "total": "objects; null, the default, leaves the field out",
    "failed": "the same",
    "successful": "the same",
    "skipped": "the same",
    "errors": "the number of jobErrors, by default 0",
}
"""The keys of a row. Only the service is required; null is the default."""


@dataclass(frozen=True)
class Row:
    """An explicit job, and the values that filters compare.

    :ivar rank: orders the rows: the start, and for a job that has not started the latest time.
    """

    job: Job
    job_type: int
    object_types: tuple[int, ...]
    location: str
    rank: int


def read_rows(given: Any, now: int, location: str) -> tuple[Row, ...]:
    """Return the explicit jobs, the oldest first; those that have not started are last.

    :param now: in ticks. :param location: for rows without a location.
    :raises Mistake: with the index and the key of the invalid value.
    """
    time = values.Kind(_TIME_FORMS, lambda value: _ticks(value, now))
    rows = [_read_row(number, row, time, location) for number, row in enumerate(_LIST.read("rows", given))]
    return tuple(sorted(rows, key=attrgetter("rank")))


def _read_row(number: int, given: Mapping[str, Any], time: values.Kind, location: str) -> Row:
    place = f"rows[{number}]"
    if not given.keys() <= ROW_KEYS.keys():
        for key in given:
            values.one_of(*ROW_KEYS).read(f"key of {place}", key)

    def read(key: str, kind: values.Kind, default: Any = None) -> Any:
        value = given.get(key)
        return default if value is None else kind.read(f"{place}.{key}", value)

    service, services = read("object_type", _OBJECT_TYPE), read("object_types", _OBJECT_TYPES)
    if (service is None) == (services is None):
        raise values.Mistake(f"invalid {place}: expected either object_type or object_types, got {dict(given)!r}")
    state, state_text = read("state", _STATE, (facts.FINISHED, None))
    start = read("start", time)
    job = Job(
        id=read("id", _ID, f"ROW{number + 1:08d}"),
        state=state,
        start=start,
        finish=read("finish", time),
        total=read("total", _COUNT),
        failed=read("failed", _COUNT),
        successful=read("successful", _COUNT),
        skipped=read("skipped", _COUNT),
        state_text=state_text,
        errors=_texts(read("errors", _ERRORS, 0)),
    )
    return Row(
        job=job,
        job_type=read("job_type", _JOB_TYPE, facts.JOB_TYPES["backup"]),
        object_types=(service,) if services is None else services,
        location=read("location", _LOCATION, location),
        rank=facts.MAXIMUM_DATE if start is None else start,
    )


@functools.lru_cache(maxsize=100)
def _texts(errors: int) -> tuple[str, ...]:
    return tuple(f"Object {number} is locked for editing." for number in range(1, errors + 1))


# --- Kinds of values --------------------------------------------------------------------------------------------------

_TIME_FORMS = (
    "an ISO 8601 time with at most 7 digits after the seconds, seconds before now, or an age such as 3h (ms, s, m, h,"
    " d, w; negative: after now)"
)
_AGE = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,9})?)\s*(ms|[smhdw]?)", re.ASCII)
_TICKS = {"ms": 10_000, "": facts.SECOND, "s": facts.SECOND, "m": facts.MINUTE, "h": facts.HOUR, "d": facts.DAY}
_TICKS["w"] = 7 * facts.DAY
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,7}))?)?)?"
    r"(?:[Zz]|([+-][0-9]{2}):?([0-5][0-9]))?",
    re.ASCII,
)


def _ticks(value: Any, now: int) -> int:
    if isinstance(value, datetime.datetime):
        ticks = facts.to_ticks(value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc))
    elif isinstance(value, bool):
        raise ValueError
    else:
        text = str(value).strip()
        age = _AGE.fullmatch(text)
        ticks = now - int(decimal.Decimal(age[1]) * _TICKS[age[2]]) if age else _ticks_of_iso(text)
    if not 0 < ticks < facts.MAXIMUM_DATE:
        raise ValueError
    return ticks


def _ticks_of_iso(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError
    day, hour, minute, second, fraction, zone_hours, zone_minutes = match.groups()
    ticks = _midnight(day)
    if hour:
        ticks += int(hour) * facts.HOUR + int(minute) * facts.MINUTE + int(second or 0) * facts.SECOND
    if fraction:
        ticks += int(fraction.ljust(7, "0"))
    if zone_hours:
        ticks -= int(zone_hours) * facts.HOUR + int(zone_hours[0] + zone_minutes) * facts.MINUTE
    return ticks


@functools.lru_cache(maxsize=1000)
def _midnight(day: str) -> int:
    return (datetime.date.fromisoformat(day).toordinal() - 1) * facts.DAY


def _number_of(names: Mapping[str, int]) -> Callable[[Any], int]:
    numbers: dict[Any, int] = {**names, **{form(number): number for number in names.values() for form in (int, str)}}

    def convert(value: Any) -> int:
        number = None if isinstance(value, (bool, float)) else numbers.get(value)
        if number is None:
            raise ValueError
        return number

    return convert


def _services(value: Any) -> tuple[int, ...]:
    given = re.split(r"[,+\s]+", value) if isinstance(value, str) else list(value)
    return tuple(dict.fromkeys(map(_OBJECT_TYPE.convert, filter(None, given))))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


_NUMBERS = {_letters(name): number for names in facts.STATE_NAMES.values() for number, name in names.items()}
_NAMES = {name: (number, None) for names in facts.STATE_NAMES.values() for number, name in names.items()}


def _state(value: Any) -> tuple[int, str | None]:
    """Return the number of a state and the text to send, None for a name of the API."""
    if not isinstance(value, str):
        raise ValueError
    return _NAMES.get(value) or (_NUMBERS.get(_letters(value), facts.UNKNOWN), value)


def _identifier(value: Any) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ValueError
    return str(value)


def _whole(low: int, high: int) -> values.Kind:
    slow = values.whole(low, high)

    def convert(value: Any) -> int:
        # Most values are integers; a tenant may have thousands of rows.
        return value if value.__class__ is int and low <= value <= high else slow.convert(value)

    return values.Kind(slow.expected, convert)


def _list(value: Any) -> list[Mapping[str, Any]]:
    rows = json.loads(value) if isinstance(value, str) and value.strip() else list(value or ())
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError
    return rows


_COUNT = _whole(0, 10**18)
_ERRORS = _whole(0, 100_000)
_ID = values.Kind("a text", _identifier)
_STATE = values.Kind("a text", _state)
_JOB_TYPE = values.Kind(f"one of {', '.join(facts.JOB_TYPES)}, or its number", _number_of(facts.JOB_TYPES))
_OBJECT_TYPE = values.Kind(f"one of {', '.join(facts.OBJECT_TYPES)}, or its number", _number_of(facts.OBJECT_TYPES))
_OBJECT_TYPES = values.Kind(f"a list out of {', '.join(facts.OBJECT_TYPES)}, or their numbers", _services)
_LOCATION = values.one_of(*facts.REGIONS)
_LIST = values.Kind("a list of dictionaries", _list)
