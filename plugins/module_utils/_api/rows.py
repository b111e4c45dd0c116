# Copyright (c) 2026 The cloudbackup.m365 contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: it may change without notice between releases.

"""From the rows of an answer to records, for both generations."""

from __future__ import annotations

import functools
from collections.abc import Sequence
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
_DETAIL_FIELDS = {
    suffix: tuple(name + suffix for name in ("Total", "Failed", "Successful", "Skipped"))
    for suffix in ("Count", "Number")
}
"""The list's sample has ...Count, the tables of v2 have ...Number (api.md)."""
_DETAIL_COLUMNS = {suffix: tuple(map(str.lower, names)) for suffix, names in _DETAIL_FIELDS.items()}
_LICENSE_COUNTS = ("PurchasedUserSeats", "AssignedUserSeats", "PurchasedStorageSize", "ProtectedSize")


def jobs(
    values: Any, where: str, moments: Callable[[Sequence[Any], str, str], Sequence[int | None]]
) -> tuple[Job, ...]:
    """Return the jobs of a page.

    :param where: the list, as an error names it.
    :param moments: reads a column of times.
    :raises errors.Error: unexpected_answer, with the place of the first job that is wrong.
    """
    rows = fields.items(values, where)
    ids, states, starts, finishes, details, job_errors = fields.split(rows, where, "the job", _JOB_FIELDS)
    starts, finishes = moments(starts, where, "StartTime"), moments(finishes, where, "FinishTime")
    known = fields.read_each(states, where, "State", _state)
    decoded = zip(
        fields.read_each(ids, where, "Id", _identity, fields.filled_texts),
        [state for state, _text in known],
        [state_text for _state, state_text in known],
        starts,
        finishes,
        fields.read_each(details, where, "BackupDetails", _details, _ordinary_details),
        fields.read_each(job_errors, where, "jobErrors", _job_errors, _no_errors),
    )
    return tuple(map(Job._make, decoded))


def _identity(value: Any, field: str) -> str:
    identity = fields.text(value, field)
    if not identity:
        raise fields.wrong(field, "a job id", identity)
    return identity


def _state(value: Any, field: str) -> tuple[str, str | None]:
    """The state and, where it is unknown, what the server said.

    Matched on letters alone, since the documents write one state in several ways (api.md). Letters of any script
    count: dropping one could turn an unknown word into a known state.
    """
    said = fields.text(value, field)
    known = _known_state(said or "")
    return (known, None) if known is not None else (_names.UNKNOWN_STATE, said)


@functools.lru_cache(maxsize=64)
def _known_state(said: str) -> str | None:
    return _STATE_LETTERS.get("".join(character for character in said.lower() if character.isalpha()))


def _details(value: Any, field: str) -> Details:
    """BackupDetails: an object, an integer (a total) or nothing, since table and example disagree (api.md)."""
    if value is None:
        return Details()
    if not isinstance(value, dict):
        return Details(total_count=fields.count(value, field))
    folded = fields.fold(value, field)
    names = _DETAIL_FIELDS["Number" if "totalnumber" in folded else "Count"]
    return Details._make(fields.count(folded.get(name.lower()), f"{field}.{name}") for name in names)


def _ordinary_details(column: Sequence[Any]) -> Sequence[Details] | None:
    layout = fields.layout(column)
    if layout is None:
        return None
    is_number = any(key.lower() == "totalnumber" for key in layout)
    figures = fields.split(column, "", "", _DETAIL_COLUMNS["Number" if is_number else "Count"])
    if not all(map(fields.counts, figures)):
        return None
    return list(map(Details._make, zip(*figures)))


def _job_errors(value: Any, field: str) -> tuple[JobError, ...]:
    """jobErrors of the published samples: [{isErrorCode, value, url, number}], or nothing."""
    if value is None or value == []:
        return ()
    found = []
    for position, item in enumerate(fields.items(value, field)):
        folded = fields.fold(item, f"{field}[{position}]")
        found.append(
            JobError(
                fields.text(folded.get("value"), f"{field}[{position}].value"),
                fields.text(folded.get("url"), f"{field}[{position}].url"),
                fields.count(folded.get("number"), f"{field}[{position}].number"),
            )
        )
    return tuple(found)


def _no_errors(column: Sequence[Any]) -> Sequence[tuple[JobError, ...]] | None:
    is_empty = not any(column) and fields.types(column) <= {list, type(None)}
    return [()] * len(column) if is_empty else None


def license_fields(value: Any, field: str) -> License:
    """Return the five fields of the subscription, the same in both generations but for their case (api.md)."""
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
