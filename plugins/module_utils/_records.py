# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What both API generations decode into (plain tuples: there may be millions), and the reading of values that neither
may get wrong.

The server is not trusted: every reader here returns a value of its type, None where the field is absent or null
(absent is not 0), or raises an C(unexpected_answer) that names the field.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Callable, NamedTuple

from . import _errors, _time

JOB_TYPES = {"backup": 1, "restore": 2, "export": 3, "delete": 4, "retention": 5}
OBJECT_TYPES = {
    "exchange_online": 1,
    "sharepoint_online": 2,
    "onedrive": 3,
    "microsoft_365_groups": 4,
    "project_online": 5,
    "public_folder": 6,
    "teams": 7,
    "viva_engage": 8,
    "teams_chat": 9,
    "power_bi": 10,
    "power_automate": 11,
    "power_apps": 12,
}
STATES = {
    "in_progress": 1,
    "finished": 2,
    "failed": 3,
    "finished_with_exception": 4,
    "partially_finished": 5,
}
"""Readable names and their wire values (api-v1.md); 0 asks for all."""
UNKNOWN_STATE = "unknown"

_STATE_LETTERS = {
    "inprogress": "in_progress",
    "finished": "finished",
    "failed": "failed",
    "finishedwithexception": "finished_with_exception",
    "finishedexception": "finished_with_exception",
    "partiallyfinished": "partially_finished",
}
_DETAIL_NAMES = {
    suffix: tuple(name + suffix for name in ("total", "failed", "successful", "skipped"))
    for suffix in ("count", "number")
}
_INTEGER_TEXT = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_LEAST_LONG = -(2**63)


class Details(NamedTuple):
    """Objects of a job; None where the server did not say."""

    total_count: int | None = None
    failed_count: int | None = None
    successful_count: int | None = None
    skipped_count: int | None = None


class JobError(NamedTuple):
    """One kind of error of a job: its text, a link that explains it, how often it came."""

    message: str | None
    code_url: str | None
    times: int | None


class Job(NamedTuple):
    """A job as the API tells it; times in ticks. It names neither its job type nor its object type (api.md)."""

    id: str
    state: str
    state_text: str | None
    start: int | None
    finish: int | None
    details: Details
    errors: tuple[JobError, ...]


class Page(NamedTuple):
    """One page of a job list. ``next_link`` is None on the last page; it is never fetched."""

    total_count: int | None
    jobs: tuple[Job, ...]
    next_link: str | None


class License(NamedTuple):
    """The subscription as the server sent it. Sizes in GB; ``out_of_policy`` in whatever unit the server used."""

    out_of_policy: int | str | None
    purchased_user_seats: int | None
    assigned_user_seats: int | None
    purchased_storage_size: int | None
    protected_size: int | None


def wrong(field: str, expected: str, value: Any) -> _errors.Error:
    """The error for a value that is not what the API's document says."""
    try:
        shown = repr(value)[: _errors.QUOTE_LIMIT]
    except RecursionError:
        shown = "something deeply nested"
    return _errors.Error("unexpected_answer", f"{field} should be {expected}, the server sent {shown}")


def fold(value: Any, field: str) -> dict[str, Any]:
    """A JSON object with its keys in lower case: the published documents disagree on the case (api.md)."""
    if not isinstance(value, dict):
        raise wrong(field, "an object", value)
    names = _lower(tuple(value))
    if names is None:
        raise _errors.Error("unexpected_answer", f"{field} names a field twice: {_shown_keys(value)}")
    return dict(zip(names, value.values()))


@functools.lru_cache(maxsize=64)
def _lower(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The keys in lower case, None where two are the same then. Remembered: every job of a list has the same keys."""
    names = tuple(key.lower() for key in keys)
    return names if len(set(names)) == len(names) else None


def items(value: Any, field: str) -> list[Any]:
    """A JSON list; a missing one is not an empty one."""
    if not isinstance(value, list):
        raise wrong(field, "a list", value)
    return value


def text(value: Any, field: str) -> str | None:
    """A text or None."""
    if value is None or isinstance(value, str):
        return value
    raise wrong(field, "a text", value)


def integer(value: Any, field: str) -> int | None:
    """An integer, also one written as text (a sibling API turned its counts into strings, api.md); or None."""
    # A bool is an int to Python, not to an API.
    if isinstance(value, int) and value is not True and value is not False and _LEAST_LONG <= value < -_LEAST_LONG:
        return value
    if value is None:
        return None
    if isinstance(value, str) and _INTEGER_TEXT.fullmatch(value):
        return integer(int(value), field)
    raise wrong(field, "a 64-bit integer", value)


def count(value: Any, field: str) -> int | None:
    """An integer of 0 or more, or None."""
    number = integer(value, field)
    if number is None or number >= 0:
        return number
    raise wrong(field, "a count of 0 or more", value)


def instant(ticks: int | None, field: str, value: Any) -> int | None:
    """A time within the years 1970 to 9999, or None; the minimum and maximum dates are none (api.md)."""
    if ticks is None or _time.is_none(ticks):
        return None
    if _time.EPOCH <= ticks < _time.END:
        return ticks
    raise wrong(field, "a time in the years 1970 to 9999", value)


def state(value: Any, field: str) -> tuple[str, str | None]:
    """The state and, where it is unknown, what the server said.

    Matched on letters alone, since the documents write one state in several ways (api.md). Letters of any script
    count: dropping one could turn an unknown word into a known state.
    """
    said = text(value, field)
    known = _known_state(said or "")
    return (known, None) if known is not None else (UNKNOWN_STATE, said)


@functools.lru_cache(maxsize=64)
def _known_state(said: str) -> str | None:
    return _STATE_LETTERS.get("".join(character for character in said.lower() if character.isalpha()))


def details(value: Any, field: str, suffix: str = "count") -> Details:
    """BackupDetails: an object, an integer (a total) or nothing, since table and example disagree (api.md).

    :param suffix: C(count) or C(number), the end of the four names.
    """
    if value is None:
        return Details()
    if not isinstance(value, dict):
        return Details(total_count=count(value, field))
    folded = fold(value, field)
    get = folded.get
    total, failed, successful, skipped = _DETAIL_NAMES[suffix]
    return Details(
        count(get(total), total),
        count(get(failed), failed),
        count(get(successful), successful),
        count(get(skipped), skipped),
    )


def job_errors(value: Any, field: str) -> tuple[JobError, ...]:
    """jobErrors of the published samples: [{isErrorCode, value, url, number}], or nothing."""
    if value is None or value == []:
        return ()
    found = []
    for position, item in enumerate(items(value, field)):
        folded = fold(item, f"{field}[{position}]")
        found.append(
            JobError(
                text(folded.get("value"), f"{field}[{position}].value"),
                text(folded.get("url"), f"{field}[{position}].url"),
                count(folded.get("number"), f"{field}[{position}].number"),
            )
        )
    return tuple(found)


def jobs(values: Any, field: str, decode: Callable[[Any], Job]) -> tuple[Job, ...]:
    """The jobs of a page; an error says which of them it is about."""
    decoded = []
    for value in items(values, field):
        try:
            decoded.append(decode(value))
        except _errors.Error as error:
            raise error.prefixed(f"{field}[{len(decoded)}]: ") from None
    return tuple(decoded)


def job(value: dict[str, Any], start: int | None, finish: int | None, detail: Details) -> Job:
    """A job from its folded object and what the generation decoded of it."""
    identity = text(value.get("id"), "Id")
    if not identity:
        raise wrong("Id", "a job id", identity)
    known, said = state(value.get("state"), "State")
    if start is not None and finish is not None and finish < start:
        raise _errors.Error(
            "unexpected_answer",
            f"job {identity} finishes ({_time.to_iso(finish)}) before it starts ({_time.to_iso(start)})",
        )
    return Job(identity, known, said, start, finish, detail, job_errors(value.get("joberrors"), "jobErrors"))


def license_fields(value: Any, field: str) -> License:
    """The five fields of the subscription, the same in both generations but for their case (api.md)."""
    folded = fold(value, field)
    names = ("outofpolicytime", "purchaseduserseats", "assigneduserseats", "purchasedstoragesize", "protectedsize")
    if not any(name in folded for name in names):
        raise _errors.Error("unexpected_answer", f"{field} has none of the five license fields: {_shown_keys(value)}")
    since = folded.get(names[0])
    if isinstance(since, bool) or not isinstance(since, (int, str, type(None))):
        raise wrong("OutOfPolicyTime", "a time", since)
    return License(since, *(count(folded.get(name), name) for name in names[1:]))


def _shown_keys(value: dict[str, Any]) -> str:
    return "it has " + (", ".join(sorted(value))[: _errors.QUOTE_LIMIT] if value else "no field at all")
