# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""What both API generations decode into: plain tuples, since there may be millions, and the names of their values."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from .. import _time
from .._http import errors as _errors
from . import columns
from . import values as _values

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
_JOB_FIELDS = ("id", "state", "starttime", "finishtime", "backupdetails", "joberrors")
_DETAIL_FIELDS = {
    suffix: tuple(name + suffix for name in ("Total", "Failed", "Successful", "Skipped"))
    for suffix in ("Count", "Number")
}
"""The list's sample says ...Count, the tables of v2 say ...Number (api.md)."""
_DETAIL_COLUMNS = {suffix: tuple(map(str.lower, names)) for suffix, names in _DETAIL_FIELDS.items()}
_LICENSE_COUNTS = ("PurchasedUserSeats", "AssignedUserSeats", "PurchasedStorageSize", "ProtectedSize")


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


def jobs(
    values: Any, where: str, moments: Callable[[Sequence[Any], str, str], Sequence[int | None]]
) -> tuple[Job, ...]:
    """The jobs of a page.

    :param where: the list, as an error names it.
    :param moments: reads a column of times.
    :raises _errors.Error: unexpected_answer, with the place of the first job that is wrong.
    """
    rows = _values.items(values, where)
    ids, states, starts, finishes, details, errors = columns.split(rows, where, "the job", _JOB_FIELDS)
    starts, finishes = moments(starts, where, "StartTime"), moments(finishes, where, "FinishTime")
    known = columns.read_each(states, where, "State", _state)
    decoded = zip(
        columns.read_each(ids, where, "Id", _identity, columns.names),
        [state for state, _said in known],
        [said for _state, said in known],
        starts,
        finishes,
        columns.read_each(details, where, "BackupDetails", _details, _ordinary_details),
        columns.read_each(errors, where, "jobErrors", _job_errors, _no_errors),
    )
    found = tuple(map(Job._make, decoded))
    for start, finish, job in zip(starts, finishes, found):
        if start is not None and finish is not None and finish < start:
            raise _errors.Error(
                "unexpected_answer",
                f"job {job.id} finishes ({_time.to_iso(finish)}) before it starts ({_time.to_iso(start)})",
            )
    return found


def _identity(value: Any, field: str) -> str:
    identity = _values.text(value, field)
    if not identity:
        raise _values.wrong(field, "a job id", identity)
    return identity


def _state(value: Any, field: str) -> tuple[str, str | None]:
    """The state and, where it is unknown, what the server said.

    Matched on letters alone, since the documents write one state in several ways (api.md). Letters of any script
    count: dropping one could turn an unknown word into a known state.
    """
    said = _values.text(value, field)
    known = _known_state(said or "")
    return (known, None) if known is not None else (UNKNOWN_STATE, said)


@functools.lru_cache(maxsize=64)
def _known_state(said: str) -> str | None:
    return _STATE_LETTERS.get("".join(character for character in said.lower() if character.isalpha()))


def _details(value: Any, field: str) -> Details:
    """BackupDetails: an object, an integer (a total) or nothing, since table and example disagree (api.md)."""
    if value is None:
        return Details()
    if not isinstance(value, dict):
        return Details(total_count=_values.count(value, field))
    folded = _values.fold(value, field)
    names = _DETAIL_FIELDS["Number" if "totalnumber" in folded else "Count"]
    return Details._make(_values.count(folded.get(name.lower()), f"{field}.{name}") for name in names)


def _ordinary_details(column: Sequence[Any]) -> Sequence[Details] | None:
    layout = columns.layout(column)
    if layout is None:
        return None
    is_number = any(key.lower() == "totalnumber" for key in layout)
    figures = columns.split(column, "", "", _DETAIL_COLUMNS["Number" if is_number else "Count"])
    if not all(map(columns.counts, figures)):
        return None
    return list(map(Details._make, zip(*figures)))


def _job_errors(value: Any, field: str) -> tuple[JobError, ...]:
    """jobErrors of the published samples: [{isErrorCode, value, url, number}], or nothing."""
    if value is None or value == []:
        return ()
    found = []
    for position, item in enumerate(_values.items(value, field)):
        folded = _values.fold(item, f"{field}[{position}]")
        found.append(
            JobError(
                _values.text(folded.get("value"), f"{field}[{position}].value"),
                _values.text(folded.get("url"), f"{field}[{position}].url"),
                _values.count(folded.get("number"), f"{field}[{position}].number"),
            )
        )
    return tuple(found)


def _no_errors(column: Sequence[Any]) -> Sequence[tuple[JobError, ...]] | None:
    is_empty = not any(column) and columns.types(column) <= {list, type(None)}
    return [()] * len(column) if is_empty else None


def license_fields(value: Any, field: str) -> License:
    """The five fields of the subscription, the same in both generations but for their case (api.md)."""
    folded = _values.fold(value, field)
    if not any(name.lower() in folded for name in ("OutOfPolicyTime", *_LICENSE_COUNTS)):
        raise _errors.Error(
            "unexpected_answer", f"{field} has none of the five license fields: {_values.shown_keys(value)}"
        )
    since = folded.get("outofpolicytime")
    if isinstance(since, bool) or not isinstance(since, (int, str, type(None))):
        raise _values.wrong("OutOfPolicyTime", "a time", since)
    return License(since, *(_values.count(folded.get(name.lower()), name) for name in _LICENSE_COUNTS))
