# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""Decode the rows of a response into records, for both generations."""

from __future__ import annotations

import functools
from collections.abc import Container, Sequence
from typing import Any, Callable

from .. import _names
from .._http import errors
from . import fields
from .records import Details, Job, JobError, License

_STATE_LETTERS = {
    "inprogress": "in_progress",
    "finished": "finished",
    "failed": "failed",
    "finishedwithexception": "finished_with_exception",
    "finishedexception": "finished_with_exception",
    "partiallyfinished": "partially_finished",
}
_JOB_FIELDS = ("id", "state", "starttime", "finishtime", "backupdetails", "joberrors")
_DETAIL_FIELDS = tuple((name + "Number", name + "Count") for name in ("Total", "Failed", "Successful", "Skipped"))
"""The list's sample has ...Count, the tables of v2 have ...Number (api.md)."""
MOST = 1_000_000
"""Maximum number of jobs of a page, unless a lower one is given."""
_ID_LIMIT = 1_000
"""Characters. The published ids have 22."""
_ERRORS_KEPT = 10
_TEXT_LIMIT = 300
"""Maximum characters of a text from the server, since results and evidence contain jobs and their errors."""
_NO_ERRORS: tuple[tuple[JobError, ...], int] = ((), 0)
_LICENSE_COUNTS = ("PurchasedUserSeats", "AssignedUserSeats", "PurchasedStorageSize", "ProtectedSize")


def jobs(
    values: Any,
    where: str,
    moments: Callable[[Sequence[Any], str, str], Sequence[int | None]],
    most: int,
) -> tuple[Job, ...]:
    """Return the jobs of a page.

    :param where: the list in error messages.
    :param moments: function that reads a column of times.
    :param most: the maximum number of jobs.
    :raises errors.Error: unexpected_answer, with the index of the first invalid job.
    """
    rows = fields.items(values, where)
    if len(rows) > most:
        raise errors.Error("unexpected_answer", f"{where} has {len(rows)} jobs, far more than the requested page_size")
    ids, states, starts, finishes, details, job_errors = fields.split(rows, where, "the job", _JOB_FIELDS)
    starts, finishes = moments(starts, where, "StartTime"), moments(finishes, where, "FinishTime")
    known = fields.read_each(states, where, "State", _state, _states)
    found = fields.read_each(job_errors, where, "jobErrors", _job_errors, _no_errors)
    decoded = zip(
        fields.read_each(ids, where, "Id", _identity, _identities),
        [state for state, _text in known],
        [state_text for _state, state_text in known],
        starts,
        finishes,
        fields.read_each(details, where, "BackupDetails", _details, _ordinary_details),
        [kept for kept, _left_out in found],
        [left_out for _kept, left_out in found],
    )
    return tuple(map(Job._make, decoded))


def _identity(value: Any, field: str) -> str:
    identity = fields.text(value, field)
    if not identity or len(identity) > _ID_LIMIT:
        raise fields.wrong(field, f"a job id of 1 to {_ID_LIMIT} characters", identity)
    return identity


def _identities(column: Sequence[Any]) -> Sequence[str] | None:
    return fields.filled_texts(column, _ID_LIMIT)


def _state(value: Any, field: str) -> tuple[str, str | None]:
    """Return the state and, if it is unknown, the server's text.

    Only letters are compared, since the documents write one state in several ways (api.md). Letters of all scripts
    are compared: dropping one could turn an unknown word into a known state.
    """
    sent = fields.text(value, field)
    known = _known_state((sent or "")[:_TEXT_LIMIT])
    return (
        (known, None)
        if known is not None
        else (
            _names.UNKNOWN_STATE,
            None if sent is None else fields.shortened(sent, _TEXT_LIMIT),
        )
    )


def _states(column: Sequence[Any]) -> Sequence[tuple[str, str | None]] | None:
    """Return the states of a page. Each text is parsed once."""
    if not fields.types(column) <= {str}:
        return None
    known = {text: _state(text, "State") for text in set(column)}
    return [known[text] for text in column]


@functools.lru_cache(maxsize=64)
def _known_state(sent: str) -> str | None:
    return _STATE_LETTERS.get("".join(character for character in sent.lower() if character.isalpha()))


def _details(value: Any, field: str) -> Details:
    """Decode BackupDetails: an object, an integer (a total) or nothing, since table and example disagree (api.md)."""
    if value is None:
        return Details()
    if not isinstance(value, dict):
        return Details(total_count=fields.count(value, field))
    folded = fields.fold(value, field)
    names = _detail_names(folded)
    return Details._make(fields.count(folded.get(name.lower()), f"{field}.{name}") for name in names)


def _detail_names(keys: Container[str]) -> tuple[str, ...]:
    """Return the spelling of each count among lower-case keys. Any count may be absent."""
    return tuple(number if number.lower() in keys else count for number, count in _DETAIL_FIELDS)


def _ordinary_details(column: Sequence[Any]) -> Sequence[Details] | None:
    layout = fields.layout(column)
    if layout is None:
        return None
    names = _detail_names({key.lower() for key in layout})
    figures = fields.split(column, "", "", tuple(map(str.lower, names)))
    if not all(map(fields.counts, figures)):
        return None
    return list(map(Details._make, zip(*figures)))


def _job_errors(value: Any, field: str) -> tuple[tuple[JobError, ...], int]:
    """Return the most frequent jobErrors, and the number of the others.

    The published samples have [{isErrorCode, value, url, number}], or nothing. An error without a number counts as 1.
    """
    if value is None or value == []:
        return _NO_ERRORS
    found = []
    for position, item in enumerate(fields.items(value, field)):
        folded = fields.fold(item, f"{field}[{position}]")
        found.append(
            JobError(
                _shortened(folded.get("value"), f"{field}[{position}].value"),
                _shortened(folded.get("url"), f"{field}[{position}].url"),
                fields.count(folded.get("number"), f"{field}[{position}].number"),
            )
        )
    # The sort is stable
    found.sort(key=lambda error: 1 if error.times is None else error.times, reverse=True)
    return tuple(found[:_ERRORS_KEPT]), max(0, len(found) - _ERRORS_KEPT)


def _shortened(value: Any, field: str) -> str | None:
    sent = fields.text(value, field)
    return None if sent is None else fields.shortened(sent, _TEXT_LIMIT)


def _no_errors(column: Sequence[Any]) -> Sequence[tuple[tuple[JobError, ...], int]] | None:
    is_empty = not any(column) and fields.types(column) <= {list, type(None)}
    return [_NO_ERRORS] * len(column) if is_empty else None


def license_fields(value: Any, field: str) -> License:
    """Return the five fields of the subscription, the same in both generations except for their case (api.md)."""
    folded = fields.fold(value, field)
    if not any(name.lower() in folded for name in ("OutOfPolicyTime", *_LICENSE_COUNTS)):
        shown = fields.shown_keys(value)
        raise errors.Error(
            "unexpected_answer", f"{field} has none of the five license fields: {shown}", quotes=(shown,)
        )
    since = folded.get("outofpolicytime")
    if isinstance(since, bool) or not isinstance(since, (int, str, type(None))):
        raise fields.wrong("OutOfPolicyTime", "a time", since)
    return License(since, *(fields.count(folded.get(name.lower()), name) for name in _LICENSE_COUNTS))
